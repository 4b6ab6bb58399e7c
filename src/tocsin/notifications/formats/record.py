"""A report as the published event record writes it: one event with its findings."""

from decimal import Decimal
from typing import Any

from tocsin.reports.evidence import EvidenceReport
from tocsin.reports.record import EVENT_FIELDS, FINDING_FIELDS
from tocsin.reports.record.values import Plain, Value, make_details, to_plain


def derive_record(evidence: EvidenceReport) -> dict[str, Any]:
    """Write a report as plain JSON values in the schema of the event record.

    Fields without a value are left out; dates and decimals are texts.
    """
    findings = [
        _write({field.key: finding.find_value(field.key) for field in FINDING_FIELDS})
        for finding in evidence.findings
    ]
    event = _write({field.key: evidence.find_value(field.key) for field in EVENT_FIELDS})
    return {**event, "findings": findings}


def _write(values: dict[str, Value | None]) -> dict[str, Plain]:
    trimmed = {key: _trim(value) for key, value in values.items()}
    return to_plain(make_details(trimmed))


def _trim(value: Value | None) -> Value | None:
    """Return a decimal without closing zeros, as the database adds them."""
    if isinstance(value, Decimal):
        return Decimal(format(value.normalize(), "f"))
    return value
