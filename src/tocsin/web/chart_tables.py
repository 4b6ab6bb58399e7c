"""The tables beside the charts: the same figures, one row for each period."""

from collections.abc import Collection, Sequence
from datetime import date

from django.utils.translation import gettext as _

from tocsin.web.chart_layers import Expected


def list_series_columns(
    weeks: Sequence[date],
    observed: Sequence[int | None],
    expected: Sequence[Expected | None] | None,
    threshold: Sequence[float | None] | None,
    *,
    tested: Sequence[int | None] | None,
    alarms: Collection[date],
    nowcast: Sequence[Expected | None] | None,
) -> dict[str, Sequence[object]]:
    """The table beside a series: heading to one value per week."""
    columns: dict[str, Sequence[object]] = {_("Observed"): observed}
    if nowcast is not None:
        columns[_("Estimated when all reports are in")] = [
            one and round(one.value, 1) for one in nowcast
        ]
        columns[_("Interval of the estimate")] = list(map(_describe_interval, nowcast))
    if expected is not None:
        columns[_("Expected")] = [band and round(band.value, 1) for band in expected]
        if has_interval(expected):
            columns[_("Interval")] = list(map(_describe_interval, expected))
    if threshold is not None:
        columns[_("Threshold")] = [
            limit if limit is None else round(limit, 1) for limit in threshold
        ]
    if tested is not None:
        columns[_("Tested")] = tested
    if alarms:
        columns[_("Alarm")] = [_("alarm") if week in alarms else "" for week in weeks]
    return columns


def has_interval(expected: Sequence[Expected | None]) -> bool:
    """Whether any of the values expected has an interval."""
    return any(band is not None and band.high is not None for band in expected)


def _describe_interval(band: Expected | None) -> str | None:
    if band is None or band.high is None:
        return None
    return f"{band.low:g}–{band.high:g}"
