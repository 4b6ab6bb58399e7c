"""The stages in order: what waits is taken up, what fails is kept, and the rest goes on."""

from pathlib import Path

import pytest

from tests.reports.world import Row, make_world, receive
from tocsin.errors import ConfigurationError
from tocsin.organisations.models import Person
from tocsin.pipeline import Work, run_detection, run_forever, run_next_import, run_round
from tocsin.reports.files import derive_kept_path
from tocsin.reports.models import EvidenceImport
from tocsin.signals.models import Signal

in_transaction = pytest.mark.django_db


@in_transaction
def test_a_round_before_the_node_is_set_up_does_nothing() -> None:
    assert run_round() == Work(0, 0, 0)
    assert run_round().is_idle
    with pytest.raises(ConfigurationError):
        run_detection()


@in_transaction
def test_a_file_becomes_signals_in_one_round_and_the_next_is_idle(tmp_path: Path) -> None:
    world = make_world()
    receive(world, tmp_path / "a.csv", [Row("A-1", "xylazine;fentanyl"), Row("A-2")])
    assert run_round() == Work(imports=1, changes=1, series=2)
    assert run_round() == Work(0, 0, 0)
    found = Signal.objects.for_writing().values_list("substance__key", "evidence_count")
    assert dict(found) == {"fentanyl": 1, "xylazine": 2}


@in_transaction
def test_detection_tells_its_progress(tmp_path: Path) -> None:
    world = make_world()
    receive(world, tmp_path / "a.csv", [Row("A-1", "xylazine;fentanyl;heroin")])
    run_next_import()
    told: list[int] = []
    assert run_detection(report_progress=told.append) == (1, 3)
    assert told == [1, 2, 3]


@in_transaction
def test_a_file_that_fails_is_kept_with_its_reason_and_the_next_is_taken_up(
    tmp_path: Path,
) -> None:
    world = make_world()
    bad = receive(world, tmp_path / "a.csv", [Row("A-1")])
    receive(world, tmp_path / "b.csv", [Row("B-1")])
    derive_kept_path(bad.file_digest, bad.file_name).write_bytes(b"%PDF-1.4")
    assert [run_next_import(), run_next_import(), run_next_import()] == [1, 1, 0]
    states = EvidenceImport.objects.for_writing().order_by("id").values_list("state", "failure")
    assert [state for state, _failure in states] == ["failed", "finished"]
    assert "is a PDF" in states[0][1]


@in_transaction
def test_an_import_of_a_closed_account_is_run_by_the_node(tmp_path: Path) -> None:
    world = make_world()
    receive(world, tmp_path / "a.csv", [Row("A-1")])
    Person.objects.filter(username="anna").update(is_active=False)
    assert run_next_import() == 1
    assert EvidenceImport.objects.for_writing().get().accepted == 1


def test_a_worker_outlives_a_round_that_breaks(
    own_database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = make_world()
    bad = receive(world, tmp_path / "a.csv", [Row("A-1")])
    receive(world, tmp_path / "b.csv", [Row("B-1")])
    derive_kept_path(bad.file_digest, bad.file_name).unlink()
    rounds = iter([False, False, False])
    run_forever(pause_seconds=0, should_stop=lambda: next(rounds, True))
    states = EvidenceImport.objects.for_writing().order_by("id").values_list("state", flat=True)
    assert list(states) == ["failed", "finished"]
    assert "A round of the pipeline failed" in caplog.text
