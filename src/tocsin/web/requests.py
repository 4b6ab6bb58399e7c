"""From a request to an actor: whose page this is, and for which purpose."""

from django.http import HttpRequest

from tocsin.errors import RefusedError
from tocsin.journal.services import record_refusal
from tocsin.organisations.actors import PUBLIC, Actor
from tocsin.organisations.models import Person
from tocsin.organisations.queries import derive_actor
from tocsin.organisations.vocabulary import Purpose

PURPOSE = Purpose.EARLY_WARNING.value
"""Pages of this door are read for early warning."""


def get_request_actor(request: HttpRequest) -> Actor:
    """Return the actor behind a request: the logged-in person, or the public."""
    user = request.user
    if isinstance(user, Person) and user.is_active and user.organisation.is_active:
        return derive_actor(user)
    return PUBLIC


def journal_refusal(request: HttpRequest, actor: Actor, error: RefusedError) -> None:
    """Journal what was refused on which page; the page may show it as it likes."""
    record_refusal(
        actor.journal_name,
        action=f"refused.{error.code}",
        record_type="page",
        record_id=request.resolver_match.view_name if request.resolver_match else "",
    )
