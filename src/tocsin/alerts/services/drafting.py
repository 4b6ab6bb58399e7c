"""Writing drafts of alerts."""

from django.db import transaction
from django.utils import timezone

from tocsin.alerts.content import AlertContent, require_holdable
from tocsin.alerts.models import Alert, AlertVersion, AlertWording, MessageType, VersionState
from tocsin.alerts.services.identifying import (
    derive_identification,
    derive_identification_anew,
)
from tocsin.alerts.services.versions import (
    add_version,
    add_wordings,
    derive_content,
    derive_fields,
    get_newest_released,
    get_person_id,
    lock_alert,
    lock_open,
    record_step,
)
from tocsin.errors import WrongStateError
from tocsin.journal.locks import Lock, hold
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Organisation
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.queries import get_organisation_of
from tocsin.signals.models import SignalState
from tocsin.signals.queries import get_signal
from tocsin.substances.queries import get_substance


@transaction.atomic
def draft_alert(
    actor: Actor, content: AlertContent, *, signal_id: int | None = None, substance_key: str = ""
) -> AlertVersion:
    """Start an alert from a confirmed signal, or on a substance without one, and return its draft.

    Raises WrongStateError where the signal is not confirmed, NotFoundError where it or the
    substance is not there, InvalidAlertError where the content cannot be held or says that the
    substance was identified more surely than the evidence bears.
    """
    require_permission(actor, "alert.draft")
    require_holdable(content)
    owner = get_organisation_of(actor, what="alert")
    signal = get_signal(actor, signal_id) if signal_id is not None else None
    if signal is not None and signal.state != SignalState.CONFIRMED:
        raise WrongStateError(f"signal {signal_id}", held=signal.state, expected="confirmed")
    substance = signal.substance if signal is not None else get_substance(substance_key)
    alert = Alert.objects.create(
        owner=owner, identifier=_next_identifier(owner), signal=signal, substance=substance
    )
    return add_version(
        actor,
        alert,
        content,
        message_type=MessageType.ALERT,
        identification=derive_identification(
            actor, alert, country=content.country, lowered_to=content.lowered_to
        ),
    )


@transaction.atomic
def edit_draft(
    actor: Actor, version_id: int, content: AlertContent, *, note: str = ""
) -> AlertVersion:
    """Replace what a draft says. An asked-for release is void then: it must be asked for again.

    Raises InvalidAlertError where the content cannot be held or says that the substance was
    identified more surely than the evidence bears.
    """
    require_permission(actor, "alert.draft")
    require_holdable(content, note=note)
    version = lock_open(actor, version_id)
    fields = derive_fields(content) | derive_identification(
        actor, version.alert, country=content.country, lowered_to=content.lowered_to
    )
    for name, value in fields.items():
        setattr(version, name, value)
    version.note = note
    version.state = VersionState.DRAFT
    version.asked_at = None
    version.edited_by = sorted({*version.edited_by, get_person_id(actor)})
    version.save()
    AlertWording.objects.for_writing().filter(version=version).delete()
    add_wordings(version, content.wordings)
    record_step(actor, version, "alert.edited")
    return version


@transaction.atomic
def draft_update(actor: Actor, identifier: str) -> AlertVersion:
    """Start a new version of a released alert with the texts it has; return the draft.

    How surely the substance was identified is weighed anew.
    """
    require_permission(actor, "alert.draft")
    lock_alert(actor, identifier)
    newest = get_newest_released(actor, identifier)
    return add_version(
        actor,
        newest.alert,
        derive_content(newest),
        message_type=MessageType.UPDATE,
        identification=derive_identification_anew(actor, newest),
    )


@transaction.atomic
def discard_draft(actor: Actor, version_id: int) -> None:
    """Put a draft away; it stays in the alert's history and is never sent."""
    require_permission(actor, "alert.draft")
    version = lock_open(actor, version_id)
    version.state = VersionState.DISCARDED
    version.save(update_fields=["state"])
    record_step(actor, version, "alert.discarded")


def _next_identifier(owner: Organisation) -> str:
    """Return ``AT-2026-0017``: country or key, year, and a number that runs within them."""
    # One lock for all owners: two of one country share the running number.
    hold(Lock.ALERT_NUMBERS)
    prefix = f"{owner.country or owner.key.upper()[:40]}-{timezone.localdate().year}-"
    taken = Alert.objects.filter(identifier__startswith=prefix).count()
    return f"{prefix}{taken + 1:04d}"
