"""Counting a period, against figures counted by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tocsin.errors import InvalidTableError
from tocsin.tables.counting import CaseRow, Counts, GivenCount, count_period
from tocsin.tables.periods import get_period, list_last_periods, parse_period

SINCE, UNTIL = date(2026, 1, 1), date(2026, 3, 31)
SEIZURE = CaseRow(
    report_id=1,
    owner_id=7,
    is_seizure=True,
    is_death=False,
    on=date(2026, 2, 10),
    country="IE",
    region="IE061",
    substance="metonitazene",
    form="powder",
    authority="police",
)
GIVEN = GivenCount(
    report_id=50,
    owner_id=7,
    since=SINCE,
    until=UNTIL,
    country="IE",
    region="",
    substance="metonitazene",
    form="",
    authority="police",
    cases=12,
)
DEATHS = replace(GIVEN, cases=None, poisonings=4, deaths=3)


def count(rows: list[CaseRow], *given: GivenCount) -> Counts:
    return count_period(rows, given, since=SINCE, until=UNTIL)


def tell(counts: Counts) -> dict[tuple[str, str, str], int]:
    return {key: one.cases for key, one in counts.seized.items() if one.cases}


def test_amounts_are_exact_sums_in_the_unit_of_their_kind() -> None:
    counts = count(
        [
            replace(SEIZURE, unit="kg", amount=Decimal("0.1")),
            replace(SEIZURE, report_id=2, unit="mg", amount=Decimal("0.3")),
            replace(SEIZURE, report_id=2, unit="l", amount=Decimal("0.25")),
            replace(SEIZURE, report_id=3, unit="tablets", amount=Decimal(40)),
            replace(SEIZURE, report_id=4, unit="ng/ml", amount=Decimal(9)),
            replace(SEIZURE, report_id=5, unit="", amount=Decimal(9)),
        ]
    )

    seized = counts.seized["metonitazene", "powder", "police"]
    assert seized.amounts == {
        "g": Decimal("100.0003"),
        "ml": Decimal(250),
        "tablets": Decimal(40),
    }
    # Report 2 has two rows and is one case.
    assert seized.cases == 5
    assert counts.amounts == {
        "metonitazene": {
            "g": {1: Decimal(100), 2: Decimal("0.0003")},
            "ml": {2: Decimal(250)},
            "tablets": {3: Decimal(40)},
        }
    }


def test_what_a_report_gives_is_one_amount_whatever_its_forms_and_cases() -> None:
    counts = count(
        [
            replace(SEIZURE, cases=10, unit="g", amount=Decimal(7)),
            replace(SEIZURE, cases=10, form="tablet", unit="kg", amount=Decimal(1)),
            replace(SEIZURE, report_id=2, substance="", unit="g", amount=Decimal(3)),
        ],
        replace(GIVEN, substance="cocaine", unit="g", amount=Decimal("0.5")),
        replace(GIVEN, substance="cocaine", form="tablet", unit="g", amount=Decimal("0.25")),
    )

    assert counts.amounts == {
        "metonitazene": {"g": {1: Decimal(1007)}},
        "_U": {"g": {2: Decimal(3)}},
        "cocaine": {"g": {50: Decimal("0.75")}},
    }


def test_an_event_is_a_case_of_each_substance_and_form_once() -> None:
    counts = count(
        [
            replace(SEIZURE, cases=3),
            replace(SEIZURE, cases=3, unit="g", amount=Decimal(1)),
            replace(SEIZURE, cases=3, form="tablet"),
            replace(SEIZURE, cases=3, substance="", form="", authority=""),
        ]
    )

    assert tell(counts) == {
        ("metonitazene", "powder", "police"): 3,
        ("metonitazene", "tablet", "police"): 3,
        ("_U", "_U", "_U"): 3,
    }


def test_a_poisoning_counts_once_for_each_substance_whatever_its_units() -> None:
    poisoning = replace(SEIZURE, is_seizure=False, is_death=True, form="", authority="")
    counts = count(
        [
            poisoning,
            replace(poisoning, unit="ng/ml", amount=Decimal(3)),
            replace(poisoning, substance="cocaine"),
            replace(poisoning, report_id=2, is_death=False),
        ]
    )

    assert {key: (one.poisonings, one.deaths) for key, one in counts.poisoned.items()} == {
        "metonitazene": (2, 1),
        "cocaine": (1, 1),
    }
    assert (counts.has_poisonings, counts.authorities) == (True, frozenset())


@pytest.mark.parametrize(
    ("change", "is_replaced"),
    [
        pytest.param({}, True, id="same substance, days, place, authority"),
        pytest.param({"form": "tablet"}, True, id="another form: it counted all forms"),
        pytest.param({"authority": "customs"}, False, id="another authority"),
        pytest.param({"authority": ""}, False, id="no authority stated"),
        pytest.param({"owner_id": 8}, False, id="another sender"),
        pytest.param({"substance": "cocaine"}, False, id="another substance"),
        pytest.param({"country": "FR"}, False, id="another country"),
        pytest.param({"is_seizure": False}, False, id="a poisoning, of which nothing is said"),
    ],
)
def test_counts_that_a_sender_gave_take_the_place_of_its_single_events(
    change: dict[str, str], is_replaced: bool
) -> None:
    counts = count([replace(SEIZURE, **change)], GIVEN)  # type: ignore[arg-type]

    assert counts.replaced == is_replaced
    assert (1 in counts.sources) is not is_replaced
    assert counts.seized["metonitazene", "_U", "police"].cases == 12


@pytest.mark.parametrize(
    ("change", "used"),
    [
        pytest.param({"until": date(2026, 4, 1)}, False, id="reaches beyond the period"),
        pytest.param({"since": date(2025, 12, 31)}, False, id="begins before it"),
        pytest.param({"since": date(2026, 3, 31)}, True, id="its last day alone"),
    ],
)
def test_given_counts_are_used_only_where_they_lie_in_the_period(
    change: dict[str, date], used: bool
) -> None:
    counts = count([], replace(GIVEN, **change))  # type: ignore[arg-type]

    assert (len(counts.sources), counts.left_out) == ((1, 0) if used else (0, 1))


@pytest.mark.parametrize(
    ("other", "cases"),
    [
        pytest.param({"until": date(2026, 1, 31), "cases": 5}, 12, id="a month within the quarter"),
        pytest.param({"authority": "", "cases": 30}, 30, id="all authorities"),
        pytest.param({"authority": "customs", "cases": 5}, 17, id="another authority"),
        pytest.param({"form": "powder", "cases": 5}, 12, id="one form of another report"),
        pytest.param({"region": "IE06", "cases": 5}, 12, id="a region of the country"),
        pytest.param({"owner_id": 8, "cases": 5}, 17, id="another sender"),
        pytest.param({"cases": None, "poisonings": 4}, 12, id="poisonings"),
        pytest.param({"report_id": 50, "form": "powder", "cases": 5}, 17, id="told together"),
        pytest.param({"report_id": 50, "cases": 5}, 12, id="the same told twice"),
    ],
)
def test_counts_of_one_sender_that_overlap_are_used_once(other: dict[str, str], cases: int) -> None:
    counts = count([], GIVEN, replace(replace(GIVEN, report_id=49), **other))  # type: ignore[arg-type]

    assert sum(tell(counts).values()) == cases


def test_given_deaths_are_poisonings_too() -> None:
    counts = count([], DEATHS, replace(DEATHS, substance="cocaine", poisonings=None))

    assert {key: (one.poisonings, one.deaths) for key, one in counts.poisoned.items()} == {
        "metonitazene": (4, 3),
        "cocaine": (3, 3),
    }


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-S1", date(2026, 1, 1), date(2026, 6, 30)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_is_written_as_it_is_read(text: str, first: date, last: date) -> None:
    period = parse_period(text)

    assert (period.starts_on, period.ends_on, period.code) == (first, last, text)
    assert get_period(period.frequency, last) == period


@pytest.mark.parametrize("text", ["2026-Q5", "2026-S3", "2026-13", "2026-00", "26", "2026-W01", ""])
def test_no_other_text_is_a_period(text: str) -> None:
    with pytest.raises(InvalidTableError, match="expected a month such as"):
        parse_period(text)


def test_the_last_periods_have_ended() -> None:
    periods = list_last_periods("quarter", today=date(2026, 5, 17), number=3)

    assert [one.code for one in periods] == ["2026-Q1", "2025-Q4", "2025-Q3"]
