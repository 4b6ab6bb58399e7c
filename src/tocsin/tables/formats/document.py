"""A table as plain values: what every file of it is written from."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tocsin.tables.cells import Observation, SubstanceCode

SCHEMA = "tocsin-table-1"
COLUMNS = (
    "indicator",
    "substance",
    "form",
    "authority",
    "value",
    "status",
    "confidentiality",
)
"""What the members of an observation are, in the JSON of a table."""


@dataclass(frozen=True, slots=True)
class TableDocument:
    """One version of an aggregated table.

    period: as SDMX writes it. country: empty for all places. threshold: below which counts are
    hidden; None where nothing is. replaces: the version that this one corrects, None for the first;
    reason: why. remarks: sentences about what was counted.
    """

    identifier: str
    version: int
    sender: str
    period: str
    frequency: str
    country: str
    threshold: int | None
    replaces: int | None
    reason: str
    made_at: str
    remarks: tuple[str, ...]
    codes: tuple[SubstanceCode, ...]
    observations: tuple[Observation, ...]


def write_content(document: TableDocument) -> dict[str, Any]:
    """Return a document as JSON holds it; values are texts, so that no digit is lost."""
    return {
        "schema": SCHEMA,
        "identifier": document.identifier,
        "version": document.version,
        "sender": document.sender,
        "period": document.period,
        "frequency": document.frequency,
        "country": document.country,
        "threshold": document.threshold,
        "replaces": document.replaces,
        "reason": document.reason,
        "made_at": document.made_at,
        "remarks": list(document.remarks),
        "codes": [[one.code, one.name, one.parent] for one in document.codes],
        "columns": list(COLUMNS),
        "observations": [
            [
                *one.key,
                None if one.value is None else format(one.value, "f"),
                one.status,
                one.confidentiality,
            ]
            for one in document.observations
        ],
    }


def read_content(content: Mapping[str, Any]) -> TableDocument:
    """Return the document that ``write_content`` wrote."""
    return TableDocument(
        identifier=content["identifier"],
        version=content["version"],
        sender=content["sender"],
        period=content["period"],
        frequency=content["frequency"],
        country=content["country"],
        threshold=content["threshold"],
        replaces=content["replaces"],
        reason=content["reason"],
        made_at=content["made_at"],
        remarks=tuple(content["remarks"]),
        codes=tuple(SubstanceCode(*one) for one in content["codes"]),
        observations=tuple(
            Observation(
                indicator,
                substance,
                form,
                authority,
                None if value is None else Decimal(value),
                status,
                confidentiality,
            )
            for (
                indicator,
                substance,
                form,
                authority,
                value,
                status,
                confidentiality,
            ) in content["observations"]
        ),
    )
