"""Keeping profiles that people made by matching columns."""

from django.db import transaction

from tocsin.errors import BadProfileError, PermissionRefusedError
from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission
from tocsin.reports.formats.profiles import list_profiles, parse_profile
from tocsin.reports.models import ImportProfile


@transaction.atomic
def save_profile(actor: Actor, *, name: str, text: str) -> ImportProfile:
    """Keep a profile under a name of the actor's organisation, replacing an older one.

    Raises BadProfileError where the text is no profile or the name is that of a shipped one.
    """
    require_permission(actor, "report.import")
    if actor.organisation_id is None:
        raise PermissionRefusedError("profile: the actor has no organisation; expected a person")
    parse_profile(text)
    if name in list_profiles():
        raise BadProfileError(f"profile {name!r}: ships with Tocsin; expected another name")
    profile, _made = ImportProfile.objects.update_or_create(
        owner_id=actor.organisation_id, name=name, defaults={"text": text}
    )
    record(
        actor=actor.journal_name,
        action="profile.saved",
        record_type="profile",
        record_id=name,
        details={},
    )
    return profile
