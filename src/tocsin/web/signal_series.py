"""The chart of a signal: the series as the method saw it, and what is still on its way."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.signals.models import Signal, SignalKind
from tocsin.signals.sentences import describe_place
from tocsin.web.chart_layers import Expected
from tocsin.web.charts import ChartData, series_chart

# Their threshold is a number of standard deviations over the mean, so it has an equal below it.
_METHODS_WITH_INTERVAL = frozenset({"spike-rule", "ears-c1", "ears-c2"})


def draw_series(signal: Signal) -> ChartData | None:
    """Draw the series kept with a signal, or return None where none is kept.

    A method with a window is drawn with the findings in the window that ends each week.
    """
    series = signal.series
    if not series.get("counts"):
        return None
    first = date.fromisoformat(series["first_week"])
    weeks = [first + timedelta(weeks=number) for number in range(len(series["counts"]))]
    window_weeks = signal.facts.get("window_weeks", 1) if series.get("window_counts") else 1
    chart: dict[str, Any] = {
        "as_known_on": timezone.localdate(),
        "nowcast": _derive_nowcast(series, weeks, window_weeks),
    }
    if signal.kind != SignalKind.SPIKE and weeks[0] <= signal.on < weeks[-1] + timedelta(days=7):
        chart["first_detection"] = signal.on
    thresholds = series.get("thresholds") or [None] * len(weeks)
    if any(limit is not None for limit in thresholds):
        chart["threshold"] = thresholds
        if not _is_of_one_week(series, thresholds):
            chart["threshold_words"] = _("threshold, for the findings of several weeks together")
    if any(value is not None for value in series.get("expected", ())):
        bounds = thresholds if signal.method in _METHODS_WITH_INTERVAL else [None] * len(weeks)
        chart["expected"] = list(map(_derive_expected, series["expected"], bounds))
    if series.get("alarms"):
        alarms = zip(weeks, series["alarms"], strict=True)
        chart["alarms"] = {week for week, is_alarm in alarms if is_alarm}
    counts = series.get("window_counts") or series["counts"]
    return series_chart(weeks, counts, title=_describe_title(signal), **chart)


def _describe_title(signal: Signal) -> str:
    title = _("%(substance)s, %(place)s: findings by week (%(matrix)s)")
    if signal.series.get("window_counts"):
        title = _("%(substance)s, %(place)s: findings in %(weeks)s weeks up to each (%(matrix)s)")
    return title % {
        "substance": signal.substance.name,
        "place": _describe_reach(signal),
        "matrix": signal.get_matrix_display(),
        "weeks": signal.facts.get("window_weeks", ""),
    }


def _describe_reach(signal: Signal) -> str:
    """The place that the series of a signal is counted over."""
    if signal.kind == SignalKind.FIRST_DETECTION:
        return _("all places held")
    if signal.kind == SignalKind.FIRST_IN_COUNTRY:
        return describe_place(signal.country, "")
    return describe_place(signal.country, signal.area)


def _is_of_one_week(series: Mapping[str, Any], thresholds: Sequence[float | None]) -> bool:
    """Whether what is drawn lies above the threshold wherever the method alarms.

    Otherwise the method adds up as many weeks as speak most for a rise.
    """
    shown = series.get("window_counts") or series["counts"]
    return all(
        limit is not None and count > limit
        for count, limit, is_alarm in zip(shown, thresholds, series["alarms"], strict=True)
        if is_alarm
    )


def _derive_expected(value: float | None, limit: float | None) -> Expected | None:
    """The mean with the interval that reaches as far down as the threshold lies above it."""
    if value is None:
        return None
    if limit is None:
        return Expected(value)
    return Expected(value, max(0.0, 2 * value - limit), limit)


def _derive_nowcast(
    series: Mapping[str, Any], weeks: list[date], window_weeks: int
) -> list[Expected | None] | None:
    """The estimate of each week, None for the weeks that are complete; None without any.

    For a window, what is still to come of each of its weeks is added up, bounds as well: its
    interval is rather too wide than too narrow.
    """
    nowcast = series.get("nowcast")
    if not nowcast:
        return None
    begins = date.fromisoformat(nowcast["from_week"])
    counts = dict(zip(weeks, series["counts"], strict=True))
    bounds = zip(nowcast["expected"], nowcast["lower"], nowcast["upper"], strict=True)
    to_come = {
        week: [bound - counts[week] for bound in estimate]
        for number, estimate in enumerate(bounds)
        if (week := begins + timedelta(weeks=number)) in counts
    }
    shown = dict(zip(weeks, series.get("window_counts") or series["counts"], strict=True))
    estimates: list[Expected | None] = []
    for week in weeks:
        window = (week - timedelta(weeks=back) for back in range(window_weeks))
        parts = [to_come[one] for one in window if one in to_come]
        estimates.append(
            Expected(*(shown[week] + sum(bound) for bound in zip(*parts, strict=True)))
            if parts
            else None
        )
    return estimates
