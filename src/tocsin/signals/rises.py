"""Rises in judged series, each told once: at the widest place where it began first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.science.detection.methods import get_method
from tocsin.science.detection.windows import sum_windows
from tocsin.signals.detected import SERIES_WEEKS_SHOWN, DetectedEmergence
from tocsin.signals.judging import (
    QUIET_WEEKS,
    AlarmRun,
    JudgedSeries,
    list_runs,
    parse_rule_settings,
)
from tocsin.signals.looks import Chosen
from tocsin.signals.models import SignalKind
from tocsin.signals.place_levels import derive_areas
from tocsin.signals.rarity import derive_rare_weeks, derive_window_weeks
from tocsin.signals.series import SeriesKey


@dataclass(frozen=True, slots=True)
class _Rise:
    """A run of alarms from the week in which it was selected. places: areas told within it."""

    judged: JudgedSeries
    key: SeriesKey
    row: int
    start: int
    last: int
    places: list[str]


def derive_rises(
    judged: Iterable[JudgedSeries], chosen: Mapping[str, Chosen]
) -> list[DetectedEmergence]:
    """Tell the rises that were selected, each once.

    chosen: by substance, what ``select_candidates`` selected. A run of alarms is told from the
    first of its weeks that was selected, and not at all where none was. A rise of an area is told
    within that of a wider place which began no later and has not ended.
    """
    rises = [_find_rise(one, run, chosen) for one in judged for run in list_runs(one)]
    return [_describe(rise) for rise in _fold_areas(filter(None, rises))]


def _find_rise(judged: JudgedSeries, run: AlarmRun, chosen: Mapping[str, Chosen]) -> _Rise | None:
    key, first_week = judged.group.keys[run.row], judged.group.first_week
    selected = chosen.get(key.substance, frozenset())
    for week in run.weeks:
        if (*key[1:], first_week + timedelta(weeks=week)) in selected:
            return _Rise(judged, key, run.row, week, run.weeks[-1], [])
    return None


def _fold_areas(rises: Iterable[_Rise]) -> list[_Rise]:
    """Leave out each rise that a wider place tells, and name its area there."""
    told: dict[SeriesKey, list[_Rise]] = defaultdict(list)
    kept: list[_Rise] = []
    for rise in sorted(
        rises, key=lambda one: (len(derive_areas(one.key.area)), one.key, one.start)
    ):
        holder = _find_holder(rise, told)
        if holder is None:
            kept.append(rise)
            told[rise.key].append(rise)
            if rise.key.area:
                rise.places.append(rise.key.area)
        elif rise.key.area not in holder.places:
            holder.places.append(rise.key.area)
    return kept


def _find_holder(rise: _Rise, told: Mapping[SeriesKey, Sequence[_Rise]]) -> _Rise | None:
    for area in derive_areas(rise.key.area)[:-1]:
        for wider in told.get(rise.key._replace(area=area), ()):
            if wider.start <= rise.start < wider.last + QUIET_WEEKS:
                return wider
    return None


def _list_narrowest(areas: Sequence[str]) -> tuple[str, ...]:
    """The areas, without those that another one of them lies in."""
    wider = {area for one in areas for area in derive_areas(one)[:-1]}
    return tuple(sorted(set(areas) - wider))


def _describe(rise: _Rise) -> DetectedEmergence:
    judged, key, row, start = rise.judged, rise.key, rise.row, rise.start
    first_week = judged.group.first_week
    rule = judged.rules[start]
    settings = parse_rule_settings(rule)
    counts = judged.group.counts[row]
    window_counts = _find_window_counts(judged, row, getattr(settings, "window_weeks", None))
    begin = _find_begin(rise, None if window_counts is None else settings.window_weeks)
    past_count = int(counts[:begin].sum())
    # An ended rise is shown up to its last alarm; one that may go on, up to the newest week.
    ends = counts.size if counts.size - rise.last <= QUIET_WEEKS else rise.last + 1
    shown = slice(max(0, start - SERIES_WEEKS_SHOWN), ends)
    return DetectedEmergence(
        kind=SignalKind.SPIKE.value,
        substance=key.substance,
        matrix=key.matrix,
        country=key.country,
        area=key.area,
        places=_list_narrowest(rise.places),
        on=first_week + timedelta(weeks=start),
        last_on=first_week + timedelta(weeks=rise.last),
        evidence_count=int(counts[begin : rise.last + 1].sum()),
        facts={
            "count": int(counts[begin : start + 1].sum()),
            "window_weeks": start - begin + 1,
            "past_count": past_count,
            "past_weeks": begin,
            "expected": round((start - begin + 1) * past_count / max(begin, 1), 2),
            "threshold": _round(judged.thresholds[row, start]),
            "once_in_weeks": derive_rare_weeks(
                judged.p_values[row, start],
                method=rule.method,
                expected=float(judged.expected[row, start]),
            ),
        },
        method=rule.method,
        method_version=get_method(rule.method).version,
        rule=rule.number,
        settings=asdict(settings),
        series=_describe_series(judged, row, shown, window_counts),
    )


def _find_begin(rise: _Rise, compared_weeks: int | None) -> int:
    """The first week of the window that is told, which ends with the rise's first.

    That which the p-value is of: of a length that a setting fixes, whole; otherwise from its first
    case on. Where the method names none, that of the weeks least like those before, without rarity.
    """
    judged = rise.judged
    counts = judged.group.counts[rise.row, : rise.start + 1]
    if compared_weeks is not None:
        return max(0, rise.start - compared_weeks + 1)
    window = int(judged.window_weeks[rise.row, rise.start]) or derive_window_weeks(counts)
    begin = max(0, rise.start - window + 1)
    return begin + int((counts[begin:] > 0).argmax())


def _find_window_counts(
    judged: JudgedSeries, row: int, window_weeks: int | None
) -> NDArray[np.int64] | None:
    """The counts in the window that ends each week, where the method compares these."""
    if window_weeks is None:
        return None
    sums = sum_windows(judged.group.counts[row : row + 1], window_weeks)[0]
    statistics = judged.statistics[row]
    is_judged = ~np.isnan(statistics)
    return sums if np.array_equal(statistics[is_judged], sums[is_judged]) else None


def _describe_series(
    judged: JudgedSeries, row: int, shown: slice, window_counts: NDArray[np.int64] | None
) -> dict[str, Any]:
    """The weeks of a chart. A threshold is left out where it is not one of cases."""
    counts, statistics = judged.group.counts[row, shown], judged.statistics[row, shown]
    compared = counts if window_counts is None else window_counts[shown]
    is_of_cases = np.isnan(statistics) | (statistics == compared)
    series: dict[str, Any] = {
        "first_week": (judged.group.first_week + timedelta(weeks=shown.start)).isoformat(),
        "counts": counts.tolist(),
        "expected": [_round(value) for value in judged.expected[row, shown]],
        "thresholds": [
            _round(value) if is_case else None
            for value, is_case in zip(judged.thresholds[row, shown], is_of_cases, strict=True)
        ],
        "alarms": judged.alarms[row, shown].tolist(),
    }
    if window_counts is not None:
        series["window_counts"] = compared.tolist()
    return series


def _round(value: float) -> float | None:
    return round(float(value), 2) if np.isfinite(value) else None
