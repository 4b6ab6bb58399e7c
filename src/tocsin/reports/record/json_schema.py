"""The event record as a JSON Schema (draft 2020-12), made from the record itself."""

from typing import Any

from tocsin.reports.record.definition import (
    EVENT_FIELDS,
    FINDING_FIELDS,
    RECORD_VERSION,
    list_fields,
)
from tocsin.reports.record.kinds import Field, Kind, Level
from tocsin.reports.record.values import parse_value, to_plain
from tocsin.reports.vocabulary import EventType

SCHEMA = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER = f"urn:tocsin:event-record:{RECORD_VERSION}"


def build_json_schema() -> dict[str, Any]:
    """Build the schema of one event with its findings, with an example of each type of event.

    What a type of event needs stands under ``allOf``; decimals and dates are texts.
    """
    return {
        "$schema": SCHEMA,
        "$id": IDENTIFIER,
        "title": "Event record of an early warning system for drugs",
        "version": RECORD_VERSION,
        "type": "object",
        "additionalProperties": False,
        "required": ["event_type", "event_on", "country", "findings"],
        "properties": {
            **{field.key: _describe(field) for field in EVENT_FIELDS},
            "findings": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["substance"],
                    "properties": {field.key: _describe(field) for field in FINDING_FIELDS},
                },
            },
        },
        "allOf": [_restrict(event_type) for event_type in EventType.values],
        "examples": [build_example(event_type) for event_type in EventType.values],
    }


def build_example(event_type: str) -> dict[str, Any]:
    """Build an event of a type in which every field that applies has its example.

    >>> build_example("wastewater")["days_sampled"]
    7
    """
    event = _list_examples(list_fields(event_type, Level.EVENT)) | {"event_type": event_type}
    finding = _list_examples(list_fields(event_type, Level.FINDING))
    return event | {"findings": [finding]}


def _list_examples(fields: tuple[Field, ...]) -> dict[str, Any]:
    values = {field.key: parse_value(field, field.example) for field in fields}
    return to_plain(tuple((key, value) for key, value in values.items() if value is not None))


def _restrict(event_type: str) -> dict[str, Any]:
    needed = [field.key for field in EVENT_FIELDS if field.is_required_in(event_type)]
    unfit = {field.key: False for field in EVENT_FIELDS if not field.applies_to(event_type)}
    unfit_findings = {
        field.key: False for field in FINDING_FIELDS if not field.applies_to(event_type)
    }
    return {
        "if": {"properties": {"event_type": {"const": event_type}}},
        "then": {
            "required": needed,
            "properties": {
                **unfit,
                "findings": {"items": {"properties": unfit_findings}},
            },
        },
    }


def _describe(field: Field) -> dict[str, Any]:
    described: dict[str, Any] = {"title": str(field.label), "description": str(field.help)}
    if field.unit:
        described["unit"] = field.unit
    return described | _type_of(field)


def _type_of(field: Field) -> dict[str, Any]:
    words = {"type": "string", "enum": list(field.list_words())}
    countries = {"type": "string", "pattern": "^[A-Z]{2}$"}
    kinds: dict[Kind, dict[str, Any]] = {
        Kind.CHOICE: words,
        Kind.CHOICES: {"type": "array", "uniqueItems": True, "items": words},
        Kind.DATE: {"type": "string", "format": "date"},
        Kind.WHOLE_NUMBER: {"type": "integer", "minimum": field.least, "maximum": field.most},
        Kind.DECIMAL: {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"},
        Kind.COUNTRY: countries,
        Kind.COUNTRIES: {"type": "array", "items": countries},
        Kind.REGION: {"type": "string", "pattern": "^[A-Z]{2}[A-Z0-9]{1,3}$"},
        Kind.DIGESTS: {"type": "array", "items": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
    }
    return kinds.get(field.kind, {"type": "string", "maxLength": field.most_characters})
