"""EARS C1, C2 and C3: a week against the mean and spread of the few weeks before it.

Source: Hutwagner, Thompson, Seeman, Treadwell (2003), "The bioterrorism preparedness and response
Early Aberration Reporting System (EARS)", Journal of Urban Health 80, i89–i96; upper bounds as R's
surveillance::earsC states them (Salmon, Schumacher, Höhle 2016, Journal of Statistical Software
70(10), section 3.2), whose numbers these are.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import check_counts
from tocsin.science.detection.judgements import Judgements
from tocsin.science.detection.standardised import derive_normal_tail, derive_standard_scores

Variant = Literal["C1", "C2", "C3"]

METHODS: Final[dict[str, str]] = {"C1": "ears-c1", "C2": "ears-c2", "C3": "ears-c3"}
VERSION: Final = "1"

_ALPHAS: Final[dict[str, float]] = {"C1": 0.001, "C2": 0.001, "C3": 0.025}
# Weeks between the baseline and the judged week.
_GAPS: Final[dict[str, int]] = {"C1": 0, "C2": 2, "C3": 2}
# C3 also reads the C2 of the two weeks before.
_EARLIER_WEEKS: Final[dict[str, int]] = {"C1": 0, "C2": 0, "C3": 2}

# So many series at once keep the work of one step in the processor's cache.
_SERIES_PER_CHUNK: Final = 256


@dataclass(frozen=True, slots=True)
class EarsSettings:
    """Which of the three, and how far above its past a week must lie.

    variant: C1 compares with the weeks just before; C2 leaves out the two last of them; C3 adds up
        by how much the C2 of the two weeks before exceeded one standard deviation.
    baseline_weeks: weeks that make the past; 3 or more.
    minimum_sigma: the standard deviation is never taken below this.
    alpha: probability above the threshold were the counts normal; None is R's default, 0.001 for
        C1 and C2, 0.025 for C3.
    Raises DetectionInputError for a setting outside its range.
    """

    variant: Variant = "C1"
    baseline_weeks: int = 7
    minimum_sigma: float = 0.0
    alpha: float | None = None

    def __post_init__(self) -> None:
        if self.variant not in METHODS:
            raise DetectionInputError(f"EARS: variant is {self.variant}; expected C1, C2 or C3")
        if self.baseline_weeks < 3:
            raise DetectionInputError(
                f"EARS {self.variant}: baseline_weeks is {self.baseline_weeks}; expected 3 or more"
            )
        if not (np.isfinite(self.minimum_sigma) and self.minimum_sigma >= 0):
            raise DetectionInputError(
                f"EARS {self.variant}: minimum_sigma is {self.minimum_sigma}; "
                "expected a finite number, 0 or more"
            )
        if not 0 < self.level < 1:
            raise DetectionInputError(
                f"EARS {self.variant}: alpha is {self.alpha}; expected a number between 0 and 1"
            )

    @property
    def level(self) -> float:
        """The alpha that is used."""
        return _ALPHAS[self.variant] if self.alpha is None else self.alpha

    @property
    def first_judged_week(self) -> int:
        """Position of the first week that has enough past."""
        return self.baseline_weeks + _GAPS[self.variant] + _EARLIER_WEEKS[self.variant]


def detect_ears(counts: NDArray[Any], settings: EarsSettings | None = None) -> Judgements:
    """Judge every week by C1, C2 or C3; the threshold is R's upper bound.

    counts: shape (n_series, n_weeks), cases a week, consecutive weeks, oldest first; whole numbers
        from 0 to MAXIMUM_COUNT. Either length may be 0.
    settings: C1 with R's defaults when left out.
    statistics: the week's count. expected: the mean of the baseline.
    scores: C1 and C2 the (count − mean) / SD; C3 the sum of what the two C2 before exceed 1 by,
        as earsC has it: the judged week itself only decides that zero cases never alarm.
    p_values: the normal tail of the score, so that a week alarms at any alpha below one half
        exactly when its p-value is below it.
    Where the baseline is constant and minimum_sigma is 0, C1 and C2 call every count above it
    unusual, and SPREAD_OF_A_CONSTANT orders the scores. C3 then has no upper bound (R: NA): the
    threshold is infinite and the score 0; a minimum_sigma above 0 avoids that.
    Raises DetectionInputError naming the series and week of the first value that is not a count.
    Source: see the module.

    >>> judged = detect_ears(np.array([[0, 1, 0, 2, 1, 1, 2, 9]]))
    >>> judged.alarms[0, 7].item(), round(judged.thresholds[0, 7].item(), 3)
    (True, 3.523)
    """
    settings = settings or EarsSettings()
    checked = check_counts(counts)
    shape = checked.shape
    expected, thresholds = np.full(shape, np.nan), np.full(shape, np.nan)
    statistics, scores = np.full(shape, np.nan), np.full(shape, np.nan)
    is_judged = np.zeros(shape, dtype=np.bool_)
    first = settings.first_judged_week
    is_judged[:, first:] = True
    statistics[:, first:] = checked[:, first:]
    if shape[1] > first:
        derive = _derive_c3 if settings.variant == "C3" else _derive_c1_c2
        for start in range(0, shape[0], _SERIES_PER_CHUNK):
            chunk = slice(start, start + _SERIES_PER_CHUNK)
            expected[chunk, first:], thresholds[chunk, first:], scores[chunk, first:] = derive(
                checked[chunk].astype(np.float64), settings
            )
    return Judgements(
        is_judged=is_judged,
        alarms=statistics > thresholds,
        expected=expected,
        thresholds=thresholds,
        statistics=statistics,
        scores=scores,
        p_values=derive_normal_tail(scores),
        method=METHODS[settings.variant],
        version=VERSION,
        settings=settings,
    )


_Arrays = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def _derive_c1_c2(counts: NDArray[np.float64], settings: EarsSettings) -> _Arrays:
    """Means, upper bounds and scores of the weeks that are judged."""
    means, spreads = _derive_baselines(counts, settings)
    upper = means - ndtri(settings.level) * spreads
    return means, upper, derive_standard_scores(counts[:, -means.shape[1] :], means, spreads)


def _derive_c3(counts: NDArray[np.float64], settings: EarsSettings) -> _Arrays:
    """Means, upper bounds and scores of the weeks that are judged."""
    means, spreads = _derive_baselines(counts, settings)
    values = counts[:, -means.shape[1] :]
    # R divides by a spread of 0; what is not a number stays so up to the upper bound.
    with np.errstate(divide="ignore", invalid="ignore"):
        excesses = np.maximum(0.0, (values - means) / spreads - 1)
        before = excesses[:, :-2] + excesses[:, 1:-1]
        spread_now, values_now = spreads[:, 2:], values[:, 2:]
        upper = values_now + spread_now * (-ndtri(settings.level) - before)
    upper = np.where(np.isnan(upper), np.inf, np.maximum(0.0, upper))
    finite = np.maximum(0.0, derive_standard_scores(values, means, spreads) - 1)
    scores = finite[:, :-2] + finite[:, 1:-1]
    can_alarm = (values_now > 0) & (spread_now > 0) & np.isfinite(upper)
    return means[:, 2:], upper, np.where(can_alarm, scores, 0.0)


def _derive_baselines(
    counts: NDArray[np.float64], settings: EarsSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and sample SD of the baseline of every week that has a whole one."""
    baseline, gap = settings.baseline_weeks, _GAPS[settings.variant]
    n_judged = counts.shape[1] - baseline - gap
    columns = [counts[:, lag : lag + n_judged] for lag in range(baseline)]
    means = np.zeros((counts.shape[0], n_judged))
    for column in columns:
        means += column
    means /= baseline
    squares = np.zeros_like(means)
    for column in columns:
        squares += (column - means) ** 2
    spreads = np.maximum(np.sqrt(squares / (baseline - 1)), settings.minimum_sigma)
    return means, spreads
