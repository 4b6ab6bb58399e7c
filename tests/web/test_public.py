import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.web.response_examples import (
    SECRET_ADVICE,
    count_queries,
    draft,
    make_content,
    read,
    release,
)
from tocsin.alerts.formats.cap import parse_cap, validate_cap
from tocsin.alerts.models import AlertVersion
from tocsin.alerts.services import (
    Wording,
    ask_release,
    cancel_alert,
    draft_update,
    edit_draft,
    release_alert,
)

Enter = Callable[[str], Client]
GERMAN = Wording(
    language="de",
    headline="Nitazen in Tabletten",
    area_description="Wien",
    what_was_seen="Protonitazen in 3 von 3 Tabletten.",
    hazard="",
    advice_practitioners="",
    advice_public="Naloxon mitführen.",
)


@pytest.fixture
def identifier(network: Any) -> str:
    """A public alert that is in force."""
    return release(network.actor("analyst"), network.actor("releaser"))


def list_forms(identifier: str) -> dict[str, str]:
    return {
        "list": "/public/alerts/",
        "page": f"/public/alerts/{identifier}",
        "cap": f"/public/alerts/{identifier}/cap.xml",
        "json": f"/public/alerts/{identifier}.json",
        "feed": "/public/alerts/feed.atom",
    }


def test_nothing_public_says_so_without_reassuring(network: Any) -> None:
    text = read(Client(), "/public/alerts/")

    assert "No alert is in force." in text
    assert "<entry" not in read(Client(), "/public/alerts/feed.atom")


def test_public_alert_needs_no_log_in_and_puts_advice_first(identifier: str) -> None:
    text = read(Client(), f"/public/alerts/{identifier}")

    assert text.index(SECRET_ADVICE) < text.index("Protonitazene in 3 of 3 tablets.")
    assert "valid to" in text
    assert "Severe" in text
    assert "analyst" not in text


def test_public_forms_carry_the_alert(identifier: str) -> None:
    forms = {name: read(Client(), path) for name, path in list_forms(identifier).items()}

    validate_cap(forms["cap"].encode())
    assert json.loads(forms["json"])["texts"][0]["advice_public"] == SECRET_ADVICE
    assert "Nitazene in tablets" in forms["list"]
    assert "Nitazene in tablets" in forms["feed"]


def test_public_page_is_the_same_for_everybody_and_sets_no_cookie(
    enter: Enter, identifier: str
) -> None:
    path = f"/public/alerts/{identifier}"

    anonymous = Client().get(path)

    assert anonymous.content == enter("analyst").get(path).content
    assert not anonymous.cookies
    assert anonymous["Cache-Control"] == "public, no-cache"


def test_public_forms_answer_that_nothing_changed(identifier: str) -> None:
    for path in list_forms(identifier).values():
        tag = Client().get(path)["ETag"]
        assert Client().get(path, headers={"if-none-match": tag}).status_code == 304, path


def test_languages_are_chosen_by_address(network: Any) -> None:
    both = (*make_content().wordings, GERMAN)
    identifier = release(network.actor("analyst"), network.actor("releaser"), wordings=both)
    path = f"/public/alerts/{identifier}"

    assert "Naloxon mitführen." in read(Client(), f"{path}?lang=de")
    assert SECRET_ADVICE in read(Client(), path)
    assert SECRET_ADVICE in read(Client(), f"{path}?lang=%00")
    assert 'href="?lang=de"' in read(Client(), path)


@pytest.mark.parametrize("tlp", ["GREEN", "AMBER", "AMBER+STRICT", "RED"])
def test_restricted_alert_is_public_in_no_form(network: Any, tlp: str) -> None:
    identifier = release(
        network.actor("analyst"),
        network.actor("releaser"),
        tlp=tlp,
        audience=(network.partner.pk,),
    )
    forms = list_forms(identifier)

    for name in ("page", "cap", "json"):
        assert Client().get(forms[name]).status_code == 404, name
    for name in ("list", "feed"):
        assert identifier not in read(Client(), forms[name]), name
        assert "Nitazene in tablets" not in read(Client(), forms[name]), name


def test_drafts_and_waiting_versions_are_public_in_no_form(network: Any) -> None:
    version = draft(network.actor("analyst"))
    ask_release(network.actor("analyst"), version.pk)
    forms = list_forms(version.alert.identifier)

    for name in ("page", "cap", "json"):
        assert Client().get(forms[name]).status_code == 404, name
    assert "Nitazene" not in read(Client(), forms["list"]) + read(Client(), forms["feed"])


def test_withdrawn_alert_stays_says_why_and_drops_its_advice_in_every_form(
    network: Any, identifier: str
) -> None:
    cancel_alert(network.actor("releaser"), identifier, reason="The tablets held oxycodone only.")

    forms = {name: read(Client(), path) for name, path in list_forms(identifier).items()}

    for name, content in forms.items():
        assert SECRET_ADVICE not in content, name
        assert "It can stop your breathing." not in content, name
    for name in ("page", "cap", "json", "feed"):
        assert "The tablets held oxycodone only." in forms[name], name
    assert "This alert was withdrawn" in forms["page"]
    assert "withdrawn on" in forms["list"]
    assert json.loads(forms["json"])["cancelled"] is True
    assert parse_cap(forms["cap"].encode()).message_type == "Cancel"
    assert forms["feed"].count("<entry") == 1


def test_update_keeps_the_address_and_shows_its_history(network: Any, identifier: str) -> None:
    analyst = network.actor("analyst")
    version = draft_update(analyst, identifier)
    edit_draft(analyst, version.pk, make_content(severity="Extreme"), note="A death was reported.")
    ask_release(analyst, version.pk)
    before = read(Client(), f"/public/alerts/{identifier}")
    release_alert(network.actor("releaser"), version.pk)

    after = read(Client(), f"/public/alerts/{identifier}")

    assert "A death was reported." not in before
    assert "A death was reported." in after
    assert "Extreme" in after
    assert read(Client(), "/public/alerts/feed.atom").count("<entry") == 1


def test_expired_alert_says_so(network: Any, identifier: str) -> None:
    over = timezone.now() - timedelta(days=1)
    AlertVersion.objects.for_writing().filter(alert__identifier=identifier).update(expires_at=over)

    assert "This alert ended on" in read(Client(), f"/public/alerts/{identifier}")
    assert "expired on" in read(Client(), "/public/alerts/")


def test_no_such_alert_is_not_found(network: Any) -> None:
    text = Client().get("/public/alerts/AT-2026-9999")

    assert text.status_code == 404
    assert "Not found" in text.content.decode()


def test_public_list_needs_as_many_queries_for_three_alerts_as_for_one(
    network: Any, identifier: str
) -> None:
    paths = ("/public/alerts/", "/public/alerts/feed.atom")
    one = [count_queries(Client(), path) for path in paths]
    for _number in range(2):
        release(network.actor("analyst"), network.actor("releaser"))

    assert [count_queries(Client(), path) for path in paths] == one
