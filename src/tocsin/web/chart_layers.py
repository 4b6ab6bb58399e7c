"""Marks of the charts: columns, dots, bands, lines and signs, as layers of Vega-Lite.

A layer is a dict with data, mark and encoding; its positions get their axes from ``draw_view``.
Colours are names of custom properties of the stylesheet.
"""

from collections.abc import Collection, Sequence
from datetime import date
from math import floor
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

Spec = dict[str, Any]

FEW_EVENTS = 30
"""Below this many events each is drawn as a dot: columns would suggest a rate."""

ALARM_REACH = 4
"""Alarms so many weeks apart are one run: counts written over each would cover each other."""

HATCHES = 40
"""Lines of a hatching from the axis of a chart to its top."""

MOST_TICKS = 5
"""Most figures written at the axis of counts, zero included."""


class Expected(NamedTuple):
    """What a method expected of one week, in events: the value, and its interval where it has one."""

    value: float
    low: float | None = None
    high: float | None = None


def derive_peak(values: Sequence[int | None]) -> int:
    """The highest count reported, at least 1, so that an axis has a length."""
    return max((value for value in values if value is not None), default=1) or 1


def derive_ticks(top: float) -> list[int]:
    """Whole numbers from zero to top, in even steps of 1, 2 or 5 and their tenfolds.

    >>> derive_ticks(1.2), derive_ticks(8.4), derive_ticks(120)
    ([0, 1], [0, 2, 4, 6, 8], [0, 50, 100])
    """
    powers = range(len(str(floor(top))))
    steps = (digit * 10**power for power in powers for digit in (1, 2, 5))
    step = next(step for step in steps if top // step < MOST_TICKS)
    return list(range(0, floor(top) + 1, step))


def derive_rows(
    starts: Sequence[date],
    ends: Sequence[date],
    counts: Sequence[int | None],
    *,
    alarms: Collection[date] = (),
    incomplete_from: date | None = None,
) -> list[Spec]:
    """One row per period: its days, its count, and how it looks (alarm, still filling)."""
    rows = []
    for start, end, count in zip(starts, ends, counts, strict=True):
        kind = "alarm" if start in alarms else "observed"
        filling = incomplete_from is not None and start >= incomplete_from
        rows.append(
            {
                "start": start.isoformat(),
                "middle": (start + (end - start) / 2).isoformat(),
                "end": end.isoformat(),
                "seen": count,
                "look": f"{kind}, filling" if filling else kind,
            }
        )
    return rows


def draw_view(layers: list[Spec], *, height: int, top: float, axis: Spec | None) -> Spec:
    """Layers on one time axis and one scale from zero to top."""
    x_shared = {"type": "temporal", "axis": axis, "title": None, "scale": {"type": "utc"}}
    y_shared = {
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [0, top], "nice": False},
        "axis": {
            "format": ",d",
            "values": derive_ticks(top) if height > 100 else [0, top],
            "minExtent": 40,
            "maxExtent": 40,
            "domain": False,
            "ticks": False,
        },
    }
    placed = []
    for layer in layers:
        encoding = dict(layer["encoding"])
        encoding["x"] = {**encoding["x"], **x_shared}
        if "field" in encoding["y"]:
            encoding["y"] = {**encoding["y"], **y_shared}
        placed.append({**layer, "encoding": encoding})
    return {"width": "container", "height": height, "layer": placed}


def time_axis(starts: Sequence[date], ends: Sequence[date]) -> Spec:
    """Ticks at weeks, months, quarters or years, after the length of the period shown."""
    days = (ends[-1] - starts[0]).days if starts else 0
    axis: Spec = {"grid": False, "labelOverlap": True, "title": None}
    if days <= 70:
        day_and_month = "utcFormat(datum.value, '%-d %b')"
        return {**axis, "tickCount": {"interval": "week", "step": 1}, "labelExpr": day_and_month}
    if days > 5 * 366:
        year = "utcFormat(datum.value, '%Y')"
        return {**axis, "tickCount": {"interval": "year", "step": 1}, "labelExpr": year}
    month = "utcFormat(datum.value, '%b')"
    first = "utcmonth(datum.value) == 0 || datum.index == 0"
    with_year = f"{first} ? [{month}, utcFormat(datum.value, '%Y')] : {month}"
    step = 1 if days <= 400 else 3
    return {**axis, "tickCount": {"interval": "month", "step": step}, "labelExpr": with_year}


def event_layers(rows: list[Spec]) -> list[Spec]:
    """Dots for few events, columns for many."""
    if sum(row["seen"] or 0 for row in rows) < FEW_EVENTS:
        return _dot_layers(rows)
    return column_layers(rows)


_LOOKS = {
    "domain": ["observed", "observed, filling", "alarm", "alarm, filling"],
    "range": ["var(--observed)", "transparent", "var(--alarm)", "transparent"],
}
_EDGES = {
    "domain": _LOOKS["domain"],
    "range": ["var(--observed)", "var(--observed)", "var(--alarm)", "var(--alarm)"],
}


def _painted(encoding: Spec) -> Spec:
    look = {"field": "look", "type": "nominal", "legend": None}
    return {**encoding, "fill": {**look, "scale": _LOOKS}, "stroke": {**look, "scale": _EDGES}}


def column_layers(rows: list[Spec]) -> list[Spec]:
    """Columns from zero, outlined while still filling; a dash where nothing was reported."""
    seen = [row for row in rows if row["seen"] is not None]
    encoding = {"x": {"field": "start", "bin": "binned"}, "x2": {"field": "end"}}
    columns = {
        "data": {"values": seen},
        "mark": {"type": "bar", "strokeWidth": 1, "binSpacing": 2},
        "encoding": _painted({**encoding, "y": {"field": "seen"}}),
    }
    return [columns, *_missing_layers(rows)]


def _dot_layers(rows: list[Spec]) -> list[Spec]:
    events = [{**row, "level": level + 0.5} for row in rows for level in range(row["seen"] or 0)]
    dots = {
        "data": {"values": events},
        "mark": {"type": "point", "shape": "circle", "size": 45, "opacity": 1},
        "encoding": _painted({"x": {"field": "middle"}, "y": {"field": "level"}}),
    }
    return [_extent_layer(rows), dots, *_missing_layers(rows)]


def _extent_layer(rows: list[Spec]) -> Spec:
    """An unseen mark that keeps every period on the axis, also those without an event."""
    return {
        "data": {"values": [{"at": row[end]} for row in rows for end in ("start", "end")]},
        "mark": {"type": "point", "opacity": 0, "size": 1},
        "encoding": {"x": {"field": "at"}, "y": {"datum": 0}},
    }


def _missing_layers(rows: list[Spec]) -> list[Spec]:
    missing = [row for row in rows if row["seen"] is None]
    if not missing:
        return []
    return [
        _extent_layer(rows),
        {
            "data": {"values": missing},
            "mark": {"type": "text", "text": "–", "dy": -6, "color": "var(--muted)"},
            "encoding": {"x": {"field": "middle"}, "y": {"datum": 0}},
        },
    ]


def expected_layers(rows: list[Spec], expected: Sequence[Expected | None] | None) -> list[Spec]:
    """The value a method expected as a line, its interval as a pale band."""
    if expected is None:
        return []
    bands = [
        {"middle": row["middle"], **(band._asdict() if band else {})}
        for row, band in zip(rows, expected, strict=True)
    ]
    x = {"field": "middle"}
    return [
        {
            "data": {"values": bands},
            "mark": {"type": "area", "color": "var(--expected)", "opacity": 0.22},
            "encoding": {"x": x, "y": {"field": "low"}, "y2": {"field": "high"}},
        },
        {
            "data": {"values": bands},
            "mark": {"type": "line", "color": "var(--expected)", "strokeWidth": 2},
            "encoding": {"x": x, "y": {"field": "value"}},
        },
    ]


def threshold_layers(rows: list[Spec], threshold: Sequence[float | None] | None) -> list[Spec]:
    """The threshold of each week as a dashed line."""
    if threshold is None:
        return []
    limits = [
        {"middle": row["middle"], "limit": limit}
        for row, limit in zip(rows, threshold, strict=True)
    ]
    mark = {"type": "line", "color": "var(--text)", "strokeWidth": 1.5, "strokeDash": [5, 4]}
    return [
        {
            "data": {"values": limits},
            "mark": mark,
            "encoding": {"x": {"field": "middle"}, "y": {"field": "limit"}},
        }
    ]


def nowcast_layers(
    rows: list[Spec], nowcast: Sequence[Expected | None] | None, *, top: float
) -> list[Spec]:
    """What is estimated to be still on its way: hatched, with a dot and its interval.

    nowcast: of each week the count estimated once every report is in; None where the week is
    complete. The hatching reaches from what was reported up to the estimate.
    """
    if nowcast is None:
        return []
    weeks = [
        {**row, "seen": row["seen"] or 0, **estimate._asdict()}
        for row, estimate in zip(rows, nowcast, strict=True)
        if estimate is not None
    ]
    step = top / HATCHES
    hatches = [
        {"start": week["start"], "end": week["end"], "level": round(number * step, 4)}
        for week in weeks
        for number in range(floor(week["seen"] / step) + 1, floor(week["value"] / step) + 1)
    ]
    frame = {"type": "bar", "binSpacing": 2, "fill": "transparent", "stroke": "var(--observed)"}
    across = {"x": {"field": "start", "bin": "binned"}, "x2": {"field": "end"}}
    line = {"type": "rule", "color": "var(--observed)"}
    whisker = {"type": "rule", "color": "var(--text)", "strokeWidth": 1.5}
    dot = {"type": "point", "shape": "circle", "size": 40, "filled": True, "opacity": 1}
    at = {"x": {"field": "middle"}}
    return [
        {
            "data": {"values": weeks},
            "mark": {**frame, "strokeWidth": 1, "strokeDash": [3, 2]},
            "encoding": {**across, "y": {"field": "seen"}, "y2": {"field": "value"}},
        },
        {
            "data": {"values": hatches},
            "mark": {**line, "strokeWidth": 1},
            "encoding": {
                "x": {"field": "start"},
                "x2": {"field": "end"},
                "y": {"field": "level"},
            },
        },
        {
            "data": {"values": weeks},
            "mark": whisker,
            "encoding": {**at, "y": {"field": "low"}, "y2": {"field": "high"}},
        },
        {
            "data": {"values": weeks},
            "mark": {**dot, "color": "var(--text)"},
            "encoding": {**at, "y": {"field": "value"}},
        },
    ]


def alarm_layers(rows: list[Spec]) -> list[Spec]:
    """A triangle over each alarm; the first of the highest of each run carries its count."""
    runs: list[list[Spec]] = []
    last = -ALARM_REACH - 1
    for number, row in enumerate(rows):
        if not row["look"].startswith("alarm") or row["seen"] is None:
            continue
        if number - last > ALARM_REACH:
            runs.append([])
        runs[-1].append(row)
        last = number
    if not runs:
        return []
    highest = [max(run, key=lambda row: int(row["seen"])) for run in runs]
    at = {"x": {"field": "middle"}, "y": {"field": "seen"}}
    mark = {"type": "text", "color": "var(--alarm)"}
    return [
        {
            "data": {"values": [row for run in runs for row in run]},
            "mark": {**mark, "text": "▲", "dy": -7},
            "encoding": at,
        },
        {
            "data": {"values": highest},
            "mark": {**mark, "dy": -19},
            "encoding": {**at, "text": {"field": "seen"}},
        },
    ]


def first_detection_layers(periods: Sequence[date], day: date | None) -> list[Spec]:
    """A diamond, words and a thin rule at the day of first detection."""
    if day is None:
        return []
    is_late = day > periods[len(periods) // 2]
    words = {"type": "text", "align": "right" if is_late else "left", "dx": -9 if is_late else 9}
    at = {"x": {"field": "on"}, "y": {"value": 6}}
    values = {"values": [{"on": day.isoformat()}]}
    diamond = {"type": "point", "shape": "diamond", "size": 70, "filled": True, "opacity": 1}
    return [
        {
            "data": values,
            "mark": {"type": "rule", "color": "var(--muted)", "strokeDash": [1, 3]},
            "encoding": {**at, "y2": {"value": {"expr": "height"}}},
        },
        {"data": values, "mark": {**diamond, "color": "var(--text)"}, "encoding": at},
        {
            "data": values,
            "mark": {**words, "text": _("first detection"), "color": "var(--text)"},
            "encoding": at,
        },
    ]


def draw_tests_done(rows: list[Spec]) -> Spec:
    """A low strip of the tests done, to stand beneath the events."""
    tested = [row["seen"] for row in rows]
    view = draw_view(column_layers(rows), height=28, top=derive_peak(tested), axis=None)
    return {**view, "title": {"text": _("Tests done"), "anchor": "start"}}
