"""What the tables can hold of a report, checked before anything is written."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from tocsin.errors import BadValueError, RefusedError
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.formats.fields import CLOSED_WORDS
from tocsin.reports.models import Finding, Report, WrittenName
from tocsin.reports.record import Level, find_field
from tocsin.reports.record.checks import Misfit, find_misfits
from tocsin.reports.record.values import Details, check_value, format_value
from tocsin.reports.vocabulary import COUNTRY_CODES

MOST_FINDINGS = 1_000
"""Of one report."""

_UNREADABLE = re.compile("[\0\ud800-\udfff]")

AMOUNT_BELOW = Decimal(10) ** 12

_REPORT_TEXTS = ("reference", "region", "local_area", "border_post", "source")
_FINDING_TEXTS = ("specimen", "technique", "laboratory")


def _get_longest(model: type[Report] | type[Finding] | type[WrittenName], name: str) -> int:
    longest: int = getattr(model._meta.get_field(name), "max_length", 0)
    return longest


_REPORT_LIMITS = [(name, _get_longest(Report, name)) for name in _REPORT_TEXTS]
_FINDING_LIMITS = [
    *((name, _get_longest(Finding, name)) for name in _FINDING_TEXTS),
    ("substance_text", _get_longest(WrittenName, "text")),
]
_REPORT_WORDS = [
    (name, frozenset(CLOSED_WORDS[name])) for name in ("event_type", "event_precision")
]
_FINDING_WORDS = [
    (name, frozenset((*CLOSED_WORDS[name], "")) - ({""} if name == "matrix" else set()))
    for name in ("matrix", "unit", "identification_level")
]


class Unstorable(NamedTuple):
    """Why a report cannot be held: the field, a stable code, what was found and expected."""

    field: str
    code: str
    found: str
    expected: str


def find_unstorable(evidence: EvidenceReport) -> Unstorable | None:
    """Return the first value of a report that the tables cannot hold, or None."""
    return find_unholdable(evidence) or next(_iter_unfit(evidence), None)


def find_unholdable(evidence: EvidenceReport) -> Unstorable | None:
    """Return the first value that the columns cannot hold, or None.

    For rows of a table, whose other fields the parser has checked already.
    """
    return next(_iter_unholdable(evidence), None)


def require_storable(evidence: EvidenceReport, *, today: date) -> None:
    """Do nothing where the report can be held and is not of the future; else raise RefusedError."""
    unstorable = find_unstorable(evidence)
    if unstorable is None and evidence.event_on > today:
        found, expected = evidence.event_on.isoformat(), f"a date up to {today.isoformat()}"
        unstorable = Unstorable("event_on", "future-date", found, expected)
    if unstorable is not None:
        raise RefusedError(
            f"report, {unstorable.field}: found {unstorable.found!r}; "
            f"expected {unstorable.expected}"
        )


def _iter_unholdable(evidence: EvidenceReport) -> Iterator[Unstorable]:
    yield from _iter_texts(evidence, _REPORT_LIMITS)
    yield from _iter_words(evidence, _REPORT_WORDS)
    if evidence.country not in COUNTRY_CODES:
        found = evidence.country[:80]
        yield Unstorable("country", "bad-country", found, "two letters of ISO 3166-1")
    if not 1 <= len(evidence.findings) <= MOST_FINDINGS:
        count = str(len(evidence.findings))
        yield Unstorable("findings", "bad-count", count, f"1 to {MOST_FINDINGS} findings")
    for finding in evidence.findings:
        yield from _iter_texts(finding, _FINDING_LIMITS)
        yield from _iter_words(finding, _FINDING_WORDS)
        if not finding.substance_text.strip():
            yield Unstorable("substance_text", "missing", "", "the name of a substance")
        yield from _iter_numbers(finding)


def _iter_unfit(evidence: EvidenceReport) -> Iterator[Unstorable]:
    yield from _iter_details(evidence.details, Level.EVENT)
    for finding in evidence.findings:
        yield from _iter_details(finding.details, Level.FINDING)
    for misfit in find_misfits(evidence):
        yield Unstorable(misfit.field, misfit.code, _show(evidence, misfit), misfit.expected)


def _show(evidence: EvidenceReport, misfit: Misfit) -> str:
    """What stands in a field that does not fit, shortened."""
    place = evidence if misfit.finding is None else evidence.findings[misfit.finding]
    return format_value(place.find_value(misfit.field))[:80]


def _iter_details(details: Details, level: Level) -> Iterator[Unstorable]:
    """Each value must be exactly as ``check_value`` returns it, so that equal content is equal."""
    keys = [key for key, _value in details]
    if keys != sorted(set(keys)):
        yield Unstorable("details", "bad-details", "", "each field once, sorted by key")
    for key, value in details:
        field = find_field(key)
        if field is None or field.is_column or field.level is not level:
            yield Unstorable(key[:80], "unknown-field", "", f"a field of the {level} in details")
            continue
        try:
            held = check_value(field, value)
        except BadValueError as problem:
            shown = format_value(value)[:80]
            yield Unstorable(key, problem.problem, shown, problem.expected)
            continue
        if held != value:
            yield Unstorable(key, "not-canonical", format_value(value)[:80], format_value(held))


def _iter_texts(record: Any, limits: list[tuple[str, int]]) -> Iterator[Unstorable]:
    for name, longest in limits:
        text = getattr(record, name)
        if len(text) > longest:
            yield Unstorable(name, "too-long", text[:80], f"at most {longest} characters")
        if not text.isprintable() and _UNREADABLE.search(text):
            yield Unstorable(name, "unreadable-character", "", "text")


def _iter_words(record: Any, words: list[tuple[str, frozenset[str]]]) -> Iterator[Unstorable]:
    for name, accepted in words:
        if getattr(record, name) not in accepted:
            expected = f"one of {', '.join(sorted(filter(None, accepted)))}"[:300]
            yield Unstorable(name, f"unknown-{name}", str(getattr(record, name))[:80], expected)


def _iter_numbers(finding: EvidenceFinding) -> Iterator[Unstorable]:
    amount, purity = finding.amount, finding.purity_percent
    if amount is not None and not (amount.is_finite() and 0 <= amount < AMOUNT_BELOW):
        expected = f"a number from 0 to less than {AMOUNT_BELOW:,}"
        yield Unstorable("amount", "bad-number", str(amount)[:80], expected)
    if purity is not None and not (purity.is_finite() and 0 <= purity <= 100):
        expected = "a percentage from 0 to 100"
        yield Unstorable("purity_percent", "purity-out-of-range", str(purity)[:80], expected)
