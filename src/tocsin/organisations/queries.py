"""All reading of organisations, people and tokens."""

import hashlib

from django.db.models import QuerySet
from django.utils import timezone

from tocsin.errors import ConfigurationError, NotFoundError, RefusedError
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import ApiToken, Organisation, Person
from tocsin.organisations.vocabulary import PUBLIC_AUDIENCE, PUBLIC_AUDIENCE_NAME


def find_own_organisation() -> Organisation | None:
    """Return the organisation that runs this node, or None before the node was set up."""
    return Organisation.objects.filter(is_own=True).first()


def get_own_organisation() -> Organisation:
    """Return the organisation that runs this node; ConfigurationError before it was set up."""
    organisation = find_own_organisation()
    if organisation is None:
        raise ConfigurationError(
            "node: no organisation runs it yet; expected one, made with `tocsin init`"
        )
    return organisation


def get_organisation_of(actor: Actor, *, what: str) -> Organisation:
    """Return the actor's organisation; RefusedError, which names what, for an actor without one."""
    organisation = Organisation.objects.filter(pk=actor.organisation_id or 0).first()
    if organisation is None:
        raise RefusedError(f"{what}: the actor has no organisation; expected a person of one")
    return organisation


def get_node_actor() -> Actor:
    """Return the node's own process as an actor: it sees what its organisation may see."""
    organisation = get_own_organisation()
    return Actor(name="node", organisation_id=organisation.pk, organisation_key=organisation.key)


def derive_actor(person: Person) -> Actor:
    """Return the actor that a person is: active people only, with the roles they hold."""
    return Actor(
        name=person.username,
        organisation_id=person.organisation_id,
        organisation_key=person.organisation.key,
        person_id=person.pk,
        roles=frozenset(person.roles),
    )


def get_actor(username: str) -> Actor:
    """Return the actor behind a user name; NotFoundError where none is active."""
    person = (
        Person.objects.select_related("organisation")
        .filter(username=username, is_active=True, organisation__is_active=True)
        .first()
    )
    if person is None:
        raise NotFoundError(f"person {username!r}: not found; expected an active account's name")
    return derive_actor(person)


def derive_token_digest(token: str) -> str:
    """Return the SHA-256 under which a token is held, 64 hexadecimal digits, of any text.

    >>> derive_token_digest("abc")[:8]
    'ba7816bf'
    """
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def find_person_by_token(token: str) -> Person | None:
    """Return the active person whose valid token this is, or None."""
    held = (
        ApiToken.objects.select_related("person__organisation")
        .filter(
            digest=derive_token_digest(token),
            revoked_at=None,
            expires_at__gt=timezone.now(),
            person__is_active=True,
            person__organisation__is_active=True,
        )
        .first()
    )
    return held.person if held is not None else None


def find_former_token_holder(token: str) -> Person | None:
    """Return whose token this was, where it is held but no longer valid, or None."""
    tokens = ApiToken.objects.select_related("person__organisation")
    held = tokens.filter(digest=derive_token_digest(token)).first()
    return held.person if held is not None else None


def list_tokens(actor: Actor) -> QuerySet[ApiToken]:
    """Return the acting person's API tokens, newest first; none for an actor without a person."""
    if actor.person_id is None:
        return ApiToken.objects.none()
    return ApiToken.objects.filter(person_id=actor.person_id).order_by("-created_at", "-id")


def list_organisations() -> QuerySet[Organisation]:
    """Return all organisations, by name."""
    return Organisation.objects.all()


def list_people() -> QuerySet[Person]:
    """Return all accounts with their organisations, by user name."""
    return Person.objects.select_related("organisation")


def list_audience_names(audience: list[int]) -> list[str]:
    """Return the names of the organisations in an audience, ``everybody`` first where it is."""
    names = list(
        Organisation.objects.filter(pk__in=audience).order_by("name").values_list("name", flat=True)
    )
    return [str(PUBLIC_AUDIENCE_NAME), *names] if PUBLIC_AUDIENCE in audience else names
