"""Importing a file: every row accounted for, none lost, none doubled."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.reports.world import Row, World, list_current, make_world, receive, send, write_file
from tocsin.errors import (
    BadHeadingError,
    NotFoundError,
    PermissionRefusedError,
    PersonalDataError,
    RefusedError,
    WrongStateError,
)
from tocsin.journal.queries import list_entries, verify_journal
from tocsin.reports.files import derive_kept_path
from tocsin.reports.models import EvidenceImport, Finding, ImportProblem, Report
from tocsin.reports.queries import get_profile, list_unresolved_names
from tocsin.reports.services import (
    check_file,
    lease_next_import,
    opening,
    receive_file,
    request_stop,
    retract_report,
    run_import,
)
from tocsin.reports.services.outcomes import ReportProgress

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lab.csv"


ROWS = [
    Row("A-1", "xylazine"),
    Row("A-2", "xylazine;fentanyl"),
    Row("", "cocaine"),
    Row("A-3", "heroin", on="31.02.2026"),
    Row("A-4", "heroin", country="Ireland"),
]


def test_every_row_is_accepted_held_already_or_refused(world: World, path: Path) -> None:
    outcome = send(world, path, ROWS).as_json()
    assert outcome == {
        "rows": 5,
        "accepted": 3,
        "duplicates": 0,
        "earlier_versions": 0,
        "refused": 2,
        "unresolved": 0,
        "unknown_names": [],
        "errors": [
            {
                "row": 5,
                "column": "date",
                "code": "bad-date",
                "found": "31.02.2026",
                "expected": outcome["errors"][0]["expected"],
            },
            {
                "row": 6,
                "column": "country",
                "code": "bad-country",
                "found": "Ireland",
                "expected": "two letters of ISO 3166-1, such as DE",
            },
        ],
    }
    assert list_current() == [
        ("", 1, "Cork", "cocaine"),
        ("A-1", 1, "Cork", "xylazine"),
        ("A-2", 1, "Cork", "xylazine;fentanyl"),
    ]


def test_a_second_run_accepts_none(world: World, path: Path) -> None:
    send(world, path, ROWS)
    before = Report.objects.for_writing().count()
    outcome = send(world, path, ROWS)
    assert (outcome.rows, outcome.accepted, outcome.duplicates, outcome.refused) == (5, 0, 3, 2)
    assert Report.objects.for_writing().count() == before


def test_a_dry_run_says_what_the_import_then_does_and_stores_nothing(
    world: World, path: Path
) -> None:
    rows = [*ROWS, Row("A-1", "xylazine"), Row("B-1", "unheard-of powder")]
    receive(world, path, rows)
    profile = get_profile(world.analyst, "generic")
    foretold = check_file(world.analyst, path, profile, world.handling)
    assert Report.objects.for_writing().count() == 0
    assert send(world, path, rows).as_json() == foretold.as_json()
    assert (foretold.accepted, foretold.duplicates, foretold.unresolved) == (4, 1, 1)


def test_equal_rows_without_reference_are_kept_apart_and_not_doubled_by_a_grown_file(
    world: World, path: Path
) -> None:
    twin = Row(substance="cocaine")
    assert send(world, path, [twin, twin]).accepted == 2
    assert send(world, path, [twin, twin]).accepted == 0
    grown = send(world, path, [Row(substance="heroin"), twin, twin, twin])
    assert (grown.accepted, grown.duplicates) == (2, 2)
    assert [names for *_rest, names in list_current()] == ["cocaine"] * 3 + ["heroin"]


def test_an_amount_written_otherwise_is_the_same_row(world: World, path: Path) -> None:
    heading = "event_type,date,country,substance,amount,unit\n"
    profile = get_profile(world.analyst, "generic")
    counts = []
    for amount in ("5", "5.0", "5.00"):
        path.write_text(f"{heading}seizure,2026-03-02,IE,cocaine,{amount},g\n")
        held = receive_file(
            world.analyst, path, file_name="a.csv", profile=profile, handling=world.handling
        )
        counts.append(run_import(world.analyst, held.pk).accepted)
    assert counts == [1, 0, 0]


def test_a_reference_with_other_content_is_a_new_version_that_names_its_predecessor(
    world: World, path: Path
) -> None:
    send(world, path, [Row("A-1", area="Cork"), Row("A-2")])
    outcome = send(world, path, [Row("A-1", area="Galway"), Row("A-2")])
    assert (outcome.accepted, outcome.duplicates) == (1, 1)
    old, new = Report.objects.for_writing().filter(reference="A-1").order_by("version")
    assert (old.is_current, new.is_current) == (False, True)
    assert (new.version, new.predecessor_id, new.local_area) == (2, old.pk, "Galway")
    assert EvidenceImport.objects.for_writing().get(pk=new.evidence_import_id).corrected == 1
    entry = list_entries(action="report.corrected").get()
    assert entry.record_id == str(new.pk)


def test_an_older_file_sent_again_never_undoes_a_correction(world: World, path: Path) -> None:
    send(world, path, [Row("A-1", area="Cork")])
    send(world, path, [Row("A-1", area="Galway")])
    assert send(world, path, [Row("A-1", area="Cork")]).duplicates == 1
    assert list_current() == [("A-1", 2, "Galway", "xylazine")]


def test_a_row_held_as_an_earlier_version_only_is_named_and_not_refused(
    world: World, path: Path
) -> None:
    send(world, path, [Row("A-1", area="Cork"), Row("A-2"), Row("A-3", area="Cork")])
    send(world, path, [Row("A-1", area="Galway"), Row("A-3", area="Galway")])
    gone = Report.objects.for_writing().get(reference="A-3", is_current=True)
    retract_report(world.analyst, gone.pk, version=2, reason="typed twice")
    rows = [
        *(Row("A-3", area="Galway"), Row("A-3", area="Galway"), Row("A-1", area="Cork")),
        *(Row("A-2"), Row("A-4", on="31.02.2026"), Row("A-1", area="Cork")),
    ]
    foretold = check_file(
        world.analyst,
        write_file(path, rows),
        get_profile(world.analyst, "generic"),
        world.handling,
    )
    outcome = send(world, path, rows)
    assert outcome.as_json() == foretold.as_json()
    counts = (outcome.rows, outcome.accepted, outcome.duplicates, outcome.refused)
    assert (counts, outcome.earlier_versions) == ((6, 0, 5, 1), 1)
    told = [(one.row, one.column, one.code, one.found, one.expected) for one in outcome.errors]
    put_back = "to put it back, correct the report on its page"
    assert told[0] == (4, "", "earlier-version", "held as version 1, corrected since", put_back)
    assert [one[:3] for one in told[1:]] == [(6, "date", "bad-date")]
    [of_retracted] = send(world, path, [Row("A-3", area="Cork")]).errors
    assert of_retracted.expected == "nothing more: the report was retracted"
    send(world, path, [Row("A-1", area="Cork", substance="heroin")])
    assert [one.found for one in send(world, path, [Row("A-1", area="Galway")]).errors] == [
        "held as version 2, corrected since"
    ]


def test_an_import_that_goes_on_never_names_its_own_rows_as_earlier_versions(
    world: World, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BATCH_ROWS", 1)
    held = receive(world, path, [Row("A-1"), Row("B-1"), Row("A-1")])
    with pytest.raises(InterruptedError):
        run_import(world.analyst, held.pk, report_progress=stop_after(1))
    # Corrected while the import stands still.
    assert send(world, path, [Row("A-1", area="Galway")]).accepted == 1
    outcome = run_import(world.analyst, held.pk)
    assert (outcome.accepted, outcome.duplicates, outcome.earlier_versions) == (2, 1, 0)
    assert outcome.errors == []


def test_a_cell_that_names_somebody_refuses_the_file_and_far_down_its_row(
    world: World, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text(
        "reference,event_type,date,country,substance,source,Remarks,Sheet\n"
        "A-1,seizure,2026-03-02,IE,heroin,,white powder,\n"
        'A-2,seizure,2026-03-02,IE,heroin,"Patient: Anna Berg",,1\n'
        'A-3,seizure,2026-03-02,IE,heroin,,"Patient: Anna Berg, geb. 12.03.1985",\n'
    )

    def take() -> EvidenceImport:
        return receive_file(
            world.analyst,
            path,
            file_name="a.csv",
            profile=get_profile(world.analyst, "generic"),
            handling=world.handling,
        )

    with pytest.raises(PersonalDataError, match="column 'source', row 3: looks like a column with"):
        take()
    monkeypatch.setattr(opening, "SAMPLE_ROWS", 1)
    outcome = run_import(world.analyst, take().pk)
    assert (outcome.accepted, outcome.refused) == (1, 2)
    told = [(one.row, one.column, one.code, one.found) for one in outcome.errors]
    assert told == [
        (3, "source", "looks-personal", "(withheld)"),
        (4, "Remarks", "looks-personal", "(withheld)"),
    ]


def test_a_reference_twice_in_one_file_is_refused_where_it_says_otherwise(
    world: World, path: Path
) -> None:
    outcome = send(world, path, [Row("A-1"), Row("A-1"), Row("A-1", area="Galway")])
    assert (outcome.accepted, outcome.duplicates, outcome.refused) == (1, 1, 1)
    problem = outcome.as_json()["errors"][0]
    assert (problem["row"], problem["column"], problem["code"], problem["found"]) == (
        4,
        "reference",
        "reference-repeated",
        "A-1",
    )


def test_a_repeated_reference_is_found_over_batches_and_runs(
    world: World, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BATCH_ROWS", 1)
    rows = [Row("A-1"), Row("B-1"), Row("A-1", area="Galway"), Row("A-1")]
    held = receive(world, path, rows)
    with pytest.raises(InterruptedError):
        run_import(world.analyst, held.pk, report_progress=stop_after(2))
    outcome = run_import(world.analyst, held.pk)
    assert (outcome.rows, outcome.accepted, outcome.duplicates, outcome.refused) == (4, 2, 1, 1)


def test_an_unknown_name_is_kept_and_queued(world: World, path: Path) -> None:
    outcome = send(
        world, path, [Row("A-1", "blue powder"), Row("A-2", "blue powder;xylazine"), Row("A-3")]
    )
    assert (outcome.accepted, outcome.unresolved) == (3, 2)
    assert outcome.as_json()["unknown_names"] == [{"text": "blue powder", "rows": 2}]
    waiting = list_unresolved_names(world.analyst)
    assert [(one.text, one.rows) for one in waiting] == [("blue powder", 2)]


def test_a_personal_column_is_refused_before_anything_is_stored(world: World, path: Path) -> None:
    path.write_text(
        "event_type,date,country,substance,patient name\nseizure,2026-03-02,IE,heroin,x\n"
    )
    kept_before = sorted((Path(settings.HOME) / "files").rglob("*"))
    entries_before = list_entries().count()
    with pytest.raises(PersonalDataError, match="patient name"):
        receive_file(
            world.analyst,
            path,
            file_name="p.csv",
            profile=get_profile(world.analyst, "generic"),
            handling=world.handling,
        )
    assert sorted((Path(settings.HOME) / "files").rglob("*")) == kept_before
    assert EvidenceImport.objects.for_writing().count() == 0
    assert list_entries().count() == entries_before


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        pytest.param("reference", "R" * 101, "too-long", id="reference"),
        pytest.param("area", "A" * 121, "too-long", id="area"),
        pytest.param("source", "S" * 121, "too-long", id="source"),
        pytest.param("specimen", "S" * 81, "too-long", id="specimen"),
        pytest.param("amount", "1000000000000", "bad-number", id="amount"),
    ],
)
def test_what_the_tables_cannot_hold_is_refused_with_its_column(
    world: World, path: Path, column: str, value: str, code: str
) -> None:
    path.write_text(
        f"event_type,date,country,substance,{column}\nseizure,2026-03-02,IE,heroin,{value}\n"
    )
    held = receive_file(
        world.analyst,
        path,
        file_name="long.csv",
        profile=get_profile(world.analyst, "generic"),
        handling=world.handling,
    )
    outcome = run_import(world.analyst, held.pk)
    assert [(one.column, one.code) for one in outcome.errors] == [(column, code)]
    assert outcome.refused == 1


def stop_after(batches: int) -> ReportProgress:
    """A progress callback that raises at its n-th call."""
    calls = iter(range(1, batches))

    def report(_rows: int) -> None:
        if next(calls, None) is None:
            raise InterruptedError

    return report


def test_progress_is_told_between_batches(
    world: World, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BATCH_ROWS", 2)
    held = receive(world, path, ROWS)
    told: list[int] = []
    run_import(world.analyst, held.pk, report_progress=told.append)
    assert (held.rows_total, told) == (5, [2, 4, 5])


def test_an_import_that_was_cut_off_goes_on_after_the_last_stored_batch(
    world: World, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BATCH_ROWS", 2)
    held = receive(world, path, ROWS)
    with pytest.raises(InterruptedError):
        run_import(world.analyst, held.pk, report_progress=stop_after(1))
    held.refresh_from_db(from_queryset=EvidenceImport.objects.for_writing())
    assert (held.state, held.rows_done, held.accepted) == ("running", 2, 2)
    outcome = run_import(world.analyst, held.pk)
    assert (outcome.rows, outcome.accepted, outcome.refused) == (5, 3, 2)
    assert ImportProblem.objects.for_writing().count() == 2


def test_a_stop_is_heeded_between_batches_and_what_is_stored_stays(
    world: World, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BATCH_ROWS", 2)
    held = receive(world, path, ROWS)
    outcome = run_import(
        world.analyst,
        held.pk,
        report_progress=lambda _rows: (
            None
            if EvidenceImport.objects.for_writing().get().stop_requested
            else request_stop(world.analyst, held.pk)
        ),
    )
    assert (outcome.rows, outcome.accepted) == (2, 2)
    assert EvidenceImport.objects.for_writing().get().state == "stopped"
    with pytest.raises(WrongStateError):
        run_import(world.analyst, held.pk)
    assert send(world, path, ROWS).duplicates == 2


def test_a_stop_is_for_the_own_organisation_only(world: World, path: Path) -> None:
    held = receive(world, path, ROWS)
    with pytest.raises(NotFoundError):
        request_stop(world.partner_analyst, held.pk)


def test_a_failed_file_keeps_its_reason_and_is_not_taken_up_again(world: World, path: Path) -> None:
    held = receive(world, path, ROWS)
    derive_kept_path(held.file_digest, held.file_name).unlink()
    with pytest.raises(FileNotFoundError):
        run_import(world.analyst, held.pk)
    failed = EvidenceImport.objects.for_writing().get()
    assert (failed.state, failed.failure) == (
        "failed",
        "The kept file cannot be read: No such file or directory.",
    )
    assert list_entries(action="import.failed").count() == 1
    assert lease_next_import() is None


def test_the_oldest_waiting_import_is_leased_once(world: World, path: Path) -> None:
    first, second = receive(world, path, ROWS), receive(world, path, ROWS)
    leased = [lease_next_import(), lease_next_import(), lease_next_import()]
    assert [one.pk if one else None for one in leased] == [first.pk, second.pk, None]


def test_only_who_may_import_can_and_only_for_their_own_organisation(
    world: World, path: Path
) -> None:
    profile = get_profile(world.analyst, "generic")
    receive(world, path, ROWS)
    arguments = {"file_name": "x.csv", "profile": profile, "handling": world.handling}
    with pytest.raises(PermissionRefusedError):
        receive_file(world.releaser, path, **arguments)  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match="another organisation"):
        receive_file(world.partner_analyst, path, **arguments)  # type: ignore[arg-type]


def test_a_file_of_another_shape_is_refused_as_a_whole(world: World, path: Path) -> None:
    path.write_text("week,region,substances\n2026-03-02,CORK,heroin\n")
    with pytest.raises(BadHeadingError):
        receive_file(
            world.analyst,
            path,
            file_name="x.csv",
            profile=get_profile(world.analyst, "generic"),
            handling=world.handling,
        )
    assert EvidenceImport.objects.for_writing().count() == 0


def test_a_file_name_is_kept_without_folders_and_control_characters(
    world: World, path: Path
) -> None:
    receive(world, path, ROWS)
    held = receive_file(
        world.analyst,
        path,
        file_name="C:\\lab\\..\\no\0v" + "." + "x" * 300,
        profile=get_profile(world.analyst, "generic"),
        handling=world.handling,
    )
    assert len(held.file_name) == 200
    assert run_import(world.analyst, held.pk).accepted == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_a_batch_takes_the_same_queries_whatever_its_rows(
    world: World, path: Path, rows: int, django_assert_num_queries: object
) -> None:
    held = receive(world, path, [Row(f"A-{n}") for n in range(rows)])
    send(world, path.with_name("first.csv"), [Row("Z")])
    with django_assert_num_queries(29):  # type: ignore[operator]
        run_import(world.analyst, held.pk)


def test_each_row_has_its_journal_entry_and_its_provenance(world: World, path: Path) -> None:
    send(world, path, ROWS)
    report = Report.objects.for_writing().get(reference="A-2")
    entry = list_entries(action="report.accepted", record_id=str(report.pk)).get()
    evidence_import = EvidenceImport.objects.for_writing().get()
    assert entry.details == {
        "version": 1,
        "sha256": bytes(report.content_digest).hex(),
        "import": evidence_import.pk,
        "row": 3,
    }
    assert (report.reported_by, report.source_row, report.evidence_import_id) == (
        "anna",
        3,
        evidence_import.pk,
    )
    assert len(evidence_import.file_digest) == 64
    assert list_entries(action="report.accepted").count() == 3
    assert Finding.objects.for_writing().filter(report=report).count() == 2
    assert verify_journal().is_intact
