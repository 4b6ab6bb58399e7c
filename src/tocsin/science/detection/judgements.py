"""What a method says of every series in every week: one form for all methods."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Judgements:
    """One method's answer; every array has the shape (n_series, n_weeks) of the counts judged.

    is_judged: False where the method has too little past; there the numbers below are NaN.
    alarms: True where the method calls the week unusual; never where it did not judge.
    expected: cases expected in the week (for methods with a window: in the window).
    thresholds: the greatest value of ``statistics`` that is no alarm; infinite where the method
        can raise none, NaN only where it did not judge.
    statistics: what is compared with the threshold: the count, a window's count, a CUSUM's sum.
        alarms == (statistics > thresholds) wherever the method judged, unless it says otherwise.
    scores: continuous evidence, higher is stranger, comparable between series and weeks.
    p_values: probability of a value at least as strange when nothing changed; 1 where nothing
        speaks for a change. Lower is stranger, in the same order as the scores.
    method, version, settings: what was run; settings is the method's own frozen dataclass.
    """

    is_judged: NDArray[np.bool_]
    alarms: NDArray[np.bool_]
    expected: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    statistics: NDArray[np.float64]
    scores: NDArray[np.float64]
    p_values: NDArray[np.float64]
    method: str
    version: str
    settings: Any
