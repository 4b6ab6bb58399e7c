from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tests.reports.world import Row, World, list_weekly_counts, make_world, send
from tocsin.errors import (
    ErasedError,
    NotFoundError,
    PermissionRefusedError,
    RefusedError,
    WrongStateError,
)
from tocsin.journal.queries import list_entries
from tocsin.organisations.actors import Actor
from tocsin.organisations.queries import derive_actor, get_node_actor
from tocsin.organisations.services import SETUP, ensure_handling, record_person
from tocsin.pipeline import run_detection
from tocsin.quality.queries import list_quality
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.models import (
    EvidenceChange,
    EvidenceImport,
    Finding,
    ImportProblem,
    Report,
    WrittenName,
)
from tocsin.reports.queries import get_profile, get_report, list_reports, list_versions
from tocsin.reports.services import (
    check_file,
    correct_report,
    record_report,
    write_marked_import,
)
from tocsin.retention.models import ErasedReport, Erasure, RetentionPeriod
from tocsin.retention.queries import Going, list_erased, list_going, list_holds
from tocsin.retention.services import erase_expired, lift_hold, place_hold, set_period
from tocsin.retention.services.holds import HeldEvents

TODAY = timezone.localdate() + timedelta(days=1)
"""The night after the periods are set."""

OLD, YOUNG = TODAY - timedelta(days=1_000), TODAY - timedelta(days=300)
FOUND_IN_SEIZURE = (EvidenceFinding(substance_text="xylazine", matrix="seized"),)
WORDS = ("secret town", "L-OLD", "carfentanil trace", "customs programme", "a telling reason")


def make_report(reference: str = "L-OLD", **values: Any) -> EvidenceReport:
    event = EvidenceReport(
        event_type="serious-adverse-event",
        event_on=OLD,
        country="IE",
        findings=(
            EvidenceFinding(substance_text="carfentanil trace", matrix="biological"),
            EvidenceFinding(substance_text="xylazine", matrix="biological"),
        ),
        reference=reference,
        local_area="secret town",
        source="customs programme",
        details=(("age_band", "25-34"),),
    )
    return replace(event, **values)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def keeper(world: World) -> Actor:
    return derive_actor(
        record_person(
            SETUP, username="ada", organisation=world.own, roles=["administrator"], password=None
        )
    )


@pytest.fixture
def erase(keeper: Actor) -> Callable[[], int]:
    """Poisonings are kept for a year; the function erases and says how many reports went."""
    set_period(keeper, "serious-adverse-event", days=365, reason="As our act says.")

    def erase() -> int:
        run_detection()
        return erase_expired(get_node_actor(), today=TODAY)

    return erase


def list_everything_held() -> str:
    """All texts of all tables but the register's and the journal's digests, as one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
            "AND tablename NOT LIKE 'substances%' AND tablename NOT LIKE 'django%'"
        )
        tables = [row[0] for row in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f'SELECT to_jsonb(held)::text FROM "{table}" held')  # noqa: S608
            rows += [row[0] for row in cursor.fetchall()]
    return "\n".join(rows)


def test_what_is_over_its_time_goes_with_all_its_versions(
    world: World, erase: Callable[[], int]
) -> None:
    first = record_report(world.analyst, world.handling, make_report())
    correct_report(
        world.analyst,
        first.pk,
        make_report(details=(("age_band", "35-44"),)),
        version=1,
        reason="a telling reason",
    )
    young = record_report(world.analyst, world.handling, make_report("L-2", event_on=YOUNG))
    seizure = make_report("L-3", event_type="seizure", details=(), findings=FOUND_IN_SEIZURE)
    other = record_report(world.analyst, world.handling, seizure)
    run_detection()
    counts = list_weekly_counts()

    assert erase() == 1

    assert [one.pk for one in list_reports(world.analyst)] == [young.pk, other.pk]
    with pytest.raises(ErasedError, match=f"was erased on {TODAY}"):
        get_report(world.analyst, first.pk)
    with pytest.raises(ErasedError):
        correct_report(world.analyst, first.pk, make_report(), version=2, reason="Again.")
    gone = Report.objects.for_writing().filter(key__startswith="erased:").order_by("version")
    assert [(one.version, one.event_type, one.erased_on) for one in gone] == [
        (1, "serious-adverse-event", TODAY),
        (2, "serious-adverse-event", TODAY),
    ]
    assert {one.event_on for one in gone} == {OLD.replace(day=1)}
    assert Finding.objects.for_writing().filter(report__in=gone).count() == 0
    # Sums stay sums; and nothing is counted away from them by later changes.
    assert list_weekly_counts() == counts
    run_detection()
    assert list_weekly_counts() == counts
    rows = list_quality(world.analyst, since=OLD, until=OLD)
    assert [(row.event_type, row.reports) for row in rows] == [("seizure", 1)]


def test_no_table_holds_the_content_of_what_was_erased(
    world: World, erase: Callable[[], int]
) -> None:
    first = record_report(world.analyst, world.handling, make_report())
    correct_report(
        world.analyst,
        first.pk,
        make_report(source=""),
        version=1,
        reason="a telling reason",
    )
    digest = bytes(Report.objects.for_writing().get(pk=first.pk).content_digest)
    run_detection()
    before = list_everything_held()
    assert [word for word in WORDS if word not in before] == []

    erase()
    run_detection()

    after = list_everything_held()
    # Spellings and areas are what the counts by week are of; see the decision record.
    assert [word for word in WORDS if word in after] == ["secret town", "carfentanil trace"]
    assert "age_band" not in after
    assert digest.hex() in str([one.details for one in list_entries(action="report.accepted")])
    entry = list_entries(action="retention.erased").get()
    assert (entry.details["owner"], entry.details["reports"], entry.details["findings"]) == (
        "nfp",
        1,
        4,
    )
    assert len(entry.details["versions"]) == 2


@pytest.mark.parametrize(
    ("precision", "days_ago", "goes"),
    [
        pytest.param("day", 366, True, id="the day after its time"),
        pytest.param("day", 365, False, id="the last day of its time"),
        pytest.param("week", 366, False, id="its week may not be over yet"),
        pytest.param("month", 372, False, id="its month may not be over yet"),
        pytest.param("month", 400, True, id="its month is over as well"),
    ],
)
def test_time_is_counted_from_the_last_day_of_the_event(
    world: World, erase: Callable[[], int], precision: str, days_ago: int, goes: bool
) -> None:
    on = TODAY - timedelta(days=days_ago)
    if precision == "month" and not goes:
        on = (TODAY - timedelta(days=365)).replace(day=1)
    if precision == "week" and not goes:
        on = TODAY - timedelta(days=365)
        on -= timedelta(days=on.weekday())
    report = make_report(event_on=on, event_precision=precision)
    record_report(world.analyst, world.handling, report)

    assert erase() == int(goes)


def test_what_was_erased_does_not_come_back(
    world: World, erase: Callable[[], int], tmp_path: Path
) -> None:
    rows = [
        Row("P-1", on=OLD.isoformat(), event_type="serious-adverse-event"),
        Row("", on=OLD.isoformat(), event_type="serious-adverse-event"),
        Row("P-2", on=YOUNG.isoformat()),
    ]
    send(world, tmp_path / "a.csv", rows)
    assert erase() == 2

    profile = get_profile(world.analyst, "generic")
    checked = check_file(world.analyst, tmp_path / "a.csv", profile, world.handling)
    sent = send(world, tmp_path / "a.csv", rows)

    assert [(one.accepted, one.duplicates, one.refused) for one in (checked, sent)] == [
        (0, 1, 2),
        (0, 1, 2),
    ]
    assert {(one.row, one.code, one.found) for one in sent.errors} == {
        (2, "erased", ""),
        (3, "erased", ""),
    }
    assert f"erased on {TODAY}" in sent.errors[0].expected
    again = make_report("P-1")
    with pytest.raises(RefusedError, match=f"erased on {TODAY}"):
        record_report(world.analyst, world.handling, again)


def test_files_go_thirty_days_after_their_import(
    world: World, erase: Callable[[], int], tmp_path: Path
) -> None:
    rows = [Row("P-1", on=OLD.isoformat(), event_type="serious-adverse-event"), Row("P-2", on="x")]
    send(world, tmp_path / "old.csv", rows)
    send(world, tmp_path / "new.csv", [Row("P-3")])
    old, new = EvidenceImport.objects.for_writing().order_by("pk")
    EvidenceImport.objects.for_writing().filter(pk=old.pk).update(
        finished_at=timezone.now() - timedelta(days=31)
    )
    kept = Path(settings.HOME) / "files"
    [of_old] = kept.glob(f"*/{old.file_digest}.csv")
    [of_new] = kept.glob(f"*/{new.file_digest}.csv")

    erase()

    assert (of_old.exists(), of_new.exists()) == (False, True)
    old.refresh_from_db(from_queryset=EvidenceImport.objects.for_writing())
    assert (old.file_name, old.accepted, old.refused) == ("erased.csv", 1, 1)
    assert ImportProblem.objects.for_writing().count() == 0
    with pytest.raises(ErasedError):
        write_marked_import(world.analyst, old.pk, tmp_path / "marked.csv")
    assert [
        (one.event_type, one.month_on, one.reports, one.versions, one.findings, one.files)
        for one in list_erased(world.analyst, order="month_on")
    ] == [
        ("serious-adverse-event", OLD.replace(day=1), 1, 1, 1, 0),
        ("", None, 0, 0, 0, 1),
    ]


def test_a_hold_keeps_a_report_until_it_is_lifted(
    world: World, keeper: Actor, erase: Callable[[], int]
) -> None:
    first = record_report(world.analyst, world.handling, make_report())
    correct_report(world.analyst, first.pk, make_report(source=""), version=1, reason="Mended.")
    record_report(world.analyst, world.handling, make_report("L-2"))
    hold = place_hold(keeper, first.pk, reason="A court asked for it.")
    run_detection()

    def tell_going() -> list[tuple[bool, int, int, int]]:
        going = list_going(keeper, today=TODAY)
        return [(one.is_on_hold, one.reports, one.versions, one.findings) for one in going]

    assert tell_going() == [(False, 1, 1, 2), (True, 1, 2, 4)]
    assert erase() == 1
    assert tell_going() == [(True, 1, 2, 4)]
    lift_hold(keeper, hold.pk, reason="The case is closed.")
    with pytest.raises(WrongStateError):
        lift_hold(keeper, hold.pk, reason="Again.")
    assert erase_expired(get_node_actor(), today=TODAY) == 0
    assert erase_expired(get_node_actor(), today=TODAY + timedelta(days=1)) == 1
    assert tell_going() == []
    actions = [one.action for one in list_entries(action="retention.")]
    assert sorted(actions) == [
        "retention.erased",
        "retention.erased",
        "retention.hold-lifted",
        "retention.hold-placed",
        "retention.period-set",
    ]


@pytest.mark.parametrize(
    ("held", "went"),
    [
        pytest.param(HeldEvents("nfp"), 0, id="everything of it"),
        pytest.param(HeldEvents("lab"), 1, id="another's"),
        pytest.param(HeldEvents("nfp", event_type="seizure"), 1, id="another type"),
        pytest.param(HeldEvents("nfp", since=OLD, until=OLD), 0, id="its day"),
        pytest.param(HeldEvents("nfp", until=OLD - timedelta(days=1)), 1, id="before it"),
    ],
)
def test_a_hold_keeps_an_organisations_events_of_a_time(
    world: World, keeper: Actor, erase: Callable[[], int], held: HeldEvents, went: int
) -> None:
    record_report(world.analyst, world.handling, make_report())
    place_hold(keeper, held, reason="A court asked for it.")

    assert erase() == went


def test_a_hold_ends_by_itself_after_its_last_day(
    world: World, keeper: Actor, erase: Callable[[], int]
) -> None:
    report = record_report(world.analyst, world.handling, make_report())
    place_hold(keeper, report.pk, reason="Asked.", ends_on=timezone.localdate() + timedelta(days=2))

    assert erase() == 0
    assert list_holds(today=TODAY + timedelta(days=1), with_ended=False).count() == 1
    later = TODAY + timedelta(days=2)
    assert list_holds(today=later, with_ended=False).count() == 0
    with pytest.raises(RefusedError, match="expected today or a later day"):
        place_hold(keeper, report.pk, reason="Asked.", ends_on=date(2026, 1, 1))


def test_a_period_holds_from_the_next_night_and_is_previewed(world: World, keeper: Actor) -> None:
    record_report(world.analyst, world.handling, make_report())
    run_detection()
    types = {"serious-adverse-event": 365}
    assert list_going(keeper, today=TODAY) == []
    assert list_going(keeper, today=TODAY, instead=types) == [
        Going(world.own, "serious-adverse-event", False, 1, 1, 2)
    ]
    set_period(keeper, "serious-adverse-event", days=365, reason="As our act says.")

    assert erase_expired(get_node_actor(), today=timezone.localdate()) == 0
    assert Erasure.objects.count() == 0
    set_period(keeper, "serious-adverse-event", days=None, reason="The act changed.")
    assert erase_expired(get_node_actor(), today=TODAY) == 0
    with pytest.raises(RefusedError, match="changes nothing"):
        set_period(keeper, "serious-adverse-event", days=None, reason="Again.")
    with pytest.raises(RefusedError, match="found 0 days"):
        set_period(keeper, "serious-adverse-event", days=0, reason="Now.")
    with pytest.raises(NotFoundError):
        set_period(keeper, "nothing", days=3, reason="Now.")


def test_only_administrators_of_the_node_keep_and_let_go(world: World) -> None:
    partner = replace(world.partner_analyst, roles=frozenset({"administrator"}))
    for actor in (world.analyst, partner):
        with pytest.raises(PermissionRefusedError):
            set_period(actor, "seizure", days=1, reason="Now.")
        with pytest.raises(PermissionRefusedError):
            place_hold(actor, HeldEvents("nfp"), reason="Now.")
        with pytest.raises(PermissionRefusedError):
            list_going(actor, today=TODAY)


def test_a_sender_reads_what_of_its_own_was_erased_and_the_keeper_all(
    world: World, keeper: Actor, erase: Callable[[], int]
) -> None:
    hidden = ensure_handling(owner_id=world.partner.pk, tlp="RED")
    record_report(world.partner_analyst, hidden, make_report())
    record_report(world.analyst, world.handling, make_report())
    erase()

    def owners(actor: Actor) -> list[str]:
        return [one.owner.key for one in list_erased(actor)]

    assert owners(world.partner_analyst) == ["lab"]
    assert owners(world.analyst) == ["nfp"]
    assert sorted(owners(keeper)) == ["lab", "nfp"]


def test_reports_whose_counts_are_not_up_to_date_wait(
    world: World, erase: Callable[[], int]
) -> None:
    record_report(world.analyst, world.handling, make_report())

    assert EvidenceChange.objects.filter(done_at=None).exists()
    assert erase_expired(get_node_actor(), today=TODAY) == 0
    assert WrittenName.objects.exists()


STATEMENTS = {
    "a report is emptied": "UPDATE reports_report SET local_area = '' WHERE id = {report}",
    "a report is removed": "DELETE FROM reports_report WHERE id = {report}",
    "a finding is removed": "DELETE FROM reports_finding WHERE report_id = {report}",
    "a finding is changed": "UPDATE reports_finding SET specimen = 'x' WHERE report_id = {report}",
    "a report is changed while erased": (
        "UPDATE reports_report SET local_area = 'elsewhere' WHERE id = {report}"
    ),
    "another erasure": "UPDATE retention_erasure SET finished_at = NULL WHERE id = {erasure}",
    "an erasure is removed": "DELETE FROM retention_erasure WHERE id = {erasure}",
    "what went is removed": "DELETE FROM retention_erasedreport",
    "a count is changed": "UPDATE retention_erasedcount SET reports = 0",
    "a period is changed": "UPDATE retention_retentionperiod SET days = 1",
    "a hold is moved": "UPDATE retention_legalhold SET ends_on = '2026-01-01'",
    "a hold is removed": "DELETE FROM retention_legalhold",
}


def test_the_database_lets_nothing_go_that_no_open_erasure_names(
    world: World, keeper: Actor, erase: Callable[[], int]
) -> None:
    record_report(world.analyst, world.handling, make_report())
    erase()
    young = record_report(world.analyst, world.handling, make_report("L-2", event_on=YOUNG))
    place_hold(keeper, young.pk, reason="A court asked for it.")
    erasure = Erasure.objects.get()

    let_through = []
    for what, statement in STATEMENTS.items():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('tocsin.erasing', %s, true)", [str(erasure.pk)])
                cursor.execute(statement.format(report=young.pk, erasure=erasure.pk))
                let_through.append(what)
        except DatabaseError:
            continue
    assert let_through == []
    with pytest.raises(DatabaseError, match="expected an open one"), transaction.atomic():
        ErasedReport.objects.create(report=young, erasure=erasure)
    tonight = Erasure.objects.create(on=TODAY + timedelta(days=9))
    with pytest.raises(DatabaseError, match="a legal hold stands on it"), transaction.atomic():
        ErasedReport.objects.create(report=young, erasure=tonight)
    assert list_versions(world.analyst, young).count() == 1
    assert RetentionPeriod.objects.count() == 1
