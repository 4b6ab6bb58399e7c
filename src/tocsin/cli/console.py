"""What the commands share: the open node, the actor at its console, and how results are printed."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tocsin.node.postgres import (
    ensure_database,
    find_embedded_cluster,
    require_ordinary_role,
)
from tocsin.organisations.actors import Actor
from tocsin.organisations.queries import find_own_organisation, get_own_organisation
from tocsin.organisations.services import (
    SETUP,
    change_own_organisation,
    record_organisation,
)
from tocsin.organisations.vocabulary import OrganisationKind, Role
from tocsin.reports.services import reconsider_names
from tocsin.substances.services import load_register

DEFAULT_ORGANISATION = "This organisation"

notes = Console(stderr=True, highlight=False)
"""Where progress and remarks go, so that standard output holds results only."""

output = Console(highlight=False)


@contextmanager
def open_node(*, is_setting_up: bool = False) -> Iterator[None]:
    """Keep the node's database running, migrated, and used in an ordinary role.

    A node that was never set up is set up with defaults, and says so unless that is the wish.
    """
    cluster = find_embedded_cluster(Path(settings.HOME), os.environ)
    if cluster is None:
        with _checked_node(is_setting_up=is_setting_up):
            yield
        return
    with cluster.running():
        ensure_database(cluster)
        with _checked_node(is_setting_up=is_setting_up):
            yield


@contextmanager
def _checked_node(*, is_setting_up: bool) -> Iterator[None]:
    try:
        connection.ensure_connection()
        require_ordinary_role(connection)
        prepare_tables()
        if find_own_organisation() is None:
            set_up_organisation(DEFAULT_ORGANISATION)
            if not is_setting_up:
                notes.print(
                    f"tocsin: a node was set up in {settings.HOME}. "
                    "`tocsin init --organisation NAME` gives it a name."
                )
        yield
    finally:
        for one in connections.all(initialized_only=True):
            one.close()


def prepare_tables() -> None:
    """Bring the tables up to this version where they lag, a first register among them."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        call_command("createcachetable", database="owner", verbosity=0)
        load_register(SETUP.journal_name)


def refresh_register() -> None:
    """Bring the register to its seed files, and the names it now knows to their substances."""
    if load_register(SETUP.journal_name).has_changes:
        reconsider_names(get_console_actor())


def set_up_organisation(name: str, *, key: str = "own", country: str = "") -> None:
    """Make the organisation that runs the node, or give the one it has another name."""
    if find_own_organisation() is not None:
        change_own_organisation(SETUP, key=key, name=name, country=country)
        return
    record_organisation(
        SETUP,
        key=key,
        name=name,
        kind=OrganisationKind.FOCAL_POINT,
        country=country,
        is_own=True,
    )


def get_console_actor() -> Actor:
    """Return who acts at the node's command line: its own organisation, with an analyst's rights."""
    own = get_own_organisation()
    return Actor(
        name="console",
        organisation_id=own.pk,
        organisation_key=own.key,
        roles=frozenset({Role.READER.value, Role.REPORTER.value, Role.ANALYST.value}),
    )


def say(text: str) -> None:
    """Print one line of a result, never broken and never read as markup."""
    output.print(text, markup=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print a result for a program: one JSON value on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def show_progress(unit: str) -> Progress:
    """Return a progress bar on standard error, counting in the given unit."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} " + unit),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=notes,
        transient=True,
    )
