"""Other tables that would look the same: the proof that a hidden cell cannot be told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from tocsin.science.disclosure.links import Bools, Integers, Links
from tocsin.science.disclosure.tables import Place

_ENDLESS: Final = 2**40
_FEW_MOVES: Final = 512
"""So many moves of a cell are looked at for one that costs nothing, those with cheap neighbours."""
_MANY_MOVES: Final = 16_384
"""So many where none of the few is free, for the cheapest; and all where none of these holds."""

Floats = NDArray[np.float64]
_Path = tuple[NDArray[np.intp], NDArray[np.int8]]
_Width = TypeVar("_Width", np.intp, np.int8)


@dataclass(frozen=True, eq=False)
class Move:
    """Cells that can all go up and down together while every shown cell stays as it is.

    cells: per publication the positions of the cells, shape (cells, dimensions).
    cost: what hiding those of them that are still shown costs.
    """

    cells: dict[int, NDArray[np.intp]]
    cost: float


@dataclass(frozen=True, eq=False)
class _Options:
    """What one dimension of a move can be: per publication, padded codes and their signs."""

    codes: list[NDArray[np.intp]]
    signs: list[NDArray[np.int8]]

    def keep(self, which: NDArray[np.intp]) -> "_Options":
        return _Options([one[which] for one in self.codes], [one[which] for one in self.signs])


class MoveSpace:
    """All moves over a set of linked publications, the last of which is being made.

    A move adds to one leaf of each dimension and takes from another, or from none; a cell that is
    a total of both stays. This is the hypercube of Giessing & Repsilber 2002, with totals and
    subtotals as further corners. Its width is how far it goes up plus how far it goes down while
    every hidden cell stays 1 or more.

    hidden: per publication which cells are suppressed; only that of the last changes.
    fixed: per publication which cells can never be moved: zero, missing, or told elsewhere.
    """

    def __init__(
        self, links: Links, values: Sequence[Integers], hidden: list[Bools], fixed: list[Bools]
    ) -> None:
        self.links = links
        self.hidden = hidden
        self.weights: Floats = np.log2(values[-1] + 1.0)
        self._costs: list[Floats] = [np.where(one, np.inf, 0.0) for one in fixed]
        shown = ~hidden[-1] & ~fixed[-1]
        self._costs[-1][shown] = self.weights[shown]
        self._down: list[Integers] = [value - 1 for value in values]
        self._up: list[Integers] = [np.full(value.shape, _ENDLESS) for value in values]
        self._alone_down, self._alone_up = self._limit_single(values)
        self._paths: dict[tuple[int, int], list[_Path]] = {}
        self._options: dict[tuple[int, int, int], _Options] = {}

    def hide(self, cells: NDArray[np.intp]) -> None:
        """Hide cells of the last publication; positions of shape (cells, dimensions)."""
        self.hidden[-1][tuple(cells.T)] = True
        self._costs[-1][tuple(cells.T)] = 0.0

    def hide_all(self) -> None:
        """Hide every cell of the last publication that can be moved at all."""
        self.hide(np.argwhere(np.isfinite(self._costs[-1])))

    def show(self, place: Place) -> None:
        """Show a cell of the last publication again."""
        self.hidden[-1][place] = False
        self._costs[-1][place] = self.weights[place]

    def find_move(
        self, publication: int, place: Place, width: int, *, is_free: bool = False
    ) -> Move | None:
        """Find a cheap move of a cell that is at least so wide, or None.

        is_free: only one that needs no further cell hidden.
        A move goes through all publications at once, or through one of them alone.
        """
        everywhere = list(range(len(self.hidden)))
        ways = [everywhere] if len(everywhere) == 1 else [everywhere, [publication]]
        found = [self._find_move_in(way, publication, place, width, is_free) for way in ways]
        moves = [move for move in found if move is not None]
        return min(moves, key=lambda move: move.cost, default=None)

    def _find_move_in(
        self, way: list[int], publication: int, place: Place, width: int, is_free: bool
    ) -> Move | None:
        costs = {one: self._price(one, way, is_free=is_free) for one in way}
        options = [
            self._list_options(publication, axis, place, costs[publication])
            for axis in range(len(place))
        ]
        sizes = [len(one.codes[0]) for one in options]
        if 0 in sizes:
            return None
        for most in (_FEW_MOVES, _MANY_MOVES):
            few = _cut_down(options, most)
            move = self._find_cheapest(way, few, costs, width)
            is_all = [len(one.codes[0]) for one in few] == sizes
            is_good = move is not None and (move.cost == 0 or most > _FEW_MOVES)
            if is_all or is_good or is_free:
                return move
        return self._find_cheapest(way, options, costs, width)

    def _find_cheapest(
        self, way: list[int], options: list[_Options], costs: dict[int, Floats], width: int
    ) -> Move | None:
        is_alone = len(way) < len(self.hidden)
        shape = tuple(len(one.codes[0]) for one in options)
        cost = np.zeros(shape)
        up = np.full(shape, _ENDLESS)
        down = np.full(shape, _ENDLESS)
        for one in way:
            caps = (self._alone_up, self._alone_down) if is_alone else (self._up, self._down)
            for at, signs in _iter_corners(options, one):
                active = signs != 0
                cost += np.where(active, costs[one][at], 0.0)
                rises, falls = caps[0][one][at], caps[1][one][at]
                up = np.where(active, np.minimum(up, np.where(signs > 0, rises, falls)), up)
                down = np.where(active, np.minimum(down, np.where(signs > 0, falls, rises)), down)
        cost[up + down < width] = np.inf
        best = np.unravel_index(int(np.argmin(cost)), shape)
        if not np.isfinite(cost[best]):
            return None
        cells = {one: _list_corners(options, one, best) for one in way}
        return Move(cells, float(cost[best]))

    def _price(self, publication: int, way: list[int], *, is_free: bool) -> Floats:
        """Return what each cell of a move costs: nothing where hidden, endless where fixed."""
        costs = self._costs[publication]
        if is_free:
            costs = np.where(costs > 0, np.inf, 0.0)
        if len(way) < len(self.hidden):
            others = [
                one.ravel() for at, one in enumerate(self.links.quantities) if at != publication
            ]
            is_shared = np.isin(self.links.quantities[publication], np.concatenate(others))
            costs = np.where(is_shared, np.inf, costs)
        return costs

    def _list_options(self, publication: int, axis: int, place: Place, costs: Floats) -> _Options:
        """List the pairs of leaves of a dimension that find a cell's line movable, cheapest first."""
        held = self._options.get((publication, axis, place[axis]))
        if held is None:
            held = self._make_options(publication, axis, place[axis])
            self._options[publication, axis, place[axis]] = held
        at: Any = (*place[:axis], slice(None), *place[axis + 1 :])
        line = costs[at]
        codes, signs = held.codes[publication], held.signs[publication]
        prices = np.where(signs != 0, line[codes], 0.0).sum(axis=1)
        order = np.argsort(prices, kind="stable")
        return held.keep(order[np.isfinite(prices[order])])

    def _make_options(self, publication: int, axis: int, code: int) -> _Options:
        beneath = self.links.memberships[publication][axis][code]
        takers = np.append(~beneath, True)
        codes, signs = [], []
        for one in range(len(self.hidden)):
            paths = self._get_paths(one, axis)
            chosen = [paths[leaf] for leaf in np.flatnonzero(beneath)]
            longest = max(path.shape[1] for path, _signs in chosen)
            codes.append(np.concatenate([_widen(path[takers], longest) for path, _ in chosen]))
            signs.append(np.concatenate([_widen(sign[takers], longest) for _, sign in chosen]))
        return _Options(codes, signs)

    def _get_paths(self, publication: int, axis: int) -> list[_Path]:
        """Return per leaf the codes that change, by the leaf that gives way (the last: none)."""
        held = self._paths.get((publication, axis))
        if held is None:
            membership = self.links.memberships[publication][axis].T.astype(np.int8)
            none = np.zeros((1, membership.shape[1]), dtype=np.int8)
            held = [_pack(leaf - np.concatenate([membership, none])) for leaf in membership]
            self._paths[publication, axis] = held
        return held

    def _limit_single(self, values: Sequence[Integers]) -> tuple[list[Integers], list[Integers]]:
        """Return how far cells go down and up where the other publications stay as they are."""
        count = 1 + max(int(one.max()) for one in self.links.quantities)
        held = np.zeros(count, dtype=np.int64)
        for quantities, value in zip(self.links.quantities, values, strict=True):
            held[quantities] = value
        low, high = np.ones(count, dtype=np.int64), np.full(count, _ENDLESS)
        earlier, later = self.links.grown.T
        np.minimum.at(high, earlier, held[later])
        np.maximum.at(low, later, held[earlier])
        down = [value - low[q] for q, value in zip(self.links.quantities, values, strict=True)]
        up = [high[q] - value for q, value in zip(self.links.quantities, values, strict=True)]
        return down, up


def _widen(rows: NDArray[_Width], width: int) -> NDArray[_Width]:
    """Return rows padded with zeros on the right."""
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])))


def _pack(changes: NDArray[np.int8]) -> _Path:
    """Return the codes that change in each row, padded with code 0 and sign 0."""
    longest = max(1, int(np.count_nonzero(changes, axis=1).max()))
    codes = np.argsort(changes == 0, axis=1, kind="stable")[:, :longest]
    return codes, np.take_along_axis(changes, codes, axis=1)


def _cut_down(options: list[_Options], most: int) -> list[_Options]:
    """Keep the first options of each dimension, so that there are not too many together."""
    sizes = [len(one.codes[0]) for one in options]
    while prod(sizes) > most:
        widest = sizes.index(max(sizes))
        sizes[widest] -= 1 + sizes[widest] // 16
    return [one.keep(np.arange(size)) for one, size in zip(options, sizes, strict=True)]


def _iter_corners(
    options: list[_Options], publication: int
) -> Iterator[tuple[tuple[NDArray[np.intp], ...], NDArray[np.int8]]]:
    """Yield the positions of each corner of all moves, and its sign: 0 where it is none."""
    codes = [one.codes[publication] for one in options]
    signs = [one.signs[publication] for one in options]
    for corner in product(*(range(one.shape[1]) for one in codes)):
        sign = np.ones((), dtype=np.int8)
        for one, at in zip(signs, corner, strict=True):
            sign = np.multiply.outer(sign, one[:, at])
        yield np.ix_(*(one[:, at] for one, at in zip(codes, corner, strict=True))), sign


def _list_corners(
    options: list[_Options], publication: int, chosen: Sequence[np.intp]
) -> NDArray[np.intp]:
    """Return the positions of the cells of one move in one publication."""
    lists = [
        one.codes[publication][at][one.signs[publication][at] != 0]
        for one, at in zip(options, chosen, strict=True)
    ]
    return np.array(list(product(*lists)), dtype=np.intp).reshape(-1, len(lists))
