"""Sums over runs of consecutive weeks, for all series at once and without a look ahead."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

# So many series at once keep the work of one step in the processor's cache.
_SERIES_PER_CHUNK = 256


def sum_windows(counts: NDArray[np.int64], window_weeks: int) -> NDArray[np.int64]:
    """Sum the window_weeks weeks that end with each week; fewer weeks at the very start.

    counts: shape (n_series, n_weeks), checked. window_weeks: 1 or more.

    >>> sum_windows(np.array([[9, 1, 0, 2]]), 2).tolist()
    [[9, 10, 1, 2]]
    """
    totals = np.cumsum(counts, axis=1, dtype=np.int64)
    sums = totals.copy()
    sums[:, window_weeks:] -= totals[:, :-window_weeks]
    return sums


def sum_past(
    values: NDArray[np.int64], weeks: int, *, half_life_weeks: float | None = None
) -> NDArray[np.float64]:
    """Sum the `weeks` weeks that end with each week, the older the lighter under a half-life.

    values: shape (n_series, n_weeks), checked. weeks: 1 or more.
    half_life_weeks: a week so much older counts half; None counts all weeks alike.
    The last week always counts in full.

    >>> sum_past(np.array([[4, 0, 1]]), 3, half_life_weeks=1.0).tolist()
    [[4.0, 2.0, 2.0]]
    """
    if half_life_weeks is None:
        return sum_windows(values, weeks).astype(np.float64)
    sums = np.zeros(values.shape)
    n_series, n_weeks = values.shape
    weights = np.exp2(-np.arange(min(weeks, n_weeks)) / half_life_weeks)
    for start in range(0, n_series, _SERIES_PER_CHUNK):
        chunk = slice(start, start + _SERIES_PER_CHUNK)
        for lag, weight in enumerate(weights.tolist()):
            sums[chunk, lag:] += weight * values[chunk, : n_weeks - lag]
    return sums


def shift_weeks(values: NDArray[Any], weeks: int) -> NDArray[Any]:
    """Give each week what stood `weeks` weeks before it; 0 where that is before the first week.

    values: shape (n_series, n_weeks). weeks: 0 or more.

    >>> shift_weeks(np.array([[1, 2, 3]]), 2).tolist()
    [[0, 0, 1]]
    """
    shifted = np.zeros_like(values)
    shifted[:, weeks:] = values[:, : max(values.shape[1] - weeks, 0)]
    return shifted
