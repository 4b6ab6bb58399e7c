"""Other tables that would look the same: the proof that a hidden cell cannot be told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Final, NamedTuple, TypeVar

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
Signs = NDArray[np.int8]
_Path = tuple[NDArray[np.intp], Signs]
_Width = TypeVar("_Width", np.intp, np.int8)


class Corners(NamedTuple):
    """The cells of one publication that a move changes.

    places: positions of shape (cells, dimensions). signs: 1 where it adds, -1 where it takes.
    """

    places: NDArray[np.intp]
    signs: Signs


@dataclass(frozen=True, eq=False)
class Move:
    """Cells that can all go up and down together while every shown cell stays as it is.

    corners: by publication the cells that change.
    up, down: how many times the move can be made, and made the other way, from the true counts.
    cost: what hiding those of them that are still shown costs.
    """

    corners: dict[int, Corners]
    up: int
    down: int
    cost: float


@dataclass(frozen=True, eq=False)
class _Options:
    """What one dimension of a move can be: by shape of table, padded codes and their signs."""

    codes: list[NDArray[np.intp]]
    signs: list[Signs]

    def keep(self, which: NDArray[np.intp] | slice) -> "_Options":
        return _Options([one[which] for one in self.codes], [one[which] for one in self.signs])

    def __len__(self) -> int:
        return len(self.codes[0])


@dataclass(frozen=True, eq=False)
class _Layer:
    """Publications of one shape that a move goes through at the same positions.

    is_newest: whether the one that is being made is among them.
    costs: endless where a cell of one of them is fixed, otherwise 0.
    up, down: how far a cell can go in all of them.
    """

    is_newest: bool
    costs: Floats
    up: Integers
    down: Integers


@dataclass(frozen=True, eq=False)
class _Way:
    """Publications that a move goes through together, in layers by their shape."""

    publications: range
    layers: dict[int, _Layer]


class MoveSpace:
    """All moves over a set of linked publications, the last of which is being made.

    A move adds to one leaf of each dimension and takes from another, or from none; a cell that is
    a total of both stays. This is the hypercube of Giessing & Repsilber 2002, with totals and
    subtotals as further corners. Its width is how far it goes up plus how far it goes down while
    every hidden cell stays 1 or more.

    A move goes through all publications from one on, or through a single one; all others stay as
    they are. Made so often as it goes, it is another table for each publication, and these fit
    everything published: sums, because whole leaves change and by as much in each publication;
    shown cells and zeros, because they are never corners; counts that are known to be one, because
    such a cell is a corner in all or, where a publication is left out, in none; counts that are
    known to have grown, because both change alike, or the one that changes stops at the other.

    hidden: per publication which cells are suppressed; only that of the last changes.
    fixed: per publication which cells can never be moved: zero, missing, or told elsewhere.
    """

    def __init__(
        self, links: Links, values: Sequence[Integers], hidden: list[Bools], fixed: list[Bools]
    ) -> None:
        self.links = links
        self.hidden = hidden
        self.weights: Floats = np.log2(values[-1] + 1.0)
        self._costs: Floats = np.where(fixed[-1], np.inf, np.where(hidden[-1], 0.0, self.weights))
        self._values = values
        self._fixed = fixed
        self._shapes = _list_shapes(links.memberships)
        self._ways: dict[range, _Way] = {}
        self._paths: dict[tuple[int, int], list[_Path]] = {}
        self._options: dict[tuple[int, int, int], _Options] = {}

    def hide(self, cells: NDArray[np.intp]) -> None:
        """Hide cells of the last publication; positions of shape (cells, dimensions)."""
        self.hidden[-1][tuple(cells.T)] = True
        self._costs[tuple(cells.T)] = 0.0

    def hide_all(self) -> None:
        """Hide every cell of the last publication that can be moved at all."""
        self.hide(np.argwhere(np.isfinite(self._costs)))

    def show(self, place: Place) -> None:
        """Show a cell of the last publication again."""
        self.hidden[-1][place] = False
        self._costs[place] = self.weights[place]

    def find_move(
        self, publication: int, place: Place, width: int, *, is_free: bool = False
    ) -> Move | None:
        """Find a cheap move of a cell that is at least so wide, or None.

        is_free: only one that needs no further cell hidden.
        """
        best: Move | None = None
        for way in self._list_ways(publication):
            move = self._find_move_in(way, publication, place, width, is_free)
            if move is not None and (best is None or move.cost < best.cost):
                best = move
                if not best.cost:
                    break
        return best

    def _list_ways(self, publication: int) -> list[_Way]:
        """List the ways through a publication, through most of them first."""
        count = len(self.hidden)
        chosen = [range(first, count) for first in range(publication + 1)]
        chosen += [range(publication, publication + 1)] * (publication + 1 < count)
        for one in chosen:
            if one not in self._ways:
                self._ways[one] = self._make_way(one)
        return [self._ways[one] for one in chosen]

    def _find_move_in(
        self, way: _Way, publication: int, place: Place, width: int, is_free: bool
    ) -> Move | None:
        costs = {shape: self._price(one, is_free=is_free) for shape, one in way.layers.items()}
        shape = self._shapes[publication]
        options = [
            self._list_options(shape, axis, place, costs[shape]) for axis in range(len(place))
        ]
        sizes = [len(one) for one in options]
        if 0 in sizes:
            return None
        for most in (_FEW_MOVES, _MANY_MOVES):
            few = _cut_down(options, most)
            move = self._find_cheapest(way, few, costs, width)
            is_all = [len(one) for one in few] == sizes
            is_good = move is not None and (move.cost == 0 or most > _FEW_MOVES)
            if is_all or is_good or is_free:
                return move
        found = [self._find_cheapest(way, part, costs, width) for part in _divide(options)]
        moves = [move for move in found if move is not None]
        return min(moves, key=lambda move: move.cost, default=None)

    def _find_cheapest(
        self, way: _Way, options: list[_Options], costs: dict[int, Floats], width: int
    ) -> Move | None:
        sizes = [len(one) for one in options]
        cost = np.zeros(prod(sizes))
        up = np.full(cost.shape, _ENDLESS)
        down = np.full(cost.shape, _ENDLESS)
        for shape, layer in way.layers.items():
            cells, signs = _lay_out(options, shape, layer.costs.shape)
            rises, falls = layer.up.take(cells), layer.down.take(cells)
            stays = signs == 0
            is_rise = signs > 0
            cost += np.where(stays, 0.0, costs[shape].take(cells)).sum(axis=0)
            of_up = np.where(stays, _ENDLESS, np.where(is_rise, rises, falls))
            of_down = np.where(stays, _ENDLESS, np.where(is_rise, falls, rises))
            up = np.minimum(up, of_up.min(axis=0))
            down = np.minimum(down, of_down.min(axis=0))
        cost[up + down < width] = np.inf
        best = int(np.argmin(cost))
        if not np.isfinite(cost[best]):
            return None
        chosen = np.unravel_index(best, sizes)
        corners = {
            one: _list_corners(options, self._shapes[one], chosen) for one in way.publications
        }
        return Move(corners, int(up[best]), int(down[best]), float(cost[best]))

    def _price(self, layer: _Layer, *, is_free: bool) -> Floats:
        """Return what each cell of a move costs: nothing where hidden, endless where fixed."""
        if not layer.is_newest:
            return layer.costs
        costs = layer.costs + self._costs
        return np.where(costs > 0, np.inf, 0.0) if is_free else costs

    def _list_options(self, shape: int, axis: int, place: Place, costs: Floats) -> _Options:
        """List the pairs of leaves of a dimension that find a cell's line movable, cheapest first."""
        held = self._options.get((shape, axis, place[axis]))
        if held is None:
            held = self._make_options(shape, axis, place[axis])
            self._options[shape, axis, place[axis]] = held
        at: Any = (*place[:axis], slice(None), *place[axis + 1 :])
        line = costs[at]
        codes, signs = held.codes[shape], held.signs[shape]
        prices = np.where(signs != 0, line[codes], 0.0).sum(axis=1)
        order = np.argsort(prices, kind="stable")
        return held.keep(order[np.isfinite(prices[order])])

    def _make_options(self, shape: int, axis: int, code: int) -> _Options:
        beneath = self._get_membership(shape, axis)[code]
        takers = np.append(~beneath, True)
        codes, signs = [], []
        for one in range(max(self._shapes) + 1):
            paths = self._get_paths(one, axis)
            chosen = [paths[leaf] for leaf in np.flatnonzero(beneath)]
            longest = max(path.shape[1] for path, _signs in chosen)
            codes.append(np.concatenate([_widen(path[takers], longest) for path, _ in chosen]))
            signs.append(np.concatenate([_widen(sign[takers], longest) for _, sign in chosen]))
        return _Options(codes, signs)

    def _get_membership(self, shape: int, axis: int) -> Bools:
        return self.links.memberships[self._shapes.index(shape)][axis]

    def _get_paths(self, shape: int, axis: int) -> list[_Path]:
        """Return per leaf the codes that change, by the leaf that gives way (the last: none)."""
        held = self._paths.get((shape, axis))
        if held is None:
            membership = self._get_membership(shape, axis).T.astype(np.int8)
            none = np.zeros((1, membership.shape[1]), dtype=np.int8)
            held = [_pack(leaf - np.concatenate([membership, none])) for leaf in membership]
            self._paths[shape, axis] = held
        return held

    def _make_way(self, publications: range) -> _Way:
        """Put together what fixes and limits cells in any of the publications of a way."""
        count = 1 + max(int(one.max()) for one in self.links.quantities)
        values = np.zeros(count, dtype=np.int64)
        is_within, is_without = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        for at, (quantities, value) in enumerate(
            zip(self.links.quantities, self._values, strict=True)
        ):
            values[quantities] = value
            (is_within if at in publications else is_without)[quantities] = True
        low, high = np.ones(count, dtype=np.int64), np.full(count, _ENDLESS)
        # Where both change they change alike, so what has grown remains so.
        earlier, later = self.links.grown[~is_within[self.links.grown].all(axis=1)].T
        np.minimum.at(high, earlier, values[later])
        np.maximum.at(low, later, values[earlier])
        layers: dict[int, _Layer] = {}
        for at in publications:
            quantities, value = self.links.quantities[at], self._values[at]
            is_newest = at + 1 == len(self.hidden)
            # What of the newest is fixed stands in its own costs, which change.
            is_fixed = is_without[quantities] | (self._fixed[at] & (not is_newest))
            layer = _Layer(
                is_newest,
                np.where(is_fixed, np.inf, 0.0),
                high[quantities] - value,
                value - low[quantities],
            )
            shape = self._shapes[at]
            layers[shape] = _join(layers[shape], layer) if shape in layers else layer
        return _Way(publications, layers)


def _list_shapes(memberships: Sequence[Sequence[Bools]]) -> list[int]:
    """Number the publications by shape: the same where the same leaves are beneath each code."""
    kinds: list[Sequence[Bools]] = []
    shapes = []
    for one in memberships:
        equal = [
            at
            for at, kind in enumerate(kinds)
            if all(np.array_equal(mine, its) for mine, its in zip(one, kind, strict=True))
        ]
        shapes.append(equal[0] if equal else len(kinds))
        if not equal:
            kinds.append(one)
    return shapes


def _join(one: _Layer, other: _Layer) -> _Layer:
    """Return what holds in both of two layers of one shape."""
    return _Layer(
        one.is_newest or other.is_newest,
        np.maximum(one.costs, other.costs),
        np.minimum(one.up, other.up),
        np.minimum(one.down, other.down),
    )


def _widen(rows: NDArray[_Width], width: int) -> NDArray[_Width]:
    """Return rows padded with zeros on the right."""
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])))


def _pack(changes: Signs) -> _Path:
    """Return the codes that change in each row, padded with code 0 and sign 0."""
    longest = max(1, int(np.count_nonzero(changes, axis=1).max()))
    codes = np.argsort(changes == 0, axis=1, kind="stable")[:, :longest]
    return codes, np.take_along_axis(changes, codes, axis=1)


def _cut_down(options: list[_Options], most: int) -> list[_Options]:
    """Keep the first options of each dimension, so that there are not too many together."""
    sizes = [len(one) for one in options]
    while prod(sizes) > most:
        widest = sizes.index(max(sizes))
        sizes[widest] -= 1 + sizes[widest] // 16
    return [one.keep(slice(size)) for one, size in zip(options, sizes, strict=True)]


def _divide(options: list[_Options]) -> Iterator[list[_Options]]:
    """Yield parts that are all options together, by the first dimension, small enough to hold."""
    step = max(1, _MANY_MOVES * len(options[0]) // prod(len(one) for one in options))
    for start in range(0, len(options[0]), step):
        yield [options[0].keep(slice(start, start + step)), *options[1:]]


def _lay_out(
    options: list[_Options], shape: int, table: Sequence[int]
) -> tuple[NDArray[np.intp], Signs]:
    """Return the corners of all moves: positions in the flat table, and signs, 0 where it is none.

    Both of shape (corners, moves).
    """
    cells: Any = np.zeros((), dtype=np.intp)
    signs: Any = np.ones((), dtype=np.int8)
    axes = len(options)
    for axis, one in enumerate(options):
        widths = [1] * (2 * axes)
        widths[axis], widths[axes + axis] = one.codes[shape].shape[1], len(one)
        cells = cells * table[axis] + one.codes[shape].T.reshape(widths)
        signs = signs * one.signs[shape].T.reshape(widths)
    moves = prod(len(one) for one in options)
    return cells.reshape(-1, moves), signs.reshape(-1, moves)


def _list_corners(options: list[_Options], shape: int, chosen: Sequence[np.intp]) -> Corners:
    """Return the cells of one move in tables of one shape."""
    rows = [
        (one.codes[shape][at][is_there], one.signs[shape][at][is_there])
        for one, at in zip(options, chosen, strict=True)
        for is_there in [one.signs[shape][at] != 0]
    ]
    places = np.array(list(product(*(codes for codes, _ in rows))), dtype=np.intp)
    signs = [prod(each) for each in product(*(signs.tolist() for _, signs in rows))]
    return Corners(places.reshape(-1, len(rows)), np.array(signs, dtype=np.int8))
