"""The window that is told, and how rare it is said to be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from tocsin.signals.rarity import RAREST_WEEKS, derive_rare_weeks, derive_window_weeks


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
    assert derive_rare_weeks(p_value, method="emergence") == weeks


def test_methods_that_borrow_the_normal_distribution_say_nothing_of_rarity() -> None:
    assert derive_rare_weeks(1e-6, method="spike-rule") is None
