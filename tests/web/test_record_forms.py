"""Entering and correcting a report by the forms that are made from the event record."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.web.conftest import Network
from tocsin.api.schemas.reports import EvidenceIn
from tocsin.journal.queries import list_entries
from tocsin.organisations.actors import Actor
from tocsin.organisations.services import ensure_handling
from tocsin.reports.models import Draft, Report, SpectrumFile
from tocsin.reports.queries import derive_evidence, list_drafts, list_reports
from tocsin.reports.record.json_schema import build_example
from tocsin.reports.services import record_report, remove_old_drafts, remove_unnamed_spectra
from tocsin.reports.services.drafts import sift_typed
from tocsin.reports.vocabulary import COUNTRY_CODES, EventType

SPECTRUM = b"BEGIN IONS\n188.1 999\nEND IONS\n"
SPECTRUM_DIGEST = hashlib.sha256(SPECTRUM).hexdigest()
HANDLING = {"tlp": "AMBER", "purposes": ["early-warning"]}


def write_form(example: Mapping[str, Any]) -> dict[str, Any]:
    """Write an event of the JSON form as a browser sends it from the forms."""
    event = {key: value for key, value in example.items() if key not in ("event_type", "findings")}
    sent = {**event, **HANDLING, "findings": str(len(example["findings"])), "step": "store"}
    for number, finding in enumerate(example["findings"]):
        sent |= {f"finding-{number}-{key}": value for key, value in finding.items()}
    return {
        key: "; ".join(value) if key == "transit_countries" else value
        for key, value in sent.items()
    }


def send(client: Client, event_type: str, values: Mapping[str, Any], address: str = "") -> Any:
    """Send the forms, and say of each likely slip that it is so."""
    address = address or f"/reports/new/{event_type}/"
    response = client.post(address, values)
    slips = response.context["slips"] if response.context else ()
    if slips:
        response = client.post(address, {**values, "confirmed": [one.token for one in slips]})
    return response


def get_only(actor: Actor) -> Report:
    [report] = list_reports(actor)
    return report


def test_every_type_of_event_is_entered_as_the_api_takes_it(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    for event_type in EventType.values:
        example = build_example(event_type) | {"reference": f"L-{event_type}"}

        response = send(client, event_type, write_form(example))

        assert response.status_code == 302, (event_type, response.context["errors"])
        number = int(response.headers["Location"].split("/")[2])
        held = derive_evidence(list_reports(network.actor("reporter")).get(pk=number))
        assert held == EvidenceIn(**example).derive_evidence(), event_type


def test_correcting_one_field_leaves_all_others_as_they_were(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    actor = network.actor("reporter")
    handling = ensure_handling(owner_id=network.own.pk, tlp="AMBER")
    for event_type in EventType.values:
        example = build_example(event_type) | {"reference": f"L-{event_type}"}
        evidence = EvidenceIn(**example).derive_evidence()
        report = record_report(actor, handling, evidence)
        page = client.get(f"/reports/{report.pk}/correct/").context
        forms = [page["entry"].event, *page["entry"].findings, page["form"]]
        sent = {
            field.html_name: value
            for form in forms
            for field in form
            if (value := field.value()) not in (None, "")
        }
        sent |= {"findings": "1", "step": "store", "reason": "The balance was read again."}

        response = send(
            client,
            event_type,
            {**sent, "finding-0-amount": "12.75"},
            f"/reports/{report.pk}/correct/?event_type={event_type}",
        )

        assert response.status_code == 302, (event_type, response.context["errors"])
        corrected = list_reports(actor).get(reference=evidence.reference)
        [finding] = evidence.findings
        changed = replace(evidence, findings=(replace(finding, amount=Decimal("12.75")),))
        assert (corrected.version, derive_evidence(corrected)) == (2, changed)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"event_on": ""}, "Date of the event: This field is required", id="no date"),
        pytest.param({"event_on": "2099-01-01"}, "yet to come", id="day to come"),
        pytest.param(
            {"reported_on": "2099-01-01"}, "Reported on: This day is yet to come", id="reported"
        ),
        pytest.param({"event_on": "2.3.2026"}, "a date such as 2026-03-02", id="no date at all"),
        pytest.param({"country": ""}, "Country: This field is required", id="no country"),
        pytest.param({"region": "DE21"}, "NUTS code of the country AT", id="region elsewhere"),
        pytest.param(
            {"note": "ask anna@example.org"}, "Note: This looks like an e-mail", id="personal data"
        ),
        pytest.param(
            {"finding-0-laboratory": "anna@example.org"},
            "1. Laboratory: This looks like an e-mail",
            id="personal data in a finding",
        ),
        pytest.param(
            {"finding-0-amount": "1,200"}, "this may mean two things", id="comma that may be either"
        ),
        pytest.param({"finding-0-amount": "-1"}, "a number from 0", id="negative amount"),
        pytest.param(
            {"finding-0-matrix": "biological"}, "1. Unit: Expected one of", id="grams of blood"
        ),
        pytest.param({"finding-0-amount": ""}, "the amount that the unit is of", id="unit alone"),
        pytest.param({"finding-0-substance": ""}, "1. Substance: This field", id="no substance"),
        pytest.param({"tlp": "MAUVE"}, "TLP level: ", id="no such level"),
        pytest.param({"audience": ["999999"]}, "Who else may see it: ", id="nobody's number"),
        pytest.param({"findings": "0"}, "2. ", id="second finding the same"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    change: dict[str, Any], words: str, enter: Callable[[str], Client], network: Network
) -> None:
    values = write_form(build_example("seizure"))
    if change == {"findings": "0"}:
        values |= {
            key.replace("finding-0", "finding-1"): value
            for key, value in values.items()
            if key.startswith("finding-0")
        }
        change = {"findings": "2"}

    response = enter("reporter").post("/reports/new/seizure/", {**values, **change})

    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert words in response.content.decode()
    assert not list_reports(network.actor("reporter")).exists()


def test_misfit_over_two_fields_stands_at_one_of_them(enter: Callable[[str], Client]) -> None:
    values = write_form(build_example("aggregated-counts")) | {"period_end": "2026-03-01"}

    response = enter("reporter").post("/reports/new/aggregated-counts/", values)

    assert [one.words for one in response.context["errors"]] == [
        "Last day of the period: Expected a day on or after 2026-03-02."
    ]


def test_forty_grams_of_tablets_are_stored_only_when_confirmed(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    values = write_form(build_example("seizure"))
    values |= {"finding-0-physical_form": "tablet", "finding-0-amount": "40"}
    values |= {"finding-0-unit": "g"}

    first = client.post("/reports/new/seizure/", values)

    [slip] = first.context["slips"]
    assert "found 40; expected a count, or the unit of the mass" in slip.words
    assert slip.url == "#id_finding-0-amount"
    assert not list_reports(network.actor("reporter")).exists()

    of_another = client.post(
        "/reports/new/seizure/", {**values, "finding-0-amount": "41", "confirmed": [slip.token]}
    )
    assert of_another.status_code == 422

    second = client.post("/reports/new/seizure/", {**values, "confirmed": [slip.token]})
    assert second.status_code == 302
    [finding] = get_only(network.actor("reporter")).findings.all()
    assert finding.amount == 40


def test_decimal_comma_is_read(enter: Callable[[str], Client], network: Network) -> None:
    values = write_form(build_example("seizure")) | {"finding-0-amount": "12,25"}

    send(enter("reporter"), "seizure", values)

    assert get_only(network.actor("reporter")).findings.all()[0].amount == Decimal("12.25")


def test_form_asks_for_what_applies_and_for_nothing_else(enter: Callable[[str], Client]) -> None:
    client = enter("reporter")
    asked = {
        event_type: client.get(f"/reports/new/{event_type}/").content.decode()
        for event_type in EventType.values
    }

    holding = {
        name: {event_type for event_type, text in asked.items() if f'name="{name}"' in text}
        for name in ("naloxone_doses", "expected_substance", "days_sampled", "finding-0-logo")
    }
    assert holding == {
        "naloxone_doses": {"serious-adverse-event"},
        "expected_substance": {"collected-sample", "online-purchase"},
        "days_sampled": {"wastewater"},
        "finding-0-logo": {"seizure", "collected-sample", "online-purchase", "site"},
    }
    assert client.get("/reports/new/no-such-thing/").status_code == 404


def test_what_is_required_is_marked_and_nothing_else(enter: Callable[[str], Client]) -> None:
    client = enter("reporter")

    for event_type in EventType.values:
        page = client.get(f"/reports/new/{event_type}/")
        text = page.content.decode()
        entry, handling = page.context["entry"], page.context["handling"]
        fields = [*entry.event, *entry.findings[0], *handling]
        required = [field.html_name for field in fields if field.field.required]
        controls = re.findall(r"<(?:input|select)[^>]* name=\"([^\"]+)\"[^>]* required[ >]", text)
        assert {*controls, "tlp", "purposes"} == set(required), event_type
        # Each beside its label, and once where the mark is explained.
        assert text.count('class="needed"') == len(required) + 1, event_type
        assert "(optional)" not in text


def test_a_poisoning_is_asked_about_before_its_place_and_its_paperwork(
    enter: Callable[[str], Client],
) -> None:
    entry = enter("reporter").get("/reports/new/serious-adverse-event/").context["entry"]

    shown = [*entry.sections, *entry.findings[0].list_sections(), *entry.closing_sections]
    assert [(one.name, one.is_folded) for one in shown] == [
        ("event", False),
        ("poisoning", False),
        ("treatment", False),
        ("place", False),
        ("substance", False),
        ("material", True),
        ("measurement", True),
        ("identification", True),
        ("reporting", True),
        ("note", False),
    ]


def test_a_section_in_which_something_stands_is_not_folded(enter: Callable[[str], Client]) -> None:
    values = {"findings": "1", "finding-0-amount": "0.5", "source": "ward", "step": "add"}

    entry = enter("reporter").post("/reports/new/serious-adverse-event/", values).context["entry"]

    shown = [*entry.findings[0].list_sections(), *entry.closing_sections]
    assert [one.name for one in shown if one.is_folded] == ["material", "identification"]


def test_countries_are_listed_by_name_in_the_language_in_force(
    enter: Callable[[str], Client],
) -> None:
    client = enter("reporter")
    page = client.get("/reports/new/seizure/").content.decode()
    _before, europe, others = page.split('name="destination_country"')[1].split("<optgroup")[:3]

    first = re.findall(r'<option value="(..)">([^<]+)</option>', europe)
    further = re.findall(r'<option value="(..)">([^<]+)</option>', others.split("</select>")[0])
    assert (len(first), first[0], first[-1]) == (29, ("AT", "Austria (AT)"), ("TR", "Türkiye (TR)"))
    assert ("CN", "China (CN)") in further
    assert {code for code, _words in (*first, *further)} == COUNTRY_CODES
    again = client.post("/reports/new/seizure/", {"country": "AT"}).content.decode()
    assert '<option value="AT" selected>Austria (AT)</option>' in again


def test_each_unit_says_which_materials_it_can_measure(enter: Callable[[str], Client]) -> None:
    text = enter("reporter").get("/reports/new/wastewater/").content.decode()

    materials = dict(re.findall(r'<option value="([^"]+)" data-materials="([^"]*)"', text))
    assert materials["mg/day/1000"] == "wastewater unspecified"
    assert materials["tablets"] == "collected seized purchased site unspecified"


def test_findings_are_added_and_taken_away_without_a_script(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    values = write_form(build_example("seizure"))

    more = client.post("/reports/new/seizure/", {**values, "step": "add"})

    first, second = (one.read_typed() for one in more.context["entry"].findings)
    assert (first["substance"], first["purity_percent"]) == ("carfentanil", "1.2")
    assert "substance" not in second
    assert (second["physical_form"], second["logo"]) == ("tablet", "M / 30")
    assert more.context["errors"] == []

    both = {**values, "findings": "2", "finding-1-substance": "xylazine"}
    less = client.post("/reports/new/seizure/", {**both, "step": "remove-0"})
    [left] = less.context["entry"].findings
    assert left.read_typed()["substance"] == "xylazine"

    send(client, "seizure", {**both, "finding-1-matrix": "seized"})
    report = get_only(network.actor("reporter"))
    assert [one.written_name.text for one in report.findings.all()] == ["carfentanil", "xylazine"]


def test_the_handling_is_the_one_that_was_chosen(
    enter: Callable[[str], Client], network: Network
) -> None:
    values = write_form(build_example("wastewater"))
    chosen = {"tlp": "GREEN", "audience": [str(network.partner.pk)]}

    send(enter("reporter"), "wastewater", {**values, **chosen})

    handling = get_only(network.actor("partner-analyst")).handling
    assert (handling.tlp, handling.audience) == ("GREEN", [network.partner.pk])


def test_a_reference_that_is_held_is_corrected_not_entered_again(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    values = write_form(build_example("wastewater"))
    send(client, "wastewater", values)
    report = get_only(network.actor("reporter"))

    again = send(client, "wastewater", {**values, "source": "another"})

    assert again.status_code == 422
    [error] = again.context["errors"]
    assert error.url == f"/reports/{report.pk}/"
    assert get_only(network.actor("reporter")).version == 1


@pytest.mark.parametrize("person", ["reader", "releaser", "administrator"])
def test_entering_needs_the_right(person: str, enter: Callable[[str], Client]) -> None:
    client = enter(person)

    for path in ("", "seizure/"):
        assert client.get(f"/reports/new/{path}").status_code == 403
    assert client.get("/reports/suggestions/?q=carf").status_code == 403
    assert client.post("/reports/new/seizure/draft/", {"note": "x"}).status_code == 403
    assert not Draft.objects.exists()


def test_names_of_the_register_are_suggested_those_that_begin_so_first(
    enter: Callable[[str], Client],
) -> None:
    text = enter("reporter").get("/reports/suggestions/?q=fentanyl").content.decode()

    names = re.findall(r'data-value="([^"]+)"', text)
    assert names[0] == "Fentanyl"
    assert len(names) == 8
    assert enter("reporter").get("/reports/suggestions/?q=").content.strip() == b""


def name_draft(draft: Draft) -> dict[str, str]:
    """What a form sends of the draft that it was opened from."""
    return {"draft": str(draft.pk), "draft_changed_at": draft.changed_at.isoformat()}


def test_draft_keeps_what_is_typed_right_or_wrong_until_it_is_stored(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    begun = {"event_on": "2.3.", "findings": "1", "finding-0-substance": "carf", "tlp": "RED"}

    client.post("/reports/new/seizure/draft/", begun)
    [draft] = list_drafts(network.actor("reporter"))
    client.post("/reports/new/seizure/draft/", {**begun, **name_draft(draft), "source": "s"})
    draft.refresh_from_db()
    values = write_form(build_example("seizure")) | name_draft(draft)

    opened = client.get(f"/reports/new/seizure/?draft={draft.pk}")
    assert opened.context["entry"].event["event_on"].value() == "2.3."
    assert opened.context["entry"].event["source"].value() == "s"
    assert opened.context["entry"].findings[0]["substance"].value() == "carf"
    assert opened.context["handling"]["tlp"].value() == "RED"
    assert "carf" in client.get("/inbox/").content.decode()

    assert send(client, "seizure", values).status_code == 302
    assert not Draft.objects.exists()
    assert [entry.action for entry in list_entries(record_type="draft")] == [
        "draft.discarded",
        "draft.begun",
    ]

    late = send(client, "seizure", {**values, "reference": "L-2"})
    assert late.status_code == 422
    assert "stored or discarded meanwhile" in late.content.decode()


def test_draft_that_was_changed_elsewhere_is_never_overwritten(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    address = "/reports/new/seizure/draft/"
    client.post(address, {"source": "customs"})
    [first] = list_drafts(network.actor("reporter"))
    known = name_draft(first)
    client.post(address, {**known, "source": "customs", "note": "from one tab"})

    answer = client.post(address, {**known, "source": "from the other tab"}).content.decode()

    assert "second draft" in answer
    texts = [one.typed["event"] for one in list_drafts(network.actor("reporter"))]
    assert texts == [
        {"source": "from the other tab"},
        {"source": "customs", "note": "from one tab"},
    ]
    assert send(client, "seizure", write_form(build_example("seizure")) | known).status_code == 302
    assert list_drafts(network.actor("reporter")).count() == 2


def test_personal_data_is_left_out_of_a_draft_and_the_rest_kept(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    typed = {"note": "ask anna@example.org", "source": "customs screening", "country": "AT"}
    typed |= {"findings": "1", "finding-0-laboratory": "anna@example.org"}

    answer = client.post("/reports/new/seizure/draft/", typed).content.decode()
    client.post("/reports/new/seizure/", {**typed, "step": "keep"})

    assert "Note (looks like an e-mail address); 1. Laboratory (looks like" in answer
    for draft in list_drafts(network.actor("reporter")):
        assert "anna" not in str(draft.typed)
        assert draft.typed["event"].items() >= {("source", "customs screening"), ("country", "AT")}


def test_sifting_drops_what_is_no_field_and_what_no_database_holds() -> None:
    typed = {
        "event": {"source": "a\0b", "days_sampled": "7", "is_admin": "1", "note": "x" * 9_000},
        "findings": [{"spectra": ["a" * 64], "unknown": "1"}] * 70,
        "handling": {"tlp": "RED", "else": "1"},
    }

    kept, withheld = sift_typed("seizure", typed)

    assert kept["event"] == {"source": "ab", "note": "x" * 2_000}
    assert kept["findings"] == [{"spectra": ["a" * 64]}] * 60
    assert kept["handling"] == {"tlp": "RED"}
    assert withheld == ()


def test_draft_is_its_organisation_s_own(enter: Callable[[str], Client], network: Network) -> None:
    enter("reporter").post("/reports/new/seizure/draft/", {"source": "secret source"})
    [draft] = list_drafts(network.actor("reporter"))
    partner = enter("partner-analyst")

    assert partner.get(f"/reports/new/seizure/?draft={draft.pk}").status_code == 404
    assert partner.post(f"/reports/drafts/{draft.pk}/discard/").status_code == 404
    taken = partner.post("/reports/new/seizure/draft/", {"draft": str(draft.pk), "source": "x"})
    assert taken.status_code == 404
    assert "secret source" not in partner.get("/reports/new/").content.decode()
    assert enter("analyst").get(f"/reports/new/seizure/?draft={draft.pk}").status_code == 200
    assert enter("analyst").post(f"/reports/drafts/{draft.pk}/discard/").status_code == 302
    assert not Draft.objects.exists()


def test_drafts_are_limited_and_leave_after_thirty_days(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    now = timezone.now()
    Draft.objects.bulk_create(
        Draft(
            owner=network.own,
            author="reporter",
            event_type="seizure",
            changed_at=now - timedelta(days=number),
        )
        for number in range(50)
    )

    refused = client.post("/reports/new/seizure/draft/", {"source": "x"}).content.decode()
    assert "has 50 already" in refused
    assert client.post("/reports/new/seizure/", {"step": "keep"}).status_code == 422

    assert remove_old_drafts(network.actor("administrator"), now=now) == 19
    assert Draft.objects.count() == 31


def attach(client: Client, name: str = "run 7.mgf", content: bytes = SPECTRUM) -> Any:
    values = write_form(build_example("seizure")) | {"finding-0-spectra": []}
    file = SimpleUploadedFile(name, content)
    return client.post(
        "/reports/new/seizure/", {**values, "finding-0-files": file, "step": "attach"}
    )


def test_spectra_are_kept_by_digest_and_handed_out_with_the_report_alone(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    form = attach(client).context["entry"].findings[0]
    assert form["spectra"].value() == [SPECTRUM_DIGEST]
    assert "run 7.mgf" in str(form["spectra"])
    values = write_form(build_example("seizure")) | {"finding-0-spectra": [SPECTRUM_DIGEST]}
    shared = {"tlp": "AMBER", "audience": [str(network.partner.pk)]}

    assert send(client, "seizure", {**values, "reference": "hidden"}).status_code == 302
    hidden = get_only(network.actor("reporter"))
    partner = enter("partner-analyst")
    assert partner.get(f"/reports/{hidden.pk}/spectra/{SPECTRUM_DIGEST}/").status_code == 404

    assert send(client, "seizure", {**values, **shared, "reference": "shown"}).status_code == 302
    shown = get_only(network.actor("partner-analyst"))
    response = partner.get(f"/reports/{shown.pk}/spectra/{SPECTRUM_DIGEST}/")
    assert b"".join(response) == SPECTRUM
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == 'attachment; filename="run 7.mgf"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert partner.get(f"/reports/{shown.pk}/spectra/{'0' * 64}/").status_code == 404
    assert "run 7.mgf" in partner.get(f"/reports/{shown.pk}/").content.decode()
    assert [entry.action for entry in list_entries(record_type="spectrum")] == [
        "spectrum.exported",
        "spectrum.received",
    ]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        pytest.param("empty.mgf", b"", "a file of 0 bytes", id="empty"),
        pytest.param("large.mgf", b"x" * (20 * 1024**2 + 1), "20,971,521 bytes", id="too large"),
        pytest.param("anna@example.org.mgf", SPECTRUM, "e-mail address", id="personal name"),
    ],
)
def test_file_that_cannot_be_kept_is_refused_and_the_form_stays(
    name: str, content: bytes, words: str, enter: Callable[[str], Client]
) -> None:
    response = attach(enter("reporter"), name, content)

    assert words in response.content.decode()
    assert response.context["entry"].findings[0]["substance"].value() == "carfentanil"
    assert not SpectrumFile.objects.exists()


def test_spectra_that_nothing_names_are_removed_after_thirty_days(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    attach(client)
    attach(client, "other.mgf", b"other")
    values = write_form(build_example("seizure")) | {"finding-0-spectra": [SPECTRUM_DIGEST]}
    send(client, "seizure", values)
    now = timezone.now()

    assert remove_unnamed_spectra(now=now + timedelta(days=29)) == 0
    assert remove_unnamed_spectra(now=now + timedelta(days=31)) == 1
    assert [one.file_name for one in SpectrumFile.objects.all()] == ["run 7.mgf"]


HOSTILE = (
    "\0",
    "9" * 400,
    "1e400",
    "NaN",
    "-Infinity",
    "²",
    "٣",
    "0000-00-00",
    "9999-12-31",
    "<script>alert(1)</script>",
    "x" * 5_000,
    "' OR 1=1; --",
    "\u202e\u200b",
)


STEPS = ("add", "remove-0", "remove-²", "attach", "keep")


def test_whatever_is_sent_is_answered_and_nothing_half_is_stored(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    values = write_form(build_example("seizure"))
    for number, hostile in enumerate(HOSTILE):
        everywhere = dict.fromkeys([*values, "draft", "confirmed"], hostile)
        for step in ("store", STEPS[number % len(STEPS)]):
            answer = client.post("/reports/new/seizure/", {**everywhere, "step": step})
            assert answer.status_code in {200, 302, 422}, (hostile, step)
            assert b"<script>alert" not in answer.content
        assert client.post("/reports/new/seizure/draft/", everywhere).status_code == 200
    assert not list_reports(network.actor("reporter")).exists()
    drafts = list_drafts(network.actor("reporter"))
    assert len(drafts) > len(HOSTILE)
    for draft in drafts[:3]:
        assert client.get(f"/reports/new/seizure/?draft={draft.pk}").status_code == 200
