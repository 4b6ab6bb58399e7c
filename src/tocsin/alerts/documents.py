"""From a version of an alert to the plain values that every form of it is made from."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import override

from tocsin.alerts.formats.document import (
    AlertDocument,
    AlertText,
    Certainty,
    MessageType,
    Reference,
    Severity,
    TlpLevel,
    Urgency,
    derive_message_identifier,
)
from tocsin.alerts.identification import describe_identification, describe_to_public
from tocsin.alerts.models import AlertVersion, AlertWording
from tocsin.organisations.vocabulary import TrafficLight
from tocsin.substances.vocabulary import SubstanceKind


def derive_sender(organisation_key: str) -> str:
    """Return how CAP names this node as a sender: the organisation at the node's host."""
    return f"{organisation_key}@{urlsplit(settings.ADDRESS).hostname}"


def derive_document(
    version: AlertVersion,
    wordings: Iterable[AlertWording],
    *,
    sent: datetime,
    earlier: Iterable[AlertVersion] = (),
    references: tuple[Reference, ...] | None = None,
) -> AlertDocument:
    """Return a version as a document, as if it were sent at that moment.

    version: read with its alert, the alert's owner and substance. earlier: the released versions
    that an update or a cancellation replaces; references: the same as the sent CAP names them,
    for a reader who may not see them. Raises InvalidAlertError where a text is missing.
    """
    alert = version.alert
    sender = derive_sender(alert.owner.key)
    room = "public/alerts" if version.tlp == TrafficLight.CLEAR else "alerts"
    page = f"{settings.ADDRESS}/{room}/{alert.identifier}"
    return AlertDocument(
        identifier=alert.identifier,
        version=version.number,
        sender=sender,
        sender_name=alert.owner.name,
        sent=sent.replace(microsecond=0),
        status="Exercise" if settings.IS_DEMO else "Actual",
        message_type=cast("MessageType", version.message_type),
        tlp=cast("TlpLevel", version.tlp),
        severity=cast("Severity", version.severity),
        urgency=cast("Urgency", version.urgency),
        certainty=cast("Certainty", version.certainty),
        expires=version.expires_at.replace(microsecond=0),
        substance_name=alert.substance.name,
        substance_inchikey=alert.substance.inchikey,
        substance_cas=alert.substance.cas,
        isomer_group=alert.substance.kind == SubstanceKind.ISOMER_GROUP,
        identification_level=version.identification_level,
        isomer_open=version.is_isomer_open,
        country=version.country,
        region_code=version.region,
        references=_derive_references(sender, earlier) if references is None else references,
        texts=tuple(derive_text(version, wording) for wording in wordings),
        web_address=page,
        cap_address=f"{page}/cap.xml",
        note=version.note,
    )


def derive_text(version: AlertVersion, wording: AlertWording) -> AlertText:
    """The texts of one language, with how surely the substance was identified in that language."""
    level, is_isomer_open = version.identification_level, version.is_isomer_open
    with override(wording.language):
        return AlertText(
            language=wording.language,
            headline=wording.headline,
            what_was_seen=wording.what_was_seen,
            hazard=wording.hazard,
            advice_practitioners=wording.advice_practitioners,
            advice_public=wording.advice_public,
            area_description=wording.area_description,
            identification=describe_identification(level, is_isomer_open=is_isomer_open),
            identification_public=describe_to_public(level, is_isomer_open=is_isomer_open),
        )


def _derive_references(sender: str, earlier: Iterable[AlertVersion]) -> tuple[Reference, ...]:
    return tuple(
        Reference(
            sender,
            derive_message_identifier(one.alert.identifier, version=one.number),
            one.released_at.replace(microsecond=0),
        )
        for one in earlier
        if one.released_at is not None
    )
