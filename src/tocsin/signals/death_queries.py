"""How many of the findings that an emergence tells are from deaths, read for an actor."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Count, Value
from django.db.models.functions import Coalesce, NullIf

from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.reports.models import Finding
from tocsin.reports.record.words import Outcome
from tocsin.reports.vocabulary import Matrix
from tocsin.signals.detected import DetectedEmergence
from tocsin.signals.models import SignalKind
from tocsin.signals.place_levels import is_within

EARLY_WARNING = Purpose.EARLY_WARNING.value
OF_AN_AREA = (SignalKind.SPIKE, SignalKind.FIRST_IN_REGION)


@dataclass(frozen=True, slots=True)
class DayDeaths:
    """The deaths of a day at a place in which a substance was found, and how many findings."""

    country: str
    area: str
    on: date
    findings: int
    deaths: int


def with_deaths(
    actor: Actor, emergences: Sequence[DetectedEmergence], *, purpose: str = EARLY_WARNING
) -> list[DetectedEmergence]:
    """Add to the facts how many findings that are told are from deaths, and from how many.

    For biological samples, where an outcome is that of the person a finding is of; the facts of
    others, and of emergences without a death, stay as they are. At most one query.
    """
    persons = [one for one in emergences if one.matrix == Matrix.BIOLOGICAL]
    held = _list_deaths(actor, persons, purpose) if persons else {}
    return [
        _add_deaths(one, held.get(one.substance, ())) if one.matrix == Matrix.BIOLOGICAL else one
        for one in emergences
    ]


def _add_deaths(one: DetectedEmergence, held: Iterable[DayDeaths]) -> DetectedEmergence:
    since, until = _derive_days(one)
    area = one.area if one.kind in OF_AN_AREA else ""
    told = [
        day
        for day in held
        if since <= day.on <= until and day.country == one.country and is_within(day.area, area)
    ]
    if not told:
        return one
    counts = {
        "findings_of_deaths": sum(day.findings for day in told),
        "deaths": sum(day.deaths for day in told),
    }
    return replace(one, facts={**one.facts, **counts})


def _derive_days(one: DetectedEmergence) -> tuple[date, date]:
    """The first and the last day of what is told: those of a rise's window, or the first of all."""
    if one.kind != SignalKind.SPIKE:
        return one.on, one.on
    return one.on - timedelta(weeks=one.facts["window_weeks"] - 1), one.on + timedelta(days=6)


def _list_deaths(
    actor: Actor, emergences: Sequence[DetectedEmergence], purpose: str
) -> dict[str, list[DayDeaths]]:
    """By substance, the days with a death on which any of the emergences could have been told."""
    days = [_derive_days(one) for one in emergences]
    findings = Finding.objects.visible_to(actor, purpose=purpose).filter(
        report__is_current=True,
        report__is_retracted=False,
        report__details__outcome=Outcome.DEATH.value,
        report__event_on__range=(min(one[0] for one in days), max(one[1] for one in days)),
        is_counted=True,
        matrix=Matrix.BIOLOGICAL,
        written_name__substance__key__in={one.substance for one in emergences},
    )
    rows = (
        findings.annotate(area=Coalesce(NullIf("report__region", Value("")), "report__local_area"))
        .order_by()
        .values_list("written_name__substance__key", "report__country", "area", "report__event_on")
        .annotate(findings=Count("pk"), deaths=Count("report_id", distinct=True))
    )
    held: dict[str, list[DayDeaths]] = defaultdict(list)
    for substance, *values in rows:
        held[substance].append(DayDeaths(*values))
    return held
