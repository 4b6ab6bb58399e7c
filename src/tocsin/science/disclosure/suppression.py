"""Hiding small counts, and enough others that nothing published gives them away."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import DisclosureError
from tocsin.science.disclosure.attack import build_system, find_narrow
from tocsin.science.disclosure.links import Bools, Links, link_publications
from tocsin.science.disclosure.moves import Move, MoveSpace
from tocsin.science.disclosure.proofs import derive_alternatives
from tocsin.science.disclosure.tables import CountTable, Place, Suppression

DEFAULT_THRESHOLD: Final = 5
SMALLEST_THRESHOLD: Final = 2
_MOST_RECONSIDERED: Final = 1_000
"""So many cells are looked at again while taking back what need not be hidden."""


def suppress(
    table: CountTable,
    threshold: int = DEFAULT_THRESHOLD,
    published_before: Sequence[Suppression] = (),
) -> Suppression:
    """Hide what must be hidden of a table before it is published.

    Primary: every cell, totals included, with a count from 1 to below the threshold. Zeros are
    shown: that nothing was found is what an early warning is about, and it names nobody.
    Secondary: further cells, until **no hidden cell, primary or secondary, can be told within
    ± the threshold**: for each, the largest count and the smallest count that fit everything
    published differ by more than twice the threshold. It follows that nobody can prove a hidden
    cell small: its largest possible count is at least 2 × threshold + 2. Everything published
    is all shown cells of this table and of those before, all sums over every dimension, and that
    hidden cells are 1 or more.

    published_before: earlier publications of the series, oldest first. They cannot be changed, so
        this one hides more where a difference would tell. An attacker is taken to know which
        counts stayed the same and which grew. Changes of *shown* cells are seen by everybody:
        that 100 became 101 tells that one report came late, and no hidden count.
    Deterministic. Raises DisclosureError where earlier publications leave no way to hide a cell.
    Source: hypercubes after Giessing & Repsilber 2002; the choice among them is our own.

    >>> from tocsin.science.disclosure.tables import Dimension
    >>> regions = Dimension.flat("region", ["A", "B", "C"])
    >>> table = CountTable([regions], {("A",): 3, ("B",): 20, ("C",): 40})
    >>> [cell.count for _key, cell in suppress(table).publish().iter_cells()]
    [63, None, None, 40]
    """
    if threshold < SMALLEST_THRESHOLD:
        raise DisclosureError(f"threshold {threshold}: expected {SMALLEST_THRESHOLD} or more")
    tables = [*(one.table for one in published_before), table]
    links = link_publications([one.dimensions for one in tables], tables)
    primary: Bools = (table.values > 0) & (table.values < threshold)
    space = _make_space(table, primary, links, published_before)
    need = 2 * max([threshold, *(one.threshold for one in published_before)]) + 1
    search = _Search(space, need)
    search.prove()
    search.take_back()
    hidden = space.hidden[-1]
    result = Suppression(table, threshold, hidden & primary, hidden & ~primary)
    if _find_unprotected([*published_before, result], links, search, need):
        space.hide_all()
        search.prove()
        result = replace(result, secondary=hidden & ~primary)
        if narrow := _find_unprotected([*published_before, result], links, search, need):
            raise DisclosureError(
                f"table: {len(narrow)} hidden counts can be told from what was published before; "
                "expected a table that leaves them open. Do not publish it"
            )
    return result


def _make_space(
    table: CountTable, primary: Bools, links: Links, published_before: Sequence[Suppression]
) -> MoveSpace:
    """Return the moves of a series, with what must be hidden of its newest table hidden."""
    kept = [one.hidden for one in published_before]
    told = _find_again(links, [~one for one in kept])
    hidden = (primary | _find_again(links, kept)) & ~told
    tables = [*(one.table for one in published_before), table]
    fixed = [(one.values == 0) | ~hides for one, hides in zip(tables, kept, strict=False)]
    fixed.append((table.values == 0) | told)
    return MoveSpace(links, [one.values for one in tables], [*kept, hidden], fixed)


def _find_again(links: Links, cells: Sequence[Bools]) -> Bools:
    """Return which cells of the newest table are the quantities of cells of those before."""
    chosen = [quantities[which] for quantities, which in zip(links.quantities, cells, strict=False)]
    return np.isin(links.quantities[-1], np.concatenate(chosen or [np.array([])]))


def _find_unprotected(
    series: Sequence[Suppression], links: Links, search: "_Search", need: int
) -> dict[int, tuple[int, int]]:
    """Find the hidden counts of a series that do not hold.

    Each move of the search is put to the attacker's own equations, as the two tables it leads to.
    What fits them is a table that looks the same, which is all that a program could find as well;
    so the program is asked only of cells that no such table shows to be wide enough.
    """
    system = build_system(links, [one.publish() for one in series])
    values = [one.table.values for one in series]
    alternatives = derive_alternatives(search.list_proofs(), links, values, need)
    return find_narrow(system, need, alternatives)


class _Search:
    """Finds a move for each hidden cell, hiding as little more as it can."""

    def __init__(self, space: MoveSpace, need: int) -> None:
        self._space = space
        self._need = need
        self._moves: list[Move] = []
        self._uses: dict[Place, list[int]] = {}
        self._proofs = [np.full(one.shape, -1) for one in space.hidden]
        self._forced = space.hidden[-1].copy()
        self._reconsidered = 0

    def prove(self) -> None:
        """Protect what can be protected; what has no move at the end is left without proof."""
        for publication in reversed(range(len(self._proofs))):
            for place in self._list_in_order(publication):
                if self._proofs[publication][place] < 0:
                    move = self._space.find_move(publication, place, self._need)
                    if move is not None:
                        self._space.hide(self._list_newest(move))
                        self._take(move)

    def list_proofs(self) -> list[Move]:
        """List the moves that prove a cell."""
        numbers = np.unique(np.concatenate([one.ravel() for one in self._proofs]))
        return [self._moves[number] for number in numbers if number >= 0]

    def _list_in_order(self, publication: int) -> list[Place]:
        """List the hidden cells, totals over most leaves first, then by position."""
        memberships = self._space.links.memberships[publication]
        size = np.ones(())
        for one in memberships:
            size = np.multiply.outer(size, one.sum(axis=1))
        cells = np.argwhere(self._space.hidden[publication])
        order = np.argsort(-size[tuple(cells.T)], kind="stable")
        return [tuple(map(int, cell)) for cell in cells[order]]

    def _list_newest(self, move: Move) -> NDArray[np.intp]:
        """List the cells of a move in the table that is being made, shape (cells, dimensions)."""
        newest = move.corners.get(len(self._proofs) - 1)
        none = np.empty((0, self._space.weights.ndim), dtype=np.intp)
        return none if newest is None else newest.places

    def _take(self, move: Move, instead_of: Sequence[int] = (-1,)) -> None:
        """Keep a move as the proof of its cells that have none, or one of those named."""
        number = len(self._moves)
        for publication, corners in move.corners.items():
            proofs = self._proofs[publication]
            at = tuple(corners.places.T)
            proofs[at] = np.where(np.isin(proofs[at], instead_of), number, proofs[at])
        for cell in self._list_newest(move):
            self._uses.setdefault(tuple(map(int, cell)), []).append(number)
        self._moves.append(move)

    def take_back(self) -> None:
        """Show again what was hidden for a cell that meanwhile has another proof, dearest first."""
        added = np.argwhere(self._space.hidden[-1] & ~self._forced)
        weights = self._space.weights[tuple(added.T)]
        for cell in added[np.argsort(-weights, kind="stable")]:
            if self._reconsidered < _MOST_RECONSIDERED:
                self._try_to_show(tuple(map(int, cell)))

    def _try_to_show(self, place: Place) -> None:
        uses = self._uses.get(place, [])
        before = [one.copy() for one in self._proofs]
        self._space.show(place)
        self._proofs[-1][place] = -1
        for publication, old in enumerate(before):
            for cell in np.argwhere(np.isin(old, uses)):
                other = tuple(map(int, cell))
                if self._proofs[publication][other] not in uses:
                    continue
                self._reconsidered += 1
                move = self._space.find_move(publication, other, self._need, is_free=True)
                if move is None:
                    self._space.hide(np.array([place]))
                    self._proofs = before
                    return
                self._take(move, uses)
