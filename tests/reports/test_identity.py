"""What people decide about identities: every finding keeps what was written and follows."""

import contextlib
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reports.world import Row, World, list_weekly_counts, make_world, recount, send
from tocsin.errors import (
    NotFoundError,
    PermissionRefusedError,
    RefusedError,
    TocsinError,
    WrongStateError,
)
from tocsin.journal.queries import list_entries
from tocsin.organisations.actors import Actor
from tocsin.organisations.services import ensure_handling
from tocsin.pipeline import run_detection
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.models import Finding, Report, WrittenName
from tocsin.reports.queries import list_reports
from tocsin.reports.services import (
    correct_report,
    decide_name,
    merge_substances,
    record_report,
    resolve_group,
    retract_report,
    split_substance,
    undo_group_resolution,
    undo_merge,
)
from tocsin.signals.models import Signal
from tocsin.substances.models import GroupMember, Substance, SubstanceClass, SubstanceName
from tocsin.substances.queries import list_identity_events, resolve_text
from tocsin.substances.services import add_name, add_substance, load_register, lock_register
from tocsin.substances.services.state import mark_register_changed

pytestmark = pytest.mark.django_db

GROUP = "fluorofentanyl-isomer-undetermined"
MEMBERS = ("ortho-fluorofentanyl", "para-fluorofentanyl")
WHY = "one reference standard shows both to be the same"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def hold(actor: Actor, text: str, reference: str, **values: object) -> Report:
    assert actor.organisation_id is not None
    evidence = EvidenceReport(
        reference=reference,
        event_type="seizure",
        event_on=values.pop("event_on", date(2026, 3, 2)),  # type: ignore[arg-type]
        country="IE",
        findings=(EvidenceFinding(substance_text=text, matrix="seized"),),
        **values,  # type: ignore[arg-type]
    )
    handling = ensure_handling(owner_id=actor.organisation_id, tlp="AMBER")
    return record_report(actor, handling, evidence)


def list_findings() -> list[tuple[str, str, str]]:
    """Reference, written text and substance of every current finding that counts, sorted."""
    findings = Finding.objects.for_writing().filter(
        report__is_current=True, report__is_retracted=False
    )
    return sorted(
        (one.report.reference, one.written_name.text, one.written_name.substance.key)
        for one in findings.select_related("report", "written_name__substance")
    )


def list_first_detections() -> dict[str, int]:
    return {
        one.substance.key: one.evidence_count
        for one in Signal.objects.for_writing().filter(kind="first-detection")
    }


def test_what_is_merged_counts_as_the_other_and_keeps_what_was_written(world: World) -> None:
    hold(world.analyst, "xylazine", "A-1")
    hold(world.partner_analyst, "xylazine", "P-1")
    hold(world.analyst, "medetomidine", "A-2")
    run_detection()
    event = merge_substances(world.analyst, "xylazine", "medetomidine", reason=WHY)
    run_detection()

    assert list_findings() == [
        ("A-1", "xylazine", "medetomidine"),
        ("A-2", "medetomidine", "medetomidine"),
        ("P-1", "xylazine", "medetomidine"),
    ]
    assert list_first_detections() == {"medetomidine": 2, "xylazine": 0}
    assert list_weekly_counts() == recount()
    assert [report.reference for report in list_reports(world.analyst, substance_key="xylazine")]
    assert {one.written_name.owner.key for one in event.consequences.all()} == {"nfp", "lab"}
    told = list_entries(action="substance.merged").get().details
    assert told == {"into": "medetomidine", "event": event.pk}
    assert list_entries(action="name.followed").count() == 2


def test_texts_of_what_was_merged_mean_the_other_also_in_new_rows(world: World) -> None:
    merge_substances(world.analyst, "xylazine", "medetomidine", reason=WHY)
    hold(world.analyst, "Xylazin", "A-1")
    hold(world.analyst, "tranq powder", "A-2")
    decide_name(world.analyst, "tranq powder", "xylazine")

    assert [substance for _reference, _text, substance in list_findings()] == ["medetomidine"] * 2


def test_a_merge_taken_back_returns_what_it_moved_and_what_came_since(world: World) -> None:
    hold(world.analyst, "xylazine", "A-1")
    hold(world.analyst, "medetomidine", "A-2")
    hold(world.analyst, "tranq powder", "A-3")
    decide_name(world.analyst, "tranq powder", "xylazine")
    before = list_findings()
    merge_substances(world.analyst, "xylazine", "medetomidine", reason=WHY)
    hold(world.analyst, "Xylazin", "A-4")
    decide_name(world.analyst, "tranq powder", "ketamine")
    event = undo_merge(world.analyst, "xylazine", reason="the standard was mislabelled")
    run_detection()

    assert list_findings() == [
        *before[:2],
        ("A-3", "tranq powder", "ketamine"),
        ("A-4", "Xylazin", "xylazine"),
    ]
    assert event.kind == "split"
    assert event.undoes is not None
    assert list_weekly_counts() == recount()
    assert list_first_detections() == {"ketamine": 1, "medetomidine": 1, "xylazine": 2}
    with pytest.raises(WrongStateError):
        undo_merge(world.analyst, "xylazine", reason="again")


def test_a_split_takes_chosen_spellings_and_those_the_register_now_reads_so(world: World) -> None:
    hold(world.analyst, "xylazine", "A-1")
    hold(world.analyst, "Rompun", "A-2")
    hold(world.analyst, "tranq powder", "A-3")
    decide_name(world.analyst, "tranq powder", "xylazine")
    add_name(world.analyst.journal_name, "xylazine", "Xylazine variant", "en")
    hold(world.analyst, "Xylazine variant", "A-4")
    add_substance(
        world.analyst.journal_name,
        name="Xylazine variant",
        substance_class="chemical",
        split_from="xylazine",
    )
    decide_name(world.analyst, "Rompun", "xylazine")
    names = SubstanceName.objects.filter(substance__key="xylazine", text="Xylazine variant")
    spelling = WrittenName.objects.get(text="tranq powder")
    split_substance(
        world.analyst,
        "xylazine",
        "xylazine-variant",
        name_ids=[name.pk for name in names],
        written_name_ids=[spelling.pk],
        reason="two things under one name",
    )

    assert list_findings()[0] == ("A-1", "xylazine", "xylazine")
    assert list_findings()[2:] == [
        ("A-3", "tranq powder", "xylazine-variant"),
        ("A-4", "Xylazine variant", "xylazine-variant"),
    ]


def test_only_an_analyst_of_who_runs_the_node_changes_what_everybody_reads(world: World) -> None:
    name = SubstanceName.objects.filter(substance__key="xylazine").first()
    assert name is not None
    for actor in (world.reporter, world.releaser, world.partner_analyst):
        with pytest.raises(PermissionRefusedError):
            merge_substances(actor, "xylazine", "medetomidine", reason=WHY)
        with pytest.raises(PermissionRefusedError):
            undo_merge(actor, "xylazine", reason=WHY)
        with pytest.raises(PermissionRefusedError):
            split_substance(actor, "xylazine", "medetomidine", name_ids=[name.pk], reason=WHY)
    assert not Substance.including_merged.exclude(merged_into=None).exists()


def test_a_split_takes_no_spelling_that_the_person_cannot_see(world: World) -> None:
    hold(world.partner_analyst, "secret thing", "P-1")
    decide_name(world.partner_analyst, "secret thing", "xylazine")
    hidden = WrittenName.objects.get(text="secret thing")
    with pytest.raises(NotFoundError):
        split_substance(
            world.analyst,
            "xylazine",
            "medetomidine",
            written_name_ids=[hidden.pk],
            reason=WHY,
        )
    with pytest.raises(RefusedError):
        split_substance(world.analyst, "xylazine", "medetomidine", reason=WHY)


def test_a_group_is_resolved_in_chosen_reports_only(world: World) -> None:
    first = hold(world.analyst, "fluorofentanyl", "A-1")
    hold(world.analyst, "fluorofentanyl", "A-2")
    run_detection()
    event = resolve_group(
        world.analyst, GROUP, MEMBERS[0], report_ids=[first.pk], reason="NMR of the ring"
    )
    run_detection()

    assert list_findings() == [
        ("A-1", "fluorofentanyl", MEMBERS[0]),
        ("A-2", "fluorofentanyl", GROUP),
    ]
    assert list_first_detections() == {GROUP: 1, MEMBERS[0]: 1}
    assert list_weekly_counts() == recount()
    current = Report.objects.for_writing().get(is_current=True, reference="A-1")
    assert (current.version, current.predecessor_id, current.reason) == (
        2,
        first.pk,
        "NMR of the ring",
    )
    [consequence] = event.consequences.all()
    assert consequence.report == current
    assert list_entries(action="report.resolved").get().record_id == str(current.pk)


def test_the_same_row_again_is_a_duplicate_and_undoes_no_resolution(
    world: World, tmp_path: Path
) -> None:
    rows = [Row("A-1", "fluorofentanyl")]
    send(world, tmp_path / "a.csv", rows)
    [held] = list_reports(world.analyst)
    resolve_group(world.analyst, GROUP, MEMBERS[0], report_ids=[held.pk], reason="NMR")
    again = send(world, tmp_path / "b.csv", rows)

    assert (again.accepted, again.duplicates) == (0, 1)
    assert list_findings() == [("A-1", "fluorofentanyl", MEMBERS[0])]


def test_what_the_sender_corrects_wins_and_says_so(world: World, tmp_path: Path) -> None:
    send(world, tmp_path / "a.csv", [Row("A-1", "fluorofentanyl")])
    [held] = list_reports(world.analyst)
    event = resolve_group(world.analyst, GROUP, MEMBERS[0], report_ids=[held.pk], reason="NMR")
    corrected = send(world, tmp_path / "b.csv", [Row("A-1", "fluorofentanyl", area="Galway")])
    run_detection()

    assert corrected.accepted == 1
    assert list_findings() == [("A-1", "fluorofentanyl", GROUP)]
    [current] = list_reports(world.analyst)
    assert "no longer holds" in current.reason
    entry = list_entries(action="report.corrected").get()
    assert entry.details["readings_set_aside"] == [event.pk]
    assert list_weekly_counts() == recount()
    undo_group_resolution(world.analyst, event.pk, reason="it was the other ring")
    assert list_findings() == [("A-1", "fluorofentanyl", GROUP)]


def test_a_resolution_is_taken_back_where_it_still_holds(world: World) -> None:
    reports = [hold(world.analyst, "fluorofentanyl", f"A-{number}") for number in (1, 2, 3)]
    event = resolve_group(
        world.analyst, GROUP, MEMBERS[0], report_ids=[one.pk for one in reports], reason="NMR"
    )
    second = Report.objects.for_writing().get(is_current=True, reference="A-2")
    retract_report(world.analyst, second.pk, version=2, reason="no such event")
    undone = undo_group_resolution(world.analyst, event.pk, reason="it was another sample")

    assert list_findings() == [("A-1", "fluorofentanyl", GROUP), ("A-3", "fluorofentanyl", GROUP)]
    assert undone.undoes == event
    for number in (event.pk, undone.pk):
        with pytest.raises(WrongStateError):
            undo_group_resolution(world.analyst, number, reason="again")


def test_a_spelling_can_be_resolved_in_two_ways_in_two_reports(world: World) -> None:
    reports = [hold(world.analyst, "fluorofentanyl", f"A-{number}") for number in (1, 2)]
    for report, member in zip(reports, MEMBERS, strict=True):
        resolve_group(world.analyst, GROUP, member, report_ids=[report.pk], reason="NMR")
    decide_name(world.analyst, "fluorofentanyl", "fentanyl")
    hold(world.analyst, "fluorofentanyl", "A-3")

    assert [substance for _reference, _text, substance in list_findings()] == [
        *MEMBERS,
        "fentanyl",
    ]


def test_everybody_resolves_their_own_reports_only_and_nobody_else_hears_of_it(
    world: World,
) -> None:
    own = hold(world.analyst, "fluorofentanyl", "A-1")
    theirs = hold(world.partner_analyst, "fluorofentanyl", "P-1")
    for actor, report in ((world.partner_analyst, own), (world.analyst, theirs)):
        with pytest.raises(NotFoundError):
            resolve_group(actor, GROUP, MEMBERS[0], report_ids=[report.pk], reason="NMR")
    with pytest.raises(PermissionRefusedError):
        resolve_group(world.releaser, GROUP, MEMBERS[0], report_ids=[own.pk], reason="NMR")
    event = resolve_group(
        world.partner_analyst, GROUP, MEMBERS[0], report_ids=[theirs.pk], reason="secret NMR"
    )
    group = Substance.objects.get(key=GROUP)

    assert list(list_identity_events(world.partner_analyst, group)) == [event]
    assert list(list_identity_events(world.analyst, group)) == []
    with pytest.raises(NotFoundError):
        undo_group_resolution(world.analyst, event.pk, reason="not mine")


@pytest.mark.parametrize(
    ("group", "member", "report", "error"),
    [
        pytest.param("xylazine", MEMBERS[0], "A-1", RefusedError, id="no group"),
        pytest.param(GROUP, "xylazine", "A-1", RefusedError, id="no member, another formula"),
        pytest.param(GROUP, GROUP, "A-1", RefusedError, id="itself"),
        pytest.param(GROUP, MEMBERS[0], "A-2", NotFoundError, id="no finding of the group"),
        pytest.param(GROUP, MEMBERS[0], "", RefusedError, id="no report"),
        pytest.param(GROUP, "nothing-such", "A-1", NotFoundError, id="no such substance"),
    ],
)
def test_what_cannot_be_resolved_is_refused_whole(
    world: World, group: str, member: str, report: str, error: type[Exception]
) -> None:
    held = {
        "A-1": hold(world.analyst, "fluorofentanyl", "A-1").pk,
        "A-2": hold(world.analyst, "xylazine", "A-2").pk,
    }
    before = list_findings()
    ids = [held[report]] if report else []
    with pytest.raises(error), transaction.atomic():
        resolve_group(world.analyst, group, member, report_ids=ids, reason="NMR")
    assert list_findings() == before
    assert Report.objects.for_writing().count() == 2


def test_the_reason_is_asked_for(world: World) -> None:
    held = hold(world.analyst, "fluorofentanyl", "A-1")
    with pytest.raises(RefusedError):
        resolve_group(world.analyst, GROUP, MEMBERS[0], report_ids=[held.pk], reason=" ")
    with pytest.raises(RefusedError):
        merge_substances(world.analyst, "xylazine", "medetomidine", reason="")


def test_a_person_who_corrects_a_resolved_report_hears_that_the_text_counts_again(
    world: World,
) -> None:
    held = hold(world.analyst, "fluorofentanyl", "A-1")
    resolve_group(world.analyst, GROUP, MEMBERS[0], report_ids=[held.pk], reason="NMR")
    evidence = EvidenceReport(
        reference="A-1",
        event_type="seizure",
        event_on=date(2026, 3, 3),
        country="IE",
        findings=(EvidenceFinding(substance_text="fluorofentanyl", matrix="seized"),),
    )
    corrected = correct_report(world.analyst, held.pk, evidence, version=2, reason="other day")
    assert corrected.reason.startswith("other day The sender corrected")


def test_consequences_are_final(world: World) -> None:
    hold(world.analyst, "xylazine", "A-1")
    event = merge_substances(world.analyst, "xylazine", "medetomidine", reason=WHY)
    assert event.effects.exists()
    for statement in (
        "UPDATE reports_identityconsequence SET report_id = NULL",
        "DELETE FROM reports_identityconsequence",
        "UPDATE substances_identityeffect SET text = ''",
        "DELETE FROM substances_identityeffect",
        "UPDATE substances_identityevent SET reason = ''",
        "DELETE FROM substances_identityevent",
    ):
        require_refused(statement)


def require_refused(statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match=r"final|immutable"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_loading_of_the_register_leaves_identities_as_decided(world: World) -> None:
    hold(world.analyst, "xylazine", "A-1")
    merge_substances(world.analyst, "xylazine", "medetomidine", reason=WHY)
    loaded = load_register(world.analyst.journal_name)

    assert not loaded.has_changes
    assert list_findings() == [("A-1", "xylazine", "medetomidine")]
    found = resolve_text("xylazine").substance
    assert found is not None and found.key == "medetomidine"


LETTERS = ("alpha", "beta", "gamma", "delta")


@pytest.fixture
def four_substances(db: None) -> list[str]:
    """A register of four substances with two names each; changes are rolled back."""
    lock_register()
    for model in (GroupMember, SubstanceName, Substance, SubstanceClass):
        model.objects.all().delete()
    kept = SubstanceClass.objects.create(key="things", name="Things")
    for letter in LETTERS:
        substance = Substance.objects.create(
            key=f"{letter}-thing", name=f"{letter} thing", substance_class=kept
        )
        for word in ("powder", "crystal"):
            text = f"{letter} {word}"
            SubstanceName.objects.create(
                substance=substance, text=text, normalised=text, kind="common"
            )
    mark_register_changed()
    return [f"{letter}-thing" for letter in LETTERS]


def take_step(world: World, keys: list[str], step: tuple[str, int, int]) -> None:
    """Do one thing to two of the substances; what the house refuses changes nothing."""
    what, first, second = step
    subject, into = keys[first], keys[second]
    with contextlib.suppress(TocsinError), transaction.atomic():
        if what == "merge":
            merge_substances(world.analyst, subject, into, reason=WHY)
        elif what == "undo":
            undo_merge(world.analyst, subject, reason=WHY)
        elif what == "split":
            names = SubstanceName.objects.filter(substance__key=subject).order_by("text")
            ids = list(names.values_list("pk", flat=True)[:1])
            split_substance(world.analyst, subject, into, name_ids=ids, reason=WHY)
        else:
            decide_name(world.analyst, f"{LETTERS[first]} powder", into)


def list_homes() -> set[tuple[int, str, str]]:
    return {(one.home_id, one.text, one.language) for one in SubstanceName.objects.all()}


def require_consistent(written: list[tuple[str, str]]) -> None:
    """Texts as written, one plain reading each, and nothing under what stands for another."""
    found = list_findings()
    assert [(reference, text) for reference, text, _key in found] == written
    merged = Substance.including_merged.exclude(merged_into=None)
    ends = Substance.objects.filter(pk__in=merged.values("merged_into"))
    assert ends.count() == len(set(merged.values_list("merged_into", flat=True)))
    assert not WrittenName.objects.filter(substance__in=merged).exists()
    assert not SubstanceName.objects.filter(substance__in=merged).exists()
    assert WrittenName.objects.count() == len(written)


def test_any_sequence_of_merges_and_splits_keeps_every_text_and_one_reading_of_it(
    world: World, four_substances: list[str]
) -> None:
    for number, text in enumerate(
        f"{letter} {word}" for letter in LETTERS for word in ("powder", "crystal")
    ):
        hold(world.analyst, text, f"A-{number}")
    written = [(reference, text) for reference, text, _key in list_findings()]
    homes = list_homes()
    steps = st.tuples(
        st.sampled_from(["merge", "merge", "undo", "split", "decide"]),
        st.integers(0, 3),
        st.integers(0, 3),
    )

    @settings(max_examples=25)
    @given(st.lists(steps, min_size=1, max_size=8))
    def check(sequence: list[tuple[str, int, int]]) -> None:
        with transaction.atomic():
            for step in sequence:
                take_step(world, four_substances, step)
                require_consistent(written)
                assert homes <= list_homes()
            for key in four_substances:
                take_step(world, four_substances, ("undo", four_substances.index(key), 0))
            require_consistent(written)
            assert not Substance.including_merged.exclude(merged_into=None).exists()
            transaction.set_rollback(True)

    check()


def test_merges_in_a_row_are_taken_back_in_any_order(
    world: World, four_substances: list[str]
) -> None:
    alpha, beta, gamma, _delta = four_substances
    for number, letter in enumerate(LETTERS[:3]):
        hold(world.analyst, f"{letter} powder", f"A-{number}")
    merge_substances(world.analyst, alpha, beta, reason=WHY)
    merge_substances(world.analyst, beta, gamma, reason=WHY)
    assert {key for _reference, _text, key in list_findings()} == {gamma}
    assert resolve_text("alpha thing").substance is not None
    undo_merge(world.analyst, beta, reason="beta is another after all")
    assert [key for _reference, _text, key in list_findings()] == [beta, beta, gamma]
    merge_substances(world.analyst, beta, gamma, reason=WHY)
    undo_merge(world.analyst, alpha, reason="alpha is another after all")
    assert [key for _reference, _text, key in list_findings()] == [alpha, gamma, gamma]
    found = resolve_text("alpha crystal").substance
    assert found is not None and found.key == alpha
