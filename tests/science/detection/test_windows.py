"""Sums of weeks."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.science.detection.windows import shift_weeks, sum_past, sum_windows

COUNTS = arrays(
    np.int64, st.tuples(st.integers(0, 3), st.integers(0, 20)), elements=st.integers(0, 99)
)


@given(counts=COUNTS, weeks=st.integers(1, 25))
def test_windows_are_what_slices_sum_to(counts: np.ndarray, weeks: int) -> None:
    sums = sum_windows(counts, weeks)
    for series, week in np.ndindex(*counts.shape):
        assert sums[series, week] == counts[series, max(0, week - weeks + 1) : week + 1].sum()
    assert np.array_equal(sum_past(counts, weeks), sums)


@given(counts=COUNTS, weeks=st.integers(1, 25), half_life=st.sampled_from([0.5, 2.0, 100.0]))
def test_under_a_half_life_older_weeks_count_less(
    counts: np.ndarray, weeks: int, half_life: float
) -> None:
    sums = sum_past(counts, weeks, half_life_weeks=half_life)
    for series, week in np.ndindex(*counts.shape):
        hand = sum(
            counts[series, week - lag] * 0.5 ** (lag / half_life)
            for lag in range(min(weeks, week + 1))
        )
        assert np.isclose(sums[series, week], hand, rtol=1e-12)


def test_more_series_than_one_chunk_holds_are_summed_alike() -> None:
    sums = sum_past(np.tile(np.array([[4, 0, 1]]), (600, 1)), 3, half_life_weeks=1.0)
    assert (sums == [4.0, 2.0, 2.0]).all()


def test_weeks_before_the_first_shift_in_as_zero() -> None:
    counts = np.array([[1, 2, 3]])
    assert [shift_weeks(counts, weeks).tolist() for weeks in (0, 1, 3, 9)] == [
        [[1, 2, 3]],
        [[0, 1, 2]],
        [[0, 0, 0]],
        [[0, 0, 0]],
    ]
