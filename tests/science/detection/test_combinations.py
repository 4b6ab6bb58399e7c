"""Combinations of substances against counting by hand, quadrature and iterative fitting."""

import math
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import DetectionInputError
from tocsin.science.detection.combinations import (
    CombinationSettings,
    derive_information_component,
    derive_information_limit,
    find_combinations,
)
from tocsin.science.detection.gamma_poisson import (
    START_PRIOR,
    derive_ebgm,
    derive_quantile,
)

EVERYTHING = CombinationSettings(minimum_count=1)
SAMPLES = st.lists(st.sets(st.sampled_from("abcdef"), max_size=6), max_size=25)


def test_pairs_and_triples_by_hand() -> None:
    samples = [
        ["fentanyl", "xylazine", "heroin"],
        ["heroin"],
        ["xylazine", "fentanyl", "fentanyl"],
        [],
        ["fentanyl", "heroin", "xylazine"],
        ["heroin", "fentanyl"],
        ["fentanyl"],
    ]
    result = find_combinations(samples, EVERYTHING)
    # Six samples hold something: fentanyl 5, heroin 4, xylazine 3.
    assert result.n_samples == 6
    found = {
        c.substances: (c.observed, round(c.expected, 9), c.first_sample, c.last_sample)
        for c in result.found
    }
    triple = found.pop(("fentanyl", "heroin", "xylazine"))
    assert found == {
        ("fentanyl", "heroin"): (3, round(20 / 6, 9), 0, 5),
        ("fentanyl", "xylazine"): (3, 2.5, 0, 4),
        ("heroin", "xylazine"): (2, 2.0, 0, 4),
    }
    # Heroin with xylazine is always within fentanyl: the pairs leave the triple no choice but 2.
    assert triple == (2, 2.0, 0, 4)
    assert result.pair_prior is not None
    assert (result.pair_prior.prior, result.pair_prior.n_cells) == (START_PRIOR, 3)
    assert (result.method, result.version, result.settings) == ("combinations", "1", EVERYTHING)


def test_measures_of_one_pair() -> None:
    # 4 together, 4 × 8 / 16 = 2 expected: IC = log2(4.5 / 2.5).
    samples = [("a", "b")] * 4 + [("b",)] * 4 + [("c",)] * 8
    (found,) = find_combinations(samples).found
    assert (found.substances, found.observed, found.expected) == (("a", "b"), 4, 2.0)
    assert (found.first_sample, found.last_sample) == (0, 3)
    assert (found.ic, found.ic025, found.ebgm, found.eb05) == pytest.approx(
        (
            math.log2(4.5 / 2.5),
            derive_information_limit([4], [2.0])[0],
            derive_ebgm(START_PRIOR, [4], [2.0])[0],
            derive_quantile(START_PRIOR, [4], [2.0])[0],
        )
    )


@pytest.mark.parametrize("observed", [1, 3, 10, 100])
def test_limit_is_near_the_published_approximation(observed: int) -> None:
    # Norén, Hopstadius & Bate 2013: IC - 3.3 (O + 1/2)^-1/2 - 2 (O + 1/2)^-3/2.
    ic = derive_information_component([observed], [0.7])[0]
    approximation = ic - 3.3 * (observed + 0.5) ** -0.5 - 2 * (observed + 0.5) ** -1.5
    limit = derive_information_limit([observed], [0.7])[0]
    assert limit == pytest.approx(approximation, abs=0.1)


@pytest.mark.parametrize(("observed", "expected"), [(0, 0.3), (3, 1.0), (50, 20.0)])
def test_limit_leaves_a_fortieth_of_the_gamma_below(observed: int, expected: float) -> None:
    shape, rate = observed + 0.5, expected + 0.5
    limit = 2 ** derive_information_limit([observed], [expected])[0]
    # Midpoint rule in sqrt(x), where the density of a shape of one half has no pole.
    roots = (np.arange(400_000) + 0.5) / 400_000 * math.sqrt(limit)
    log_density = (2 * shape - 1) * np.log(roots) - rate * roots**2
    log_density += shape * math.log(rate) - math.lgamma(shape) + math.log(2)
    below = np.exp(log_density).sum() * math.sqrt(limit) / 400_000
    assert below == pytest.approx(0.025, rel=1e-6)


@given(SAMPLES)
def test_counts_are_those_of_counting_one_by_one(samples: list[set[str]]) -> None:
    result = find_combinations(samples, EVERYTHING)
    expected: dict[tuple[str, ...], list[int]] = {}
    for position, sample in enumerate(samples):
        for size in (2, 3):
            for members in combinations(sorted(sample), size):
                expected.setdefault(members, []).append(position)
    assert {c.substances: (c.observed, c.first_sample, c.last_sample) for c in result.found} == {
        members: (len(positions), positions[0], positions[-1])
        for members, positions in expected.items()
    }
    strengths = [c.ic025 for c in result.found]
    assert strengths == sorted(strengths, reverse=True)
    assert all(c.ic025 < c.ic and c.eb05 < c.ebgm and c.expected > 0 for c in result.found)


@given(SAMPLES, st.randoms(use_true_random=False))
def test_order_of_the_samples_changes_positions_only(
    samples: list[set[str]], random: object
) -> None:
    shuffled = list(samples)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    def strengths(of: list[set[str]]) -> list[tuple[object, ...]]:
        return [(c.substances, c.expected, c.eb05) for c in find_combinations(of, EVERYTHING).found]

    assert strengths(shuffled) == strengths(samples)


def _fit_iteratively(samples: list[set[str]], members: tuple[str, ...]) -> float:
    """Iterative proportional fitting of the three two-way tables, from a table of ones."""
    cells = list(product((0, 1), repeat=3))
    kept = [sample for sample in samples if sample]
    table = dict.fromkeys(cells, 0.0)
    for sample in kept:
        table[tuple(int(m in sample) for m in members)] += 1
    fitted = dict.fromkeys(cells, 1.0)
    for _ in range(3000):
        for i, j in ((0, 1), (0, 2), (1, 2)):
            for a, b in product((0, 1), repeat=2):
                same = [cell for cell in cells if (cell[i], cell[j]) == (a, b)]
                has, wants = sum(fitted[c] for c in same), sum(table[c] for c in same)
                for cell in same:
                    fitted[cell] *= wants / has if has else 0.0
    return fitted[1, 1, 1]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_triple_expected_from_pairs_is_that_of_iterative_fitting(seed: int) -> None:
    random = np.random.default_rng(seed)
    samples = [{name for name in "abcd" if random.random() < 0.5} for _ in range(60)]
    found = find_combinations(samples, EVERYTHING).found
    triples = [c for c in found if len(c.substances) == 3]
    assert len(triples) == 4
    for triple in triples:
        assert triple.expected == pytest.approx(
            _fit_iteratively(samples, triple.substances), rel=1e-6
        )


def test_triple_that_its_pairs_explain_is_strange_only_against_independence() -> None:
    # c occurs with a and b as often as a pair that comes from one source would have it.
    samples = [{"a", "b"}] * 20 + [{"a", "b", "c"}] * 20 + [{"c"}] * 10 + [{"d"}] * 50
    settings = CombinationSettings(triple_expectation="independence")
    against_pairs = {c.substances: c for c in find_combinations(samples).found}
    against_all = {c.substances: c for c in find_combinations(samples, settings).found}
    triple = ("a", "b", "c")
    assert against_pairs[triple].expected == pytest.approx(20.0)
    # Independence: 100 × 0.4 × 0.4 × 0.3.
    assert against_all[triple].expected == pytest.approx(4.8)
    assert against_pairs[triple].ic025 < 0 < against_all[triple].ic025


def test_strange_pair_comes_first_among_many_and_is_new_when_it_first_appears() -> None:
    random = np.random.default_rng(6)
    shares = 1 / np.arange(1, 61)
    shares /= shares.sum()
    samples = [
        {f"substance {i:02}" for i in random.choice(60, size=1 + random.poisson(2), p=shares)}
        for _ in range(1500)
    ]
    for position in (400, 700, 900, 1100, 1300):
        samples[position] |= {"substance 50", "substance 55"}
    result = find_combinations(samples)
    strongest = result.found[0]
    assert strongest.substances == ("substance 50", "substance 55")
    assert strongest.observed >= 5
    assert strongest.ic025 > 1
    assert result.pair_prior is not None
    assert result.pair_prior.is_fitted
    assert result.triple_prior is not None
    assert result.triple_prior.is_fitted


def test_pairs_alone() -> None:
    result = find_combinations([{"a", "b", "c"}] * 3, CombinationSettings(largest_size=2))
    assert [c.substances for c in result.found] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert result.triple_prior is None


@pytest.mark.parametrize("samples", [[], [[]], [["a"], ["b"]]])
def test_nothing_together_finds_nothing(samples: list[list[str]]) -> None:
    result = find_combinations(samples)
    assert (result.found, result.pair_prior, result.triple_prior) == ((), None, None)
    independent = CombinationSettings(triple_expectation="independence")
    assert find_combinations(samples, independent).found == ()


def test_sample_with_a_whole_shelf_is_refused() -> None:
    with pytest.raises(DetectionInputError, match="sample 1: found 101 substances"):
        find_combinations([["a"], [str(i) for i in range(101)]])


def test_text_is_no_sample() -> None:
    with pytest.raises(DetectionInputError, match="sample 0: found the text 'heroin'"):
        find_combinations(["heroin"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"minimum_count": 0}, "minimum_count is 0"),
        ({"largest_size": 4}, "largest_size is 4"),
        ({"triple_expectation": "none"}, "triple_expectation is 'none'"),
        ({"minimum_cells": 0}, "minimum_cells is 0"),
    ],
)
def test_settings_that_are_none_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(DetectionInputError, match=message):
        CombinationSettings(**settings)  # type: ignore[arg-type]


def test_limit_of_no_probability_is_refused() -> None:
    with pytest.raises(DetectionInputError, match="probability is 1"):
        derive_information_limit([1], [1.0], probability=1)
