"""From substance to place to matrix: a narrower finding is selected only within a wider one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.errors import DetectionInputError
from tocsin.science.detection.false_discoveries.across_weeks import (
    WeeklyState,
    derive_week_level,
    record_week,
)
from tocsin.science.detection.false_discoveries.within_week import check_level, check_p_values

METHOD: Final = "tree-bh"
VERSION: Final = "1"

Labels = Sequence[str] | Sequence[int] | NDArray[np.str_] | NDArray[np.integer]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class HierarchySelection:
    """What was selected at each level; every array has the shape (n,) of the p-values judged.

    selected: the series itself (substance, place, matrix). is_place_selected: its substance at its
        place. is_substance_selected: its substance. Each implies the next, and every selected
        substance has a selected place, every selected place a selected matrix.
    place_p_values, substance_p_values: the Simes combination of what lies below.
    level: the level it was run at. method, version: what was run.
    """

    selected: NDArray[np.bool_]
    is_place_selected: NDArray[np.bool_]
    is_substance_selected: NDArray[np.bool_]
    place_p_values: NDArray[np.float64]
    substance_p_values: NDArray[np.float64]
    level: float
    method: str = METHOD
    version: str = VERSION


@dataclass(frozen=True, slots=True, eq=False)
class _Tree:
    """p-values and parents of the three layers, widest first; parents[0] is one common root."""

    p_values: list[NDArray[np.float64]]
    parents: list[NDArray[np.int64]]
    place_of: NDArray[np.int64]
    substance_of: NDArray[np.int64]


def select_in_hierarchy(
    p_values: ArrayLike,
    *,
    substances: Labels,
    places: Labels,
    matrices: Labels,
    level: float,
) -> HierarchySelection:
    """Select substances first, then the places of those selected, then their matrices.

    p_values: shape (n,), valid, one for each series (substance, place, matrix), in any order.
    substances, places, matrices: n labels each. The same place label under two substances is two
        places. n may be 0.
    level: the false discovery rate allowed at each of the three layers.
    A substance's p-value is the Simes combination of its places', a place's that of its matrices'.
    Benjamini–Hochberg runs over the substances at the level; within a selected substance over its
    places at level × (substances selected / substances); within a selected place over its matrices
    at that level × (places selected / places of the substance).
    Guarantee: at each layer the expected average over the selected families of their share of false
    selections is at most the level, for independent p-values (for Simes also PRDS).
    Raises DetectionInputError when the lengths differ or a series is given twice.
    Source: TreeBH, Bogomolov, Peterson, Benjamini & Sabatti 2021, Biometrika 108:575;
    Simes 1986, Biometrika 73:751.

    >>> found = select_in_hierarchy([0.001, 0.9, 0.02, 0.7], level=0.05, substances="xxyy",
    ...                             places=["IE", "FR", "IE", "FR"], matrices=["blood"] * 4)
    >>> found.substance_p_values.tolist(), found.selected.tolist()
    ([0.002, 0.002, 0.04, 0.04], [True, False, True, False])
    """
    check_level(level)
    tree = _build_tree(check_p_values(p_values), substances, places, matrices)
    return _select_in_tree(tree, level)


def control_false_discoveries(
    state: WeeklyState,
    p_values: ArrayLike,
    *,
    substances: Labels,
    places: Labels,
    matrices: Labels,
) -> tuple[HierarchySelection, WeeklyState]:
    """Judge all series of one week in their hierarchy, at the level the weekly account has left.

    state: the account before the week; it is not changed, and a week without series leaves it so.
    The other arguments are those of `select_in_hierarchy`.
    Returns the selection and the account after the week. The account counts substances: over all
    weeks together the expected share of false ones among the substances selected is at most its
    level (see `judge_week` for what that asks), and within a week places and matrices are held as
    in `select_in_hierarchy` at the week's level.
    Source: `judge_week` for the top layer, `select_in_hierarchy` below it.

    >>> found, after = control_false_discoveries(
    ...     WeeklyState(0.05), [0.0001, 0.5], substances=["xylazine", "heroin"],
    ...     places=["IE", "IE"], matrices=["blood", "blood"])
    >>> found.selected.tolist(), after.discoveries
    ([True, False], (1,))
    """
    tree = _build_tree(check_p_values(p_values), substances, places, matrices)
    if tree.p_values[0].size == 0:
        return _select_in_tree(tree, state.level), state
    week_level = derive_week_level(state, tree.p_values[0].size)
    return _select_in_tree(tree, week_level), record_week(state, tree.p_values[0], week_level)


def _build_tree(
    values: NDArray[np.float64], substances: Labels, places: Labels, matrices: Labels
) -> _Tree:
    """Number the substances and places and combine the p-values upwards."""
    numbers: list[NDArray[np.int64]] = []
    for name, labels in (("substances", substances), ("places", places), ("matrices", matrices)):
        if len(labels) != values.size:
            raise DetectionInputError(
                f"{name}: found {len(labels)} labels; expected one for each of "
                f"{values.size} p-values"
            )
        listed = labels if isinstance(labels, np.ndarray) else np.asarray(list(labels))
        _, number = np.unique(listed, return_inverse=True)
        numbers.append(number.reshape(-1).astype(np.int64))
    substance_of, place, matrix = numbers
    n_places, n_matrices = (int(number.max(initial=0)) + 1 for number in (place, matrix))
    pairs, place_of = np.unique(substance_of * n_places + place, return_inverse=True)
    parent_of_place = pairs // n_places
    _, first, counts = np.unique(
        place_of * n_matrices + matrix, return_index=True, return_counts=True
    )
    if (counts > 1).any():
        position = int(first[np.argmax(counts > 1)])
        raise DetectionInputError(
            f"series {position}: found its substance, place and matrix "
            f"{int(counts[np.argmax(counts > 1)])} times; expected each series once"
        )
    place_p_values = _combine(values, place_of)
    substance_p_values = _combine(place_p_values, parent_of_place)
    root = np.zeros(substance_p_values.size, dtype=np.int64)
    return _Tree(
        p_values=[substance_p_values, place_p_values, values],
        parents=[root, parent_of_place, place_of],
        place_of=place_of.astype(np.int64),
        substance_of=substance_of,
    )


def _scale_within(
    values: NDArray[np.float64], parents: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Order by family and value; p × (size / rank), rank, and where each family starts."""
    order = np.lexsort((values, parents))
    starts = np.flatnonzero(np.diff(parents[order], prepend=-1))
    sizes = np.diff(starts, append=values.size)
    ranks = (np.arange(values.size) - np.repeat(starts, sizes) + 1).astype(np.float64)
    scaled = values[order] * (np.repeat(sizes, sizes) / ranks)
    return order, scaled, ranks, starts


def _combine(values: NDArray[np.float64], parents: NDArray[np.int64]) -> NDArray[np.float64]:
    """Simes combination of the p-values of each family; the families are numbered without gaps."""
    if values.size == 0:
        return values
    _, scaled, _, starts = _scale_within(values, parents)
    return np.minimum.reduceat(scaled, starts)


def _select_in_tree(tree: _Tree, level: float) -> HierarchySelection:
    """Benjamini–Hochberg in every selected family, layer by layer downwards."""
    is_selected = [np.ones(1, dtype=np.bool_)]
    # How many times smaller than the level a family's own level is.
    factor = np.ones(1)
    for values, parents in zip(tree.p_values, tree.parents, strict=True):
        if values.size == 0:
            is_selected.append(np.zeros(0, dtype=np.bool_))
            continue
        order, scaled, ranks, starts = _scale_within(values, parents)
        family = parents[order]
        smallest = np.minimum.reduceat(scaled, starts)[family]
        # A selected parent has a selected child; rounding must not say otherwise, so the smallest
        # of a selected family below the root needs no comparison of its own.
        is_below = np.bool_(len(is_selected) > 1)
        passes = (scaled * factor[family] <= level) | ((scaled == smallest) & is_below)
        n_rejected = np.maximum.reduceat(np.where(passes, ranks, 0.0), starts)
        n_rejected = np.where(is_selected[-1], n_rejected, 0.0)
        chosen = np.zeros(values.size, dtype=np.bool_)
        chosen[order] = ranks <= n_rejected[family]
        sizes = np.diff(starts, append=values.size)
        is_selected.append(chosen)
        factor = (factor * sizes / np.maximum(n_rejected, 1.0))[parents]
    _, by_substance, by_place, by_matrix = is_selected
    return HierarchySelection(
        selected=by_matrix,
        is_place_selected=by_place[tree.place_of],
        is_substance_selected=by_substance[tree.substance_of],
        place_p_values=tree.p_values[1][tree.place_of],
        substance_p_values=tree.p_values[0][tree.substance_of],
        level=level,
    )
