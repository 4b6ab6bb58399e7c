"""Pages for addresses, forms and requests that fail before or beside any view of the node."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.views.defaults import bad_request, permission_denied, server_error

from tests.web.response_examples import read

Enter = Callable[[str], Client]


def test_unknown_address_is_a_page_with_the_way_back(enter: Enter) -> None:
    text = read(enter("reader"), "/nothing/", status=404)

    assert "<h1>Not found</h1>" in text
    assert 'href="/signals/"' in text
    assert "To the overview" in text


def test_unknown_public_address_leads_to_the_public_alerts(network: Any) -> None:
    text = read(Client(), "/public/nothing", status=404)

    assert "<h1>Not found</h1>" in text
    assert 'href="/public/alerts/"' in text
    assert "/signals/" not in text


def test_unknown_address_and_hidden_record_look_the_same(enter: Enter) -> None:
    client = enter("reader")
    absent = read(client, "/nothing/", status=404)
    hidden = read(client, "/signals/999999/", status=404)

    assert _main_of(absent) == _main_of(hidden)


def test_form_without_its_token_is_refused_with_a_page(network: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(network.person("analyst"))

    answer = client.post("/names/decide/", {"text": "x", "substance": "cocaine"})

    assert answer.status_code == 403
    assert "The form was not accepted" in answer.content.decode()
    assert "Nothing was changed." in answer.content.decode()


def test_refusal_by_a_library_is_a_page_of_the_house(network: Any) -> None:
    request = RequestFactory().get("/accounts/2fa/")
    request.user = network.person("reader")

    answer = permission_denied(request, PermissionDenied("a detail"))

    assert answer.status_code == 403
    assert "<h1>Not allowed</h1>" in answer.content.decode()
    assert "a detail" not in answer.content.decode()


@pytest.mark.parametrize(
    ("show", "status", "words"),
    [
        (lambda request: server_error(request), 500, "This node could not answer."),
        (
            lambda request: bad_request(request, ValueError("a detail")),
            400,
            "The request was not understood",
        ),
    ],
)
def test_failed_request_is_shown_without_database_or_session(
    show: Callable[[Any], Any], status: int, words: str
) -> None:
    answer = show(RequestFactory().get("/"))

    text = answer.content.decode()
    assert answer.status_code == status
    assert words in text
    assert "tocsin/tocsin.css" in text
    assert "a detail" not in text


def test_keyboard_help_is_only_for_the_signed_in(enter: Enter) -> None:
    reader = enter("reader")

    assert "data-keyboard-help" in read(reader, "/")
    assert "data-keyboard-help" not in read(reader, "/public/alerts/")
    assert "keyboard-help" not in read(Client(), "/public/alerts/")
    assert "keyboard-help" not in read(Client(), "/accounts/login/")


def test_signing_in_and_out_says_nothing_on_the_next_page(network: Any) -> None:
    person = network.person("reader")
    person.set_password("correct horse battery")
    person.save()
    client = Client()

    entered = client.post(
        "/accounts/login/", {"login": "reader", "password": "correct horse battery"}, follow=True
    )
    left = client.post("/accounts/logout/", follow=True)

    assert entered.redirect_chain
    assert "message--" not in entered.content.decode()
    assert left.redirect_chain
    assert "message--" not in left.content.decode()


def test_page_names_its_level_for_every_printed_sheet(enter: Enter) -> None:
    assert '<body data-chart-bundle="/static-bundle/vega.js" data-tlp="clear"' in read(
        enter("reader"), "/public/alerts/"
    )


def _main_of(text: str) -> str:
    return " ".join(text[text.index("<main") : text.index("</main>")].split())
