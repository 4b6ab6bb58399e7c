"""What of the most recent weeks has happened and is not reported yet.

The delays of a matrix are learned from the reports this node received as they came. Evidence that
was loaded long after the fact says nothing of that, so three rules keep it out:

1. An event counts only if its sender had already delivered findings of the matrix when its week
   began. What a sender loads first, however far it goes back, teaches nothing.
2. What a sender delivers on one day counts only if at least half of it is no more than
   MAXIMUM_DELAY_WEEKS late. A later load of an archive is left out whole, its newest weeks too.
3. A report later than MAXIMUM_DELAY_WEEKS is a backlog by definition: "total" means what is
   reported within that time.

Then the last WINDOW_WEEKS of reports count, by the reverse-time hazard, so that a change of
practice is followed. Reports come in batches, and the interval does not know it: it is narrow where
one delivery a month decides everything.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.reports.receipts import ReceivedFindings, count_received_findings
from tocsin.science.detection.nowcast import (
    Delays,
    DelaySettings,
    Nowcast,
    NowcastSettings,
    Triangle,
    build_triangle,
    estimate_delays,
    nowcast_many,
)

MAXIMUM_DELAY_WEEKS: Final = 26
"""Half a year: toxicology after a death takes months, and what comes later is history."""

WINDOW_WEEKS: Final = 52
MINIMUM_WEEKS: Final = 8
"""Weeks of routine reporting before anything is said of delays."""

MINIMUM_REPORTS: Final = 30
"""Findings within the window before anything is said of delays."""

PRIOR_REPORTS: Final = 0.02
"""Weight of the prior of each delay: half a report over all of them."""

PRIOR_WEEKS: Final = 52
"""Complete weeks of a series whose mean is its prior."""

_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class NowcastWeek:
    """One recent week of a series: reported, and what is expected in the end.

    lower, upper: 95 % of what the total may be. is_estimated: False where nothing is known of the
    delays; then every number is what is reported.
    """

    week_on: date
    reported: int
    expected: float
    lower: int
    median: int
    upper: int
    is_estimated: bool


@dataclass(frozen=True, slots=True, eq=False)
class RecentDelays:
    """How long the reports of each matrix took of late, as known on a day.

    by_matrix: only those with enough routine reports to say so.
    """

    until: date
    by_matrix: Mapping[str, Delays]

    def get_delays(self, matrix: str) -> Delays:
        """Return the delays of a matrix; ``is_known`` is False throughout where they are not."""
        return self.by_matrix.get(matrix, _UNKNOWN)

    def complete_many(self, matrix: str, counts: NDArray[Any], *, last_week_on: date) -> Nowcast:
        """Return the nowcast of many series of one matrix.

        counts: shape (n_series, n_weeks), findings held of each week, oldest first.
        last_week_on: the Monday of the last one, not after the day of ``until``.
        The prior of a series is the mean of its complete weeks, 0 without any: a series that never
        had a case is not expected to have one. A week that still runs is left as reported,
        ``is_estimated`` False: no delay says what happens tomorrow. Give the result to
        ``tocsin.science.detection.nowcast.apply_threshold`` for P(total > threshold).
        """
        delays = self.get_delays(matrix)
        newest_age = (_find_monday(self.until) - last_week_on).days // 7
        n_complete = max(0, counts.shape[1] + newest_age - delays.maximum_delay)
        complete = counts[:, :n_complete][:, -PRIOR_WEEKS:]
        means = complete.sum(axis=1, keepdims=True) / max(1, complete.shape[1])
        return nowcast_many(
            counts, delays, NowcastSettings(), prior_means=means, newest_age=newest_age
        )

    def complete(self, matrix: str, weekly_counts: Mapping[date, int]) -> list[NowcastWeek]:
        """Return the weeks of one series that may still grow, oldest first.

        weekly_counts: findings held by the Monday of the week; a week without is 0, and weeks after
            ``until`` are ignored. Those before the delays' reach make the prior.
        A week that still runs is not among them.
        """
        last_on = _find_monday(self.until + timedelta(days=1)) - _WEEK
        delays = self.get_delays(matrix)
        oldest_open_on = _find_monday(self.until) - (delays.maximum_delay - 1) * _WEEK
        first_on = min([oldest_open_on, *weekly_counts])
        weeks = [first_on + i * _WEEK for i in range((last_on - first_on).days // 7 + 1)]
        counts = np.array([[weekly_counts.get(week, 0) for week in weeks]])
        found = self.complete_many(matrix, counts, last_week_on=last_on)
        return [
            NowcastWeek(
                week_on=weeks[i],
                reported=int(found.reported[0, i]),
                expected=float(found.expected[0, i]),
                lower=int(found.lower[0, i]),
                median=int(found.median[0, i]),
                upper=int(found.upper[0, i]),
                is_estimated=bool(found.is_estimated[0, i]),
            )
            for i in np.flatnonzero(~found.is_complete[0])
        ]


def nowcast_recent(
    actor: Actor, *, purpose: str = Purpose.EARLY_WARNING.value, until: date
) -> RecentDelays:
    """Read once how long reports took, from the evidence the actor may see; then ``complete``.

    until: the day that is "today"; what was received later is not known on it. One query.
    """
    received = count_received_findings(actor, purpose=purpose, until=until)
    return derive_recent_delays(received, until=until)


def derive_recent_delays(received: Iterable[ReceivedFindings], *, until: date) -> RecentDelays:
    """Learn the delays of each matrix from what was received, by the rules of this module."""
    by_matrix: dict[str, list[ReceivedFindings]] = defaultdict(list)
    for one in received:
        by_matrix[one.matrix].append(one)
    learned = {
        matrix: _derive_delays(findings, until) for matrix, findings in sorted(by_matrix.items())
    }
    return RecentDelays(
        until, {matrix: delays for matrix, delays in learned.items() if delays is not None}
    )


def _derive_delays(received: list[ReceivedFindings], until: date) -> Delays | None:
    """The delays of one matrix, or None where too little came in as it happened."""
    starts: dict[int, date] = {}
    totals: Counter[tuple[int, date]] = Counter()
    late: Counter[tuple[int, date]] = Counter()
    for one in received:
        starts[one.sender_id] = min(one.received_on, starts.get(one.sender_id, one.received_on))
        delivery = (one.sender_id, one.received_on)
        totals[delivery] += one.count
        if one.received_on - one.week_on >= (MAXIMUM_DELAY_WEEKS + 1) * _WEEK:
            late[delivery] += one.count
    routine = [
        one
        for one in received
        if one.week_on > starts[one.sender_id]
        and 2 * late[one.sender_id, one.received_on] <= totals[one.sender_id, one.received_on]
    ]
    # Older weeks cannot enter the window at any delay.
    oldest_on = _find_monday(until) - (WINDOW_WEEKS + MAXIMUM_DELAY_WEEKS) * _WEEK
    first_on = max(oldest_on, _find_monday(min(starts.values())) + _WEEK)
    n_weeks = (_find_monday(until) - first_on).days // 7 + 1
    if n_weeks <= MINIMUM_WEEKS:
        return None
    triangle = build_triangle(
        np.array([one.week_on for one in routine], dtype="datetime64[D]"),
        np.array([one.received_on for one in routine], dtype="datetime64[D]"),
        counts=np.array([one.count for one in routine], dtype=np.int64),
        now=until,
        # A delay longer than the node has watched cannot be known.
        maximum_delay=min(MAXIMUM_DELAY_WEEKS, n_weeks - 1),
        first_on=first_on,
        last_period_ends_on=_find_monday(until) + timedelta(days=6),
    )
    settings = DelaySettings(window_periods=WINDOW_WEEKS, prior_reports=PRIOR_REPORTS)
    delays = estimate_delays(triangle, settings)
    if delays.reported.sum() < MINIMUM_REPORTS:
        return None
    if until.weekday() == 6:
        return delays
    is_known = delays.is_known.copy()
    is_known[0] = False
    return replace(delays, is_known=is_known)


def _find_monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


_UNKNOWN: Final = estimate_delays(
    Triangle(np.zeros((1, MAXIMUM_DELAY_WEEKS + 1), dtype=np.int64), last_on=date(2026, 1, 4))
)
