"""Quasi-Poisson regression of one past on group levels and a slope, in compiled code.

Iteratively reweighted least squares with R's start, R's stopping rule and R's quantities after it
(glm.fit): the start is y + 0.1, the end |change of deviance| < 1e-8 (|deviance| + 0.1), at most 25
steps, and the weights behind the covariance are those before the last step. An exact maximum would
differ from R by up to 1e-5, and by more where the mean tends to 0.

The design is "level of the group + one slope", so a step needs sums by group and the Schur
complement of the slope, never a general linear system. Times are taken from the weighted mean of
their group, so that the complement does not cancel. Within a run of consecutive weeks of one group
the means are a geometric series, so that a step costs a few operations a run, not a week.
"""

import math
from typing import Any, Final

from numpy.typing import NDArray

from tocsin.science.detection.farrington_flexible.compiling import compiled
from tocsin.science.detection.farrington_flexible.negative_binomial import exp_or_infinity
from tocsin.science.detection.farrington_flexible.rows import (
    CENTRE,
    COUNT,
    EXPOSURE,
    LAST_MEAN,
    LEVEL,
    MEAN,
    NEXT_FIRST,
    NEXT_SUM,
    POPULATION,
    RESPONSE,
    SATURATED,
    STEP,
    SUM,
    TOTAL,
    WEIGHT,
    Weighing,
)
from tocsin.science.detection.farrington_flexible.sums import (
    fill_means,
    is_moderate,
    sum_runs,
    sum_weeks,
)

Floats = NDArray[Any]
Integers = NDArray[Any]

FAILED: Final = 0
UNFINISHED: Final = 1
CONVERGED: Final = 2

_MOST_STEPS: Final = 25
_TOLERANCE: Final = 1e-8
# A step this small changes nothing but rounding, whatever the rounded deviance says.
_NO_STEP: Final = 1e-13


@compiled
def fit_trend(
    work: Floats,
    times: Floats,
    run_lengths: Integers,
    run_groups: Integers,
    levels: Floats,
    weighing: Weighing,
) -> tuple[int, float, float]:
    """Fit levels and slope; return how it ended, the slope and its information.

    Leaves the means after and before the last step in work, and in levels the log means and the
    sums and centres of the last step. The information is the Schur complement: the variance of the
    slope is dispersion / information.
    """
    n_groups = levels.shape[1]
    slope, information = _start_trend(work, times, run_lengths, run_groups, levels)
    constant, slope_total, total = _sum_constants(work, times)
    ended = UNFINISHED
    span = times[times.size - 1] - times[0]
    longest = 0
    for run in range(run_lengths.size):
        longest = max(longest, run_lengths[run])
    step_slope = slope
    weight_sum = 0.0
    steps = 0
    while True:
        steps += 1
        if not (math.isfinite(slope) and information > 0.0):
            return FAILED, slope, information
        if weighing.is_even and is_moderate(times, levels, slope):
            second = sum_runs(
                work, times, run_lengths, run_groups, levels, weighing, slope, longest
            )
        else:
            second = sum_weeks(work, times, run_lengths, run_groups, levels, slope)
        next_sum = fitted = moved = greatest = 0.0
        for g in range(n_groups):
            next_sum += float(levels[NEXT_SUM, g])
            fitted += levels[TOTAL, g] * levels[LEVEL, g]
            moved += levels[TOTAL, g] * levels[STEP, g]
            at_centre = levels[STEP, g] + step_slope * levels[CENTRE, g]
            greatest = max(greatest, abs(at_centre))
        if not math.isfinite(next_sum):
            return FAILED, slope, information
        now = 2.0 * (constant - fitted - slope * slope_total + next_sum - total)
        # Term by term, which a difference of two large deviances would lose.
        change = 2.0 * (next_sum - weight_sum - moved - step_slope * slope_total)
        weight_sum = next_sum
        # The start is a perfect fit; only a perfect answer could end at the first step.
        if steps > 1 and (
            abs(change) < _TOLERANCE * (abs(now) + 0.1)
            or greatest + abs(step_slope) * span < _NO_STEP
        ):
            ended = CONVERGED
            break
        if steps == _MOST_STEPS:
            break
        step_slope, information = _take_step(levels, second, slope_total)
        slope += step_slope
    fill_means(work, times, run_lengths, run_groups, levels, slope, step_slope)
    return ended, slope, information


@compiled
def _start_trend(
    work: Floats,
    times: Floats,
    run_lengths: Integers,
    run_groups: Integers,
    levels: Floats,
) -> tuple[float, float]:
    """Take the first step, from the means y + 0.1; return the slope and its information."""
    n_groups = levels.shape[1]
    _sum_groups(work, times, run_lengths, run_groups, levels)
    second = cross = 0.0
    i = 0
    for run in range(run_groups.size):
        centre = levels[CENTRE, run_groups[run]]
        for _ in range(run_lengths[run]):
            away = times[i] - centre
            second += work[WEIGHT, i] * work[LAST_MEAN, i] * away * away
            cross += work[WEIGHT, i] * work[RESPONSE, i] * away
            i += 1
    slope = cross / second if second > 0.0 else 0.0
    for g in range(n_groups):
        levels[LEVEL, g] = levels[NEXT_FIRST, g] / levels[SUM, g] - slope * levels[CENTRE, g]
        levels[STEP, g] = levels[LEVEL, g]
    return slope, second


@compiled
def _sum_groups(
    work: Floats,
    times: Floats,
    run_lengths: Integers,
    run_groups: Integers,
    levels: Floats,
) -> None:
    """Put the start in place; leave sums, centres and totals by group, responses in NEXT_FIRST."""
    n_groups = levels.shape[1]
    for g in range(n_groups):
        levels[TOTAL, g] = levels[SUM, g] = levels[CENTRE, g] = levels[NEXT_FIRST, g] = 0.0
        levels[EXPOSURE, g] = 0.0
    i = 0
    for run in range(run_groups.size):
        total = exposure = sum_ = first = response = 0.0
        for _ in range(run_lengths[run]):
            weight = work[WEIGHT, i]
            count = work[COUNT, i]
            start = count + 0.1
            work[LAST_MEAN, i] = start
            total += weight * count
            exposure += weight * work[POPULATION, i]
            sum_ += weight * start
            first += weight * start * times[i]
            response += weight * work[RESPONSE, i]
            i += 1
        g = run_groups[run]
        levels[TOTAL, g] += total
        levels[EXPOSURE, g] += exposure
        levels[SUM, g] += sum_
        levels[CENTRE, g] += first
        levels[NEXT_FIRST, g] += response
    for g in range(n_groups):
        levels[CENTRE, g] /= levels[SUM, g]


@compiled
def _sum_constants(work: Floats, times: Floats) -> tuple[float, float, float]:
    """Return the weighted sums of SATURATED, count × time and count."""
    constant = slope_total = total = 0.0
    for i in range(times.size):
        weight = work[WEIGHT, i]
        counted = weight * work[COUNT, i]
        constant += weight * work[SATURATED, i]
        slope_total += counted * times[i]
        total += counted
    return constant, slope_total, total


@compiled
def _take_step(levels: Floats, second: float, slope_total: float) -> tuple[float, float]:
    """Move levels by one step of scoring; return the slope's step and its information."""
    n_groups = levels.shape[1]
    information = second
    score = slope_total
    for g in range(n_groups):
        sum_, first = levels[NEXT_SUM, g], levels[NEXT_FIRST, g]
        missing = levels[TOTAL, g] - sum_
        information -= first * first / sum_
        score -= levels[CENTRE, g] * levels[TOTAL, g] + first + first * missing / sum_
    step_slope = score / information if information > 0.0 else 0.0
    for g in range(n_groups):
        sum_, first = levels[NEXT_SUM, g], levels[NEXT_FIRST, g]
        at_centre = (levels[TOTAL, g] - sum_ - first * step_slope) / sum_
        levels[STEP, g] = at_centre - step_slope * levels[CENTRE, g]
        levels[LEVEL, g] += levels[STEP, g]
        levels[SUM, g] = sum_
        levels[CENTRE, g] += first / sum_
    return step_slope, information


@compiled
def fit_levels(
    work: Floats,
    times: Floats,
    run_lengths: Integers,
    run_groups: Integers,
    levels: Floats,
) -> int:
    """Fit levels without a slope; return how it ended.

    Leaves what fit_trend leaves. Every step is by group, since the mean of a group is one number
    times the population.
    """
    n_groups = levels.shape[1]
    _sum_groups(work, times, run_lengths, run_groups, levels)
    constant, _, total = _sum_constants(work, times)
    for g in range(n_groups):
        levels[LEVEL, g] = levels[STEP, g] = levels[NEXT_FIRST, g] / levels[SUM, g]
        levels[NEXT_FIRST, g] = 0.0
    ended = UNFINISHED
    weight_sum = 0.0
    steps = 0
    while True:
        steps += 1
        next_sum = fitted = moved = greatest = 0.0
        for g in range(n_groups):
            level = levels[LEVEL, g]
            levels[NEXT_SUM, g] = exp_or_infinity(level) * float(levels[EXPOSURE, g])
            next_sum += float(levels[NEXT_SUM, g])
            fitted += levels[TOTAL, g] * level
            moved += levels[TOTAL, g] * levels[STEP, g]
            greatest = max(greatest, abs(levels[STEP, g]))
        if not math.isfinite(next_sum):
            return FAILED
        now = 2.0 * (constant - fitted + next_sum - total)
        change = 2.0 * (next_sum - weight_sum - moved)
        weight_sum = next_sum
        if steps > 1 and (abs(change) < _TOLERANCE * (abs(now) + 0.1) or greatest < _NO_STEP):
            ended = CONVERGED
            break
        if steps == _MOST_STEPS:
            break
        for g in range(n_groups):
            levels[SUM, g] = levels[NEXT_SUM, g]
            levels[STEP, g] = (levels[TOTAL, g] - levels[SUM, g]) / levels[SUM, g]
            levels[LEVEL, g] += levels[STEP, g]
    _fill_level_means(work, run_lengths, run_groups, levels)
    return ended


@compiled
def _fill_level_means(
    work: Floats,
    run_lengths: Integers,
    run_groups: Integers,
    levels: Floats,
) -> None:
    """Put the means after and before the last step in place."""
    i = 0
    for run in range(run_groups.size):
        g = run_groups[run]
        relative = math.exp(levels[LEVEL, g])
        last = math.exp(levels[LEVEL, g] - levels[STEP, g])
        for _ in range(run_lengths[run]):
            work[MEAN, i] = relative * work[POPULATION, i]
            work[LAST_MEAN, i] = last * work[POPULATION, i]
            i += 1
