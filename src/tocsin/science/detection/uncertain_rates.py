"""Counts at a rate that is itself uncertain: gamma prior, negative binomial prediction.

A rate λ (cases a unit of exposure: a week, or a sample examined) has the prior Gamma(a, b). After
x cases in exposure T it is Gamma(a + x, b + T), and the cases in a further exposure e are negative
binomial with shape a + x and probability (b + T) / (b + T + e).

Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd edition, section 2.6; tail as an
incomplete beta function: Johnson, Kemp, Kotz (2005), Univariate Discrete Distributions, section 5.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaln

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import check_counts, check_denominators
from tocsin.science.detection.windows import sum_past

_Floats = NDArray[np.float64]

# Beyond the greatest sum of counts in a year; a limit above it is none.
_GREATEST_LIMIT: Final = 2.0**53

# A learned prior never weighs as much as more than 50 cases of a series' own past.
_SHAPES: Final = (0.05, 50.0)
_MINIMUM_SERIES: Final = 5
_MINIMUM_SERIES_WITH_CASES: Final = 3


@dataclass(frozen=True, slots=True)
class GammaPrior:
    """What is held of a rate before a series' own past: as if `shape` cases in `rate` exposure.

    shape: above 0. rate: 0 or more, in the units of exposure, weeks or samples examined; 0 is no
        distribution of its own and becomes one with the first exposure.
    Raises DetectionInputError when one is not finite or outside its range.
    """

    shape: float
    rate: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.shape) and self.shape > 0):
            raise DetectionInputError(
                f"gamma prior: shape is {self.shape}; expected a finite number above 0"
            )
        if not (np.isfinite(self.rate) and self.rate >= 0):
            raise DetectionInputError(
                f"gamma prior: rate is {self.rate}; expected a finite number, 0 or more"
            )


VAGUE_PRIOR: Final = GammaPrior(0.5, 0.0)
"""Jeffreys' prior of a Poisson rate: half a case in no time, so that no series is held down."""


def learn_prior(
    counts: NDArray[Any],
    denominators: NDArray[Any] | None = None,
    *,
    vague: GammaPrior = VAGUE_PRIOR,
) -> GammaPrior:
    """Find the gamma distribution of rates under which the series' totals are the most probable.

    counts: shape (n_series, n_weeks), the past of series of the same class. Give it no week that
        the prior is then to judge.
    denominators: samples examined; the rate is then per sample, else per week.
    vague: the answer while fewer than 5 series were looked at or fewer than 3 have a case.
    The shape is kept between 0.05 and 50: series that all have the same rate would make it
    infinite, and a later change of one of them invisible.
    Raises DetectionInputError for what are no counts or denominators.
    Source: empirical Bayes of Robbins (1956), by maximum marginal likelihood; the negative
    binomial of Greenwood and Yule (1920), Journal of the Royal Statistical Society 83, 255–279.

    >>> rare, common = [0] * 51 + [1], [1] * 26 + [0] * 26
    >>> prior = learn_prior(np.array([rare] * 6 + [common] * 6))
    >>> round(prior.shape / prior.rate, 4) == round((6 * 1 + 6 * 26) / (12 * 52), 4)
    True
    """
    checked = check_counts(counts)
    examined = check_denominators(denominators, checked)
    if examined is None:
        examined = np.ones_like(checked)
    cases, exposures = checked.sum(axis=1), examined.sum(axis=1)
    seen = exposures > 0
    if seen.sum() < _MINIMUM_SERIES or (cases > 0).sum() < _MINIMUM_SERIES_WITH_CASES:
        return vague
    pairs, repeats = np.unique(np.stack([cases[seen], exposures[seen]]), axis=1, return_counts=True)
    return _maximise(pairs[0].astype(np.float64), pairs[1].astype(np.float64), repeats)


def _maximise(cases: _Floats, exposures: _Floats, repeats: NDArray[np.intp]) -> GammaPrior:
    """Narrow the logarithm of the shape around the best of 21, ten times finer at each step."""
    low, high = np.log(_SHAPES)
    for _step in range(8):
        shapes = np.exp(np.linspace(low, high, 21))
        rates = _solve_rates(shapes, cases, exposures, repeats)
        column, rate = shapes[:, None], rates[:, None]
        likelihoods = (
            gammaln(column + cases)
            - gammaln(column)
            + column * np.log(rate / (rate + exposures))
            - cases * np.log(rate + exposures)
        ) @ repeats
        best = int(np.argmax(likelihoods))
        width = (high - low) / 20
        middle = np.log(shapes[best])
        low, high = max(low, middle - width), min(high, middle + width)
    return GammaPrior(float(shapes[best]), float(rates[best]))


def _solve_rates(
    shapes: _Floats, cases: _Floats, exposures: _Floats, repeats: NDArray[np.intp]
) -> _Floats:
    """The most probable rate for each shape: the only root of n a = Σ (a + x) b / (b + T)."""
    low, high = np.full(shapes.size, -100.0), np.full(shapes.size, 100.0)
    n_series = repeats.sum()
    for _step in range(64):
        middle = (low + high) / 2
        rates = np.exp(middle)[:, None]
        slopes = n_series * shapes - ((shapes[:, None] + cases) / (1 + exposures / rates)) @ repeats
        low, high = np.where(slopes > 0, middle, low), np.where(slopes > 0, high, middle)
    solved: _Floats = np.exp((low + high) / 2)
    return solved


def check_past_settings(method: str, alpha: float, minimum: int, maximum: int) -> None:
    """Refuse an alpha outside (0, 1), no past at all, or a past shorter than its own minimum."""
    if not 0 < alpha < 1:
        raise DetectionInputError(f"{method}: alpha is {alpha}; expected a number between 0 and 1")
    if minimum < 1:
        raise DetectionInputError(f"{method}: minimum_past_weeks is {minimum}; expected 1 or more")
    if maximum < minimum:
        raise DetectionInputError(
            f"{method}: maximum_past_weeks is {maximum}; expected "
            f"minimum_past_weeks ({minimum}) or more"
        )


def derive_past(
    counts: NDArray[np.int64],
    examined: NDArray[np.int64] | None,
    *,
    maximum_weeks: int,
    half_life_weeks: float | None = None,
) -> tuple[_Floats, _Floats]:
    """Cases and exposure of the past that ends with each week, both of the counts' shape.

    examined: samples; None makes each week an exposure of 1.
    maximum_weeks: no more than this is past. half_life_weeks: see windows.sum_past.
    """
    exposures = np.ones_like(counts) if examined is None else examined
    return (
        sum_past(counts, maximum_weeks, half_life_weeks=half_life_weeks),
        sum_past(exposures, maximum_weeks, half_life_weeks=half_life_weeks),
    )


def derive_tail(
    counts: NDArray[Any], shapes: _Floats, rates: _Floats, exposures: _Floats, *, mid_p: bool
) -> _Floats:
    """Return P(Y ≥ y) of the negative binomial prediction; with mid_p P(Y > y) + P(Y = y) / 2.

    counts: y. shapes, rates: a + x and b + T. exposures: e. All of one shape, e and rates 0 or
        more. Nothing examined now (e is 0) leaves only y = 0 possible, with probability 1.

    >>> one = np.array([1.0])
    >>> derive_tail(one, one, np.array([3.0]), one, mid_p=False).tolist()
    [0.25]
    """
    totals = rates + exposures
    share = exposures / np.where(totals > 0, totals, 1.0)
    y = np.asarray(counts, dtype=np.float64)
    at_least = np.asarray(betainc(np.maximum(y, 1.0), shapes, share), dtype=np.float64)
    tail = np.where(y > 0, at_least, 1.0)
    if not mid_p:
        return tail
    above = np.asarray(betainc(y + 1.0, shapes, share), dtype=np.float64)
    return (tail + above) / 2


def derive_limit(
    levels: _Floats, shapes: _Floats, rates: _Floats, exposures: _Floats, *, mid_p: bool
) -> _Floats:
    """Return the greatest count whose tail is above the level; infinite where every count's is.

    levels: between 0 and 1. All arrays of one dimension and length.

    >>> one = np.array([1.0])
    >>> derive_limit(np.array([0.05]), one, np.array([3.0]), one, mid_p=False).tolist()
    [2.0]
    """

    def is_common(counts: _Floats, where: NDArray[np.intp]) -> NDArray[np.bool_]:
        tail = derive_tail(counts, shapes[where], rates[where], exposures[where], mid_p=mid_p)
        return tail > levels[where]

    # The limit lies in [low, high).
    low, high = np.zeros(levels.shape), np.ones(levels.shape)
    where = np.arange(levels.size)
    while where.size:
        where = where[is_common(high[where], where) & (high[where] < _GREATEST_LIMIT)]
        low[where] = high[where]
        high[where] *= 2
    is_unlimited = high >= _GREATEST_LIMIT
    where = np.flatnonzero(high - low > 1)
    while where.size:
        middle = np.floor((low[where] + high[where]) / 2)
        common = is_common(middle, where)
        low[where[common]] = middle[common]
        high[where[~common]] = middle[~common]
        where = where[high[where] - low[where] > 1]
    return np.where(is_unlimited, np.inf, low)
