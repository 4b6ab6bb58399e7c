"""Two publications of a series, taken together, give no hidden count away."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

from tocsin.errors import DisclosureError
from tocsin.science.disclosure import CountTable, Dimension, Mark, Suppression, audit, suppress
from tocsin.science.disclosure.links import link_publications
from tocsin.science.disclosure.tables import Key


def make_table(rows: Sequence[Sequence[int]]) -> CountTable:
    names = [f"s{at}" for at in range(len(rows))], [f"r{at}" for at in range(len(rows[0]))]
    dimensions = [Dimension.flat("substance", names[0]), Dimension.flat("region", names[1])]
    numbers = [number for row in rows for number in row]
    counts: dict[Key, int | None] = dict(zip(product(*names), numbers, strict=True))
    return CountTable(dimensions, counts)


def make_regions(counts: dict[str, int], total: str) -> CountTable:
    dimension = Dimension.flat("region", list(counts), total=total)
    return CountTable([dimension], {(code,): count for code, count in counts.items()})


def list_recovered(first: Suppression, second: Suppression) -> list[tuple[str, ...]]:
    both = audit(first.publish(), second.publish(), tables=(first.table, second.table))
    return sorted({one.key for one in both})


def test_a_late_report_tells_nothing_of_the_counts_before_and_after_it() -> None:
    # 4 was hidden. With one late report it is 5, which may be shown, and then tells the 4.
    before = make_table([[4, 12, 90], [13, 14, 80], [70, 60, 50]])
    after = make_table([[5, 12, 90], [13, 14, 80], [70, 60, 50]])
    first = suppress(before)
    assert list_recovered(first, suppress(after)) == [
        ("s0", "r0"),
        ("s0", "r1"),
        ("s1", "r0"),
        ("s1", "r1"),
    ]
    second = suppress(after, published_before=[first])
    assert list_recovered(first, second) == []
    assert second.publish().get_cell(("s0", "r0")).mark is Mark.SUPPRESSED


def test_a_total_with_and_without_one_region_does_not_tell_its_count() -> None:
    counts = {"A": 40, "B": 13, "C": 2}
    first = suppress(make_regions(counts, "all"))
    assert [cell.count for _key, cell in first.publish().iter_cells()] == [55, 40, None, None]
    without = make_regions({"A": 40, "B": 13}, "all but C")
    # All of it is large, so that alone it would be shown: 55 - 53 = 2 in C.
    assert list_recovered(first, suppress(without)) == [("B",), ("C",)]
    second = suppress(without, published_before=[first])
    assert list_recovered(first, second) == []
    shown = {key[0]: cell.count for key, cell in second.publish().iter_cells()}
    assert shown == {"all but C": None, "A": 40, "B": None}


def test_dividing_later_what_was_one_cell_keeps_it_hidden() -> None:
    first = suppress(make_regions({"A": 3, "B": 20, "C": 40}, "all"))
    finer = Dimension("region", {"all": "", "A": "all", "A1": "A", "A2": "A", "C": "all"})
    later = CountTable([finer], {("A1",): 3, ("A2",): 0, ("C",): 40})
    second = suppress(later, published_before=[first])
    assert list_recovered(first, second) == []
    assert second.publish().get_cell(("A",)).mark is Mark.SUPPRESSED


def test_a_count_that_grew_once_and_then_stayed_is_one_count_in_three_publications() -> None:
    # The last cell is 2, then 3 and 3 again: in the third it is the count of the second.
    tables = [make_table([[80, 60, 70], [50, 90, 14], [60, 13, last]]) for last in (2, 3)]
    tables.append(make_table([[81, 60, 70], [50, 90, 14], [60, 13, 3]]))
    series: list[Suppression] = []
    for table in tables:
        series.append(suppress(table, published_before=series))

    links = link_publications([one.dimensions for one in tables], tables)

    assert links.quantities[2][-1, -1] == links.quantities[1][-1, -1]
    assert audit(*(one.publish() for one in series), tables=tables) == []


def test_no_two_of_random_publications_recover_a_cell_and_apart_they_would() -> None:
    chance = np.random.default_rng(6)
    apart = 0
    for _ in range(40):
        rows = chance.negative_binomial(0.7, 0.7 / 15.7, size=(3, 3))
        first = suppress(make_table(rows.tolist()))
        for _report in range(2):
            rows[tuple(chance.integers(3, size=2))] += int(chance.choice([1, 2, 5, 20]))
        table = make_table(rows.tolist())
        apart += bool(list_recovered(first, suppress(table)))
        assert list_recovered(first, suppress(table, published_before=[first])) == []
    assert apart > 5


def test_where_moves_do_not_prove_it_everything_is_hidden_and_a_program_asked() -> None:
    # By the retraction a hidden 1 becomes a shown 0: no earlier table fits the same changes.
    first = suppress(make_table([[1, 0], [12, 2]]))
    second = suppress(make_table([[0, 0], [12, 2]]), published_before=[first])
    assert list_recovered(first, second) == []
    assert [cell.count for _key, cell in second.publish().iter_cells()] == [
        *(None, None, None),
        *(0, 0, 0),
        *(None, None, None),
    ]


def test_what_earlier_publications_gave_away_is_an_error_and_not_a_table() -> None:
    table = make_table([[3, 12], [13, 14]])
    small = table.values == 3
    bare = Suppression(table, 5, small, np.zeros_like(small))
    with pytest.raises(DisclosureError, match="can be told") as raised:
        suppress(table, published_before=[bare])
    assert "s0" not in str(raised.value)


def test_publications_of_other_dimensions_are_refused() -> None:
    first = suppress(make_regions({"A": 30}, "all"))
    with pytest.raises(DisclosureError, match="expected the same in all"):
        suppress(make_table([[3, 12], [13, 14]]), published_before=[first])
