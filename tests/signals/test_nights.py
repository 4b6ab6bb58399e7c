"""Each night everything is looked at, once, and how long reports take is learned anew."""

import threading
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.db import connections
from django.utils import timezone

from tests.reports.world import Row, World, make_world, send
from tocsin.organisations.queries import get_node_actor
from tocsin.pipeline import run_detection, run_round
from tocsin.science.detection.nowcast import Triangle, estimate_delays
from tocsin.signals.learned_delays import delays_as_json, parse_delays, with_nowcast
from tocsin.signals.models import NightlyLook, SeriesQueue, SubstanceLook
from tocsin.signals.nowcasting import RecentDelays
from tocsin.signals.services import queue_nightly, select_waiting

TODAY = date(2026, 3, 4)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.mark.django_db
def test_all_substances_with_evidence_are_queued_once_a_day(world: World, tmp_path: Path) -> None:
    node = get_node_actor()
    assert queue_nightly(node, TODAY) == 0
    send(world, tmp_path / "a.csv", [Row("A-1"), Row("A-2", "fentanyl"), Row("A-3", "unknown")])
    run_detection()
    assert queue_nightly(node, TODAY) == 0
    assert queue_nightly(node, TODAY + timedelta(days=1)) == 2
    assert SeriesQueue.objects.count() == 2
    assert queue_nightly(node, TODAY + timedelta(days=1)) == 0
    held = NightlyLook.objects.order_by("on").values_list("on", "substances")
    assert list(held) == [(TODAY, 0), (TODAY + timedelta(days=1), 2)]


@pytest.mark.django_db
def test_a_round_looks_at_everything_once_a_day(world: World, tmp_path: Path) -> None:
    send(world, tmp_path / "a.csv", [Row("A-1"), Row("A-2", "fentanyl")])
    run_detection()
    assert run_round().series == 2
    assert run_round().is_idle
    assert NightlyLook.objects.get().on == timezone.localdate()
    assert not SubstanceLook.objects.exclude(is_told=True).exists()
    assert select_waiting() == 0


def test_two_workers_queue_a_night_once(own_database: str, tmp_path: Path) -> None:
    world = make_world()
    send(world, tmp_path / "a.csv", [Row("A-1")])
    run_detection()
    node = get_node_actor()
    queued: list[int] = []

    def queue() -> None:
        try:
            queued.append(queue_nightly(node, TODAY))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=queue) for _worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(queued) == [0, 1]
    assert NightlyLook.objects.count() == 1


def make_delays() -> RecentDelays:
    """Of ten reports of each week, six come in the same week, three in the next, one after that."""
    triangle = Triangle(
        np.array([[6, 3, 1]] * 30 + [[6, 3, 0], [6, 0, 0]], dtype=np.int64),
        last_on=date(2026, 3, 1),
    )
    return RecentDelays(date(2026, 3, 1), {"seized": estimate_delays(triangle)})


def test_delays_come_back_from_json_as_they_were() -> None:
    delays = make_delays()
    back = parse_delays(delays_as_json(delays), until=delays.until)
    assert delays_as_json(back) == delays_as_json(delays)
    assert back.get_delays("seized").settings == delays.get_delays("seized").settings


def test_the_newest_weeks_of_a_series_are_drawn_with_what_is_still_to_come() -> None:
    series = {"first_week": "2026-01-26", "counts": [10, 10, 10, 9, 6]}
    drawn = with_nowcast(series, "seized", make_delays())
    nowcast = drawn.pop("nowcast")
    assert drawn == series
    assert nowcast["from_week"] == "2026-02-16"
    # Nine of ten are in after two weeks, six of ten after one.
    assert nowcast["expected"] == pytest.approx([10, 10], abs=0.6)
    assert all(
        low <= expected <= high
        for low, expected, high in zip(
            nowcast["lower"], nowcast["expected"], nowcast["upper"], strict=True
        )
    )


@pytest.mark.parametrize(
    ("matrix", "first_week"), [("biological", "2026-01-26"), ("seized", "2025-06-02")]
)
def test_without_known_delays_or_new_weeks_a_series_stays_as_it_is(
    matrix: str, first_week: str
) -> None:
    series = {"first_week": first_week, "counts": [10, 10, 10, 9, 6]}
    assert with_nowcast(series, matrix, make_delays()) == series
