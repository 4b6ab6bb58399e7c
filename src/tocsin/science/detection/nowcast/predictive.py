"""The two predictive distributions of a total that is partly reported.

Both hold one cell a period: how much is reported, and how old the period is. Arrays have the shape
(n_cells,).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tocsin.science.detection.counts import MAXIMUM_COUNT
from tocsin.science.detection.nowcast.delays import Delays

Floats = NDArray[np.float64]

# Exact for polynomials of the chance up to degree 63: a flat prior and totals up to about 60. The
# error of a probability is below 1e-4 for hundreds of events, whatever the posterior's width.
_NODES: Final = 32
_CELLS_PER_CHUNK: Final = 16_384
_LARGEST_CONCENTRATION: Final = 1e15


class Predictive(Protocol):
    """Of each cell: the expected total, P(total > limit), and quantiles."""

    def derive_expected(self) -> Floats:
        """The mean of the total, or what the method calls its estimate."""
        ...

    def derive_exceedance(self, limits: Floats) -> Floats:
        """P(total > limit), limits being whole numbers from -1 to MAXIMUM_COUNT."""
        ...

    def find_quantiles(self, probability: float) -> Floats:
        """The smallest total whose distribution function is above the probability."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """Negative binomial events to come, mixed over the beta posterior of the chance of a report.

    reported, ages: of each cell. shapes: of the gamma prior of the rate. rate: of that prior, in
    periods; shape 1 and rate 0 are the flat prior of the total.
    """

    reported: Floats
    ages: NDArray[np.int64]
    shapes: Floats
    rate: float
    delays: Delays

    def derive_expected(self) -> Floats:
        if self.rate > 0:
            chances, weights = _place_chances(self.delays)
            still_out = (weights * (1 - chances) / (self.rate + chances)).sum(axis=1)
        else:
            alphas, betas = _match_betas(self.delays)
            still_out = np.full(len(alphas), np.inf)
            np.divide(betas, alphas - 1, out=still_out, where=alphas > 1)
        expected: Floats = self.reported + (self.shapes + self.reported) * still_out[self.ages]
        return expected

    def derive_exceedance(self, limits: Floats) -> Floats:
        return self._exceed(limits - self.reported, np.arange(len(limits)), self._place())

    def find_quantiles(self, probability: float) -> Floats:
        """By doubling, then halving: most cells of sparse series end at the first step."""
        nodes = self._place()
        highest = np.zeros(len(self.reported))
        lowest = highest - 1
        active = np.arange(len(highest))
        while active.size:
            is_short = self._exceed(highest[active], active, nodes) >= 1 - probability
            active = active[is_short & (highest[active] < MAXIMUM_COUNT)]
            lowest[active] = highest[active]
            highest[active] = np.minimum(2 * highest[active] + 1, MAXIMUM_COUNT)
        active = np.flatnonzero(highest - lowest > 1)
        while active.size:
            middle = np.floor((lowest[active] + highest[active]) / 2)
            is_short = self._exceed(middle, active, nodes) >= 1 - probability
            lowest[active[is_short]] = middle[is_short]
            highest[active[~is_short]] = middle[~is_short]
            active = active[highest[active] - lowest[active] > 1]
        return np.minimum(self.reported + highest, MAXIMUM_COUNT)

    def _place(self) -> tuple[Floats, Floats]:
        chances, weights = _place_chances(self.delays)
        return (self.rate + chances) / (self.rate + 1), weights

    def _exceed(
        self, more: Floats, cells: NDArray[np.intp], nodes: tuple[Floats, Floats]
    ) -> Floats:
        """P(more than so many to come) for some of the cells."""
        probabilities, weights = nodes
        found = np.where(more < 0, 1.0, 0.0)
        sizes = self.shapes[cells] + self.reported[cells]
        # Of size 0 (no prior rate, nothing reported) nothing comes.
        open_cells = np.flatnonzero((more >= 0) & (sizes > 0))
        for start in range(0, len(open_cells), _CELLS_PER_CHUNK):
            chunk = open_cells[start : start + _CELLS_PER_CHUNK]
            ages = self.ages[cells[chunk]]
            tails = special.betaincc(sizes[chunk, None], more[chunk, None] + 1, probabilities[ages])
            found[chunk] = (weights[ages] * tails).sum(axis=1)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Normal:
    """Lawless (1994): a normal total around reported / chance, above what is reported.

    as_surveillance: spread and truncation as R's surveillance 1.20.3 computes them.
    """

    reported: Floats
    ages: NDArray[np.int64]
    delays: Delays
    as_surveillance: bool

    def derive_expected(self) -> Floats:
        return self.reported / self.delays.cdf[self.ages]

    def derive_exceedance(self, limits: Floats) -> Floats:
        means, spreads = self.derive_expected(), self._derive_spreads()
        certain = (spreads == 0) | (limits < self.reported)
        scale = np.where(spreads > 0, spreads, 1.0)
        floor = special.ndtr((means - self.reported + self._half) / scale)
        above = special.ndtr((means - limits - self._half) / scale)
        # R's distribution function goes beyond 1, and its complement then below 0.
        rest = 1 - (1 - above) / floor if self.as_surveillance else above / floor
        found = np.maximum(0.0, rest)
        return np.where(certain, np.where(limits < self.reported, 1.0, 0.0), found)

    def find_quantiles(self, probability: float) -> Floats:
        means, spreads = self.derive_expected(), self._derive_spreads()
        scale = np.where(spreads > 0, spreads, 1.0)
        floor = special.ndtr((means - self.reported + self._half) / scale)
        if self.as_surveillance:
            points = means + spreads * special.ndtri(probability * floor)
        else:
            # From above: the mass over the quantile, as part of that over the reported count.
            points = means - spreads * special.ndtri((1 - probability) * floor) - self._half
        # No spread, no more to come.
        found = np.where(spreads > 0, np.floor(points) + 1, self.reported)
        return np.clip(found, self.reported, MAXIMUM_COUNT)

    @property
    def _half(self) -> float:
        """Half a count between whole numbers; R compares the whole numbers themselves."""
        return 0.0 if self.as_surveillance else 0.5

    def _derive_spreads(self) -> Floats:
        chances = self.delays.cdf[self.ages]
        variances = self.reported * (1 - chances) / chances**2
        if not self.as_surveillance:
            errors = self.delays.cdf_variances[self.ages]
            variances += self.reported * (self.reported + 1) * errors / chances**4
        spreads: Floats = np.sqrt(variances)
        return spreads


def _match_betas(delays: Delays) -> tuple[Floats, Floats]:
    """The beta of each age with the mean and variance of the posterior.

    Exact for one hazard and for the Dirichlet; a product of several betas is close to it.
    """
    means, variances = delays.cdf, delays.cdf_variances
    largest = means * (1 - means)
    concentrations = np.full(len(means), _LARGEST_CONCENTRATION)
    # Where nothing is known there is no spread to match either, and no cell of that age.
    is_spread = variances > largest / _LARGEST_CONCENTRATION
    np.divide(largest, variances, out=concentrations, where=is_spread)
    concentrations = np.maximum(concentrations - 1, 1 / _LARGEST_CONCENTRATION)
    return means * concentrations, (1 - means) * concentrations


@lru_cache(maxsize=32)
def _place_chances(delays: Delays) -> tuple[Floats, Floats]:
    """Nodes and weights of each age; one matrix of a node asks for the same ones a thousand times."""
    return _place_nodes(*_match_betas(delays))


def _place_nodes(alphas: Floats, betas: Floats) -> tuple[Floats, Floats]:
    """Gauss-Jacobi nodes in [0, 1] and weights for each beta, shape (n, _NODES).

    Golub and Welsch (1969): eigenvalues of the Jacobi matrix of the orthogonal polynomials.
    """
    total = (alphas + betas)[:, None]
    difference = (alphas - betas)[:, None]
    n = np.arange(1, _NODES)
    step = 2 * n + total - 2
    matrices = np.zeros((len(alphas), _NODES, _NODES))
    here, above = np.arange(_NODES), np.arange(_NODES - 1)
    matrices[:, here, here] = np.concatenate(
        [difference / total, difference * (total - 2) / (step * (step + 2))], axis=1
    )
    squares = np.empty((len(alphas), _NODES - 1))
    squares[:, :1] = 4 * (alphas * betas)[:, None] / (total**2 * (total + 1))
    n, step = n[1:], step[:, 1:]
    squares[:, 1:] = (
        4 * n * (n + betas[:, None] - 1) * (n + alphas[:, None] - 1) * (n + total - 2)
    ) / (step**2 * (step + 1) * (step - 1))
    matrices[:, above + 1, above] = np.sqrt(squares)
    values, vectors = np.linalg.eigh(matrices)
    nodes = np.clip((1 + values) / 2, np.finfo(np.float64).tiny, 1.0)
    return nodes, vectors[:, 0, :] ** 2
