"""Who may see what a request hands in."""

from tocsin.api.reading import make_bad_request
from tocsin.api.schemas.reports import EVERYBODY, HandlingIn
from tocsin.errors import PermissionRefusedError
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling
from tocsin.organisations.queries import list_organisations
from tocsin.organisations.services import ensure_handling
from tocsin.organisations.vocabulary import PUBLIC_AUDIENCE


def get_handling(actor: Actor, wanted: HandlingIn) -> Handling:
    """Get the handling a request asks for, of the actor's own organisation.

    Raises PermissionRefusedError for an actor without one, ValidationError for an unknown audience.
    """
    if actor.organisation_id is None:
        raise PermissionRefusedError("report: the actor has no organisation; expected one")
    keys = set(wanted.audience)
    numbers = {
        organisation.key: organisation.pk
        for organisation in list_organisations().filter(key__in=keys)
    } | {EVERYBODY: PUBLIC_AUDIENCE}
    unknown = sorted(keys - numbers.keys())
    if unknown:
        raise make_bad_request(
            "body", "handling", "audience", f"{unknown[0]!r} is no organisation's key"
        )
    return ensure_handling(
        owner_id=actor.organisation_id,
        tlp=wanted.tlp,
        audience=[numbers[key] for key in keys],
        purposes=wanted.purposes,
    )
