from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.web.response_examples import count_queries, read
from tocsin.journal.queries import list_entries
from tocsin.organisations.models import ApiToken, Organisation, Person
from tocsin.organisations.queries import find_person_by_token, get_own_organisation
from tocsin.organisations.services import SETUP, record_person

Enter = Callable[[str], Client]
PASSWORD = "correct horse battery"


def fill_person(network: Any, **changes: Any) -> dict[str, Any]:
    values = {
        "username": "newcomer",
        "organisation": network.own.pk,
        "roles": ["reader", "analyst"],
        "password": PASSWORD,
    }
    return values | changes


@pytest.mark.parametrize("name", ["reader", "reporter", "analyst", "releaser", "partner-analyst"])
@pytest.mark.parametrize(
    "path", ["/people/", "/people/add/", "/people/organisations/", "/people/organisations/add/"]
)
def test_only_administrators_enter(enter: Enter, name: str, path: str) -> None:
    assert enter(name).get(path).status_code == 403
    assert enter(name).post(path, {}).status_code in (403, 405)


def test_visitor_is_sent_to_the_log_in(network: Any) -> None:
    assert Client().get("/people/")["Location"].startswith("/accounts/login/")


def test_people_are_listed_searched_sorted_and_exported(enter: Enter, network: Any) -> None:
    client = enter("administrator")

    assert read(client, "/people/").count("<tr data-row>") == 6
    assert read(client, "/people/?q=customs").count("<tr data-row>") == 1
    assert "Nothing matches" in read(client, "/people/?q=zzz%00")
    backwards = read(client, "/people/?sort=-username")
    assert backwards.index(">reporter<") < backwards.index(">analyst<")
    assert "partner-analyst,Customs Office" in read(client, "/people/?format=csv")
    assert list_entries(action="list.exported").get().record_id == "people"


@pytest.mark.parametrize("path", ["/people/", "/people/organisations/", "/journal/"])
def test_administrators_export_without_the_right_to_export_evidence(
    enter: Enter, path: str
) -> None:
    client = enter("administrator")

    assert "?format=csv" in read(client, path)
    assert len(read(client, f"{path}?format=csv").splitlines()) > 1
    assert client.get("/reports/", {"format": "csv"}).status_code == 403


def test_list_needs_as_many_queries_for_more_rows(enter: Enter, network: Any) -> None:
    client = enter("administrator")
    read(client, "/people/")
    before = count_queries(client, "/people/")
    for number in range(3):
        record_person(
            SETUP, username=f"p{number}", organisation=network.partner, roles=[], password=None
        )

    assert count_queries(client, "/people/") == before


def test_person_is_added_and_can_log_in(enter: Enter, network: Any) -> None:
    enter("administrator").post("/people/add/", fill_person(network))

    person = Person.objects.get(username="newcomer")
    assert person.roles == ["analyst", "reader"]
    assert person.password.startswith("argon2")
    entered = Client().post("/accounts/login/", {"login": "newcomer", "password": PASSWORD})
    assert entered.status_code == 302


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"username": "ANALYST"}, "This name is taken."),
        ({"username": "a b"}, "User name:"),
        ({"password": "short"}, "Initial password:"),
        ({"roles": []}, "Roles:"),
        ({"organisation": 999_999}, "Organisation:"),
    ],
)
def test_problem_of_a_new_person_is_named(
    enter: Enter, network: Any, changes: dict[str, Any], words: str
) -> None:
    response = enter("administrator").post("/people/add/", fill_person(network, **changes))

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Person.objects.filter(username="newcomer").exists()


def test_roles_are_changed(enter: Enter, network: Any) -> None:
    person = network.person("reader")

    enter("administrator").post(f"/people/{person.pk}/", {"roles": ["reporter"]})

    person.refresh_from_db()
    assert (person.roles, person.is_active) == (["reporter"], False)


def test_administrator_cannot_lock_themself_out(enter: Enter, network: Any) -> None:
    person = network.person("administrator")

    response = enter("administrator").post(f"/people/{person.pk}/", {"roles": ["reader"]})

    assert response.status_code == 422
    assert "another administrator" in response.content.decode()


def test_unknown_person_is_not_found(enter: Enter) -> None:
    read(enter("administrator"), "/people/999999/", status=404)


def test_organisation_is_added_once_and_never_replaces_the_own(enter: Enter, network: Any) -> None:
    client = enter("administrator")
    path = "/people/organisations/add/"

    added = client.post(
        path, {"name": "Police", "key": "police", "kind": "police", "country": "at"}
    )
    again = client.post(path, {"name": "Other", "key": "Focal-Point", "kind": "police"})

    assert (added.status_code, again.status_code) == (302, 422)
    assert Organisation.objects.get(key="police").country == "AT"
    assert get_own_organisation().name == "Focal Point"
    text = read(client, "/people/organisations/")
    assert text.count('"Runs this node">yes</td>') == 1
    assert "Police" in text
    assert read(client, "/people/organisations/?q=police").count("<tr data-row>") == 1
    assert "police,Police" in read(client, "/people/organisations/?format=csv").replace(
        "Police,police", "police,Police"
    )


def test_token_is_shown_once_works_and_is_revoked(enter: Enter, network: Any) -> None:
    client = enter("reader")

    issued = client.post("/account/", {"label": "nightly", "valid_days": "30"})
    text = issued.content.decode()
    token = text[text.index("tocsin_") :].split("<")[0]

    assert find_person_by_token(token) == network.person("reader")
    assert "no-store" in issued["Cache-Control"]
    assert token not in read(client, "/account/")
    held = ApiToken.objects.get()
    enter("analyst").post(f"/account/tokens/{held.pk}/revoke/")
    assert find_person_by_token(token) is not None
    client.post(f"/account/tokens/{held.pk}/revoke/")
    assert find_person_by_token(token) is None
    assert "revoked on" in read(client, "/account/")


def test_account_shows_nobody_elses_tokens(enter: Enter) -> None:
    enter("reader").post("/account/", {"label": "mine alone", "valid_days": "30"})

    assert "mine alone" not in read(enter("analyst"), "/account/")
    assert enter("reader").post("/account/", {"label": "", "valid_days": "0"}).status_code == 422


def test_account_leads_to_passkeys_and_password(enter: Enter) -> None:
    text = read(enter("reader"), "/account/")

    assert "/accounts/2fa/" in text
    assert "/accounts/2fa/webauthn/" in text
    assert "/accounts/password/change/" in text


def test_pages_of_the_log_in_lead_back_to_the_account(enter: Enter) -> None:
    text = read(enter("reader"), "/accounts/2fa/")

    assert '<a href="/account/">My account</a>' in text
