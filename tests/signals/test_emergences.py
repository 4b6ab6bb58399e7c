"""What is found up to a day does not depend on later evidence."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.science.detection.methods import METHODS
from tocsin.signals import judging
from tocsin.signals.detected import DetectedEmergence
from tocsin.signals.emergences import derive_all_emergences
from tocsin.signals.judging import judge_series
from tocsin.signals.looks import derive_looks
from tocsin.signals.rules import RiseRule
from tocsin.signals.series import MatrixTotal, SeriesCell, Totals

FIRST_MONDAY = date(2024, 1, 1)
LAST_WEEK = 99


SPIKE_RULE = RiseRule(method="spike-rule", level=None)
RULES = (SPIKE_RULE, RiseRule(), RiseRule(level=1e-4))


def find(
    evidence: list[SeriesCell],
    until: date,
    rule: RiseRule = RiseRule(),  # noqa: B008  (immutable)
) -> list[DetectedEmergence]:
    """What is found in evidence where both countries have reported from the first week on."""
    totals = [
        MatrixTotal(cell.matrix, cell.country, cell.area, cell.week_on, cell.count)
        for cell in evidence
    ]
    totals += [MatrixTotal("seized", country, "", FIRST_MONDAY, 5) for country in ("IE", "FR")]
    rules = {cell.substance: (rule,) for cell in evidence}
    return derive_all_emergences(evidence, Totals(totals), rules, until=until)


@st.composite
def cells(draw: st.DrawFn) -> list[SeriesCell]:
    keys = st.tuples(
        st.integers(0, LAST_WEEK),
        st.sampled_from(["xylazine", "carfentanil"]),
        st.sampled_from(
            [("IE", "Cork"), ("IE", "IE061"), ("IE", "IE062"), ("IE", ""), ("FR", "Lille")]
        ),
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
@given(evidence=cells(), week=st.integers(0, LAST_WEEK), rule=st.sampled_from(RULES))
def test_the_past_does_not_change_when_the_future_is_cut_off(
    evidence: list[SeriesCell], week: int, rule: RiseRule
) -> None:
    end = FIRST_MONDAY + timedelta(weeks=LAST_WEEK, days=6)
    sunday = FIRST_MONDAY + timedelta(weeks=week, days=6)
    known = [cell for cell in evidence if cell.week_on <= sunday]
    whole = find(evidence, end, rule)
    cut = find(known, sunday, rule)
    assert [identify(one) for one in whole if one.on <= sunday] == [identify(one) for one in cut]


@settings(deadline=None, max_examples=60)
@given(evidence=cells(), rule=st.sampled_from(RULES))
def test_an_emergence_is_told_once(evidence: list[SeriesCell], rule: RiseRule) -> None:
    end = FIRST_MONDAY + timedelta(weeks=LAST_WEEK, days=6)
    found = find(evidence, end, rule)
    keys = [(one.kind, one.substance, one.matrix, one.country, one.area, one.on) for one in found]
    assert len(set(keys)) == len(keys)
    firsts = [one.substance for one in found if one.kind == "first-detection"]
    assert sorted(firsts) == sorted({cell.substance for cell in evidence})


def test_a_rise_says_how_many_in_which_time_and_how_many_before() -> None:
    evidence = [
        SeriesCell("xylazine", "seized", "IE", "Cork", monday, 2, monday)
        for monday in (FIRST_MONDAY + timedelta(weeks=week) for week in (60, 61, 62))
    ]
    found = find(evidence, date(2025, 6, 1), SPIKE_RULE)
    (rise,) = [one for one in found if one.kind == "spike"]
    # Two in the first week are below the minimum of three; four in the second are above a past
    # of nothing but zeros: 57 whole weeks before the window of four.
    assert (rise.on, rise.country, rise.area, rise.places) == (
        FIRST_MONDAY + timedelta(weeks=61),
        "IE",
        "",
        ("Cork",),
    )
    assert rise.facts == {
        "count": 4,
        "window_weeks": 4,
        "past_count": 0,
        "past_weeks": 58,
        "expected": 0.0,
        "threshold": 2.0,
        "once_in_weeks": None,
    }


@pytest.mark.parametrize("method", ["farrington-flexible", "ears-c1", "ears-c2"])
def test_a_method_that_tests_one_week_tells_one_week(method: str) -> None:
    # One finding in three weeks; then five in four weeks, three of them in the last.
    few = [1 if week % 3 == 0 else 0 for week in range(310)]
    evidence = [
        SeriesCell("xylazine", "seized", "IE", "", monday, count, monday)
        for week, count in enumerate([*few, 1, 0, 1, 3])
        for monday in [FIRST_MONDAY + timedelta(weeks=week)]
        if count
    ]
    settings = {"limit54": (0, 4)} if method == "farrington-flexible" else {}
    rule = RiseRule(method=method, settings=settings, level=None)
    end = FIRST_MONDAY + timedelta(weeks=313, days=6)
    rise = [one for one in find(evidence, end, rule) if one.kind == "spike"][-1]
    assert rise.on == FIRST_MONDAY + timedelta(weeks=313)
    assert (rise.facts["count"], rise.facts["window_weeks"]) == (3, 1)
    assert (rise.facts["past_count"], rise.facts["past_weeks"]) == (sum(few) + 2, 313)


def test_a_region_is_told_at_the_widest_level_at_which_it_rose_first() -> None:
    def week(number: int, area: str, count: int) -> SeriesCell:
        monday = FIRST_MONDAY + timedelta(weeks=number)
        return SeriesCell("xylazine", "seized", "IE", area, monday, count, monday)

    # The country as a whole is used to ten a week, so three more are nothing there.
    steady = [week(number, "", 8 + 4 * (number % 2)) for number in range(80)]
    rising = [week(80, "IE061", 4), week(81, "IE062", 3), week(82, "IE061", 2)]
    found = find([*steady, *rising], FIRST_MONDAY + timedelta(weeks=83), SPIKE_RULE)
    assert [(one.area, one.places) for one in found if one.kind == "spike"] == [
        ("IE0", ("IE061", "IE062"))
    ]


def make_steady(
    substance: str, area: str, weeks: range, *, every: int, count: int = 1
) -> list[SeriesCell]:
    """A finding, or some, each so many weeks."""
    mondays = [FIRST_MONDAY + timedelta(weeks=week) for week in weeks if week % every == 0]
    return [SeriesCell(substance, "seized", "IE", area, on, count, on) for on in mondays]


def test_no_substance_rises_where_all_findings_of_an_area_are_told_from_some_week_on() -> None:
    # Cocaine and heroin each every week, first without an area, from week 150 on with it.
    evidence = [
        cell
        for substance in ("cocaine", "heroin")
        for cell in (
            *make_steady(substance, "", range(150), every=1, count=2),
            *make_steady(substance, "Cork", range(0, 150), every=30),
            *make_steady(substance, "Cork", range(150, 200), every=1, count=2),
        )
    ]
    end = FIRST_MONDAY + timedelta(weeks=200)
    assert [one.area for one in find(evidence, end) if one.kind == "spike"] == []
    # What is new to the area stands out of its findings nevertheless.
    new = make_steady("xylazine", "Cork", range(180, 186), every=2, count=3)
    found = [one for one in find([*evidence, *new], end) if one.kind == "spike"]
    assert [(one.substance, one.area, one.places) for one in found] == [("xylazine", "", ("Cork",))]


def test_a_rise_too_weak_among_many_substances_is_told_when_more_follows() -> None:
    others = [
        cell
        for number in range(60)
        for cell in make_steady(f"substance-{number}", "", range(200), every=7)
    ]
    weak = [
        SeriesCell("eutylone", "seized", "IE", "", on, 1, on)
        for on in (FIRST_MONDAY + timedelta(weeks=week) for week in (176, 182, 188, 192, 194))
    ]
    end = FIRST_MONDAY + timedelta(weeks=200)

    def list_rises(evidence: list[SeriesCell], level: float | None) -> list[tuple[date, int]]:
        return [
            (one.on, one.facts["count"])
            for one in find(evidence, end, RiseRule(level=level))
            if (one.kind, one.substance) == ("spike", "eutylone")
        ]

    third = FIRST_MONDAY + timedelta(weeks=188)
    assert list_rises([*others, *weak], None) == [(third, 3)]
    ((told, count),) = list_rises([*others, *weak], 0.05)
    assert (told > third, count) == (True, {192: 4, 194: 5}[(told - FIRST_MONDAY).days // 7])
    assert list_rises([*others, *weak[:3]], 0.05) == []


def test_parts_judged_one_after_the_other_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = [
        cell
        for number, every in enumerate((1, 3, 20))
        for cell in (
            *make_steady(f"substance-{number}", "Cork", range(200), every=every),
            *make_steady(f"substance-{number}", "", range(170, 180), every=1, count=4),
        )
    ]
    totals = Totals(
        MatrixTotal(cell.matrix, cell.country, cell.area, cell.week_on, cell.count)
        for cell in evidence
    )
    rules = {cell.substance: (RiseRule(),) for cell in evidence}
    until = FIRST_MONDAY + timedelta(weeks=199)
    at_once = list(judge_series(evidence, totals, rules, until=until))
    monkeypatch.setattr(judging, "VALUES_AT_ONCE", 400)
    parts = list(judge_series(evidence, totals, rules, until=until))

    # Three countries and three areas of 200 weeks.
    assert [len(one.group.keys) for one in at_once] == [3, 3]
    assert [len(one.group.keys) for one in parts] == [2, 1, 2, 1]
    assert derive_looks(parts) == derive_looks(at_once)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_series_is_judged_the_same_alone_and_among_others(method: str) -> None:
    evidence = [
        cell
        for number, every in enumerate((1, 3, 20))
        for cell in (
            *make_steady(f"substance-{number}", "Cork", range(200), every=every),
            *make_steady(f"substance-{number}", "", range(170, 180), every=1, count=4),
        )
    ]
    totals = Totals(
        MatrixTotal(cell.matrix, cell.country, cell.area, cell.week_on, cell.count)
        for cell in evidence
    )
    rules = {cell.substance: (RiseRule(method=method),) for cell in evidence}
    until = FIRST_MONDAY + timedelta(weeks=200)
    together = derive_looks(judge_series(evidence, totals, rules, until=until))
    alone = {
        key: look
        for substance in rules
        for key, look in derive_looks(
            judge_series(
                [cell for cell in evidence if cell.substance == substance],
                totals,
                rules,
                until=until,
            )
        ).items()
    }
    assert together == alone
