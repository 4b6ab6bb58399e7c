"""What the search takes for a proof is a table that fits everything published."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from scipy.sparse import coo_array, csr_array

from tocsin.science.disclosure import CountTable, Dimension, Suppression, attack, audit, suppress
from tocsin.science.disclosure import suppression as searching
from tocsin.science.disclosure.attack import Alternatives, System, find_narrow
from tocsin.science.disclosure.links import Integers
from tocsin.science.disclosure.tables import Key


def make_table(counts: Integers) -> CountTable:
    """Substances in classes, by form and authority."""
    substances, forms, authorities = counts.shape
    classes = min(3, substances)
    parents = {"all": ""} | {f"class {at}": "all" for at in range(classes)}
    parents |= {f"s{at}": f"class {at % classes}" for at in range(substances)}
    dimensions = [
        Dimension("substance", parents),
        Dimension.flat("form", [f"f{at}" for at in range(forms)]),
        Dimension.flat("authority", [f"a{at}" for at in range(authorities)]),
    ]
    keys: list[Key] = list(product(*(one.leaves for one in dimensions)))
    return CountTable(dimensions, dict(zip(keys, counts.ravel().tolist(), strict=True)))


def draw_series(chance: np.random.Generator, shape: Sequence[int], cases: int) -> list[CountTable]:
    """A table and two corrections: late reports, most of them of what is reported often."""
    weights = np.multiply.outer(1 / np.arange(1, shape[0] + 1), chance.gamma(1, 1, shape[1:]))
    counts = chance.poisson(cases * weights / weights.sum())
    tables = [make_table(counts)]
    for _correction in range(2):
        share = (counts + 0.1) / (counts + 0.1).sum()
        counts = counts + chance.multinomial(cases // 50, share.ravel()).reshape(counts.shape)
        tables.append(make_table(counts))
    return tables


def publish_series(tables: Sequence[CountTable]) -> list[Suppression]:
    series: list[Suppression] = []
    for table in tables:
        series.append(suppress(table, published_before=series))
    return series


def test_a_table_and_two_corrections_give_no_cell_away_to_the_full_program() -> None:
    # 400 cells in each, with classes and margins; a program for each hidden cell, and no proof.
    tables = draw_series(np.random.default_rng(3), (16, 4, 3), 700)

    series = publish_series(tables)

    assert audit(*(one.publish() for one in series), tables=tables) == []
    # Not by hiding everything: of 400 cells, 126 are small in the first.
    assert [int(one.hidden.sum()) for one in series] == [270, 270, 270]


def test_every_proof_is_a_table_that_fits_all_that_is_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[System, Alternatives | None]] = []

    def find_and_keep(
        system: System, need: int, alternatives: Alternatives | None
    ) -> dict[int, tuple[int, int]]:
        asked.append((system, alternatives))
        return find_narrow(system, need, alternatives)

    monkeypatch.setattr(searching, "find_narrow", find_and_keep)
    chance = np.random.default_rng(20261123)
    for _ in range(30):
        shape = chance.integers(2, 7), *chance.integers(1, 4, size=2)
        publish_series(draw_series(chance, shape, int(chance.choice([30, 300, 3_000]))))

    proofs, hidden, proved = 0, 0, 0
    for system, alternatives in asked:
        assert alternatives is not None
        true = alternatives.counts[system.quantities]
        # One table in each column, written out in full.
        other = true[:, None] + alternatives.changes.toarray()[system.quantities]
        assert (system.sums @ other == system.totals[:, None]).all()
        assert (system.orders @ other <= system.gaps[:, None]).all()
        assert (other >= 1).all()
        # Each move leads to two tables as far apart as is needed, in every cell that it changes.
        far = np.abs(other[:, ::2] - other[:, 1::2])
        assert set(np.unique(far)) <= {0, 11}
        proofs += far.shape[1]
        hidden += len(true)
        proved += int((far == 11).any(axis=1).sum())
    assert (len(asked), proofs > 300) == (90, True)
    assert proved > 0.99 * hidden


@pytest.mark.parametrize(
    ("counts", "changes"),
    [
        pytest.param((15, 40), (0, 20), id="a sum that is another"),
        pytest.param((15, 40), (-15, 15), id="a count below 1"),
        pytest.param((15, 40), (20, -20), id="a count that did not grow"),
        pytest.param((15, 60), (-14, 14), id="true counts of another sum"),
        pytest.param((30, 25), (-16, 16), id="true counts that did not grow"),
        pytest.param((0, 55), (14, -14), id="true counts below 1"),
    ],
)
def test_a_table_that_does_not_fit_proves_nothing(
    counts: tuple[int, int], changes: tuple[int, int]
) -> None:
    # Two hidden counts together are 55, and the first became 15 later.
    system = System(
        quantities=np.array([0, 1]),
        sums=csr_array(np.array([[1.0, 1.0]])),
        totals=np.array([55.0]),
        orders=csr_array(np.array([[1.0, 0.0]])),
        gaps=np.array([15.0]),
        told={},
    )
    said = Alternatives(np.array(counts), coo_array(np.array(changes)[:, None]))

    assert find_narrow(system, 15) == {0: (1, 15), 1: (40, 54)}
    assert find_narrow(system, 15, said) == {0: (1, 15), 1: (40, 54)}


def test_where_every_count_has_a_proof_no_program_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attack, "_linprog", None)
    tables = draw_series(np.random.default_rng(3), (8, 3, 3), 300)
    assert [int(one.hidden.sum()) for one in publish_series(tables)] == [141, 141, 141]
