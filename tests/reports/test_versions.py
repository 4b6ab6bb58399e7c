"""Single reports: recorded, corrected, retracted, and never changed in place."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from tests.reports.world import Row, World, list_current, make_world, send
from tocsin.errors import (
    NotFoundError,
    PermissionRefusedError,
    RefusedError,
    StaleReportError,
)
from tocsin.journal.queries import list_entries
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.models import Finding, Report
from tocsin.reports.queries import derive_evidence, get_report, list_reports, list_versions
from tocsin.reports.services import correct_report, record_report, retract_report

pytestmark = pytest.mark.django_db

SEIZURE = EvidenceReport(
    reference="L-1",
    event_type="seizure",
    event_on=date(2026, 3, 2),
    country="IE",
    region="IE05",
    findings=(
        EvidenceFinding(
            "xylazine", "seized", amount=Decimal("12.5"), unit="g", purity_percent=Decimal("33.4")
        ),
    ),
)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def test_a_recorded_report_reads_back_as_it_was_given(world: World) -> None:
    report = record_report(world.reporter, world.handling, SEIZURE)
    held = derive_evidence(get_report(world.analyst, report.pk))
    assert held == SEIZURE
    assert held.derive_content_digest() == SEIZURE.derive_content_digest()
    assert (report.reported_by, report.version) == ("rosa", 1)


def test_recording_it_again_changes_nothing_and_other_content_is_a_correction(
    world: World,
) -> None:
    first = record_report(world.analyst, world.handling, SEIZURE)
    assert record_report(world.analyst, world.handling, SEIZURE).pk == first.pk
    second = record_report(world.analyst, world.handling, replace(SEIZURE, region="IE06"))
    assert (second.version, second.predecessor_id) == (2, first.pk)


def test_a_correction_names_its_predecessor_and_says_why(world: World) -> None:
    first = record_report(world.analyst, world.handling, SEIZURE)
    second = correct_report(
        world.analyst, first.pk, replace(SEIZURE, region="IE06"), version=1, reason="Wrong region."
    )
    assert (second.version, second.predecessor_id, second.reason, second.is_current) == (
        2,
        first.pk,
        "Wrong region.",
        True,
    )
    assert [one.version for one in list_versions(world.analyst, second)] == [2, 1]
    assert [one.pk for one in list_reports(world.analyst)] == [second.pk]


def test_a_person_may_correct_back_to_what_was_held_before(world: World) -> None:
    first = record_report(world.analyst, world.handling, SEIZURE)
    correct_report(world.analyst, first.pk, replace(SEIZURE, region="IE06"), version=1, reason="x")
    third = correct_report(world.analyst, first.pk, SEIZURE, version=2, reason="It was right.")
    assert (third.version, third.region, third.is_current) == (3, "IE05", True)


def test_a_correction_of_a_version_that_is_no_longer_current_is_stale(world: World) -> None:
    first = record_report(world.analyst, world.handling, SEIZURE)
    changed = replace(SEIZURE, region="IE06")
    correct_report(world.analyst, first.pk, changed, version=1, reason="x")
    with pytest.raises(StaleReportError) as caught:
        correct_report(world.analyst, first.pk, SEIZURE, version=1, reason="y")
    assert (caught.value.held, caught.value.received) == (2, 1)


@pytest.mark.parametrize(
    ("evidence", "reason", "expected"),
    [
        pytest.param(replace(SEIZURE, region="IE06"), " ", "a sentence", id="no reason"),
        pytest.param(replace(SEIZURE, reference="L-2"), "x", "report's own", id="reference"),
        pytest.param(SEIZURE, "x", "expected a change", id="nothing changed"),
        pytest.param(replace(SEIZURE, findings=()), "x", "findings", id="no finding"),
        pytest.param(replace(SEIZURE, country="Irl"), "x", "ISO 3166-1", id="country"),
        pytest.param(replace(SEIZURE, event_type="raid"), "x", "one of", id="event type"),
        pytest.param(replace(SEIZURE, source="a\0b"), "x", "expected text", id="NUL"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(
    world: World, evidence: EvidenceReport, reason: str, expected: str
) -> None:
    first = record_report(world.analyst, world.handling, SEIZURE)
    entries = list_entries().count()
    with pytest.raises(RefusedError, match=expected):
        correct_report(world.analyst, first.pk, evidence, version=1, reason=reason)
    assert list_entries().count() == entries
    assert list_current() == [("L-1", 1, "IE05", "xylazine")]


def test_an_event_of_the_future_is_refused(world: World) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(RefusedError, match="event_on"):
        record_report(world.analyst, world.handling, replace(SEIZURE, event_on=tomorrow))


def test_a_retraction_says_why_and_counts_no_longer(world: World) -> None:
    first = record_report(world.analyst, world.handling, SEIZURE)
    last = retract_report(world.analyst, first.pk, version=1, reason="Sample mixed up.")
    assert (last.version, last.is_retracted, last.predecessor_id) == (2, True, first.pk)
    assert list(list_reports(world.analyst)) == []
    assert Finding.objects.for_writing().filter(report=last).count() == 1
    assert derive_evidence(get_report(world.analyst, last.pk)) == SEIZURE
    entry = list_entries(action="report.retracted").get()
    assert entry.details == {"version": 2, "predecessor": first.pk}
    assert last.reason == "Sample mixed up."
    with pytest.raises(RefusedError, match="was retracted"):
        retract_report(world.analyst, first.pk, version=2, reason="again")


def test_a_file_sent_again_does_not_bring_a_retracted_report_back(
    world: World, tmp_path: Path
) -> None:
    send(world, tmp_path / "a.csv", [Row("A-1")])
    held = Report.objects.for_writing().get()
    retract_report(world.analyst, held.pk, version=1, reason="Mixed up.")
    assert send(world, tmp_path / "a.csv", [Row("A-1")]).duplicates == 1
    assert list_current() == []


def test_reports_of_others_are_not_found_and_a_reader_may_not_correct(world: World) -> None:
    first = record_report(world.analyst, world.handling, SEIZURE)
    changed = replace(SEIZURE, region="IE06")
    with pytest.raises(NotFoundError):
        correct_report(world.partner_analyst, first.pk, changed, version=1, reason="x")
    with pytest.raises(NotFoundError):
        retract_report(world.partner_analyst, first.pk, version=1, reason="x")
    with pytest.raises(PermissionRefusedError):
        correct_report(world.releaser, first.pk, changed, version=1, reason="x")
    with pytest.raises(RefusedError, match="another organisation"):
        record_report(world.partner_analyst, world.handling, SEIZURE)


def test_the_database_itself_refuses_to_change_a_version(world: World) -> None:
    first = record_report(world.analyst, world.handling, SEIZURE)
    reports, findings = Report.objects.for_writing(), Finding.objects.for_writing()
    for held, changes in (
        (reports.filter(pk=first.pk), {"region": "IE06"}),
        (reports.filter(pk=first.pk), {"is_retracted": True}),
        (findings.filter(report=first), {"matrix": "site"}),
    ):
        with pytest.raises((ProgrammingError, IntegrityError)), transaction.atomic():
            held.update(**changes)
