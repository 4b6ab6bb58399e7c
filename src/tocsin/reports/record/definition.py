"""All fields of the event record, in the order in which they are asked for and written."""

from tocsin.reports.record.event_fields import (
    COLLECTION_FIELDS,
    HEADER_FIELDS,
    NOTE_FIELDS,
    PLACE_FIELDS,
    SEIZURE_FIELDS,
)
from tocsin.reports.record.finding_fields import (
    MATERIAL_FIELDS,
    MEASUREMENT_FIELDS,
    SUBSTANCE_FIELDS,
)
from tocsin.reports.record.identification_fields import COUNT_FIELDS, IDENTIFICATION_FIELDS
from tocsin.reports.record.kinds import Field, Level
from tocsin.reports.record.poisoning_fields import (
    POISONING_FIELDS,
    SITE_FIELDS,
    TREATMENT_FIELDS,
    WASTEWATER_FIELDS,
)

RECORD_VERSION = "1.0"
"""Of the published schema: a new field raises the second number, any other change the first."""

EVENT_FIELDS: tuple[Field, ...] = (
    *HEADER_FIELDS,
    *PLACE_FIELDS,
    *SEIZURE_FIELDS,
    *COLLECTION_FIELDS,
    *POISONING_FIELDS,
    *TREATMENT_FIELDS,
    *WASTEWATER_FIELDS,
    *SITE_FIELDS,
    *NOTE_FIELDS,
)
FINDING_FIELDS: tuple[Field, ...] = (
    *SUBSTANCE_FIELDS,
    *MATERIAL_FIELDS,
    *MEASUREMENT_FIELDS,
    *IDENTIFICATION_FIELDS,
    *COUNT_FIELDS,
)
RECORD: tuple[Field, ...] = (*EVENT_FIELDS, *FINDING_FIELDS)

EVENT_COLUMNS = tuple(field.key for field in EVENT_FIELDS if field.is_column)
"""Fields of an event that are held in columns of their own; the others are its details."""
FINDING_COLUMNS = tuple(
    field.key for field in FINDING_FIELDS if field.is_column and field.key != "substance"
)
"""The same of a finding; its substance is held as the name that was written."""

IN_GIVEN_UNIT = frozenset(field.key for field in FINDING_FIELDS if field.is_in_given_unit)
"""Numbers beside the amount that are in its unit, and need one where there is no amount."""

_BY_KEY = {field.key: field for field in RECORD}


def find_field(key: str) -> Field | None:
    """Find a field by its key; None where the record has none of that name."""
    return _BY_KEY.get(key)


def get_field(key: str) -> Field:
    """Get a field that the record has.

    >>> get_field("lod").kind.value
    'decimal'
    """
    return _BY_KEY[key]


def list_fields(event_type: str, level: Level | None = None) -> tuple[Field, ...]:
    """List the fields that are asked for in events of a type, in their order.

    >>> [field.key for field in list_fields("wastewater") if field.section.value == "wastewater"]
    ['population_served', 'days_sampled']
    """
    return tuple(
        field
        for field in RECORD
        if field.applies_to(event_type) and (level is None or field.level is level)
    )
