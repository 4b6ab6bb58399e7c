"""The CUSUM: small evidence for a higher rate, added up from week to week.

S(t) = max(0, S(t − 1) + ln of the likelihood ratio of the week), between a rate `rate_ratio` times
the expected one and the expected one, which comes from the series' own past behind a guard band.

Source: Page (1954), Biometrika 41, 100–115; Poisson counts: Lucas (1985), Technometrics 27,
129–144; negative binomial and rates that change with time: Rogerson and Yamada (2004), MMWR 53
(Suppl), 79–85, and Höhle and Paul (2008), Computational Statistics & Data Analysis 52, 4357–4368;
positives among samples: Reynolds and Stoumbos (1999), Journal of Quality Technology 31, 87–108,
with the odds ratio of Steiner, Cook, Farewell, Treasure (2000), Biostatistics 1, 441–452, eq. 2.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import check_counts, check_denominators
from tocsin.science.detection.judgements import Judgements
from tocsin.science.detection.run_lengths import derive_increment, derive_limit_table
from tocsin.science.detection.standardised import SMALLEST_P
from tocsin.science.detection.uncertain_rates import VAGUE_PRIOR, GammaPrior, derive_past
from tocsin.science.detection.windows import shift_weeks

METHOD: Final = "cusum"
VERSION: Final = "1"

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CusumSettings:
    """What rise is looked for, and how rarely it is to be seen where there is none.

    rate_ratio: how many times the expected rate to look for (with denominators the odds), 1.2 to
        20. Smaller rises are found later, greater ones a little later than by their own setting.
    in_control_weeks: weeks a series whose rate does not change runs on average until a false
        alarm, 10 to 20,000.
    minimum_count: so many cases at least must come together before a week can alarm.
    guard_weeks: weeks just before the judged one that are not its past, lest a rise hide itself.
    minimum_past_weeks: with fewer weeks before the guard band a week is not judged.
    maximum_past_weeks: no more than this before the guard band is past.
    size: of the negative binomial, whose variance is μ + μ²/size, 0.2 or more; None is Poisson,
        and with denominators binomial.
    prior: of the rate per week, or per sample examined; learn_prior finds it for a class of series.
    Raises DetectionInputError for a setting outside its range.
    """

    rate_ratio: float = 2.0
    in_control_weeks: float = 520.0
    minimum_count: int = 2
    guard_weeks: int = 26
    minimum_past_weeks: int = 26
    maximum_past_weeks: int = 364
    size: float | None = None
    prior: GammaPrior = VAGUE_PRIOR

    def __post_init__(self) -> None:
        _check("rate_ratio", self.rate_ratio, 1.2, 20)
        _check("in_control_weeks", self.in_control_weeks, 10, 20_000)
        _check("minimum_count", self.minimum_count, 1)
        _check("guard_weeks", self.guard_weeks, 0)
        _check("minimum_past_weeks", self.minimum_past_weeks, 1)
        _check("maximum_past_weeks", self.maximum_past_weeks, self.minimum_past_weeks)
        if self.size is not None:
            _check("size", self.size, 0.2)


def _check(name: str, value: float, low: float, high: float = float("inf")) -> None:
    if not (low <= value <= high and np.isfinite(value)):
        bounds = f"{low} or more" if np.isinf(high) else f"{low} to {high}"
        raise DetectionInputError(f"CUSUM: {name} is {value}; expected {bounds}")


def detect_cusum(
    counts: NDArray[Any],
    settings: CusumSettings | None = None,
    *,
    denominators: NDArray[Any] | None = None,
) -> Judgements:
    """Add up each week's evidence for a raised rate; the sum starts anew after an alarm.

    counts: shape (n_series, n_weeks), cases a week, consecutive weeks, oldest first; whole numbers
        from 0 to MAXIMUM_COUNT. Either length may be 0.
    denominators: samples examined, of the same shape; the counts are then positives among them, and
        a week in which nothing was examined changes nothing.
    statistics, scores: the sum in ln of the likelihood ratio, that of an alarm week before it
        starts anew. expected: cases in the week.
    thresholds: the limit of run_lengths for the mean expected, and never below what
        minimum_count − 1 cases can reach. With denominators it is that of Poisson counts in a week
        of average testing, right for rare positives; where a fifth of the samples is positive the
        run is about 0.6 of in_control_weeks (simulated).
    p_values: exp(−S). The likelihood ratio has mean 1 while nothing changes, whatever the rate and
        however it moves, so that P(S ≥ s) ≤ exp(−s) in any week (Ville's inequality, the weeks read
        backwards): a bound, exact but for the expected rate's being an estimate.
    Raises DetectionInputError naming the series and week of the first value that is no count, or
    below the count found.
    Source: see the module; the bound: Ville (1939), Étude critique de la notion de collectif.

    >>> judged = detect_cusum(np.array([[0, 0, 0, 1] * 30 + [0, 1, 1, 1, 0, 1, 1, 3]]))
    >>> judged.alarms[0].nonzero()[0].tolist()
    [127]
    """
    settings = settings or CusumSettings()
    checked = check_counts(counts)
    examined = check_denominators(denominators, checked)
    first = settings.guard_weeks + settings.minimum_past_weeks
    is_judged = np.zeros(checked.shape, dtype=np.bool_)
    is_judged[:, first:] = True
    rates, typical = _derive_rates(checked, examined, settings)
    expected = rates if examined is None else rates * examined
    weights, deductions = _derive_increments(rates, expected, examined, settings)
    limits = _derive_limits(typical, weights, settings)
    increments = np.where(is_judged, checked * weights - deductions, 0.0)
    sums = _accumulate(increments, limits)
    sums[~is_judged] = np.nan
    p_values = np.maximum(np.exp(-sums), SMALLEST_P)
    return Judgements(
        is_judged=is_judged,
        alarms=sums > limits,
        expected=np.where(is_judged, expected, np.nan),
        thresholds=np.where(is_judged, limits, np.nan),
        statistics=sums,
        scores=sums,
        p_values=p_values,
        method=METHOD,
        version=VERSION,
        settings=settings,
    )


def _derive_rates(
    counts: NDArray[np.int64], examined: NDArray[np.int64] | None, settings: CusumSettings
) -> tuple[_Floats, _Floats]:
    """Expected rate (0 where nothing was examined before) and cases expected in a typical week."""
    cases, exposures = derive_past(counts, examined, maximum_weeks=settings.maximum_past_weeks)
    cases = settings.prior.shape + shift_weeks(cases, settings.guard_weeks + 1)
    exposures = settings.prior.rate + shift_weeks(exposures, settings.guard_weeks + 1)
    is_known = exposures > 0
    rates = np.where(is_known, cases, 0.0) / np.where(is_known, exposures, 1.0)
    if examined is None:
        return rates, rates
    n_weeks = counts.shape[1]
    weeks = np.arange(n_weeks) - settings.guard_weeks
    return rates, cases / np.clip(weeks, 1, settings.maximum_past_weeks)


def _derive_increments(
    rates: _Floats,
    expected: _Floats,
    examined: NDArray[np.int64] | None,
    settings: CusumSettings,
) -> tuple[_Floats, _Floats]:
    """Weight of a case and deduction of each week; 0 where no rate is known."""
    if examined is None or settings.size is not None:
        weights, deductions = derive_increment(
            expected, rate_ratio=settings.rate_ratio, size=settings.size
        )
    else:
        # The odds ratio keeps the raised share below 1.
        weights = np.full(rates.shape, np.log(settings.rate_ratio))
        raised = np.log1p((settings.rate_ratio - 1) * np.minimum(rates, 1.0))
        deductions = np.multiply(examined, raised, dtype=np.float64)
    return np.where(rates > 0, weights, 0.0), deductions


def _derive_limits(typical: _Floats, weights: _Floats, settings: CusumSettings) -> _Floats:
    means, limits = derive_limit_table(
        rate_ratio=settings.rate_ratio,
        in_control_weeks=settings.in_control_weeks,
        size=settings.size,
    )
    # Limits change evenly with the logarithm of the mean; 0 has none, and is below the table.
    logarithms = np.log(np.maximum(typical, means[1]))
    found = np.interp(logarithms, np.log(means[1:]), limits[1:])
    least = (settings.minimum_count - 1) * weights
    return np.asarray(np.maximum(found, least), dtype=np.float64)


def _accumulate(increments: _Floats, limits: _Floats) -> _Floats:
    """The sum of each week, which starts anew after one above its limit."""
    sums = np.zeros_like(increments)
    current = np.zeros(increments.shape[0])
    for week in range(increments.shape[1]):
        current = np.maximum(0.0, current + increments[:, week])
        sums[:, week] = current
        current = np.where(current > limits[:, week], 0.0, current)
    return sums
