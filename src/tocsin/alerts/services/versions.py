"""What every step with a version of an alert needs: locks, rows, the journal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tocsin.alerts.content import AlertContent, Wording
from tocsin.alerts.models import Alert, AlertVersion, AlertWording, MessageType, VersionState
from tocsin.alerts.queries import OPEN_STATES, get_version, list_history
from tocsin.errors import NotFoundError, RefusedError, WrongStateError
from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.services import ensure_handling
from tocsin.organisations.vocabulary import PUBLIC_AUDIENCE, Purpose, TrafficLight


def lock_alert(actor: Actor, identifier: str) -> None:
    """Let one transaction at a time add, release or cancel versions of an alert."""
    held = Alert.objects.select_for_update().filter(identifier=identifier)
    if not held.filter(owner_id=actor.organisation_id).exists():
        raise NotFoundError(f"alert {identifier}: not found among your organisation's")


def lock_open(actor: Actor, version_id: int) -> AlertVersion:
    """Lock the alert of a version that can still be changed, and return the version."""
    lock_alert(actor, get_version(actor, version_id).alert.identifier)
    held = AlertVersion.objects.for_writing().select_related(
        "alert__owner", "alert__substance", "alert__signal__substance"
    )
    version: AlertVersion = held.get(pk=version_id)
    if version.state not in OPEN_STATES:
        raise WrongStateError(
            f"alert {version.alert.identifier}, version {version.number}",
            held=version.state,
            expected="a draft or waiting for release",
        )
    return version


def get_newest_released(actor: Actor, identifier: str) -> AlertVersion:
    """Return what an own alert says to its readers now; WrongStateError where it is cancelled."""
    released = [
        one for one in list_history(actor, identifier) if one.state == VersionState.RELEASED
    ]
    if not released or released[0].alert.owner_id != actor.organisation_id:
        raise NotFoundError(f"alert {identifier}: not found among your organisation's released")
    if released[0].message_type == MessageType.CANCEL:
        raise WrongStateError(f"alert {identifier}", held="cancelled", expected="released")
    return released[0]


def derive_content(version: AlertVersion) -> AlertContent:
    """Return what a version says, as its next one begins with."""
    return AlertContent(
        severity=version.severity,
        urgency=version.urgency,
        certainty=version.certainty,
        country=version.country,
        region=version.region,
        expires_at=version.expires_at,
        tlp=version.tlp,
        audience=tuple(version.audience),
        lowered_to=version.lowered_to,
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
            for one in version.wordings.all()
        ),
    )


def add_version(
    actor: Actor,
    alert: Alert,
    content: AlertContent,
    *,
    message_type: MessageType,
    identification: Mapping[str, Any],
    note: str = "",
) -> AlertVersion:
    """Add the next version of an alert as a draft; WrongStateError where one is open already.

    identification: values of the fields that say how surely the substance was identified.
    """
    held = AlertVersion.objects.for_writing().filter(alert=alert)
    if held.filter(state__in=OPEN_STATES).exists():
        raise WrongStateError(
            f"alert {alert.identifier}", held="in work already", expected="no open draft of it"
        )
    version: AlertVersion = AlertVersion.objects.create(
        alert=alert,
        number=max(held.values_list("number", flat=True), default=0) + 1,
        message_type=message_type,
        note=note,
        handling=ensure_handling(
            owner_id=alert.owner_id, tlp=TrafficLight.AMBER_STRICT, purposes=Purpose.values
        ),
        drafted_by_id=get_person_id(actor),
        **derive_fields(content),
        **identification,
    )
    add_wordings(version, content.wordings)
    record_step(actor, version, "alert.drafted")
    return version


def add_wordings(version: AlertVersion, wordings: Sequence[Wording]) -> None:
    """Add the texts of a version."""
    AlertWording.objects.bulk_create(
        [AlertWording(version=version, **asdict(wording)) for wording in wordings]
    )


def derive_fields(content: AlertContent) -> dict[str, Any]:
    """Return the fields of a version that hold what an author says, but for its texts."""
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


def get_person_id(actor: Actor) -> int:
    """Return the person who takes a step; RefusedError where it is none."""
    if actor.person_id is None:
        raise RefusedError("alert: drafted or released by no person; expected a person")
    return actor.person_id


def record_step(actor: Actor, version: AlertVersion, action: str) -> None:
    """Journal a step with a version."""
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
            "identification": version.identification_level,
        },
    )
