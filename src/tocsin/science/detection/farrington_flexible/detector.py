"""Farrington Flexible over many series at once: what goes into the compiled loop, and out of it."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import MAXIMUM_COUNT, check_counts
from tocsin.science.detection.farrington_flexible.baselines import (
    FREQUENCIES,
    Baselines,
    check_dates,
    derive_baselines,
)
from tocsin.science.detection.farrington_flexible.forms import (
    BASELINE_MEAN,
    DELTA,
    DISPERSION,
    EXPECTED,
    FITTED,
    HAS_TREND,
    LOG_MEAN,
    MUAN,
    N_RESULTS,
    NB_PLUGIN,
    P_VALUE,
    SCORE,
    SLOPE,
    STATE,
    TOO_DISPERSED,
    UPPER,
    Pasts,
    Rules,
)
from tocsin.science.detection.farrington_flexible.large_counts import (
    derive_quantiles,
    derive_upper_tails,
)
from tocsin.science.detection.farrington_flexible.settings import (
    METHOD,
    VERSION,
    FarringtonSettings,
)
from tocsin.science.detection.judgements import Judgements

_EXPONENTS: Final = {"2/3": 2.0 / 3.0, "1/2": 0.5, "none": 1.0}
# Logarithms of counts below this come from a table.
_TABLE_SIZE: Final = 512
# Series a thread takes at once: enough that handing over costs nothing.
_SERIES_WEEKS_PER_CHUNK: Final = 512


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FarringtonJudgements(Judgements):
    """Judgements with what R's farringtonFlexible tells of each fit; same shape.

    ``expected`` and ``thresholds`` (R's upperbound) are NaN, and there is no alarm, in judged weeks
    where has_enough_cases is False. With the method "muan" they, scores and p_values are also NaN
    where the upper confidence limit of the mean is beyond all numbers. Elsewhere in judged weeks
    every number is finite, but for baseline_means, which may be infinite, and trends. A week whose
    past can not be fitted is not judged.

    scores: R's: (count - expected) / (threshold - expected) with "delta"; with the others the
        logarithm of expected stands in place of it, as in R, so that a score above 1 and an alarm
        need not agree where the threshold is 0.
    weeks: shape (n judged columns,): the position of each column among the weeks of the counts.
    has_enough_cases: whether limit54 is met.
    dispersions: phi, 1 or more. baseline_means: R's mu0Vector: the mean, with "muan" its upper
        confidence limit; with "delta" e to the upper limit of the mean itself, as R has it.
    has_trends, trends: whether the trend was kept, and its slope on the log scale per week (by
        date: per first step of the series); NaN where it was not.
    """

    weeks: NDArray[np.int64]
    has_enough_cases: NDArray[np.bool_]
    dispersions: NDArray[np.float64]
    baseline_means: NDArray[np.float64]
    has_trends: NDArray[np.bool_]
    trends: NDArray[np.float64]


def detect_farrington(
    counts: NDArray[Any],
    settings: FarringtonSettings | None = None,
    *,
    frequency: int = 52,
    dates: NDArray[Any] | None = None,
    by_date: bool = False,
    population: NDArray[Any] | None = None,
    weeks: range | slice | None = None,
) -> FarringtonJudgements:
    """Judge each week's count against a regression on the same season of b years before.

    counts: shape (n_series, n_weeks), cases a week (a month with frequency 12), consecutive weeks,
        oldest first; whole numbers from 0 to MAXIMUM_COUNT. Integers of any size are read in
        place, so that the smallest that hold the counts need the least memory.
    settings: R's defaults when left out.
    frequency: weeks in a year: 52, or 12 for months.
    dates: shape (n_weeks,), datetime64: the first day of each week. Needed with by_date, else only
        checked to be consecutive.
    by_date: whether the same week of an earlier year is the nearest same weekday to the calendar
        day (R's epochAsDate, right for years of 53 weeks), or ``frequency`` weeks earlier.
    population: shape (n_weeks,) or that of the counts, above 0; read with population_offset only.
    weeks: which weeks to judge, all when left out; the arrays of the result have these columns.
    A week is judged if b reference weeks and the first one's window are held, as R demands; the
    judgement of a week reads nothing later. An alarm is a count above the threshold.
    Where a long past without any case has not settled within R's 25 steps, R gives no answer;
    this takes the last step, so that a first case stays an alarm.
    Raises DetectionInputError naming series, week and setting.
    Source: Noufaily et al. 2013, Statistics in Medicine 32:1206; Farrington et al. 1996, Journal of
    the Royal Statistical Society A 159:547; Salmon et al. 2016, Journal of Statistical Software
    70(10), for the reference program.

    >>> from tocsin.science.detection.farrington_flexible import IMPROVED
    >>> from dataclasses import replace
    >>> first_cases = np.zeros((1, 300), dtype=np.int32)
    >>> first_cases[0, 299] = 1
    >>> judged = detect_farrington(first_cases, replace(IMPROVED, limit54=(0, 4)))
    >>> judged.thresholds[0, -1].item(), judged.alarms[0].nonzero()[0].tolist()
    (0.0, [299])
    """
    settings = settings or FarringtonSettings()
    values = _check_counts(counts)
    n_weeks = values.shape[1]
    if frequency not in FREQUENCIES:
        raise DetectionInputError(f"frequency: found {frequency}; expected 52 or 12")
    if by_date and dates is None:
        raise DetectionInputError("dates: none given; expected them, to find a past by date")
    days = None if dates is None else check_dates(np.asarray(dates), n_weeks, frequency)
    people = _check_population(population, values.shape, is_read=settings.population_offset)
    wanted = _choose_weeks(weeks, n_weeks)
    baselines = derive_baselines(
        wanted, settings, frequency=frequency, days=days if by_date else None
    )
    results = _run(values, people, baselines, settings)
    _judge_large(results, values[:, baselines.weeks], settings)
    return _collect(results, values, wanted, baselines, settings)


def _check_counts(counts: NDArray[Any]) -> NDArray[Any]:
    values = np.asarray(counts)
    if values.dtype.kind not in "iu" or values.ndim != 2:
        return check_counts(values)
    if values.size and (values.min() < 0 or values.max() > MAXIMUM_COUNT):
        return check_counts(values)
    return values


def _check_population(
    population: NDArray[Any] | None, shape: tuple[int, ...], *, is_read: bool
) -> NDArray[np.float64]:
    """Return shape (n_series or 1, n_weeks), or no columns where it is not read."""
    if not is_read:
        return np.empty((1, 0))
    if population is None:
        raise DetectionInputError(
            "population: none given; expected it, since population_offset is set"
        )
    people = np.ascontiguousarray(population, dtype=np.float64)
    if people.shape not in (shape, shape[1:]):
        raise DetectionInputError(
            f"population: found shape {people.shape}; expected {shape} or {shape[1:]}"
        )
    is_right = np.isfinite(people) & (people > 0)
    if not is_right.all():
        place = np.argwhere(~is_right)[0].tolist()
        where = f"week {place[-1]}" if people.ndim == 1 else f"series {place[0]}, week {place[1]}"
        raise DetectionInputError(
            f"{where}: found population {people[tuple(place)]}; expected a number above 0"
        )
    return people.reshape(-1, shape[1])


def _choose_weeks(weeks: range | slice | None, n_weeks: int) -> NDArray[np.int64]:
    if weeks is None or isinstance(weeks, slice):
        chosen = np.arange(n_weeks)[weeks or slice(None)]
    else:
        chosen = np.array(weeks, dtype=np.int64)
    if chosen.size and (chosen.min() < 0 or chosen.max() >= n_weeks):
        raise DetectionInputError(f"weeks: found {weeks}; expected positions below {n_weeks}")
    return np.sort(chosen).astype(np.int64)


def _run(
    counts: NDArray[Any],
    population: NDArray[np.float64],
    baselines: Baselines,
    settings: FarringtonSettings,
) -> NDArray[np.float64]:
    """Return shape (n_series, n_judged, N_RESULTS), computed in as many threads as processors."""
    # Importing numba takes a second, which `import tocsin…` and the command line need not wait for.
    from tocsin.science.detection.farrington_flexible.judging import judge_series  # noqa: PLC0415

    methods = {"delta": DELTA, "nb_plugin": NB_PLUGIN, "muan": MUAN}
    degrees = np.diff(baselines.starts) - baselines.n_groups - 1
    rules = Rules(
        try_trend=settings.trend and settings.b >= 3 and settings.p_threshold_trend > 0,
        reweight=settings.reweight,
        weights_threshold=float(settings.weights_threshold),
        method=methods[settings.threshold_method],
        exponent=_EXPONENTS[settings.power_trans],
        level=1.0 - settings.alpha,
        normal_quantile=float(ndtri(1.0 - settings.alpha)),
        cases=settings.limit54[0],
        cases_weeks=settings.limit54[1],
    )
    pasts = Pasts(
        weeks=baselines.weeks,
        starts=baselines.starts,
        positions=baselines.positions,
        times=baselines.times,
        times_now=baselines.times_now,
        run_starts=baselines.run_starts,
        run_lengths=baselines.run_lengths,
        run_groups=baselines.run_groups,
        n_groups=baselines.n_groups,
        t_critical=stdtrit(np.maximum(degrees, 1), 1.0 - settings.p_threshold_trend / 2.0),
    )
    small = np.arange(_TABLE_SIZE, dtype=np.float64)
    logs = np.array([np.log(small + 0.1), np.log(np.maximum(small, 1.0))])
    n_series, n_judged = counts.shape[0], baselines.weeks.size
    results = np.full((n_series, n_judged, N_RESULTS), np.nan)
    n_threads = os.cpu_count() or 1
    step = max(1, min(_SERIES_WEEKS_PER_CHUNK // max(n_judged, 1), -(-n_series // n_threads)))

    def judge_chunk(start: int) -> None:
        chunk = slice(start, start + step)
        people = population[chunk] if population.shape[0] > 1 else population
        # One type for the compiled loop, a chunk at a time, so that memory stays small.
        whole = np.ascontiguousarray(counts[chunk], dtype=np.int64)
        judge_series(whole, people, pasts, rules, logs, results[chunk])

    # Threads of Python, not of the compiler: those end the process when two callers meet.
    with ThreadPoolExecutor(max_workers=n_threads) as threads:
        list(threads.map(judge_chunk, range(0, n_series, step)))
    return results


def _judge_large(
    results: NDArray[np.float64], counts: NDArray[Any], settings: FarringtonSettings
) -> None:
    """Fill in the few weeks the compiled loop left open."""
    is_open = results[..., STATE] == TOO_DISPERSED
    if not is_open.any():
        return
    rows = results[is_open]
    observed = counts[is_open].astype(np.float64)
    means, dispersions = rows[:, BASELINE_MEAN], rows[:, DISPERSION]
    level = 1.0 - settings.alpha
    upper = derive_quantiles(level, float(ndtri(level)), means, dispersions)
    log_mean = rows[:, LOG_MEAN]
    rows[:, SCORE] = (observed - log_mean) / (upper - log_mean)
    rows[:, P_VALUE] = derive_upper_tails(observed, means, dispersions)
    # Few cases of late have already taken the expected count away, and take this too.
    rows[:, UPPER] = np.where(np.isnan(rows[:, EXPECTED]), np.nan, upper)
    results[is_open] = rows


def _collect(
    results: NDArray[np.float64],
    counts: NDArray[Any],
    wanted: NDArray[np.int64],
    baselines: Baselines,
    settings: FarringtonSettings,
) -> FarringtonJudgements:
    columns = np.searchsorted(wanted, baselines.weeks)
    shape = (counts.shape[0], wanted.size)

    def spread(result: int) -> NDArray[np.float64]:
        values = np.full(shape, np.nan)
        values[:, columns] = results[..., result]
        return values

    is_judged = spread(STATE) >= FITTED
    observed = counts[:, wanted].astype(np.float64)
    thresholds = spread(UPPER)
    has_enough_cases = _sum_recent(counts, wanted, settings) >= settings.limit54[0]
    return FarringtonJudgements(
        is_judged=is_judged,
        # A comparison with NaN is False: no threshold, no alarm.
        alarms=observed > thresholds,
        expected=spread(EXPECTED),
        thresholds=thresholds,
        statistics=np.where(is_judged, observed, np.nan),
        scores=spread(SCORE),
        p_values=spread(P_VALUE),
        method=METHOD,
        version=VERSION,
        settings=settings,
        weeks=wanted,
        has_enough_cases=has_enough_cases,
        dispersions=spread(DISPERSION),
        baseline_means=spread(BASELINE_MEAN),
        has_trends=spread(HAS_TREND) == 1.0,
        trends=spread(SLOPE),
    )


def _sum_recent(
    counts: NDArray[Any], wanted: NDArray[np.int64], settings: FarringtonSettings
) -> NDArray[np.int64]:
    recent = np.zeros((counts.shape[0], wanted.size), dtype=np.int64)
    for back in range(min(settings.limit54[1], counts.shape[1])):
        is_held = wanted >= back
        recent[:, is_held] += counts[:, wanted[is_held] - back]
    return recent
