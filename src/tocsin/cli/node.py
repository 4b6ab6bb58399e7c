"""Commands that make and run a node: init, serve, demo, and the worker that serve starts."""

import getpass
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer
import waitress
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection

from tocsin.cli.console import notes, open_node, refresh_register, say, set_up_organisation
from tocsin.cli.demonstration import (
    DEMO_PASSWORD,
    DEMO_PEOPLE,
    ensure_demonstration,
    require_demonstration,
)
from tocsin.errors import ConfigurationError
from tocsin.node.postgres import ensure_database, find_embedded_cluster
from tocsin.organisations.queries import get_own_organisation
from tocsin.organisations.services import SETUP, record_person
from tocsin.organisations.vocabulary import Role
from tocsin.pipeline import run_forever

MIN_PASSWORD_CHARACTERS = 12
PAUSE_SECONDS = 1.0
RESTART_SECONDS = 3.0
STOP_SECONDS = 20.0

Port = Annotated[int, typer.Option(min=1, max=65_535, help="Port to answer on.")]


def init(
    organisation: Annotated[str, typer.Option(help="Name of who runs this node.")] = "",
    key: Annotated[str, typer.Option(help="Its short name: letters, digits, hyphens.")] = "",
    country: Annotated[str, typer.Option(help="Its country, two letters (ISO 3166-1).")] = "",
    administrator: Annotated[
        str, typer.Option(help="User name of a first administrator; the password is asked for.")
    ] = "",
    password_from_standard_input: Annotated[
        bool, typer.Option("--password-stdin", help="Read that password from standard input.")
    ] = False,
) -> None:
    """Set up a node, or bring one up to this version. Running it again is safe.

    Makes the database, the tables, the register of substances, and the organisation that runs the
    node. Without --organisation an existing name stays.
    """
    with open_node(is_setting_up=True):
        refresh_register()
        held = get_own_organisation()
        set_up_organisation(
            organisation or held.name,
            key=key or held.key,
            country=country.upper() or held.country,
        )
        own = get_own_organisation()
        if administrator:
            record_person(
                SETUP,
                username=administrator,
                organisation=own,
                roles=[Role.ADMINISTRATOR, Role.READER],
                password=_read_password(from_standard_input=password_from_standard_input),
            )
        say(f"The node of {own.name} is ready in {settings.HOME}.")
        if not administrator:
            say("Make a first administrator: tocsin init --administrator NAME")
        say("Start it: tocsin serve")


def serve(
    host: Annotated[str, typer.Option(help="Address to answer on.")] = "127.0.0.1",
    port: Port = 8765,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Requests at the same time.")] = 8,
    trusted_proxy: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS", help="Address of a reverse proxy that is believed who asks."
        ),
    ] = "",
) -> None:
    """Run the node: its pages, its API, and the worker that imports and detects.

    Behind a reverse proxy that speaks HTTPS, set TOCSIN_ADDRESS to the public address, and name the
    proxy with --trusted-proxy: it must set X-Forwarded-For and X-Forwarded-Proto. Without that, all
    people share one limit of failed log-ins. Ctrl-C stops everything cleanly; an import that was
    running goes on at the next start.
    """
    with open_node():
        refresh_register()
        _run(host, port, threads, trusted_proxy=trusted_proxy)


def demo(
    reset: Annotated[
        bool, typer.Option("--reset", help="Throw the data away, start over.")
    ] = False,
    port: Port = 8765,
) -> None:
    """Run a node with invented evidence, to look around in. Keeps its data between runs."""
    if reset:
        _remove_demonstration()
    with open_node(is_setting_up=True):
        ensure_demonstration()
        say(f"\nTocsin demonstration: http://127.0.0.1:{port}/\n")
        for username, words in DEMO_PEOPLE.items():
            say(f"  {username:<14} {words}")
        say(f"\nPassword of each: {DEMO_PASSWORD}   Ctrl-C stops it.\n")
        _run("127.0.0.1", port, 8)


def worker() -> None:
    """Import files and look for signals until told to stop; ``serve`` starts one."""
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    parent = os.getppid()
    with open_node():
        run_forever(
            pause_seconds=PAUSE_SECONDS,
            should_stop=lambda: stop.is_set() or os.getppid() != parent,
        )


def derive_proxy_settings(trusted_proxy: str) -> dict[str, Any]:
    """Return what the web server must know to learn from one proxy, and no other, who asks.

    From anybody else these headers are removed: a made-up address would get round the limits.
    """
    if not trusted_proxy:
        return {"clear_untrusted_proxy_headers": True}
    return {
        "clear_untrusted_proxy_headers": True,
        "trusted_proxy": trusted_proxy,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    }


def _run(host: str, port: int, threads: int, *, trusted_proxy: str = "") -> None:
    # Also where a shell started this in the background, which makes it deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _stop_like_ctrl_c)
    try:
        server = waitress.create_server(
            get_wsgi_application(),
            host=host,
            port=port,
            threads=threads,
            ident=None,
            max_request_body_size=settings.IMPORT_MAX_BYTES + 1024 * 1024,
            **derive_proxy_settings(trusted_proxy),
        )
    except OSError as error:
        raise ConfigurationError(
            f"port {port} of {host}: cannot be used ({error.strerror}); "
            "expected a free one, chosen with --port"
        ) from error
    keeper = _WorkerKeeper()
    keeper.start()
    notes.print(f"Tocsin answers on http://{host}:{port}/")
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        notes.print("Stopping …")
        server.close()
        keeper.stop()


class _WorkerKeeper(threading.Thread):
    """Keeps one worker process running: starts it again where it ended by itself."""

    def __init__(self) -> None:
        super().__init__(name="worker-keeper", daemon=True)
        self._stopping = threading.Event()
        self._process = self._start_process()

    def run(self) -> None:
        while not self._stopping.is_set():
            code = self._process.wait()
            if not self._stopping.wait(RESTART_SECONDS):
                notes.print(f"The worker ended (exit code {code}); starting it again.")
                self._process = self._start_process()

    def stop(self) -> None:
        """End the worker: it finishes its present batch, or is ended after a while."""
        self._stopping.set()
        self._process.terminate()
        try:
            self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @staticmethod
    def _start_process() -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "tocsin.cli", "worker"], start_new_session=True
        )


def _stop_like_ctrl_c(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _remove_demonstration() -> None:
    home = Path(settings.HOME)
    cluster = find_embedded_cluster(home, os.environ)
    if cluster is None:
        raise ConfigurationError(
            "demonstration: uses the server of TOCSIN_DATABASE_URL; expected the embedded one. "
            "Empty that database yourself"
        )
    if cluster.data_folder.is_dir():
        with cluster.running():
            ensure_database(cluster)
            try:
                if "organisations_organisation" in connection.introspection.table_names():
                    require_demonstration()
            finally:
                connection.close()
    cluster.destroy()
    for folder in ("files", "uploads", "backups"):
        shutil.rmtree(home / folder, ignore_errors=True)


def _read_password(*, from_standard_input: bool) -> str:
    if from_standard_input:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass.getpass("Password of the administrator: ")
        if getpass.getpass("The same again: ") != password:
            raise ConfigurationError("password: the two entries differ; expected the same twice")
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise ConfigurationError(
            f"password: has {len(password)} characters; expected {MIN_PASSWORD_CHARACTERS} or more"
        )
    return password
