"""The reporting triangle: reports counted by the period of the event and their delay."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import MAXIMUM_COUNT, check_counts

MOST_PERIODS: Final = 100_000
"""Periods in a triangle: more days than two centuries have."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """Reports that stand in no cell of the triangle, each counted under the first that holds.

    without_date: the event or the report has none. before_event: reported before it happened.
    after_now: not known yet. before_first: the event is older than the first period asked for.
    longer_delay: the delay is longer than maximum_delay, and such delays are not pooled.
    """

    without_date: int = 0
    before_event: int = 0
    after_now: int = 0
    before_first: int = 0
    longer_delay: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Triangle:
    """Reports held now, by period of the event and delay.

    counts: shape (n_periods, maximum_delay + 1), whole numbers, oldest period first; the last
        period holds "now". Row t, column x: events of period t reported x periods later.
        Cells that lie after now (t + x of n_periods or more) are 0.
    last_on: last day of the last period; it may lie after now.
    period_days: length of a period.
    Raises DetectionInputError for counts that are none or too many, and for a report after now.
    """

    counts: NDArray[np.int64]
    last_on: date
    period_days: int = 7
    excluded: Excluded = Excluded()

    def __post_init__(self) -> None:
        checked = check_counts(self.counts, name="reporting triangle")
        if 0 in checked.shape:
            raise DetectionInputError(
                f"reporting triangle: found shape {checked.shape}; expected at least one period "
                "and one delay"
            )
        _check_total(checked)
        period, delay = np.indices(checked.shape)
        is_early = (checked > 0) & (period + delay >= len(checked))
        if is_early.any():
            row, column = (int(i) for i in np.argwhere(is_early)[0])
            raise DetectionInputError(
                f"reporting triangle: found {checked[row, column]} in period {row} at delay "
                f"{column}; expected 0, {len(checked)} periods are held and the report is later"
            )
        object.__setattr__(self, "counts", checked)

    @property
    def maximum_delay(self) -> int:
        """The longest delay counted, in periods."""
        return len(self.counts[0]) - 1

    @property
    def reported(self) -> NDArray[np.int64]:
        """Reports held of the events of each period, shape (n_periods,)."""
        reported: NDArray[np.int64] = self.counts.sum(axis=1)
        return reported

    def list_first_days(self) -> list[date]:
        """Return the first day of each period, oldest first."""
        n_periods = len(self.counts)
        return [
            self.last_on - timedelta(days=self.period_days * (n_periods - i) - 1)
            for i in range(n_periods)
        ]


def build_triangle(
    event_on: NDArray[Any],
    report_on: NDArray[Any],
    *,
    now: date,
    maximum_delay: int,
    period_days: int = 7,
    counts: NDArray[Any] | None = None,
    first_on: date | None = None,
    last_period_ends_on: date | None = None,
    longer_delays: Literal["exclude", "pool"] = "exclude",
) -> Triangle:
    """Count reports by the period of the event and the delay of the report.

    event_on, report_on: one day a report, shape (n,), as datetime64 or what NumPy reads as such;
        in any order; NaT where there is none.
    now: the last day whose reports are known. Report periods end on it.
    maximum_delay: the longest delay counted, in periods. ``pool`` counts longer ones at it, as R
        does; ``exclude`` leaves them out, and "total" then means: reported within maximum_delay.
    counts: how many reports each pair of days stands for; 1 where left out.
    first_on: a day of the first period; the earliest event that counts where left out.
    last_period_ends_on: last day of the event period that holds now, which may still run: the
        Sunday of the week, for weeks of the calendar. now where left out.
    What cannot be counted stands in ``excluded``. Delay 0 is what was reported until the report
    period that ends together with, or within, the event period.
    Raises DetectionInputError for days that are none, lengths or settings that contradict each
    other, and counts that are no whole numbers from 0.

    >>> days = np.array(["2026-03-02", "2026-03-04", "2026-03-09"], dtype="datetime64[D]")
    >>> later = np.array(["2026-03-03", "2026-03-12", "2026-03-08"], dtype="datetime64[D]")
    >>> held = build_triangle(days, later, now=date(2026, 3, 15), maximum_delay=1)
    >>> held.counts.tolist(), held.excluded.before_event
    ([[1, 1], [0, 0]], 1)
    """
    end = last_period_ends_on or now
    _check_build(now, end, maximum_delay, period_days, longer_delays)
    events, reports = _read_days(event_on, "event_on"), _read_days(report_on, "report_on")
    weights = _read_weights(events, reports, counts)

    has_dates = ~(np.isnat(events) | np.isnat(reports))
    is_ordered = has_dates & (reports >= events)
    is_known = is_ordered & (reports <= np.datetime64(now))
    starts = events[is_known & (weights > 0)]
    first: date = first_on or (starts.min().item() if starts.size else end)
    n_periods = (end - first).days // period_days + 1
    if not 1 <= n_periods <= MOST_PERIODS:
        raise DetectionInputError(
            f"reporting triangle: found {n_periods} periods of {period_days} days from {first} "
            f"to {end}; expected 1 to {MOST_PERIODS}"
        )
    periods_ago = _count_periods(events, end, period_days, where=is_known)
    delays = periods_ago - _count_periods(reports, now, period_days, where=is_known)
    is_recent = is_known & (periods_ago < n_periods)
    is_short = is_recent & (delays <= maximum_delay)
    is_held = is_recent if longer_delays == "pool" else is_short

    table = np.zeros((n_periods, maximum_delay + 1), dtype=np.int64)
    columns = np.minimum(delays[is_held], maximum_delay)
    np.add.at(table, (n_periods - 1 - periods_ago[is_held], columns), weights[is_held])
    return Triangle(
        counts=table,
        last_on=end,
        period_days=period_days,
        excluded=Excluded(
            without_date=int(weights[~has_dates].sum()),
            before_event=int(weights[has_dates & ~is_ordered].sum()),
            after_now=int(weights[is_ordered & ~is_known].sum()),
            before_first=int(weights[is_known & ~is_recent].sum()),
            longer_delay=int(weights[is_recent & ~is_held].sum()),
        ),
    )


def _check_build(
    now: date, end: date, maximum_delay: int, period_days: int, longer_delays: str
) -> None:
    if maximum_delay < 0:
        raise DetectionInputError(
            f"reporting triangle: maximum_delay is {maximum_delay}; expected 0 or more"
        )
    if period_days < 1:
        raise DetectionInputError(
            f"reporting triangle: period_days is {period_days}; expected 1 or more"
        )
    if longer_delays not in ("exclude", "pool"):
        raise DetectionInputError(
            f"reporting triangle: longer_delays is {longer_delays!r}; expected exclude or pool"
        )
    if not 0 <= (end - now).days < period_days:
        raise DetectionInputError(
            f"reporting triangle: last_period_ends_on is {end}; expected a day from now ({now}) "
            f"on and less than {period_days} days after it"
        )


def _check_total(counts: NDArray[np.int64]) -> None:
    """Sums over any part of the triangle must stay whole numbers."""
    total = counts.sum(dtype=np.float64)
    if total > MAXIMUM_COUNT:
        raise DetectionInputError(
            f"reporting triangle: found {total:.0f} reports; expected at most {MAXIMUM_COUNT}"
        )


def _read_days(days: NDArray[Any], name: str) -> NDArray[np.datetime64]:
    values = np.asarray(days)
    if values.ndim == 1 and not values.size:
        values = values.astype("datetime64[D]")
    if values.ndim != 1 or values.dtype.kind not in "MOU":
        raise DetectionInputError(
            f"reporting triangle, {name}: found {values.ndim} dimension(s) of {values.dtype}; "
            "expected one dimension of days"
        )
    try:
        return values.astype("datetime64[D]")
    except (TypeError, ValueError) as error:
        raise DetectionInputError(
            f"reporting triangle, {name}: found a value that is no day ({error}); "
            "expected days like 2026-03-02"
        ) from error


def _read_weights(
    events: NDArray[np.datetime64], reports: NDArray[np.datetime64], counts: NDArray[Any] | None
) -> NDArray[np.int64]:
    given = np.ones(len(events), dtype=np.int64) if counts is None else np.asarray(counts)
    if not events.shape == reports.shape == given.shape:
        raise DetectionInputError(
            f"reporting triangle: found {len(events)} events, {len(reports)} reports and counts "
            f"of shape {given.shape}; expected one of each for every report"
        )
    weights = check_counts(given[:, None], name="counts of reports")[:, 0]
    _check_total(weights)
    return weights


def _count_periods(
    days: NDArray[np.datetime64], end: date, period_days: int, *, where: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Whole periods from each day to the end; 0 elsewhere, where a day may be missing."""
    ago = np.zeros(len(days), dtype=np.int64)
    ago[where] = (np.datetime64(end) - days[where]).astype(np.int64) // period_days
    return ago
