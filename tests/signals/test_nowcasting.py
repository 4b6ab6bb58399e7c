"""What is still to come, learned from evidence that arrives week by week at a real node."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.reports.world import Row, World, make_world, send
from tocsin.reports.models import Report
from tocsin.reports.queries import derive_evidence, get_report
from tocsin.reports.receipts import ReceivedFindings, count_received_findings
from tocsin.reports.services import correct_report, retract_report
from tocsin.science.detection.nowcast import apply_threshold
from tocsin.signals.nowcasting import (
    MAXIMUM_DELAY_WEEKS,
    NowcastWeek,
    derive_recent_delays,
    nowcast_recent,
)

MONDAY = date(2025, 1, 6)
WEEK = timedelta(weeks=1)
# Of the six findings of a week, so many are reported by its Sunday, and one and two weeks later.
REPORTED_LATER = (3, 2, 1)

SetDay = Callable[[date], None]


@pytest.fixture
def set_day(monkeypatch: pytest.MonkeyPatch) -> SetDay:
    """Move the node's clock to noon of a day."""

    def move(day: date) -> None:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda: noon)

    return move


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def list_rows(week: int, *, last: int) -> list[Row]:
    """The findings that come in by the Sunday of a week: its own, and what is late of two before."""
    return [
        Row(
            reference=f"R-{week - delay}-{delay}-{number}",
            on=(MONDAY + (week - delay) * WEEK + timedelta(days=delay)).isoformat(),
        )
        for delay, count in enumerate(REPORTED_LATER)
        for number in range(count)
        if 0 <= week - delay <= last
    ]


def receive_routinely(
    n_weeks: int, *, sender_id: int = 1, matrix: str = "seized", first_on: date = MONDAY
) -> list[ReceivedFindings]:
    """One finding to start with, then weeks that are reported as above, on each Sunday."""
    started = ReceivedFindings(matrix, sender_id, first_on - WEEK, first_on - WEEK, 1)
    return [started] + [
        ReceivedFindings(
            matrix, sender_id, first_on + week * WEEK, sunday_of(first_on, week + delay), count
        )
        for week in range(n_weeks)
        for delay, count in enumerate(REPORTED_LATER)
        if week + delay < n_weeks
    ]


def sunday_of(first_on: date, week: int) -> date:
    return first_on + week * WEEK + timedelta(days=6)


def test_a_node_learns_how_much_is_to_come(
    world: World, tmp_path: Path, set_day: SetDay, django_assert_num_queries: Any
) -> None:
    """Half is reported in the week, five sixths a week later: 3 stand for 6 and 5 for 6."""
    n_weeks = 16
    set_day(MONDAY - timedelta(days=3))
    backlog = [Row(f"old-{i}", on=(MONDAY - i * WEEK).isoformat()) for i in range(1, 200)]
    send(world, tmp_path / "backlog.csv", backlog)
    for week in range(n_weeks):
        set_day(sunday_of(MONDAY, week))
        send(world, tmp_path / f"{week}.csv", list_rows(week, last=n_weeks))
    until = sunday_of(MONDAY, n_weeks - 1)

    with django_assert_num_queries(1):
        delays = nowcast_recent(world.analyst, until=until)
    counts = {MONDAY + week * WEEK: 6 for week in range(n_weeks)}
    counts |= {MONDAY + 14 * WEEK: 5, MONDAY + 15 * WEEK: 3}
    found = delays.complete("seized", counts)

    learned = delays.get_delays("seized")
    assert learned.reported[:4].tolist() == [16 * 3, 15 * 2, 14 * 1, 0]
    assert learned.cdf[:3] == pytest.approx([0.5, 5 / 6, 1], abs=0.015)
    assert [week.week_on for week in found[-2:]] == [MONDAY + 14 * WEEK, MONDAY + 15 * WEEK]
    assert [week.reported for week in found[-2:]] == [5, 3]
    assert [week.expected for week in found[-2:]] == pytest.approx([6, 6], abs=0.15)
    assert all(week.lower <= week.median <= week.upper for week in found)
    # Of a gamma-Poisson of shape 1/4 · 6 + 3 at a chance of one half, more than 11 has 2.3 %.
    assert (found[-1].lower, found[-1].upper) == (3, 12)
    assert nowcast_recent(world.partner_analyst, until=until).by_matrix == {}


def test_a_correction_keeps_the_day_of_the_first_version_and_takes_the_new_week(
    world: World, tmp_path: Path, set_day: SetDay
) -> None:
    set_day(date(2025, 3, 12))
    send(world, tmp_path / "a.csv", [Row("A", on="2025-03-04"), Row("B", on="2025-03-05")])
    reports = {report.reference: report for report in Report.objects.for_writing()}
    set_day(date(2025, 4, 1))
    moved = replace(
        derive_evidence(get_report(world.analyst, reports["A"].pk)), event_on=date(2025, 2, 27)
    )
    correct_report(world.analyst, reports["A"].pk, moved, version=1, reason="Wrong day.")
    retract_report(world.analyst, reports["B"].pk, version=1, reason="Mixed up.")

    found = count_received_findings(world.analyst, until=date(2025, 4, 1))

    assert found == [
        ReceivedFindings("seized", world.own.pk, date(2025, 2, 24), date(2025, 3, 12), 1)
    ]
    assert count_received_findings(world.analyst, until=date(2025, 3, 11)) == []
    assert count_received_findings(world.partner_analyst, until=date(2025, 4, 1)) == []


def test_findings_are_counted_by_matrix_week_and_day(
    world: World, tmp_path: Path, set_day: SetDay, django_assert_num_queries: Any
) -> None:
    set_day(date(2025, 3, 12))
    rows = [
        Row("A", on="2025-03-03"),
        Row("B", on="2025-03-09", substance="xylazine;never heard of"),
        Row("C", on="2025-03-09", event_type="biological-sample"),
    ]
    send(world, tmp_path / "a.csv", rows)
    report = get_report(world.analyst, Report.objects.for_writing().get(reference="A").pk)
    month_only = replace(
        derive_evidence(report), event_precision="month", event_on=date(2025, 3, 1)
    )
    with django_assert_num_queries(1):
        before = count_received_findings(world.analyst, until=date(2025, 3, 12))
    correct_report(world.analyst, report.pk, month_only, version=1, reason="Month only.")

    day, week = date(2025, 3, 12), date(2025, 3, 3)
    assert before == [
        ReceivedFindings("biological", world.own.pk, week, day, 1),
        ReceivedFindings("seized", world.own.pk, week, day, 3),
    ]
    assert count_received_findings(world.analyst, until=day) == [
        before[0],
        ReceivedFindings("seized", world.own.pk, week, day, 2),
    ]


def test_a_backlog_teaches_nothing_whenever_it_is_loaded() -> None:
    until = sunday_of(MONDAY, 29)
    routine = receive_routinely(30)
    loaded_first = [
        ReceivedFindings("seized", 1, MONDAY - i * WEEK, MONDAY - WEEK, 50) for i in range(2, 400)
    ]
    loaded_later = [
        ReceivedFindings("seized", 1, MONDAY + i * WEEK, sunday_of(MONDAY, 27) - WEEK / 7, 50)
        for i in range(-300, 27)
    ]
    new_sender = [
        ReceivedFindings("seized", 2, MONDAY + i * WEEK, sunday_of(MONDAY, 29), 50)
        for i in range(30)
    ]
    alone = derive_recent_delays(routine, until=until).get_delays("seized")

    for backlog in (loaded_first, loaded_later, new_sender):
        found = derive_recent_delays(routine + backlog, until=until).get_delays("seized")
        assert found.reported.tolist() == alone.reported.tolist()
        assert found.cdf.tolist() == alone.cdf.tolist()
    assert alone.reported[:3].tolist() == [30 * 3, 29 * 2, 28]


def test_only_the_last_year_of_reports_counts() -> None:
    """First all came two weeks later, and for a year and a half it has come at once."""
    slow = [
        ReceivedFindings("seized", 1, MONDAY + i * WEEK, sunday_of(MONDAY, i + 2), 9)
        for i in range(-1, 100)
    ]
    quick = [
        ReceivedFindings("seized", 1, MONDAY + i * WEEK, sunday_of(MONDAY, i), 9)
        for i in range(100, 180)
    ]
    found = derive_recent_delays(slow + quick, until=sunday_of(MONDAY, 179)).get_delays("seized")

    assert found.reported[:3].tolist() == [52 * 9, 0, 0]
    assert found.cdf[0] == pytest.approx(1, abs=0.002)


@pytest.mark.parametrize(
    ("received", "n_weeks"),
    [
        pytest.param([], 30, id="nothing received"),
        pytest.param(receive_routinely(8), 8, id="eight weeks"),
        pytest.param(receive_routinely(30)[:8], 30, id="a handful of reports"),
        pytest.param(receive_routinely(30)[:1], 30, id="one delivery"),
    ],
)
def test_too_little_routine_says_nothing_of_delays(
    received: list[ReceivedFindings], n_weeks: int
) -> None:
    delays = derive_recent_delays(received, until=sunday_of(MONDAY, n_weeks - 1))
    newest = MONDAY + (n_weeks - 1) * WEEK
    found = delays.complete("seized", {newest: 3})

    assert delays.by_matrix == {}
    assert len(found) == MAXIMUM_DELAY_WEEKS
    assert found[-1] == NowcastWeek(newest, 3, 3.0, 3, 3, 3, is_estimated=False)


def test_on_a_wednesday_the_last_whole_week_is_three_days_old() -> None:
    """What came in by the Wednesday after the week, of weeks that report on their Sunday and the
    two after it, is what came in by that Sunday: the half. The week that runs is left alone.
    """
    wednesday = sunday_of(MONDAY, 29) + timedelta(days=3)
    delays = derive_recent_delays(receive_routinely(30), until=wednesday)
    found = delays.complete("seized", {MONDAY + 29 * WEEK: 3, MONDAY + 30 * WEEK: 7})
    running = delays.complete_many("seized", np.array([[3, 7]]), last_week_on=MONDAY + 30 * WEEK)

    assert delays.get_delays("seized").cdf[:4] == pytest.approx([0, 0.5, 5 / 6, 1], abs=0.01)
    assert found[-1].week_on == MONDAY + 29 * WEEK
    assert found[-1].expected == pytest.approx(6, abs=1.1)
    assert running.is_estimated.tolist() == [[True, False]]
    assert running.expected[0, 1] == 7.0


def test_many_series_at_once_are_what_each_is_alone() -> None:
    until = sunday_of(MONDAY, 39)
    delays = derive_recent_delays(receive_routinely(40), until=until)
    weeks = [MONDAY + i * WEEK for i in range(40)]
    counts = np.random.default_rng(7).poisson([[0.05], [1.0], [9.0], [0.0]], size=(4, 40))
    together = delays.complete_many("seized", counts, last_week_on=weeks[-1])

    for row, series in enumerate(counts):
        alone = delays.complete("seized", dict(zip(weeks, map(int, series), strict=True)))
        assert [week.expected for week in alone] == together.expected[row, -len(alone) :].tolist()
        assert [week.upper for week in alone] == together.upper[row, -len(alone) :].tolist()
    # Where there never was a case none is expected, and a threshold counts what is to come.
    assert together.expected[3].tolist() == [0.0] * 40
    above = apply_threshold(together, 8)
    assert above[2, -1] > (counts[2, -1] > 8) or counts[2, -1] > 8
