"""All writing of organisations, people, handling and tokens."""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone

from tocsin.errors import ConfigurationError, NotFoundError, PermissionRefusedError, RefusedError
from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import ApiToken, Handling, Organisation, Person
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.queries import derive_token_digest
from tocsin.organisations.vocabulary import OrganisationKind, Purpose, Role, TrafficLight

SETUP = Actor(
    name="setup",
    organisation_id=None,
    organisation_key="",
    roles=frozenset({Role.ADMINISTRATOR.value}),
)
"""Whoever has the node's command line: sets up organisations and first people."""


@transaction.atomic
def record_organisation(
    actor: Actor,
    *,
    key: str,
    name: str,
    kind: str = OrganisationKind.OTHER,
    country: str = "",
    is_own: bool = False,
) -> Organisation:
    """Make an organisation, or bring the one with this key up to date; journals it."""
    require_permission(actor, "people.manage")
    organisation, made = Organisation.objects.update_or_create(
        key=key, defaults={"name": name, "kind": kind, "country": country, "is_own": is_own}
    )
    record(
        actor=actor.journal_name,
        action="organisation.added" if made else "organisation.changed",
        record_type="organisation",
        record_id=key,
        details={"name": name, "kind": str(kind), "country": country, "own": is_own},
    )
    return organisation


@transaction.atomic
def change_own_organisation(actor: Actor, *, key: str, name: str, country: str) -> Organisation:
    """Give the organisation that runs the node another key, name or country; journals both.

    Raises ConfigurationError where another organisation has the key, or none runs the node yet.
    """
    require_permission(actor, "people.manage")
    own = Organisation.objects.select_for_update().filter(is_own=True).first()
    if own is None:
        raise ConfigurationError("node: no organisation runs it yet; expected one to change")
    if Organisation.objects.filter(key=key).exclude(pk=own.pk).exists():
        raise ConfigurationError(f"organisation {key!r}: exists already; expected a new key")
    before = {"key": own.key, "name": own.name, "country": own.country, "kind": own.kind}
    after = {"key": key, "name": name, "country": country, "kind": own.kind}
    if before == after:
        return own
    own.key, own.name, own.country = key, name, country
    own.save(update_fields=["key", "name", "country"])
    record(
        actor=actor.journal_name,
        action="organisation.changed",
        record_type="organisation",
        record_id=key,
        details={"before": before, "after": after},
    )
    return own


@transaction.atomic
def record_person(
    actor: Actor,
    *,
    username: str,
    organisation: Organisation,
    roles: Iterable[str],
    password: str | None,
    email: str = "",
) -> Person:
    """Make an account; the password is stored only as an argon2 hash. Journals it.

    password: None makes an account nobody can log in to until a password is set.
    Raises ConfigurationError where the name is taken or a role is unknown, RefusedError where a
    partner's person would administer this node.
    """
    require_permission(actor, "people.manage")
    chosen = sorted({str(role) for role in roles})
    _require_roles(chosen, organisation)
    if Person.objects.filter(username=username).exists():
        raise ConfigurationError(f"person {username!r}: exists already; expected a new name")
    person = Person(username=username, email=email, organisation=organisation, roles=chosen)
    person.set_password(password)
    person.save()
    record(
        actor=actor.journal_name,
        action="person.added",
        record_type="person",
        record_id=username,
        details={"organisation": organisation.key, "roles": chosen},
    )
    return person


@transaction.atomic
def change_person(actor: Actor, *, username: str, roles: Iterable[str], is_active: bool) -> Person:
    """Set a person's roles and whether they may log in; journals old and new.

    Raises PermissionRefusedError where administrators would take away their own administration:
    a node must not lock itself out; NotFoundError for an unknown name; ConfigurationError and
    RefusedError for roles as ``record_person``.
    """
    require_permission(actor, "people.manage")
    chosen = sorted({str(role) for role in roles})
    held = Person.objects.select_for_update(of=("self",)).select_related("organisation")
    person = held.filter(username=username).first()
    if person is None:
        raise NotFoundError(f"person {username!r}: not found")
    _require_roles(chosen, person.organisation)
    if person.pk == actor.person_id and (not is_active or Role.ADMINISTRATOR not in chosen):
        raise PermissionRefusedError(
            f"person {username!r}: administrators cannot take away their own administration; "
            "expected another administrator to do it"
        )
    before = {"roles": person.roles, "active": person.is_active}
    person.roles, person.is_active = chosen, is_active
    person.save(update_fields=["roles", "is_active"])
    record(
        actor=actor.journal_name,
        action="person.changed",
        record_type="person",
        record_id=username,
        details={"before": before, "after": {"roles": chosen, "active": is_active}},
    )
    return person


@transaction.atomic
def set_password(actor: Actor, *, username: str, password: str) -> None:
    """Give an account a new password, which its person changes after logging in; journals it.

    Raises PermissionRefusedError, or NotFoundError where there is no such account.
    """
    require_permission(actor, "people.manage")
    person = _lock_person(username)
    person.set_password(password)
    person.save(update_fields=["password"])
    record(
        actor=actor.journal_name,
        action="person.password-set",
        record_type="person",
        record_id=username,
        details={},
    )


@transaction.atomic
def remove_factors(actor: Actor, *, username: str) -> None:
    """Remove a person's passkeys and one-time codes, for one who lost them; journals how many.

    Raises PermissionRefusedError, or NotFoundError where there is no such account.
    """
    require_permission(actor, "people.manage")
    person = _lock_person(username)
    removed, _by_model = Authenticator.objects.filter(user=person).delete()
    record(
        actor=actor.journal_name,
        action="person.factors-removed",
        record_type="person",
        record_id=username,
        details={"removed": removed},
    )


def ensure_handling(
    *,
    owner_id: int,
    tlp: str,
    audience: Iterable[int] = (),
    people: Iterable[int] = (),
    purposes: Iterable[str] = (Purpose.EARLY_WARNING,),
) -> Handling:
    """Return the handling with exactly these rules, made where it is not held yet."""
    rules = (sorted(set(audience)), sorted(set(people)), sorted({str(one) for one in purposes}))
    if tlp not in TrafficLight.values:
        raise ConfigurationError(
            f"handling: TLP level {tlp!r}; expected one of {', '.join(TrafficLight.values)}"
        )
    for purpose in rules[2]:
        if purpose not in Purpose.values:
            raise ConfigurationError(
                f"handling: purpose {purpose!r}; expected one of {', '.join(Purpose.values)}"
            )
    digest = Handling.derive_digest(owner_id, str(tlp), *rules)
    handling, _made = Handling.objects.get_or_create(
        digest=digest,
        defaults={
            "owner_id": owner_id,
            "tlp": str(tlp),
            "audience": rules[0],
            "people": rules[1],
            "purposes": rules[2],
        },
    )
    return handling


@transaction.atomic
def issue_token(actor: Actor, *, label: str, valid_days: int = 365) -> str:
    """Make an API token for the acting person and return it, the only time it is shown."""
    if actor.person_id is None:
        raise PermissionRefusedError("token: the actor is no person; expected a logged-in person")
    token = f"tocsin_{secrets.token_urlsafe(32)}"
    held = ApiToken.objects.create(
        person_id=actor.person_id,
        label=label,
        digest=derive_token_digest(token),
        expires_at=timezone.now() + timedelta(days=valid_days),
    )
    record(
        actor=actor.journal_name,
        action="token.issued",
        record_type="token",
        record_id=str(held.pk),
        details={"label": label, "valid_days": valid_days},
    )
    return token


@transaction.atomic
def revoke_token(actor: Actor, token_id: int) -> None:
    """End one of the acting person's own tokens at once; journals it.

    Raises NotFoundError for a token that is not the person's; an ended one stays ended.
    """
    if actor.person_id is None:
        raise PermissionRefusedError("token: the actor is no person; expected a logged-in person")
    own = ApiToken.objects.filter(pk=token_id, person_id=actor.person_id)
    if not own.exists():
        raise NotFoundError(f"token {token_id}: not found among your own")
    if own.filter(revoked_at=None).update(revoked_at=timezone.now()):
        record(
            actor=actor.journal_name,
            action="token.revoked",
            record_type="token",
            record_id=str(token_id),
            details={},
        )


def _lock_person(username: str) -> Person:
    person = Person.objects.select_for_update().filter(username=username).first()
    if person is None:
        raise NotFoundError(f"person {username!r}: not found; expected an account's name")
    return person


def _require_roles(roles: list[str], organisation: Organisation) -> None:
    unknown = [role for role in roles if role not in Role.values]
    if unknown:
        raise ConfigurationError(
            f"role {unknown[0]!r}: unknown; expected one of {', '.join(Role.values)}"
        )
    if Role.ADMINISTRATOR in roles and not organisation.is_own:
        raise RefusedError(
            f"organisation {organisation.key!r}: does not run this node; "
            "expected its own organisation's people as administrators"
        )
