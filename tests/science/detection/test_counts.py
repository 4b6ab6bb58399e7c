"""What every method asks of its input."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import check_counts, check_denominators

COUNTS = np.array([[0, 2], [1, 3]])


@pytest.mark.parametrize(
    ("denominators", "message"),
    [
        (np.array([[5, 5]]), "denominators: found shape (1, 2); expected that of the counts, (2, 2)"),
        (np.array([[5, 5], [5, 2]]), "series 1, week 1: found 3 positive among 2 examined"),
        (np.array([[5, -5], [5, 5]]), "series 0, week 1: found -5 in denominators"),
    ],
)  # fmt: skip
def test_denominators_that_contradict_the_counts_are_named(
    denominators: NDArray[Any], message: str
) -> None:
    with pytest.raises(DetectionInputError) as caught:
        check_denominators(denominators, COUNTS)
    assert message in str(caught.value)


def test_denominators_may_be_left_out() -> None:
    assert check_denominators(None, COUNTS) is None


def test_denominators_as_large_as_the_counts_are_taken() -> None:
    checked = check_denominators(np.array([[0.0, 2.0], [4.0, 3.0]]), COUNTS)
    assert checked is not None
    assert checked.tolist() == [[0, 2], [4, 3]]


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (np.array([1, 2]), "counts: found 1 dimension(s); expected 2, (n_series, n_weeks)"),
        (np.array([["1"]]), "counts: found values of type <U1; expected numbers"),
        (np.array([[0.5]]), "series 0, week 0: found 0.5 in counts; expected a whole number"),
        (np.array([[0.0, np.nan]]), "series 0, week 1: found nan in counts"),
    ],
)
def test_what_is_no_count_is_named(counts: NDArray[Any], message: str) -> None:
    with pytest.raises(DetectionInputError) as caught:
        check_counts(counts)
    assert message in str(caught.value)
