"""What is found up to a day does not depend on later evidence."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.signals.emergences import (
    DetectedEmergence,
    MatrixTotal,
    SeriesCell,
    derive_emergences,
)

FIRST_MONDAY = date(2024, 1, 1)
LAST_WEEK = 99


def list_totals(cells: list[SeriesCell]) -> list[MatrixTotal]:
    return [MatrixTotal(cell.matrix, cell.week_on, cell.count) for cell in cells] + [
        MatrixTotal("seized", FIRST_MONDAY, 5)
    ]


@st.composite
def cells(draw: st.DrawFn) -> list[SeriesCell]:
    keys = st.tuples(
        st.integers(0, LAST_WEEK),
        st.sampled_from(["xylazine", "carfentanil"]),
        st.sampled_from([("IE", "Cork"), ("IE", "Galway"), ("IE", ""), ("FR", "Lille")]),
    )
    drawn = draw(
        st.dictionaries(keys, st.tuples(st.integers(1, 9), st.integers(0, 6)), max_size=60)
    )
    return [
        SeriesCell(
            substance,
            "seized",
            country,
            area,
            FIRST_MONDAY + timedelta(weeks=week),
            count,
            FIRST_MONDAY + timedelta(weeks=week, days=day),
        )
        for (week, substance, (country, area)), (count, day) in drawn.items()
    ]


def identify(found: DetectedEmergence) -> tuple[object, ...]:
    return (
        found.kind,
        found.substance,
        found.matrix,
        found.country,
        found.area,
        found.on,
        tuple(sorted(found.facts.items())),
    )


@settings(deadline=None, max_examples=150)
@given(evidence=cells(), week=st.integers(0, LAST_WEEK))
def test_the_past_does_not_change_when_the_future_is_cut_off(
    evidence: list[SeriesCell], week: int
) -> None:
    end = FIRST_MONDAY + timedelta(weeks=LAST_WEEK, days=6)
    sunday = FIRST_MONDAY + timedelta(weeks=week, days=6)
    known = [cell for cell in evidence if cell.week_on <= sunday]
    whole = derive_emergences(evidence, list_totals(evidence), until=end)
    cut = derive_emergences(known, list_totals(known), until=sunday)
    assert [identify(one) for one in whole if one.on <= sunday] == [identify(one) for one in cut]


@settings(deadline=None, max_examples=60)
@given(evidence=cells())
def test_an_emergence_is_told_once(evidence: list[SeriesCell]) -> None:
    end = FIRST_MONDAY + timedelta(weeks=LAST_WEEK, days=6)
    found = derive_emergences(evidence, list_totals(evidence), until=end)
    keys = [(one.kind, one.substance, one.matrix, one.country, one.area, one.on) for one in found]
    assert len(set(keys)) == len(keys)
    firsts = [one.substance for one in found if one.kind == "first-detection"]
    assert sorted(firsts) == sorted({cell.substance for cell in evidence})


def test_a_rise_says_what_was_expected_and_where_the_threshold_lay() -> None:
    quiet = [MatrixTotal("seized", FIRST_MONDAY, 5)]
    evidence = [
        SeriesCell("xylazine", "seized", "IE", "Cork", monday, 2, monday)
        for monday in (FIRST_MONDAY + timedelta(weeks=week) for week in (60, 61, 62))
    ]
    found = derive_emergences(evidence, quiet, until=date(2025, 6, 1))
    (rise,) = [one for one in found if one.kind == "spike"]
    # Two in the first week are below the minimum of three; four in the second are above a past
    # of nothing but zeros.
    assert (rise.on, rise.country, rise.area, rise.places) == (
        FIRST_MONDAY + timedelta(weeks=61),
        "IE",
        "",
        ("Cork",),
    )
    assert rise.facts == {
        "window_weeks": 4,
        "count": 4,
        "expected": 0.0,
        "threshold": 2.0,
        "baseline_weeks": 52,
    }
