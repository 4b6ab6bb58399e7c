"""Charts: what is drawn, what is said beside it, and that it can be drawn."""

from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import pytest
import vl_convert
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import DetectionInputError
from tocsin.web.chart_layers import MOST_TICKS, Expected, derive_ticks
from tocsin.web.charts import (
    ChartData,
    KeyEntry,
    chart_bundle,
    monthly_chart,
    series_chart,
    timeline_chart,
    with_paper_colours,
)

MONDAY = date(2026, 9, 7)
KNOWN_ON = date(2026, 11, 21)
COUNTS = [4, 0, None, 31, 6]


def weeks_from(first: date, count: int) -> list[date]:
    return [first + timedelta(days=7 * number) for number in range(count)]


def full_chart() -> ChartData:
    weeks = weeks_from(MONDAY, 5)
    return series_chart(
        weeks,
        COUNTS,
        expected=[None, *[Expected(5.25, 1.0, 11.0)] * 4],
        threshold=[None, 12.0, 12.5, 13.04, 13.5],
        alarms=[weeks[3]],
        first_detection=MONDAY,
        tested=[90, 80, 85, 120, 40],
        incomplete_from=weeks[4],
        as_known_on=KNOWN_ON,
        title="Bromazolam: 31 in one week",
    )


def marks_of(part: Any, mark_type: str) -> list[dict[str, Any]]:
    layers = [layer for view in part.get("vconcat", [part]) for layer in view["layer"]]
    return [layer for layer in layers if layer["mark"]["type"] == mark_type]


def test_table_beside_a_series_holds_every_figure_of_the_chart() -> None:
    chart = full_chart()
    assert chart.table_headings == [
        "Week from",
        "Observed",
        "Expected",
        "Interval",
        "Threshold",
        "Tested",
        "Alarm",
    ]
    assert [row[1:] for row in chart.table_rows] == [
        [4, None, None, None, 90, ""],
        [0, 5.2, "1–11", 12.0, 80, ""],
        [None, 5.2, "1–11", 12.5, 85, ""],
        [31, 5.2, "1–11", 13.0, 120, "alarm"],
        [6, 5.2, "1–11", 13.5, 40, ""],
    ]


def test_key_names_only_what_is_drawn() -> None:
    weeks = weeks_from(MONDAY, 2)
    plain = series_chart(weeks, [40, 41], as_known_on=KNOWN_ON, title="Two weeks")
    assert plain.key == [KeyEntry("observed", "", "observed")]
    assert [entry.mark for entry in full_chart().key] == [
        "observed",
        "alarm",
        "filling",
        "sign",
        "expected",
        "interval",
        "threshold",
    ]


def test_columns_stand_on_zero_and_weeks_still_filling_are_marked() -> None:
    columns = marks_of(full_chart().spec, "bar")[0]
    assert columns["encoding"]["y"]["scale"]["domain"][0] == 0
    assert [row["look"] for row in columns["data"]["values"]] == [
        "observed",
        "observed",
        "alarm",
        "observed, filling",
    ]


def nowcast_chart() -> ChartData:
    """Four weeks, the last two still filling: 3 seen of 5.4, and 1 of 4."""
    weeks = weeks_from(MONDAY, 4)
    return series_chart(
        weeks,
        [40, 2, 3, 1],
        nowcast=[None, None, Expected(5.44, 3, 9), Expected(4.0, 1, 8)],
        as_known_on=KNOWN_ON,
        title="Two weeks still filling",
    )


def test_what_is_still_to_come_is_hatched_from_what_was_seen_up_to_its_estimate() -> None:
    chart = nowcast_chart()
    hatches = [
        (value["start"], value["level"])
        for layer in marks_of(chart.spec, "rule")
        for value in layer["data"]["values"]
        if "level" in value
    ]
    second, third = (week.isoformat() for week in weeks_from(MONDAY, 4)[2:])
    assert {start for start, _level in hatches} == {second, third}
    assert all(3 < level <= 5.44 for start, level in hatches if start == second)
    assert all(1 < level <= 4 for start, level in hatches if start == third)
    (whiskers,) = (
        layer["data"]["values"]
        for layer in marks_of(chart.spec, "rule")
        if layer["encoding"]["y"].get("field") == "low"
    )
    assert [(one["low"], one["value"], one["high"]) for one in whiskers] == [
        (3, 5.44, 9),
        (1, 4.0, 8),
    ]


def test_estimates_stand_in_the_table_the_key_and_the_note() -> None:
    chart = nowcast_chart()
    assert chart.table_headings == [
        "Week from",
        "Observed",
        "Estimated when all reports are in",
        "Interval of the estimate",
    ]
    assert [row[1:] for row in chart.table_rows] == [
        [40, None, None],
        [2, None, None],
        [3, 5.4, "3–9"],
        [1, 4.0, "1–8"],
    ]
    assert [entry.mark for entry in chart.key] == ["observed", "filling", "nowcast", "estimate"]
    assert "From 21 Sep 2026 on, reports are still coming in." in chart.note


def test_a_chart_with_estimates_renders_on_paper() -> None:
    assert vl_convert.vegalite_to_svg(with_paper_colours(nowcast_chart())).startswith("<svg")


def test_a_threshold_far_above_all_that_was_seen_is_said_instead_of_drawn() -> None:
    chart = series_chart(
        weeks_from(MONDAY, 3),
        [40, 2, 3],
        threshold=[8.0, 80.0, 81.0],
        as_known_on=KNOWN_ON,
        title="Three weeks",
    )
    (line,) = marks_of(chart.spec, "line")
    assert [one["limit"] for one in line["data"]["values"]] == [8.0, 80.0, None]
    assert [row[2] for row in chart.table_rows] == [8.0, 80.0, 81.0]
    assert "it lies above the picture" in chart.note
    assert "above the picture" not in full_chart().note


def test_a_value_expected_without_an_interval_is_a_line_alone() -> None:
    chart = series_chart(
        weeks_from(MONDAY, 2),
        [40, 41],
        expected=[None, Expected(3.25)],
        as_known_on=KNOWN_ON,
        title="Two weeks",
    )
    assert chart.table_headings == ["Week from", "Observed", "Expected"]
    assert [entry.mark for entry in chart.key] == ["observed", "expected"]


def test_a_week_without_report_gets_a_dash_and_zero_does_not() -> None:
    dashes = [layer for layer in marks_of(full_chart().spec, "text") if layer["mark"].get("text")]
    at = [row["start"] for layer in dashes for row in layer["data"]["values"] if "start" in row]
    assert at == ["2026-09-21", "2026-09-28"]  # the dash of week 3, then the triangle of week 4


@pytest.mark.parametrize(
    ("counts", "dots"),
    [
        pytest.param([1, 0, 28], 29, id="29 events: one dot each"),
        pytest.param([1, 0, 29], 0, id="30 events: columns"),
    ],
)
def test_fewer_than_thirty_events_are_dots(counts: list[int], dots: int) -> None:
    chart = series_chart(weeks_from(MONDAY, 3), counts, as_known_on=KNOWN_ON, title="Few")
    drawn = [layer for layer in marks_of(chart.spec, "point") if "shape" in layer["mark"]]
    assert sum(len(layer["data"]["values"]) for layer in drawn) == dots
    assert len(marks_of(chart.spec, "bar")) == (0 if dots else 1)


def test_description_and_note_say_period_total_and_what_is_missing() -> None:
    with translation.override("en-gb"):
        chart = full_chart()
    assert chart.description == (
        "Bromazolam: 31 in one week. From 7 Sep 2026 to 5 Oct 2026: 41 in all, at most 31. "
        "Alarms in the weeks from 28 Sep 2026."
    )
    assert chart.note == (
        "As known on 21 Nov 2026. From 5 Oct 2026 on, reports are still coming in."
    )


def test_timeline_strips_share_one_scale() -> None:
    weeks = weeks_from(MONDAY, 3)
    chart = timeline_chart(
        weeks,
        {"Nitazenes": [0, 1, 2], "Cathinones": [9, None, 3]},
        as_known_on=KNOWN_ON,
        title="By class",
    )
    domains = [layer["encoding"]["y"]["scale"]["domain"] for layer in marks_of(chart.spec, "bar")]
    assert domains == [[0, 9], [0, 9]]
    assert [row[1:] for row in chart.table_rows] == [[0, 9], [1, None], [2, 3]]
    assert [view["title"]["text"] for view in chart.spec["vconcat"]] == [
        "Nitazenes · 3",
        "Cathinones · 12",
    ]


def test_months_end_where_the_next_one_begins() -> None:
    chart = monthly_chart(
        [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)],
        [30, 31, 28],
        as_known_on=KNOWN_ON,
        title="Winter",
    )
    columns = marks_of(chart.spec, "bar")[0]["data"]["values"]
    assert [row["end"] for row in columns] == ["2026-01-01", "2026-02-01", "2026-03-01"]


@pytest.mark.parametrize(
    ("counts", "figures"),
    [([1, 0, 1], [0, 1]), ([3, 0, 4], [0, 1, 2, 3, 4]), ([30, 80, 7], [0, 20, 40, 60, 80])],
)
def test_axis_of_counts_shows_each_whole_number_once(counts: list[int], figures: list[int]) -> None:
    chart = series_chart(weeks_from(MONDAY, 3), counts, as_known_on=KNOWN_ON, title="Axis")
    axes = [layer["encoding"]["y"].get("axis") for layer in chart.spec["layer"]]
    assert [axis["values"] for axis in axes if axis] == [figures] * len([a for a in axes if a])


@given(st.floats(1, 1e7))
def test_figures_at_the_axis_are_few_whole_and_below_its_top(top: float) -> None:
    ticks = derive_ticks(top)
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= MOST_TICKS
    assert ticks[-1] <= top


def test_only_the_peak_of_a_run_of_alarms_carries_its_count() -> None:
    weeks = weeks_from(MONDAY, 16)
    counts = [9, 12, 12, 8, 7, 0, 0, 0, 0, 0, 9, 0, 0, 0, 11, 3]
    alarms = [week for week, count in zip(weeks, counts, strict=True) if count > 6]
    chart = series_chart(weeks, counts, alarms=alarms, as_known_on=KNOWN_ON, title="Runs")
    triangles, figures = marks_of(chart.spec, "text")[-2:]
    assert len(triangles["data"]["values"]) == 7
    assert [row["start"] for row in figures["data"]["values"]] == [
        weeks[1].isoformat(),
        weeks[14].isoformat(),
    ]


def test_series_of_another_length_is_refused() -> None:
    with pytest.raises(DetectionInputError, match="'threshold': found 1 values; expected 2"):
        series_chart(
            weeks_from(MONDAY, 2), [1, 2], threshold=[3.0], as_known_on=KNOWN_ON, title="Bad"
        )


def test_colours_on_paper_are_those_of_the_light_theme() -> None:
    stylesheet = (files("tocsin.web") / "static/tocsin/tocsin.css").read_text(encoding="utf-8")
    columns = marks_of(with_paper_colours(full_chart()), "bar")[0]
    alarm = columns["encoding"]["fill"]["scale"]["range"][2]
    assert f"--alarm: light-dark({alarm.lower()}," in stylesheet
    assert "var(--" not in str(with_paper_colours(full_chart()))


def test_charts_compile_and_render_on_paper() -> None:
    svg = vl_convert.vegalite_to_svg(with_paper_colours(full_chart()))
    assert "#B3261E" in svg
    assert "first detection" in svg


def test_bundle_defines_the_renderer_and_its_interpreter() -> None:
    bundle = chart_bundle()
    assert "window.vegaEmbed=" in bundle
    assert "expressionInterpreter" in bundle
    assert chart_bundle() is bundle


@given(st.lists(st.none() | st.integers(0, 200), max_size=60))
def test_every_count_appears_once_in_the_table_and_no_event_is_lost(
    counts: list[int | None],
) -> None:
    weeks = weeks_from(MONDAY, len(counts))
    chart = series_chart(weeks, counts, as_known_on=KNOWN_ON, title="Any")
    assert [row[1] for row in chart.table_rows] == counts
    columns = [row["seen"] for bar in marks_of(chart.spec, "bar") for row in bar["data"]["values"]]
    dots = [
        row
        for layer in marks_of(chart.spec, "point")
        if "shape" in layer["mark"]
        for row in layer["data"]["values"]
    ]
    assert sum(columns) + len(dots) == sum(count or 0 for count in counts)
