"""First detections in weekly counts."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from tocsin.science.detection.first_detections import (
    METHOD,
    VERSION,
    FirstDetection,
    Observation,
    derive_first_detections,
)
from tocsin.signals.detected import SERIES_WEEKS_SHOWN, DetectedEmergence
from tocsin.signals.models import SignalKind
from tocsin.signals.series import SeriesCell, Totals, week_of

KIND_OF_LEVEL = {
    "anywhere": SignalKind.FIRST_DETECTION,
    "country": SignalKind.FIRST_IN_COUNTRY,
    "region": SignalKind.FIRST_IN_REGION,
}


def derive_firsts(cells: Sequence[SeriesCell], totals: Totals) -> list[DetectedEmergence]:
    """Find where a substance is new. They need no selection: one finding is enough."""
    by_pair: dict[tuple[str, str], list[SeriesCell]] = defaultdict(list)
    for cell in cells:
        by_pair[cell.substance, cell.matrix].append(cell)
    firsts = derive_first_detections(
        Observation(cell.substance, cell.matrix, cell.country, cell.area, cell.first_on)
        for cell in cells
    )
    return [_describe(first, by_pair[first.substance, first.matrix], totals) for first in firsts]


def _describe(
    first: FirstDetection, cells: Sequence[SeriesCell], totals: Totals
) -> DetectedEmergence:
    evidence = [
        cell
        for cell in cells
        if first.level == "anywhere"
        or (cell.country == first.country and (first.level == "country" or cell.area == first.area))
    ]
    before, since = totals.count_before(first.matrix, first.on)
    return DetectedEmergence(
        kind=KIND_OF_LEVEL[first.level].value,
        substance=first.substance,
        matrix=first.matrix,
        country=first.country,
        area=first.area,
        places=first.places,
        on=first.on,
        last_on=max(cell.first_on for cell in evidence),
        evidence_count=sum(cell.count for cell in evidence),
        facts={
            "findings_before": before,
            "held_since": since.isoformat() if since is not None else "",
        },
        method=METHOD,
        method_version=VERSION,
        series=_describe_series(evidence, first_week=week_of(first.on)),
    )


def _describe_series(cells: Sequence[SeriesCell], *, first_week: date) -> dict[str, Any]:
    """Weekly counts from 12 weeks before the first cell, at most SERIES_WEEKS_SHOWN of them."""
    begins = min(cell.week_on for cell in cells) - timedelta(weeks=12)
    last = max(cell.week_on for cell in cells)
    counts = [0] * min((last - begins).days // 7 + 1, SERIES_WEEKS_SHOWN)
    for cell in cells:
        week = (cell.week_on - begins).days // 7
        if week < len(counts):
            counts[week] += cell.count
    return {
        "first_week": begins.isoformat(),
        "counts": counts,
        "first_detection": first_week.isoformat(),
    }
