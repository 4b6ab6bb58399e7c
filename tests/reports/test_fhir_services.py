"""A bundle's results stored: new, corrected, retracted, held already, refused."""

from decimal import Decimal

import pytest

from tests.reports.formats.test_fhir import FENTANYL, NORFENTANYL, XYLAZINE, bundle, observation
from tests.reports.world import World, make_world
from tocsin.errors import PermissionRefusedError
from tocsin.reports.formats.fhir import read_bundle
from tocsin.reports.models import Report
from tocsin.reports.queries import derive_evidence, list_reports, list_versions
from tocsin.reports.services import FhirOutcome, receive_fhir

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def send(world: World, text: bytes) -> FhirOutcome:
    reports = read_bundle(text, name="bundle", country="IE")
    (outcome,) = receive_fhir(world.reporter, world.handling, reports)
    return outcome


def test_a_result_is_recorded_amended_and_taken_back(world: World) -> None:
    first = send(world, bundle(FENTANYL))
    again = send(world, bundle(FENTANYL))
    amended = send(world, bundle(FENTANYL, NORFENTANYL, status="amended"))
    same = send(world, bundle(FENTANYL, NORFENTANYL, status="amended"))
    (current,) = list_reports(world.analyst)
    assert [one.result for one in (first, again, amended, same)] == [
        "accepted",
        "duplicate",
        "corrected",
        "duplicate",
    ]
    assert [one.substance_text for one in derive_evidence(current).findings] == [
        "Fentanyl",
        "Norfentanyl",
    ]
    assert derive_evidence(current).findings[0].amount == Decimal(15)

    ended = send(world, bundle(FENTANYL, status="entered-in-error"))
    assert (ended.result, send(world, bundle(status="entered-in-error")).result) == (
        "retracted",
        "duplicate",
    )
    assert not list_reports(world.analyst)
    versions = list_versions(world.analyst, current)
    assert [(one.version, one.is_retracted, one.reason) for one in versions] == [
        (3, True, "FHIR status: entered-in-error"),
        (2, False, "FHIR status: amended"),
        (1, False, ""),
    ]


def test_an_older_message_sent_again_undoes_no_later_one(world: World) -> None:
    messages = [
        bundle(FENTANYL),
        bundle(FENTANYL, NORFENTANYL, status="amended"),
        bundle(FENTANYL, NORFENTANYL, XYLAZINE, status="corrected"),
    ]
    assert [send(world, one).result for one in messages] == ["accepted", "corrected", "corrected"]
    assert [send(world, one).result for one in messages] == ["duplicate"] * 3
    (current,) = list_reports(world.analyst)
    assert (current.version, len(derive_evidence(current).findings)) == (3, 3)

    send(world, bundle(status="entered-in-error"))
    assert [send(world, one).result for one in messages] == ["duplicate"] * 3
    assert not list_reports(world.analyst)
    anew = send(world, bundle(XYLAZINE, status="corrected"))
    assert (anew.result, anew.problems[0].code) == ("refused", "refused")


def test_what_cannot_be_done_is_refused_and_nothing_is_stored(world: World) -> None:
    unheld = send(world, bundle(status="cancelled"))
    assert (unheld.result, unheld.problems[0].code) == ("refused", "refused")
    unknown = observation("o", code={"text": "x"}, valueQuantity={"value": 1, "code": "mmol/L"})
    assert send(world, bundle(FENTANYL, unknown)).result == "refused"
    future = send(world, bundle(FENTANYL, effectiveDateTime="2999-01-01"))
    assert [one.code for one in future.problems] == ["future-date"]
    too_long = observation("o", code={"text": "x" * 501}, valueBoolean=True)
    assert [one.code for one in send(world, bundle(too_long)).problems] == ["too-long"]
    assert not Report.objects.for_writing().exists()


def test_a_correction_of_a_report_that_is_not_held_is_a_report(world: World) -> None:
    assert send(world, bundle(FENTANYL, status="corrected")).result == "accepted"


def test_a_reader_cannot_hand_in_results(world: World) -> None:
    reports = read_bundle(bundle(FENTANYL), name="bundle", country="IE")
    with pytest.raises(PermissionRefusedError):
        receive_fhir(world.releaser, world.handling, reports)
