"""The pages of an alert: how surely the substance was identified, and what leads on from there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.web.response_examples import (
    confirm,
    days_ago,
    get_first,
    make_content,
    read,
)
from tests.web.test_alerts import fill_form, get_newest
from tocsin.alerts.models import AlertVersion
from tocsin.alerts.services import ask_release, draft_alert, release_alert
from tocsin.organisations.services import ensure_handling
from tocsin.pipeline import run_detection
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.models import Report
from tocsin.reports.record.values import make_details
from tocsin.reports.services import record_report, retract_report
from tocsin.signals.models import Signal

Enter = Callable[[str], Client]


def find_protonitazene(network: Any, reference: str, **evidence: str) -> Report:
    """A seizure in Austria last week, with this evidence of what it was."""
    finding = EvidenceFinding("protonitazene", "seized", details=make_details(evidence))
    report = EvidenceReport("seizure", days_ago(9), "AT", (finding,), reference=reference)
    handling = ensure_handling(owner_id=network.own.pk, tlp="AMBER")
    return record_report(network.actor("analyst"), handling, report)


@pytest.fixture
def confirmed(network: Any) -> Report:
    """The better of two reports behind a confirmed signal: the other has its isomer open."""
    find_protonitazene(network, "A-1", mass_evidence="library", isomer_determined="no")
    report = find_protonitazene(
        network, "A-2", mass_evidence="reference-standard", reference_material="yes"
    )
    run_detection()
    confirm(network.actor("analyst"), get_first(network.actor("analyst"), "protonitazene"))
    return report


def draft(network: Any, **changes: Any) -> AlertVersion:
    signal = get_first(network.actor("analyst"), "protonitazene")
    content = make_content(**changes)
    return draft_alert(network.actor("analyst"), content, signal_id=signal.pk)


def release(network: Any, **changes: Any) -> str:
    version = draft(network, **changes)
    ask_release(network.actor("analyst"), version.pk)
    return release_alert(network.actor("releaser"), version.pk).alert.identifier


def test_author_is_offered_what_the_evidence_bears_and_nothing_surer(
    enter: Enter, network: Any, confirmed: Report
) -> None:
    client = enter("analyst")
    signal = get_first(network.actor("analyst"), "protonitazene")
    retract_report(network.actor("analyst"), confirmed.pk, version=1, reason="Wrong sample.")
    path = f"/alerts/new/?signal={signal.pk}"

    form = read(client, path)
    raised = client.post(path, fill_form(lowered_to="schymanski-2a"))
    lowered = client.post(path, fill_form(lowered_to="schymanski-4"))

    assert (
        '<option value="" selected>Schymanski level 3: tentative candidates; '
        "the isomer is not determined</option>" in form
    )
    assert "level borne by 1 of 1 finding" in form
    assert [level for level in ("2a", "4") if f'value="schymanski-{level}"' in form] == ["4"]
    assert raised.status_code == 422
    assert 'href="#id_lowered_to"' in raised.content.decode()
    assert lowered.status_code == 302
    assert get_newest(network).identification_level == "schymanski-4"


def test_preview_says_it_in_plain_words_and_in_those_of_the_scale(
    enter: Enter, network: Any, confirmed: Report
) -> None:
    signal = get_first(network.actor("analyst"), "protonitazene")

    def show(**changes: str) -> str:
        path = f"/alerts/preview/?signal={signal.pk}"
        return enter("analyst").post(path, fill_form(**changes)).content.decode()

    assert "Confirmed in a laboratory against a reference standard." in show(shape="public")
    assert "Schymanski level 1: " in show(shape="practitioner")
    assert "identification-level" in show(shape="cap")
    assert "Confirmed in a laboratory" not in show(shape="sms")
    assert "Only the mass is known" in show(shape="public", lowered_to="schymanski-5")


def test_releaser_sees_on_what_it_stands_and_cannot_release_what_fell(
    enter: Enter, network: Any, confirmed: Report
) -> None:
    version = draft(network, lowered_to="schymanski-2a")
    ask_release(network.actor("analyst"), version.pk)
    client, path = enter("releaser"), f"/alerts/drafts/{version.pk}/release/"

    before = read(client, path)
    retract_report(network.actor("analyst"), confirmed.pk, version=1, reason="Wrong sample.")
    after = read(client, path)

    assert "level borne by 1 of 2 findings" in before
    assert "chosen lower than the evidence bears (Schymanski level 1: " in before
    assert "Release to everybody" in before
    assert (
        "Its evidence bears less by now: Schymanski level 3: tentative candidates; "
        "the isomer is not determined. Its release must be asked for anew." in after
    )
    assert "Release to everybody" not in after
    assert client.post(path).status_code == 422


def test_released_alert_says_it_on_its_pages_and_withdrawn_no_more(
    enter: Enter, network: Any, confirmed: Report
) -> None:
    identifier = release(network)
    plain = "Confirmed in a laboratory against a reference standard."

    own = read(enter("reader"), f"/alerts/{identifier}/")
    public = read(Client(), f"/public/alerts/{identifier}")

    assert "Schymanski level 1: confirmed by reference standard" in own
    assert "level borne by 1 of 2 findings" in own
    assert plain in public
    assert "Schymanski level 1" in public
    assert "findings" not in public
    enter("releaser").post(f"/alerts/{identifier}/withdraw/", {"reason": "Wrong."})
    for page in (f"/alerts/{identifier}/", f"/public/alerts/{identifier}"):
        assert "reference standard" not in read(enter("reader"), page)


def test_released_alert_whose_evidence_fell_says_so_to_those_who_can_act(
    enter: Enter, network: Any, confirmed: Report
) -> None:
    identifier = release(network)
    notice = "Its evidence bears less by now:"
    assert notice not in read(enter("analyst"), f"/alerts/{identifier}/")

    retract_report(network.actor("analyst"), confirmed.pk, version=1, reason="Wrong sample.")

    for name, is_told in (("analyst", True), ("releaser", True), ("reader", False)):
        assert (notice in read(enter(name), f"/alerts/{identifier}/")) is is_told, name


def test_alert_of_before_says_that_it_is_not_stated(enter: Enter, network: Any) -> None:
    identifier = release_without_evidence(network)

    assert "How surely it was identified is not stated" in read(
        enter("reader"), f"/alerts/{identifier}/"
    )
    assert "is not stated." in read(Client(), f"/public/alerts/{identifier}")


def release_without_evidence(network: Any) -> str:
    version = draft_alert(network.actor("analyst"), make_content(), substance_key="protonitazene")
    ask_release(network.actor("analyst"), version.pk)
    return release_alert(network.actor("releaser"), version.pk).alert.identifier


def test_notification_is_begun_from_the_reports_behind_an_alert(
    enter: Enter, network: Any, confirmed: Report
) -> None:
    identifier = release(network, tlp="AMBER", audience=(network.partner.pk,))
    signal = get_first(network.actor("analyst"), "protonitazene")
    link = f"?signal={signal.pk}&amp;kind=edas"
    analyst = enter("analyst")

    page = read(analyst, f"/alerts/{identifier}/")

    begin = page.index(link)
    address = page[page.rindex('"', 0, begin) + 1 : begin] + link.replace("&amp;", "&")
    form = read(analyst, address)
    chosen = form[form.index('value="edas"') :]
    assert "checked" in chosen[: chosen.index(">")]
    assert "A-1" in form
    for name in ("reader", "partner-analyst"):
        assert link not in read(enter(name), f"/alerts/{identifier}/"), name


def test_signal_that_the_reader_may_not_see_is_not_linked(
    enter: Enter, network: Any, confirmed: Report
) -> None:
    signal = get_first(network.actor("analyst"), "protonitazene")
    shared = ensure_handling(owner_id=network.own.pk, tlp="AMBER", audience=[network.partner.pk])
    merged: Signal = Signal.objects.create(
        handling=shared,
        kind="first-in-country",
        substance=signal.substance,
        matrix="seized",
        country="FR",
        on=days_ago(9),
        last_on=days_ago(9),
        evidence_count=1,
        method="first-detection",
        method_version="1",
        state="merged",
        merged_into=signal,
    )
    link = f'href="/signals/{signal.pk}/"'

    assert link in read(enter("analyst"), f"/signals/{merged.pk}/")
    assert link not in read(enter("partner-analyst"), f"/signals/{merged.pk}/")
