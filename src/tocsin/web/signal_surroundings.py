"""What stands beside a signal: what else was in the samples, and what earlier ones became."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from tocsin.alerts.models import AlertVersion, VersionState
from tocsin.alerts.queries import list_versions
from tocsin.organisations.actors import Actor
from tocsin.signals.found_with import Company, list_found_with
from tocsin.signals.models import Signal
from tocsin.signals.similar import (
    CLOSEST_SHOWN,
    COMPARED_WEEKS,
    LIKE_FACTOR,
    SETTLING_WEEKS,
    Comparison,
    EarlierEmergence,
    compare_with_earlier,
)

SAMPLES_BEFORE = timedelta(weeks=52)


def describe_company(actor: Actor, signal: Signal) -> Company:
    """Return what else was found with the substance, from a year before up to the evidence."""
    return list_found_with(
        actor,
        signal.substance_id,
        matrix=signal.matrix,
        since=signal.on - SAMPLES_BEFORE,
        until=signal.last_on + timedelta(days=6),
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """An earlier emergence, and the newest released version of each alert from it."""

    emergence: EarlierEmergence
    alerts: tuple[AlertVersion, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """How a signal compares with earlier ones, what became of each, and what counts as alike."""

    comparison: Comparison
    outcomes: tuple[Outcome, ...]
    compared_weeks: int = COMPARED_WEEKS
    like_factor: int = LIKE_FACTOR
    settling_weeks: int = SETTLING_WEEKS
    closest_shown: int = CLOSEST_SHOWN


def describe_earlier(actor: Actor, signal: Signal, *, today: date) -> Earlier:
    """Return the emergences before a signal that were like it, with the alerts they led to."""
    comparison = compare_with_earlier(actor, signal, today=today)
    versions = (
        list_versions(actor, state=VersionState.RELEASED)
        .filter(alert__signal_id__in=[one.signal.pk for one in comparison.emergences])
        .order_by("alert_id", "number")
    )
    # Of each alert the newest message stands for it: the last one written over the others.
    alerts: dict[int | None, dict[int, AlertVersion]] = defaultdict(dict)
    for version in versions:
        alerts[version.alert.signal_id][version.alert_id] = version
    return Earlier(
        comparison=comparison,
        outcomes=tuple(
            Outcome(one, tuple(alerts[one.signal.pk].values())) for one in comparison.emergences
        ),
    )
