"""A report as plain values: what every door hands in, before anything is stored."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class EvidenceFinding:
    """One substance found in one material.

    amount is in ``unit``; purity_percent is a mass fraction in percent; decimal comma already read.
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


@dataclass(frozen=True, slots=True)
class EvidenceReport:
    """One event with its findings, as reported.

    reference: the sender's own, pseudonymous; empty where the sender has none.
    event_on: first day of the period that ``event_precision`` names.
    country: ISO 3166-1 alpha-2; region: a NUTS code, or empty; local_area: an area's name.
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


def _list_values(record: EvidenceReport | EvidenceFinding, names: tuple[str, ...]) -> list[Any]:
    """The names and values of what is not empty, as JSON holds it."""
    values: list[Any] = []
    for name in names:
        value = getattr(record, name)
        if value is None or value == "" or value == ():
            continue
        if isinstance(value, tuple):
            value = [_list_values(finding, FINDING_FIELDS) for finding in value]
        elif isinstance(value, Decimal):
            value = format(value, "f")
            value = value.rstrip("0").rstrip(".") if "." in value else value
        elif isinstance(value, date):
            value = value.isoformat()
        values += (name, value)
    return values


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
