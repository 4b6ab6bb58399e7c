"""The window that is told, and how rare it is said to be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from tocsin.signals.rarity import (
    RAREST_WEEKS,
    derive_rare_weeks,
    derive_window_tails,
    derive_window_weeks,
)


@pytest.mark.parametrize(
    ("counts", "weeks"),
    [
        pytest.param([0] * 100 + [3], 1, id="all in one week"),
        pytest.param([0] * 100 + [1, 0, 0, 1, 1], 5, id="from the first of them on"),
        pytest.param([2] * 100 + [9, 9], 2, id="above what was usual"),
        pytest.param([1, 0, 2], 3, id="too short to have a past"),
        pytest.param([1] * 9, 1, id="one week beside the shortest past"),
    ],
)
def test_the_weeks_least_like_those_before_are_told(counts: list[int], weeks: int) -> None:
    assert derive_window_weeks(np.array(counts)) == weeks


@given(counts=arrays(np.int64, st.integers(9, 200), elements=st.integers(0, 5)))
def test_the_window_begins_with_a_finding_where_there_is_one(counts: NDArray[np.int64]) -> None:
    window = derive_window_weeks(counts)
    assert 1 <= window <= 52
    assert counts[-window] > 0 or not counts[-window:].any() or window == 1


def test_a_case_is_as_improbable_as_the_weeks_before_it_are_many() -> None:
    # P(1 or more) = 1 - (T / (T + 1)) ** (m + 1/2) after m cases in T weeks; 1 without a past.
    tails = derive_window_tails(np.array([[1, 0, 0, 1, 1]]), 1)
    assert tails[0] == pytest.approx([1, 1, 1, 1 - (3 / 4) ** 1.5, 1 - (4 / 5) ** 2.5])
    # P(2 or more) in two weeks after one case in three: without none, and without one.
    pairs = derive_window_tails(np.array([[1, 0, 0, 1, 1]]), 2)
    assert pairs[0] == pytest.approx([1, 1, 1, 1 - (2 / 4) ** 1.5, 1 - (3 / 5) ** 1.5 * 1.6])


@given(
    counts=arrays(np.int64, st.tuples(st.just(2), st.integers(1, 80)), elements=st.integers(0, 5)),
    window=st.integers(1, 8),
    data=st.data(),
)
def test_how_probable_a_week_is_reads_nothing_later(
    counts: NDArray[np.int64], window: int, data: st.DataObject
) -> None:
    known = data.draw(st.integers(1, counts.shape[1]))
    whole = derive_window_tails(counts, window)
    np.testing.assert_array_equal(derive_window_tails(counts[:, :known], window), whole[:, :known])
    assert ((whole > 0) & (whole <= 1)).all()


@pytest.mark.parametrize(
    ("p_value", "weeks"),
    [
        (0.5, 2),
        (0.51, None),
        (1 / 14.4, 14),
        (1 / 1_937, 1_900),
        (1 / 9_960, RAREST_WEEKS),
        (1e-30, RAREST_WEEKS),
        (0.0, RAREST_WEEKS),
        (float("nan"), None),
    ],
)
def test_rarity_has_two_figures_and_an_end(p_value: float, weeks: int | None) -> None:
    assert derive_rare_weeks(p_value, method="emergence", expected=0.1) == weeks


@pytest.mark.parametrize(
    "method",
    ["spike-rule", "ears-c1", "ears-c2", "ears-c3", "cusum", "time-between-events"],
)
def test_methods_of_a_normal_distribution_or_of_no_window_say_nothing_of_rarity(
    method: str,
) -> None:
    assert derive_rare_weeks(1e-6, method=method, expected=5.0) is None


def test_one_case_where_none_is_expected_is_no_proof_of_rarity() -> None:
    def rarity(expected: float) -> int | None:
        return derive_rare_weeks(1e-3, method="farrington-flexible", expected=expected)

    assert [rarity(expected) for expected in (0.0, 0.99, 1.0, float("nan"))] == [
        None,
        None,
        1_000,
        None,
    ]
