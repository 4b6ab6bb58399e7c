"""What every step of a package has in common: the lock, the reason, the person, the journal."""

from datetime import datetime

from tocsin.errors import InvalidPackageError, NotFoundError, RefusedError, WrongStateError
from tocsin.journal.services import record
from tocsin.notifications.models import Package
from tocsin.organisations.actors import Actor
from tocsin.reports.formats.personal_data import require_impersonal

LONGEST_REASON = 2_000


def lock_package(actor: Actor, package_id: int, state: str) -> Package:
    """Lock a package of the actor's organisation that is in a state; return it."""
    if actor.organisation_id is None:
        raise NotFoundError(f"package {package_id}: not found")
    own = Package.objects.for_writing().filter(owner_id=actor.organisation_id)
    found = own.filter(pk=package_id).values_list("identifier", flat=True).first()
    if found is None:
        raise NotFoundError(f"package {package_id}: not found among your organisation's")
    # All versions: one is released while another is drafted, replaced or withdrawn.
    versions = list(own.filter(identifier=found).select_for_update(of=("self",)).order_by("pk"))
    package: Package = next(one for one in versions if one.pk == package_id)
    if package.state != state:
        raise WrongStateError(
            f"package {package.identifier}, version {package.number}",
            held=package.state,
            expected=state,
        )
    return package


def end_package(package: Package, state: str, now: datetime) -> None:
    """Put a locked package into a state that it never leaves."""
    package.state = state
    package.ended_at = now
    package.save(update_fields=["state", "ended_at", "ending"])


def require_reason(package: Package, reason: str) -> None:
    """Do nothing for a reason that can be held; RefusedError without one, or about a person."""
    if not reason.strip():
        raise RefusedError(
            f"package {package.identifier}: no reason given; expected a sentence that says why"
        )
    if len(reason) > LONGEST_REASON:
        raise InvalidPackageError(
            f"package {package.identifier}: reason of {len(reason)} characters; "
            f"expected at most {LONGEST_REASON}"
        )
    require_impersonal(f"package {package.identifier}, reason", reason)


def get_person_id(actor: Actor) -> int:
    """Return the number of the acting person; RefusedError for an actor that is none."""
    if actor.person_id is None:
        raise RefusedError("package: made or released by no person; expected a person")
    return actor.person_id


def record_action(actor: Actor, package: Package, action: str, **details: object) -> None:
    """Journal a step of a package in the caller's transaction."""
    record(
        actor=actor.journal_name,
        action=action,
        record_type="package",
        record_id=package.identifier,
        details={
            "kind": package.kind,
            "version": package.number,
            "state": package.state,
            "tlp": package.handling.tlp,
            **details,
        },
    )
