"""Tables as SDMX-CSV 2.0, whole or as corrections of a version sent before.

Source: SDMX-CSV 2.0 data message field guide (sdmx-twg/sdmx-csv, docs/data_message_field_guide.md):
columns STRUCTURE, STRUCTURE_ID, ACTION, then the components; actions A, R and D.
"""

import csv
import io
from collections.abc import Iterator
from enum import StrEnum
from typing import IO

from tocsin.tables.cells import Observation
from tocsin.tables.formats.document import TableDocument
from tocsin.tables.periods import SDMX_FREQUENCY
from tocsin.tables.vocabulary import TOTAL, UNIT_OF_INDICATOR, Frequency

AGENCY = "TOCSIN"
DATAFLOW = "DF_DRUG_EVENTS"
STRUCTURE_VERSION = "1.0.0"
STRUCTURE_ID = f"{AGENCY}:{DATAFLOW}({STRUCTURE_VERSION})"
MEDIA_TYPE = "application/vnd.sdmx.data+csv; version=2.0.0"
DIMENSIONS = (
    "FREQ",
    "REF_AREA",
    "INDICATOR",
    "SUBSTANCE",
    "FORM",
    "AUTHORITY",
    "TIME_PERIOD",
)
ATTRIBUTES = ("UNIT_MEASURE", "OBS_STATUS", "CONF_STATUS")
COLUMNS = ("STRUCTURE", "STRUCTURE_ID", "ACTION", *DIMENSIONS, "OBS_VALUE", *ATTRIBUTES)


class Action(StrEnum):
    """What a receiver does with a row."""

    APPEND = "A"
    REPLACE = "R"
    DELETE = "D"


def write_sdmx_csv(
    document: TableDocument, stream: IO[bytes], *, before: TableDocument | None = None
) -> int:
    """Write a table as SDMX-CSV 2.0 in UTF-8; return how many rows.

    before: a version that the receiver holds. Then only what changed is written: R replaces or adds
    an observation, D deletes one that is no more. An observation without a value has an empty
    OBS_VALUE, never NaN, and OBS_STATUS says why.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    rows = list(_iter_rows(document) if before is None else _iter_changes(before, document))
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
        text.flush()
    finally:
        text.detach()
    return len(rows)


def _iter_rows(document: TableDocument) -> Iterator[tuple[str, ...]]:
    for one in document.observations:
        yield _write_row(document, one, Action.APPEND)


def _iter_changes(before: TableDocument, after: TableDocument) -> Iterator[tuple[str, ...]]:
    old = {one.key: one for one in before.observations}
    for one in after.observations:
        if old.pop(one.key, None) != one:
            yield _write_row(after, one, Action.REPLACE)
    for one in old.values():
        yield _write_row(after, one, Action.DELETE)


def _write_row(document: TableDocument, one: Observation, action: Action) -> tuple[str, ...]:
    key = (
        SDMX_FREQUENCY[Frequency(document.frequency)],
        document.country or TOTAL,
        *one.key,
        document.period,
    )
    row = ("dataflow", STRUCTURE_ID, action.value, *key)
    if action is Action.DELETE:
        # Only the whole key: the observation goes with all its attributes.
        return (*row, "", *("" for _ in ATTRIBUTES))
    value = "" if one.value is None else format(one.value, "f")
    unit = UNIT_OF_INDICATOR[one.indicator]
    return (*row, value, unit, one.status, one.confidentiality)
