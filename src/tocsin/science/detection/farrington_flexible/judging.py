"""One week of one series judged, and the loop over many, in compiled code.

Source: Noufaily et al. 2013, Statistics in Medicine 32:1206, and Farrington et al. 1996, Journal of
the Royal Statistical Society A 159:547, with the details of R's farringtonFlexible: once past
outbreaks have been weighed down, the standard error and the test of the trend use the dispersion of
the *prior* weights (Σωr²/df), not the dispersion that enters the threshold (Σωµr²/df).
"""

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.science.detection.farrington_flexible import fitting, rows
from tocsin.science.detection.farrington_flexible.compiling import (
    compiled,
    compiled_and_kept,
    derive_fingerprint,
)
from tocsin.science.detection.farrington_flexible.forms import (
    EXPECTED,
    HAS_TREND,
    NOT_FITTED,
    SLOPE,
    STATE,
    UPPER,
    Pasts,
    Rules,
)
from tocsin.science.detection.farrington_flexible.negative_binomial import exp_or_infinity
from tocsin.science.detection.farrington_flexible.sums import LEAST_MEAN
from tocsin.science.detection.farrington_flexible.thresholds import judge_count

Floats = NDArray[Any]
Integers = NDArray[Any]

# As R: a leverage this near to 1 is 1.
_FULL_LEVERAGE: Final = 1.0 - 10.0 * 2.0**-52


class Fit(NamedTuple):
    """A fitted past; prior_dispersion is the one behind standard errors."""

    is_fitted: bool
    slope: float
    information: float
    dispersion: float
    prior_dispersion: float


@compiled
def _fit_once(
    work: Floats,
    times: Floats,
    run_lengths: Integers,
    run_groups: Integers,
    levels: Floats,
    with_trend: bool,
    reweight: bool,
    weighing: rows.Weighing,
) -> tuple[int, Fit]:
    n = times.size
    slope = 0.0
    information = math.inf
    degrees = n - levels.shape[1]
    if with_trend:
        ended, slope, information = fitting.fit_trend(
            work, times, run_lengths, run_groups, levels, weighing
        )
        degrees -= 1
    else:
        ended = fitting.fit_levels(work, times, run_lengths, run_groups, levels)
    if ended == fitting.FAILED or degrees < 1:
        return fitting.FAILED, Fit(False, 0.0, math.inf, 1.0, 1.0)
    dispersion = prior_dispersion = 0.0
    for i in range(n):
        weight = work[rows.WEIGHT, i]
        residual = work[rows.COUNT, i] / work[rows.MEAN, i] - 1.0
        prior = weight * residual * residual
        prior_dispersion += prior
        dispersion += prior * work[rows.LAST_MEAN, i]
    dispersion /= degrees
    # R puts prior weights in the place of the fit's only where it weighs past outbreaks down.
    prior_dispersion = prior_dispersion / degrees if reweight else dispersion
    return ended, Fit(True, slope, information, max(dispersion, 1.0), prior_dispersion)


@compiled
def _weigh_down(
    work: Floats,
    times: Floats,
    run_lengths: Integers,
    run_groups: Integers,
    levels: Floats,
    fit: Fit,
    threshold: float,
    is_even: bool,
) -> rows.Weighing:
    """Put smaller weights on weeks above what the fit expects; return how weeks then weigh.

    The weight is proportional to the Anscombe residual to the power -2 (Noufaily 2013).
    """
    n = times.size
    flagged = 0
    inverse_sum = 0.0
    i = 0
    for run in range(run_groups.size):
        g = run_groups[run]
        share = 1.0 / levels[rows.SUM, g]
        centre = levels[rows.CENTRE, g]
        for _ in range(run_lengths[run]):
            count, mean = work[rows.COUNT, i], work[rows.MEAN, i]
            excess = count - mean
            if excess > 0.0:
                away = times[i] - centre
                leverage = work[rows.LAST_MEAN, i] * (share + away * away / fit.information)
                scale = fit.dispersion * (1.0 - leverage)
                # Anscombe's residual is never above Pearson's, which costs no root.
                if (
                    leverage < _FULL_LEVERAGE
                    and excess * excess > threshold * threshold * scale * mean * 0.999999
                ):
                    residual = (
                        1.5
                        * (count ** (2.0 / 3.0) * mean ** (-1.0 / 6.0) - math.sqrt(mean))
                        / math.sqrt(scale)
                    )
                    if residual > threshold:
                        work[rows.FLAGGED, flagged] = i
                        work[rows.FLAGGED_GROUP, flagged] = g
                        flagged += 1
                        work[rows.WEIGHT, i] = 1.0 / (residual * residual)
                        inverse_sum += work[rows.WEIGHT, i]
            i += 1
    common = n / (n - flagged + inverse_sum)
    for i in range(n):
        work[rows.WEIGHT, i] *= common
    return rows.Weighing(is_even, flagged, common)


@compiled
def _fit_past(
    work: Floats,
    times: Floats,
    run_lengths: Integers,
    run_groups: Integers,
    levels: Floats,
    rules: Rules,
    is_even: bool,
    with_trend: bool,
) -> Fit:
    """Fit, weigh past outbreaks down, fit again.

    Levels that are still falling after the last step (long pasts without a case) are taken as they
    are; R gives no answer there.
    """
    for i in range(times.size):
        work[rows.WEIGHT, i] = 1.0
    weighing = rows.Weighing(is_even, 0, 1.0)
    ended, fit = _fit_once(
        work, times, run_lengths, run_groups, levels, with_trend, rules.reweight, weighing
    )
    if with_trend and ended != fitting.CONVERGED:
        return Fit(False, 0.0, math.inf, 1.0, 1.0)
    if fit.is_fitted and rules.reweight:
        weighing = _weigh_down(
            work,
            times,
            run_lengths,
            run_groups,
            levels,
            fit,
            rules.weights_threshold,
            is_even,
        )
        # Weights that are all 1 would give the same fit again.
        if weighing.n_flagged > 0:
            _, fit = _fit_once(
                work, times, run_lengths, run_groups, levels, with_trend, True, weighing
            )
    return fit


@compiled
def _keep_trend(fit: Fit, work: Floats, n: int, log_mean: float, t_critical: float) -> bool:
    """Return whether the trend is significant and stays within the greatest count of the past."""
    variance = fit.prior_dispersion / fit.information
    # Squares, so that a perfect fit (variance 0) divides nothing.
    if not fit.slope * fit.slope > t_critical * t_critical * variance:
        return False
    greatest = 0.0
    for i in range(n):
        greatest = max(greatest, work[rows.COUNT, i])
    return max(exp_or_infinity(log_mean), LEAST_MEAN) <= greatest


@compiled
def _judge_week(
    counts: Integers,
    population: Floats,
    week: int,
    positions: Integers,
    times: Floats,
    time_now: float,
    run_lengths: Integers,
    run_groups: Integers,
    t_critical: float,
    rules: Rules,
    logs: Floats,
    work: Floats,
    levels: Floats,
    result: Floats,
) -> None:
    n_groups = levels.shape[1]
    is_even = population.size == 0
    log_population = _read_past(counts, population, week, positions, logs, work)
    fit = Fit(False, 0.0, math.inf, 1.0, 1.0)
    log_mean = math.nan
    has_trend = False
    if rules.try_trend:
        fit = _fit_past(work, times, run_lengths, run_groups, levels, rules, is_even, True)
        if fit.is_fitted:
            log_mean = levels[rows.LEVEL, n_groups - 1] + fit.slope * time_now + log_population
            has_trend = _keep_trend(fit, work, times.size, log_mean, t_critical)
    if not has_trend:
        fit = _fit_past(work, times, run_lengths, run_groups, levels, rules, is_even, False)
        log_mean = levels[rows.LEVEL, n_groups - 1] + log_population
    if not fit.is_fitted:
        result[STATE] = NOT_FITTED
        return
    away = time_now - levels[rows.CENTRE, n_groups - 1]
    error = math.sqrt(
        fit.prior_dispersion
        * (1.0 / levels[rows.SUM, n_groups - 1] + away * away / fit.information)
    )
    judge_count(float(counts[week]), float(log_mean), error, fit.dispersion, rules, result)
    result[HAS_TREND] = 1.0 if has_trend else 0.0
    result[SLOPE] = fit.slope if has_trend else math.nan
    _apply_limit(counts, week, rules, result)


@compiled
def _apply_limit(counts: Integers, week: int, rules: Rules, result: Floats) -> None:
    """Take expected count and threshold away where there were too few cases of late."""
    recent = 0
    for i in range(max(week - rules.cases_weeks + 1, 0), week + 1):
        recent += int(counts[i])
    if recent < rules.cases:
        result[EXPECTED] = result[UPPER] = math.nan


@compiled
def _read_past(
    counts: Integers,
    population: Floats,
    week: int,
    positions: Integers,
    logs: Floats,
    work: Floats,
) -> float:
    """Put counts and what follows from them in work; return the week's log population, or 0.

    population: per week, empty where it is no offset. logs: log(y + 0.1) and log(y) for small y.
    """
    has_population = population.size > 0
    for i in range(positions.size):
        position = positions[i]
        count = float(counts[position])
        if count < logs.shape[1]:
            log_start, log_count = logs[0, int(count)], logs[1, int(count)]
        else:
            log_start, log_count = math.log(count + 0.1), math.log(count)
        people = population[position] if has_population else 1.0
        offset = math.log(people) if has_population else 0.0
        work[rows.COUNT, i] = count
        work[rows.POPULATION, i] = people
        work[rows.RESPONSE, i] = (count + 0.1) * (log_start - offset) - 0.1
        work[rows.SATURATED, i] = count * (log_count - offset)
    return math.log(population[week]) if has_population else 0.0


def _make_judge_series(fingerprint: str) -> Callable[..., None]:
    @compiled_and_kept
    def judge_series(
        counts: Integers,
        population: Floats,
        pasts: Pasts,
        rules: Rules,
        logs: Floats,
        results: Floats,
    ) -> None:
        """Judge every series in every week that has a past.

        counts: shape (n_series, n_weeks), int64. population: the same shape, or (1, n_weeks) for
        all, or without columns where it is no offset. results: shape (n_series, n_judged, N_RESULTS).
        """
        # Named here to be part of what the kept machine code is looked up by.
        _ = fingerprint
        most = most_groups = 0
        for judged in range(pasts.weeks.size):
            most = max(most, pasts.starts[judged + 1] - pasts.starts[judged])
            most_groups = max(most_groups, pasts.n_groups[judged])
        work = np.empty((rows.N_ROWS, most))
        all_levels = np.empty((rows.N_LEVEL_ROWS, most_groups))
        for series in range(counts.shape[0]):
            people = population[series if population.shape[0] > 1 else 0]
            for judged in range(pasts.weeks.size):
                start, end = pasts.starts[judged], pasts.starts[judged + 1]
                first_run, last_run = pasts.run_starts[judged], pasts.run_starts[judged + 1]
                _judge_week(
                    counts[series],
                    people,
                    pasts.weeks[judged],
                    pasts.positions[start:end],
                    pasts.times[start:end],
                    pasts.times_now[judged],
                    pasts.run_lengths[first_run:last_run],
                    pasts.run_groups[first_run:last_run],
                    pasts.t_critical[judged],
                    rules,
                    logs,
                    work,
                    all_levels[:, : pasts.n_groups[judged]],
                    results[series, judged],
                )

    return judge_series


judge_series: Final = _make_judge_series(derive_fingerprint())
