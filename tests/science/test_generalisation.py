"""Generalising cases until enough are alike."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import DisclosureError
from tocsin.science.generalisation import Generalised, generalise

MONTH_AND_PLACE = [
    (("2026-01", "2026", "any"), ("AT1", "AT", "any")),
    (("2026-01", "2026", "any"), ("AT1", "AT", "any")),
    (("2026-02", "2026", "any"), ("AT2", "AT", "any")),
    (("2026-02", "2026", "any"), ("AT3", "AT", "any")),
]


def test_the_least_generalisation_is_taken() -> None:
    assert generalise(MONTH_AND_PLACE, threshold=2) == Generalised(
        (0, 1), (("2026-01", "AT"), ("2026-01", "AT"), ("2026-02", "AT"), ("2026-02", "AT"))
    )


def test_levels_told_before_are_the_least() -> None:
    assert generalise(MONTH_AND_PLACE, threshold=2, at_least=(1, 0)).levels == (1, 1)


def test_cases_that_nobody_is_like_are_left_out_with_enough_others() -> None:
    alike = [(("15-24", "any"),)] * 60 + [(("25-34", "any"),)] * 3
    found = generalise([*alike, (("65+", "any"),)], threshold=3, most_left_out=0.1)

    # The lone case takes the smallest combination with it, so that four are like each other.
    assert found.levels == (0,)
    assert found.values == (("15-24",),) * 60 + (None,) * 4


def test_too_few_cases_are_all_left_out() -> None:
    assert generalise([(("65+", "any"),)] * 2, threshold=3).values == (None, None)


def test_no_cases_are_no_cases() -> None:
    assert generalise([], threshold=3) == Generalised((), ())


@pytest.mark.parametrize(
    ("cases", "threshold", "message"),
    [
        pytest.param([], 1, "expected 2 or more", id="threshold"),
        pytest.param([(("a", "b"),), (("a",),)], 2, "differ in their levels", id="levels"),
        pytest.param([((),)], 2, "no column has a level", id="no level"),
    ],
)
def test_what_cannot_be_generalised_is_refused(
    cases: list[tuple[tuple[str, ...], ...]], threshold: int, message: str
) -> None:
    with pytest.raises(DisclosureError, match=message):
        generalise(cases, threshold=threshold)


@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 3)), min_size=1, max_size=60),
    st.integers(2, 6),
)
def test_nobody_stands_out(pairs: list[tuple[int, int]], threshold: int) -> None:
    cases = [((f"{a}", f"{a // 4}", "any"), (f"{b}", "any")) for a, b in pairs]

    counts = Counter(generalise(cases, threshold=threshold).values)

    if len(cases) >= threshold:
        assert min(counts.values()) >= threshold
    else:
        assert set(counts) == {None}
