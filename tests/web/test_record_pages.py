"""A report's page with every field in words, and whole records as tables."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests.web.conftest import Network
from tocsin.api.schemas.reports import EvidenceIn
from tocsin.journal.queries import list_entries
from tocsin.organisations.services import ensure_handling
from tocsin.pipeline import run_round
from tocsin.reports.models import Draft, Report
from tocsin.reports.record.json_schema import build_example
from tocsin.reports.services import record_report
from tocsin.reports.vocabulary import EventType


def hold(network: Network, event_type: str, **finding: Any) -> Report:
    """Hold the example of a type of event, with some other values, and share it."""
    example = build_example(event_type)
    example["findings"] = [{**example["findings"][0], **finding}]
    handling = ensure_handling(owner_id=network.own.pk, tlp="AMBER", audience=[network.partner.pk])
    evidence = EvidenceIn(**example).derive_evidence()
    return record_report(network.actor("reporter"), handling, evidence)


def read(client: Client, report: Report) -> str:
    return " ".join(client.get(f"/reports/{report.pk}/").content.decode().split())


def test_form_of_a_substance_is_shown_on_its_page_in_the_list_and_in_the_export(
    enter: Callable[[str], Client], network: Network
) -> None:
    report = hold(network, "seizure", substance="Protonitazene hydrochloride")
    client = enter("analyst")

    assert "Protonitazene (hydrochloride)</a>" in read(client, report)
    for address in ("/reports/", "/reports/?format=csv"):
        answer = client.get(address)
        content = b"".join(answer) if answer.streaming else answer.content
        assert "Protonitazene (hydrochloride)" in content.decode(), address


def test_every_field_of_a_poisoning_is_shown_in_words(
    enter: Callable[[str], Client], network: Network
) -> None:
    text = read(enter("reader"), hold(network, "serious-adverse-event"))

    for words in (
        "<h3>The person and the poisoning</h3>",
        "<dt>Age band</dt><dd>25 to 34</dd>",
        "<dt>Naloxone, doses given</dt><dd>2</dd>",
        "<dt>Route of use</dt><dd>sniffed</dd>",
        "<dt>Role of the substance</dt><dd>contributory</dd>",
        "<dt>Techniques with a positive result</dt>",
        "mass spectrometry; gas chromatography (retention time)",
        "sold as another substance",
    ):
        assert words in text, words


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        pytest.param(
            {"mass_evidence": "library", "reference_material": "no"},
            (
                "level 2a: library spectrum match; SWGDRUG minimum met",
                "stated as “level 1: confirmed by reference standard”, which the evidence does not",
            ),
            id="more stated than the evidence bears",
        ),
        pytest.param(
            {"isomer_determined": "no"},
            ("level 3: tentative candidates", "the isomer is not determined"),
            id="isomer open",
        ),
    ],
)
def test_level_of_identification_is_said_with_its_reason(
    finding: dict[str, str],
    words: tuple[str, ...],
    enter: Callable[[str], Client],
    network: Network,
) -> None:
    text = read(enter("reader"), hold(network, "seizure", **finding))

    for one in words:
        assert one in text


@pytest.mark.parametrize(
    ("substance", "verdict"),
    [
        pytest.param("protonitazene", "not found", id="something else"),
        pytest.param("Oxycodone", "found", id="as expected, other spelling"),
    ],
)
def test_expected_is_held_against_found(
    substance: str, verdict: str, enter: Callable[[str], Client], network: Network
) -> None:
    text = read(enter("reader"), hold(network, "collected-sample", substance=substance))

    tone = "done" if verdict == "found" else "late"
    assert f'<dd>oxycodone <span class="badge badge--{tone}">{verdict}</span></dd>' in text


def test_likely_slips_are_shown_to_the_owner_alone(
    enter: Callable[[str], Client], network: Network
) -> None:
    report = hold(network, "seizure", physical_form="tablet", amount="40", unit="g")

    assert "Worth a second look" in read(enter("analyst"), report)
    assert "Worth a second look" not in read(enter("partner-analyst"), report)


def test_template_of_each_type_of_event_is_offered_and_handed_out(
    enter: Callable[[str], Client],
) -> None:
    client = enter("reporter")
    page = client.get("/inbox/import/").content.decode()

    for event_type in EventType.values:
        address = f"/inbox/import/template/{event_type}/"
        assert f'href="{address}"' in page
    book = load_workbook(io.BytesIO(b"".join(client.get(address))))
    assert book["Tocsin"]["C2"].value == "aggregated-counts"
    assert client.get("/inbox/import/template/no-such-type/").status_code == 404
    assert enter("reader").get(address).status_code == 403


def test_own_records_are_handed_out_whole_and_journalled(
    enter: Callable[[str], Client], network: Network
) -> None:
    hold(network, "wastewater")
    client = enter("reporter")

    text = b"".join(client.get("/reports/own.csv")).decode("utf-8-sig")
    of_partner = b"".join(enter("partner-analyst").get("/reports/own.csv")).decode("utf-8-sig")

    [row] = csv.DictReader(io.StringIO(text))
    assert (row["substance"], row["days_sampled"]) == ("carfentanil", "7")
    assert len(of_partner.splitlines()) == 1
    assert [one.details["rows"] for one in list_entries(action="report.exported")] == [0, 1]
    assert client.get("/reports/own.pdf").status_code == 404
    assert enter("reader").get("/reports/own.csv").status_code == 403


def test_the_worker_lets_old_drafts_go(enter: Callable[[str], Client], network: Network) -> None:
    enter("reporter").post("/reports/new/seizure/draft/", {"source": "kept"})
    enter("reporter").post("/reports/new/seizure/draft/", {"source": "old"})
    Draft.objects.filter(typed__event__source="old").update(changed_at="2026-01-01T00:00:00Z")

    run_round()

    assert [one.typed["event"]["source"] for one in Draft.objects.all()] == ["kept"]
    assert list_entries(action="draft.removed").count() == 1
