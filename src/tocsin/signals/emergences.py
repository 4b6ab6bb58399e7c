"""From weekly counts to emergences: science applied to what an actor may see."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from tocsin.science.detection.emergences import Emergence, group_alarms
from tocsin.science.detection.first_detections import (
    METHOD as FIRST_METHOD,
)
from tocsin.science.detection.first_detections import (
    VERSION as FIRST_VERSION,
)
from tocsin.science.detection.first_detections import (
    FirstDetection,
    Observation,
    derive_first_detections,
)
from tocsin.science.detection.spike_rule import SpikeResult, SpikeRuleSettings, detect_spikes
from tocsin.signals.models import SignalKind

QUIET_WEEKS = 26
"""So many weeks without an alarm end a rise; a later alarm is a new one."""

SERIES_WEEKS_SHOWN = 104

KIND_OF_LEVEL = {
    "anywhere": SignalKind.FIRST_DETECTION,
    "country": SignalKind.FIRST_IN_COUNTRY,
    "region": SignalKind.FIRST_IN_REGION,
}


@dataclass(frozen=True, slots=True)
class SeriesCell:
    """Findings of one substance in one matrix, place and week; ``first_on`` is its first day."""

    substance: str
    matrix: str
    country: str
    area: str
    week_on: date
    count: int
    first_on: date


@dataclass(frozen=True, slots=True)
class MatrixTotal:
    """All findings held of one matrix in one week, whatever the substance."""

    matrix: str
    week_on: date
    count: int


@dataclass(frozen=True, slots=True)
class DetectedEmergence:
    """One emergence: what, where, since when, how strong, and the values of its sentence."""

    kind: str
    substance: str
    matrix: str
    country: str
    area: str
    places: tuple[str, ...]
    on: date
    last_on: date
    evidence_count: int
    facts: dict[str, Any]
    method: str
    method_version: str
    settings: dict[str, Any] = field(default_factory=dict)
    series: dict[str, Any] = field(default_factory=dict)


def derive_emergences(
    cells: Sequence[SeriesCell],
    totals: Sequence[MatrixTotal],
    *,
    until: date,
    settings: SpikeRuleSettings | None = None,
) -> list[DetectedEmergence]:
    """Find the first detections and the rises in weekly counts, ordered by day.

    cells: every cell the reader may see of the substances in question. totals: all findings by
    matrix and week; they say since when a matrix has been looked at. until: the day that is
    "today"; cells after it are ignored. What is found up to a day does not depend on later cells,
    but for the strength and the last day of an emergence that goes on.
    """
    cells = [cell for cell in cells if cell.first_on <= until]
    if not cells:
        return []
    found = _derive_firsts(cells, totals)
    found += _derive_rises(cells, totals, until, settings or SpikeRuleSettings())
    return sorted(
        found, key=lambda one: (one.on, one.substance, one.matrix, one.kind, one.country, one.area)
    )


def _derive_firsts(
    cells: Sequence[SeriesCell], totals: Sequence[MatrixTotal]
) -> list[DetectedEmergence]:
    by_pair: dict[tuple[str, str], list[SeriesCell]] = defaultdict(list)
    for cell in cells:
        by_pair[cell.substance, cell.matrix].append(cell)
    firsts = derive_first_detections(
        Observation(cell.substance, cell.matrix, cell.country, cell.area, cell.first_on)
        for cell in cells
    )
    cumulative = _Cumulative(totals)
    return [
        _describe_first(first, by_pair[first.substance, first.matrix], cumulative)
        for first in firsts
    ]


def _describe_first(
    first: FirstDetection, cells: Sequence[SeriesCell], cumulative: "_Cumulative"
) -> DetectedEmergence:
    evidence = [
        cell
        for cell in cells
        if first.level == "anywhere"
        or (cell.country == first.country and (first.level == "country" or cell.area == first.area))
    ]
    before, since = cumulative.count_before(first.matrix, first.on)
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
        method=FIRST_METHOD,
        method_version=FIRST_VERSION,
        series=_describe_series(_fill_weeks(evidence), first_week=_week_of(first.on)),
    )


def _derive_rises(
    cells: Sequence[SeriesCell],
    totals: Sequence[MatrixTotal],
    until: date,
    settings: SpikeRuleSettings,
) -> list[DetectedEmergence]:
    started = _Cumulative(totals).started_on
    first_week = min([*(cell.week_on for cell in cells), *(week for week in started.values())])
    n_weeks = (_week_of(until) - first_week).days // 7 + 1
    keys, counts = _build_counts(cells, first_week, n_weeks)
    result = detect_spikes(counts, settings)
    alarms = result.alarms.copy()
    for row, (_substance, matrix, _country, _area) in enumerate(keys):
        # Before the matrix was looked at at all, its zeros are no past to compare with.
        begins = (started.get(matrix, first_week) - first_week).days // 7
        alarms[row, : begins + settings.minimum_baseline_weeks] = False
    emergences = group_alarms(alarms, counts=result.window_counts, quiet_weeks=QUIET_WEEKS)
    return [
        _describe_rise(emergence, keys, counts, result, alarms, first_week, places)
        for emergence, places in _fold_areas(emergences, keys)
    ]


def _build_counts(
    cells: Sequence[SeriesCell], first_week: date, n_weeks: int
) -> tuple[list[tuple[str, str, str, str]], np.ndarray[Any, np.dtype[np.int64]]]:
    """Series of each substance and matrix by country, and by area within it."""
    rows: dict[tuple[str, str, str, str], int] = {}
    entries: list[tuple[int, int, int]] = []
    for cell in cells:
        week = (cell.week_on - first_week).days // 7
        levels = {(cell.country, ""), (cell.country, cell.area)}
        for country, area in levels:
            key = (cell.substance, cell.matrix, country, area)
            entries.append((rows.setdefault(key, len(rows)), week, cell.count))
    counts = np.zeros((len(rows), n_weeks), dtype=np.int64)
    positions = np.array(entries, dtype=np.int64)
    np.add.at(counts, (positions[:, 0], positions[:, 1]), positions[:, 2])
    return list(rows), counts


def _fold_areas(
    emergences: Iterable[Emergence], keys: Sequence[tuple[str, str, str, str]]
) -> list[tuple[Emergence, tuple[str, ...]]]:
    """Tell an area's rise once: within the country's rise where that began no later."""
    by_country: dict[tuple[str, str, str], list[tuple[Emergence, list[str]]]] = defaultdict(list)
    kept: list[tuple[Emergence, list[str]]] = []
    ordered = sorted(emergences, key=lambda one: (keys[one.series][3] != "", one.series))
    for emergence in ordered:
        substance, matrix, country, area = keys[emergence.series]
        wider = by_country[substance, matrix, country]
        if not area:
            entry: tuple[Emergence, list[str]] = (emergence, [])
            wider.append(entry)
            kept.append(entry)
            continue
        holder = next(
            (
                places
                for one, places in wider
                if one.start_week <= emergence.start_week < one.last_week + QUIET_WEEKS
            ),
            None,
        )
        if holder is None:
            kept.append((emergence, [area]))
        elif area not in holder:
            holder.append(area)
    return [(emergence, tuple(sorted(places))) for emergence, places in kept]


def _describe_rise(
    emergence: Emergence,
    keys: Sequence[tuple[str, str, str, str]],
    counts: np.ndarray[Any, np.dtype[np.int64]],
    result: SpikeResult,
    alarms: np.ndarray[Any, np.dtype[np.bool_]],
    first_week: date,
    places: tuple[str, ...],
) -> DetectedEmergence:
    substance, matrix, country, area = keys[emergence.series]
    row, start = emergence.series, emergence.start_week
    window = result.settings.window_weeks
    begin = max(0, start - window + 1)
    shown = slice(max(0, start - SERIES_WEEKS_SHOWN), emergence.last_week + 1)
    thresholds = [
        round(value, 2) if np.isfinite(value) else None
        for value in result.thresholds[row, shown].tolist()
    ]
    return DetectedEmergence(
        kind=SignalKind.SPIKE.value,
        substance=substance,
        matrix=matrix,
        country=country,
        area=area,
        places=places,
        on=first_week + timedelta(weeks=start),
        last_on=first_week + timedelta(weeks=emergence.last_week),
        evidence_count=int(counts[row, begin : emergence.last_week + 1].sum()),
        facts={
            "window_weeks": window,
            "count": int(result.window_counts[row, start]),
            "expected": round(float(result.expected[row, start]), 2),
            "threshold": round(float(result.thresholds[row, start]), 2),
            "baseline_weeks": result.settings.baseline_weeks,
        },
        method=result.method,
        method_version=result.version,
        settings=asdict(result.settings),
        series={
            "first_week": (first_week + timedelta(weeks=shown.start)).isoformat(),
            "counts": counts[row, shown].tolist(),
            "window_counts": result.window_counts[row, shown].tolist(),
            "thresholds": thresholds,
            "expected": [round(value, 2) for value in result.expected[row, shown].tolist()],
            "alarms": alarms[row, shown].tolist(),
        },
    )


def _describe_series(weekly: tuple[date, list[int]], *, first_week: date) -> dict[str, Any]:
    begins, counts = weekly
    return {
        "first_week": begins.isoformat(),
        "counts": counts,
        "first_detection": first_week.isoformat(),
    }


def _fill_weeks(cells: Sequence[SeriesCell]) -> tuple[date, list[int]]:
    """Weekly counts from 12 weeks before the first cell, at most SERIES_WEEKS_SHOWN of them."""
    first = min(cell.week_on for cell in cells) - timedelta(weeks=12)
    last = max(cell.week_on for cell in cells)
    counts = [0] * min((last - first).days // 7 + 1, SERIES_WEEKS_SHOWN)
    for cell in cells:
        week = (cell.week_on - first).days // 7
        if week < len(counts):
            counts[week] += cell.count
    return first, counts


def _week_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


class _Cumulative:
    """How many findings of a matrix were held before a day, and since when."""

    def __init__(self, totals: Sequence[MatrixTotal]) -> None:
        by_matrix: dict[str, list[tuple[date, int]]] = defaultdict(list)
        for total in totals:
            by_matrix[total.matrix].append((total.week_on, total.count))
        self._weeks = {
            matrix: [week for week, _count in sorted(entries)]
            for matrix, entries in by_matrix.items()
        }
        self._sums = {
            matrix: np.cumsum([count for _week, count in sorted(entries)])
            for matrix, entries in by_matrix.items()
        }
        self.started_on = {matrix: weeks[0] for matrix, weeks in self._weeks.items()}

    def count_before(self, matrix: str, day: date) -> tuple[int, date | None]:
        """Return the number of findings in the weeks before the day's week, and the first week."""
        weeks = self._weeks.get(matrix, [])
        place = bisect_left(weeks, _week_of(day))
        if place == 0:
            return 0, None
        return int(self._sums[matrix][place - 1]), weeks[0]
