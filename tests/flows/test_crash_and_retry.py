"""No row is lost or doubled, whatever breaks in the middle and whoever runs it again."""

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.database import CLUSTER, copy_database
from tests.reports.world import (
    Row,
    World,
    list_current,
    list_weekly_counts,
    make_world,
    receive,
    recount,
    send,
)
from tocsin.journal.queries import list_entries, verify_journal
from tocsin.pipeline import run_detection, run_next_import, run_round
from tocsin.reports.models import EvidenceChange, EvidenceImport, Finding, Report
from tocsin.reports.services import ImportOutcome, imports, opening, run_import
from tocsin.reports.services.outcomes import ReportProgress
from tocsin.signals.models import SeriesQueue, Signal
from tocsin.signals.services import count_changes
from tocsin.signals.services.detecting import _take_waiting

Result = TypeVar("Result")

WORKER = Path(__file__).with_name("import_worker.py")

FAULTS = """
CREATE SEQUENCE fault_clock;
CREATE TABLE fault (at bigint);
CREATE FUNCTION fail_at_a_fault() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM fault WHERE at = nextval('fault_clock')) THEN
    RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full';
  END IF;
  RETURN NEW;
END $$;
GRANT ALL ON fault, fault_clock TO PUBLIC;
"""
FAULTY_TABLES = (
    "reports_report",
    "reports_finding",
    "reports_importproblem",
    "reports_evidencechange",
    "journal_journalentry",
    "signals_weeklycount",
    "signals_signal",
)


def install_faults(database: str, moments: set[int]) -> None:
    """Make the n-th inserted row fail as on a full disk, for each of these n.

    The clock is a sequence, which no rollback turns back: each fault strikes once.
    """
    address = CLUSTER.address(user="postgres", name=database)
    with psycopg.connect(**address.for_psycopg(), autocommit=True) as connection:
        connection.execute(FAULTS)
        for table in FAULTY_TABLES:
            connection.execute(
                f"CREATE TRIGGER fault BEFORE INSERT ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION fail_at_a_fault()".encode()
            )
        for moment in moments:
            connection.execute("INSERT INTO fault VALUES (%s)", [moment])


def assert_all_agrees() -> None:
    """Rows, findings, counts, changes, journal and import totals tell the same story."""
    run_detection()
    for held in EvidenceImport.objects.for_writing().filter(state="finished"):
        stored = Report.objects.for_writing().filter(evidence_import=held)
        assert held.rows_done == held.accepted + held.duplicates + held.refused
        assert stored.count() == held.accepted
        assert stored.exclude(predecessor=None).count() == held.corrected
        rows = list(stored.values_list("source_row", flat=True))
        assert len(set(rows)) == len(rows)
    ids = sorted(Report.objects.for_writing().values_list("pk", flat=True))
    accepted = EvidenceChange.objects.filter(kind="accepted").values_list("ids", flat=True)
    assert sorted(pk for batch in accepted for pk in batch) == ids
    entries = [*list_entries(action="report.accepted"), *list_entries(action="report.corrected")]
    assert sorted(int(entry.record_id) for entry in entries) == ids
    places = Counter(Finding.objects.for_writing().values_list("report_id", "position"))
    assert all(times == 1 for times in places.values())
    assert {report_id for report_id, _position in places} == set(ids)
    assert list_weekly_counts() == recount()
    assert not SeriesQueue.objects.exists()
    assert verify_journal().is_intact


rows = st.lists(
    st.builds(
        Row,
        reference=st.sampled_from(["", "A-1", "A-2", "A-3"]),
        substance=st.sampled_from(["xylazine", "tranq powder", "fentanyl;cocaine"]),
        on=st.sampled_from(["2026-03-02", "2026-03-11", "not a day"]),
        area=st.sampled_from(["Cork", "Galway"]),
        region=st.just(""),
        country=st.just("IE"),
        event_type=st.just("seizure"),
    ),
    min_size=1,
    max_size=10,
)


@contextmanager
def batches_of(size: int) -> Iterator[None]:
    before, opening.BATCH_ROWS = opening.BATCH_ROWS, size
    try:
        yield
    finally:
        opening.BATCH_ROWS = before


def raise_at(batch: int) -> ReportProgress:
    calls = iter(range(1, batch))

    def report(_rows: int) -> None:
        if next(calls, None) is None:
            raise InterruptedError

    return report


@settings(
    deadline=None,
    max_examples=20,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each example copies a database
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    files=st.lists(rows, min_size=1, max_size=3),
    batch_rows=st.integers(1, 4),
    faults=st.sets(st.integers(1, 60), max_size=5),
    interruptions=st.lists(st.integers(1, 4), max_size=4),
)
def test_rows_are_stored_once_under_any_interleaving_of_crash_and_retry(
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
    files: list[list[Row]],
    batch_rows: int,
    faults: set[int],
    interruptions: list[int],
) -> None:
    with (
        django_db_blocker.unblock(),  # type: ignore[attr-defined]
        tempfile.TemporaryDirectory() as folder,
    ):
        path = Path(folder) / "a.csv"
        with copy_database() as database, batches_of(batch_rows):
            with transaction.atomic():
                world = make_world()
                undisturbed = [send(world, path, content).as_json() for content in files]
                expected = list_current()
                transaction.set_rollback(True)
            world = make_world()
            outcomes = []
            waiting = [receive(world, path, content) for content in files]
            install_faults(database, faults)
            for held in waiting:
                outcomes.append(run_until_done(world, held.pk, interruptions).as_json())
            assert outcomes == undisturbed
            assert list_current() == expected
            retry(run_detection)
            assert_all_agrees()


def run_until_done(world: World, import_id: int, interruptions: list[int]) -> ImportOutcome:
    """Run an import again and again until nothing breaks any more."""
    for batch in interruptions:
        try:
            return run_import(world.analyst, import_id, report_progress=raise_at(batch))
        except (OperationalError, InterruptedError):
            continue
    return retry(lambda: run_import(world.analyst, import_id))


def retry(work: Callable[[], Result]) -> Result:
    while True:
        try:
            return work()
        except OperationalError:
            continue


MANY = [
    Row(
        f"A-{n}" if n % 3 else "",
        "xylazine;heroin" if n % 7 else "tranq powder",
        area=f"Area {n % 9}",
    )
    for n in range(400)
]


def start_worker(database: str, import_id: int, batch_rows: int) -> "subprocess.Popen[str]":
    environment = os.environ | {
        "TOCSIN_HOME": str(django_settings.HOME),
        "DJANGO_SETTINGS_MODULE": "tocsin.project.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    arguments = [database, "anna", str(import_id), str(batch_rows)]
    return subprocess.Popen(
        [sys.executable, str(WORKER), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_process_killed_in_the_middle_loses_and_doubles_nothing(
    own_database: str, tmp_path: Path
) -> None:
    world = make_world()
    held = receive(world, tmp_path / "a.csv", MANY)
    moments = random.Random(17)
    for batch_rows in (7, 11, 13):
        worker = start_worker(own_database, held.pk, batch_rows)
        assert worker.stdout is not None
        for _batch in range(moments.randint(1, 5)):
            worker.stdout.readline()
        time.sleep(moments.uniform(0, 0.02))
        worker.kill()
        worker.wait()
        worker.stdout.close()
    half = EvidenceImport.objects.for_writing().get()
    assert half.state == "running"
    assert 0 < half.rows_done < 400
    outcome = run_import(world.analyst, held.pk)
    assert (outcome.rows, outcome.accepted, outcome.duplicates) == (400, 400, 0)
    assert_all_agrees()
    assert send(world, tmp_path / "a.csv", MANY).accepted == 0


def test_an_import_left_by_a_dead_worker_is_taken_up_when_its_lease_is_over(
    own_database: str, tmp_path: Path
) -> None:
    world = make_world()
    held = receive(world, tmp_path / "a.csv", MANY)
    with batches_of(50), pytest.raises(InterruptedError):
        run_import(world.analyst, held.pk, report_progress=raise_at(2))
    assert run_next_import() == 0
    evidence_import = EvidenceImport.objects.for_writing().get()
    evidence_import.claimed_at -= imports.LEASE
    evidence_import.save()
    work = run_round()
    assert (work.imports, work.series) == (1, 2)
    assert EvidenceImport.objects.for_writing().get().accepted == 400
    assert_all_agrees()


def run_in_threads(*works: Callable[[], object]) -> list[BaseException]:
    """Run these at once, each on a connection of its own; return what they raised."""
    raised: list[BaseException] = []
    together = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            together.wait()
            work()
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_two_workers_on_one_import_share_its_rows(own_database: str, tmp_path: Path) -> None:
    world = make_world()
    held = receive(world, tmp_path / "a.csv", MANY)
    run = lambda: run_import(world.analyst, held.pk)  # noqa: E731  (run twice)
    with batches_of(20):
        raised = run_in_threads(run, run)
    assert [error for error in raised if "finished" not in str(error)] == []
    evidence_import = EvidenceImport.objects.for_writing().get()
    assert (evidence_import.state, evidence_import.accepted) == ("finished", 400)
    assert list_entries(action="import.finished").count() == 1
    assert_all_agrees()


def test_the_same_file_imported_twice_at_once_is_held_once(
    own_database: str, tmp_path: Path
) -> None:
    world = make_world()
    first, second = (receive(world, tmp_path / "a.csv", MANY) for _time in range(2))
    with batches_of(20):
        raised = run_in_threads(
            lambda: run_import(world.analyst, first.pk),
            lambda: run_import(world.analyst, second.pk),
        )
    assert raised == []
    held = EvidenceImport.objects.for_writing().order_by("id")
    assert sum(one.accepted for one in held) == 400
    assert sum(one.duplicates for one in held) == 400
    assert_all_agrees()


def test_importing_counting_and_detecting_at_once_ends_in_the_same_state(
    own_database: str, tmp_path: Path
) -> None:
    world = make_world()
    first = receive(world, tmp_path / "a.csv", MANY)
    second = receive(world, tmp_path / "b.csv", [Row(f"B-{n}") for n in range(100)])

    def detect() -> None:
        for _round in range(10):
            run_detection()

    with batches_of(20):
        raised = run_in_threads(
            lambda: run_import(world.analyst, first.pk),
            lambda: run_import(world.analyst, second.pk),
            detect,
            detect,
        )
    assert raised == []
    assert_all_agrees()
    found = Signal.objects.for_writing().filter(kind="first-detection")
    counts = dict(found.values_list("substance__key", "evidence_count"))
    assert counts == {"xylazine": 442, "heroin": 342}


def test_evidence_counted_while_its_series_is_looked_at_is_looked_at_again(
    own_database: str, tmp_path: Path
) -> None:
    world = make_world()
    send(world, tmp_path / "a.csv", [Row("A-1")])
    count_changes()
    send(world, tmp_path / "a.csv", [Row("A-2")])

    def count() -> None:
        try:
            count_changes()
        finally:
            connections.close_all()

    with transaction.atomic():
        assert _take_waiting() is not None
        counting = threading.Thread(target=count)
        counting.start()
        counting.join(timeout=0.5)
        assert counting.is_alive()
    counting.join()
    assert SeriesQueue.objects.count() == 1
