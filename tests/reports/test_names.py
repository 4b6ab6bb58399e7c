"""Deciding what a spelling means: once, for every row of it, and undone as easily."""

from pathlib import Path

import pytest

from tests.reports.world import Row, World, make_world, receive, send
from tocsin.errors import NotFoundError, PermissionRefusedError, WrongStateError
from tocsin.journal.queries import list_entries
from tocsin.organisations.services import ensure_handling
from tocsin.pipeline import run_detection
from tocsin.reports.models import WrittenName
from tocsin.reports.queries import list_decided_names, list_unresolved_names
from tocsin.reports.services import (
    decide_name,
    reconsider_names,
    run_import,
    undo_name_decision,
)
from tocsin.signals.models import Signal
from tocsin.substances.services import add_name

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def list_signals() -> list[tuple[str, str, int]]:
    signals = Signal.objects.for_writing().order_by("kind", "substance__key")
    return [(one.kind, one.substance.key, one.evidence_count) for one in signals]


def test_deciding_one_spelling_resolves_all_its_rows_and_looks_again(
    world: World, tmp_path: Path
) -> None:
    send(world, tmp_path / "a.csv", [Row("A-1", "tranq powder"), Row("A-2", "tranq powder")])
    run_detection()
    assert list_signals() == []
    decide_name(world.analyst, "tranq powder", "xylazine")
    assert list_unresolved_names(world.analyst) == []
    run_detection()
    assert list_signals() == [("first-detection", "xylazine", 2)]
    assert send(world, tmp_path / "b.csv", [Row("A-3", "tranq powder")]).unresolved == 0
    entry = list_entries(action="name.decided").get()
    assert entry.details["before"] is None


def test_another_decision_moves_the_evidence_and_withdraws_it_where_it_was(
    world: World, tmp_path: Path
) -> None:
    send(world, tmp_path / "a.csv", [Row("A-1", "tranq powder")])
    decide_name(world.analyst, "tranq powder", "xylazine")
    run_detection()
    decide_name(world.analyst, "tranq powder", "medetomidine")
    run_detection()
    assert list_signals() == [
        ("first-detection", "medetomidine", 1),
        ("first-detection", "xylazine", 0),
    ]


def test_undoing_puts_the_spelling_back_into_the_queue(world: World, tmp_path: Path) -> None:
    send(world, tmp_path / "a.csv", [Row("A-1", "tranq powder")])
    decide_name(world.analyst, "tranq powder", "xylazine")
    run_detection()
    assert [one.text for one in list_decided_names(world.analyst)] == ["tranq powder"]
    undo_name_decision(world.analyst, "tranq powder")
    run_detection()
    assert [one.text for one in list_unresolved_names(world.analyst)] == ["tranq powder"]
    assert list_signals() == [("first-detection", "xylazine", 0)]
    assert list_entries(action="name.decision-undone").count() == 1
    with pytest.raises(WrongStateError):
        undo_name_decision(world.analyst, "tranq powder")


def test_what_the_register_is_sure_of_is_not_undone(world: World, tmp_path: Path) -> None:
    send(world, tmp_path / "a.csv", [Row("A-1", "xylazine")])
    with pytest.raises(WrongStateError):
        undo_name_decision(world.analyst, "xylazine")


def test_only_an_analyst_decides_and_only_what_they_can_see(world: World, tmp_path: Path) -> None:
    send(world, tmp_path / "a.csv", [Row("A-1", "tranq powder")])
    with pytest.raises(PermissionRefusedError):
        decide_name(world.reporter, "tranq powder", "xylazine")
    with pytest.raises(NotFoundError):
        decide_name(world.partner_analyst, "tranq powder", "xylazine")
    with pytest.raises(NotFoundError):
        decide_name(world.analyst, "no such text", "xylazine")
    with pytest.raises(NotFoundError):
        decide_name(world.analyst, "tranq powder", "no-such-substance")


def test_names_are_asked_again_after_the_register_grew(world: World, tmp_path: Path) -> None:
    send(world, tmp_path / "a.csv", [Row("A-1", "tranq powder"), Row("A-2", "blue dust")])
    add_name(
        world.analyst.journal_name,
        substance_key="xylazine",
        text="tranq powder",
        kind="common",
        language="en",
    )
    assert reconsider_names(world.analyst) == 1
    run_detection()
    assert list_signals() == [("first-detection", "xylazine", 1)]
    assert [one.text for one in list_unresolved_names(world.analyst)] == ["blue dust"]
    assert list_entries(action="name.resolved").count() == 1


def test_each_owner_has_its_own_reading_of_a_spelling(world: World, tmp_path: Path) -> None:
    shared = ensure_handling(
        owner_id=world.partner.pk, tlp="AMBER", audience=[world.own.pk, world.partner.pk]
    )
    theirs = receive_for_partner(world, tmp_path, shared.pk)
    run_import(world.partner_analyst, theirs)
    send(world, tmp_path / "a.csv", [Row("A-1", "tranq powder")])
    decide_name(world.partner_analyst, "tranq powder", "medetomidine")
    names = WrittenName.objects.filter(text="tranq powder").order_by("owner__key")
    assert [(name.owner.key, name.substance) for name in names][1] == ("nfp", None)
    assert names[0].substance is not None
    decide_name(world.analyst, "tranq powder", "xylazine")
    assert {name.substance.key for name in names.all() if name.substance} == {"xylazine"}


def test_a_partner_decides_for_its_own_rows_only(world: World, tmp_path: Path) -> None:
    shared = ensure_handling(owner_id=world.own.pk, tlp="AMBER", audience=[world.partner.pk])
    held = receive(world, tmp_path / "a.csv", [Row("A-1", "xylazine"), Row("A-2", "tranq powder")])
    type(held).objects.for_writing().filter(pk=held.pk).update(handling_id=shared.pk)
    run_import(world.analyst, held.pk)
    for text in ("xylazine", "tranq powder"):
        with pytest.raises(NotFoundError):
            decide_name(world.partner_analyst, text, "medetomidine")
    decide_name(world.analyst, "tranq powder", "xylazine")
    with pytest.raises(NotFoundError):
        undo_name_decision(world.partner_analyst, "tranq powder")


def receive_for_partner(world: World, tmp_path: Path, handling_id: int) -> int:
    held = receive(world, tmp_path / "p.csv", [Row("P-1", "tranq powder")])
    type(held).objects.for_writing().filter(pk=held.pk).update(handling_id=handling_id)
    return held.pk
