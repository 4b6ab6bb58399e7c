"""How long it takes to make a table safe to publish, and how much it hides."""

import time
from itertools import product

import numpy as np
from numpy.typing import NDArray

from tocsin.science.disclosure import CountTable, Dimension, Suppression, audit, suppress

SUBSTANCES, REGIONS, MONTHS = 60, 30, 12
CLASSES = 12


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


def classify(counts: NDArray[np.int64]) -> CountTable:
    """A table of substances in classes, by form and authority."""
    parents = {"all": ""} | {f"class {at}": "all" for at in range(CLASSES)}
    parents |= {f"substance {at}": f"class {at % CLASSES}" for at in range(len(counts))}
    dimensions = [
        Dimension("substance", parents),
        *(
            Dimension.flat(name, [f"{name} {at}" for at in range(size)])
            for name, size in zip(("form", "authority"), counts.shape[1:], strict=True)
        ),
    ]
    keys = product(*(one.leaves for one in dimensions))
    return CountTable(dimensions, dict(zip(keys, map(int, counts.flat), strict=True)))


def make_series(shape: tuple[int, int, int], cases: int) -> list[CountTable]:
    """A table and two corrections, each with one late report for a hundred cases."""
    chance = np.random.default_rng(1)
    weights = np.multiply.outer(
        np.multiply.outer(1 / np.arange(1, shape[0] + 1) ** 1.2, chance.gamma(1, 1, shape[1])),
        chance.gamma(1, 1, shape[2]),
    )
    counts = chance.poisson(cases * weights / weights.sum())
    tables = [classify(counts)]
    for _correction in range(2):
        share = (counts + 0.05) / (counts + 0.05).sum()
        counts = counts + chance.multinomial(cases // 100, share.ravel()).reshape(shape)
        tables.append(classify(counts))
    return tables


def compare_with_asking_everything(shape: tuple[int, int, int], cases: int, *, ask: bool) -> None:
    """Print what a correction takes, beside a linear program for every hidden cell of the series.

    ask: whether that program is run as well; it also shows that nothing can be recovered.
    """
    tables = make_series(shape, cases)
    series: list[Suppression] = []
    seconds = []
    for table in tables:
        start = time.process_time()
        series.append(suppress(table, published_before=series))
        seconds.append(time.process_time() - start)
    told = ", ".join(f"{one:.2f} s" for one in seconds)
    print(
        f"{cases:>7,} cases, {' x '.join(map(str, shape))} in {CLASSES} classes, "
        f"{tables[0].values.size:,} cells, {int(series[-1].hidden.sum()):,} hidden: "
        f"the table and two corrections {told}"
    )
    if ask:
        start = time.process_time()
        recovered = audit(*(one.publish() for one in series), tables=tables)
        asked = time.process_time() - start
        print(
            f"        every hidden cell of all three asked of the program: {asked:.1f} s, "
            f"{asked / seconds[-1]:.0f} times as long as the second correction; "
            f"{len(recovered)} recovered"
        )


def run() -> None:
    compare_with_whole_lines()
    compare_with_asking_everything((24, 4, 3), 600, ask=True)
    compare_with_asking_everything((40, 5, 4), 3_000, ask=True)
    compare_with_asking_everything((120, 7, 6), 10_000, ask=False)
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
