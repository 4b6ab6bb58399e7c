"""Hiding small counts, and enough others that nothing published gives them away."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import DisclosureError
from tocsin.science.disclosure.attack import build_system, find_narrow
from tocsin.science.disclosure.links import Bools, Links, link_publications
from tocsin.science.disclosure.moves import Move, MoveSpace
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
    told = _list_told(links, published_before)
    kept = [one.hidden for one in published_before]
    hidden_before = np.isin(
        links.quantities[-1],
        np.concatenate(
            [q[one] for q, one in zip(links.quantities, kept, strict=False)] or [np.array([])]
        ),
    )
    fixed = [(one.values == 0) | ~hides for one, hides in zip(tables, kept, strict=False)]
    fixed.append((table.values == 0) | told)
    values = [one.values for one in tables]
    space = MoveSpace(links, values, [*kept, (primary & ~told) | (hidden_before & ~told)], fixed)
    need = 2 * max([threshold, *(one.threshold for one in published_before)]) + 1
    _Search(space, need).run()
    result = Suppression(table, threshold, primary & ~told, space.hidden[-1] & ~primary)
    if published_before:
        return _require_protection(result, published_before, links, space, need)
    return result


def _list_told(links: Links, published_before: Sequence[Suppression]) -> Bools:
    """Return which cells of the newest table an earlier publication shows."""
    shown = [
        quantities[~one.hidden]
        for quantities, one in zip(links.quantities, published_before, strict=False)
    ]
    return np.isin(links.quantities[-1], np.concatenate(shown or [np.array([])]))


class _Search:
    """Finds a move for each hidden cell, hiding as little more as it can."""

    def __init__(self, space: MoveSpace, need: int) -> None:
        self._space = space
        self._need = need
        self._moves = 0
        self._uses: dict[Place, list[int]] = {}
        self._proofs = [np.full(one.shape, -1) for one in space.hidden]
        self._forced = space.hidden[-1].copy()
        self._reconsidered = 0

    def run(self) -> None:
        """Protect what can be protected; what has no move at the end is left without proof."""
        for publication in reversed(range(len(self._proofs))):
            for place in self._list_in_order(publication):
                if self._proofs[publication][place] < 0:
                    move = self._space.find_move(publication, place, self._need)
                    if move is not None:
                        self._space.hide(self._list_newest(move))
                        self._take(move)
        self._take_back()

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
        none = np.empty((0, self._space.weights.ndim), dtype=np.intp)
        return move.cells.get(len(self._proofs) - 1, none)

    def _take(self, move: Move, instead_of: Sequence[int] = (-1,)) -> None:
        """Keep a move as the proof of its cells that have none, or one of those named."""
        for publication, cells in move.cells.items():
            proofs = self._proofs[publication]
            at = tuple(cells.T)
            proofs[at] = np.where(np.isin(proofs[at], instead_of), self._moves, proofs[at])
        for cell in self._list_newest(move):
            self._uses.setdefault(tuple(map(int, cell)), []).append(self._moves)
        self._moves += 1

    def _take_back(self) -> None:
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


def _require_protection(
    result: Suppression,
    published_before: Sequence[Suppression],
    links: Links,
    space: MoveSpace,
    need: int,
) -> Suppression:
    """Return the result, or one that hides all it can; raise where even that does not protect."""
    before = [one.publish() for one in published_before]
    if not find_narrow(build_system(links, [*before, result.publish()]), need):
        return result
    space.hide_all()
    secondary = space.hidden[-1] & ~result.primary
    hiding_all = Suppression(result.table, result.threshold, result.primary, secondary)
    narrow = find_narrow(build_system(links, [*before, hiding_all.publish()]), need)
    if narrow:
        raise DisclosureError(
            f"table: {len(narrow)} hidden counts can be told from what was published before; "
            "expected a table that leaves them open. Do not publish it"
        )
    return hiding_all
