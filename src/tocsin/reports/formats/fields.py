"""The fields of a report that a table can fill, and the words each accepts."""

from tocsin.reports.record import EVENT_FIELDS, RECORD, Kind
from tocsin.reports.record import FINDING_FIELDS as RECORD_FINDING_FIELDS

REPORT_FIELDS = tuple(field.key for field in EVENT_FIELDS)
FINDING_FIELDS = tuple(field.key for field in RECORD_FINDING_FIELDS)
FIELDS = REPORT_FIELDS + FINDING_FIELDS
"""``substance`` fills ``EvidenceFinding.substance_text``; every other field its own name."""

GROUP_FIELD = "event_group"
"""A column of numbers: rows that follow each other with the same one are one event."""

DETAIL_FIELDS = frozenset(field.key for field in RECORD if not field.is_column)
"""Held together in ``details``; the others are attributes of their own."""

ALWAYS_REQUIRED = ("event_type", "event_on", "country", "substance")
DATE_FIELDS = tuple(field.key for field in RECORD if field.kind is Kind.DATE)
SHARED_FINDING_FIELDS = frozenset(field.key for field in RECORD if field.is_shared)
"""One column of these holds for every finding of the row that has no column of its own."""

CLOSED_WORDS: dict[str, tuple[str, ...]] = {
    field.key: field.list_words() for field in RECORD if field.kind is Kind.CHOICE
}
"""Fields that take only these words."""
