"""An alert as JSON: the same keys in every version of every alert."""

from datetime import UTC, datetime
from typing import Any, Final

from tocsin.alerts.formats.document import AlertDocument, AlertText

SCHEMA_VERSION: Final = 1


def derive_json(document: AlertDocument) -> dict[str, Any]:
    """Lay the message out as plain JSON values.

    Every key is always there: what is not known is null (or an empty list), never left out.
    Moments are ISO 8601 in UTC, to the second. A cancellation has the reason in "note", and null
    for what was seen, how surely it was identified, the hazard and all advice.
    Source: own format; the words of severity, urgency and certainty are those of CAP 1.2.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "identifier": document.identifier,
        "version": document.version,
        "message_identifier": document.message_identifier,
        "message_type": document.message_type,
        "status": document.status,
        "tlp": f"TLP:{document.tlp}",
        "sender": document.sender,
        "sender_name": document.sender_name,
        "sent": _write_moment(document.sent),
        "effective": _write_moment(document.effective),
        "expires": _write_moment(document.expires),
        "cancelled": document.is_cancelled,
        "note": document.note or None,
        "severity": document.severity,
        "urgency": document.urgency,
        "certainty": document.certainty,
        "substance": {
            "name": document.substance_name,
            "inchikey": document.substance_inchikey or None,
            "cas": document.substance_cas or None,
            "isomer_group": document.isomer_group,
        },
        "identification": {
            "level": None if document.is_cancelled else document.identification_level or None,
            "isomer_open": document.isomer_open and not document.is_cancelled,
        },
        "place": {
            "country": document.country or None,
            "nuts": document.region_code or None,
            "geocodes": [{"system": system, "code": code} for system, code in document.geocodes],
        },
        "texts": [_derive_text(document, text) for text in document.texts],
        "references": [
            {"sender": sender, "identifier": identifier, "sent": _write_moment(sent)}
            for sender, identifier, sent in document.references
        ],
        "web": document.web_address or None,
        "cap": document.cap_address or None,
    }


def _derive_text(document: AlertDocument, text: AlertText) -> dict[str, str | None]:
    stands = not document.is_cancelled
    return {
        "language": text.language,
        "headline": text.headline,
        "area_description": text.area_description,
        "what_was_seen": text.what_was_seen if stands else None,
        "identification": (text.identification or None) if stands else None,
        "identification_public": (text.identification_public or None) if stands else None,
        "hazard": (text.hazard or None) if stands else None,
        "advice_public": (text.advice_public or None) if stands else None,
        "advice_practitioners": (text.advice_practitioners or None) if stands else None,
    }


def _write_moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds")
