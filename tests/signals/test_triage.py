"""Triage: allowed steps only, with who and why, undone as a further step."""

from itertools import product
from pathlib import Path

import pytest

from tests.reports.world import Row, World, make_world, send
from tocsin.errors import (
    NotFoundError,
    PermissionRefusedError,
    RefusedError,
    WrongStateError,
)
from tocsin.journal.queries import list_entries
from tocsin.pipeline import run_detection
from tocsin.signals.models import Signal, SignalDecision
from tocsin.signals.queries import list_decisions
from tocsin.signals.services import triage_signal, undo_last_decision

pytestmark = pytest.mark.django_db

STATES = ("new", "verifying", "confirmed", "not-confirmed", "merged")
WAYS = {
    "new": (),
    "verifying": ("verifying",),
    "confirmed": ("verifying", "confirmed"),
    "not-confirmed": ("verifying", "not-confirmed"),
    "merged": ("verifying", "merged"),
}
ALLOWED = {
    ("new", "verifying"),
    ("verifying", "new"),
    ("verifying", "confirmed"),
    ("verifying", "not-confirmed"),
    ("verifying", "merged"),
    ("confirmed", "verifying"),
    ("not-confirmed", "verifying"),
    ("merged", "verifying"),
}


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:
    """Signals: xylazine first in IE, then in FR; fentanyl first in IE."""
    world = make_world()
    rows = [
        Row("A-1", "xylazine"),
        Row("A-2", "xylazine", on="2026-04-06", country="FR", area="Lille"),
        Row("A-3", "fentanyl"),
    ]
    send(world, tmp_path / "a.csv", rows)
    run_detection()
    return world


def get_signal(kind: str, substance: str = "xylazine") -> Signal:
    signal: Signal = Signal.objects.for_writing().get(kind=kind, substance__key=substance)
    return signal


def bring(world: World, signal: Signal, state: str) -> None:
    other = get_signal("first-in-country")
    for step in WAYS[state]:
        triage_signal(
            world.analyst, signal.pk, to_state=step, reason="Because.", merge_into=other.pk
        )


@pytest.mark.parametrize(("held", "wanted"), list(product(STATES, STATES)))
def test_only_the_allowed_steps_are_taken(world: World, held: str, wanted: str) -> None:
    signal, other = get_signal("first-detection"), get_signal("first-in-country")
    bring(world, signal, held)
    entries = list_entries().count()
    step = {"to_state": wanted, "reason": "Because.", "merge_into": other.pk}
    if (held, wanted) in ALLOWED:
        triage_signal(world.analyst, signal.pk, **step)  # type: ignore[arg-type]
        assert get_signal("first-detection").state == wanted
        assert list_entries().count() == entries + 1
    else:
        with pytest.raises(WrongStateError):
            triage_signal(world.analyst, signal.pk, **step)  # type: ignore[arg-type]
        assert get_signal("first-detection").state == held
        assert list_entries().count() == entries


@pytest.mark.parametrize("state", ["confirmed", "not-confirmed", "merged"])
def test_a_decision_needs_a_reason(world: World, state: str) -> None:
    signal = get_signal("first-detection")
    triage_signal(world.analyst, signal.pk, to_state="verifying")
    with pytest.raises(RefusedError, match="no reason"):
        triage_signal(world.analyst, signal.pk, to_state=state, reason="  ")


def test_the_history_tells_who_and_why_and_verifying_takes_it_up(world: World) -> None:
    signal = get_signal("first-detection")
    triage_signal(world.analyst, signal.pk, to_state="verifying")
    held = triage_signal(world.analyst, signal.pk, to_state="confirmed", reason="Two labs agree.")
    assert held.taken_by_id == world.analyst.person_id
    history = [
        (one.from_state, one.to_state, one.reason, one.decided_by.username)
        for one in list_decisions(signal)
    ]
    assert history == [
        ("verifying", "confirmed", "Two labs agree.", "anna"),
        ("new", "verifying", "", "anna"),
    ]
    entry = list_entries(action="signal.triaged").first()
    assert entry is not None
    assert entry.details == {
        "from": "verifying",
        "to": "confirmed",
        "decision": list_decisions(signal)[0].pk,
        "into": None,
    }


def test_merging_needs_another_signal_of_the_same_substance_that_is_not_merged(
    world: World,
) -> None:
    signal, other = get_signal("first-detection"), get_signal("first-in-country")
    triage_signal(world.analyst, signal.pk, to_state="verifying")
    for target, expected in (
        (None, RefusedError),
        (signal.pk, RefusedError),
        (get_signal("first-detection", "fentanyl").pk, NotFoundError),
        (999_999, NotFoundError),
    ):
        with pytest.raises(expected):
            triage_signal(
                world.analyst, signal.pk, to_state="merged", reason="Same.", merge_into=target
            )
    held = triage_signal(
        world.analyst, signal.pk, to_state="merged", reason="Same.", merge_into=other.pk
    )
    assert held.merged_into_id == other.pk
    triage_signal(world.analyst, other.pk, to_state="verifying")
    with pytest.raises(WrongStateError):
        triage_signal(
            world.analyst, other.pk, to_state="merged", reason="Same.", merge_into=signal.pk
        )


@pytest.mark.parametrize("state", ["verifying", "confirmed", "not-confirmed", "merged"])
def test_the_last_step_is_undone_as_a_further_step(world: World, state: str) -> None:
    signal = get_signal("first-detection")
    bring(world, signal, state)
    before = "new" if state == "verifying" else "verifying"
    undone = undo_last_decision(world.analyst, signal.pk)
    assert (undone.state, undone.merged_into_id) == (before, None)
    assert SignalDecision.objects.filter(signal=signal).count() == len(WAYS[state]) + 1


def test_a_signal_that_was_never_moved_has_nothing_to_undo(world: World) -> None:
    with pytest.raises(WrongStateError):
        undo_last_decision(world.analyst, get_signal("first-detection").pk)


def test_only_an_analyst_of_the_own_organisation_triages(world: World) -> None:
    signal = get_signal("first-detection")
    with pytest.raises(PermissionRefusedError):
        triage_signal(world.reporter, signal.pk, to_state="verifying")
    with pytest.raises(NotFoundError):
        triage_signal(world.partner_analyst, signal.pk, to_state="verifying")
    with pytest.raises(PermissionRefusedError):
        undo_last_decision(world.releaser, signal.pk)
