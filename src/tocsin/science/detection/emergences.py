"""One rise, one emergence: alarms that belong together are told once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import DetectionInputError


@dataclass(frozen=True, slots=True)
class Emergence:
    """Alarms of one series that count as one event; series and weeks are array positions.

    alarm_weeks: how many of the weeks from start_week to last_week alarmed.
    peak_week, peak_count: the alarm week with the highest count, the earliest of equals.
    """

    series: int
    start_week: int
    last_week: int
    alarm_weeks: int
    peak_week: int
    peak_count: int


def group_alarms(
    alarms: NDArray[np.bool_], *, counts: NDArray[Any], quiet_weeks: int
) -> list[Emergence]:
    """Group alarms with fewer than quiet_weeks quiet weeks between them into one emergence.

    alarms: shape (n_series, n_weeks), consecutive weeks, oldest first.
    counts: same shape, whole cases; gives the peak (for the spike rule: its window_counts).
    quiet_weeks: so many weeks in a row without an alarm end an emergence; 1 or more.
    Returns the emergences ordered by series and start. Later weeks may lengthen the last emergence
    of a series or add one, and change no other.
    Raises DetectionInputError when the shapes differ or quiet_weeks is below 1.
    Source: own rule; every alarm belongs to exactly one emergence.

    >>> alarms = np.array([[True, False, True, False, False, True]])
    >>> counts = np.array([[3, 0, 5, 0, 0, 4]])
    >>> [(e.start_week, e.last_week, e.peak_count)
    ...  for e in group_alarms(alarms, counts=counts, quiet_weeks=2)]
    [(0, 2, 5), (5, 5, 4)]
    """
    alarms, counts = np.asarray(alarms), np.asarray(counts)
    if alarms.ndim != 2 or alarms.dtype != np.bool_:
        raise DetectionInputError(
            f"alarms: found {alarms.dtype} of shape {alarms.shape}; "
            "expected booleans of shape (n_series, n_weeks)"
        )
    if counts.shape != alarms.shape:
        raise DetectionInputError(
            f"counts: found shape {counts.shape}; expected that of the alarms, {alarms.shape}"
        )
    if quiet_weeks < 1:
        raise DetectionInputError(f"quiet_weeks is {quiet_weeks}; expected 1 or more")
    series, weeks = np.nonzero(alarms)
    if series.size == 0:
        return []
    is_new = np.ones(series.size, dtype=np.bool_)
    is_new[1:] = (np.diff(series) != 0) | (np.diff(weeks) - 1 >= quiet_weeks)
    starts = np.flatnonzero(is_new)
    ends = np.append(starts[1:], series.size)
    found = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        row = int(series[start])
        own_weeks = weeks[start:end]
        own_counts = counts[row, own_weeks]
        peak = int(np.argmax(own_counts))
        found.append(
            Emergence(
                series=row,
                start_week=int(own_weeks[0]),
                last_week=int(own_weeks[-1]),
                alarm_weeks=end - start,
                peak_week=int(own_weeks[peak]),
                peak_count=int(own_counts[peak]),
            )
        )
    return found
