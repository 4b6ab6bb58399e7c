"""Which past weeks a judged week is compared with, and the seasonal group of each.

Source: Noufaily et al. 2013, Statistics in Medicine 32:1206, as R's farringtonFlexible does it: reference weeks are
the same week of the b years before; each has a window of 2w + 1 weeks, which together are the last
group; the weeks between two windows are divided into no_periods - 1 groups as equal as possible.
"""

from calendar import isleap
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import DetectionInputError
from tocsin.science.detection.farrington_flexible.settings import FarringtonSettings

FREQUENCIES: Final = (52, 12)

_NOBODY: Final = 0
# Of 1 January 1970 as date.toordinal counts.
_DAY_ZERO: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """The past of one week, relative to it.

    offsets: shape (n,), ascending, below 0: which weeks, counted from the judged one.
    times: their time in weeks (R's wtime), about centred; time_now: the judged week's own.
    run_lengths, run_groups: stretches in one group, a week apart, and their group from 0. The
        judged week belongs to the last of the n_groups.
    """

    offsets: NDArray[np.int64]
    times: NDArray[np.float64]
    time_now: float
    run_lengths: NDArray[np.int64]
    run_groups: NDArray[np.int64]
    n_groups: int


@dataclass(frozen=True, slots=True, eq=False)
class Baselines:
    """The pasts of all weeks that have one, flattened for the compiled loop.

    weeks: shape (n_judged,), positions of the judged weeks. times_now, n_groups: the same shape.
    starts: shape (n_judged + 1,): where the past of each begins in positions and times.
    positions: positions of the past weeks.
    run_starts: shape (n_judged + 1,): where the runs of each begin in run_lengths and run_groups.
    """

    weeks: NDArray[np.int64]
    starts: NDArray[np.int64]
    positions: NDArray[np.int64]
    times: NDArray[np.float64]
    times_now: NDArray[np.float64]
    run_starts: NDArray[np.int64]
    run_lengths: NDArray[np.int64]
    run_groups: NDArray[np.int64]
    n_groups: NDArray[np.int64]


def check_dates(dates: NDArray[Any], n_weeks: int, frequency: int) -> NDArray[np.int64]:
    """Return dates as days since 1970, or say which date does not follow the one before it.

    dates: shape (n_weeks,), datetime64; first days of consecutive weeks (frequency 52) or the same
    day of consecutive months (12). Raises DetectionInputError naming the week: a week left out,
    counted twice or out of order has to be put right where the series is made.
    """
    if dates.dtype.kind != "M" or dates.shape != (n_weeks,):
        raise DetectionInputError(
            f"dates: found {dates.dtype} of shape {dates.shape}; expected datetime64 of shape "
            f"({n_weeks},), one for each week"
        )
    days = dates.astype("datetime64[D]")
    if np.isnat(days).any():
        raise DetectionInputError(f"dates: week {int(np.isnat(days).argmax())} has none")
    if frequency == 52:
        is_next = np.diff(days) == np.timedelta64(7, "D")
        expected = "a week later"
    else:
        months = days.astype("datetime64[M]")
        day_of_month = days - months.astype("datetime64[D]")
        is_next = (np.diff(months) == np.timedelta64(1, "M")) & (
            day_of_month[1:] == day_of_month[:-1]
        )
        expected = "the same day a month later"
    if not is_next.all():
        week = int(np.argmin(is_next)) + 1
        raise DetectionInputError(
            f"week {week}: found {days[week]} after {days[week - 1]}; expected {expected}"
        )
    return days.astype(np.int64)


def derive_baselines(
    weeks: NDArray[np.int64],
    settings: FarringtonSettings,
    *,
    frequency: int,
    days: NDArray[np.int64] | None,
) -> Baselines:
    """Return the past of each of the weeks that has b years of it.

    weeks: positions from 0, ascending. days: first days of all weeks as days since 1970, to
    find the same week of an earlier year by calendar date; None counts ``frequency`` weeks back.
    Raises DetectionInputError when the settings leave no room between windows for the groups.
    """
    _check_room(settings, frequency)
    # A month has no constant length, so that times by date are each week's own.
    own_times = days if frequency == 12 else None
    known: dict[tuple[int, ...], Past | None] = {}
    judged: list[int] = []
    pasts: list[Past] = []
    held = [] if days is None else days.tolist()
    positions = {day: position for position, day in enumerate(held)}
    for week in weeks.tolist():
        day = held[week] if held else None
        references = _find_references(week, day, settings.b, frequency, positions)
        # R reads its position 0, one before the first, as nothing: one week of the window is gone.
        if references is None or references[-1] - settings.w < -1:
            continue
        is_cut = references[-1] - settings.w < 0
        key = (int(is_cut), *(week - reference for reference in references))
        if own_times is not None or key not in known:
            known[key] = _derive_past(week, references, settings, own_times)
        past = known[key]
        if past is not None:
            judged.append(week)
            pasts.append(past)
    return _flatten(judged, pasts)


def _check_room(settings: FarringtonSettings, frequency: int) -> None:
    window = 2 * settings.w + 1
    if window > frequency:
        raise DetectionInputError(
            f"farrington flexible: w is {settings.w}; expected windows of 2w + 1 weeks no longer "
            f"than a year of {frequency}"
        )
    if settings.no_periods > frequency:
        raise DetectionInputError(
            f"farrington flexible: no_periods is {settings.no_periods}; expected at most "
            f"{frequency}, as many as there are in a year"
        )


def _find_references(
    week: int, day: int | None, b: int, frequency: int, positions: dict[int, int]
) -> list[int] | None:
    """Return positions of the same week 0, 1, … b years before, or None if one is not held.

    day: the week's first day since 1970; None counts by position. positions: of each day held.
    """
    if day is None:
        counted = [week - frequency * year for year in range(b + 1)]
        return counted if counted[-1] >= 0 else None
    found = [week]
    for year in range(1, b + 1):
        same_day = _day_years_before(day, year)
        wanted = _nearest_weekday(same_day, day) if frequency == 52 else same_day
        if wanted not in positions:
            return None
        found.append(positions[wanted])
    return found


def _day_years_before(day: int, years: int) -> int:
    """Return the same calendar day so many years before; 29 February becomes 1 March."""
    now = date.fromordinal(day + _DAY_ZERO)
    month, day_of_month = now.month, now.day
    if (month, day_of_month) == (2, 29) and not isleap(now.year - years):
        month, day_of_month = 3, 1
    return date(now.year - years, month, day_of_month).toordinal() - _DAY_ZERO


def _nearest_weekday(day: int, like: int) -> int:
    """Return the day nearest to ``day`` on the weekday of ``like``."""
    offset = (like - day) % 7
    return day + (offset if offset <= 3 else offset - 7)


def _derive_past(
    week: int,
    references: list[int],
    settings: FarringtonSettings,
    days: NDArray[np.int64] | None,
) -> Past | None:
    """Return the past of a week, or None if nothing of the last group is left in it.

    days: where times are counted in days; None for equal steps.
    """
    excluded = settings.past_weeks_not_included
    excluded = settings.w if excluded is None else excluded
    groups = _assign_groups(week, references, settings)
    groups[max(week - excluded, 0) :] = _NOBODY
    positions = np.flatnonzero(groups)
    if not (groups[positions] == settings.no_periods).any():
        return None
    present, groups_from_zero = np.unique(groups[positions], return_inverse=True)
    breaks = (np.diff(groups_from_zero) != 0) | (np.diff(positions) != 1)
    if days is None:
        times, time_now = (positions - week).astype(np.float64), 0.0
    else:
        # As R: in units of the first step of the whole series, 28 to 31 days for months.
        step = float(days[1] - days[0])
        times, time_now = (days[positions] - days[week]) / step, 0.0
        breaks[:] = True
    first = np.concatenate(([0], np.flatnonzero(breaks) + 1))
    centre = float(np.round(times.mean()))
    return Past(
        offsets=positions - week,
        times=times - centre,
        time_now=time_now - centre,
        run_lengths=np.diff(np.append(first, positions.size)),
        run_groups=groups_from_zero[first].astype(np.int64),
        n_groups=present.size,
    )


def _assign_groups(
    week: int, references: list[int], settings: FarringtonSettings
) -> NDArray[np.int64]:
    """Return the group from 1 of each week up to the judged one, 0 where it is in none."""
    w, last = settings.w, settings.no_periods
    groups = np.full(week + 1, _NOBODY, dtype=np.int64)
    groups[max(week - w, 0) :] = last
    for later, reference in pairwise(references):
        groups[max(reference - w, 0) : reference + w + 1] = last
        if last == 1:
            continue
        length, longer = divmod(later - reference - 2 * w - 1, last - 1)
        start = reference + w + 1
        for group in range(1, last):
            end = start + length + (1 if group <= longer else 0)
            # R's a:(a - 1) counts down, so that a group without room still takes two weeks.
            groups[min(start, end - 1) : max(start, end - 1) + 1] = group
            start = end
    return groups


def _flatten(judged: list[int], pasts: list[Past]) -> Baselines:
    offsets = [past.offsets + week for week, past in zip(judged, pasts, strict=True)]
    return Baselines(
        weeks=np.array(judged, dtype=np.int64),
        starts=_starts([past.offsets.size for past in pasts]),
        positions=_join(offsets, np.int64),
        times=_join([past.times for past in pasts], np.float64),
        times_now=np.array([past.time_now for past in pasts], dtype=np.float64),
        run_starts=_starts([past.run_lengths.size for past in pasts]),
        run_lengths=_join([past.run_lengths for past in pasts], np.int64),
        run_groups=_join([past.run_groups for past in pasts], np.int64),
        n_groups=np.array([past.n_groups for past in pasts], dtype=np.int64),
    )


def _starts(lengths: list[int]) -> NDArray[np.int64]:
    return np.cumsum(np.array([0, *lengths], dtype=np.int64))


def _join(arrays: list[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype=dtype), *arrays]).astype(dtype)
