"""Tables of counts with their margins, and what of them is shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import DisclosureError

Key = tuple[str, ...]
"""Which cell: one code per dimension, in the order of the table's dimensions."""

Place = tuple[int, ...]
"""The same as positions of the codes."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way in which a table is divided: codes, each part of at most one other.

    name: the same in every publication of a series.
    parents: for each code the code whose subtotal it is part of; empty for one that is part of
        nothing. A code that is nobody's parent is a leaf. One code means the same thing in every
        publication.

    >>> region = Dimension("region", {"AT": "", "AT1": "AT", "AT11": "AT1", "AT12": "AT1"})
    >>> region.leaves, region.list_parts("AT1")
    (('AT11', 'AT12'), ('AT11', 'AT12'))
    """

    name: str
    parents: Mapping[str, str]

    def __post_init__(self) -> None:
        if not self.parents:
            raise DisclosureError(f"dimension {self.name}: has no code; expected one or more")
        for code in self.parents:
            seen = {code}
            above = self.parents[code]
            while above:
                if above in seen or above not in self.parents:
                    raise DisclosureError(
                        f"dimension {self.name}: code {code!r} leads to {above!r}; "
                        "expected codes of the dimension, up to one without a parent"
                    )
                seen.add(above)
                above = self.parents[above]

    @classmethod
    def flat(cls, name: str, codes: Sequence[str], *, total: str = "total") -> "Dimension":
        """Make a dimension of codes beneath one total, or without one where it is empty.

        >>> Dimension.flat("month", ["01", "02"], total="2026").codes
        ('2026', '01', '02')
        """
        return cls(name, ({total: ""} if total else {}) | dict.fromkeys(codes, total))

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, in the order given."""
        return tuple(self.parents)

    @property
    def leaves(self) -> tuple[str, ...]:
        """The codes without parts, in the order given."""
        above = set(self.parents.values())
        return tuple(code for code in self.parents if code not in above)

    def list_parts(self, code: str) -> tuple[str, ...]:
        """List the codes whose sum is this one, none for a leaf."""
        return tuple(part for part, above in self.parents.items() if above == code)

    def list_leaves(self, code: str) -> tuple[str, ...]:
        """List the leaves beneath a code; a leaf is beneath itself."""
        parts = self.list_parts(code)
        return tuple(leaf for part in parts for leaf in self.list_leaves(part)) or (code,)

    def derive_membership(self) -> NDArray[np.int64]:
        """Return 1 where a leaf lies beneath a code: shape (codes, leaves), in their orders."""
        place = {leaf: at for at, leaf in enumerate(self.leaves)}
        membership = np.zeros((len(self.codes), len(place)), dtype=np.int64)
        for at, code in enumerate(self.codes):
            membership[at, [place[leaf] for leaf in self.list_leaves(code)]] = 1
        return membership


@dataclass(frozen=True, eq=False)
class CountTable:
    """True counts for every combination of codes, margins included.

    counts: for each combination of leaves its count; None where nobody reported one, which adds
        nothing to a total. A combination left out is a zero. A total of nothing but missing
        cells is missing.
    Raises DisclosureError for a key that is no combination of leaves, and a negative count.

    >>> table = CountTable([Dimension.flat("region", ["A", "B"])], {("A",): 7, ("B",): None})
    >>> table.find_count(("total",)), table.find_count(("B",))
    (7, None)
    """

    dimensions: Sequence[Dimension]
    counts: Mapping[Key, int | None]

    def __post_init__(self) -> None:
        names = [one.name for one in self.dimensions]
        if not names or len(set(names)) < len(names):
            raise DisclosureError(f"table: dimensions {names}; expected one or more, each once")
        leaves = [set(one.leaves) for one in self.dimensions]
        for key, count in self.counts.items():
            if len(key) != len(leaves) or any(
                code not in known for code, known in zip(key, leaves, strict=True)
            ):
                raise DisclosureError(f"cell {key}: is no leaf of {names}; expected one code each")
            if count is not None and count < 0:
                raise DisclosureError(f"cell {key}: holds a negative count; expected 0 or more")

    @cached_property
    def values(self) -> NDArray[np.int64]:
        """Counts of all cells, 0 where missing."""
        return self._add_up([(key, count) for key, count in self.counts.items() if count])

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """Which cells nobody reported."""
        absent = self._add_up([(key, 1) for key, count in self.counts.items() if count is None])
        cells = np.ones((), dtype=np.int64)
        for one in self.dimensions:
            cells = np.multiply.outer(cells, one.derive_membership().sum(axis=1))
        missing: NDArray[np.bool_] = absent == cells
        return missing

    def find_count(self, key: Key) -> int | None:
        """Find the count of a cell, None where it is missing."""
        place = get_place(self.dimensions, key)
        return None if self.missing[place] else int(self.values[place])

    def _add_up(self, cells: Sequence[tuple[Key, int]]) -> NDArray[np.int64]:
        of_leaves = [{leaf: at for at, leaf in enumerate(one.leaves)} for one in self.dimensions]
        values = np.zeros([len(leaves) for leaves in of_leaves], dtype=np.int64)
        for key, count in cells:
            values[tuple(at[code] for at, code in zip(of_leaves, key, strict=True))] = count
        for axis, one in enumerate(self.dimensions):
            values = np.moveaxis(np.tensordot(one.derive_membership(), values, (1, axis)), 0, axis)
        return values


def get_place(dimensions: Sequence[Dimension], key: Key) -> Place:
    """Return the positions of a cell's codes. Raises DisclosureError where it is none."""
    try:
        return tuple(one.codes.index(code) for one, code in zip(dimensions, key, strict=True))
    except ValueError:
        raise DisclosureError(f"cell {key}: is not in the table") from None


class Mark(Enum):
    """What a published cell is; why it is suppressed is never told, for that would tell more."""

    VALUE = "value"
    ZERO = "zero"
    SUPPRESSED = "suppressed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class PublishedCell:
    """What a reader sees of a cell: its mark, and the count where it is shown."""

    mark: Mark
    count: int | None


@dataclass(frozen=True, eq=False)
class PublishedTable:
    """What everybody may see: shown counts, and which cells are hidden.

    threshold: counts from 1 to below it are never shown.
    suppressed, missing: bool arrays with one axis per dimension, in the order of its codes.
    values: the counts, 0 where suppressed or missing.
    """

    dimensions: Sequence[Dimension]
    threshold: int
    suppressed: NDArray[np.bool_]
    missing: NDArray[np.bool_]
    values: NDArray[np.int64]

    def get_cell(self, key: Key) -> PublishedCell:
        """Return what is seen of a cell. Raises DisclosureError where there is none."""
        place = get_place(self.dimensions, key)
        return _see(self.suppressed[place], self.missing[place], self.values[place])

    def iter_cells(self) -> Iterator[tuple[Key, PublishedCell]]:
        """Yield every cell, in the order of the codes."""
        seen = zip(self.suppressed.flat, self.missing.flat, self.values.flat, strict=True)
        keys = product(*(one.codes for one in self.dimensions))
        for key, (suppressed, missing, value) in zip(keys, seen, strict=True):
            yield key, _see(suppressed, missing, value)


class InnerMark(Enum):
    """What a cell is for the eyes of the node alone; never to be published."""

    VALUE = "value"
    ZERO = "zero"
    PRIMARY = "suppressed-primary"
    SECONDARY = "suppressed-secondary"
    MISSING = "missing"


@dataclass(frozen=True, eq=False)
class Suppression:
    """A table with what of it is hidden and why: secret, kept by who publishes.

    primary, secondary: bool arrays with one axis per dimension, in the order of its codes.
    """

    table: CountTable
    threshold: int
    primary: NDArray[np.bool_]
    secondary: NDArray[np.bool_]

    @property
    def hidden(self) -> NDArray[np.bool_]:
        """Which cells are suppressed, for either reason."""
        return self.primary | self.secondary

    def get_mark(self, key: Key) -> InnerMark:
        """Return what a cell is. Raises DisclosureError where there is none."""
        place = get_place(self.table.dimensions, key)
        if self.primary[place]:
            return InnerMark.PRIMARY
        if self.secondary[place]:
            return InnerMark.SECONDARY
        if self.table.missing[place]:
            return InnerMark.MISSING
        return InnerMark.VALUE if self.table.values[place] else InnerMark.ZERO

    def publish(self) -> PublishedTable:
        """Return what may be seen by everybody."""
        hidden = self.hidden
        return PublishedTable(
            dimensions=self.table.dimensions,
            threshold=self.threshold,
            suppressed=hidden,
            missing=self.table.missing & ~hidden,
            values=np.where(hidden, 0, self.table.values),
        )


def _see(suppressed: Any, missing: Any, value: Any) -> PublishedCell:
    if suppressed:
        return PublishedCell(Mark.SUPPRESSED, None)
    if missing:
        return PublishedCell(Mark.MISSING, None)
    return PublishedCell(Mark.VALUE if value else Mark.ZERO, int(value))
