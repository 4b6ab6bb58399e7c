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

METHOD: Final = "spike-rule"
VERSION: Final = "1"

# Sums of windows over a year stay whole numbers in a float64 below this.
MAXIMUM_COUNT: Final = 10**12

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


@dataclass(frozen=True, slots=True, eq=False)
class SpikeResult:
    """What the rule said of every series in every week; arrays of shape (n_series, n_weeks).

    alarms: True where the window's count is above the threshold.
    window_counts: cases in the window that ends at this week.
    thresholds: cases in a window; infinite where there is too little past to judge.
    expected: mean of the past windows, cases in a window; 0 where there is none.
    """

    alarms: NDArray[np.bool_]
    window_counts: NDArray[np.int64]
    thresholds: NDArray[np.float64]
    expected: NDArray[np.float64]
    settings: SpikeRuleSettings
    method: str = METHOD
    version: str = VERSION


def detect_spikes(counts: NDArray[Any], settings: SpikeRuleSettings | None = None) -> SpikeResult:
    """Compare each window's count with mean + k SD of the same series' earlier windows.

    counts: shape (n_series, n_weeks), cases a week, consecutive weeks, oldest first; whole numbers
        from 0 to MAXIMUM_COUNT, as integers or as floats without fraction. Either length may be 0.
    settings: the defaults when left out.
    The past of week t is every complete window within the baseline_weeks that end just before the
    window of week t, so the window never belongs to its own past; nothing after t is read. The SD
    is that of a sample (n - 1). The threshold is never below minimum_count - 1, so that
    alarms == (window_counts > thresholds) exactly.
    Raises DetectionInputError naming the series and week of the first value that is not a count.
    Source: ODMAP spike alerts, see the module.

    >>> quiet_then_four = np.array([[0] * 12 + [1, 1, 2]])
    >>> detect_spikes(quiet_then_four).alarms[0].nonzero()[0].tolist()
    [14]
    """
    settings = settings or SpikeRuleSettings()
    checked = _check_counts(counts)
    n_series, n_weeks = checked.shape
    window_counts = _sum_windows(checked, settings.window_weeks)
    thresholds = np.full((n_series, n_weeks), np.inf)
    expected = np.zeros((n_series, n_weeks))
    for start in range(0, n_series, _SERIES_PER_CHUNK):
        chunk = slice(start, start + _SERIES_PER_CHUNK)
        expected[chunk], thresholds[chunk] = _derive_thresholds(window_counts[chunk], settings)
    return SpikeResult(
        alarms=window_counts > thresholds,
        window_counts=window_counts,
        thresholds=thresholds,
        expected=expected,
        settings=settings,
    )


def _check_counts(counts: NDArray[Any]) -> NDArray[np.int64]:
    """Return the counts as int64, or say which value is not a count."""
    values = np.asarray(counts)
    if values.ndim != 2:
        raise DetectionInputError(
            f"counts: found {values.ndim} dimension(s); expected 2, (n_series, n_weeks)"
        )
    if values.dtype.kind not in "biuf":
        raise DetectionInputError(f"counts: found values of type {values.dtype}; expected numbers")
    # NaN fails both comparisons and infinity the second, so neither reaches the arithmetic.
    is_count = (values >= 0) & (values <= MAXIMUM_COUNT)
    if values.dtype.kind == "f":
        is_count &= np.trunc(values) == values
    if not is_count.all():
        series, week = (int(i) for i in np.argwhere(~is_count)[0])
        raise DetectionInputError(
            f"series {series}, week {week}: found {values[series, week]}; "
            f"expected a whole number from 0 to {MAXIMUM_COUNT}"
        )
    return values.astype(np.int64)


def _sum_windows(counts: NDArray[np.int64], window_weeks: int) -> NDArray[np.int64]:
    """Cases in the window_weeks weeks ending at each week; fewer weeks at the very start."""
    totals = np.cumsum(counts, axis=1, dtype=np.int64)
    sums = totals.copy()
    sums[:, window_weeks:] -= totals[:, :-window_weeks]
    return sums


def _derive_thresholds(
    window_counts: NDArray[np.int64], settings: SpikeRuleSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean of the past windows and threshold, both of shape (n_series, n_weeks).

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
    thresholds = np.maximum(
        expected + settings.standard_deviations * spread, settings.minimum_count - 1
    )
    weeks_of_past = np.arange(n_weeks) - window + 1
    thresholds[:, weeks_of_past < settings.minimum_baseline_weeks] = np.inf
    return expected, thresholds
