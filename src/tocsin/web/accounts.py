"""How log-in behaves: accounts are made by an administrator, never by a visitor."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest

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


@transaction.atomic
def _journal(person: str, organisation: str, action: str) -> None:
    record(
        actor=ActorName(person=person, organisation=organisation),
        action=action,
        record_type="person",
        record_id=person,
        details={},
    )
