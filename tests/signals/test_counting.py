"""Weekly counts are what an independent recount of the current reports gives."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reports.world import (
    Row,
    World,
    list_weekly_counts,
    make_world,
    recount,
    send,
)
from tocsin.errors import TocsinError
from tocsin.journal.queries import verify_journal
from tocsin.pipeline import run_detection
from tocsin.reports.models import EvidenceChange, Report
from tocsin.reports.queries import derive_evidence, get_report
from tocsin.reports.services import (
    correct_report,
    decide_name,
    retract_report,
    undo_name_decision,
)
from tocsin.signals.emergences import derive_all_emergences
from tocsin.signals.models import SeriesQueue, Signal, WeeklyCount
from tocsin.signals.queries import list_cells, list_matrix_totals
from tocsin.signals.series import Totals
from tocsin.signals.services import count_changes
from tocsin.signals.setting_queries import list_rules_by_substance, load_rule_book

pytestmark = pytest.mark.django_db

rows = st.builds(
    Row,
    reference=st.sampled_from(["", "A-1", "A-2", "A-3"]),
    substance=st.sampled_from(["xylazine", "tranq powder", "xylazine;tranq powder", "fentanyl"]),
    on=st.sampled_from(["2026-03-02", "2026-03-04", "2026-03-08", "2026-03-09", "2025-01-01"]),
    area=st.sampled_from(["Cork", "Galway"]),
    region=st.sampled_from(["", "IE05"]),
    country=st.just("IE"),
    event_type=st.just("seizure"),
)
steps = st.one_of(
    st.tuples(st.just("send"), st.lists(rows, max_size=6)),
    st.tuples(st.just("correct"), st.integers(0, 5), st.sampled_from([3, 5, 10])),
    st.tuples(st.just("retract"), st.integers(0, 5)),
    st.tuples(st.just("decide"), st.sampled_from(["xylazine", "medetomidine"])),
    st.tuples(st.just("undo")),
    st.tuples(st.just("count"), st.integers(1, 3)),
    st.tuples(st.just("detect")),
)


def take_step(world: World, folder: Path, step: tuple[object, ...]) -> None:
    """Do one thing to the evidence; what the house refuses changes nothing."""
    kind = step[0]
    current = list(Report.objects.for_writing().filter(is_current=True).order_by("id"))
    if kind == "send":
        send(world, folder / "a.csv", step[1])  # type: ignore[arg-type]
    elif kind == "decide":
        decide_name(world.analyst, "tranq powder", str(step[1]))
    elif kind == "undo":
        undo_name_decision(world.analyst, "tranq powder")
    elif kind == "count":
        count_changes(limit=int(str(step[1])))
    elif kind == "detect":
        run_detection()
    elif current:
        report = current[int(str(step[1])) % len(current)]
        if kind == "retract":
            retract_report(world.analyst, report.pk, version=report.version, reason="Mixed up.")
        else:
            held = derive_evidence(get_report(world.analyst, report.pk))
            changed = replace(held, event_on=date(2026, 3, int(str(step[2]))))
            correct_report(
                world.analyst, report.pk, changed, version=report.version, reason="Wrong day."
            )


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(plan=st.lists(steps, max_size=10))
def test_counts_equal_a_recount_after_any_sequence(
    db: None, plan: list[tuple[object, ...]]
) -> None:
    with transaction.atomic(), tempfile.TemporaryDirectory() as folder:
        world = make_world()
        for step in plan:
            try:
                with transaction.atomic():
                    take_step(world, Path(folder), step)
            except TocsinError:
                continue
        run_detection()
        assert list_weekly_counts() == recount()
        assert not WeeklyCount.objects.for_writing().filter(count__lt=0).exists()
        assert not EvidenceChange.objects.filter(done_at=None).exists()
        assert not SeriesQueue.objects.exists()
        assert list_signals_held() == list_signals_expected(world)
        assert verify_journal().is_intact
        transaction.set_rollback(True)


def list_signals_held() -> list[tuple[object, ...]]:
    held = Signal.objects.for_writing().exclude(evidence_count=0).select_related("substance")
    return sorted(
        (one.kind, one.substance.key, one.matrix, one.country, one.area, one.on, one.evidence_count)
        for one in held
    )


def list_signals_expected(world: World) -> list[tuple[object, ...]]:
    """What detection finds when it looks at everything afresh."""
    found = derive_all_emergences(
        list_cells(world.analyst),
        Totals(list_matrix_totals(world.analyst)),
        list_rules_by_substance(load_rule_book()),
        until=timezone.localdate(),
    )
    return sorted(
        (one.kind, one.substance, one.matrix, one.country, one.area, one.on, one.evidence_count)
        for one in found
    )


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def test_a_removed_first_day_gives_way_to_the_next_one_of_the_week(
    world: World, tmp_path: Path
) -> None:
    send(world, tmp_path / "a.csv", [Row("A-1", on="2026-03-02"), Row("A-2", on="2026-03-04")])
    count_changes()
    first = Report.objects.for_writing().get(reference="A-1")
    retract_report(world.analyst, first.pk, version=1, reason="Mixed up.")
    count_changes()
    assert list(list_weekly_counts().values()) == [(1, date(2026, 3, 4))]


@pytest.mark.parametrize("size", [1, 3])
def test_counting_takes_the_same_queries_whatever_the_number_of_cells(
    world: World,
    tmp_path: Path,
    size: int,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    send(world, tmp_path / "a.csv", [Row(f"A-{n}", area=f"Area {n}") for n in range(size)])
    send(world, tmp_path / "a.csv", [Row(f"A-{n}", on="2026-03-04") for n in range(size)])
    with django_assert_num_queries(11):  # type: ignore[attr-defined]
        count_changes()
