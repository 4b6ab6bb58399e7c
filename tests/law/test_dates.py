"""Statutory dates: read, checked, counted down to and said."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.law.dates import (
    KINDS,
    count_days_left,
    describe_date,
    list_date_problems,
    read_dates,
)
from tocsin.law.model import StatutoryDate

JANUARY, JULY = datetime.date(2026, 1, 12), datetime.date(2026, 7, 12)


def _date(kind: str, on: datetime.date, act: str = "Act", source: str = "source") -> StatutoryDate:
    return StatutoryDate(kind, on, on, act, source)


def test_table_is_read_with_the_source_of_the_act_where_it_names_none() -> None:
    table = [
        {"kind": "risk-assessment", "from": JANUARY, "on": JULY},
        {"kind": "in-force", "on": JULY, "source": "other", "verified": False},
    ]
    assert read_dates(table, "Act", "source") == (
        StatutoryDate("risk-assessment", JULY, JANUARY, "Act", "source", verified=True),
        StatutoryDate("in-force", JULY, JULY, "Act", "other", verified=False),
    )


@pytest.mark.parametrize(
    ("on", "left"),
    [
        (datetime.date(2026, 6, 1), 41),
        (datetime.date(2026, 7, 11), 1),
        (JULY, None),
        (datetime.date(2026, 7, 13), None),
    ],
)
def test_days_are_counted_to_a_date_that_lies_ahead(on: datetime.date, left: int | None) -> None:
    assert count_days_left(_date("transposition-deadline", JULY), on) == left


@given(st.dates(max_value=datetime.date(9000, 1, 1)), st.integers(1, 10_000))
def test_days_left_lead_to_the_date(on: datetime.date, days: int) -> None:
    assert count_days_left(_date("in-force", on + datetime.timedelta(days=days)), on) == days


def test_date_is_said_with_its_span_countdown_and_doubt() -> None:
    assessment = StatutoryDate(
        "risk-assessment", JULY, datetime.date(2026, 7, 11), "Act", "source", verified=False
    )
    assert describe_date(assessment, datetime.date(2026, 7, 10)) == (
        "risk assessment 2026-07-11 to 2026-07-12 (2 days left): Act; unverified"
    )
    assert describe_date(_date("in-force", JANUARY), JULY) == "in force 2026-01-12: Act"


@pytest.mark.parametrize(
    ("dates", "problem"),
    [
        ([_date("handed-in", JULY)], "Act: unknown kind of date 'handed-in'"),
        ([_date("in-force", JULY, act="")], "in-force 2026-07-12: act or source is missing"),
        ([_date("in-force", JULY, source="")], "in-force 2026-07-12: act or source is missing"),
        (
            [StatutoryDate("adopted", JANUARY, JULY, "Act", "source")],
            "Act, adopted: begins on 2026-07-12, after 2026-01-12",
        ),
        (
            [_date("in-force", JANUARY), _date("published", JULY)],
            "Act: published 2026-07-12 is after in-force 2026-01-12",
        ),
        (
            [_date("in-force", JANUARY), _date("in-force", JULY)],
            "Act: in-force is dated twice",
        ),
    ],
)
def test_faults_of_dates_are_told(dates: list[StatutoryDate], problem: str) -> None:
    assert list(list_date_problems(dates)) == [problem]


def test_steps_in_their_order_have_no_fault_and_acts_do_not_mix() -> None:
    steps = [
        _date(kind, JANUARY + datetime.timedelta(days=step)) for step, kind in enumerate(KINDS)
    ]
    assert list(list_date_problems(steps)) == []
    assert list(list_date_problems([*steps, _date("adopted", JULY, act="Later act")])) == []
