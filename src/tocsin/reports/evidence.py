"""A report as plain values: what every door hands in, before anything is stored."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from tocsin.reports.record.values import Details, Value, find_detail
from tocsin.reports.record.words import Detection
from tocsin.reports.vocabulary import EventType


@dataclass(frozen=True, slots=True)
class EvidenceFinding:
    """One substance found in one material.

    amount is in ``unit``; purity_percent is a mass fraction in percent; decimal comma already read.
    details: the record's further fields of a finding, as ``make_details`` sorts them.
    """

    substance_text: str
    matrix: str
    specimen: str = ""
    amount: Decimal | None = None
    unit: str = ""
    purity_percent: Decimal | None = None
    technique: str = ""
    identification_level: str = ""
    laboratory: str = ""
    details: Details = ()

    def find_value(self, key: str) -> Value | None:
        """Find the value of a field of the record by its key; None where it is empty."""
        if key == "substance":
            return self.substance_text
        return _find_value(self, FINDING_FIELDS, key)


@dataclass(frozen=True, slots=True)
class EvidenceReport:
    """One event with its findings, as reported.

    reference: the sender's own, pseudonymous; empty where the sender has none.
    event_on: first day of the period that ``event_precision`` names.
    country: ISO 3166-1 alpha-2; region: a NUTS code, or empty; local_area: an area's name.
    details: the record's further fields of an event, as ``make_details`` sorts them.
    """

    event_type: str
    event_on: date
    country: str
    findings: tuple[EvidenceFinding, ...]
    reference: str = ""
    event_precision: str = "day"
    received_on: date | None = None
    reported_on: date | None = None
    region: str = ""
    local_area: str = ""
    border_post: str = ""
    source: str = ""
    details: Details = ()

    def find_value(self, key: str) -> Value | None:
        """Find the value of a field of the record by its key; None where it is empty."""
        return _find_value(self, REPORT_FIELDS, key)

    def is_counted(self, finding: EvidenceFinding) -> bool:
        """Tell whether a finding of this event is one in counts over weeks.

        A count over a period is not one finding, and what was looked for and not found is none.
        """
        return (
            self.event_type != EventType.AGGREGATED
            and find_detail(finding.details, "detection") != Detection.NOT_DETECTED
        )

    def derive_content_digest(self) -> bytes:
        """Return the SHA-256 of the content in canonical form, 32 bytes.

        Equal content gives an equal digest on every machine: 5 is 5.00, and a field that is empty
        counts as absent, so that a field added later leaves the digests of older reports as they
        are. The order of findings matters.
        """
        canonical = json.dumps(
            _list_values(self, REPORT_FIELDS), separators=(",", ":"), ensure_ascii=False
        )
        return hashlib.sha256(canonical.encode(errors="surrogatepass")).digest()


REPORT_FIELDS = tuple(sorted(field.name for field in fields(EvidenceReport)))
FINDING_FIELDS = tuple(sorted(field.name for field in fields(EvidenceFinding)))


def _find_value(
    record: EvidenceReport | EvidenceFinding, names: tuple[str, ...], key: str
) -> Value | None:
    if key not in names:
        return find_detail(record.details, key)
    value: Value | None = getattr(record, key)
    return value if value != "" else None


def _list_values(record: EvidenceReport | EvidenceFinding, names: tuple[str, ...]) -> list[Any]:
    """The names and values of what is not empty, as JSON holds it."""
    values: list[Any] = []
    for name in names:
        value = getattr(record, name)
        if value is None or value == "" or value == ():
            continue
        if name == "findings":
            value = [_list_values(finding, FINDING_FIELDS) for finding in value]
        elif name == "details":
            value = [part for key, held in value for part in (key, _write_value(held))]
        values += (name, _write_value(value))
    return values


def _write_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class CellProblem:
    """Why a row was refused: where, what was found, what was expected.

    row: the number the sender's spreadsheet shows. column: the sender's own heading, empty when
    the whole row is meant. code: stable, for programs. found: what stood there, at most 80
    characters, withheld where it looks like personal data.
    """

    row: int
    column: str
    code: str
    found: str
    expected: str
