"""The exact test for rare events: a few cases in weeks, against years with hardly any.

For each of several windows the cases in it are compared with what the weeks before it predict, the
uncertainty of so little past included (see uncertain_rates); the most surprising window counts.

Source: the conditional (predictive) test of two Poisson counts, Przyborowski and Wilenski (1940),
Biometrika 31, 313–323, with a gamma prior on the rate: Johnson, Kemp, Kotz (2005), Univariate
Discrete Distributions, section 5; several windows: Šidák (1967), Journal of the American
Statistical Association 62, 626–633; mid-p: Lancaster (1961), ibid. 56, 223–234; forgetting: West
and Harrison (1997), Bayesian Forecasting and Dynamic Models, section 10.8.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import check_counts, check_denominators
from tocsin.science.detection.judgements import Judgements
from tocsin.science.detection.standardised import SMALLEST_P
from tocsin.science.detection.uncertain_rates import (
    VAGUE_PRIOR,
    GammaPrior,
    check_past_settings,
    derive_limit,
    derive_past,
    derive_tail,
)
from tocsin.science.detection.windows import shift_weeks, sum_windows

METHOD: Final = "sparse"
VERSION: Final = "1"


@dataclass(frozen=True, slots=True)
class SparseSettings:
    """Which windows are looked at, and what they are compared with.

    windows_weeks: lengths of the windows, all ending with the judged week, ascending.
    alpha: a week alarms when its p-value, corrected for the windows, is at most this.
    minimum_count: a window holding fewer cases says nothing. Two by default: what a single case
        says is the first detection's to tell.
    minimum_past_weeks: a window with fewer weeks before it is not looked at.
    maximum_past_weeks: no more than this before the window is its past.
    half_life_weeks: a past week so much older counts half (cases and exposure), for levels that
        move slowly; None counts all alike.
    mid_p: half of the probability of the very count found is left out: p-values that are right on
        average instead of never too small.
    prior: of the rate per week, or per sample examined; learn_prior finds it for a class of series.
    Raises DetectionInputError for a setting outside its range.
    """

    windows_weeks: tuple[int, ...] = (1, 2, 4, 8, 13, 26)
    alpha: float = 0.001
    minimum_count: int = 2
    minimum_past_weeks: int = 13
    maximum_past_weeks: int = 364
    half_life_weeks: float | None = None
    mid_p: bool = False
    prior: GammaPrior = VAGUE_PRIOR

    def __post_init__(self) -> None:
        windows = self.windows_weeks
        if not windows or windows[0] < 1 or list(windows) != sorted(set(windows)):
            raise DetectionInputError(
                f"sparse: windows_weeks is {windows}; expected whole numbers from 1, ascending"
            )
        check_past_settings(METHOD, self.alpha, self.minimum_past_weeks, self.maximum_past_weeks)
        if self.minimum_count < 1:
            raise DetectionInputError(
                f"sparse: minimum_count is {self.minimum_count}; expected 1 or more"
            )
        half_life = self.half_life_weeks
        if half_life is not None and not (np.isfinite(half_life) and half_life > 0):
            raise DetectionInputError(
                f"sparse: half_life_weeks is {half_life}; expected a finite number above 0 or none"
            )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SparseJudgements(Judgements):
    """Judgements of the most surprising window of each week.

    windows_weeks: its length; statistics, expected and thresholds are cases in it. Where several
        are alike the shortest; 0 where the week was not judged.
    """

    windows_weeks: NDArray[np.int64]


def detect_sparse(
    counts: NDArray[Any],
    settings: SparseSettings | None = None,
    *,
    denominators: NDArray[Any] | None = None,
) -> SparseJudgements:
    """Test each week's windows against the prediction from the weeks before each of them.

    counts: shape (n_series, n_weeks), cases a week, consecutive weeks, oldest first; whole numbers
        from 0 to MAXIMUM_COUNT. Either length may be 0.
    denominators: samples examined, of the same shape; the rate is then per sample, so that more
        testing alone is no rise. For rare findings; where most samples are positive the test is
        cautious, as the Poisson distribution spreads wider than the binomial.
    p_values: P(Y ≥ y) of the most surprising window, corrected for the m windows that were looked
        at by Šidák's 1 − (1 − p)^m. That is exact for independent windows; these overlap, so that
        it is cautious. 1 where no window holds minimum_count cases.
    scores: −log10 of the p-value.
    Raises DetectionInputError naming the series and week of the first value that is no count, or
    below the count found.
    Source: see the module.

    >>> judged = detect_sparse(np.array([[0] * 60 + [1, 0, 2]]))
    >>> judged.alarms[0].nonzero()[0].tolist(), judged.windows_weeks[0, 62].item()
    ([62], 4)
    """
    settings = settings or SparseSettings()
    checked = check_counts(counts)
    examined = check_denominators(denominators, checked)
    best = _Best(checked.shape)
    past = derive_past(
        checked,
        examined,
        maximum_weeks=settings.maximum_past_weeks,
        half_life_weeks=settings.half_life_weeks,
    )
    for window in settings.windows_weeks:
        cases, exposures = (shift_weeks(values, window) for values in past)
        best.offer(
            window,
            first=window + settings.minimum_past_weeks - 1,
            counts=sum_windows(checked, window),
            parameters=(
                settings.prior.shape + cases,
                settings.prior.rate + exposures,
                _sum_exposures(checked, examined, window),
            ),
            settings=settings,
        )
    return best.judge(settings)


def correct_for_tests(p_values: NDArray[np.float64], n_tests: NDArray[Any]) -> NDArray[np.float64]:
    """Šidák's 1 − (1 − p)^m for the smallest p of m tests.

    >>> correct_for_tests(np.array([0.1, 1.0]), np.array([2, 3])).round(12).tolist()
    [0.19, 1.0]
    """
    below_one = np.minimum(p_values, np.nextafter(1.0, 0.0))
    return np.where(p_values < 1, -np.expm1(n_tests * np.log1p(-below_one)), 1.0)


def _sum_exposures(
    counts: NDArray[np.int64], examined: NDArray[np.int64] | None, window: int
) -> NDArray[np.float64]:
    if examined is None:
        return np.full(counts.shape, float(window))
    return sum_windows(examined, window).astype(np.float64)


class _Best:
    """The most surprising window of each week so far."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.p_values = np.full(shape, np.inf)
        self.counts = np.full(shape, np.nan)
        self.parameters = [np.full(shape, np.nan) for _parameter in range(3)]
        self.windows = np.zeros(shape, dtype=np.int64)
        self.n_tests = np.zeros(shape[1], dtype=np.int64)

    def offer(
        self,
        window: int,
        *,
        first: int,
        counts: NDArray[np.int64],
        parameters: tuple[NDArray[np.float64], ...],
        settings: SparseSettings,
    ) -> None:
        """Take over the weeks, from `first` on, in which this window is the more surprising."""
        p_values = np.where(
            counts >= settings.minimum_count,
            derive_tail(counts, *parameters, mid_p=settings.mid_p),
            1.0,
        )
        is_better = p_values < self.p_values
        is_better[:, :first] = False
        self.n_tests[first:] += 1
        self.p_values[is_better] = p_values[is_better]
        self.counts[is_better] = counts[is_better]
        self.windows[is_better] = window
        for held, offered in zip(self.parameters, parameters, strict=True):
            held[is_better] = offered[is_better]

    def judge(self, settings: SparseSettings) -> SparseJudgements:
        """The judgements of the windows that remained."""
        is_judged = self.windows > 0
        n_tests = np.broadcast_to(self.n_tests, is_judged.shape)[is_judged]
        shapes, rates, exposures = (values[is_judged] for values in self.parameters)
        levels = -np.expm1(np.log1p(-settings.alpha) / n_tests)
        limits = derive_limit(levels, shapes, rates, exposures, mid_p=settings.mid_p)
        expected, thresholds = np.full_like(self.counts, np.nan), np.full_like(self.counts, np.nan)
        p_values = np.full_like(self.counts, np.nan)
        # Nothing examined before: no rate is known, nothing is expected and nothing strange.
        known = np.where(rates > 0, shapes, 0.0) / np.where(rates > 0, rates, 1.0)
        expected[is_judged] = known * exposures
        thresholds[is_judged] = np.maximum(limits, settings.minimum_count - 1)
        corrected = correct_for_tests(self.p_values[is_judged], n_tests)
        p_values[is_judged] = np.maximum(corrected, SMALLEST_P)
        return SparseJudgements(
            is_judged=is_judged,
            alarms=self.counts > thresholds,
            expected=expected,
            thresholds=thresholds,
            statistics=self.counts,
            scores=-np.log10(p_values),
            p_values=p_values,
            method=METHOD,
            version=VERSION,
            settings=settings,
            windows_weeks=self.windows,
        )
