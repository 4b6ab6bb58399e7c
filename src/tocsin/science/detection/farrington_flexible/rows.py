"""The compiled loop's working arrays: which row holds what.

``work`` has the shape (N_ROWS, weeks of the past), ``levels`` the shape (N_LEVEL_ROWS, groups).
"""

from typing import Final, NamedTuple

COUNT: Final = 0
WEIGHT: Final = 1
POPULATION: Final = 2
RESPONSE: Final = 3
"""The start's mean times its working response."""
SATURATED: Final = 4
"""count·log(count / population), which the deviance adds."""
MEAN: Final = 5
"""The mean after the last step."""
LAST_MEAN: Final = 6
"""The mean before it."""
FLAGGED: Final = 7
"""Places of the weeks that weigh less than the others; their groups in the next row."""
FLAGGED_GROUP: Final = 8
POWER: Final = 9
MOMENT: Final = 10
N_ROWS: Final = 13

LEVEL: Final = 0
"""Log mean of a group at time 0."""
TOTAL: Final = 1
SUM: Final = 2
"""Sum of the group's weights in the last step."""
CENTRE: Final = 3
"""Weighted mean time of the group in the last step."""
NEXT_SUM: Final = 4
NEXT_FIRST: Final = 5
STEP: Final = 6
EXPOSURE: Final = 7
SCALE: Final = 8
N_LEVEL_ROWS: Final = 9


class Weighing(NamedTuple):
    """How weeks weigh: n_flagged of them as in WEIGHT, the others all ``common``.

    is_even: whether there is no population to differ from week to week.
    """

    is_even: bool
    n_flagged: int
    common: float
