"""Whether a published sum tells what its largest part is."""

import heapq
from collections.abc import Collection
from decimal import Decimal
from typing import Final

from tocsin.errors import DisclosureError

DEFAULT_PERCENT: Final = 10


def is_dominated(parts: Collection[Decimal], *, percent: int = DEFAULT_PERCENT) -> bool:
    """Tell whether who gave the second largest part of a sum could tell the largest too well.

    Whoever gave x2 knows that x1 is at most the sum without x2. The sum is dominated where that is
    less than ``percent`` above the truth, by the p% rule: with parts x1 >= x2 >= ..., where
    sum - x1 - x2 < percent/100 * x1. One or two parts are always dominated.
    parts: each 0 or more, in any one unit. Raises DisclosureError for a negative one.
    Source: Hundepool et al., Handbook on Statistical Disclosure Control, chapter 4, sensitive cells
    in magnitude tables: table of sensitivity rules.

    >>> is_dominated([Decimal(50), Decimal(49), Decimal(1)])
    True
    >>> is_dominated([Decimal(50), Decimal(45), Decimal(3), Decimal(2)])
    False
    """
    if len(parts) <= 2:
        return True
    if min(parts) < 0:
        raise DisclosureError(f"sum: has a part of {min(parts)}; expected parts of 0 or more")
    largest, second = heapq.nlargest(2, parts)
    return (sum(parts) - largest - second) * 100 < percent * largest
