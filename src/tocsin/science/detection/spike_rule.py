"""The spike rule: the count in a window against the mean + k SD of its own past.

Source: the spike alerts of ODMAP, the overdose mapping programme of the Washington/Baltimore HIDTA:
an alert when the count of suspected overdoses within a window exceeds the mean of the area's own
past by two standard deviations. ODMAP's window is 24 hours. It is the simple baseline against
which better methods are measured, not a recommendation.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import check_counts
from tocsin.science.detection.judgements import Judgements
from tocsin.science.detection.standardised import derive_normal_tail, derive_standard_scores
from tocsin.science.detection.windows import sum_windows

METHOD: Final = "spike-rule"
VERSION: Final = "1"

# So many series at once keep the work of one step in the processor's cache.
_SERIES_PER_CHUNK: Final = 256


@dataclass(frozen=True, slots=True)
class SpikeRuleSettings:
    """What the rule counts and when it calls a count unusual.

    window_weeks: length of the window, in weeks, ending at the judged week. Four by default: a new
        substance comes as single cases weeks apart. On 11 years of deaths in Connecticut a window
        of one week never alarms for flualprazolam, carfentanil or eutylone, and a window of four
        does for each of them, with fewer alarms on substances that were always there.
    baseline_weeks: weeks before the window that make its past.
    standard_deviations: how many of them above the mean the threshold lies.
    minimum_count: a window holding fewer never alarms.
    minimum_baseline_weeks: with less past than this, a week is not judged.
    Raises DetectionInputError when the settings contradict each other.
    """

    window_weeks: int = 4
    baseline_weeks: int = 52
    standard_deviations: float = 2.0
    minimum_count: int = 3
    minimum_baseline_weeks: int = 8

    def __post_init__(self) -> None:
        if self.window_weeks < 1:
            raise DetectionInputError(
                f"spike rule: window_weeks is {self.window_weeks}; expected 1 or more"
            )
        if self.minimum_baseline_weeks <= self.window_weeks:
            raise DetectionInputError(
                f"spike rule: minimum_baseline_weeks is {self.minimum_baseline_weeks}; expected "
                f"more than window_weeks ({self.window_weeks}), a spread needs two windows"
            )
        if self.baseline_weeks < self.minimum_baseline_weeks:
            raise DetectionInputError(
                f"spike rule: baseline_weeks is {self.baseline_weeks}; expected "
                f"minimum_baseline_weeks ({self.minimum_baseline_weeks}) or more"
            )
        if not (np.isfinite(self.standard_deviations) and self.standard_deviations >= 0):
            raise DetectionInputError(
                f"spike rule: standard_deviations is {self.standard_deviations}; "
                "expected a finite number, 0 or more"
            )
        if self.minimum_count < 1:
            raise DetectionInputError(
                f"spike rule: minimum_count is {self.minimum_count}; expected 1 or more"
            )


def detect_spikes(counts: NDArray[Any], settings: SpikeRuleSettings | None = None) -> Judgements:
    """Compare each window's count with mean + k SD of the same series' earlier windows.

    counts: shape (n_series, n_weeks), cases a week, consecutive weeks, oldest first; whole numbers
        from 0 to MAXIMUM_COUNT, as integers or as floats without fraction. Either length may be 0.
    settings: the defaults when left out.
    statistics: cases in the window that ends with the week. expected: mean of the past windows.
    The past of week t is every complete window within the baseline_weeks that end just before the
    window of week t, so the window never belongs to its own past; nothing after t is read. The SD
    is that of a sample (n - 1). The threshold is never below minimum_count - 1, so that
    alarms == (statistics > thresholds) exactly. scores: (count - mean) / SD, with
    SPREAD_OF_A_CONSTANT where the past is constant; p_values: its normal tail.
    Raises DetectionInputError naming the series and week of the first value that is not a count.
    Source: ODMAP spike alerts, see the module.

    >>> quiet_then_four = np.array([[0] * 12 + [1, 1, 2]])
    >>> detect_spikes(quiet_then_four).alarms[0].nonzero()[0].tolist()
    [14]
    """
    settings = settings or SpikeRuleSettings()
    checked = check_counts(counts)
    n_series, n_weeks = checked.shape
    is_judged = np.zeros((n_series, n_weeks), dtype=np.bool_)
    is_judged[:, settings.window_weeks - 1 + settings.minimum_baseline_weeks :] = True
    window_counts = sum_windows(checked, settings.window_weeks)
    statistics = np.where(is_judged, window_counts, np.nan)
    expected, spreads = np.full((n_series, n_weeks), np.nan), np.full((n_series, n_weeks), np.nan)
    for start in range(0, n_series, _SERIES_PER_CHUNK):
        chunk = slice(start, start + _SERIES_PER_CHUNK)
        expected[chunk], spreads[chunk] = _derive_baselines(window_counts[chunk], settings)
    expected[~is_judged] = np.nan
    thresholds = np.maximum(
        expected + settings.standard_deviations * spreads, settings.minimum_count - 1
    )
    scores = derive_standard_scores(statistics, expected, spreads)
    return Judgements(
        is_judged=is_judged,
        alarms=statistics > thresholds,
        expected=expected,
        thresholds=thresholds,
        statistics=statistics,
        scores=scores,
        p_values=derive_normal_tail(scores),
        method=METHOD,
        version=VERSION,
        settings=settings,
    )


def _derive_baselines(
    window_counts: NDArray[np.int64], settings: SpikeRuleSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and SD of the past windows, both of shape (n_series, n_weeks).

    One pass over the lags for the sum and one for the squared distance from the mean: the sum of
    squares minus the square of the sum would lose every digit on large steady counts.
    """
    window, baseline = settings.window_weeks, settings.baseline_weeks
    n_weeks = window_counts.shape[1]
    values = window_counts.astype(np.float64)
    # A past window ends `lag` weeks before the judged week and must be complete.
    lags = [lag for lag in range(window, baseline + 1) if lag + window - 1 < n_weeks]
    n_past = np.zeros(n_weeks)
    sums = np.zeros_like(values)
    for lag in lags:
        n_past[lag + window - 1 :] += 1
        sums[:, lag + window - 1 :] += values[:, window - 1 : n_weeks - lag]
    expected = sums / np.maximum(n_past, 1)
    squares = np.zeros_like(values)
    for lag in lags:
        distance = values[:, window - 1 : n_weeks - lag] - expected[:, lag + window - 1 :]
        squares[:, lag + window - 1 :] += distance * distance
    spread = np.sqrt(squares / np.maximum(n_past - 1, 1))
    return expected, spread
