"""The p% rule, against the handbook's example and what a contributor can work out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import DisclosureError
from tocsin.science.disclosure import is_dominated

PARTS = st.lists(st.integers(0, 10**6).map(Decimal), min_size=3, max_size=12)


def test_the_handbooks_example_is_told_too_well() -> None:
    # Handbook on Statistical Disclosure Control, chapter 4, example 1: of 100,000 the two largest
    # are 50,000 and 49,000; the second estimates the first as 51,000, which is 2 % too much.
    rest = [Decimal(100)] * 10
    parts = [Decimal(50_000), Decimal(49_000), *rest]

    assert sum(parts) == 100_000
    assert is_dominated(parts)
    assert is_dominated(parts, percent=3)
    assert not is_dominated(parts, percent=2)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param([], True, id="nothing"),
        pytest.param([7, 7], True, id="two: each knows the other's"),
        pytest.param([100_000, "0.1", "0.1", "0.1", "0.1"], True, id="one of 100 kg"),
        pytest.param([10, 10, "0.99"], True, id="just less than a tenth of the largest"),
        pytest.param([10, 10, 1], False, id="a tenth of the largest"),
        pytest.param([5] * 5, False, id="all alike"),
    ],
)
def test_the_rest_must_be_a_tenth_of_the_largest(parts: list[int | str], expected: bool) -> None:
    assert is_dominated([Decimal(one) for one in parts]) is expected


@given(PARTS, st.randoms(use_true_random=False))
def test_no_contributor_to_a_sum_that_is_not_dominated_tells_another_within_a_tenth(
    parts: list[Decimal], chance: object
) -> None:
    chance.shuffle(parts)  # type: ignore[attr-defined]
    total = sum(parts)
    estimates = [
        (total - own, other)
        for at, own in enumerate(parts)
        for number, other in enumerate(parts)
        if at != number
    ]

    assert is_dominated(parts) is any(most * 10 < other * 11 for most, other in estimates)


def test_a_negative_part_is_refused() -> None:
    with pytest.raises(DisclosureError, match="part of -1"):
        is_dominated([Decimal(3), Decimal(2), Decimal(-1)])
