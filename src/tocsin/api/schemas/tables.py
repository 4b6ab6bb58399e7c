"""Tables, out."""

from datetime import datetime

from ninja import Schema
from pydantic import Field

from tocsin.api.schemas.words import (
    OrganisationReference,
    Page,
    PageParameters,
    ShortText,
    choose_from,
)
from tocsin.tables.models import StatisticalTable
from tocsin.tables.queries import TABLE_ORDERS
from tocsin.tables.vocabulary import TableState


class TableParameters(PageParameters):
    """Which tables, in which order."""

    search: ShortText = Field("", description="Part of an identifier.")
    state: choose_from(("", *TableState.values)) = ""  # type: ignore[valid-type]
    order: choose_from(TABLE_ORDERS) = "-made_at"  # type: ignore[valid-type]


class TableOut(Schema):
    """One version of a table that the reader may see."""

    identifier: str = Field(examples=["PUB-focal-point-AT-2026-Q1"])
    version: int
    kind: str
    state: str
    period: str = Field(description="As SDMX writes it.", examples=["2026-Q1"])
    frequency: str
    country: str = Field(description="ISO 3166-1; empty for all places.")
    is_public: bool = Field(description="For everybody: small counts are hidden.")
    threshold: int = Field(
        description="Below which counts of a public table are hidden; cases that must be alike."
    )
    owner: OrganisationReference
    tlp: str
    replaces: int | None = Field(description="The version it replaces.")
    reason: str = Field(description="Why it replaces that one.")
    made_at: datetime
    released_at: datetime | None
    ended_at: datetime | None
    ending: str = Field(description="Why it was withdrawn.")


class TablePage(Page):
    """One page of tables."""

    items: list[TableOut]


class TableDetail(TableOut):
    """The newest version of a table that the reader may see, and all such versions."""

    is_outdated: bool | None = Field(
        description="What it counts changed since; null for who does not own it, or once it ended."
    )
    forms: list[str] = Field(description="The files of this version.")
    versions: list[TableOut]


def describe_table(table: StatisticalTable) -> TableOut:
    """Lay out a table that was read with its owner and the version it replaces."""
    return TableOut(
        identifier=table.identifier,
        version=table.number,
        kind=table.kind,
        state=table.state,
        period=table.period.code,
        frequency=table.frequency,
        country=table.country,
        is_public=table.is_public,
        threshold=table.threshold,
        owner=OrganisationReference(key=table.owner.key, name=table.owner.name),
        tlp=table.handling.tlp,
        replaces=None if table.replaces is None else table.replaces.number,
        reason=table.reason,
        made_at=table.made_at,
        released_at=table.released_at,
        ended_at=table.ended_at,
        ending=table.ending,
    )
