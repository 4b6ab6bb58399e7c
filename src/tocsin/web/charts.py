"""Charts: plain values in, a Vega-Lite specification with its words and its table out.

Colours stand in the specification as names of the stylesheet's custom properties, so that a drawn
chart follows the reader's theme and turns light on paper; ``with_paper_colours`` writes them out
for renderers that know no stylesheet.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

import vl_convert
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tocsin.errors import DetectionInputError
from tocsin.web.chart_layers import (
    Expected,
    Spec,
    alarm_layers,
    column_layers,
    derive_peak,
    derive_rows,
    draw_tests_done,
    draw_view,
    event_layers,
    expected_layers,
    first_detection_layers,
    nowcast_layers,
    threshold_layers,
    time_axis,
)
from tocsin.web.chart_tables import has_interval, list_series_columns

HEADROOM = 1.2
"""Height of the axis over the highest value, so that signs above columns have room."""

HIGHEST_THRESHOLD = 2
"""A threshold more than so many times higher than all else is not drawn."""

LEAST_THRESHOLD = 10
"""One up to here is always drawn."""

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_COLOURS_ON_PAPER = {
    "page": "#FFFFFF",
    "text": "#1B2028",
    "muted": "#555E6B",
    "edge": "#6B7482",
    "hairline": "#C9CED6",
    "observed": "#7D8794",
    "expected": "#1F6FB2",
    "alarm": "#B3261E",
}
_PAPER_WIDTH = 480
_BUNDLE_GLOBALS = "window.vega = vega; window.vegaLite = vegaLite; window.vegaEmbed = vegaEmbed;"
_CONFIG: Spec = {
    "background": "transparent",
    "aria": False,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "text": {"fontSize": 12},
    "axis": {
        "labelColor": "var(--muted)",
        "titleColor": "var(--muted)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": "var(--hairline)",
        "domainColor": "var(--edge)",
        "tickColor": "var(--edge)",
    },
    "title": {"color": "var(--text)", "fontSize": 12, "fontWeight": "normal", "offset": 4},
}


class KeyEntry(NamedTuple):
    """One line of a key: class of the swatch, the sign in it, and the words."""

    mark: str
    symbol: str
    words: str


@dataclass(frozen=True)
class ChartData:
    """A chart, and everything said beside it.

    title: the message; description: the chart in a sentence, for those who do not see it;
    note: as known on which day, and what is incomplete; key: what each mark means.
    table_rows: one row per period, its first cell a date; None stands for "not reported".
    """

    spec: Spec
    title: str
    description: str
    note: str
    table_headings: list[str]
    table_rows: list[list[object]]
    key: list[KeyEntry] = field(default_factory=list)


@cache
def chart_bundle() -> str:
    """JavaScript that defines vega, vegaLite and vegaEmbed, without imports or network.

    About 0.9 MB, made in about a second once per process. ``vegaEmbed`` with ``ast: true`` needs
    no evaluation of strings, so a strict Content-Security-Policy holds.
    """
    return str(vl_convert.javascript_bundle(_BUNDLE_GLOBALS))


def with_paper_colours(chart: ChartData) -> Spec:
    """The specification of a chart for paper: literal light colours, title and note included."""
    spec: Spec = _replace_colours(chart.spec)
    title = {"text": chart.title, "subtitle": chart.note, "anchor": "start"}
    if "vconcat" not in spec:
        return {**spec, "width": _PAPER_WIDTH, "title": title}
    views = [{**view, "width": _PAPER_WIDTH} for view in spec["vconcat"]]
    return {**spec, "vconcat": views, "title": title}


def series_chart(
    weeks: Sequence[date],
    observed: Sequence[int | None],
    *,
    expected: Sequence[Expected | None] | None = None,
    threshold: Sequence[float | None] | None = None,
    threshold_words: str = "",
    alarms: Collection[date] = (),
    first_detection: date | None = None,
    tested: Sequence[int | None] | None = None,
    incomplete_from: date | None = None,
    nowcast: Sequence[Expected | None] | None = None,
    as_known_on: date,
    title: str,
) -> ChartData:
    """Weekly events with what was expected, the threshold, the alarms and what is still to come.

    weeks: first days of consecutive weeks; observed, expected, threshold, tested, nowcast: one
    value per week, None where there is none. threshold_words: what it is a threshold of, where
    that is not the observed. alarms: first days of weeks in alarm.
    first_detection: a day. incomplete_from: first day of the first week still filling. nowcast:
    the count estimated once every report is in; where no incomplete_from is given, its first week
    is the first still filling. Fewer than 30 events are drawn as one dot each. Raises
    DetectionInputError when a list is not as long as weeks.
    """
    _check_lengths(
        weeks,
        observed=observed,
        expected=expected,
        threshold=threshold,
        tested=tested,
        nowcast=nowcast,
    )
    if incomplete_from is None:
        estimated = zip(weeks, nowcast or (), strict=False)
        incomplete_from = next((week for week, one in estimated if one is not None), None)
    ends = [week + timedelta(days=7) for week in weeks]
    rows = derive_rows(weeks, ends, observed, alarms=alarms, incomplete_from=incomplete_from)
    drawn_threshold, top = _fit_threshold(observed, expected, threshold, nowcast)
    layers = [
        *expected_layers(rows, expected),
        *event_layers(rows),
        *nowcast_layers(rows, nowcast, top=top),
        *threshold_layers(rows, drawn_threshold),
        *alarm_layers(rows),
        *first_detection_layers(weeks, first_detection),
    ]
    views = [draw_view(layers, height=200, top=top, axis=time_axis(weeks, ends))]
    if tested is not None:
        views.append(draw_tests_done(derive_rows(weeks, ends, tested)))
    columns = list_series_columns(
        weeks, observed, expected, threshold, tested=tested, alarms=alarms, nowcast=nowcast
    )
    return ChartData(
        spec=_spec(views),
        title=title,
        description=_describe(title, weeks, observed, alarms),
        note=_note(as_known_on, incomplete_from, is_cut=drawn_threshold != threshold),
        key=[
            *_event_key(rows),
            *_method_key(expected, threshold, nowcast, threshold_words=threshold_words),
        ],
        table_headings=[_("Week from"), *columns],
        table_rows=_table_rows([date_format(week, "SHORT_DATE_FORMAT") for week in weeks], columns),
    )


def _fit_threshold(
    observed: Sequence[int | None],
    expected: Sequence[Expected | None] | None,
    threshold: Sequence[float | None] | None,
    nowcast: Sequence[Expected | None] | None,
) -> tuple[Sequence[float | None] | None, float]:
    """The threshold as it is drawn, and the top of the axis.

    Once a rise is told, some methods raise their threshold far over all that was ever seen; drawn
    to scale it would press the counts flat.
    """
    seen = [
        derive_peak(observed),
        *(
            band.value if band.high is None else band.high
            for band in [*(expected or ()), *(nowcast or ())]
            if band is not None
        ),
    ]
    limit = max(max(seen) * HIGHEST_THRESHOLD, LEAST_THRESHOLD)
    drawn = threshold and [one if one is None or one <= limit else None for one in threshold]
    return drawn, max([*seen, *(one for one in drawn or () if one is not None)]) * HEADROOM


def monthly_chart(
    months: Sequence[date],
    observed: Sequence[int | None],
    *,
    first_detection: date | None = None,
    incomplete_from: date | None = None,
    as_known_on: date,
    title: str,
) -> ChartData:
    """Monthly events as columns from zero; fewer than 30 events as one dot each.

    months: first days of consecutive months; observed: one count per month, None where no report
    came. Raises DetectionInputError when the lists differ in length.
    """
    _check_lengths(months, observed=observed)
    ends = [_next_month(month) for month in months]
    rows = derive_rows(months, ends, observed, incomplete_from=incomplete_from)
    layers = [*event_layers(rows), *first_detection_layers(months, first_detection)]
    view = draw_view(
        layers, height=160, top=derive_peak(observed) * HEADROOM, axis=time_axis(months, ends)
    )
    return ChartData(
        spec=_spec([view]),
        title=title,
        description=_describe(title, months, observed, ()),
        note=_note(as_known_on, incomplete_from),
        key=_event_key(rows),
        table_headings=[_("Month"), _("Observed")],
        table_rows=_table_rows(
            [date_format(month, "YEAR_MONTH_FORMAT") for month in months],
            {_("Observed"): observed},
        ),
    )


def timeline_chart(
    weeks: Sequence[date],
    counts: Mapping[str, Sequence[int | None]],
    *,
    incomplete_from: date | None = None,
    as_known_on: date,
    title: str,
) -> ChartData:
    """Weekly counts by class or kind: one strip of columns per name, all on one scale.

    counts: words for a class, in the order to be shown, to one count per week. Strips tell the
    classes apart without colour. Raises DetectionInputError when a list is not as long as weeks.
    """
    _check_lengths(weeks, **counts)
    ends = [week + timedelta(days=7) for week in weeks]
    every = [count for values in counts.values() for count in values]
    strips = []
    shown: list[Spec] = []
    for number, (name, values) in enumerate(counts.items(), start=1):
        rows = derive_rows(weeks, ends, values, incomplete_from=incomplete_from)
        shown += rows
        axis = time_axis(weeks, ends) if number == len(counts) else None
        strip = draw_view(column_layers(rows), height=40, top=derive_peak(every), axis=axis)
        total = sum(count or 0 for count in values)
        strips.append({**strip, "title": {"text": f"{name} · {total}", "anchor": "start"}})
    return ChartData(
        spec=_spec(strips),
        title=title,
        description=_describe(title, weeks, every, ()),
        note=_note(as_known_on, incomplete_from),
        key=_event_key(shown),
        table_headings=[_("Week from"), *counts],
        table_rows=_table_rows([date_format(week, "SHORT_DATE_FORMAT") for week in weeks], counts),
    )


def _check_lengths(periods: Sequence[date], **series: Sequence[object] | None) -> None:
    for name, values in series.items():
        if values is not None and len(values) != len(periods):
            raise DetectionInputError(
                f"chart series {name!r}: found {len(values)} values; expected {len(periods)}"
            )


def _replace_colours(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _replace_colours(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_replace_colours(value) for value in part]
    if isinstance(part, str) and part.startswith("var(--"):
        return _COLOURS_ON_PAPER[part.removeprefix("var(--").removesuffix(")")]
    return part


def _next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def _spec(views: list[Spec]) -> Spec:
    """One view as it is; several one under the other, on one width."""
    base: Spec = {"$schema": _SCHEMA, "config": _CONFIG}
    if len(views) == 1:
        return {**base, **views[0], "autosize": {"type": "fit-x", "contains": "padding"}}
    return {**base, "vconcat": views, "spacing": 8}


def _event_key(rows: list[Spec]) -> list[KeyEntry]:
    looks = {row["look"] for row in rows}
    entries = [KeyEntry("observed", "", _("observed"))]
    if any(look.startswith("alarm") for look in looks):
        entries.append(KeyEntry("alarm", "", _("▲ alarm")))
    if any(look.endswith("filling") for look in looks):
        entries.append(KeyEntry("filling", "", _("still filling")))
    if any(row["seen"] is None for row in rows):
        entries.append(KeyEntry("sign", "–", _("not reported")))
    return entries


def _method_key(
    expected: Sequence[Expected | None] | None,
    threshold: Sequence[float | None] | None,
    nowcast: Sequence[Expected | None] | None,
    *,
    threshold_words: str,
) -> list[KeyEntry]:
    entries = []
    if nowcast is not None:
        entries.append(KeyEntry("nowcast", "", _("estimated to be still on its way")))
        entries.append(KeyEntry("estimate", "", _("estimate when complete, with interval")))
    if expected is not None:
        entries.append(KeyEntry("expected", "", _("expected")))
        if has_interval(expected):
            entries.append(KeyEntry("interval", "", _("its interval")))
    if threshold is not None:
        entries.append(KeyEntry("threshold", "", threshold_words or _("threshold")))
    return entries


def _table_rows(
    first_cells: Sequence[str], columns: Mapping[str, Sequence[object]]
) -> list[list[object]]:
    return [list(row) for row in zip(first_cells, *columns.values(), strict=True)]


def _describe(
    title: str,
    periods: Sequence[date],
    counts: Sequence[int | None],
    alarms: Collection[date],
) -> str:
    """The chart in two sentences: message, period, total, highest count, alarms."""
    if not periods:
        return title
    reported = [count for count in counts if count is not None]
    words = _("%(title)s. From %(first)s to %(last)s: %(total)s in all, at most %(peak)s.") % {
        "title": title.rstrip("."),
        "first": date_format(periods[0], "DATE_FORMAT"),
        "last": date_format(periods[-1], "DATE_FORMAT"),
        "total": sum(reported),
        "peak": max(reported, default=0),
    }
    if not alarms:
        return words
    days = ", ".join(date_format(week, "DATE_FORMAT") for week in sorted(alarms))
    return words + " " + _("Alarms in the weeks from %(days)s.") % {"days": days}


def _note(as_known_on: date, incomplete_from: date | None, *, is_cut: bool = False) -> str:
    notes = [_("As known on %(day)s.") % {"day": date_format(as_known_on, "DATE_FORMAT")}]
    if incomplete_from is not None:
        filling = _("From %(day)s on, reports are still coming in.")
        notes.append(filling % {"day": date_format(incomplete_from, "DATE_FORMAT")})
    if is_cut:
        notes.append(_("Where no threshold is drawn, it lies above the picture."))
    return " ".join(notes)
