"""Thresholds and p-values where a variance is too great to add up probabilities count by count."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincc, ndtr

Floats = NDArray[Any]

# With a size above this the count is normal, but for its skewness, to the digits that matter.
_NORMAL_SIZE: Final = 1e10


def derive_upper_tails(counts: Floats, means: Floats, dispersions: Floats) -> Floats:
    """Return P(Y >= count) of the negative binomial of variance dispersion × mean, shape (n,).

    Source: NIST Digital Library of Mathematical Functions, 8.17(i) (incomplete beta function); for
    sizes beyond 1e10 the normal distribution corrected for skewness.
    """
    is_normal = means >= _NORMAL_SIZE * (dispersions - 1.0)
    spread = np.sqrt(means) * np.sqrt(dispersions)
    z = np.clip((counts - 0.5 - means) / spread, -38.0, 38.0)
    skewness = (2.0 * dispersions - 1.0) / spread
    density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    normal = np.clip(ndtr(-z) + skewness / 6.0 * (z * z - 1.0) * density, 0.0, 1.0)
    # Where the other branch is taken, any size does.
    size = means / np.where(is_normal, 1.0, dispersions - 1.0)
    size = np.where(is_normal, 1.0, size)
    exact = betaincc(size, np.maximum(counts, 1.0), 1.0 / dispersions)
    return np.where(counts <= 0, 1.0, np.where(is_normal, normal, exact))


def derive_quantiles(
    level: float, normal_quantile: float, means: Floats, dispersions: Floats
) -> Floats:
    """Return the smallest whole numbers with P(Y <= it) >= level, shape (n,).

    normal_quantile: that of the level. Above 2^53, where not every whole number is a float, the
    answer is one to the precision of a float.
    """
    is_normal = means >= _NORMAL_SIZE * (dispersions - 1.0)
    spread = np.sqrt(means) * np.sqrt(dispersions)
    correction = (2.0 * dispersions - 1.0) * (normal_quantile**2 - 1.0) / 6.0
    normal = np.maximum(np.ceil(means + spread * normal_quantile + correction - 0.5), 0.0)
    size = np.where(is_normal, 1.0, means / np.where(is_normal, 1.0, dispersions - 1.0))
    low = np.full(means.shape, -1.0)
    # Chebyshev: at most a share 1 - level lies so many spreads above the mean.
    high = np.ceil(means + spread / np.sqrt(1.0 - level)) + 1.0
    while True:
        middle = np.floor(low + (high - low) / 2.0)
        is_open = (middle > low) & (middle < high) & ~is_normal
        if not is_open.any():
            break
        reached = betainc(size, np.maximum(middle, 0.0) + 1.0, 1.0 / dispersions) >= level
        high = np.where(is_open & reached, middle, high)
        low = np.where(is_open & ~reached, middle, low)
    return np.where(is_normal, normal, high)
