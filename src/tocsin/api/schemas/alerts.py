"""Alerts, out."""

from datetime import datetime

from ninja import Schema
from pydantic import Field

from tocsin.alerts.models import AlertVersion, MessageType
from tocsin.alerts.queries import ALERT_ORDERS, derive_standing
from tocsin.api.schemas.words import (
    OrganisationReference,
    Page,
    PageParameters,
    ShortText,
    SubstanceReference,
    choose_from,
)


class AlertParameters(PageParameters):
    """Which alerts, in which order."""

    search: ShortText = Field("", description="Part of an identifier, substance or headline.")
    order: choose_from(ALERT_ORDERS) = "-drafted_at"  # type: ignore[valid-type]


class HeadlineOut(Schema):
    """The headline in one language (BCP 47)."""

    language: str
    text: str


class AlertIdentification(Schema):
    """How surely the substance was identified; null where it is not stated."""

    level: str | None = Field(
        description="A level of Schymanski or of SWGDRUG, as in the record.",
        examples=["schymanski-2a"],
    )
    isomer_open: bool = Field(description="Whether the analyses do not tell which isomer it is.")


class AlertOut(Schema):
    """The newest version of an alert that the reader may see."""

    identifier: str = Field(examples=["AT-2026-0017"])
    version: int
    message_type: str
    standing: str = Field(description="draft, waiting, live, expired or cancelled.")
    is_in_force: bool
    owner: OrganisationReference
    tlp: str
    severity: str = Field(description="Words of CAP 1.2.")
    urgency: str
    certainty: str
    substance: SubstanceReference
    identification: AlertIdentification
    country: str
    region: str
    headlines: list[HeadlineOut]
    drafted_at: datetime
    released_at: datetime | None
    expires_at: datetime


class AlertPage(Page):
    """One page of alerts."""

    items: list[AlertOut]


class AlertSubstance(Schema):
    """The substance as the message names it."""

    name: str
    inchikey: str | None
    cas: str | None
    isomer_group: bool


class Geocode(Schema):
    """A place by a code of a named system."""

    system: str
    code: str


class AlertPlace(Schema):
    """The place the message is about."""

    country: str | None
    nuts: str | None
    geocodes: list[Geocode]


class AlertTextOut(Schema):
    """What the message says in one language; null where it says nothing."""

    language: str
    headline: str
    area_description: str
    what_was_seen: str | None
    identification: str | None = Field(description="In the words of the scale.")
    identification_public: str | None = Field(description="In plain words.")
    hazard: str | None
    advice_public: str | None
    advice_practitioners: str | None


class MessageReference(Schema):
    """An earlier message that this one replaces."""

    sender: str
    identifier: str
    sent: str


class AlertMessage(Schema):
    """The newest released message of an alert; the same keys in every message."""

    schema_version: int
    identifier: str
    version: int
    message_identifier: str
    message_type: str
    status: str
    tlp: str = Field(examples=["TLP:CLEAR"])
    sender: str
    sender_name: str
    sent: str
    effective: str | None
    expires: str | None
    cancelled: bool
    note: str | None
    severity: str
    urgency: str
    certainty: str
    substance: AlertSubstance
    identification: AlertIdentification
    place: AlertPlace
    texts: list[AlertTextOut]
    references: list[MessageReference]
    web: str | None
    cap: str | None


def describe_alert(version: AlertVersion, *, now: datetime) -> AlertOut:
    """Lay out a version that was read with its alert and texts, as it stands at a moment."""
    standing = derive_standing(version, now=now)
    alert, is_cancelled = version.alert, version.message_type == MessageType.CANCEL
    return AlertOut(
        identifier=alert.identifier,
        version=version.number,
        message_type=version.message_type,
        standing=standing.word,
        is_in_force=standing.is_in_force,
        owner=OrganisationReference(key=alert.owner.key, name=alert.owner.name),
        tlp=version.tlp,
        severity=version.severity,
        urgency=version.urgency,
        certainty=version.certainty,
        substance=SubstanceReference(key=alert.substance.key, name=alert.substance.name),
        identification=AlertIdentification(
            level=None if is_cancelled else version.identification_level or None,
            isomer_open=version.is_isomer_open and not is_cancelled,
        ),
        country=version.country,
        region=version.region,
        headlines=[
            HeadlineOut(language=wording.language, text=wording.headline)
            for wording in version.wordings.all()
        ],
        drafted_at=version.drafted_at,
        released_at=version.released_at,
        expires_at=version.expires_at,
    )
