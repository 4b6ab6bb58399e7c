"""The command that says in plain words what works and what does not."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

import tocsin
from tocsin.cli.console import open_node, print_json, say
from tocsin.errors import TocsinError
from tocsin.journal.queries import verify_journal
from tocsin.node.postgres import find_embedded_cluster, require_ordinary_role
from tocsin.organisations.models import Person
from tocsin.organisations.queries import get_node_actor, get_own_organisation
from tocsin.organisations.vocabulary import Purpose, Role
from tocsin.reports.models import EvidenceChange, EvidenceImport, ImportState
from tocsin.substances.models import Substance

MIN_FREE_BYTES = 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, and what was seen."""

    what: str
    is_well: bool
    seen: str


def doctor(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the result for a program.")
    ] = False,
) -> None:
    """Look at the node and say what works and what does not. Exit code 1 when something does not."""
    findings = [Finding("Tocsin", True, f"version {tocsin.__version__}"), _look_at_home()]
    try:
        with open_node():
            findings += [_look(what, check) for what, check in CHECKS]
    except (TocsinError, DatabaseError) as error:
        findings.append(Finding("Database", False, str(error).strip()))
    if as_json:
        print_json([{"what": one.what, "well": one.is_well, "seen": one.seen} for one in findings])
    else:
        for one in findings:
            say(f"{'well' if one.is_well else 'NOT WELL':<10}{one.what}: {one.seen}")
    if not all(one.is_well for one in findings):
        raise typer.Exit(1)


def _look(what: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, check())
    except (TocsinError, DatabaseError) as error:
        return Finding(what, False, str(error).strip())


def _look_at_home() -> Finding:
    home = Path(settings.HOME)
    free = shutil.disk_usage(home).free
    seen = f"{home}, {free / 1024**3:,.1f} GiB free"
    if not os.access(home, os.W_OK):
        return Finding("Folder", False, f"{home} cannot be written to; expected to own it")
    if free < MIN_FREE_BYTES:
        return Finding("Folder", False, f"{seen}; expected at least 1 GiB")
    return Finding("Folder", True, seen)


def _look_at_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_user")
        version, role = cursor.fetchone()
    cluster = find_embedded_cluster(Path(settings.HOME), os.environ)
    where = f"embedded in {cluster.folder}" if cluster else "the server of TOCSIN_DATABASE_URL"
    return f"PostgreSQL {version}, {where}, role {role}"


def _look_at_role() -> str:
    require_ordinary_role(connection)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege('journal_journalentry', 'UPDATE') "
            "OR has_table_privilege('journal_journalentry', 'DELETE')"
        )
        (may_change,) = cursor.fetchone()
        cursor.execute(
            "SELECT tableowner = current_user FROM pg_tables "
            "WHERE tablename = 'journal_journalentry'"
        )
        (is_owner,) = cursor.fetchone()
    if is_owner:
        raise TocsinError(
            "the application's role owns the journal's table, so it could open it to changes; "
            "expected another role to own the tables, named in TOCSIN_OWNER_DATABASE_URL"
        )
    if may_change:
        raise TocsinError("the application's role may change the journal; expected that it may not")
    return "an ordinary role; it can add to the journal and not change it"


def _look_at_tables() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise TocsinError(f"{len(missing)} changes of tables are missing; run `tocsin init`")
    return "up to this version"


def _look_at_register() -> str:
    total = Substance.objects.count()
    if not total:
        raise TocsinError("the register is empty; run `tocsin init`")
    reviewed = Substance.objects.filter(reviewed=True).count()
    return f"{total:,} substances and groups, {reviewed:,} with a structure checked twice"


def _look_at_people() -> str:
    own = get_own_organisation()
    people = Person.objects.filter(is_active=True)
    if not people.filter(roles__contains=[Role.ADMINISTRATOR]).exists():
        raise TocsinError("nobody is an administrator; run `tocsin init --administrator NAME`")
    return f"{own.name}, {people.count()} active accounts"


def _look_at_work() -> str:
    failed = EvidenceImport.objects.visible_to(
        get_node_actor(), purpose=Purpose.EARLY_WARNING
    ).filter(state=ImportState.FAILED)
    waiting = EvidenceChange.objects.filter(done_at=None).count()
    return f"{waiting} changes wait to be counted; {failed.count()} imports failed"


def _look_at_journal() -> str:
    result = verify_journal()
    if result.first_break is not None:
        broken = result.first_break
        raise TocsinError(f"broken at entry {broken.sequence}: {broken.what}")
    return f"intact, {result.entries:,} entries"


CHECKS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("Database", _look_at_database),
    ("Role", _look_at_role),
    ("Tables", _look_at_tables),
    ("Register", _look_at_register),
    ("Organisation and people", _look_at_people),
    ("Work", _look_at_work),
    ("Journal", _look_at_journal),
)
