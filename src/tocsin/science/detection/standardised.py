"""How many standard deviations a value lies above its mean, and how rare that is if normal."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

# Below the spread of any past of whole numbers that is not constant (at least 1 / sqrt(n)).
SPREAD_OF_A_CONSTANT: Final = 1e-3

# What a probability too small for a float64 is given as: never 0, so that its logarithm exists.
SMALLEST_P: Final = float(np.finfo(np.float64).tiny)


def derive_standard_scores(
    values: NDArray[Any], means: NDArray[np.float64], spreads: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return (value − mean) / SD, with SPREAD_OF_A_CONSTANT as the SD where it is 0.

    All arrays of one shape. After a constant past any other value is thereby stranger than after a
    past that moved, still finite, and the farther away the stranger.

    >>> means, spreads = np.array([1.0, 1.0]), np.array([0.5, 0.0])
    >>> derive_standard_scores(np.array([3, 1]), means, spreads).tolist()
    [4.0, 0.0]
    """
    return (values - means) / np.where(spreads > 0, spreads, SPREAD_OF_A_CONSTANT)


def derive_normal_tail(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability that a standard normal value is above each score, never below 0+.

    >>> derive_normal_tail(np.array([0.0, 1.959963984540054])).round(6).tolist()
    [0.5, 0.025]
    """
    return np.maximum(ndtr(-scores), SMALLEST_P)
