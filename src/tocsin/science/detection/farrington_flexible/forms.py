"""What goes into the compiled loop and comes out of it, without the cost of loading a compiler."""

from typing import Any, Final, NamedTuple

from numpy.typing import NDArray

DELTA: Final = 0
NB_PLUGIN: Final = 1
MUAN: Final = 2

# Rows of the result.
STATE: Final = 0
EXPECTED: Final = 1
UPPER: Final = 2
SCORE: Final = 3
P_VALUE: Final = 4
DISPERSION: Final = 5
BASELINE_MEAN: Final = 6
HAS_TREND: Final = 7
SLOPE: Final = 8
LOG_MEAN: Final = 9
N_RESULTS: Final = 10

# Values of STATE.
NOT_FITTED: Final = 0.0
FITTED: Final = 1.0
TOO_DISPERSED: Final = 2.0
"""Fitted, but threshold and p-value are left to the caller: a sum over counts would take long."""


class Rules(NamedTuple):
    """Settings in the form the compiled loop takes."""

    try_trend: bool
    reweight: bool
    weights_threshold: float
    method: int
    exponent: float
    level: float
    normal_quantile: float
    cases: int
    cases_weeks: int


class Pasts(NamedTuple):
    """Baselines in the form the compiled loop takes; t_critical for the test of each trend."""

    weeks: NDArray[Any]
    starts: NDArray[Any]
    positions: NDArray[Any]
    times: NDArray[Any]
    times_now: NDArray[Any]
    run_starts: NDArray[Any]
    run_lengths: NDArray[Any]
    run_groups: NDArray[Any]
    n_groups: NDArray[Any]
    t_critical: NDArray[Any]
