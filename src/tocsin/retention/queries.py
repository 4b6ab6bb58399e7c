"""All reading of retention: periods, holds, what would go, and what went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy

from tocsin.errors import NotFoundError, PermissionRefusedError
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Organisation
from tocsin.organisations.permissions import is_permitted, require_permission
from tocsin.organisations.queries import get_own_organisation, list_organisations
from tocsin.retention.models import ErasedCount, LegalHold, RetentionPeriod
from tocsin.retention.statements import PREVIEW

ERASED_ORDERS: Mapping[str, tuple[str | OrderBy, ...]] = {
    "-on": ("-erasure__on", "owner__name", "id"),
    "on": ("erasure__on", "owner__name", "id"),
    "owner": ("owner__name", "-erasure__on", "id"),
    "-owner": ("-owner__name", "-erasure__on", "id"),
    "month_on": (F("month_on").asc(nulls_last=True), "id"),
    "-month_on": (F("month_on").desc(nulls_last=True), "id"),
}
"""Orders the list of what was erased can be sorted in; each ends in a unique column."""


@dataclass(frozen=True, slots=True)
class Going:
    """How much of one owner and type of event is over its time.

    is_on_hold: whether a legal hold keeps it.
    """

    owner: Organisation
    event_type: str
    is_on_hold: bool
    reports: int
    versions: int
    findings: int


def require_keeper(actor: Actor) -> int:
    """Return the person who is an administrator of the organisation that runs the node.

    Raises PermissionRefusedError for everybody else.
    """
    require_permission(actor, "retention.manage")
    if actor.organisation_id != get_own_organisation().pk or actor.person_id is None:
        raise PermissionRefusedError(
            "retention.manage: your organisation does not run this node; expected one that does"
        )
    return actor.person_id


def list_periods() -> list[RetentionPeriod]:
    """Return the newest version of each type of event that has one."""
    return list(
        RetentionPeriod.objects.order_by("event_type", "-version")
        .distinct("event_type")
        .select_related("set_by")
    )


def list_period_versions(event_type: str) -> QuerySet[RetentionPeriod]:
    """Return all versions of a type's period, newest first."""
    return (
        RetentionPeriod.objects.filter(event_type=event_type)
        .select_related("set_by")
        .order_by("-version")
    )


def list_holds(*, today: date, with_ended: bool = True) -> QuerySet[LegalHold]:
    """Return the legal holds, newest first; without the ended ones where they are not asked for."""
    holds = LegalHold.objects.select_related("organisation", "report", "placed_by", "lifted_by")
    if not with_ended:
        holds = holds.filter(Q(ends_on=None) | Q(ends_on__gte=today), lifted_at=None)
    return holds.order_by("-id")


def get_hold(hold_id: int) -> LegalHold:
    """Return a hold; NotFoundError where there is none of that number."""
    hold = LegalHold.objects.filter(pk=hold_id).select_related("organisation", "report").first()
    if hold is None:
        raise NotFoundError(f"legal hold {hold_id}: not found")
    return hold


def list_going(
    actor: Actor, *, today: date, instead: Mapping[str, int | None] | None = None
) -> list[Going]:
    """Return what is over its time, by owner and type of event: what the next night erases.

    instead: days of some types, as if they were in force already. Counts of all owners, whatever
    the actor may see of their evidence; for administrators of the node alone.
    """
    require_keeper(actor)
    days = {one.event_type: one.days for one in list_periods()} | dict(instead or {})
    types = {kind: number for kind, number in days.items() if number is not None}
    if not types:
        return []
    with connection.cursor() as cursor:
        cursor.execute(PREVIEW, make_values(types, dict.fromkeys(types, 0), today=today))
        rows = cursor.fetchall()
    owners = {one.pk: one for one in list_organisations()}
    going = [Going(owners[row[0]], *row[1:]) for row in rows]
    return sorted(going, key=lambda one: (one.owner.name, one.event_type, one.is_on_hold))


def make_values(
    days: Mapping[str, int], periods: Mapping[str, int], *, today: date
) -> dict[str, Any]:
    """Return the parameters of the statements that find what is over its time."""
    return {
        "types": list(days),
        "days": list(days.values()),
        "periods": [periods[kind] for kind in days],
        "today": today,
        "after": 0,
    }


def list_erased(
    actor: Actor,
    *,
    event_type: str = "",
    since: date | None = None,
    until: date | None = None,
    order: str = "-on",
) -> QuerySet[ErasedCount]:
    """Return how much each erasure took away: of all owners for administrators of the node, else
    of the actor's own organisation.

    since, until: nights, both included.
    """
    counts = ErasedCount.objects.select_related("erasure", "owner", "period")
    is_keeper = (
        is_permitted(actor, "retention.manage")
        and actor.organisation_id == get_own_organisation().pk
    )
    if not is_keeper:
        counts = counts.filter(owner_id=actor.organisation_id)
    if event_type:
        counts = counts.filter(event_type=event_type)
    if since is not None:
        counts = counts.filter(erasure__on__gte=since)
    if until is not None:
        counts = counts.filter(erasure__on__lte=until)
    return counts.order_by(*ERASED_ORDERS.get(order, ERASED_ORDERS["-on"]))
