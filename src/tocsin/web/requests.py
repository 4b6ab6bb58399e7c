"""From a request to an actor: whose page this is, and for which purpose."""

from django.http import HttpRequest

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
