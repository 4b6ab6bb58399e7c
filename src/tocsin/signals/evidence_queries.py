"""The reports behind a signal, read for an actor and a purpose."""

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet

from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.reports.models import Report
from tocsin.reports.queries import list_reports
from tocsin.signals.models import Signal, SignalKind

EARLY_WARNING = Purpose.EARLY_WARNING.value


def list_signal_reports(
    actor: Actor, signal: Signal, *, purpose: str = EARLY_WARNING
) -> QuerySet[Report]:
    """Return the current, not retracted reports behind a signal that the actor may see."""
    reports = list_reports(
        actor,
        purpose=purpose,
        substance_key=signal.substance.key,
        **derive_evidence_filters(signal),
    )
    return keep_area(reports, derive_evidence_area(signal))


def derive_evidence_filters(signal: Signal) -> dict[str, Any]:
    """Say which reports are behind a signal: its matrix, days, and place as wide as its level."""
    since = signal.on
    if signal.kind == SignalKind.SPIKE:
        since -= timedelta(weeks=max(0, int(signal.facts.get("window_weeks", 1)) - 1))
    filters: dict[str, Any] = {
        "matrix": signal.matrix,
        "since": since,
        "until": signal.last_on + timedelta(days=6),
    }
    if signal.kind != SignalKind.FIRST_DETECTION:
        filters["country"] = signal.country
    return filters


def derive_evidence_area(signal: Signal) -> str:
    """Return the area that a signal is counted over, empty where that is wider."""
    is_of_area = signal.kind in {SignalKind.FIRST_IN_REGION, SignalKind.SPIKE}
    return signal.area if is_of_area else ""


def keep_area(reports: QuerySet[Report], area: str) -> QuerySet[Report]:
    """Keep the reports of an area of its country; all of them where it is empty.

    area: a NUTS code, which holds every code that begins with it, or the name of a local area.
    """
    if not area:
        return reports
    return reports.filter(Q(region__startswith=area) | Q(region="", local_area=area))
