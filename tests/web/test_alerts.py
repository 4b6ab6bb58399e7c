import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.web.response_examples import (
    HEADINGS,
    SECRET_ADVICE,
    confirm,
    count_queries,
    days_ago,
    draft,
    get_first,
    make_content,
    read,
    release,
    write_row,
)
from tocsin.alerts.formats.cap import validate_cap
from tocsin.alerts.formats.document import AlertText
from tocsin.alerts.models import AlertVersion
from tocsin.alerts.queries import get_version, list_history, list_newest_versions
from tocsin.alerts.services import ask_release, cancel_alert, draft_update, edit_draft
from tocsin.journal.queries import list_entries
from tocsin.signals.sentences import describe_place
from tocsin.web.alert_wording import list_hints
from tocsin.web.templatetags.tocsin_response import sentence

Enter = Callable[[str], Client]
TakeIn = Callable[..., Any]


def fill_form(**changes: Any) -> dict[str, Any]:
    """What a browser sends from the page on which an alert is written."""
    text = make_content().wordings[0]
    values = {
        "severity": "Severe",
        "urgency": "Immediate",
        "certainty": "Observed",
        "country": "AT",
        "region": "AT13",
        "expires_at": (timezone.now() + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M"),
        "tlp": "CLEAR",
        "texts-TOTAL_FORMS": "1",
        "texts-INITIAL_FORMS": "1",
        "texts-0-language": text.language,
        "texts-0-headline": text.headline,
        "texts-0-area_description": text.area_description,
        "texts-0-what_was_seen": text.what_was_seen,
        "texts-0-hazard": text.hazard,
        "texts-0-advice_public": text.advice_public,
        "texts-0-advice_practitioners": text.advice_practitioners,
    }
    return values | changes


def get_newest(network: Any) -> AlertVersion:
    return list_newest_versions(network.actor("analyst")).order_by("-id")[0]


def test_empty_list_leads_to_the_signals(enter: Enter) -> None:
    text = read(enter("analyst"), "/alerts/")

    assert "No alerts yet" in text
    assert 'href="/signals/"' in text


def test_list_shows_standing_severity_tlp_and_what_is_prepared(enter: Enter, network: Any) -> None:
    identifier = release(network.actor("analyst"), network.actor("releaser"))
    draft_update(network.actor("analyst"), identifier)

    text = read(enter("analyst"), "/alerts/")

    assert "Nitazene in tablets sold as oxycodone" in text
    assert "Draft" in text
    assert "version 1 is released" in text
    assert "TLP:CLEAR" in text


def test_list_is_searched_sorted_and_exported(enter: Enter, network: Any) -> None:
    release(network.actor("analyst"), network.actor("releaser"), severity="Minor")
    release(network.actor("analyst"), network.actor("releaser"), severity="Extreme")
    client = enter("analyst")

    worst = read(client, "/alerts/?sort=-severity")
    assert worst.index("severity--extreme") < worst.index("severity--minor")
    assert "No alert matches" in read(client, "/alerts/?q=nowhere")
    rows = list(csv.DictReader(io.StringIO(read(client, "/alerts/?format=csv"))))
    assert [row["Standing"] for row in rows] == ["live", "live"]


def test_list_needs_as_many_queries_for_three_rows_as_for_one(enter: Enter, network: Any) -> None:
    draft(network.actor("analyst"))
    client = enter("analyst")
    read(client, "/alerts/")
    one = count_queries(client, "/alerts/")
    draft(network.actor("analyst"))
    draft(network.actor("analyst"))

    assert count_queries(client, "/alerts/") == one


def test_partner_sees_what_was_released_to_them_and_nothing_else(
    enter: Enter, network: Any
) -> None:
    analyst, releaser = network.actor("analyst"), network.actor("releaser")
    shared = release(analyst, releaser, tlp="AMBER", audience=(network.partner.pk,))
    kept = release(analyst, releaser, tlp="AMBER")
    prepared = draft(analyst)
    partner = enter("partner-analyst")

    text = read(partner, "/alerts/")
    assert shared in text
    assert "1 alert visible to you" in text
    exported = read(partner, "/alerts/?format=csv")
    for hidden in (kept, prepared.alert.identifier):
        assert hidden not in text + exported + read(partner, "/alerts/?q=nitazene")
        read(partner, f"/alerts/{hidden}/", status=404)
        read(partner, f"/alerts/{hidden}/cap.xml", status=404)
    validate_cap(read(partner, f"/alerts/{shared}/cap.xml").encode())
    assert list_entries(action="alert.exported").get().record_id == shared
    page = read(partner, f"/alerts/{shared}/")
    history = page[page.index('id="history-title"') :]
    assert "Focal Point" in history
    assert "analyst → releaser" not in history
    assert "analyst → releaser" in read(enter("reader"), f"/alerts/{shared}/")
    assert "Repeated naloxone may be needed." in page
    for own in ("Recipients", "Withdraw</a>", "Update</button>", "the signal behind it"):
        assert own not in page
    for path in ("", "ask/", "discard/", "release/"):
        method = partner.get if path in ("", "release/") else partner.post
        assert method(f"/alerts/drafts/{prepared.pk}/{path}").status_code in (403, 404)
    assert partner.post(f"/alerts/{shared}/withdraw/", {"reason": "x"}).status_code in (403, 404)


def test_partner_who_may_release_cannot_touch_another_organisations_draft(
    enter: Enter, network: Any
) -> None:
    identifier = release(
        network.actor("analyst"),
        network.actor("releaser"),
        tlp="AMBER",
        audience=(network.partner.pk,),
    )
    person = network.person("partner-analyst")
    person.roles = ["analyst", "releaser"]
    person.save()
    partner = enter("partner-analyst")

    assert partner.get(f"/alerts/{identifier}/withdraw/").status_code == 404
    assert partner.post(f"/alerts/{identifier}/withdraw/", {"reason": "x"}).status_code == 404
    assert partner.post(f"/alerts/{identifier}/update/").status_code == 404
    assert len(list_history(network.actor("analyst"), identifier)) == 1


def test_draft_from_a_signal_is_prefilled_and_invents_nothing(
    enter: Enter, network: Any, take_in: TakeIn
) -> None:
    take_in(HEADINGS + write_row("A1", days_ago(9), "protonitazene"))
    analyst = network.actor("analyst")
    signal = get_first(analyst, "protonitazene")
    client = enter("analyst")
    too_early = client.get(f"/alerts/new/?signal={signal.pk}")
    confirm(analyst, signal)

    text = read(client, f"/alerts/new/?signal={signal.pk}")

    assert too_early.status_code == 409
    assert sentence(signal) in text
    assert describe_place("AT", "Wien") in text
    assert '<textarea name="texts-0-hazard" cols="40" rows="4"' in text
    for field in ("hazard", "advice_public", "advice_practitioners"):
        begin = text.index(f'name="texts-0-{field}"')
        assert text[text.index(">", begin) + 1 :].lstrip().startswith("</textarea>")
    assert list_newest_versions(analyst).count() == 0

    client.post(f"/alerts/new/?signal={signal.pk}", fill_form(then="save"))
    assert get_newest(network).alert.signal_id == signal.pk
    assert get_newest(network).alert.identifier in read(client, f"/signals/{signal.pk}/")


def test_alert_on_a_signal_of_others_is_not_found(
    enter: Enter, network: Any, take_in: TakeIn
) -> None:
    take_in(HEADINGS + write_row("A1", days_ago(9), "protonitazene"))
    signal = get_first(network.actor("analyst"), "protonitazene")
    confirm(network.actor("analyst"), signal)
    partner = enter("partner-analyst")

    read(partner, f"/alerts/new/?signal={signal.pk}", status=404)
    posted = partner.post(f"/alerts/preview/?signal={signal.pk}", fill_form())
    assert posted.status_code == 404


@pytest.mark.parametrize("number", ["²", "9" * 5_000, "-1"])
def test_strange_number_is_no_signal_and_no_draft(enter: Enter, network: Any, number: str) -> None:
    client = enter("analyst")
    assert client.get("/alerts/new/", {"signal": number}).status_code == 404
    assert client.post("/alerts/preview/", {"version": number}).status_code == 404


def test_reader_cannot_write(enter: Enter, network: Any) -> None:
    version = draft(network.actor("analyst"))
    client = enter("reader")

    read(client, "/alerts/new/?substance=protonitazene", status=403)
    read(client, f"/alerts/drafts/{version.pk}/", status=403)
    assert client.post("/alerts/preview/?substance=protonitazene").status_code == 403
    assert list_entries(action="refused.permission-refused").count() == 3


def test_draft_is_saved_changed_and_given_a_further_language(enter: Enter, network: Any) -> None:
    client = enter("analyst")
    client.post("/alerts/new/?substance=protonitazene", fill_form(then="save"))
    version = get_newest(network)
    path = f"/alerts/drafts/{version.pk}/"

    more = client.post(path, fill_form(then="language"), follow=True)
    client.post(
        path,
        fill_form(
            **{
                "texts-TOTAL_FORMS": "2",
                "texts-1-language": "de",
                "texts-1-headline": "Nitazen in Tabletten",
                "texts-0-headline": "Nitazene in blue tablets",
            }
        ),
    )

    assert 'name="texts-1-language"' in more.content.decode()
    wordings = list(get_version(network.actor("analyst"), version.pk).wordings.all())
    assert [(one.language, one.headline) for one in wordings] == [
        ("en", "Nitazene in blue tablets"),
        ("de", "Nitazen in Tabletten"),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"country": "Austria"}, "#id_country"),
        ({"region": "1"}, "#id_region"),
        ({"region": "DE2"}, "#id_region"),
        ({"expires_at": "2020-01-01T10:00"}, "#id_expires_at"),
        ({"expires_at": "soon"}, "#id_expires_at"),
        ({"tlp": "BLUE"}, "#id_tlp"),
        ({"texts-0-language": "xx"}, "#id_texts-0-language"),
        ({"texts-0-headline": "x" * 200}, "#id_texts-0-headline"),
        ({"texts-0-hazard": "a\0b"}, "#id_texts-0-hazard"),
        ({"audience": "999999"}, "#id_audience"),
    ],
)
def test_problem_is_named_at_its_field_and_nothing_is_stored(
    enter: Enter, network: Any, changes: dict[str, str], field: str
) -> None:
    response = enter("analyst").post("/alerts/new/?substance=protonitazene", fill_form(**changes))

    assert response.status_code == 422
    assert f'href="{field}' in response.content.decode()
    assert list_newest_versions(network.actor("analyst")).count() == 0


def test_preview_shows_every_form_and_stores_nothing(enter: Enter, network: Any) -> None:
    client = enter("analyst")

    def show(shape: str, **changes: str) -> str:
        response = client.post(
            "/alerts/preview/?substance=protonitazene", fill_form(shape=shape, **changes)
        )
        assert response.status_code == 200
        return response.content.decode()

    assert SECRET_ADVICE in show("public")
    assert "Repeated naloxone may be needed." in show("practitioner")
    assert "(GSM-7)" in show("sms")
    assert "urn:oasis:names:tc:emergency:cap:1.2" in show("cap")
    assert "it will not be public" in show("public", tlp="AMBER")
    assert "…" in show("public", **{"texts-0-headline": ""})
    assert "○" in show("public", **{"texts-0-hazard": ""})
    assert "No preview yet" in show("public", country="?")
    assert list_newest_versions(network.actor("analyst")).count() == 0


def test_preview_hints_at_wording_and_stops_nothing(enter: Enter, network: Any) -> None:
    client = enter("analyst")
    bad = {
        "texts-0-advice_public": "100 times stronger than heroin, safe and legal, 20 euro a tablet.",
        "texts-0-advice_practitioners": "Ask the abuser.",
    }

    preview = client.post("/alerts/preview/?substance=protonitazene", fill_form(**bad))
    saved = client.post("/alerts/new/?substance=protonitazene", fill_form(then="ask", **bad))

    text = preview.content.decode()
    for found in ("100 times stronger", "safe", "legal", "20 euro", "abuser"):
        assert f"“{found}”" in text
    assert saved.status_code == 302


def test_hints_let_good_wording_pass() -> None:
    text = AlertText(
        language="en",
        headline="Some tablets sold as oxycodone contain a nitazene",
        what_was_seen="Protonitazene in 3 of 3 tablets.",
        hazard="It can stop your breathing.",
        advice_practitioners="Repeated naloxone may be needed.",
        advice_public="It is safest not to take them. If you do: do not use alone.",
        area_description="Region X",
    )

    assert list_hints(text) == []


def test_release_needs_what_an_alert_must_have(enter: Enter, network: Any) -> None:
    response = enter("analyst").post(
        "/alerts/new/?substance=protonitazene",
        fill_form(then="ask", **{"texts-0-headline": ""}),
    )

    assert response.status_code == 422
    assert "headline" in response.content.decode()
    assert get_newest(network).state == "draft"


def test_author_gets_no_release_button_and_the_reason(enter: Enter, network: Any) -> None:
    person = network.person("analyst")
    person.roles = ["analyst", "releaser"]
    person.save()
    client = enter("analyst")
    client.post("/alerts/new/?substance=protonitazene", fill_form(then="ask"))
    version = get_newest(network)

    text = read(client, f"/alerts/drafts/{version.pk}/release/")
    forced = client.post(f"/alerts/drafts/{version.pk}/release/")

    assert "You wrote this version: another releaser must release it." in text
    assert "Release to everybody" not in text
    assert forced.status_code == 409
    assert get_version(network.actor("analyst"), version.pk).state == "waiting"
    assert list_entries(action="refused.four-eyes").count() == 1


def test_editor_of_anothers_draft_is_an_author_too(enter: Enter, network: Any) -> None:
    version = draft(network.actor("analyst"))
    edit_draft(network.actor("releaser"), version.pk, make_content())
    ask_release(network.actor("analyst"), version.pk)

    text = read(enter("releaser"), f"/alerts/drafts/{version.pk}/release/")

    assert "You wrote this version" in text
    assert enter("releaser").post(f"/alerts/drafts/{version.pk}/release/").status_code == 409


def test_second_person_sees_every_form_and_the_consequence_and_releases(
    enter: Enter, network: Any
) -> None:
    version = draft(network.actor("analyst"))
    ask_release(network.actor("analyst"), version.pk)
    client = enter("releaser")
    path = f"/alerts/drafts/{version.pk}/release/"

    text = read(client, path)
    client.post(path)

    assert "Release to everybody: public page, feed" in text
    assert SECRET_ADVICE in text
    assert "Repeated naloxone may be needed." in text
    assert "(GSM-7)" in text
    assert "urn:oasis:names:tc:emergency:cap:1.2" in text
    assert get_version(network.actor("analyst"), version.pk).state == "released"
    assert "In force" in read(client, f"/alerts/{version.alert.identifier}/")


@pytest.mark.parametrize(
    ("tlp", "shares", "words"),
    [
        ("AMBER", True, "Release to 1 organisation"),
        ("AMBER", False, "Release inside your organisation only"),
        ("RED", True, "Release inside your organisation only"),
    ],
)
def test_button_states_whom_it_reaches(
    enter: Enter, network: Any, tlp: str, shares: bool, words: str
) -> None:
    audience = (network.partner.pk,) if shares else ()
    version = draft(network.actor("analyst"), tlp=tlp, audience=audience)
    ask_release(network.actor("analyst"), version.pk)

    assert words in read(enter("releaser"), f"/alerts/drafts/{version.pk}/release/")


def test_draft_nobody_asked_to_release_has_no_button(enter: Enter, network: Any) -> None:
    version = draft(network.actor("analyst"))

    text = read(enter("releaser"), f"/alerts/drafts/{version.pk}/release/")

    assert "has not asked for its release yet" in text
    assert "Release to everybody" not in text


def test_releaser_sees_what_changed_since_the_released_version(enter: Enter, network: Any) -> None:
    analyst = network.actor("analyst")
    identifier = release(analyst, network.actor("releaser"))
    version = draft_update(analyst, identifier)
    edit_draft(analyst, version.pk, make_content(severity="Extreme"), note="A death.")
    ask_release(analyst, version.pk)

    text = read(enter("releaser"), f"/alerts/drafts/{version.pk}/release/")

    assert "<del>Severe</del><ins>Extreme</ins>" in text
    assert "A death." in text


def test_update_that_would_leave_the_public_version_standing_is_refused(
    enter: Enter, network: Any
) -> None:
    identifier = release(network.actor("analyst"), network.actor("releaser"))
    version = draft_update(network.actor("analyst"), identifier)

    response = enter("analyst").post(
        f"/alerts/drafts/{version.pk}/", fill_form(then="ask", tlp="AMBER", note="More is known.")
    )

    assert response.status_code == 422
    assert "expected TLP:CLEAR or freer" in response.content.decode()
    assert get_version(network.actor("analyst"), version.pk).state == "draft"


def test_saving_a_waiting_version_voids_the_request(enter: Enter, network: Any) -> None:
    version = draft(network.actor("analyst"))
    ask_release(network.actor("analyst"), version.pk)
    client = enter("analyst")

    notice = read(client, f"/alerts/drafts/{version.pk}/")
    client.post(f"/alerts/drafts/{version.pk}/", fill_form(then="save"))

    assert "Any change voids that" in notice
    assert get_version(network.actor("analyst"), version.pk).state == "draft"


def test_update_asks_why(enter: Enter, network: Any) -> None:
    identifier = release(network.actor("analyst"), network.actor("releaser"))
    client = enter("analyst")
    client.post(f"/alerts/{identifier}/update/")
    version = get_newest(network)

    without = client.post(f"/alerts/drafts/{version.pk}/", fill_form(then="ask"))
    given = client.post(f"/alerts/drafts/{version.pk}/", fill_form(then="ask", note="A death."))

    assert 'href="#id_note"' in without.content.decode()
    assert given.status_code == 302
    assert get_newest(network).state == "waiting"


def test_withdrawing_needs_a_reason_and_a_releaser(enter: Enter, network: Any) -> None:
    identifier = release(network.actor("analyst"), network.actor("releaser"))
    path = f"/alerts/{identifier}/withdraw/"

    assert "Withdraw from everybody" in read(enter("releaser"), path)
    assert enter("releaser").post(path, {"reason": " "}).status_code == 422
    assert enter("analyst").post(path, {"reason": "Wrong."}).status_code == 403
    assert enter("releaser").post(path, {"reason": "Wrong."}).status_code == 302
    page = read(enter("analyst"), f"/alerts/{identifier}/")
    assert "Withdrawn" in page
    assert "Wrong." in page
    assert SECRET_ADVICE not in page
    assert "Withdraw</a>" not in read(enter("releaser"), f"/alerts/{identifier}/")


def test_withdrawn_restricted_alert_reaches_its_recipients(enter: Enter, network: Any) -> None:
    identifier = release(
        network.actor("analyst"),
        network.actor("releaser"),
        tlp="AMBER",
        audience=(network.partner.pk,),
    )
    cancel_alert(network.actor("releaser"), identifier, reason="A mistake.")
    partner = enter("partner-analyst")

    for path in (f"/alerts/{identifier}/", f"/alerts/{identifier}/cap.xml"):
        assert "A mistake." in read(partner, path)
        assert SECRET_ADVICE not in read(partner, path)


def test_discarded_draft_leaves_the_list(enter: Enter, network: Any) -> None:
    version = draft(network.actor("analyst"))
    client = enter("analyst")

    client.post(f"/alerts/drafts/{version.pk}/discard/")

    assert version.alert.identifier not in read(client, "/alerts/")
    read(client, f"/alerts/{version.alert.identifier}/", status=404)
