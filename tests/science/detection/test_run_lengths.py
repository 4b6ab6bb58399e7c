"""Run lengths against hand arithmetic and R's arlCusum, and the table of limits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tocsin.science.detection.run_lengths import (
    derive_increment,
    derive_limit_table,
    derive_run_length,
)


@pytest.mark.parametrize(
    ("mean", "reference", "limit", "steps_per_case", "size", "expected"),
    [
        pytest.param(0.1, 1, 0, 20, None, 1 / (1 - math.exp(-0.1)), id="the first case alarms"),
        # Size 1 and mean 1: P(y) = 1/2, 1/4, 1/8 …
        pytest.param(1.0, 1, 0, 20, 1.0, 2.0, id="geometric, the first case"),
        pytest.param(1.0, 1, 0, 1, 1.0, 4.0, id="geometric, two cases at once"),
        # E0 = 1 + 3/4 E0 + 1/8 E1 and E1 = 1 + 1/2 E0 + 1/4 E1.
        pytest.param(1.0, 1, 1, 1, 1.0, 7.0, id="geometric, two states"),
        # surveillance 1.20.3, arlCusum(h, k, theta, digits = 2): Hawkins (1992); alarm at S >= h.
        pytest.param(0.5, 1, 3, 1, None, 632.6692851, id="R, h 4, k 1"),
        pytest.param(0.1, 1, 7, 4, None, 211.9822166, id="R, h 2, k 0.25"),
        pytest.param(2.4, 3, 9, 1, None, 548.3622655, id="R, h 10, k 3"),
        pytest.param(0.25, 1, 5, 2, None, 263.849494, id="R, h 3, k 0.5"),
    ],
)
def test_run_length_is_that_of_the_markov_chain(
    mean: float,
    reference: int,
    limit: int,
    steps_per_case: int,
    size: float | None,
    expected: float,
) -> None:
    length = derive_run_length(
        mean, reference=reference, limit=limit, steps_per_case=steps_per_case, size=size
    )
    assert length == pytest.approx(expected, rel=1e-6)


def test_all_but_endless_run_has_a_length() -> None:
    assert derive_run_length(1e-9, reference=1, limit=99, steps_per_case=20) > 1e9


def test_increment_is_the_likelihood_ratio() -> None:
    means = np.array([0.3, 4.0])
    weights, deductions = derive_increment(means, rate_ratio=2.0, size=None)
    # ln of Poisson(2µ) over Poisson(µ) at 3: 3 ln 2 − µ.
    assert 3 * weights - deductions == pytest.approx(3 * math.log(2) - means)
    weights, deductions = derive_increment(means, rate_ratio=2.0, size=1.0)
    # Geometric: P(y) = µ^y / (1 + µ)^(y + 1).
    expected = 3 * np.log(2 * (1 + means) / (1 + 2 * means)) - np.log((1 + 2 * means) / (1 + means))
    assert 3 * weights - deductions == pytest.approx(expected)


@pytest.mark.parametrize(("reference", "steps_per_case"), [(1, 100), (1, 60), (1, 7), (3, 2)])
def test_limits_give_the_run_length_wished_for(reference: int, steps_per_case: int) -> None:
    means, limits = derive_limit_table(rate_ratio=2.0, in_control_weeks=520.0, size=None)
    # For Poisson counts reference = µ (ratio − 1) / ln ratio.
    mean = reference / steps_per_case * math.log(2)
    limit = np.interp(math.log(mean), np.log(means[1:]), limits[1:]) / math.log(2)
    length = derive_run_length(
        mean,
        reference=reference,
        limit=math.floor(limit * steps_per_case + 1e-9),
        steps_per_case=steps_per_case,
    )
    assert 0.9 * 520 < length < 1.3 * 520


@pytest.mark.parametrize("size", [None, 2.0])
def test_table_ends_where_a_sum_above_zero_is_rare_enough_or_the_limit_is_steady(
    size: float | None,
) -> None:
    means, limits = derive_limit_table(rate_ratio=3.0, in_control_weeks=100.0, size=size)
    assert (np.diff(means) > 0).all()
    assert limits[:2].tolist() == [0.0, 0.0]
    assert (limits[-1] == 0) == (size is None)
    assert limits[-1] == pytest.approx(limits[-2], abs=0.1) or size is None


@hypothesis_settings(max_examples=20)
@given(
    mean=st.floats(0.01, 5.0),
    reference=st.integers(1, 6),
    limit=st.integers(0, 20),
    steps_per_case=st.integers(1, 5),
    size=st.sampled_from([None, 0.5, 3.0]),
)
def test_greater_limit_never_shortens_the_run(
    mean: float, reference: int, limit: int, steps_per_case: int, size: float | None
) -> None:
    short, long = (
        derive_run_length(
            mean, reference=reference, limit=at, steps_per_case=steps_per_case, size=size
        )
        for at in (limit, limit + 1)
    )
    assert 1 <= short <= long * (1 + 1e-6)
