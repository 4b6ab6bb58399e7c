"""Moves as whole tables, for the attacker's equations to check."""

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.sparse import coo_array

from tocsin.science.disclosure.attack import Alternatives
from tocsin.science.disclosure.links import Integers, Links
from tocsin.science.disclosure.moves import Move


def derive_alternatives(
    moves: Iterable[Move], links: Links, values: Sequence[Integers], width: int
) -> Alternatives:
    """Return the two tables that each move leads to: as far up, and as far down, as it is needed.

    values: the true counts of each publication. width: how far the two are apart together.
    """
    count = 1 + max(int(one.max()) for one in links.quantities)
    counts = np.zeros(count, dtype=np.int64)
    for quantities, value in zip(links.quantities, values, strict=True):
        counts[quantities] = value
    none = np.empty(0, dtype=np.int64)
    rows, columns, data, tables = [none], [none], [none], 0
    for move in moves:
        cells = [links.quantities[at][tuple(one.places.T)] for at, one in move.corners.items()]
        # A cell that stayed the same is a corner in several publications and changes once.
        quantities, first = np.unique(np.concatenate(cells), return_index=True)
        signs = np.concatenate([one.signs for one in move.corners.values()])[first]
        up = min(move.up, width)
        for times in (up, up - width):
            rows.append(quantities)
            columns.append(np.full(len(quantities), tables))
            data.append(signs.astype(np.int64) * times)
            tables += 1
    entries = np.concatenate(data), (np.concatenate(rows), np.concatenate(columns))
    return Alternatives(counts, coo_array(entries, shape=(count, tables)))
