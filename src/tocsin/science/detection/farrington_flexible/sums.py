"""Weighted sums over a past for one step of the regression with a slope, in compiled code.

``sum_runs`` and ``sum_weeks`` give the same sums. The first is for the usual case, a geometric
series within each run of weeks; the second for populations that differ from week to week and for
means at the ends of what a number can hold.
"""

import math
from typing import Any, Final

from numpy.typing import NDArray

from tocsin.science.detection.farrington_flexible.compiling import compiled
from tocsin.science.detection.farrington_flexible.negative_binomial import exp_or_infinity
from tocsin.science.detection.farrington_flexible.rows import (
    CENTRE,
    FLAGGED,
    FLAGGED_GROUP,
    LAST_MEAN,
    LEVEL,
    MEAN,
    MOMENT,
    NEXT_FIRST,
    NEXT_SUM,
    POPULATION,
    POWER,
    SCALE,
    STEP,
    WEIGHT,
    Weighing,
)

Floats = NDArray[Any]
Integers = NDArray[Any]

# As R: no mean is smaller.
LEAST_MEAN: Final = 2.0**-52
_LEAST_LOG_MEAN: Final = -35.0
_MOST_LOG_RATIO: Final = 300.0


@compiled
def is_moderate(times: Floats, levels: Floats, slope: float) -> bool:
    """Return whether no mean is as small as the least R allows, and no power of e too great."""
    reach = abs(slope) * max(abs(times[0]), abs(times[times.size - 1]))
    least = levels[LEVEL, 0]
    for g in range(levels.shape[1]):
        least = min(least, levels[LEVEL, g])
    return bool(reach < _MOST_LOG_RATIO and least - reach > _LEAST_LOG_MEAN)


@compiled
def sum_runs(
    work: Floats,
    times: Floats,
    run_lengths: Integers,
    run_groups: Integers,
    levels: Floats,
    weighing: Weighing,
    slope: float,
    longest: int,
) -> float:
    """Do what sum_weeks does, a run at a time: within one, means are a geometric series."""
    n_groups = levels.shape[1]
    for g in range(n_groups):
        levels[NEXT_SUM, g] = levels[NEXT_FIRST, g] = 0.0
        levels[SCALE, g] = weighing.common * exp_or_infinity(levels[LEVEL, g])
    ratio = math.exp(slope)
    power = 1.0
    sum_ = first = second = 0.0
    for j in range(longest):
        sum_ += power
        first += j * power
        second += j * j * power
        power *= ratio
        work[POWER, j] = power
        work[MOMENT, j], work[MOMENT + 1, j], work[MOMENT + 2, j] = sum_, first, second
    total = 0.0
    i = 0
    relative = 1.0
    expected_time = math.nan
    for run in range(run_groups.size):
        g, length = run_groups[run], run_lengths[run]
        if times[i] != expected_time:
            relative = math.exp(slope * times[i])
        mean = relative * levels[SCALE, g]
        away = times[i] - levels[CENTRE, g]
        sum_ = work[MOMENT, length - 1]
        first = work[MOMENT + 1, length - 1]
        levels[NEXT_SUM, g] += mean * sum_
        levels[NEXT_FIRST, g] += mean * (away * sum_ + first)
        total += mean * (away * (away * sum_ + 2.0 * first) + work[MOMENT + 2, length - 1])
        relative *= work[POWER, length - 1]
        expected_time = times[i] + length
        i += length
    for flagged in range(weighing.n_flagged):
        i, g = int(work[FLAGGED, flagged]), int(work[FLAGGED_GROUP, flagged])
        away = times[i] - levels[CENTRE, g]
        surplus = (work[WEIGHT, i] - weighing.common) * math.exp(
            levels[LEVEL, g] + slope * times[i]
        )
        levels[NEXT_SUM, g] += surplus
        levels[NEXT_FIRST, g] += surplus * away
        total += surplus * away * away
    return total


@compiled
def sum_weeks(
    work: Floats,
    times: Floats,
    run_lengths: Integers,
    run_groups: Integers,
    levels: Floats,
    slope: float,
) -> float:
    """Put the weights' sums and first moments in levels, and return the second moment.

    Moments are about the CENTRE of the group.
    """
    for g in range(levels.shape[1]):
        levels[NEXT_SUM, g] = levels[NEXT_FIRST, g] = 0.0
    second = 0.0
    i = 0
    for run in range(run_groups.size):
        g = run_groups[run]
        sum_ = first = 0.0
        for _ in range(run_lengths[run]):
            away = float(times[i]) - float(levels[CENTRE, g])
            relative = exp_or_infinity(levels[LEVEL, g] + slope * times[i])
            mean = max(relative * float(work[POPULATION, i]), LEAST_MEAN)
            weight = mean * float(work[WEIGHT, i])
            sum_ += weight
            first += weight * away
            second += weight * away * away
            i += 1
        levels[NEXT_SUM, g] += sum_
        levels[NEXT_FIRST, g] += first
    return second


@compiled
def fill_means(
    work: Floats,
    times: Floats,
    run_lengths: Integers,
    run_groups: Integers,
    levels: Floats,
    slope: float,
    step_slope: float,
) -> None:
    """Put the means after and before the last step in place."""
    ratio, last_ratio = exp_or_infinity(slope), exp_or_infinity(slope - step_slope)
    i = 0
    for run in range(run_groups.size):
        level, step = levels[LEVEL, run_groups[run]], levels[STEP, run_groups[run]]
        relative = exp_or_infinity(level + slope * times[i])
        last = exp_or_infinity(level - step + (slope - step_slope) * times[i])
        for _ in range(run_lengths[run]):
            people = float(work[POPULATION, i])
            work[MEAN, i] = max(relative * people, LEAST_MEAN)
            work[LAST_MEAN, i] = max(last * people, LEAST_MEAN)
            relative *= ratio
            last *= last_ratio
            i += 1
