"""All writing of alerts: draft, ask for release, release, update, cancel."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from tocsin.alerts.content import LONGEST_NOTE, AlertContent, Wording, require_holdable
from tocsin.alerts.documents import derive_document
from tocsin.alerts.formats.cap import write_cap
from tocsin.alerts.formats.document import is_readable
from tocsin.alerts.models import (
    Alert,
    AlertVersion,
    AlertWording,
    MessageType,
    VersionState,
)
from tocsin.alerts.queries import OPEN_STATES, get_version, list_history
from tocsin.errors import (
    FourEyesError,
    InvalidAlertError,
    NotFoundError,
    RefusedError,
    WrongStateError,
)
from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Organisation
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.services import ensure_handling
from tocsin.organisations.vocabulary import (
    PUBLIC_AUDIENCE,
    STRICTNESS,
    Purpose,
    TrafficLight,
)
from tocsin.signals.models import SignalState
from tocsin.signals.queries import get_signal
from tocsin.signals.services import lock_signal
from tocsin.substances.queries import get_substance

__all__ = [
    "AlertContent",
    "Wording",
    "ask_release",
    "cancel_alert",
    "discard_draft",
    "draft_alert",
    "draft_update",
    "edit_draft",
    "release_alert",
]


@transaction.atomic
def draft_alert(
    actor: Actor, content: AlertContent, *, signal_id: int | None = None, substance_key: str = ""
) -> AlertVersion:
    """Start an alert from a confirmed signal, or on a substance without one, and return its draft.

    Raises WrongStateError where the signal is not confirmed, NotFoundError where it or the
    substance is not there, InvalidAlertError where the content cannot be held.
    """
    require_permission(actor, "alert.draft")
    require_holdable(content)
    owner = _get_own_organisation(actor)
    signal = get_signal(actor, signal_id) if signal_id is not None else None
    if signal is not None and signal.state != SignalState.CONFIRMED:
        raise WrongStateError(f"signal {signal_id}", held=signal.state, expected="confirmed")
    substance = signal.substance if signal is not None else get_substance(substance_key)
    alert = Alert.objects.create(
        owner=owner, identifier=_next_identifier(owner), signal=signal, substance=substance
    )
    return _add_version(actor, alert, content, number=1, message_type=MessageType.ALERT, note="")


@transaction.atomic
def edit_draft(
    actor: Actor, version_id: int, content: AlertContent, *, note: str = ""
) -> AlertVersion:
    """Replace what a draft says. An asked-for release is void then: it must be asked for again.

    Raises InvalidAlertError where the content cannot be held.
    """
    require_permission(actor, "alert.draft")
    require_holdable(content, note=note)
    version = _lock_open(actor, version_id)
    for name, value in _fields_of(content).items():
        setattr(version, name, value)
    version.note = note
    version.state = VersionState.DRAFT
    version.asked_at = None
    version.edited_by = sorted({*version.edited_by, _person_of(actor)})
    version.save()
    AlertWording.objects.for_writing().filter(version=version).delete()
    _add_wordings(version, content.wordings)
    _record(actor, version, "alert.edited")
    return version


@transaction.atomic
def ask_release(actor: Actor, version_id: int) -> AlertVersion:
    """Hand a draft to the releasers; InvalidAlertError where it lacks what an alert must have.

    Raises WrongStateError where its signal is no longer confirmed.
    """
    require_permission(actor, "alert.draft")
    version = _lock_open(actor, version_id)
    _require_confirmed(version)
    _build_cap(actor, version, timezone.now())
    version.state = VersionState.WAITING
    version.asked_at = timezone.now()
    version.save(update_fields=["state", "asked_at"])
    _record(actor, version, "alert.release-asked")
    return version


@transaction.atomic
def release_alert(actor: Actor, version_id: int) -> AlertVersion:
    """Release a draft that somebody else wrote, and return it as sent.

    Raises FourEyesError where the actor drafted or edited it, WrongStateError where no release was
    asked for, InvalidAlertError where it would not be valid CAP. From here on it never changes.
    """
    require_permission(actor, "alert.release")
    version = _lock_open(actor, version_id)
    if _person_of(actor) in {version.drafted_by_id, *version.edited_by}:
        raise FourEyesError(
            f"alert {version.alert.identifier}: you wrote this version; "
            "expected another releaser to release it"
        )
    if version.state != VersionState.WAITING:
        raise WrongStateError(
            f"alert {version.alert.identifier}", held=version.state, expected="waiting for release"
        )
    _require_confirmed(version)
    return _release(actor, version)


@transaction.atomic
def draft_update(actor: Actor, identifier: str) -> AlertVersion:
    """Start a new version of a released alert with the texts it has; return the draft."""
    require_permission(actor, "alert.draft")
    _lock_alert(actor, identifier)
    newest = _get_newest_released(actor, identifier)
    return _copy_version(actor, newest, MessageType.UPDATE, note="")


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
    _lock_alert(actor, identifier)
    newest = _get_newest_released(actor, identifier)
    drafts = AlertVersion.objects.for_writing().filter(alert=newest.alert, state__in=OPEN_STATES)
    for draft in drafts:
        discard_draft(actor, draft.pk)
    version = _copy_version(actor, newest, MessageType.CANCEL, note=reason)
    return _release(actor, version)


@transaction.atomic
def discard_draft(actor: Actor, version_id: int) -> None:
    """Put a draft away; it stays in the alert's history and is never sent."""
    require_permission(actor, "alert.draft")
    version = _lock_open(actor, version_id)
    version.state = VersionState.DISCARDED
    version.save(update_fields=["state"])
    _record(actor, version, "alert.discarded")


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
    version.released_by_id = _person_of(actor)
    version.released_at = now
    version.save()
    action = "alert.cancelled" if version.message_type == MessageType.CANCEL else "alert.released"
    _record(actor, version, action)
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


def _copy_version(
    actor: Actor, newest: AlertVersion, message_type: MessageType, *, note: str
) -> AlertVersion:
    content = AlertContent(
        severity=newest.severity,
        urgency=newest.urgency,
        certainty=newest.certainty,
        country=newest.country,
        region=newest.region,
        expires_at=newest.expires_at,
        tlp=newest.tlp,
        audience=tuple(newest.audience),
        wordings=tuple(
            Wording(
                language=one.language,
                headline=one.headline,
                area_description=one.area_description,
                what_was_seen=one.what_was_seen,
                hazard=one.hazard,
                advice_practitioners=one.advice_practitioners,
                advice_public=one.advice_public,
            )
            for one in newest.wordings.all()
        ),
    )
    held = AlertVersion.objects.for_writing().filter(alert=newest.alert)
    number = max(held.values_list("number", flat=True)) + 1
    return _add_version(
        actor, newest.alert, content, number=number, message_type=message_type, note=note
    )


def _add_version(
    actor: Actor,
    alert: Alert,
    content: AlertContent,
    *,
    number: int,
    message_type: MessageType,
    note: str,
) -> AlertVersion:
    if AlertVersion.objects.for_writing().filter(alert=alert, state__in=OPEN_STATES).exists():
        raise WrongStateError(
            f"alert {alert.identifier}", held="in work already", expected="no open draft of it"
        )
    version: AlertVersion = AlertVersion.objects.create(
        alert=alert,
        number=number,
        message_type=message_type,
        note=note,
        handling=ensure_handling(
            owner_id=alert.owner_id, tlp=TrafficLight.AMBER_STRICT, purposes=Purpose.values
        ),
        drafted_by_id=_person_of(actor),
        **_fields_of(content),
    )
    _add_wordings(version, content.wordings)
    _record(actor, version, "alert.drafted")
    return version


def _add_wordings(version: AlertVersion, wordings: Sequence[Wording]) -> None:
    AlertWording.objects.bulk_create(
        [AlertWording(version=version, **asdict(wording)) for wording in wordings]
    )


def _fields_of(content: AlertContent) -> dict[str, Any]:
    audience: Iterable[int] = (
        [PUBLIC_AUDIENCE] if content.tlp == TrafficLight.CLEAR else content.audience
    )
    return {
        "severity": content.severity,
        "urgency": content.urgency,
        "certainty": content.certainty,
        "country": content.country,
        "region": content.region,
        "expires_at": content.expires_at,
        "tlp": content.tlp,
        "audience": sorted(set(audience)),
    }


def _lock_alert(actor: Actor, identifier: str) -> None:
    """Let one transaction at a time add, release or cancel versions of an alert."""
    held = Alert.objects.select_for_update().filter(identifier=identifier)
    if not held.filter(owner_id=actor.organisation_id).exists():
        raise NotFoundError(f"alert {identifier}: not found among your organisation's")


def _lock_open(actor: Actor, version_id: int) -> AlertVersion:
    _lock_alert(actor, get_version(actor, version_id).alert.identifier)
    held = AlertVersion.objects.for_writing().select_related(
        "alert__owner", "alert__substance", "alert__signal"
    )
    version: AlertVersion = held.get(pk=version_id)
    if version.state not in OPEN_STATES:
        raise WrongStateError(
            f"alert {version.alert.identifier}, version {version.number}",
            held=version.state,
            expected="a draft or waiting for release",
        )
    return version


def _require_confirmed(version: AlertVersion) -> None:
    """Do nothing where the signal is confirmed, and keep it so until the transaction ends."""
    signal_id = version.alert.signal_id
    if version.message_type != MessageType.ALERT or signal_id is None:
        return
    signal = lock_signal(signal_id)
    if signal.state != SignalState.CONFIRMED:
        raise WrongStateError(f"signal {signal_id}", held=signal.state, expected="confirmed")


def _get_newest_released(actor: Actor, identifier: str) -> AlertVersion:
    released = [
        one for one in list_history(actor, identifier) if one.state == VersionState.RELEASED
    ]
    if not released or released[0].alert.owner_id != actor.organisation_id:
        raise NotFoundError(f"alert {identifier}: not found among your organisation's released")
    if released[0].message_type == MessageType.CANCEL:
        raise WrongStateError(f"alert {identifier}", held="cancelled", expected="released")
    return released[0]


def _next_identifier(owner: Organisation) -> str:
    """Return ``AT-2026-0017``: country or key, year, and a number that runs within them."""
    with connection.cursor() as cursor:
        # One lock for all owners: two of one country share the running number.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [7_402, 0])
    prefix = f"{owner.country or owner.key.upper()[:40]}-{timezone.localdate().year}-"
    taken = Alert.objects.filter(identifier__startswith=prefix).count()
    return f"{prefix}{taken + 1:04d}"


def _get_own_organisation(actor: Actor) -> Organisation:
    owner = Organisation.objects.filter(pk=actor.organisation_id or 0).first()
    if owner is None:
        raise RefusedError("alert: the actor has no organisation; expected a person of one")
    return owner


def _person_of(actor: Actor) -> int:
    if actor.person_id is None:
        raise RefusedError("alert: drafted or released by no person; expected a person")
    return actor.person_id


def _record(actor: Actor, version: AlertVersion, action: str) -> None:
    record(
        actor=actor.journal_name,
        action=action,
        record_type="alert",
        record_id=version.alert.identifier,
        details={
            "version": version.number,
            "tlp": version.tlp,
            "audience": version.audience,
            "state": version.state,
        },
    )
