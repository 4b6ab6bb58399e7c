"""Keeping the counts of the board of quality up to date with the evidence."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from tocsin.journal.locks import Lock, hold
from tocsin.quality.measures import LATE_AFTER_DAYS
from tocsin.quality.models import MeasuredMonth
from tocsin.quality.statements import (
    COUNT_CHANGED,
    COUNT_CORRECTIONS,
    COUNT_DELAYS,
    COUNT_DETAILS,
    COUNT_FINDINGS,
    COUNT_REPORTS,
    DIRTY,
)
from tocsin.reports.models import ChangeKind
from tocsin.reports.queries.planning import joining_by_hash
from tocsin.reports.services.changes import finish_measuring, lease_unmeasured

Place = tuple[int, str, date]
"""A handling, a type of event, and the first day of a month."""


@transaction.atomic
def measure_changes(limit: int = 5_000) -> int:
    """Lease changed evidence and count anew every month that it touches.

    One transaction: after a crash the same changes are leased again. A month is counted as a whole
    from what is held, so counting it twice is harmless. One worker at a time. Returns how many
    changes were worked on, 0 when none waited.
    """
    hold(Lock.MEASURED_MONTHS)
    changes = lease_unmeasured(limit)
    touched = [change for change in changes if change.kind != ChangeKind.NAME_DECIDED]
    places = _find_places({pk for change in touched for pk in change.ids})
    if places:
        with joining_by_hash():
            _replace(places)
    finish_measuring(changes)
    return len(changes)


def _find_places(report_ids: Iterable[int]) -> list[Place]:
    return [(row[0], row[1], row[2]) for row in _read(DIRTY, {"ids": list(report_ids)})]


def _replace(places: list[Place]) -> None:
    """Write what is held now of these months in place of what was counted before."""
    held = MeasuredMonth.objects.for_writing()
    by_pair = defaultdict(list)
    for handling_id, event_type, month_on in places:
        by_pair[handling_id, event_type].append(month_on)
    for (handling_id, event_type), months in by_pair.items():
        held.filter(handling_id=handling_id, event_type=event_type, month_on__in=months).delete()
    MeasuredMonth.objects.bulk_create(_count(places), batch_size=1_000)


def _count(places: list[Place]) -> list[MeasuredMonth]:
    values = {
        "handlings": [place[0] for place in places],
        "types": [place[1] for place in places],
        "months": [place[2] for place in places],
        "first": min(place[2] for place in places),
        "after": max(place[2] for place in places) + timedelta(days=31),
        "zone": settings.TIME_ZONE,
        "late": LATE_AFTER_DAYS,
    }
    months = {
        place: MeasuredMonth(handling_id=place[0], event_type=place[1], month_on=place[2])
        for place in places
    }
    for *place, count, filled in _read(COUNT_REPORTS, values):
        months[_as_place(place)].reports = count
        months[_as_place(place)].filled |= json.loads(filled)
    for *place, count, filled in _read(COUNT_FINDINGS, values):
        months[_as_place(place)].findings = count
        months[_as_place(place)].filled |= json.loads(filled)
    for *place, key, count in _read(COUNT_DETAILS, values):
        months[_as_place(place)].filled[key] = count
    for *place, step, days, count in _read(COUNT_DELAYS, values):
        if step == "imprecise":
            months[_as_place(place)].imprecise = count
        else:
            months[_as_place(place)].delays.setdefault(step, {})[str(days)] = count
    for *place, days, count in _read(COUNT_CORRECTIONS, values):
        months[_as_place(place)].corrections[str(days)] = count
    for *place, key, count in _read(COUNT_CHANGED, values):
        months[_as_place(place)].changed[key] = count
    return [month for month in months.values() if month.reports or month.corrections]


def _as_place(values: list[Any]) -> Place:
    return (values[0], values[1], values[2])


def _read(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [tuple(row) for row in cursor.fetchall()]
