"""The event record: every field once, from which all that shows or takes a report is made."""

from tocsin.reports.record.definition import (
    EVENT_COLUMNS,
    EVENT_FIELDS,
    FINDING_COLUMNS,
    FINDING_FIELDS,
    IN_GIVEN_UNIT,
    RECORD,
    RECORD_VERSION,
    find_field,
    get_field,
    list_fields,
)
from tocsin.reports.record.kinds import Field, Kind, Level, Section

__all__ = [
    "EVENT_COLUMNS",
    "EVENT_FIELDS",
    "FINDING_COLUMNS",
    "FINDING_FIELDS",
    "IN_GIVEN_UNIT",
    "RECORD",
    "RECORD_VERSION",
    "Field",
    "Kind",
    "Level",
    "Section",
    "find_field",
    "get_field",
    "list_fields",
]
