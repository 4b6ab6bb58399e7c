import math
from fractions import Fraction
from itertools import accumulate

import numpy as np
import pytest
from scipy.special import ndtri

from tocsin.science.detection.farrington_flexible.large_counts import (
    derive_quantiles,
    derive_upper_tails,
)
from tocsin.science.detection.farrington_flexible.negative_binomial import (
    exp_or_infinity,
    probability,
    quantile,
    upper_tail,
)


def exact_probabilities(size: int, success: Fraction, most: int) -> list[Fraction]:
    """P(Y = 0), …: failures before so many successes, in whole numbers."""
    return [
        math.comb(size + count - 1, count) * success**size * (1 - success) ** count
        for count in range(most + 1)
    ]


@pytest.mark.parametrize(
    ("size", "success"),
    [
        (1, Fraction(1, 2)), (3, Fraction(1, 4)), (40, Fraction(1, 2)), (25, Fraction(1, 10)),
        (1, Fraction(1, 100)),
    ],
)  # fmt: skip
def test_probabilities_and_tails_agree_with_whole_number_arithmetic(
    size: int, success: Fraction
) -> None:
    mean, dispersion = float(size * (1 - success) / success), float(1 / success)
    exact = exact_probabilities(size, success, 400)
    below = Fraction(0)
    for count, one in enumerate(exact):
        assert probability(float(count), mean, dispersion) == pytest.approx(float(one), rel=1e-12)
        if count % 7 == 0:
            tail = upper_tail(float(count), mean, dispersion)
            assert tail == pytest.approx(float(1 - below), rel=1e-10)
        below += one


@pytest.mark.parametrize("level", [0.3, 0.5, 0.95, 0.99, 0.9999])
@pytest.mark.parametrize(
    ("size", "success"), [(1, Fraction(1, 2)), (40, Fraction(1, 2)), (25, Fraction(1, 10))]
)
def test_the_quantile_is_the_smallest_count_that_reaches_the_level(
    size: int, success: Fraction, level: float
) -> None:
    mean, dispersion = float(size * (1 - success) / success), float(1 / success)
    reached = list(accumulate(exact_probabilities(size, success, 900)))
    first = next(count for count, one in enumerate(reached) if one >= Fraction(level))
    assert quantile(level, float(ndtri(level)), mean, dispersion) == first


def test_poisson_is_the_limit_of_a_dispersion_of_one() -> None:
    # P(Y >= 3) of mean 2: 1 - 5 e^-2. P(Y <= 5) = 0.983 and P(Y <= 6) = 0.995.
    for dispersion in (1.0, 1.0 + 1e-13):
        assert upper_tail(3.0, 2.0, dispersion) == pytest.approx(1 - 5 * math.exp(-2), rel=1e-12)
        assert quantile(0.99, 2.3263478740408408, 2.0, dispersion) == 6.0
        # Of mean 100: the 99th percentile is 124.
        assert quantile(0.99, 2.3263478740408408, 100.0, dispersion) == 124.0


def test_a_quantile_far_from_the_first_guess_is_found() -> None:
    # Skewed: size 0.31; the guess from the first moments is 61 too high and 4 too low.
    for level in (0.5, 0.999):
        at = quantile(level, float(ndtri(level)), 31.0, 101.0)
        assert upper_tail(at + 1.0, 31.0, 101.0) <= 1.0 - level < upper_tail(at, 31.0, 101.0)


def test_levels_next_to_one_end() -> None:
    level = 1.0 - 2.0**-53
    assert quantile(level, float(ndtri(level)), 3.0, 1.0) < 60.0
    assert quantile(level, float(ndtri(level)), 300.0, 1.0) < 500.0


def test_what_is_beyond_all_numbers_is_infinite_or_none() -> None:
    assert exp_or_infinity(800.0) == math.inf
    assert upper_tail(1e12, 1.0, 1.0) == 0.0


@pytest.mark.parametrize(
    ("mean", "dispersion"), [(40.0, 1.0), (40.0, 3.0), (5000.0, 1.0 + 1e-9), (300.0, 80.0)]
)
def test_great_and_small_counts_meet(mean: float, dispersion: float) -> None:
    spread = math.sqrt(mean * dispersion)
    counts = np.floor(np.array([0.0, mean - spread, mean + spread, mean + 3 * spread]))
    means, dispersions = np.full(4, mean), np.full(4, dispersion)
    one_by_one = [upper_tail(count, mean, dispersion) for count in counts]
    # The normal approximation is used from a size of 1e10, where it is this near.
    tolerance = 2e-2 if mean >= 1e10 * (dispersion - 1) else 1e-10
    assert derive_upper_tails(counts, means, dispersions) == pytest.approx(
        one_by_one, rel=tolerance
    )
    z = float(ndtri(0.99))
    assert derive_quantiles(0.99, z, means[:1], dispersions[:1]).tolist() == [
        quantile(0.99, z, mean, dispersion)
    ]


def test_a_mean_near_the_greatest_number_has_a_threshold() -> None:
    means, dispersions = np.array([1e300, 1e12, 1e12]), np.array([2.0, 1.0, 1e11])
    found = derive_quantiles(0.99, 2.3263478740408408, means, dispersions)
    assert found[0] == 1e300
    # A normal quantile: 1e12 + 2.326 × 1e6, and two thirds more for the skewness.
    assert found[1] == 1000002326349.0
    # Size 10: near a gamma distribution, whose 99th percentile is 18.783 × 1e11 (chi-square 37.566).
    assert found[2] == pytest.approx(18.783 * 1e11, rel=1e-4)
    assert derive_upper_tails(found, means, dispersions) == pytest.approx([0.5, 0.01, 0.01], 1e-5)
