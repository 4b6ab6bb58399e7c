"""How long it takes to make a table safe to publish, and how much it hides."""

import time
from itertools import product

import numpy as np

from tocsin.science.disclosure import CountTable, Dimension, suppress

SUBSTANCES, REGIONS, MONTHS = 60, 30, 12


def make_table(cases: int) -> CountTable:
    """A year of cases: few substances have most of them, regions differ, months do not."""
    chance = np.random.default_rng(1)
    weights = np.multiply.outer(
        np.multiply.outer(1 / np.arange(1, SUBSTANCES + 1) ** 1.2, chance.gamma(1, 1, REGIONS)),
        np.ones(MONTHS),
    )
    counts = chance.poisson(cases * weights / weights.sum())
    dimensions = [
        Dimension.flat(name, [f"{name} {at}" for at in range(size)])
        for name, size in zip(("substance", "region", "month"), counts.shape, strict=True)
    ]
    keys = product(*(one.leaves for one in dimensions))
    return CountTable(dimensions, dict(zip(keys, map(int, counts.flat), strict=True)))


def compare_with_whole_lines() -> None:
    """Print how many cells are hidden beside hiding the whole row and column of each small cell."""
    chance = np.random.default_rng(8)
    ours = lines = small = 0
    for _ in range(100):
        rows = chance.poisson(20, size=(8, 8))
        rows[tuple(chance.integers(8, size=2))] = 2
        rows[tuple(chance.integers(8, size=2))] = 3
        dimensions = [Dimension.flat(name, [f"{name}{at}" for at in range(8)]) for name in "ab"]
        keys = product(*(one.leaves for one in dimensions))
        counts = dict(zip(keys, map(int, rows.flat), strict=True))
        suppression = suppress(CountTable(dimensions, counts))
        small += int(suppression.primary.sum())
        ours += int(suppression.hidden.sum())
        small_cells = suppression.primary
        lines += int(np.logical_or.outer(small_cells.any(axis=1), small_cells.any(axis=0)).sum())
    print(f"100 tables of 8 x 8, {small} small cells: {ours} hidden; whole lines: {lines}")


def run() -> None:
    compare_with_whole_lines()
    for cases in (2_000, 20_000, 200_000):
        table = make_table(cases)
        start = time.process_time()
        suppression = suppress(table)
        seconds = time.process_time() - start
        counted = int((table.values > 0).sum())
        print(
            f"{cases:>7,} cases, {SUBSTANCES} x {REGIONS} x {MONTHS}: {counted:,} cells above zero, "
            f"{int(suppression.primary.sum()):,} small, "
            f"{int(suppression.secondary.sum()):,} more hidden, {seconds:.1f} s"
        )
