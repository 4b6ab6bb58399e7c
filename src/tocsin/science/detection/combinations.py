"""Substances found together more often than chance: pairs and triples in one sample or case.

Two measures of observed over expected, both shrunk so that one or two cases cannot shout:
IC025  the lower 2.5 % limit of the information component, in its closed gamma form: the IC of the
       BCPNN (Bate et al. 1998, Eur J Clin Pharmacol 54:315) as shrunk observed-to-expected ratio
       (Norén, Hopstadius & Bate 2013, Stat Methods Med Res 22:57), with exact gamma quantiles.
EB05   the lower 5 % limit of the gamma-Poisson shrinker (DuMouchel 1999), see `gamma_poisson`.
IC025 looks at the combination alone; EB05 also at how far all others lie from what is expected.
Where nearly all lie close to it, EB05 takes a few surprising cases for chance that IC025 tells, so
the order is that of IC025.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tocsin.errors import DetectionInputError
from tocsin.science.detection.gamma_poisson import (
    FittedPrior,
    check_cells,
    derive_ebgm,
    derive_quantile,
    fit_prior,
)

METHOD: Final = "combinations"
VERSION: Final = "1"
# A sample of so many substances has 161,700 triples; more is a whole shelf, not a sample.
MAXIMUM_SUBSTANCES: Final = 100

_SHRINKAGE: Final = 0.5

TripleExpectation = Literal["pairs", "independence"]


@dataclass(frozen=True, slots=True)
class CombinationSettings:
    """Which combinations are told, and against what a triple is measured.

    minimum_count: a combination found in fewer samples is not told.
    largest_size: 2 for pairs, 3 for pairs and triples.
    triple_expectation: "pairs": the triples expected from how often each two of the three are
        found together, with no interaction of all three, so that a triple is told only for what
        its pairs do not explain; "independence": from how often each substance is found.
    minimum_cells: with fewer different combinations than this, EBGM and EB05 use a fixed prior.
    Raises DetectionInputError when a setting is none of these.
    """

    minimum_count: int = 3
    largest_size: int = 3
    triple_expectation: TripleExpectation = "pairs"
    minimum_cells: int = 50

    def __post_init__(self) -> None:
        if self.minimum_count < 1:
            raise DetectionInputError(
                f"combinations: minimum_count is {self.minimum_count}; expected 1 or more"
            )
        if self.largest_size not in (2, 3):
            raise DetectionInputError(
                f"combinations: largest_size is {self.largest_size}; expected 2 or 3"
            )
        if self.triple_expectation not in ("pairs", "independence"):
            raise DetectionInputError(
                f"combinations: triple_expectation is {self.triple_expectation!r}; "
                "expected 'pairs' or 'independence'"
            )
        if self.minimum_cells < 1:
            raise DetectionInputError(
                f"combinations: minimum_cells is {self.minimum_cells}; expected 1 or more"
            )


@dataclass(frozen=True, slots=True)
class Combination:
    """Two or three substances found together.

    substances: their keys, ascending. observed: samples that hold all of them.
    expected: samples that would, were there nothing between them.
    ic, ic025: log2 of the shrunk observed over expected, and its lower 2.5 % limit; above 0 is more
        often than expected.
    ebgm, eb05: shrunk observed over expected, and its lower 5 % limit; above 1 is more often.
    first_sample, last_sample: positions among the samples given of the first and last that hold it.
    """

    substances: tuple[str, ...]
    observed: int
    expected: float
    ic: float
    ic025: float
    ebgm: float
    eb05: float
    first_sample: int
    last_sample: int


@dataclass(frozen=True, slots=True)
class Combinations:
    """The combinations found, strongest first, and what they were measured with.

    found: by IC025, then EB05, then substances. n_samples: samples with at least one substance.
    pair_prior, triple_prior: the priors of EBGM; None where there is no pair, or no triple.
    """

    found: tuple[Combination, ...]
    n_samples: int
    pair_prior: FittedPrior | None
    triple_prior: FittedPrior | None
    settings: CombinationSettings
    method: str = METHOD
    version: str = VERSION


@dataclass(frozen=True, slots=True, eq=False)
class _Tuples:
    """All different combinations of one size: members as substance numbers, shape (n, size)."""

    members: NDArray[np.int64]
    codes: NDArray[np.int64]
    observed: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


def derive_information_component(observed: ArrayLike, expected: ArrayLike) -> NDArray[np.float64]:
    """Derive log2((observed + 1/2) / (expected + 1/2)), shape (n,).

    Source: Norén, Hopstadius & Bate 2013.

    >>> derive_information_component([7, 0], [0.4375, 0.5]).round(6).tolist()
    [3.0, -1.0]
    """
    counts, means = check_cells(observed, expected)
    return np.log2((counts + _SHRINKAGE) / (means + _SHRINKAGE))


def derive_information_limit(
    observed: ArrayLike, expected: ArrayLike, *, probability: float = 0.025
) -> NDArray[np.float64]:
    """Derive the credibility limit of the information component, shape (n,); IC025 by default.

    The ratio has the posterior gamma(observed + 1/2, rate expected + 1/2).
    Source: Norén, Hopstadius & Bate 2013.
    """
    if not 0 < probability < 1:
        raise DetectionInputError(
            f"information component: probability is {probability}; "
            "expected more than 0 and less than 1"
        )
    counts, means = check_cells(observed, expected)
    quantiles = special.gammaincinv(counts + _SHRINKAGE, probability) / (means + _SHRINKAGE)
    return np.asarray(np.log2(quantiles), dtype=np.float64)


def find_combinations(
    samples: Iterable[Collection[str]], settings: CombinationSettings | None = None
) -> Combinations:
    """Find the pairs and triples of substances found together, and how surprising each is.

    samples: the substances found in each sample or case, in order of time where the first and last
        position shall mean something. A key twice in one sample counts once. A sample without any
        substance is left out: it says nothing about what is found together.
    settings: the defaults when left out.
    The priors of EBGM are learned from all combinations that occur, also those below minimum_count.
    Raises DetectionInputError naming the first sample with more than MAXIMUM_SUBSTANCES, or that is
    a text.
    Source: see the module. Triples "pairs": DuMouchel & Pregibon 2001, KDD '01:67 (all two-factor
    log-linear model).

    >>> samples = [("fentanyl", "xylazine")] * 4 + [("heroin",)] * 10 + [("fentanyl",)] * 2
    >>> [(c.substances, c.observed, round(c.expected, 3)) for c in find_combinations(samples).found]
    [(('fentanyl', 'xylazine'), 4, 1.5)]
    """
    settings = settings or CombinationSettings()
    rows = _check_samples(samples)
    names = sorted({name for _, row in rows for name in row})
    number = {name: i for i, name in enumerate(names)}
    coded = [(i, [number[name] for name in row]) for i, row in rows]
    singles = np.bincount(
        np.array([n for _, row in coded for n in row], dtype=np.int64), minlength=len(names)
    )
    pairs = _count_tuples(coded, 2, len(names))
    expected = singles[pairs.members].prod(axis=1) / max(1, len(rows))
    found, pair_prior = _measure(pairs, expected, names, settings)
    triple_prior = None
    if settings.largest_size == 3:
        triples = _count_tuples(coded, 3, len(names))
        if settings.triple_expectation == "pairs":
            expected = _expect_from_pairs(triples, pairs, singles, len(rows))
        else:
            expected = (singles[triples.members] / max(1, len(rows))).prod(axis=1) * len(rows)
        found_triples, triple_prior = _measure(triples, expected, names, settings)
        found += found_triples
    found.sort(key=lambda c: (-c.ic025, -c.eb05, c.substances))
    return Combinations(
        found=tuple(found),
        n_samples=len(rows),
        pair_prior=pair_prior,
        triple_prior=triple_prior,
        settings=settings,
    )


def _check_samples(samples: Iterable[Collection[str]]) -> list[tuple[int, list[str]]]:
    """Position and sorted substances of every sample that holds any."""
    rows = []
    for i, sample in enumerate(samples):
        # A text is a collection of texts too: its letters.
        if isinstance(sample, str):
            raise DetectionInputError(
                f"sample {i}: found the text {sample!r}; expected a collection of substances"
            )
        row = sorted(set(sample))
        if len(row) > MAXIMUM_SUBSTANCES:
            raise DetectionInputError(
                f"sample {i}: found {len(row)} substances; expected at most {MAXIMUM_SUBSTANCES}"
            )
        if row:
            rows.append((i, row))
    return rows


def _count_tuples(coded: list[tuple[int, list[int]]], size: int, n_substances: int) -> _Tuples:
    """Count every combination of the size; samples with equally many substances go together."""
    by_length: dict[int, list[tuple[int, list[int]]]] = {}
    for sample in coded:
        by_length.setdefault(len(sample[1]), []).append(sample)
    all_codes: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
    all_positions: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
    weights = np.array([n_substances**power for power in reversed(range(size))], dtype=np.int64)
    for length, same in by_length.items():
        chosen = np.array(list(combinations(range(length), size)), dtype=np.int64)
        if chosen.size == 0:
            continue
        rows = np.array([row for _, row in same], dtype=np.int64)
        codes = sum(rows[:, chosen[:, k]] * weights[k] for k in range(size))
        positions = np.array([position for position, _ in same], dtype=np.int64)
        all_codes.append(np.asarray(codes).reshape(-1))
        all_positions.append(np.repeat(positions, len(chosen)))
    codes, positions = np.concatenate(all_codes), np.concatenate(all_positions)
    order = np.lexsort((positions, codes))
    codes, positions = codes[order], positions[order]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    observed = np.diff(starts, append=codes.size)
    members = codes[starts, None] // weights % max(1, n_substances)
    last = positions[starts + observed - 1]
    return _Tuples(members, codes[starts], observed, positions[starts], last)


def _expect_from_pairs(
    triples: _Tuples, pairs: _Tuples, singles: NDArray[np.int64], n_samples: int
) -> NDArray[np.float64]:
    """Triples expected when all three two-way tables are as found and nothing acts three-way.

    One unknown x in the 2×2×2 table; x·d/(…) is monotone, so the root lies in a bracket.
    """
    base = len(singles)
    one, two, three = triples.members.T
    n_1, n_2, n_3 = (singles[i].astype(np.float64) for i in (one, two, three))

    def together(i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.float64]:
        return pairs.observed[np.searchsorted(pairs.codes, i * base + j)].astype(np.float64)

    n_12, n_13, n_23 = together(one, two), together(one, three), together(two, three)
    only_1, only_2, only_3 = n_1 - n_12 - n_13, n_2 - n_12 - n_23, n_3 - n_13 - n_23
    none = n_samples - n_1 - n_2 - n_3 + n_12 + n_13 + n_23
    low = np.maximum.reduce([np.zeros_like(n_1), -only_1, -only_2, -only_3])
    high = np.minimum.reduce([n_12, n_13, n_23, none])
    for _ in range(60):
        x = (low + high) / 2
        # Cells with an odd number of the three over cells with an even number: 1 without interaction.
        odd = x * (only_1 + x) * (only_2 + x) * (only_3 + x)
        even = (n_12 - x) * (n_13 - x) * (n_23 - x) * (none - x)
        is_below = odd < even
        low, high = np.where(is_below, x, low), np.where(is_below, high, x)
    expected: NDArray[np.float64] = (low + high) / 2
    return expected


def _measure(
    tuples: _Tuples, expected: NDArray[np.float64], names: list[str], settings: CombinationSettings
) -> tuple[list[Combination], FittedPrior | None]:
    """Learn the prior from all of one size and measure those that reach the minimum count."""
    if tuples.observed.size == 0:
        return [], None
    fitted = fit_prior(tuples.observed, expected, minimum_cells=settings.minimum_cells)
    is_told = tuples.observed >= settings.minimum_count
    observed, expected = tuples.observed[is_told], expected[is_told]
    columns = zip(
        tuples.members[is_told].tolist(),
        observed.tolist(),
        expected.tolist(),
        derive_information_component(observed, expected).tolist(),
        derive_information_limit(observed, expected).tolist(),
        derive_ebgm(fitted.prior, observed, expected).tolist(),
        derive_quantile(fitted.prior, observed, expected).tolist(),
        tuples.first[is_told].tolist(),
        tuples.last[is_told].tolist(),
        strict=True,
    )
    found = [
        Combination(tuple(names[i] for i in members), *measures) for members, *measures in columns
    ]
    return found, fitted
