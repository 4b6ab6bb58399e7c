"""Going through the held evidence in time order, as if each week were today."""

from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.utils import timezone

from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.signals.emergences import DetectedEmergence, derive_emergences
from tocsin.signals.queries import list_cells, list_matrix_totals
from tocsin.signals.sentences import describe_place, describe_signal
from tocsin.signals.services.counting import count_changes
from tocsin.substances.models import Substance


def replay(
    actor: Actor,
    *,
    since: date | None = None,
    until: date | None = None,
    purpose: str = Purpose.EARLY_WARNING.value,
) -> list[dict[str, Any]]:
    """Return what would have been found, and when, in what the actor may see; writes no signal.

    Each row has exactly the keys kind, substance (the register's name), place, matrix, on (ISO
    date), reason, method and series, in order of time. A row rests on evidence up to the end of
    the week of ``on`` and on none of a later day than until, today where it is left out. since:
    what was found earlier is left out of the list, not of the past that a rise is compared with.
    Brings the weekly counts up to date first. What is found in a week does not depend on later
    weeks (``derive_emergences``), so one pass over all weeks is the same as a pass for each.
    """
    while count_changes():
        pass
    end = min(until, timezone.localdate()) if until is not None else timezone.localdate()
    cells = sorted(list_cells(actor, purpose=purpose, until=end), key=attrgetter("substance"))
    totals = list_matrix_totals(actor, purpose=purpose)
    found: list[DetectedEmergence] = []
    for _substance, group in groupby(cells, key=attrgetter("substance")):
        found += derive_emergences(list(group), totals, until=end)
    found.sort(key=lambda one: (one.on, one.substance, one.matrix, one.kind, one.country, one.area))
    names = dict(
        Substance.objects.filter(key__in={one.substance for one in found}).values_list(
            "key", "name"
        )
    )
    return [
        _describe(one, names[one.substance]) for one in found if since is None or one.on >= since
    ]


def _describe(emergence: DetectedEmergence, substance_name: str) -> dict[str, Any]:
    return {
        "kind": emergence.kind,
        "substance": substance_name,
        "place": describe_place(emergence.country, emergence.area),
        "matrix": emergence.matrix,
        "on": emergence.on.isoformat(),
        "reason": describe_signal(
            kind=emergence.kind,
            substance_name=substance_name,
            matrix=emergence.matrix,
            country=emergence.country,
            area=emergence.area,
            places=emergence.places,
            on=emergence.on,
            facts=emergence.facts,
        ),
        "method": emergence.method,
        "series": _cut_series(emergence.series, emergence.on),
    }


def _cut_series(series: dict[str, Any], on: date) -> dict[str, Any]:
    """Leave out the weeks after that of a day."""
    week_on = on - timedelta(days=on.weekday())
    weeks = (week_on - date.fromisoformat(series["first_week"])).days // 7 + 1
    return {
        name: value[:weeks] if isinstance(value, list) else value for name, value in series.items()
    }
