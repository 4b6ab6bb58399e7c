"""All reading of tables, each for an actor and a purpose."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from tocsin.errors import ErasedError, NotFoundError
from tocsin.organisations.actors import PUBLIC, Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.tables.comparing import TableChanges, compare
from tocsin.tables.exchange import read_cases
from tocsin.tables.formats.document import TableDocument, read_content
from tocsin.tables.formats.files import (
    CORRECTIONS,
    EXCHANGE_FORMS,
    FORMS,
    TableFile,
    write_aggregated_file,
    write_exchange_file,
)
from tocsin.tables.models import StatisticalTable, TableBasis
from tocsin.tables.reading import Scope, read_counts
from tocsin.tables.vocabulary import TableKind, TableState

EARLY_WARNING = Purpose.EARLY_WARNING.value

TABLE_ORDERS: Mapping[str, tuple[str, ...]] = {
    "-made_at": ("-made_at", "-id"),
    "made_at": ("made_at", "id"),
    "identifier": ("identifier", "number", "id"),
    "-identifier": ("-identifier", "-number", "-id"),
    "-starts_on": ("-starts_on", "-id"),
    "starts_on": ("starts_on", "id"),
    "state": ("state", "-made_at", "-id"),
    "-state": ("-state", "-made_at", "-id"),
}
"""Orders a list of tables can be sorted in; each ends in a unique column."""


def list_tables(
    actor: Actor,
    *,
    purpose: str = EARLY_WARNING,
    search: str = "",
    state: str = "",
    order: str = "-made_at",
) -> QuerySet[StatisticalTable]:
    """Return the tables the actor may see, without their content; only the owner sees drafts."""
    tables = StatisticalTable.objects.visible_to(actor, purpose=purpose)
    if search:
        tables = tables.filter(identifier__icontains=search)
    if state:
        tables = tables.filter(state=state)
    rows: QuerySet[StatisticalTable] = (
        tables.select_related("owner", "handling", "replaces")
        .defer("content")
        .order_by(*TABLE_ORDERS.get(order, TABLE_ORDERS["-made_at"]))
    )
    return rows


def get_table(actor: Actor, table_id: int, *, purpose: str = EARLY_WARNING) -> StatisticalTable:
    """Return one table; NotFoundError where it is absent or not visible."""
    table = list_tables(actor, purpose=purpose).filter(pk=table_id).first()
    if table is None:
        raise NotFoundError(f"table {table_id}: not found")
    return table


def get_version(
    actor: Actor, identifier: str, number: int | None = None, *, purpose: str = EARLY_WARNING
) -> StatisticalTable:
    """Return a version of a table, or the newest; NotFoundError where absent or not visible."""
    versions = list_tables(actor, purpose=purpose).filter(identifier=identifier)
    if number is not None:
        versions = versions.filter(number=number)
    table = versions.order_by("-number").first()
    if table is None:
        raise NotFoundError(f"table {identifier[:80]}: not found")
    return table


def list_public_tables() -> QuerySet[StatisticalTable]:
    """Return the released tables for everybody, the newest period first."""
    return list_tables(PUBLIC, order="-starts_on").filter(is_public=True).exclude(released_at=None)


def get_public_table(identifier: str, number: int) -> StatisticalTable:
    """Return a version of a public table; NotFoundError where there is none."""
    table = list_public_tables().filter(identifier=identifier, number=number).first()
    if table is None:
        raise NotFoundError(f"table {identifier[:80]}: not found")
    return table


def list_versions(
    actor: Actor, table: StatisticalTable, *, purpose: str = EARLY_WARNING
) -> QuerySet[StatisticalTable]:
    """Return all versions of a table that the actor may see, the newest first."""
    return (
        list_tables(actor, purpose=purpose).filter(identifier=table.identifier).order_by("-number")
    )


def derive_document(table: StatisticalTable) -> TableDocument:
    """Return an aggregated table as its files are written from.

    Raises NotFoundError for another kind, ErasedError where its content was erased.
    """
    require_content(table)
    if table.kind != TableKind.AGGREGATED:
        raise NotFoundError(f"table {table.identifier}: is no aggregated table")
    return read_content(table.content)


def require_content(table: StatisticalTable) -> None:
    """Do nothing where a table has its content; ErasedError where that was erased."""
    if table.state == TableState.ERASED:
        raise ErasedError(
            f"table {table.identifier}: version {table.number} was erased with a report it was "
            "made of"
        )


def list_forms(table: StatisticalTable) -> dict[str, Any]:
    """Return the forms in which a table can be had as a file, with what people read of each."""
    if table.state == TableState.ERASED:
        return {}
    if table.kind == TableKind.TOXICOLOGY:
        return dict(EXCHANGE_FORMS)
    return {
        key: one.label
        for key, one in FORMS.items()
        if key != CORRECTIONS or table.replaces_id is not None
    }


def derive_file(table: StatisticalTable, form: str) -> TableFile:
    """Return a table as a file.

    Raises NotFoundError for a form that it cannot be had in, ErasedError where it was erased.
    """
    require_content(table)
    if table.kind == TableKind.TOXICOLOGY:
        rows = table.content["rows"]
        return write_exchange_file(table.identifier, table.number, rows, form)
    before = None if table.replaces is None else derive_document(table.replaces)
    return write_aggregated_file(derive_document(table), form, before=before)


def find_table_changes(actor: Actor, table: StatisticalTable) -> TableChanges | None:
    """Compare a table with what is held now; None for who does not own it, or another kind."""
    basis = TableBasis.objects.visible_to(actor, purpose=table.purpose).filter(table=table).first()
    if basis is None or table.owner_id != actor.organisation_id:
        return None
    scope, period = get_scope(actor, table), table.period
    counts = read_counts(scope, period) if table.kind == TableKind.AGGREGATED else None
    if counts is not None:
        sources = counts.sources
    else:
        sources = frozenset(one.report_id for one in read_cases(scope, period))
    return compare(actor, basis, sources, counts, purpose=table.purpose)


def get_scope(actor: Actor, table: StatisticalTable) -> Scope:
    """Return the scope that a table was made of."""
    return Scope(actor, table.purpose, table.country, table.is_public, tuple(table.audience))
