"""Commands that save a node whole and bring it back."""

import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

import tocsin
from tocsin.cli.console import open_node, say
from tocsin.errors import ConfigurationError
from tocsin.journal.protection import protect_journal
from tocsin.journal.queries import verify_journal
from tocsin.journal.services import record
from tocsin.node.postgres import (
    EmbeddedCluster,
    ensure_database,
    find_embedded_cluster,
    pg_binary,
    remove_database,
    replace_database,
    resolve_owner_database,
)
from tocsin.organisations.queries import find_own_organisation, get_node_actor

FORMAT = "tocsin-backup-1"
KEPT_FILE = re.compile(r"files/[0-9a-f]{2}/[0-9a-f]{64}(\.[a-z.]{1,10})?")
RESTORED = "tocsin_restored"
"""Database that a backup comes back into, before it takes the place of the node's own."""


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; must not exist yet.")],
) -> None:
    """Save the node whole in one file: its database and every file that came in.

    Anyone who has the file can read what is in it: keep it as you keep the node.
    """
    if file.exists():
        raise ConfigurationError(f"file {file}: exists already; expected a new name")
    with open_node():
        _record("node.saved", {})
        partial = file.with_name(f".{file.name}.partial")
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with (
                os.fdopen(descriptor, "wb") as stream,
                tarfile.open(fileobj=stream, mode="w") as archive,
            ):
                _add_manifest(archive)
                _add_database(archive)
                files = Path(settings.HOME) / "files"
                if files.is_dir():
                    archive.add(files, arcname="files")
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)
    say(f"Saved in {file} ({file.stat().st_size / 1024**2:,.1f} MiB).")


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A backup.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Throw away what the node holds now.")
    ] = False,
) -> None:
    """Bring a node back from a backup, into an empty node unless --replace is given.

    What the node holds stays until the whole backup has come back beside it. Checks the journal of
    what came back, and prints its head.
    """
    cluster = find_embedded_cluster(Path(settings.HOME), os.environ)
    if cluster is None:
        raise ConfigurationError(
            "restore: the database is TOCSIN_DATABASE_URL's; expected the embedded one. "
            "Use pg_restore with database.dump from the backup, and unpack files/ into TOCSIN_HOME"
        )
    with _open_archive(file) as archive, cluster.running():
        _check_manifest(archive, file)
        ensure_database(cluster)
        if not replace:
            _require_empty()
        _close_connections()
        _bring_back(archive, cluster)
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        protect_journal(using="owner")
        result = verify_journal()
        if result.is_intact:
            _record("node.restored", {"head": result.head_digest})
        _close_connections()
    if not result.is_intact:
        raise ConfigurationError(
            f"backup {file}: came back, but its journal is broken at entry "
            f"{result.first_break.sequence if result.first_break else '?'}; expected it intact"
        )
    say(f"Back: {result.entries:,} journal entries, head {result.head_digest}")


@contextmanager
def _open_archive(file: Path) -> Iterator[tarfile.TarFile]:
    """Open a backup after reading through all its headings, so that one cut off is found here."""
    try:
        with tarfile.open(file) as archive:
            archive.getmembers()
            yield archive
    except tarfile.TarError as error:
        raise ConfigurationError(
            f"file {file}: cannot be read as a backup of Tocsin ({error}); expected a whole one"
        ) from error


def _bring_back(archive: tarfile.TarFile, cluster: EmbeddedCluster) -> None:
    remove_database(cluster, RESTORED)
    ensure_database(cluster, RESTORED)
    try:
        _restore_database(archive)
        for member in archive:
            if member.isreg() and KEPT_FILE.fullmatch(member.name):
                _write_member(archive, member, Path(settings.HOME) / member.name)
    except BaseException:
        remove_database(cluster, RESTORED)
        raise
    replace_database(cluster, "tocsin", by=RESTORED)


def _record(action: str, details: dict[str, str]) -> None:
    with transaction.atomic():
        record(
            actor=get_node_actor().journal_name,
            action=action,
            record_type="node",
            record_id="backup",
            details={"version": tocsin.__version__, **details},
        )


def _add_manifest(archive: tarfile.TarFile) -> None:
    content = json.dumps(
        {
            "format": FORMAT,
            "version": tocsin.__version__,
            "made_at": timezone.now().isoformat(timespec="seconds"),
        }
    ).encode()
    entry = tarfile.TarInfo("manifest.json")
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def _check_manifest(archive: tarfile.TarFile, file: Path) -> None:
    try:
        stream = archive.extractfile("manifest.json")
        manifest = json.loads(stream.read(10_000)) if stream else {}
    except (KeyError, ValueError) as error:
        raise ConfigurationError(f"file {file}: is no backup of Tocsin") from error
    if manifest.get("format") != FORMAT:
        raise ConfigurationError(
            f"file {file}: format {manifest.get('format')!r}; expected {FORMAT}"
        )


def _add_database(archive: tarfile.TarFile) -> None:
    with tempfile.TemporaryDirectory(dir=settings.HOME) as folder:
        dump = Path(folder) / "database.dump"
        _run_program("pg_dump", "--format=custom", "--no-owner", f"--file={dump}")
        archive.add(dump, arcname="database.dump")


def _restore_database(archive: tarfile.TarFile) -> None:
    with tempfile.TemporaryDirectory(dir=settings.HOME) as folder:
        dump = Path(folder) / "database.dump"
        _write_member(archive, archive.getmember("database.dump"), dump)
        _run_program(
            "pg_restore",
            "--no-owner",
            "--exit-on-error",
            "--single-transaction",
            f"--dbname={RESTORED}",
            str(dump),
        )


def _write_member(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """Write one regular file of the archive where we say, whatever its entry asks for.

    tarfile's own filters would do, but Python 3.11 has them only from 3.11.4 on.
    """
    stream = archive.extractfile(member)
    if stream is None:
        raise tarfile.ReadError(f"{member.name} is no file")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with stream, os.fdopen(descriptor, "wb") as copy:
        shutil.copyfileobj(stream, copy)


def _run_program(name: str, *arguments: str) -> None:
    address = resolve_owner_database(Path(settings.HOME), os.environ)
    result = subprocess.run(  # noqa: S603  (a program of the database's own package)
        [str(pg_binary(name)), *arguments],
        env={**os.environ, **address.for_programs()},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        last = result.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise ConfigurationError(f"{name}: failed; expected it to succeed. It said: {last[0]}")


def _require_empty() -> None:
    tables = connection.introspection.table_names()
    if "organisations_organisation" in tables and find_own_organisation() is not None:
        raise ConfigurationError(
            f"node {settings.HOME}: holds data; expected an empty node, or --replace"
        )


def _close_connections() -> None:
    for one in connections.all(initialized_only=True):
        one.close()
