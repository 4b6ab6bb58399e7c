"""Gamma-Poisson prediction against hand arithmetic and R's pnbinom, and the learned prior."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import DetectionInputError
from tocsin.science.detection.uncertain_rates import (
    VAGUE_PRIOR,
    GammaPrior,
    derive_limit,
    derive_past,
    derive_tail,
    learn_prior,
)


def tail(count: float, shape: float, rate: float, exposure: float, *, mid_p: bool = False) -> float:
    values = (np.array([value], dtype=float) for value in (count, shape, rate, exposure))
    return float(derive_tail(*values, mid_p=mid_p)[0])


def limit(
    level: float, shape: float, rate: float, exposure: float, *, mid_p: bool = False
) -> float:
    values = (np.array([value], dtype=float) for value in (level, shape, rate, exposure))
    return float(derive_limit(*values, mid_p=mid_p)[0])


@pytest.mark.parametrize(
    ("count", "shape", "rate", "exposure", "expected"),
    [
        # Shape 1 is the geometric distribution: P(Y ≥ y) = (e / (b + e))^y.
        pytest.param(0, 1, 3, 1, 1.0, id="no case is never strange"),
        pytest.param(1, 1, 3, 1, 1 / 4, id="geometric, one"),
        pytest.param(3, 1, 3, 1, 1 / 64, id="geometric, three"),
        # R 4.2.2: pnbinom(y - 1, size = a, prob = b / (b + e), lower.tail = FALSE).
        pytest.param(3, 0.5, 365, 4, 3.9969090497117e-07, id="three in four weeks after years"),
        pytest.param(1, 2.5, 105, 26, 0.424831612142715, id="one in half a year"),
        pytest.param(40, 200.5, 101, 13, 0.00897665286031878, id="dense"),
        pytest.param(12, 7.25, 300, 8, 1.94733247535612e-15, id="far tail keeps its digits"),
        pytest.param(1, 1, 3, 0, 0.0, id="nothing examined"),
        pytest.param(0, 1, 0, 0, 1.0, id="nothing examined now or before"),
    ],
)
def test_tail_is_that_of_the_negative_binomial(
    count: float, shape: float, rate: float, exposure: float, expected: float
) -> None:
    assert tail(count, shape, rate, exposure) == pytest.approx(expected, rel=1e-10)


def test_mid_p_counts_half_of_the_count_itself() -> None:
    assert tail(1, 1, 3, 1, mid_p=True) == pytest.approx((1 / 4 + 1 / 16) / 2)
    assert tail(0, 1, 3, 1, mid_p=True) == pytest.approx((1 + 1 / 4) / 2)


@pytest.mark.parametrize(
    ("level", "shape", "rate", "exposure", "expected"),
    [
        # Geometric: 1/4, 1/16, 1/64: the second is still above 0.05.
        pytest.param(0.05, 1, 3, 1, 2.0, id="geometric"),
        pytest.param(1 / 16, 1, 3, 1, 1.0, id="a tail that equals the level is not above it"),
        # R: qnbinom(level, size, prob, lower.tail = FALSE) is the greatest count with a tail above.
        pytest.param(0.001, 2.5, 105, 26, 5.0, id="R, one in a thousand"),
        pytest.param(0.05, 2.5, 105, 26, 2.0, id="R, one in twenty"),
        pytest.param(0.001, 200.5, 101, 13, 44.0, id="R, dense"),
        pytest.param(0.001, 1, 3, 0, 0.0, id="nothing examined"),
        pytest.param(0.5, 1, 0, 1, math.inf, id="no past: nothing is strange"),
    ],
)
def test_limit_is_the_greatest_count_that_is_common(
    level: float, shape: float, rate: float, exposure: float, expected: float
) -> None:
    assert limit(level, shape, rate, exposure) == expected


def test_limit_of_nothing_is_nothing() -> None:
    none = np.zeros(0)
    assert derive_limit(none, none, none, none, mid_p=False).shape == (0,)


@given(
    level=st.floats(1e-9, 0.5),
    shape=st.floats(0.1, 1e6),
    rate=st.floats(0.1, 1e6),
    exposure=st.floats(0.01, 1e4),
    mid_p=st.booleans(),
)
def test_limit_parts_common_from_strange(
    level: float, shape: float, rate: float, exposure: float, mid_p: bool
) -> None:
    found = limit(level, shape, rate, exposure, mid_p=mid_p)
    assert tail(found, shape, rate, exposure, mid_p=mid_p) > level
    assert tail(found + 1, shape, rate, exposure, mid_p=mid_p) <= level


def test_past_is_cases_and_exposure_up_to_its_maximum() -> None:
    counts, examined = np.array([[1, 0, 2]]), np.array([[10, 0, 20]])
    cases, exposures = derive_past(counts, None, maximum_weeks=2)
    assert (cases.tolist(), exposures.tolist()) == ([[1, 1, 2]], [[1, 2, 2]])
    cases, exposures = derive_past(counts, examined, maximum_weeks=9)
    assert (cases.tolist(), exposures.tolist()) == ([[1, 1, 3]], [[10, 10, 30]])


def test_half_life_makes_the_past_lighter() -> None:
    cases, exposures = derive_past(
        np.array([[4, 0, 1]]), None, maximum_weeks=3, half_life_weeks=1.0
    )
    assert cases.tolist() == [[4.0, 2.0, 2.0]]
    assert exposures.tolist() == [[1.0, 1.5, 1.75]]


@pytest.mark.parametrize(
    ("shape", "rate"), [(0.0, 1.0), (1.0, math.inf), (math.nan, 1.0), (1.0, -1.0)]
)
def test_prior_that_is_no_distribution_is_refused(shape: float, rate: float) -> None:
    with pytest.raises(DetectionInputError, match="gamma prior"):
        GammaPrior(shape, rate)


def test_prior_is_found_again_from_series_drawn_from_it() -> None:
    generator = np.random.default_rng(20250613)
    rates = generator.gamma(2.0, 1 / 50, size=4000)
    learned = learn_prior(generator.poisson(rates[:, None], size=(4000, 60)))
    assert learned.shape == pytest.approx(2.0, rel=0.1)
    assert learned.rate == pytest.approx(50.0, rel=0.1)
    examined = generator.integers(0, 200, size=(4000, 60))
    by_sample = learn_prior(generator.binomial(examined, rates[:, None] / 10), examined)
    assert by_sample.shape == pytest.approx(2.0, rel=0.1)
    assert by_sample.rate == pytest.approx(500.0, rel=0.1)


def test_mean_of_the_prior_is_that_of_series_of_one_length() -> None:
    # With the same exposure everywhere the best rate gives a / b = cases / exposure exactly.
    counts = np.array([[0, 1], [3, 3], [0, 0], [9, 1], [2, 0], [1, 0]])
    learned = learn_prior(counts)
    assert learned.shape / learned.rate == pytest.approx(20 / 12, rel=1e-9)

    def likelihood(shape: float) -> float:
        rate = shape * 12 / 20
        total: float = sum(
            math.lgamma(shape + x)
            - math.lgamma(shape)
            + shape * math.log(rate / (rate + 2))
            - x * math.log(rate + 2)
            for x in counts.sum(axis=1).tolist()
        )
        return total

    nearby = [learned.shape * factor for factor in (0.5, 0.99, 1.01, 2.0)]
    assert all(likelihood(learned.shape) > likelihood(shape) for shape in nearby)


def test_series_of_one_rate_give_the_greatest_shape_allowed() -> None:
    learned = learn_prior(np.full((9, 100), 3))
    assert learned.shape == pytest.approx(50.0)
    assert learned.shape / learned.rate == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("counts", "denominators"),
    [
        pytest.param(np.zeros((0, 9)), None, id="no series"),
        pytest.param(np.zeros((9, 0)), None, id="no week"),
        pytest.param(np.ones((4, 9)), None, id="four series"),
        pytest.param(np.eye(9)[:, :2], None, id="two of them with a case"),
        pytest.param(np.zeros((9, 2)), np.full((9, 2), 40), id="no case"),
        pytest.param(np.zeros((9, 2)), np.zeros((9, 2)), id="nothing examined"),
    ],
)
def test_too_little_to_learn_from_gives_the_vague_prior(
    counts: np.ndarray, denominators: np.ndarray | None
) -> None:
    assert learn_prior(counts, denominators) == VAGUE_PRIOR
    own = GammaPrior(3.0, 4.0)
    assert learn_prior(counts, denominators, vague=own) == own


@given(seed=st.integers(0, 10**6), scale=st.sampled_from([1e-3, 1.0, 1e9]))
def test_whatever_the_series_the_prior_exists(seed: int, scale: float) -> None:
    generator = np.random.default_rng(seed)
    learned = learn_prior(generator.poisson(generator.exponential(scale, size=(6, 8))))
    assert 0 < learned.shape <= 50.0 * (1 + 1e-9)
    assert learned == VAGUE_PRIOR or 0 < learned.rate < math.inf
