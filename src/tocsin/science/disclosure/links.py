"""Which cells of several publications are one quantity: what differencing works with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import DisclosureError
from tocsin.science.disclosure.tables import CountTable, Dimension

Bools = NDArray[np.bool_]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Links:
    """Publications in the order of time, in terms of the same leaves.

    memberships: per publication and dimension, shape (codes, leaves): which leaf is in which code.
    quantities: per publication a number for each cell; equal numbers are one quantity.
    grown: pairs of quantities of which the second counts the same thing later, and is larger.
    """

    memberships: list[list[Bools]]
    quantities: list[Integers]
    grown: Integers


def link_publications(
    divisions: Sequence[Sequence[Dimension]], tables: Sequence[CountTable] = ()
) -> Links:
    """Put publications in terms of the same leaves, and find which cells stayed the same.

    divisions: the dimensions of each publication, the same names in the same order in all.
    tables: their true counts; without them no cell is taken for one of another publication.
        Two cells are one quantity where the codes are the same, the leaves beneath them are the
        same and the counts are equal: an attacker is taken to know this, and to know which
        counts grew. What an attacker cannot know, that a hidden count fell, is not used.
    Raises DisclosureError where the names of the dimensions differ.
    """
    names = [[one.name for one in dimensions] for dimensions in divisions]
    if any(found != names[0] for found in names):
        raise DisclosureError(f"publications: dimensions {names}; expected the same in all")
    memberships: list[list[Bools]] = [[] for _ in divisions]
    for same in zip(*divisions, strict=True):
        for place, membership in enumerate(_derive_memberships(same)):
            memberships[place].append(membership)
    quantities: list[Integers] = []
    start = 0
    for dimensions in divisions:
        shape = [len(one.codes) for one in dimensions]
        quantities.append(start + np.arange(np.prod(shape), dtype=np.int64).reshape(shape))
        start += quantities[-1].size
    grown = [np.zeros((0, 2), dtype=np.int64)]
    for later in range(len(tables)):
        for earlier in range(later):
            blocks = _find_common_block(
                divisions[earlier], divisions[later], memberships[earlier], memberships[later]
            )
            old, new = np.ix_(*blocks[0]), np.ix_(*blocks[1])
            before, after = tables[earlier], tables[later]
            both = ~before.missing[old] & ~after.missing[new]
            same_count = both & (before.values[old] == after.values[new])
            more = both & (before.values[old] < after.values[new])
            quantities[later][new] = np.where(
                same_count, quantities[earlier][old], quantities[later][new]
            )
            grown.append(
                np.stack([quantities[earlier][old][more], quantities[later][new][more]], axis=1)
            )
    # A count that grew since one publication may be the same as in another, and then has its number.
    settled = np.concatenate([one.ravel() for one in quantities])
    return Links(memberships, quantities, np.unique(settled[np.concatenate(grown)], axis=0))


def _derive_memberships(dimensions: Sequence[Dimension]) -> list[Bools]:
    """Return, per publication, which of all leaves lie beneath each code of one dimension.

    A leaf of one publication that another divides is taken as divided.
    """

    def expand(code: str) -> tuple[str, ...]:
        for one in dimensions:
            if parts := one.list_parts(code):
                return tuple(leaf for part in parts for leaf in expand(part))
        return (code,)

    expanded = [
        {
            code: {base for leaf in one.list_leaves(code) for base in expand(leaf)}
            for code in one.codes
        }
        for one in dimensions
    ]
    order = dict.fromkeys(
        base for one in dimensions for leaf in one.leaves for base in expand(leaf)
    )
    return [
        np.array([[leaf in leaves for leaf in order] for leaves in codes.values()])
        for codes in expanded
    ]


def _find_common_block(
    before: Sequence[Dimension],
    after: Sequence[Dimension],
    memberships_before: Sequence[Bools],
    memberships_after: Sequence[Bools],
) -> tuple[list[list[int]], list[list[int]]]:
    """Return, per dimension, the positions of codes that mean the same in both publications."""
    old: list[list[int]] = []
    new: list[list[int]] = []
    for one, other, mine, theirs in zip(
        before, after, memberships_before, memberships_after, strict=True
    ):
        places = {code: at for at, code in enumerate(other.codes)}
        pairs = [
            (at, places[code])
            for at, code in enumerate(one.codes)
            if code in places and np.array_equal(mine[at], theirs[places[code]])
        ]
        old.append([pair[0] for pair in pairs])
        new.append([pair[1] for pair in pairs])
    return old, new
