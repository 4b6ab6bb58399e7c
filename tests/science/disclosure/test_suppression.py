"""Small counts are hidden so that nothing published gives them away."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.errors import DisclosureError
from tocsin.science.disclosure import (
    CountTable,
    Dimension,
    InnerMark,
    Mark,
    PublishedCell,
    PublishedTable,
    Suppression,
    audit,
    moves,
    suppress,
)
from tocsin.science.disclosure import suppression as searching
from tocsin.science.disclosure.tables import Key

REGIONS = Dimension(
    "region",
    {"AT": "", "AT1": "AT", "AT2": "AT", "AT11": "AT1", "AT12": "AT1", "AT13": "AT1"}
    | {"AT21": "AT2", "AT22": "AT2"},
)


def make_table(rows: Sequence[Sequence[int | None]]) -> CountTable:
    """A table of two dimensions with totals."""
    names = [f"s{at}" for at in range(len(rows))], [f"r{at}" for at in range(len(rows[0]))]
    dimensions = [
        Dimension.flat("substance", names[0]),
        Dimension.flat("region", names[1]),
    ]
    numbers = [number for row in rows for number in row]
    counts: dict[Key, int | None] = dict(zip(product(*names), numbers, strict=True))
    return CountTable(dimensions, counts)


def draw_table(chance: np.random.Generator) -> CountTable:
    """A small table of two or three dimensions, flat or with subtotals, sparse or dense."""
    rows, columns = (int(size) for size in chance.integers(2, 5, size=2))
    first = Dimension.flat("a", [f"a{at}" for at in range(rows)])
    second = Dimension.flat("b", [f"b{at}" for at in range(columns)])
    third = Dimension("c", {"all": ""})
    kind = int(chance.integers(5))
    if kind == 0:
        second, third = Dimension.flat("b", ["b0", "b1"]), Dimension.flat("c", ["c0", "c1"])
    elif kind == 1:
        first, second = Dimension("a", REGIONS.parents), Dimension.flat("b", ["b0", "b1"])
    elif kind == 2:
        second = Dimension.flat("b", ["b0", "b1", "b2"], total="")
    dimensions = [first, second, third]
    mean = float(chance.choice([2, 6, 20, 100]))
    keys = product(*(one.leaves for one in dimensions))
    counts = {key: int(chance.negative_binomial(0.7, 0.7 / (0.7 + mean))) for key in keys}
    return CountTable(dimensions, counts)


def see(published: PublishedTable) -> list[list[int | str | None]]:
    """The published cells, row by row, as a reader sees them."""
    signs = {Mark.SUPPRESSED: "x", Mark.MISSING: "."}
    cells = [signs.get(cell.mark, cell.count) for _key, cell in published.iter_cells()]
    width = len(published.dimensions[-1].codes)
    return [cells[at : at + width] for at in range(0, len(cells), width)]


def find_count(table: CountTable, key: tuple[str, ...]) -> int:
    count = table.find_count(key)
    assert count is not None
    return count


def test_a_table_of_three_by_three_is_hidden_as_by_hand() -> None:
    # Only s0/r0 is small. The cheapest rectangle through it whose cells can give way by enough
    # (10 and more either way: 2 + (30 - 1) and (12 - 1)) hides the smallest others: 12, 13, 14.
    # Shown alone in their rows and columns, those could be computed; as a rectangle they cannot.
    table = make_table([[3, 12, 90], [13, 14, 80], [70, 60, 50]])
    assert see(suppress(table).publish()) == [
        [392, 86, 86, 220],
        [105, "x", "x", 90],
        [107, "x", "x", 80],
        [180, 70, 60, 50],
    ]


def test_the_interval_of_the_hand_worked_table_is_wider_than_twice_the_threshold() -> None:
    # Hidden rectangle [[a, b], [c, d]] with a + b = 15, c + d = 27, a + c = 16, b + d = 26:
    # a from 1 to 14. With only a and b hidden in the row, a would be 16 - 13 = 3.
    published = suppress(make_table([[3, 12, 90], [13, 14, 80], [70, 60, 50]])).publish()
    assert audit(published) == []
    fewer = published.suppressed.copy()
    fewer[2, 1] = False
    values = published.values.copy()
    values[2, 1] = 13
    leaky = PublishedTable(published.dimensions, 5, fewer, published.missing, values)
    assert [(one.key, one.low, one.high) for one in audit(leaky)] == [
        (("s0", "r0"), 3, 3),
        (("s0", "r1"), 12, 12),
        (("s1", "r1"), 14, 14),
    ]


def test_an_interval_of_exactly_twice_the_threshold_is_recovered_and_one_more_is_not() -> None:
    # Two hidden parts of a total of 12 (13): each lies from 1 to 11 (12), so the middle is off
    # by 5 (5.5) at most.
    for total, recovered in ((12, [(1, 11), (1, 11)]), (13, [])):
        dimension = Dimension.flat("region", ["A", "B"])
        published = PublishedTable(
            [dimension],
            5,
            np.array([False, True, True]),
            np.zeros(3, dtype=bool),
            np.array([total, 0, 0]),
        )
        assert [(one.low, one.high) for one in audit(published)] == recovered


def test_no_hidden_cell_of_1000_random_tables_is_recovered() -> None:
    chance = np.random.default_rng(20261122)
    hidden = primary = 0
    for _ in range(20):
        # Fifty tables that have nothing to do with each other, attacked by one program.
        made = [suppress(draw_table(chance)) for _ in range(50)]
        assert audit(*(one.publish() for one in made)) == []
        hidden += sum(int(one.hidden.sum()) for one in made)
        primary += sum(int(one.primary.sum()) for one in made)
    # Not by hiding everything: fewer than two further cells for each small one.
    assert primary > 1_000
    assert hidden < 3 * primary


def test_without_secondary_suppression_most_random_tables_would_give_cells_away() -> None:
    chance = np.random.default_rng(5)
    bare = []
    for _ in range(40):
        table = draw_table(chance)
        small = (table.values > 0) & (table.values < 5)
        bare.append(Suppression(table, 5, small, np.zeros_like(small)).publish())
    assert len({one.publication for one in audit(*bare)}) > 20


def test_it_hides_fewer_than_hiding_whole_rows_and_columns() -> None:
    chance = np.random.default_rng(8)
    ours = whole = 0
    for _ in range(40):
        rows = chance.poisson(20, size=(6, 6)).tolist()
        rows[int(chance.integers(6))][int(chance.integers(6))] = 2
        suppression = suppress(make_table(rows))
        ours += int(suppression.hidden.sum())
        lines = suppression.primary.any(axis=1), suppression.primary.any(axis=0)
        whole += int(np.logical_or.outer(*lines).sum())
    assert ours < whole / 2


def test_every_move_is_looked_at_before_a_cell_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # With one move looked at first, that to the cheapest neighbours: too small to hold.
    monkeypatch.setattr(moves, "_FEW_MOVES", 1)
    monkeypatch.setattr(moves, "_MANY_MOVES", 1)
    table = make_table([[3, 5, 30], [5, 5, 30], [30, 30, 30]])
    assert audit(suppress(table).publish()) == []


def test_a_table_without_time_to_show_cells_again_is_as_safe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = np.random.default_rng(20)
    tables = [make_table(chance.negative_binomial(1, 1 / 12, (5, 5)).tolist()) for _ in range(20)]
    at_best = sum(int(suppress(table).hidden.sum()) for table in tables)
    monkeypatch.setattr(searching, "_MOST_RECONSIDERED", 0)
    made = [suppress(table) for table in tables]
    assert audit(*(one.publish() for one in made)) == []
    assert sum(int(one.hidden.sum()) for one in made) > at_best


def test_suppressed_is_not_zero_and_not_missing() -> None:
    suppression = suppress(make_table([[3, 0, 40], [30, None, 40], [35, None, None]]))
    published = suppression.publish()
    marks = {
        ("s0", "r0"): (InnerMark.PRIMARY, Mark.SUPPRESSED, None),
        ("s1", "r0"): (InnerMark.SECONDARY, Mark.SUPPRESSED, None),
        ("s0", "r1"): (InnerMark.ZERO, Mark.ZERO, 0),
        ("s1", "r1"): (InnerMark.MISSING, Mark.MISSING, None),
        ("s2", "r0"): (InnerMark.VALUE, Mark.VALUE, 35),
    }
    for key, expected in marks.items():
        cell = published.get_cell(key)
        assert (suppression.get_mark(key), cell.mark, cell.count) == expected
    assert published.get_cell(("total", "r1")) == PublishedCell(Mark.ZERO, 0)


def test_what_is_published_does_not_tell_why_a_cell_is_hidden() -> None:
    published = suppress(make_table([[3, 12, 90], [13, 14, 80], [70, 60, 50]])).publish()
    assert {cell.mark for _key, cell in published.iter_cells()} == {Mark.VALUE, Mark.SUPPRESSED}
    assert not published.values[published.suppressed].any()


def test_a_table_of_small_counts_alone_shows_zeros_only() -> None:
    suppression = suppress(make_table([[1, 0], [0, 2]]))
    assert see(suppression.publish()) == [["x", "x", "x"], ["x", "x", 0], ["x", 0, "x"]]


def test_a_subtotal_is_no_way_back_to_its_parts() -> None:
    counts: dict[Key, int | None] = {
        ("AT11",): 2,
        ("AT12",): 30,
        ("AT13",): 40,
        ("AT21",): 25,
        ("AT22",): 35,
    }
    published = suppress(CountTable([REGIONS], counts)).publish()
    shown = {key[0]: cell.count for key, cell in published.iter_cells()}
    assert shown == {
        "AT": 132, "AT1": 72, "AT2": 60, "AT11": None, "AT12": None, "AT13": 40,
        "AT21": 25, "AT22": 35,
    }  # fmt: skip


counts_of_rows = st.integers(2, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 40), min_size=width, max_size=width), min_size=2, max_size=4
    )
)


@settings(max_examples=40, deadline=None)
@given(counts_of_rows)
def test_shown_cells_are_true_and_margins_consistent(rows: list[list[int]]) -> None:
    table = make_table(rows)
    published = suppress(table).publish()
    for key, cell in published.iter_cells():
        true = find_count(table, key)
        if cell.mark is not Mark.SUPPRESSED:
            assert cell == PublishedCell(Mark.VALUE if true else Mark.ZERO, true)
            assert not 0 < true < 5
        else:
            assert true > 0
    assert see(published) == see(suppress(make_table(rows)).publish())


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.just(0) | st.integers(5, 99), min_size=3, max_size=3), min_size=2))
def test_nothing_is_hidden_where_every_count_is_zero_or_large(rows: list[list[int]]) -> None:
    assert not suppress(make_table(rows)).hidden.any()


@settings(max_examples=15, deadline=None)
@given(counts_of_rows, st.integers(2, 9))
def test_any_threshold_is_kept(rows: list[list[int]], threshold: int) -> None:
    assert audit(suppress(make_table(rows), threshold).publish()) == []


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda: Dimension("region", {}), "has no code", id="no code"),
        pytest.param(lambda: Dimension("r", {"A": "B"}), "leads to 'B'", id="parent unknown"),
        pytest.param(lambda: Dimension("r", {"A": "B", "B": "A"}), "leads to 'A'", id="circle"),
        pytest.param(lambda: CountTable([], {}), "one or more", id="no dimension"),
        pytest.param(lambda: CountTable([REGIONS], {("AT1",): 3}), "is no leaf", id="subtotal"),
        pytest.param(lambda: CountTable([REGIONS], {("AT", "x"): 3}), "is no leaf", id="length"),
        pytest.param(lambda: CountTable([REGIONS], {("AT11",): -3}), "negative", id="negative"),
        pytest.param(
            lambda: CountTable([REGIONS], {}).find_count(("DE",)), "not in the table", id="cell"
        ),
        pytest.param(lambda: suppress(CountTable([REGIONS], {}), 1), "2 or more", id="threshold"),
    ],
)
def test_what_contradicts_itself_is_refused(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DisclosureError, match=message):
        make()


def test_publications_that_contradict_themselves_are_refused() -> None:
    # Two hidden parts are 1 or more each, so their total cannot be 1.
    hidden, nothing = np.array([False, True, True]), np.zeros(3, dtype=bool)
    published = PublishedTable(
        [Dimension.flat("region", ["A", "B"])], 5, hidden, nothing, np.array([1, 0, 0])
    )
    with pytest.raises(DisclosureError, match="no table fits"):
        audit(published)
