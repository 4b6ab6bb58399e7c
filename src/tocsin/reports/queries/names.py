"""Reading names as written: those that wait for a person, and those decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Min, Q, QuerySet

from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.reports.models import Finding, WrittenName

EARLY_WARNING = Purpose.EARLY_WARNING.value

UNRESOLVED_NAME_ORDERS: Mapping[str, tuple[str, ...]] = {
    "-rows": ("-rows", "written_name__text"),
    "rows": ("rows", "written_name__text"),
    "text": ("written_name__text",),
    "-text": ("-written_name__text",),
    "-last_on": ("-last_on", "written_name__text"),
    "last_on": ("last_on", "written_name__text"),
}
"""Orders a list of unknown names can be sorted in; each ends in a unique column."""

DECIDED_NAME_ORDERS: Mapping[str, tuple[str, ...]] = {
    "-decided_at": ("-decided_at", "text", "pk"),
    "decided_at": ("decided_at", "text", "pk"),
    "text": ("text", "pk"),
    "-text": ("-text", "pk"),
    "substance": ("substance__name", "text", "pk"),
    "-substance": ("-substance__name", "text", "pk"),
}
"""Orders a list of decided names can be sorted in; each ends in a unique column."""


def list_written_names(actor: Actor, *, purpose: str = EARLY_WARNING) -> QuerySet[WrittenName]:
    """Return the written names that stand in at least one finding the actor may see."""
    visible = Finding.objects.visible_to(actor, purpose=purpose)
    return WrittenName.objects.filter(pk__in=visible.values("written_name_id"))


@dataclass(frozen=True, slots=True)
class UnresolvedName:
    """A spelling that stands for nothing yet: in how many rows, and when first and last."""

    text: str
    rows: int
    first_on: date
    last_on: date


def list_unresolved_names(
    actor: Actor, *, purpose: str = EARLY_WARNING, search: str = "", order: str = "-rows"
) -> list[UnresolvedName]:
    """Return the spellings that wait for a person, those in most rows first."""
    findings = Finding.objects.visible_to(actor, purpose=purpose).filter(
        written_name__substance=None, report__is_current=True, report__is_retracted=False
    )
    if search:
        findings = findings.filter(written_name__text__icontains=search)
    rows = (
        findings.values("written_name__text")
        .annotate(
            rows=Count("report_id", distinct=True),
            first_on=Min("report__event_on"),
            last_on=Max("report__event_on"),
        )
        .order_by(*UNRESOLVED_NAME_ORDERS.get(order, UNRESOLVED_NAME_ORDERS["-rows"]))
    )
    return [
        UnresolvedName(row["written_name__text"], row["rows"], row["first_on"], row["last_on"])
        for row in rows
    ]


def list_decided_names(
    actor: Actor,
    *,
    purpose: str = EARLY_WARNING,
    search: str = "",
    order: str = "-decided_at",
) -> QuerySet[WrittenName]:
    """Return the spellings a person decided, newest first."""
    decided = list_written_names(actor, purpose=purpose).filter(tier="decided")
    if search:
        decided = decided.filter(Q(text__icontains=search) | Q(substance__name__icontains=search))
    return decided.select_related("substance").order_by(
        *DECIDED_NAME_ORDERS.get(order, DECIDED_NAME_ORDERS["-decided_at"])
    )
