"""Signals: one per emergence, strengthened, moved or withdrawn, and never from what is not ours."""

import contextlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.reports.world import Row, World, make_world, send
from tocsin.errors import DetectionInputError
from tocsin.journal.queries import list_entries
from tocsin.organisations.actors import Actor
from tocsin.organisations.queries import get_node_actor
from tocsin.organisations.services import ensure_handling
from tocsin.pipeline import run_detection
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.models import Report
from tocsin.reports.services import record_report, retract_report
from tocsin.signals.models import SeriesQueue, Signal
from tocsin.signals.queries import list_signals
from tocsin.signals.replay import replay
from tocsin.signals.services import (
    count_changes,
    detecting,
    look_at_waiting,
    queue_all,
    select_waiting,
    tell_waiting,
    triage_signal,
)
from tocsin.substances.models import Substance

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def list_held() -> list[tuple[str, str, str, str, str, int]]:
    held = Signal.objects.for_writing().select_related("substance")
    return sorted(
        (
            one.kind,
            one.substance.key,
            one.country,
            one.area,
            one.on.isoformat(),
            one.evidence_count,
        )
        for one in held
    )


def test_further_rows_strengthen_a_signal_instead_of_repeating_it(
    world: World, tmp_path: Path
) -> None:
    send(world, tmp_path / "a.csv", [Row("A-1", on="2026-03-02")])
    run_detection()
    signal = Signal.objects.for_writing().get()
    triage_signal(world.analyst, signal.pk, to_state="verifying")
    send(world, tmp_path / "a.csv", [Row("A-2", on="2026-03-04"), Row("A-3", on="2026-05-04")])
    run_detection()
    run_detection()
    assert list_held() == [("first-detection", "xylazine", "IE", "Cork", "2026-03-02", 3)]
    strengthened = Signal.objects.for_writing().get()
    assert (strengthened.pk, strengthened.state) == (signal.pk, "verifying")
    assert strengthened.last_on == date(2026, 5, 4)
    actions = [entry.action for entry in list_entries(record_type="signal")]
    assert actions == ["signal.strengthened", "signal.triaged", "signal.found"]


def test_older_evidence_that_arrives_late_moves_the_day_and_the_place(
    world: World, tmp_path: Path
) -> None:
    send(world, tmp_path / "a.csv", [Row("A-1", on="2026-03-02", area="Cork")])
    run_detection()
    before = Signal.objects.for_writing().get()
    send(world, tmp_path / "a.csv", [Row("B-1", on="2026-01-05", country="FR", area="Lille")])
    run_detection()
    assert list_held() == [
        ("first-detection", "xylazine", "FR", "Lille", "2026-01-05", 2),
        ("first-in-country", "xylazine", "IE", "Cork", "2026-03-02", 1),
    ]
    assert Signal.objects.for_writing().get(kind="first-detection").pk == before.pk


def test_areas_of_the_first_week_are_part_of_it_and_later_ones_are_new(
    world: World, tmp_path: Path
) -> None:
    rows = [
        Row("A-1", on="2026-03-02", area="Cork"),
        Row("A-2", on="2026-03-08", area="Galway"),
        Row("A-3", on="2026-03-09", area="Dublin"),
    ]
    send(world, tmp_path / "a.csv", rows)
    run_detection()
    assert list_held() == [
        ("first-detection", "xylazine", "IE", "Cork", "2026-03-02", 3),
        ("first-in-region", "xylazine", "IE", "Dublin", "2026-03-09", 1),
    ]
    first = Signal.objects.for_writing().get(kind="first-detection")
    assert first.places == ["Cork", "Galway"]


def test_a_signal_stays_without_evidence_when_its_evidence_is_withdrawn_and_comes_back_with_it(
    world: World, tmp_path: Path
) -> None:
    send(world, tmp_path / "a.csv", [Row("A-1")])
    run_detection()
    held = Report.objects.for_writing().get()
    retract_report(world.analyst, held.pk, version=1, reason="Mixed up.")
    run_detection()
    signal = Signal.objects.for_writing().get()
    assert (signal.evidence_count, signal.facts["withdrawn"]) == (0, True)
    assert list_entries(action="signal.evidence-withdrawn").count() == 1
    send(world, tmp_path / "a.csv", [Row("A-2")])
    run_detection()
    again = Signal.objects.for_writing().get()
    assert (again.pk, again.evidence_count, again.facts.get("withdrawn")) == (signal.pk, 1, None)


def record_for(world: World, *, owner: str, tlp: str, audience: list[int], substance: str) -> None:
    actor, organisation = {
        "own": (world.analyst, world.own),
        "partner": (world.partner_analyst, world.partner),
    }[owner]
    handling = ensure_handling(owner_id=organisation.pk, tlp=tlp, audience=audience)
    report = EvidenceReport(
        event_type="seizure",
        event_on=date(2026, 3, 2),
        country="FR",
        findings=(EvidenceFinding(substance, "seized"),),
        reference=f"{owner}-{tlp}-{substance}",
    )
    record_report(actor, handling, report)


def test_no_signal_comes_from_evidence_the_own_organisation_may_not_see(world: World) -> None:
    record_for(world, owner="partner", tlp="AMBER", audience=[], substance="xylazine")
    record_for(world, owner="partner", tlp="RED", audience=[world.own.pk], substance="fentanyl")
    record_for(world, owner="partner", tlp="AMBER", audience=[world.own.pk], substance="heroin")
    run_detection()
    assert [key for _kind, key, *_rest in list_held()] == ["heroin"]
    assert [row["substance"] for row in replay(world.analyst)] == ["Heroin"]
    assert [row["substance"] for row in replay(world.partner_analyst)] == [
        "Fentanyl",
        "Heroin",
        "Xylazine",
    ]


def test_a_signal_is_as_strict_as_its_strictest_evidence_and_the_own_organisations_alone(
    world: World,
) -> None:
    record_for(world, owner="own", tlp="GREEN", audience=[], substance="xylazine")
    run_detection()
    assert Signal.objects.for_writing().get().handling.tlp == "GREEN"
    record_for(
        world, owner="partner", tlp="AMBER+STRICT", audience=[world.own.pk], substance="xylazine"
    )
    run_detection()
    signal = Signal.objects.for_writing().get()
    assert (signal.handling.tlp, signal.handling.owner_id) == ("AMBER+STRICT", world.own.pk)
    assert list(list_signals(world.analyst)) == [signal]
    assert list(list_signals(world.partner_analyst)) == []


def test_what_lay_long_in_the_evidence_is_backlog(world: World, tmp_path: Path) -> None:
    today = timezone.localdate()
    rows = [
        Row("A-1", "xylazine", on=(today - timedelta(days=91)).isoformat()),
        Row("A-2", "fentanyl", on=(today - timedelta(days=90)).isoformat()),
    ]
    send(world, tmp_path / "a.csv", rows)
    run_detection()
    backlog = Signal.objects.for_writing().values_list("substance__key", "is_backlog")
    assert dict(backlog) == {"xylazine": True, "fentanyl": False}


def test_the_first_detection_in_another_matrix_is_one_of_its_own(
    world: World, tmp_path: Path
) -> None:
    rows = [Row("A-1"), Row("A-2", on="2026-04-06", event_type="collected-sample")]
    send(world, tmp_path / "a.csv", rows)
    run_detection()
    found = Signal.objects.for_writing().filter(kind="first-detection").order_by("on")
    assert [(one.matrix, one.on) for one in found] == [
        ("seized", date(2026, 3, 2)),
        ("collected", date(2026, 4, 6)),
    ]


def test_a_replay_up_to_the_middle_of_a_week_reads_nothing_of_later_days(
    world: World, tmp_path: Path
) -> None:
    quiet = [Row("Q", "cocaine", on="2025-01-06")]
    rise = [Row(f"A-{n}", on=f"2026-03-{day:02}") for n, day in enumerate((2, 3, 5, 6, 7))]
    send(world, tmp_path / "a.csv", [*quiet, *rise])
    until_wednesday = replay(world.analyst, until=date(2026, 3, 4))
    assert [(row["kind"], row["substance"]) for row in until_wednesday] == [
        ("first-detection", "Cocaine"),
        ("first-detection", "Xylazine"),
    ]
    assert until_wednesday[1]["series"]["counts"][-1] == 2
    until_sunday = replay(world.analyst, until=date(2026, 3, 8))
    assert [(row["kind"], row["on"]) for row in until_sunday[1:]] == [
        ("first-detection", "2026-03-02"),
        ("spike", "2026-03-02"),
    ]
    assert list(until_sunday[2]) == [
        "kind",
        "substance",
        "place",
        "matrix",
        "on",
        "reason",
        "method",
        "series",
    ]
    assert until_sunday[2]["place"] == "IE"
    assert until_sunday[2]["reason"] == (
        "Xylazine: 5 findings in seized material in 1 week, Ireland; before, none in 60 weeks; "
        "rarer than once in 10,000 weeks."
    )


def test_a_rise_outlives_being_looked_at_again_and_is_strengthened_by_what_follows(
    world: World, tmp_path: Path
) -> None:
    quiet = [Row("Q", "cocaine", on="2024-01-01")]
    send(world, tmp_path / "a.csv", [*quiet, *rise_of(3)])
    run_detection()
    before = Signal.objects.for_writing().get(kind="spike")
    queue_all()
    run_detection()
    assert list_entries(action="signal.strengthened").count() == 0
    send(world, tmp_path / "a.csv", rise_of(6))
    run_detection()
    after = Signal.objects.for_writing().get(kind="spike")
    assert (after.pk, after.on) == (before.pk, before.on)
    assert (before.evidence_count, after.evidence_count) == (3, 6)


def rise_of(size: int) -> list[Row]:
    """Findings in consecutive weeks from 2 March 2026 on."""
    first = date(2026, 3, 2)
    return [Row(f"A-{n}", on=(first + timedelta(weeks=n)).isoformat()) for n in range(size)]


@pytest.mark.parametrize("size", [1, 3])
def test_looking_selecting_and_telling_take_the_same_queries_whatever_the_number_of_substances(
    world: World,
    tmp_path: Path,
    size: int,
    django_assert_num_queries: Callable[[int], AbstractContextManager[None]],
) -> None:
    names = ("xylazine", "fentanyl", "heroin")[:size]
    rows = [Row(f"{name}-{n}", name, area=f"Area {n}") for name in names for n in range(3)]
    send(world, tmp_path / "a.csv", rows)
    run_detection()
    queue_all()
    node = get_node_actor()
    # With nothing new to tell: what is told costs queries of its own, a signal at a time.
    with django_assert_num_queries(40):
        assert look_at_waiting(node) == size
        select_waiting()
        assert tell_waiting(node) == size


def test_a_substance_whose_look_fails_keeps_no_other_waiting(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(world, tmp_path / "a.csv", [Row("A-1"), Row("A-2", "fentanyl"), Row("A-3", "heroin")])
    count_changes()
    broken = Substance.objects.get(key="fentanyl").pk
    look_at = detecting._look_at

    def fail_at_one(node: Actor, substance_ids: Sequence[int], *rest: Any, **named: Any) -> None:
        if broken in substance_ids:
            raise DetectionInputError("fentanyl: cannot be looked at; expected otherwise")
        look_at(node, substance_ids, *rest, **named)

    monkeypatch.setattr(detecting, "_look_at", fail_at_one)
    for _round in range(50):
        with contextlib.suppress(DetectionInputError):
            run_detection()
    assert [one.substance_id for one in SeriesQueue.objects.all()] == [broken]
    monkeypatch.undo()
    run_detection()
    assert Signal.objects.for_writing().filter(kind="first-detection").count() == 3
