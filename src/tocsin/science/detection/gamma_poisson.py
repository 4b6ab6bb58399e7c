"""The gamma-Poisson shrinker: how much more often than expected, shrunk by what all cells say.

Source: DuMouchel 1999, The American Statistician 53:177. A count N with expectation E is
Poisson(λE); the λ of all cells come from a mixture of two gamma distributions, whose five
parameters are those of maximum likelihood. Each cell's own λ then has a mixture of two gammas for
its posterior: its geometric mean is EBGM, its lower 5 % quantile EB05.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from tocsin.errors import DetectionInputError

# The likelihood of a mixture has spurious tops where one gamma closes in on a single cell, or on
# the cells without cases that are not listed; both would make the limits far too sure. So each
# gamma spreads by at least 22 % of its mean, and holds at least a thousandth of the cells.
_SMALLEST, _LARGEST = 0.01, 20.0
_SMALLEST_SHARE: Final = 0.001
# Above so many cells, cells of one count whose expectations lie within 2 % are fitted as one.
_CELLS_FITTED_SINGLY: Final = 5_000
_LOG_WIDTH: Final = 0.02
# Relative, of a quantile.
_PRECISION: Final = 1e-12


@dataclass(frozen=True, slots=True)
class MixturePrior:
    """Two gamma distributions of λ, shapes alpha and rates beta; share_1 of the cells have the first.

    >>> MixturePrior(0.2, 0.1, 2.0, 4.0, 1 / 3).mean
    1.0
    """

    alpha_1: float
    beta_1: float
    alpha_2: float
    beta_2: float
    share_1: float

    def __post_init__(self) -> None:
        shapes = (self.alpha_1, self.beta_1, self.alpha_2, self.beta_2)
        if not (all(0 < value < np.inf for value in shapes) and 0 < self.share_1 < 1):
            raise DetectionInputError(
                f"gamma mixture: found shapes and rates {shapes}, share {self.share_1}; expected "
                "finite numbers above 0 and a share between 0 and 1"
            )

    @property
    def mean(self) -> float:
        """Mean of λ over the cells."""
        first, second = self.alpha_1 / self.beta_1, self.alpha_2 / self.beta_2
        return self.share_1 * first + (1 - self.share_1) * second


# The usual start of the search (as in R's PhViD and openEBGM); also the prior when there is too little to
# learn one from: a third of the cells vary widely, the others lie around one half.
START_PRIOR: Final = MixturePrior(0.2, 0.1, 2.0, 4.0, 1 / 3)
_STARTS: Final = (
    START_PRIOR,
    MixturePrior(1.0, 1.0, 10.0, 10.0, 0.1),
    MixturePrior(0.5, 0.1, 3.0, 1.5, 0.05),
)


@dataclass(frozen=True, slots=True)
class FittedPrior:
    """A prior and how it was found.

    log_likelihood: of the cells, given that each holds at least 1; NaN where nothing was fitted.
    n_cells: cells there were. is_fitted: False where the start prior stands in for too few cells.
    """

    prior: MixturePrior
    log_likelihood: float
    n_cells: int
    is_fitted: bool


def check_cells(
    observed: ArrayLike, expected: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return counts and expectations of shape (n,) as float64, or say which cell is none."""
    counts: NDArray[Any] = np.asarray(observed, dtype=np.float64)
    means: NDArray[Any] = np.asarray(expected, dtype=np.float64)
    if counts.ndim != 1 or means.shape != counts.shape:
        raise DetectionInputError(
            f"cells: found observed of shape {counts.shape} and expected of shape {means.shape}; "
            "expected one list of each, equally long"
        )
    is_cell = (counts >= 0) & (np.floor(counts) == counts) & np.isfinite(counts)
    is_cell &= (means > 0) & np.isfinite(means)
    if not is_cell.all():
        cell = int(np.argmin(is_cell))
        raise DetectionInputError(
            f"cell {cell}: found {counts[cell]} observed and {means[cell]} expected; "
            "expected a whole number from 0 and a number above 0"
        )
    return counts, means


def fit_prior(observed: ArrayLike, expected: ArrayLike, *, minimum_cells: int = 50) -> FittedPrior:
    """Learn the prior of λ from the cells that hold at least one case, by maximum likelihood.

    observed: shape (n,), whole numbers, 1 or more. expected: shape (n,), above 0.
    minimum_cells: with fewer, START_PRIOR is returned and is_fitted is False.
    Cells without cases need not be listed: the likelihood is that of a mixture cut off below 1,
    (P f1(n) + (1-P) f2(n)) / (1 - P f1(0) - (1-P) f2(0)), f negative binomial. The first component
    returned is the one with the greater mean. Shapes and rates are kept within 0.01 and 20, the share
    within 0.001 and 0.999; the best top from three starts is taken.
    Raises DetectionInputError naming the first cell that is none or holds no case.
    Source: DuMouchel 1999; cells without cases left out as in DuMouchel & Pregibon 2001, KDD '01:67.
    """
    counts, means = check_cells(observed, expected)
    if (counts < 1).any():
        raise DetectionInputError(
            f"cell {int(np.argmax(counts < 1))}: found no case; expected cells with at least one"
        )
    n_cells = counts.size
    if n_cells < minimum_cells:
        return FittedPrior(START_PRIOR, float("nan"), n_cells, is_fitted=False)
    weights = np.ones(n_cells)
    if n_cells > _CELLS_FITTED_SINGLY:
        counts, means, weights = _squash(counts, means)
    bounds = [(np.log(_SMALLEST), np.log(_LARGEST))] * 4
    bounds.append((special.logit(_SMALLEST_SHARE), -special.logit(_SMALLEST_SHARE)))
    fits = [
        optimize.minimize(
            _derive_loss,
            _to_free(start),
            args=(counts, means, weights),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7},
        )
        for start in _STARTS
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    prior = _from_free(np.asarray(best.x, dtype=np.float64))
    return FittedPrior(prior, -float(best.fun) * n_cells, n_cells, is_fitted=True)


def derive_share_1(
    prior: MixturePrior, observed: ArrayLike, expected: ArrayLike
) -> NDArray[np.float64]:
    """Derive the probability that a cell's λ came from the first gamma, given its count.

    Shapes (n,). Source: DuMouchel 1999, equation 6 (Q_n).
    """
    counts, means = check_cells(observed, expected)
    first = _log_negative_binomial(prior.alpha_1, prior.beta_1, counts, means)
    second = _log_negative_binomial(prior.alpha_2, prior.beta_2, counts, means)
    log_odds = np.log(prior.share_1) - np.log1p(-prior.share_1) + first - second
    return np.asarray(special.expit(log_odds), dtype=np.float64)


def derive_ebgm(
    prior: MixturePrior, observed: ArrayLike, expected: ArrayLike
) -> NDArray[np.float64]:
    """Derive the geometric mean of each cell's λ, shape (n,): cases over expected, shrunk.

    Source: DuMouchel 1999, equation 11.

    >>> derive_ebgm(START_PRIOR, [16], [0.4]).round(2).tolist()
    [31.41]
    """
    counts, means = check_cells(observed, expected)
    share = derive_share_1(prior, counts, means)
    first = special.digamma(prior.alpha_1 + counts) - np.log(prior.beta_1 + means)
    second = special.digamma(prior.alpha_2 + counts) - np.log(prior.beta_2 + means)
    return np.asarray(np.exp(share * first + (1 - share) * second), dtype=np.float64)


def derive_quantile(
    prior: MixturePrior, observed: ArrayLike, expected: ArrayLike, *, probability: float = 0.05
) -> NDArray[np.float64]:
    """Derive the quantile of each cell's λ, shape (n,); EB05 by default.

    probability: between 0 and 1. Exact to about 12 digits: Newton's steps within a bracket between
    the quantiles of the two gammas.
    Source: DuMouchel 1999.
    """
    if not 0 < probability < 1:
        raise DetectionInputError(
            f"quantile: probability is {probability}; expected more than 0 and less than 1"
        )
    counts, means = check_cells(observed, expected)
    share = derive_share_1(prior, counts, means)
    shape_1, rate_1 = prior.alpha_1 + counts, prior.beta_1 + means
    shape_2, rate_2 = prior.alpha_2 + counts, prior.beta_2 + means
    quantile_1 = special.gammaincinv(shape_1, probability) / rate_1
    quantile_2 = special.gammaincinv(shape_2, probability) / rate_2
    low, high = np.minimum(quantile_1, quantile_2), np.maximum(quantile_1, quantile_2)
    at: NDArray[np.float64] = np.asarray(share * quantile_1 + (1 - share) * quantile_2)
    left = np.flatnonzero(high - low > _PRECISION * high)
    n_steps = 0
    while left.size:
        n_steps += 1
        x, q = at[left], share[left]
        scaled_1, scaled_2 = rate_1[left] * x, rate_2[left] * x
        below = q * special.gammainc(shape_1[left], scaled_1)
        below += (1 - q) * special.gammainc(shape_2[left], scaled_2)
        slope = q * rate_1[left] * _gamma_density(scaled_1, shape_1[left])
        slope += (1 - q) * rate_2[left] * _gamma_density(scaled_2, shape_2[left])
        low[left] = np.where(below <= probability, x, low[left])
        high[left] = np.where(below >= probability, x, high[left])
        step = np.divide(
            probability - below, slope, out=np.full_like(x, np.inf), where=slope > 1e-300
        )
        middle = (low[left] + high[left]) / 2
        is_inside = (x + step > low[left]) & (x + step < high[left])
        # Every third step halves the bracket, so that the search ends wherever Newton's does not.
        after = np.where(is_inside & (n_steps % 3 > 0), x + step, middle)
        is_found = np.abs(step) <= _PRECISION * x
        at[left] = np.where(is_found, x, after)
        is_done = is_found | (high[left] - low[left] <= _PRECISION * high[left])
        left = left[~is_done]
    return at


def _gamma_density(scaled: NDArray[np.float64], shape: NDArray[np.float64]) -> NDArray[np.float64]:
    """Density of the gamma distribution with rate 1."""
    positive = np.maximum(scaled, 1e-300)
    log_density = (shape - 1) * np.log(positive) - positive - special.gammaln(shape)
    return np.asarray(np.exp(np.minimum(log_density, 700.0)), dtype=np.float64)


def _log_negative_binomial(
    alpha: float, beta: float, counts: NDArray[np.float64], means: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Log probability of the counts when λ is gamma, without the factorial both gammas share."""
    rising = special.gammaln(alpha + counts) - special.gammaln(alpha)
    result = rising - alpha * np.log1p(means / beta) + counts * np.log(means / (beta + means))
    return np.asarray(result, dtype=np.float64)


def _to_free(prior: MixturePrior) -> NDArray[np.float64]:
    """Logarithms of shapes and rates, log odds of the share: numbers without limits."""
    logs = np.log([prior.alpha_1, prior.beta_1, prior.alpha_2, prior.beta_2])
    return np.append(logs, special.logit(prior.share_1))


def _from_free(free: NDArray[np.float64]) -> MixturePrior:
    alpha_1, beta_1, alpha_2, beta_2 = (float(value) for value in np.exp(free[:4]))
    share = float(special.expit(free[4]))
    if alpha_1 / beta_1 < alpha_2 / beta_2:
        return MixturePrior(alpha_2, beta_2, alpha_1, beta_1, 1 - share)
    return MixturePrior(alpha_1, beta_1, alpha_2, beta_2, share)


def _squash(
    counts: NDArray[np.float64], means: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Cells of one count and nearly one expectation as one cell of their mean, with a weight."""
    bins = np.stack((counts, np.floor(np.log(means) / _LOG_WIDTH)), axis=1)
    kept, which, n_in = np.unique(bins, axis=0, return_inverse=True, return_counts=True)
    sums = np.bincount(which.reshape(-1), weights=means, minlength=n_in.size)
    return kept[:, 0], sums / n_in, n_in.astype(np.float64)


def _derive_loss(
    free: NDArray[np.float64],
    counts: NDArray[np.float64],
    means: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> tuple[float, NDArray[np.float64]]:
    """Minus the mean log likelihood of a cell, and its gradient in the free parameters."""
    share_1 = float(special.expit(free[4]))
    shares = (share_1, 1 - share_1)
    unique, which = np.unique(counts, return_inverse=True)
    logs, none, slopes, none_slopes = [], [], [], []
    for k in (0, 1):
        alpha, beta = np.exp(free[2 * k]), np.exp(free[2 * k + 1])
        log_none = -np.log1p(means / beta)
        rising = special.gammaln(alpha + unique) - special.gammaln(alpha)
        logs.append(rising[which] + alpha * log_none + counts * np.log(means / (beta + means)))
        none.append(alpha * log_none)
        digamma = special.digamma(alpha + unique) - special.digamma(alpha)
        by_alpha = alpha * (digamma[which] + log_none)
        by_beta = (alpha * means - beta * counts) / (beta + means)
        slopes.append((by_alpha, by_beta))
        none_slopes.append((alpha * log_none, alpha * means / (beta + means)))
    peak = np.maximum(logs[0], logs[1])
    weighted = [shares[k] * np.exp(logs[k] - peak) for k in (0, 1)]
    mixture = weighted[0] + weighted[1]
    some = -(shares[0] * np.expm1(none[0]) + shares[1] * np.expm1(none[1]))
    log_factorials = special.gammaln(unique + 1)[which]
    value = float(weights @ (np.log(mixture) + peak - log_factorials - np.log(some)))
    gradient = np.empty(5)
    for k in (0, 1):
        posterior = weighted[k] / mixture
        cut = shares[k] * np.exp(none[k]) / some
        for j in (0, 1):
            gradient[2 * k + j] = weights @ (posterior * slopes[k][j] + cut * none_slopes[k][j])
    by_share = (weighted[0] / shares[0] - weighted[1] / shares[1]) / mixture
    by_share += (np.exp(none[0]) - np.exp(none[1])) / some
    gradient[4] = shares[0] * shares[1] * (weights @ by_share)
    n_cells = float(weights.sum())
    return -value / n_cells, -gradient / n_cells
