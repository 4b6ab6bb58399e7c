"""Case-level tables in which everybody is like others: k-anonymity by generalising and leaving out.

Source: P. Samarati, Protecting respondents' identities in microdata release, IEEE Transactions on
Knowledge and Data Engineering 13 (2001) 1010: full-domain generalisation with suppression. The
order in which levels are tried is our own.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from tocsin.errors import DisclosureError

Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Generalised:
    """What may be told of each case.

    levels: how far each column was generalised, 0 for not at all. values: of each case in its
    order; None for a case that is left out of the columns, because too few are like it.
    """

    levels: tuple[int, ...]
    values: tuple[Values | None, ...]


def generalise(
    cases: Sequence[Sequence[Values]],
    *,
    threshold: int,
    at_least: Sequence[int] = (),
    most_left_out: float = 0.05,
) -> Generalised:
    """Generalise columns until at least ``threshold`` cases share each combination of values.

    cases: of each case, per column its values from the finest level to the coarsest; all cases have
    the same number of levels in a column. at_least: levels that columns must have, those of an earlier
    table with the same cases: two tables, each finer in another column, would tell more than either.
    The levels with the smallest sum are taken at which at
    most the share ``most_left_out`` of the cases has to be left out; of several, the one with the
    fewest left out, then the one whose first columns stay finest. At the coarsest levels all that
    must be is left out. Fewer than ``threshold`` left-out cases would be like nobody: then further
    ones join them, those of the smallest combination, or all.
    Raises DisclosureError for cases with unequal levels and a threshold below 2.

    >>> ages = [("15-24", "any"), ("15-24", "any"), ("65+", "any"), ("25-34", "any")]
    >>> generalise([(one,) for one in ages], threshold=2).values
    (('any',), ('any',), ('any',), ('any',))
    """
    if threshold < 2:
        raise DisclosureError(f"threshold {threshold}: expected 2 or more")
    if len({tuple(map(len, case)) for case in cases}) > 1:
        raise DisclosureError("cases: columns differ in their levels; expected the same for all")
    if not cases:
        return Generalised((), ())
    heights = [len(column) for column in cases[0]]
    found: tuple[tuple[int, int, tuple[int, ...]], Generalised] | None = None
    coarsest = tuple(height - 1 for height in heights)
    lowest = tuple(at_least) or (0,) * len(heights)
    for levels in product(*map(range, lowest, heights)):
        if found is not None and sum(levels) > found[0][0]:
            continue
        one = _generalise_to(cases, levels, threshold)
        left_out = sum(values is None for values in one.values)
        if left_out <= most_left_out * len(cases) or levels == coarsest:
            rank = (sum(levels), left_out, levels)
            if found is None or rank < found[0]:
                found = (rank, one)
    if found is None:
        raise DisclosureError("cases: no column has a level; expected one or more in each")
    return found[1]


def _generalise_to(
    cases: Sequence[Sequence[Values]], levels: tuple[int, ...], threshold: int
) -> Generalised:
    values = [
        tuple(column[level] for column, level in zip(case, levels, strict=True)) for case in cases
    ]
    counts = Counter(values)
    kept = {value: count for value, count in counts.items() if count >= threshold}
    left_out = len(cases) - sum(kept.values())
    while 0 < left_out < threshold and kept:
        smallest = min(kept, key=lambda value: (kept[value], value))
        left_out += kept.pop(smallest)
    return Generalised(levels, tuple(value if value in kept else None for value in values))
