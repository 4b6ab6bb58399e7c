"""One PostgreSQL server per node, started by whoever comes first, stopped by whoever leaves last.

``home/postgres`` holds ``data``, ``socket`` and ``server.log``; see ``docs/decisions/0001``.
"""

import atexit
import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg import pq
from psycopg.conninfo import make_conninfo

from tocsin.errors import DatabaseUnavailableError
from tocsin.node.postgres.account import ServerAccount
from tocsin.node.postgres.address import DEFAULT_PORT, DatabaseAddress
from tocsin.node.postgres.binaries import server_programs
from tocsin.node.postgres.configuration import (
    explain_start_failure,
    host_access_rules,
    server_settings,
    user_name_map,
)
from tocsin.node.postgres.folders import (
    close_folder,
    ensure_cluster_folder,
    read_closed_file,
    write_closed_file,
)

SUPERUSER = "postgres"
_LONGEST_SOCKET_PATH_BYTES = 107  # sun_path of unix(7) holds 108 with the closing zero
_START_SECONDS = 120
_STOP_SECONDS = 60
_LARGEST_LOG_BYTES = 10_000_000
_START_AGAIN_WHEN = ("pre-existing shared memory block", "lock file")


class EmbeddedCluster:
    """The PostgreSQL server of the node whose folder is ``home``.

    durable: whether a commit outlives a power failure; only tests may do without.
    Making the object touches nothing; the folder and the server come with ``running``.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.resolve()
        self.durable = durable
        self._hold: int | None = None

    @property
    def folder(self) -> Path:
        """The folder of data, socket and log; for root it may lie outside the home."""
        return (self.home / "postgres").resolve()

    @property
    def data_folder(self) -> Path:
        """The folder of the database files."""
        return self.folder / "data"

    @property
    def log_path(self) -> Path:
        """The file the server writes what it has to say to."""
        return self.folder / "server.log"

    @property
    def socket_folder(self) -> Path:
        """The folder of the server's socket as clients name it, known before the first start."""
        folder = self.home / "postgres" / "socket"
        socket_path = folder / f".s.PGSQL.{DEFAULT_PORT}"
        if len(os.fsencode(socket_path)) <= _LONGEST_SOCKET_PATH_BYTES:
            return folder
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        # Not tempfile.gettempdir(): every process of the node must arrive at the same folder.
        return Path("/tmp") / f"tocsin-{digest}"  # noqa: S108  (made closed, owner checked)

    def address(self, *, user: str, name: str = "tocsin") -> DatabaseAddress:
        """Return where a role finds a database of this server."""
        return DatabaseAddress(str(self.socket_folder), DEFAULT_PORT, name, user)

    @contextmanager
    def running(self) -> Iterator["EmbeddedCluster"]:
        """Keep the server running inside the block, starting it where it does not run.

        Any number of processes and blocks share it; the last one to leave stops it.
        Raises DatabaseUnavailableError, with the last lines of the server's log.
        """
        hold = self._enter()
        try:
            yield self
        finally:
            self._leave(hold)

    def ensure_running(self) -> None:
        """Keep the server running until this process ends; called again, start it if it died.

        Raises DatabaseUnavailableError, with the last lines of the server's log.
        """
        if self._hold is None:
            self._hold = self._enter()
            atexit.register(self._leave, self._hold)
        else:
            with self._turn():
                self._start_where_needed()

    def is_running(self) -> bool:
        """Tell whether the server takes connections now."""
        return self._ping() == pq.Ping.OK

    def destroy(self) -> None:
        """Stop the server and remove the database for good.

        Raises DatabaseUnavailableError when a process still uses it.
        """
        with self._turn():
            hold = self._open_lock("postgres.users.lock")
            try:
                fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self.folder.is_dir():
                    self._stop(ensure_cluster_folder(self.home))
                    shutil.rmtree(self.folder)
                place = self.home / "postgres"
                if place.is_symlink():
                    place.unlink()
                if self.socket_folder.is_dir():
                    shutil.rmtree(self.socket_folder)
            except BlockingIOError as error:
                raise DatabaseUnavailableError(
                    f"database of {self.home}: is in use by another process; expected none. "
                    "Stop Tocsin first"
                ) from error
            finally:
                os.close(hold)

    # Two locks: whoever starts or stops the server has the turn, alone; whoever uses it has a
    # shared hold. Both are flocks, which the kernel drops when a process dies in any way.

    @contextmanager
    def _turn(self) -> Iterator[None]:
        turn = self._open_lock("postgres.turn.lock")
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield
        finally:
            os.close(turn)

    def _open_lock(self, name: str) -> int:
        try:
            return os.open(self.home / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise DatabaseUnavailableError(
                f"folder {self.home}: file {name} cannot be opened ({error.strerror}); expected a "
                "folder that this user owns"
            ) from error

    def _enter(self) -> int:
        with self._turn():
            hold = self._open_lock("postgres.users.lock")
            try:
                fcntl.flock(hold, fcntl.LOCK_SH)
                self._start_where_needed()
            except BaseException:
                self._stop_where_unused(hold)
                raise
        return hold

    def _leave(self, hold: int) -> None:
        with self._turn():
            self._stop_where_unused(hold)

    def _stop_where_unused(self, hold: int) -> None:
        os.close(hold)
        alone = self._open_lock("postgres.users.lock")
        try:
            fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if self.data_folder.is_dir():
                self._stop(ensure_cluster_folder(self.home))
        except BlockingIOError:
            return
        finally:
            os.close(alone)

    def _ping(self) -> pq.Ping:
        address = self.address(user=SUPERUSER, name=SUPERUSER)
        conninfo = make_conninfo(**address.for_psycopg(), connect_timeout=5)
        return pq.Ping(pq.PGconn.ping(conninfo.encode()))

    def _find_server_process(self) -> int | None:
        """Return the process that serves this data folder, by its own note and by its command."""
        note = read_closed_file(self.data_folder / "postmaster.pid").split("\n")[0].strip()
        if not note.isdigit():
            return None
        with suppress(OSError):
            command = Path(f"/proc/{note}/cmdline").read_bytes().split(b"\0")
            if os.fsencode(self.data_folder) in command:
                return int(note)
        return None

    def _start_where_needed(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while (answer := self._ping()) == pq.Ping.REJECT and time.monotonic() < deadline:
            time.sleep(0.1)
        if answer == pq.Ping.OK:
            return
        if answer == pq.Ping.REJECT:
            raise DatabaseUnavailableError(
                f"database of {self.home}: runs but takes no connection after {_START_SECONDS} s; "
                "it is recovering from a crash or shutting down. Try again later"
            )
        account = ensure_cluster_folder(self.home)
        try:
            self._stop(account)
            self._start(account)
        except OSError as error:
            raise DatabaseUnavailableError(
                f"database of {self.home}: cannot be prepared ({error.strerror}, "
                f"{error.filename}); expected room and the right to write there"
            ) from error

    def _start(self, account: ServerAccount) -> None:
        programs = server_programs(account)
        if not self.data_folder.is_dir():
            self._initialise(account, programs)
        listening = self._prepare_socket_folder(account)
        for name, text in (
            ("tocsin.conf", server_settings(listening, durable=self.durable)),
            ("pg_hba.conf", host_access_rules()),
            ("pg_ident.conf", user_name_map(account)),
        ):
            write_closed_file(self.data_folder / name, text, account)
        if self.log_path.is_file() and self.log_path.stat().st_size > _LARGEST_LOG_BYTES:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        # A note left behind by a crash can name a process that is by now something else, for
        # which PostgreSQL would wait in vain. That no server has these files open is known here.
        (self.data_folder / "postmaster.pid").unlink(missing_ok=True)
        for _attempt in range(10):
            logged = self.log_path.stat().st_size if self.log_path.is_file() else 0
            options: list[str | Path] = [
                "-D",
                self.data_folder,
                "-l",
                self.log_path,
                "-t",
                str(_START_SECONDS),
            ]
            started = account.run(
                [programs / "pg_ctl", "start", "-w", "-s", *options],
                timeout_seconds=_START_SECONDS + 30,
            )
            if started.returncode == 0:
                return
            log = read_closed_file(self.log_path, start=logged)
            # Processes of a server that was killed need a moment to notice.
            if not any(reason in log for reason in _START_AGAIN_WHEN):
                break
            time.sleep(0.5)
        raise DatabaseUnavailableError(explain_start_failure(self.home, log or started.stdout))

    def _stop(self, account: ServerAccount) -> None:
        if self._find_server_process() is None:
            return
        options: list[str | Path] = ["-D", self.data_folder, "-m", "fast", "-t", str(_STOP_SECONDS)]
        stopped = account.run(
            [server_programs(account) / "pg_ctl", "stop", "-w", "-s", *options],
            timeout_seconds=_STOP_SECONDS + 30,
        )
        if stopped.returncode != 0 and self._find_server_process() is not None:
            raise DatabaseUnavailableError(
                f"database of {self.home}: does not stop; expected it to within {_STOP_SECONDS} s. "
                f"The server said: {stopped.stdout.strip()}"
            )

    def _initialise(self, account: ServerAccount, programs: Path) -> None:
        unfinished = self.folder / "data.unfinished"
        if unfinished.is_dir():
            shutil.rmtree(unfinished)
        made = account.run(
            [
                programs / "initdb",
                *("--pgdata", unfinished, "--username", SUPERUSER),
                *("--auth-local", "peer", "--auth-host", "reject"),
                # The rules of this provider come with PostgreSQL, so that an update of the
                # operating system never changes an order that indexes rely on.
                *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
                *("--encoding", "UTF8", "--locale", "C.UTF-8"),
                *("--data-checksums", "--no-instructions"),
                *(() if self.durable else ("--no-sync",)),
            ],
            timeout_seconds=300,
        )
        if made.returncode != 0:
            raise DatabaseUnavailableError(explain_start_failure(self.home, made.stdout))
        settings = unfinished / "postgresql.conf"
        own = f"{read_closed_file(settings)}\ninclude 'tocsin.conf'\n"
        write_closed_file(settings, own, account)
        unfinished.rename(self.data_folder)

    def _prepare_socket_folder(self, account: ServerAccount) -> Path:
        """Make the socket's folder and return it as the server names it."""
        named = self.socket_folder
        folder = self.folder / "socket" if named.is_relative_to(self.home) else named
        folder.mkdir(mode=0o700, exist_ok=True)
        close_folder(folder, account)
        return folder
