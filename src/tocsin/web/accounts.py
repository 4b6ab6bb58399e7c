"""How log-in behaves: accounts are made by an administrator, never by a visitor.

Passwords, passkeys and one-time codes are changed on the pages of django-allauth; what happens
there is heard here and journalled.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import password_changed, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from tocsin.journal.services import ActorName, record
from tocsin.organisations.models import Person


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes sign-up, and journals each log-in, log-out and refused log-in."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        super().login(request, user)
        if isinstance(user, Person):
            _journal(user.username, user.organisation.key, "person.logged-in")

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        super().logout(request)
        if isinstance(user, Person):
            _journal(user.username, user.organisation.key, "person.logged-out")

    def authentication_failed(self, request: HttpRequest, **credentials: object) -> None:
        super().authentication_failed(request, **credentials)
        # Whatever was typed may be a password in the wrong field: only a known name is kept.
        typed = str(credentials.get("username", ""))
        person = Person.objects.select_related("organisation").filter(username=typed).first()
        known = (person.username, person.organisation.key) if person else ("unknown", "")
        _journal(*known, "person.log-in-refused")

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        if isinstance(user, Person):
            _journal(user.username, user.organisation.key, "person.log-in-refused")
        response: HttpResponse = super().respond_user_inactive(request, user)
        return response


def hear_changes() -> None:
    """Journal what django-allauth tells of passwords and second factors; it has no other way."""
    for told in (password_changed, password_set):
        told.connect(_journal_password, dispatch_uid="journal-password")
    authenticator_added.connect(_journal_added, dispatch_uid="journal-factor")
    authenticator_reset.connect(_journal_reset, dispatch_uid="journal-factor")
    authenticator_removed.connect(_journal_removed, dispatch_uid="journal-factor")
    authentication_failed.connect(_journal_refused, dispatch_uid="journal-factor")


def _journal_password(user: Person, **_rest: Any) -> None:
    _journal(user.username, user.organisation.key, "person.password-changed")


def _journal_added(user: Person, authenticator: Authenticator, **_rest: Any) -> None:
    _journal_factor(user, authenticator, "person.factor-added")


def _journal_reset(user: Person, authenticator: Authenticator, **_rest: Any) -> None:
    _journal_factor(user, authenticator, "person.factor-renewed")


def _journal_removed(user: Person, authenticator: Authenticator, **_rest: Any) -> None:
    _journal_factor(user, authenticator, "person.factor-removed")


def _journal_refused(user: Person, authenticator: Authenticator, **_rest: Any) -> None:
    _journal_factor(user, authenticator, "person.log-in-refused")


def _journal_factor(user: Person, authenticator: Authenticator, action: str) -> None:
    _journal(user.username, user.organisation.key, action, factor=str(authenticator.type))


@transaction.atomic
def _journal(person: str, organisation: str, action: str, **details: str) -> None:
    record(
        actor=ActorName(person=person, organisation=organisation),
        action=action,
        record_type="person",
        record_id=person,
        details=details,
    )
