"""Asking for the release of alerts, releasing and cancelling them."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from tocsin.alerts.content import LONGEST_NOTE
from tocsin.alerts.documents import derive_document
from tocsin.alerts.formats.cap import write_cap
from tocsin.alerts.formats.document import is_readable
from tocsin.alerts.identification import describe_identification
from tocsin.alerts.models import AlertVersion, AlertWording, MessageType, VersionState
from tocsin.alerts.queries import OPEN_STATES, find_fallen_level, list_history
from tocsin.alerts.services.drafting import discard_draft
from tocsin.alerts.services.identifying import derive_identification, keep_identification
from tocsin.alerts.services.versions import (
    add_version,
    derive_content,
    get_newest_released,
    get_person_id,
    lock_alert,
    lock_open,
    record_step,
)
from tocsin.errors import FourEyesError, InvalidAlertError, RefusedError, WrongStateError
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.services import ensure_handling
from tocsin.organisations.vocabulary import PUBLIC_AUDIENCE, STRICTNESS, Purpose
from tocsin.reports.formats.personal_data import require_impersonal
from tocsin.signals.models import SignalState
from tocsin.signals.services import lock_signal


@transaction.atomic
def ask_release(actor: Actor, version_id: int) -> AlertVersion:
    """Hand a draft to the releasers; InvalidAlertError where it lacks what an alert must have.

    How surely the substance was identified is weighed anew: it may have become less, or with a
    lower level that a person chose, it may not be borne any more. Raises WrongStateError where its
    signal is no longer confirmed.
    """
    require_permission(actor, "alert.draft")
    version = lock_open(actor, version_id)
    _require_confirmed(version)
    identification = derive_identification(
        actor, version.alert, country=version.country, lowered_to=version.lowered_to
    )
    for name, value in identification.items():
        setattr(version, name, value)
    _require_advice(version)
    _build_cap(actor, version, timezone.now())
    version.state = VersionState.WAITING
    version.asked_at = timezone.now()
    version.save(update_fields=["state", "asked_at", *identification])
    record_step(actor, version, "alert.release-asked")
    return version


@transaction.atomic
def release_alert(actor: Actor, version_id: int) -> AlertVersion:
    """Release a draft that somebody else wrote, and return it as sent.

    Raises FourEyesError where the actor drafted or edited it, WrongStateError where no release was
    asked for, InvalidAlertError where it would not be valid CAP or where the evidence bears less
    by now than it says. From here on it never changes.
    """
    require_permission(actor, "alert.release")
    version = lock_open(actor, version_id)
    if get_person_id(actor) in {version.drafted_by_id, *version.edited_by}:
        raise FourEyesError(
            f"alert {version.alert.identifier}: you wrote this version; "
            "expected another releaser to release it"
        )
    if version.state != VersionState.WAITING:
        raise WrongStateError(
            f"alert {version.alert.identifier}", held=version.state, expected="waiting for release"
        )
    _require_confirmed(version)
    _require_advice(version)
    _require_borne(actor, version)
    return _release(actor, version)


@transaction.atomic
def cancel_alert(actor: Actor, identifier: str, *, reason: str) -> AlertVersion:
    """Take a released alert back at once, in every form, saying why.

    One releaser may do it alone: a warning that is wrong must not wait. An open draft of the same
    alert is discarded.
    """
    require_permission(actor, "alert.cancel")
    if not reason.strip():
        raise RefusedError(f"alert {identifier}: no reason given; expected why it is taken back")
    if len(reason) > LONGEST_NOTE or not is_readable(reason):
        raise InvalidAlertError(
            f"alert {identifier}, reason: expected at most {LONGEST_NOTE} characters "
            "without control characters"
        )
    require_impersonal(f"alert {identifier}, reason", reason)
    lock_alert(actor, identifier)
    newest = get_newest_released(actor, identifier)
    drafts = AlertVersion.objects.for_writing().filter(alert=newest.alert, state__in=OPEN_STATES)
    for draft in drafts:
        discard_draft(actor, draft.pk)
    version = add_version(
        actor,
        newest.alert,
        derive_content(newest),
        message_type=MessageType.CANCEL,
        identification=keep_identification(newest),
        note=reason,
    )
    return _release(actor, version)


def _release(actor: Actor, version: AlertVersion) -> AlertVersion:
    now = timezone.now()
    version.cap = _build_cap(actor, version, now)
    version.handling = ensure_handling(
        owner_id=version.alert.owner_id,
        tlp=version.tlp,
        audience=version.audience,
        purposes=Purpose.values,
    )
    version.state = VersionState.RELEASED
    version.released_by_id = get_person_id(actor)
    version.released_at = now
    version.save()
    action = "alert.cancelled" if version.message_type == MessageType.CANCEL else "alert.released"
    record_step(actor, version, action)
    return version


def _build_cap(actor: Actor, version: AlertVersion, now: datetime) -> bytes:
    wordings = AlertWording.objects.for_writing().filter(version=version).order_by("id")
    earlier = (
        []
        if version.number == 1
        else [
            one
            for one in list_history(actor, version.alert.identifier)
            if one.state == VersionState.RELEASED and one.number < version.number
        ]
    )
    if earlier:
        _require_no_fewer_readers(version, earlier[0])
    return write_cap(derive_document(version, wordings, sent=now, earlier=earlier))


def _require_no_fewer_readers(version: AlertVersion, earlier: AlertVersion) -> None:
    """Refuse a message that would not reach everybody who had the one it replaces."""
    names = f"alert {version.alert.identifier}, version {version.number}"
    if STRICTNESS[version.tlp] > STRICTNESS[earlier.tlp]:
        raise InvalidAlertError(
            f"{names}: is TLP:{version.tlp}; expected TLP:{earlier.tlp} or freer, as the message "
            "it replaces. Cancel the alert to take it back"
        )
    reached = PUBLIC_AUDIENCE in version.audience or set(earlier.audience) <= {*version.audience}
    if not reached:
        raise InvalidAlertError(
            f"{names}: leaves out recipients of the message it replaces; expected all of them"
        )


def _require_advice(version: AlertVersion) -> None:
    """Refuse a warning that does not say, in each of its languages, what to do."""
    for wording in AlertWording.objects.for_writing().filter(version=version).order_by("id"):
        if not (wording.advice_public.strip() or wording.advice_practitioners.strip()):
            raise InvalidAlertError(
                f"alert {version.alert.identifier}, advice ({wording.language}): found none; "
                "expected advice to the public or to practitioners"
            )


def _require_borne(actor: Actor, version: AlertVersion) -> None:
    fallen = find_fallen_level(actor, version)
    if fallen is not None:
        said = describe_identification(
            version.identification_level, is_isomer_open=version.is_isomer_open
        )
        raise InvalidAlertError(
            f"alert {version.alert.identifier}, identification: says “{said}”; the evidence that "
            f"you may see bears “{fallen}” by now; expected its release to be asked for anew"
        )


def _require_confirmed(version: AlertVersion) -> None:
    """Do nothing where the signal is confirmed, and keep it so until the transaction ends."""
    signal_id = version.alert.signal_id
    if version.message_type != MessageType.ALERT or signal_id is None:
        return
    signal = lock_signal(signal_id)
    if signal.state != SignalState.CONFIRMED:
        raise WrongStateError(f"signal {signal_id}", held=signal.state, expected="confirmed")
