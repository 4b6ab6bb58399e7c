"""What every method asks of its input before it works on it."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import DetectionInputError

# Sums of windows over a year stay whole numbers in a float64 below this.
MAXIMUM_COUNT: Final = 10**12


def check_counts(counts: NDArray[Any], *, name: str = "counts") -> NDArray[np.int64]:
    """Return counts of shape (n_series, n_weeks) as int64, or say which value is not a count.

    counts: whole numbers from 0 to MAXIMUM_COUNT, as integers or as floats without fraction.
        Either length may be 0.
    name: what the values are, for the message.
    Raises DetectionInputError naming the series and week of the first value that is not a count.

    >>> check_counts(np.array([[0.0, 2.0]])).tolist()
    [[0, 2]]
    """
    values = np.asarray(counts)
    if values.ndim != 2:
        raise DetectionInputError(
            f"{name}: found {values.ndim} dimension(s); expected 2, (n_series, n_weeks)"
        )
    if values.dtype.kind not in "biuf":
        raise DetectionInputError(f"{name}: found values of type {values.dtype}; expected numbers")
    # NaN fails both comparisons and infinity the second, so neither reaches the arithmetic.
    is_count = (values >= 0) & (values <= MAXIMUM_COUNT)
    if values.dtype.kind == "f":
        is_count &= np.trunc(values) == values
    if not is_count.all():
        series, week = (int(i) for i in np.argwhere(~is_count)[0])
        raise DetectionInputError(
            f"series {series}, week {week}: found {values[series, week]} in {name}; "
            f"expected a whole number from 0 to {MAXIMUM_COUNT}"
        )
    return values.astype(np.int64)


def check_denominators(
    denominators: NDArray[Any] | None, counts: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """Return the numbers examined (samples tested), each at least the count found among them.

    denominators: shape of the counts, whole numbers; None stays None.
    Raises DetectionInputError naming the series and week of the first contradiction.

    >>> check_denominators(np.array([[4, 9]]), np.array([[0, 2]])).tolist()
    [[4, 9]]
    """
    if denominators is None:
        return None
    checked = check_counts(denominators, name="denominators")
    if checked.shape != counts.shape:
        raise DetectionInputError(
            f"denominators: found shape {checked.shape}; expected that of the counts, "
            f"{counts.shape}"
        )
    short = checked < counts
    if short.any():
        series, week = (int(i) for i in np.argwhere(short)[0])
        raise DetectionInputError(
            f"series {series}, week {week}: found {counts[series, week]} positive among "
            f"{checked[series, week]} examined; expected at most as many as examined"
        )
    return checked
