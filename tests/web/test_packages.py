"""Packages on the pages: made from a report, completed, released, out of date, replaced."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.notifications.examples import POISONING, SEIZURE
from tests.web.conftest import Network
from tocsin.journal.models import JournalEntry
from tocsin.notifications.models import Package
from tocsin.notifications.services import make_edas, make_first_detection, release_package
from tocsin.organisations.services import ensure_handling
from tocsin.pipeline import run_detection
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.models import Report
from tocsin.reports.services import record_report, retract_report
from tocsin.signals.queries import list_signals

Enter = Callable[[str], Client]


def hold(network: Network, evidence: EvidenceReport = SEIZURE, **rules: Any) -> Report:
    handling = ensure_handling(owner_id=network.own.pk, **{"tlp": "AMBER", **rules})
    return record_report(network.actor("reporter"), handling, evidence)


def read(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def make(network: Network, report: Report) -> Package:
    return make_edas(network.actor("analyst"), [report.pk])


def test_a_report_leads_to_a_draft_that_another_person_releases(
    network: Network, enter: Enter
) -> None:
    report, other = hold(network), hold(network, POISONING)
    analyst, releaser = enter("analyst"), enter("releaser")
    page = read(analyst.get(f"/reports/{report.pk}/"))
    address = f"/packages/new/?report={report.pk}"
    assert f'href="{address}"' in page
    assert "T-7: serious adverse event, 2026-03-02, Austria, AT13" in read(analyst.get(address))

    made = analyst.post(address, {"kind": "ews-event", "place": "0", "also": [other.pk]})
    package = Package.objects.for_writing().get()
    assert made["Location"] == f"/packages/{package.pk}/"
    said = analyst.post(
        f"/packages/{package.pk}/add/", {"manufacture_reference": "EDOC-12", "other_use": "None."}
    )
    assert said.status_code == 302
    shown = read(releaser.get(f"/packages/{package.pk}/release/"))
    assert "EDOC-12" in shown
    assert "Release it" in shown
    assert "another releaser must release it" not in shown
    released = releaser.post(f"/packages/{package.pk}/release/", {"audience": [network.partner.pk]})
    page = read(enter("reader").get(released["Location"]))

    assert "EWS-FOCAL-POINT-2026-0001, version 1" in page
    assert "Customs Office" in page
    assert "This package is out of date" not in page
    assert "Notifications made of it" in read(analyst.get(f"/reports/{report.pk}/"))


def test_first_detection_of_several_reports_is_refused_in_the_form(
    network: Network, enter: Enter
) -> None:
    report, other = hold(network), hold(network, POISONING)
    answer = enter("analyst").post(
        f"/packages/new/?report={report.pk}&report={other.pk}",
        {"kind": "ews-first-detection", "place": "0"},
    )

    assert answer.status_code == 422
    assert "2 reports; expected 1 to 1" in read(answer)
    assert Package.objects.for_writing().count() == 0


def test_a_statement_that_cannot_be_held_is_refused_in_the_form(
    network: Network, enter: Enter
) -> None:
    package = make(network, hold(network))
    answer = enter("analyst").post(
        f"/packages/{package.pk}/add/", {"other": "call anna@example.org"}
    )

    assert answer.status_code == 422
    assert "expected nothing about a person" in read(answer)


def test_an_author_cannot_release_and_the_refusal_is_journalled(
    network: Network, enter: Enter
) -> None:
    package = make_edas(network.actor("releaser"), [hold(network).pk])
    releaser = enter("releaser")
    page = read(releaser.get(f"/packages/{package.pk}/release/"))
    answer = releaser.post(f"/packages/{package.pk}/release/", {})

    assert "another releaser must release it" in page
    assert "Release it" not in page
    assert answer.status_code == 422
    assert JournalEntry.objects.filter(action="refused.four-eyes").count() == 1


def test_what_changed_is_shown_and_the_package_is_replaced_or_withdrawn(
    network: Network, enter: Enter
) -> None:
    report, other = hold(network), hold(network, POISONING)
    package = make_edas(network.actor("analyst"), [report.pk, other.pk])
    release_package(network.actor("releaser"), package.pk)
    retract_report(network.actor("reporter"), other.pk, version=1, reason="Another case.")
    analyst, releaser = enter("analyst"), enter("releaser")
    page = read(analyst.get(f"/packages/{package.pk}/"))
    assert "This package is out of date: what changed" in page
    assert "[2] T-7: version 1 → 2" in page
    assert "Another case." in page
    assert "out of date</span>" in read(analyst.get("/packages/"))

    drafted = analyst.post(f"/packages/{package.pk}/replace/", {"reason": "One case less."})
    draft = Package.objects.for_writing().get(replaces=package)
    assert drafted["Location"] == f"/packages/{draft.pk}/"
    releaser.post(f"/packages/{draft.pk}/release/", {})
    assert "Replaced by version 2: One case less." in read(analyst.get(f"/packages/{package.pk}/"))
    without = releaser.post(f"/packages/{draft.pk}/withdraw/", {"reason": ""})
    assert without.status_code == 422
    releaser.post(f"/packages/{draft.pk}/withdraw/", {"reason": "All of it was an exercise."})
    page = read(analyst.get(f"/packages/{draft.pk}/"))
    assert "All of it was an exercise." in page


def test_a_draft_is_renewed_or_discarded_by_a_button(network: Network, enter: Enter) -> None:
    report, other = hold(network), hold(network, POISONING)
    package = make_edas(network.actor("analyst"), [report.pk, other.pk])
    retract_report(network.actor("reporter"), other.pk, version=1, reason="Another case.")
    analyst = enter("analyst")
    assert "must be made anew" in read(enter("releaser").get(f"/packages/{package.pk}/release/"))
    analyst.post(f"/packages/{package.pk}/renew/")
    assert "out of date" not in read(analyst.get(f"/packages/{package.pk}/"))
    analyst.post(f"/packages/{package.pk}/discard/")

    assert Package.objects.for_writing().get().state == "discarded"
    assert analyst.get(f"/packages/{package.pk}/add/").status_code == 404


@pytest.mark.parametrize(
    ("form", "content_type", "begins"),
    [
        ("pdf", "application/pdf", b"%PDF-1"),
        (
            "docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            b"PK",
        ),
        ("json", "application/json", b'{\n  "schema": "urn:tocsin:package:1.0"'),
    ],
)
def test_files_are_handed_out_and_journalled(
    network: Network, enter: Enter, form: str, content_type: str, begins: bytes
) -> None:
    package = make(network, hold(network))
    answer = enter("analyst").get(f"/packages/{package.pk}/files/{form}/")
    entry = JournalEntry.objects.get(action="package.exported")

    assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
    assert answer["Content-Disposition"] == (
        f'attachment; filename="EDAS-FOCAL-POINT-2026-0001-v1.{form}"'
    )
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.content.startswith(begins)
    assert (entry.details["version"], entry.details["format"]) == (1, form)


def test_files_are_for_who_may_export_and_have_known_forms(network: Network, enter: Enter) -> None:
    package = make(network, hold(network))

    assert enter("reader").get(f"/packages/{package.pk}/files/pdf/").status_code == 403
    assert enter("analyst").get(f"/packages/{package.pk}/files/exe/").status_code == 404


def test_others_find_nothing_of_a_draft_or_of_reports_that_are_not_theirs(
    network: Network, enter: Enter
) -> None:
    shared = hold(network, audience=[network.partner.pk])
    package = make(network, shared)
    partner = enter("partner-analyst")
    pages = ["", "add/", "files/pdf/"]

    assert [partner.get(f"/packages/{package.pk}/{one}").status_code for one in pages] == [404] * 3
    assert "packages/new" not in read(partner.get(f"/reports/{shared.pk}/"))
    made = partner.post(f"/packages/new/?report={shared.pk}", {"kind": "edas", "place": "0"})
    assert made.status_code == 404
    assert "EDAS-" not in read(partner.get("/packages/"))


@pytest.mark.parametrize("query", ["", "?report=x", "?report=999999", "?signal=999999"])
def test_an_address_that_names_no_report_is_not_found(
    network: Network, enter: Enter, query: str
) -> None:
    assert enter("analyst").get(f"/packages/new/{query}").status_code == 404


def test_list_is_searched_filtered_sorted_and_exported(network: Network, enter: Enter) -> None:
    make(network, hold(network))
    analyst = enter("analyst")

    assert "EDAS-FOCAL-POINT-2026-0001" in read(analyst.get("/packages/?q=carfent&kind=edas"))
    assert "EDAS-FOCAL-POINT" not in read(analyst.get("/packages/?state=released"))
    rows = analyst.get("/packages/?format=csv&sort=identifier").getvalue()
    assert "EDAS-FOCAL-POINT-2026-0001 v1,drug alert notification,Carfentanil,draft,no,AMBER" in (
        rows.decode("utf-8-sig")
    )


def test_a_signal_leads_to_a_package_of_the_reports_behind_it_about_its_substance(
    network: Network, enter: Enter
) -> None:
    both = (
        EvidenceFinding(substance_text="xylazine", matrix="seized"),
        EvidenceFinding(substance_text="carfentanil", matrix="seized"),
    )
    early = hold(network, replace(SEIZURE, findings=both))
    late = hold(network, replace(SEIZURE, reference="L-2", event_on=date(2026, 2, 25)))
    named = ensure_handling(
        owner_id=network.partner.pk,
        tlp="RED",
        audience=[network.own.pk],
        people=[network.person("analyst").pk],
    )
    record_report(network.actor("partner-analyst"), named, replace(SEIZURE, reference="RED-1"))
    run_detection()
    signals = list_signals(network.actor("analyst"), substance_key="carfentanil")
    signal = signals.filter(handling__owner=network.own).first()
    assert signal is not None
    analyst, address = enter("analyst"), f"/packages/new/?signal={signal.pk}"
    drug_alert = read(analyst.get(f"{address}&kind=edas"))
    first = read(analyst.get(f"{address}&kind=ews-first-detection"))

    assert 'value="edas" required id="id_kind_2" checked' in drug_alert
    assert (early.reference in drug_alert, late.reference in drug_alert) == (True, True)
    assert "RED-1" not in drug_alert
    assert 'name="place" value="1" required id="id_place_0" checked' in first
    assert (f'href="/reports/{early.pk}/"' in first, f'href="/reports/{late.pk}/"' in first) == (
        True,
        False,
    )
    assert "checked" not in read(analyst.get(f"{address}&kind=letter")).partition("id_place")[0]
    assert enter("partner-analyst").get(address).status_code == 404


def test_an_earlier_finding_is_shown_on_a_first_detection(network: Network, enter: Enter) -> None:
    package = make_first_detection(network.actor("analyst"), hold(network).pk)
    earlier = hold(network, replace(SEIZURE, reference="L-0", event_on=date(2026, 1, 5)))
    page = read(enter("analyst").get(f"/packages/{package.pk}/"))

    assert "An earlier finding in Austria (week of 2026-01-05) is held now: L-0" in page
    assert f'<a href="/reports/{earlier.pk}/">See the report</a>' in page
    assert "Make the draft anew" in page


def test_a_recipient_sees_that_a_report_behind_it_was_retracted_and_no_more(
    network: Network, enter: Enter
) -> None:
    report = hold(network)
    package = make(network, report)
    release_package(network.actor("releaser"), package.pk, audience=[network.partner.pk])
    partner = enter("partner-analyst")
    assert "out of date" not in read(partner.get(f"/packages/{package.pk}/"))
    retract_report(network.actor("reporter"), report.pk, version=1, reason="Lab error.")
    page, today = read(partner.get(f"/packages/{package.pk}/")), timezone.localdate()

    assert "This package is out of date: what changed" in page
    assert f"This source was retracted on {today}." in page
    assert "Lab error." not in page
    assert re.search(r'href="/reports/\d', page) is None
    assert "out of date</span>" in read(partner.get("/packages/"))
    file = json.loads(enter("partner-analyst").get(f"/packages/{package.pk}/files/json/").content)
    assert (file["state"], file["state_note"]) == (
        "released",
        f"source 1 was retracted on {today}",
    )
