"""Log-in: what changes of it is journalled, what it is limited to, and who can help."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client

from tocsin.errors import PermissionRefusedError
from tocsin.journal.queries import list_entries
from tocsin.organisations.services import SETUP, record_person, remove_factors, set_password

Enter = Callable[[str], Client]
PASSWORD = "correct horse battery"
OTHER = "another horse staple"


@pytest.fixture(autouse=True)
def no_attempts(db: None) -> Iterator[None]:
    """Counts of log-ins begin at none."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def person(network: Any) -> Any:
    return record_person(
        SETUP, username="ida", organisation=network.own, roles=["reader"], password=PASSWORD
    )


def log_in(client: Client, password: str, *, username: str = "ida", **extra: Any) -> Any:
    return client.post("/accounts/login/", {"login": username, "password": password}, **extra)


def read_code(secret: str) -> str:
    counter = next(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(secret, counter)))


def list_actions() -> list[tuple[str, str, dict[str, str]]]:
    entries = list_entries(action="person.", person="ida").order_by("sequence")
    return [(one.action, one.record_id, one.details) for one in entries]


def test_password_and_second_factor_are_journalled(
    person: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = Client()
    log_in(client, PASSWORD)
    changed = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER},
    )
    assert changed.status_code == 302
    # Changing a password asks for it again before a second factor is set up.
    client.post("/accounts/reauthenticate/", {"password": OTHER})
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        made = client.post("/accounts/2fa/totp/activate/", {"code": read_code(secret)})
    assert made.status_code == 302
    client.post("/accounts/logout/")
    assert log_in(client, OTHER)["Location"] == "/accounts/2fa/authenticate/"
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert list_actions() == [
        ("person.logged-in", "ida", {}),
        ("person.password-changed", "ida", {}),
        ("person.factor-added", "ida", {"factor": "totp"}),
        ("person.factor-added", "ida", {"factor": "recovery_codes"}),
        ("person.logged-out", "ida", {}),
        ("person.log-in-refused", "ida", {"factor": "totp"}),
    ]


def test_an_administrator_helps_who_lost_password_and_second_factor(
    enter: Enter, person: Any
) -> None:
    Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    values = {"roles": ["reader"], "is_active": "on"}
    page = f"/people/{person.pk}/"
    refused = enter("administrator").post(page, {**values, "password": "short"})
    assert refused.status_code == 422
    helped = enter("administrator").post(
        page, {**values, "password": OTHER, "removes_factors": "on"}
    )
    assert helped.status_code == 302
    assert log_in(Client(), PASSWORD).status_code == 200
    assert log_in(Client(), OTHER)["Location"] == "/"
    entries = list_entries(person="administrator").order_by("sequence")
    assert [(one.action, one.details) for one in entries.filter(record_id="ida")][-2:] == [
        ("person.password-set", {}),
        ("person.factors-removed", {"removed": 1}),
    ]


def test_roles_change_without_touching_the_password(enter: Enter, person: Any) -> None:
    enter("administrator").post(f"/people/{person.pk}/", {"roles": ["analyst"], "is_active": "on"})
    assert log_in(Client(), PASSWORD)["Location"] == "/"
    assert not list_entries(action="person.password-set").exists()


def test_only_administrators_help(network: Any, person: Any) -> None:
    analyst = network.actor("analyst")
    with pytest.raises(PermissionRefusedError):
        set_password(analyst, username="ida", password=OTHER)
    with pytest.raises(PermissionRefusedError):
        remove_factors(analyst, username="ida")


def test_refused_self_demotion_is_journalled(enter: Enter, network: Any) -> None:
    page = f"/people/{network.person('administrator').pk}/"
    assert enter("administrator").post(page, {"roles": ["reader"]}).status_code == 422
    refusal = list_entries(action="refused.permission-refused").get()
    assert (refusal.person, refusal.record_id) == ("administrator", "people-person")


def test_an_account_switched_off_is_refused_and_journalled(enter: Enter, person: Any) -> None:
    enter("administrator").post(f"/people/{person.pk}/", {"roles": ["reader"]})
    assert log_in(Client(), PASSWORD)["Location"] == "/accounts/inactive/"
    assert list_actions() == [("person.log-in-refused", "ida", {})]


def test_the_sixth_wrong_password_is_not_even_looked_at(person: Any) -> None:
    for number in range(5):
        # A made-up header must not make each attempt look like another machine's.
        log_in(Client(), "wrong", headers={"x-forwarded-for": f"192.0.2.{number}"})
    answer = log_in(Client(), PASSWORD)
    assert answer.status_code == 200
    assert "Too many failed" in answer.content.decode()


def test_ten_wrong_names_from_one_machine_are_the_most(person: Any) -> None:
    for number in range(10):
        log_in(
            Client(),
            "wrong",
            username=f"name-{number}",
            headers={"x-forwarded-for": f"192.0.2.{number}"},
        )
    assert "Too many failed" in log_in(Client(), PASSWORD).content.decode()


def test_many_names_tried_do_not_push_out_the_counts(person: Any) -> None:
    for _number in range(5):
        log_in(Client(), "wrong")
    for number in range(400):
        cache.set(f"zzz-{number}", [1.0], 300)
        cache.set(f"000-{number}", [1.0], 300)
    assert "Too many failed" in log_in(Client(), PASSWORD).content.decode()


def test_no_mail_address_is_taken(enter: Enter, network: Any) -> None:
    answer = enter("analyst").post("/accounts/email/", {"action_add": "", "email": "a@b.example"})
    assert answer["Location"] == "/account/"
    assert network.person("analyst").emailaddress_set.count() == 0


def test_pages_of_evidence_are_kept_by_nobody(enter: Enter, network: Any) -> None:
    assert enter("reader").get("/reports/")["Cache-Control"] == "private, no-store"
    assert "no-store" not in Client().get("/public/alerts/")["Cache-Control"]


def test_nobody_sends_a_large_body_without_logging_in() -> None:
    body = b"x" * (1024 * 1024 + 1)
    answer = Client().generic("POST", "/accounts/login/", body, content_type="multipart/form-data")
    assert (answer.status_code, answer.content) == (
        413,
        b"Too large; expected at most 1048576 bytes.\n",
    )
