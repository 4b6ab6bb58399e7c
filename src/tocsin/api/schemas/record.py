"""The further fields of reports and findings, made from the event record itself."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, BaseModel, Field, create_model, model_serializer
from pydantic_core import PydanticCustomError

from tocsin.api.schemas.words import EvidenceText, Remark, Strict, choose_from
from tocsin.errors import BadValueError
from tocsin.reports.record import EVENT_FIELDS, FINDING_FIELDS, find_field
from tocsin.reports.record import Field as RecordField
from tocsin.reports.record.kinds import Kind
from tocsin.reports.record.values import (
    LIST_KINDS,
    MOST_LISTED,
    Details,
    check_value,
    from_plain,
    make_details,
)
from tocsin.reports.vocabulary import COUNTRY_CODES

_DETAIL_KEYS = frozenset(
    field.key for field in (*EVENT_FIELDS, *FINDING_FIELDS) if not field.is_column
)
_TEXT_KINDS = frozenset({Kind.TEXT, Kind.LONG_TEXT})


def _check(field: RecordField) -> Any:
    """Refuse what the record refuses, in the record's own words."""

    def check(value: Any) -> Any:
        if value is None or value in ("", []):
            return value
        try:
            check_value(field, tuple(value) if isinstance(value, list) else value)
        except BadValueError as problem:
            raise PydanticCustomError(
                "bad-value", "expected {expected}", {"expected": problem.expected}
            ) from problem
        return value

    return AfterValidator(check)


def _annotate(field: RecordField) -> Any:
    if field.kind is Kind.CHOICE:
        plain: Any = choose_from((*field.list_words(), ""))
    elif field.kind is Kind.CHOICES:
        plain = Annotated[list[choose_from(field.list_words())], Field(max_length=MOST_LISTED)]  # type: ignore[misc]
    elif field.kind is Kind.COUNTRY:
        plain = choose_from((*sorted(COUNTRY_CODES), ""))
    elif field.kind in LIST_KINDS:
        plain = Annotated[list[str], Field(max_length=MOST_LISTED)]
    elif field.kind is Kind.DATE:
        plain = date
    elif field.kind is Kind.WHOLE_NUMBER:
        plain = Annotated[int, Field(ge=field.least, le=field.most, strict=True)]
    elif field.kind is Kind.DECIMAL:
        plain = Annotated[Decimal, Field(ge=field.least, le=field.most)]
    else:
        text = Remark if field.kind is Kind.LONG_TEXT else EvidenceText
        plain = Annotated[text, Field(max_length=field.most_characters)]
    return Annotated[plain, _check(field)]


class WithoutEmpty(Schema):
    """A part of an answer in which further fields that are empty are left out."""

    @model_serializer(mode="wrap")
    def _leave_out_empty(self, handler: Any):  # type: ignore[no-untyped-def]
        return {
            key: value
            for key, value in handler(self).items()
            if key not in _DETAIL_KEYS or value not in (None, "", [])
        }


def _make_model(name: str, doc: str, fields: tuple[RecordField, ...], base: type[Schema]) -> Any:
    described: dict[str, Any] = {}
    for field in fields:
        if field.is_column:
            continue
        kind = _annotate(field)
        empty: Any = "" if field.kind in (Kind.CHOICE, Kind.COUNTRY, *_TEXT_KINDS) else None
        empty = [] if field.kind in LIST_KINDS else empty
        described[field.key] = (
            kind if empty is not None else kind | None,
            Field(empty, title=str(field.label), description=str(field.help)),
        )
    return create_model(name, __base__=base, __doc__=doc, **described)


EventDetailsIn: Any = _make_model(
    "EventDetailsIn", "Further fields of an event.", EVENT_FIELDS, Strict
)
FindingDetailsIn: Any = _make_model(
    "FindingDetailsIn", "Further fields of a finding.", FINDING_FIELDS, Strict
)
EventDetailsOut: Any = _make_model(
    "EventDetailsOut", "Further fields of an event.", EVENT_FIELDS, WithoutEmpty
)
FindingDetailsOut: Any = _make_model(
    "FindingDetailsOut", "Further fields of a finding.", FINDING_FIELDS, WithoutEmpty
)


def read_details(given: BaseModel, fields: tuple[RecordField, ...]) -> Details:
    """Return the further fields of a request as they are stored."""
    values: dict[str, Any] = {}
    for field in fields:
        value = None if field.is_column else getattr(given, field.key)
        if value is None or value in ("", []):
            continue
        values[field.key] = check_value(field, tuple(value) if isinstance(value, list) else value)
    return make_details(values)


def write_details(held: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored further fields as an answer gives them; those without a field are left out."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in from_plain(held)
        if (field := find_field(key)) is not None and not field.is_column
    }
