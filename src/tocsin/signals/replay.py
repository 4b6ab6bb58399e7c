"""Going through the held evidence in time order, as if each week were today."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.signals.detected import DetectedEmergence
from tocsin.signals.emergences import derive_all_emergences
from tocsin.signals.judging import Rules, parse_rule_settings
from tocsin.signals.queries import list_cells, list_matrix_totals
from tocsin.signals.rules import RiseRule, RuleBook
from tocsin.signals.sentences import describe_signal, write_place
from tocsin.signals.series import MatrixTotal, SeriesCell, Totals, week_of
from tocsin.signals.services.counting import count_changes
from tocsin.signals.setting_queries import list_rules_by_substance, load_rule_book
from tocsin.substances.models import Substance


def replay(
    actor: Actor,
    *,
    since: date | None = None,
    until: date | None = None,
    purpose: str = Purpose.EARLY_WARNING.value,
    method: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Return what would have been found, and when, in what the actor may see; writes no signal.

    Each row has exactly the keys kind, substance (the register's name), place, matrix, on (ISO
    date), reason, method and series, in order of time. A row rests on evidence up to the end of
    the week of ``on`` and on none of a later day than until, today where it is left out. since:
    what was found earlier is left out of the list, not of the past that a rise is compared with.
    method: any of ``science.detection.methods`` with its settings, for all substances; without it,
    what was in force in each week. Brings the weekly counts up to date first. What is found in a
    week does not depend on later weeks (``derive_all_emergences``), so one pass over all weeks is
    the same as a pass for each. Raises DetectionInputError for a method or setting there is not.
    """
    while count_changes():
        pass
    end = min(until, timezone.localdate()) if until is not None else timezone.localdate()
    cells = list_cells(actor, purpose=purpose, until=end)
    totals = Totals(_list_totals(actor, purpose, end, cells))
    found = derive_all_emergences(cells, totals, _list_rules(method, settings), until=end)
    names = dict(
        Substance.including_merged.filter(key__in={one.substance for one in found}).values_list(
            "key", "name"
        )
    )
    return [
        _describe(one, names[one.substance]) for one in found if since is None or one.on >= since
    ]


def _list_totals(
    actor: Actor, purpose: str, end: date, cells: Iterable[SeriesCell]
) -> list[MatrixTotal]:
    """All findings up to a day; of a past week cut short by it, those whose substance is known."""
    if end >= timezone.localdate():
        return list_matrix_totals(actor, purpose=purpose)
    begun = week_of(end + timedelta(days=1))
    return list_matrix_totals(actor, purpose=purpose, until=end) + [
        MatrixTotal(cell.matrix, cell.country, cell.area, cell.week_on, cell.count)
        for cell in cells
        if cell.week_on == begun
    ]


def _list_rules(method: str | None, settings: Mapping[str, Any] | None) -> Rules:
    if method is None:
        return list_rules_by_substance(load_rule_book())
    rule = RiseRule(method=method, settings=settings or {})
    parse_rule_settings(rule)
    return list_rules_by_substance(RuleBook(default=(rule,)))


def _describe(emergence: DetectedEmergence, substance_name: str) -> dict[str, Any]:
    return {
        "kind": emergence.kind,
        "substance": substance_name,
        "place": write_place(emergence.country, emergence.area),
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
