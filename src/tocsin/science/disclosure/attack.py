"""The attacker: what everybody can work out of hidden cells from what is published."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from tocsin.errors import DisclosureError
from tocsin.science.disclosure.links import Integers, Links, link_publications
from tocsin.science.disclosure.tables import CountTable, Dimension, Key, PublishedTable

_SLACK: Final = 1e-6
_linprog: Any = linprog  # the stubs know no sparse constraints
Floats = NDArray[np.float64]


class RecoveredCell(NamedTuple):
    """A hidden cell that an attacker can tell too well.

    publication: which of the publications holds it, from 0.
    low, high: what it lies between, both included.
    """

    publication: int
    key: Key
    low: int
    high: int


@dataclass(frozen=True, eq=False)
class System:
    """All equations over hidden quantities that publications give away.

    quantities: the numbers of the hidden quantities, ascending; columns in this order.
    sums, totals: ``sums @ hidden == totals``.
    orders, gaps: ``orders @ hidden <= gaps``.
    told: what one publication hides and another shows, with its count as both ends.
    """

    quantities: Integers
    sums: csr_array
    totals: Floats
    orders: csr_array
    gaps: Floats
    told: dict[int, tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Alternatives:
    """Tables that are said to look as the true one does; to be checked before they are believed.

    counts: the true count of each quantity, in the order of their numbers.
    changes: by how much each table differs from it, shape (quantities, tables).
    """

    counts: Integers
    changes: coo_array


def audit(*published: PublishedTable, tables: Sequence[CountTable] = ()) -> list[RecoveredCell]:
    """Attack publications with a linear program, and list the hidden cells that do not hold.

    The attacker knows every shown cell, all sums over every dimension and subtotal in every
    publication, that hidden cells are 1 or more (zeros are always shown), and that counts are
    whole numbers, of which the program uses only that the ends of an interval are. A cell does
    not hold where the largest possible count less the smallest is at most twice the threshold:
    then the middle tells it within ± the threshold.

    tables: the true tables of several publications, from which only is taken which cells stayed
        the same from one to another and which grew: the best guess an attacker can make.
    Raises DisclosureError where the publications contradict each other.
    """
    links = link_publications([one.dimensions for one in published], tables)
    system = build_system(links, published)
    need = 2 * max(one.threshold for one in published) + 1
    narrow = find_narrow(system, need)
    return [
        RecoveredCell(place, _get_key(one.dimensions, cell), *narrow[quantity])
        for place, one in enumerate(published)
        for cell in np.argwhere(one.suppressed)
        if (quantity := int(links.quantities[place][tuple(cell)])) in narrow
    ]


def build_system(links: Links, published: Sequence[PublishedTable]) -> System:
    """Write down every equation that publications give, in the quantities they hide."""
    count = 1 + max(int(one.max()) for one in links.quantities)
    value = np.zeros(count)
    is_shown, is_hidden = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    for quantities, one in zip(links.quantities, published, strict=True):
        shown = ~one.suppressed
        is_shown[quantities[shown]] = True
        is_hidden[quantities[~shown]] = True
        value[quantities[shown]] = one.values[shown]
    told = {
        int(at): (int(value[at]), int(value[at])) for at in np.flatnonzero(is_shown & is_hidden)
    }
    hidden = np.flatnonzero(is_hidden & ~is_shown)
    column = np.full(count, -1)
    column[hidden] = np.arange(len(hidden))
    sums = _Rows(column, value)
    for quantities, one in zip(links.quantities, published, strict=True):
        for axis, dimension in enumerate(one.dimensions):
            for code in dimension.codes:
                if parts := dimension.list_parts(code):
                    at = [dimension.codes.index(name) for name in (code, *parts)]
                    signs = np.array([1.0, *[-1.0] * len(parts)])
                    sums.add(np.moveaxis(quantities, axis, -1)[..., at], signs)
    orders = _Rows(column, value)
    orders.add(links.grown, np.array([1.0, -1.0]))
    return System(hidden, *sums.finish(), *orders.finish(), told)


def find_narrow(
    system: System, need: int, alternatives: Alternatives | None = None
) -> dict[int, tuple[int, int]]:
    """Find the quantities whose possible counts span less than ``need``, with their intervals.

    alternatives: tables to begin with; those that fit the system are believed, and no other.
    Every solution of a program is a possible table, so it settles many quantities at once: only
    those that no table yet shows to be wide enough are asked for, one at a time of each set of
    quantities that depend on each other.
    Raises DisclosureError where no table fits the equations.
    """
    count = len(system.quantities)
    if not count:
        return system.told
    both = abs(system.sums).T @ abs(system.sums) + abs(system.orders).T @ abs(system.orders)
    component = connected_components(csr_array(both), directed=False)[1]
    # So large that nothing is cut off, yet finite: every program then has a solution.
    most = float(np.abs(system.totals).sum() + np.abs(system.gaps).sum()) + 2.0 * need * (count + 1)
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    if alternatives is not None:
        low, high = _derive_ranges(system, alternatives)
    is_exact = np.zeros(count, dtype=bool)
    while True:
        unsettled = np.flatnonzero(~is_exact & ~(high - low >= need - _SLACK))
        if not unsettled.size:
            break
        asked = unsettled[np.unique(component[unsettled], return_index=True)[1]]
        for sign in (-1.0, 1.0):
            goal = np.zeros(count)
            goal[asked] = sign
            found = _solve(system, goal, most)
            low, high = np.minimum(low, found), np.maximum(high, found)
        is_exact[asked] = True
    lowest = np.ceil(low - _SLACK).astype(np.int64)
    highest = np.floor(high + _SLACK).astype(np.int64)
    return system.told | {
        int(system.quantities[at]): (int(lowest[at]), int(highest[at]))
        for at in np.flatnonzero(highest - lowest < need)
    }


def _derive_ranges(system: System, alternatives: Alternatives) -> tuple[Floats, Floats]:
    """Return the smallest and largest count of each quantity in the tables that fit the system.

    A table that does not fit is left out: sums must be the same to the last case, orders kept, and
    hidden counts 1 or more. Nothing of where the tables come from is believed.
    """
    counts = alternatives.counts[system.quantities].astype(np.float64)
    changes = csr_array(alternatives.changes)[system.quantities].tocoo()
    off = system.totals - system.sums @ counts
    room = system.gaps - system.orders @ counts
    sums, orders = (system.sums @ changes).tocoo(), (system.orders @ changes).tocoo()
    broken = np.concatenate(
        [
            sums.col[sums.data != 0],
            orders.col[orders.data > room[orders.row]],
            changes.col[counts[changes.row] + changes.data < 1],
        ]
    )
    is_true = not off.any() and bool((room >= 0).all() and (counts >= 1).all())
    fits = ~np.isin(changes.col, broken) & is_true
    low = np.where(is_true, counts, np.inf)
    high = np.where(is_true, counts, -np.inf)
    rows, found = changes.row[fits], (counts[changes.row] + changes.data)[fits]
    np.minimum.at(low, rows, found)
    np.maximum.at(high, rows, found)
    return low, high


def _solve(system: System, goal: Floats, most: float) -> Floats:
    result = _linprog(
        goal,
        A_eq=system.sums,
        b_eq=system.totals,
        A_ub=system.orders if system.gaps.size else None,
        b_ub=system.gaps if system.gaps.size else None,
        bounds=(1, most),
        method="highs",
    )
    if result.status != 0:
        raise DisclosureError(
            f"publications: no table fits them ({result.message}); expected that they agree"
        )
    solution: Floats = result.x
    return solution


class _Rows:
    """Equations collected as ``signs @ quantities``, shown ones moved to the right-hand side."""

    def __init__(self, column: Integers, value: Floats) -> None:
        self._column, self._value = column, value
        none = np.empty(0, dtype=np.int64)
        self._entries: list[tuple[Integers, Integers, Floats]] = [(none, none, np.empty(0))]
        self._rights: list[Floats] = [np.empty(0)]
        self._count = 0

    def add(self, quantities: Integers, signs: Floats) -> None:
        """Add rows: quantities of shape (..., n), signs of shape (n,)."""
        rows = quantities.reshape(-1, quantities.shape[-1])
        columns = self._column[rows]
        holds_hidden = (columns >= 0).any(axis=1)
        rows, columns = rows[holds_hidden], columns[holds_hidden]
        self._rights.append(-np.where(columns < 0, self._value[rows] * signs, 0.0).sum(axis=1))
        at, place = np.nonzero(columns >= 0)
        self._entries.append((at + self._count, columns[at, place], signs[place]))
        self._count += len(rows)

    def finish(self) -> tuple[csr_array, Floats]:
        """Return the matrix and the right-hand sides."""
        at, columns, signs = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        shape = (self._count, int(self._column.max()) + 1)
        matrix = csr_array(coo_array((signs, (at, columns)), shape=shape))
        return matrix, np.concatenate(self._rights)


def _get_key(dimensions: Sequence[Dimension], cell: NDArray[np.intp]) -> Key:
    return tuple(one.codes[at] for one, at in zip(dimensions, cell, strict=True))
