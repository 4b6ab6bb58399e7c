"""Releasing packages by a second person, and ending them."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from tocsin.errors import FourEyesError, RefusedError, WrongStateError
from tocsin.notifications.models import Package, PackageSource
from tocsin.notifications.queries import EARLY_WARNING, get_package, is_outdated
from tocsin.notifications.services.states import (
    end_package,
    get_person_id,
    lock_package,
    record_action,
    require_reason,
)
from tocsin.notifications.vocabulary import PackageState
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling, Organisation
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.services import ensure_handling
from tocsin.organisations.vocabulary import PUBLIC_AUDIENCE, TrafficLight


@transaction.atomic
def release_package(actor: Actor, package_id: int, *, audience: Sequence[int] = ()) -> Package:
    """Release a draft that somebody else made, to organisations of this node, and return it.

    audience: numbers of organisations; nobody but the owner sees it without. Whoever had the package
    it replaces gets it as well, and that one ends. Raises FourEyesError where the actor worked on it, WrongStateError where it is no
    draft or is out of date, RefusedError where a recipient may not see one of its reports. From
    here on it never changes. Journals ``package.released``.
    """
    require_permission(actor, "package.release")
    package = lock_package(actor, package_id, PackageState.DRAFT)
    person = get_person_id(actor)
    if person in {package.made_by_id, *package.worked_on_by}:
        raise FourEyesError(
            f"package {package.identifier}: you made this version; "
            "expected another releaser to release it"
        )
    if is_outdated(get_package(actor, package_id)):
        raise WrongStateError(
            f"package {package.identifier}", held="out of date", expected="made anew"
        )
    # Who had the package that is replaced must learn that it does not hold.
    before = [] if package.replaces is None else package.replaces.handling.audience
    recipients = sorted({*audience, *before})
    _require_recipients(package, recipients)
    now = timezone.now()
    if package.replaces_id is not None:
        end_package(
            lock_package(actor, package.replaces_id, PackageState.RELEASED),
            PackageState.REPLACED,
            now,
        )
    package.handling = ensure_handling(
        owner_id=package.owner_id,
        tlp=package.handling.tlp,
        audience=recipients,
    )
    package.state = PackageState.RELEASED
    package.released_by_id = person
    package.released_at = now
    package.save()
    record_action(actor, package, "package.released", audience=recipients)
    return package


@transaction.atomic
def withdraw_package(actor: Actor, package_id: int, *, reason: str) -> Package:
    """Take a released package back, saying why; one releaser may do it alone.

    An open draft that would replace it is discarded. Journals ``package.withdrawn``.
    """
    require_permission(actor, "package.withdraw")
    package = lock_package(actor, package_id, PackageState.RELEASED)
    require_reason(package, reason)
    drafts = Package.objects.for_writing().filter(replaces=package, state=PackageState.DRAFT)
    for draft in drafts:
        end_package(draft, PackageState.DISCARDED, timezone.now())
        record_action(actor, draft, "package.discarded")
    package.ending = reason.strip()
    end_package(package, PackageState.WITHDRAWN, timezone.now())
    record_action(actor, package, "package.withdrawn")
    return package


@transaction.atomic
def discard_package(actor: Actor, package_id: int) -> Package:
    """Put a draft away; it stays in the history and is never sent. Journals it."""
    require_permission(actor, "package.make")
    package = lock_package(actor, package_id, PackageState.DRAFT)
    end_package(package, PackageState.DISCARDED, timezone.now())
    record_action(actor, package, "package.discarded")
    return package


def _require_recipients(package: Package, recipients: list[int]) -> None:
    """Refuse a recipient who may not see a report of somebody else that the package is made of."""
    known = set(Organisation.objects.filter(pk__in=recipients).values_list("pk", flat=True))
    if unknown := [one for one in recipients if one not in known]:
        raise RefusedError(
            f"package {package.identifier}: recipient {unknown[0]}; "
            "expected organisations of this node"
        )
    sources = PackageSource.objects.for_writing().filter(package=package)
    for source in sources.select_related("report__handling"):
        handling = source.report.handling
        if handling.owner_id == package.owner_id:
            continue
        for recipient in recipients:
            if not _may_see(handling, recipient):
                raise RefusedError(
                    f"package {package.identifier}: source {source.number} is not shared with "
                    f"organisation {recipient}; expected recipients who may see every report"
                )


def _may_see(handling: Handling, organisation_id: int) -> bool:
    if handling.owner_id == organisation_id:
        return True
    is_named = bool({organisation_id, PUBLIC_AUDIENCE} & set(handling.audience))
    return is_named and handling.tlp != TrafficLight.RED and EARLY_WARNING in handling.purposes
