"""From the text of one cell to a value, or to the reason why not."""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from tocsin.errors import BadValueError
from tocsin.reports.formats.fields import CLOSED_WORDS
from tocsin.reports.formats.personal_data import find_personal_value
from tocsin.reports.formats.profiles import Profile
from tocsin.reports.record import Field, Kind, get_field
from tocsin.reports.record.values import (
    LIST_KINDS,
    LIST_SEPARATOR,
    Value,
    check_value,
    list_choices,
)

LONGEST_CELL = 500
MOST_REMEMBERED = 20_000
EARLIEST_YEAR = 1900
FIRST_TWO_DIGIT_YEAR_OF_1900 = 70
MOST_WHOLE_DIGITS = 12
_TEXT_KINDS = frozenset({Kind.TEXT, Kind.LONG_TEXT})
ISO_DATE = "YYYY-MM-DD"
TIME_OF_DAY = re.compile(
    r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?\Z", re.A
)
SPREADSHEET_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|BEZUG!|NV|WERT!)")
DATE_GROUPS = {
    "YYYY": r"(?P<year>\d{4})",
    "YY": r"(?P<short>\d{2})",
    "MM": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{1,2})",
    "Www": r"W(?P<week>\d{1,2})",
}


class Refusal(NamedTuple):
    """Why a cell cannot be taken: a stable code, and what was expected."""

    code: str
    expected: str


class DatedPeriod(NamedTuple):
    """A day, or the first day of a week or month when the cell names only that.

    precision: ``week`` or ``month`` where the cell's form says so, else empty.
    """

    first_day: date
    precision: str

    @property
    def last_day(self) -> date:
        """The day itself, or the last day of the week or month."""
        if self.precision == "week":
            return self.first_day + timedelta(days=6)
        if self.precision == "month":
            days = calendar.monthrange(self.first_day.year, self.first_day.month)[1]
            return self.first_day.replace(day=days)
        return self.first_day

    def start_of(self, precision: str) -> date:
        """Return the first day of the period: the Monday of a week, the first of a month."""
        if precision == "week":
            return self.first_day - timedelta(days=self.first_day.weekday())
        return self.first_day.replace(day=1) if precision == "month" else self.first_day


CellReader = Callable[[str], Any]
"""Gives the cell's value, or a Refusal; what kind of value depends on the field."""


def make_cell_reader(profile: Profile, key: str) -> CellReader:
    """Make the reader of one field's cells; it remembers what it has read.

    It gives: a DatedPeriod or None for dates; a tuple of texts for ``substance`` and ``unit``; a
    tuple of Decimals (None for an empty place) for ``amount`` and ``purity_percent``, rounded to
    the decimals a report holds (6 and 4) and without closing zeros; for another number a Decimal or
    an int, or None; for a list of words or countries a tuple; else a text.
    """
    field = get_field(key)
    parse = _make_parser(profile, field)
    empty = {_fold(text) for text in profile.empty}
    words = {_fold(text): word for text, word in profile.values.get(key, {}).items()}
    constant = profile.constants.get(key, "")
    longest = field.most_characters if field.kind in _TEXT_KINDS else LONGEST_CELL
    keeps_lines = field.kind is Kind.LONG_TEXT
    remembered: dict[str, Any] = {}

    def read_anew(cell: str) -> Any:
        if keeps_lines:
            text = cell.strip().replace("\r\n", "\n")
        else:
            text = " ".join(cell.split()) if len(cell) <= LONGEST_CELL else cell
        if len(text) > longest:
            return Refusal("too-long", f"at most {longest} characters")
        if refusal := _find_unfit(field, text):
            return refusal
        folded = _fold(text)
        if folded in words:
            text = words[folded]
        elif not text or folded in empty:
            text = constant
        return parse(text)

    def read(cell: str) -> Any:
        try:
            return remembered[cell]
        except KeyError:
            if len(remembered) >= MOST_REMEMBERED:
                remembered.clear()
            value = remembered[cell] = read_anew(cell)
            return value

    return read


def _find_unfit(field: Field, text: str) -> Refusal | None:
    if not text.isascii() or not text.isprintable():
        try:
            text.encode()
        except UnicodeEncodeError:
            return Refusal("unreadable-character", "text")
        if "\0" in text:
            return Refusal("unreadable-character", "text")
    if kind := find_personal_value(field, text):
        return Refusal("looks-personal", f"no personal data; this looks like {kind}")
    if text.startswith("#") and SPREADSHEET_ERROR.match(text):
        return Refusal("spreadsheet-error", "a value; the cell shows an error of the spreadsheet")
    return None


def _make_parser(profile: Profile, field: Field) -> CellReader:
    key = field.key
    if field.kind is Kind.DATE:
        return _make_date_parser(profile.date_formats)
    if key in ("amount", "purity_percent"):
        number = _make_number_parser(profile.decimal_mark, field)
        return _make_list_parser(number, profile.separator, keeps_empty=True)
    if field.kind in (Kind.DECIMAL, Kind.WHOLE_NUMBER):
        return _make_number_parser(profile.decimal_mark, field)
    if field.kind in LIST_KINDS:
        return _make_words_parser(profile, field)
    if key == "substance":
        return _make_list_parser(str, profile.separator, keeps_empty=False)
    if key in CLOSED_WORDS:
        word = _make_word_parser(profile, key)
        return (
            _make_list_parser(word, profile.separator, keeps_empty=True) if key == "unit" else word
        )
    if field.kind in (Kind.COUNTRY, Kind.REGION):
        return lambda text: _check(field, text) if text else ""
    return str


def _check(field: Field, value: Value) -> Any:
    try:
        return check_value(field, value)
    except BadValueError as problem:
        return Refusal(problem.problem, problem.expected)


def _make_words_parser(profile: Profile, field: Field) -> CellReader:
    """The reader of a cell with several words, countries or digests in it."""
    signs = re.escape(LIST_SEPARATOR + profile.separator)
    held = {_fold(text): word for text, word in profile.values.get(field.key, {}).items()}

    def parse_words(text: str) -> Any:
        parts = [part.strip() for part in re.split(f"[{signs}]", text)]
        words = tuple(held.get(_fold(part), part) for part in parts if part)
        return _check(field, words) if words else ()

    return parse_words


def _make_list_parser(parse: CellReader, separator: str, *, keeps_empty: bool) -> CellReader:
    def parse_list(text: str) -> Any:
        parts = text.split(separator) if separator else [text]
        parts = [part.strip() for part in parts]
        if not keeps_empty:
            parts = [part for part in parts if part]
        if not any(parts):
            return ()
        values = [parse(part) for part in parts]
        refused = next((value for value in values if isinstance(value, Refusal)), None)
        return refused or tuple(values)

    return parse_list


def _make_word_parser(profile: Profile, key: str) -> CellReader:
    accepted = {_fold(label): word for word, label in list_choices(get_field(key))}
    accepted |= {_fold(word): word for word in CLOSED_WORDS[key]}
    accepted |= {_fold(text): word for text, word in profile.values.get(key, {}).items()}
    shown = [*profile.values.get(key, {})] or list(CLOSED_WORDS[key])
    code = {"unit": "unknown-unit", "event_type": "unknown-event-type"}.get(key, f"unknown-{key}")
    refusal = Refusal(code.replace("_", "-"), f"one of {', '.join(shown)}"[:300])

    def parse_word(text: str) -> Any:
        return accepted.get(_fold(text), refusal) if text else ""

    return parse_word


def _make_number_parser(decimal_mark: str, field: Field) -> CellReader:
    key = field.key
    mark = re.escape(decimal_mark)
    group = re.escape("." if decimal_mark == "," else ",")
    plain = re.compile(rf"\d+(?:{mark}\d+)?\Z", re.A)
    grouped = re.compile(rf"\d{{1,3}}(?:{group}\d{{3}})+(?:{mark}\d+)?\Z", re.A)
    spaced = re.compile(rf"\d{{1,3}}(?:[ '’]\d{{3}})+(?:{mark}\d+)?\Z", re.A)
    example = f"12{decimal_mark}5"

    def parse_number(text: str) -> Any:
        bare = text.removesuffix("%").rstrip() if key == "purity_percent" else text
        if not bare:
            return None
        if grouped.match(bare):
            if bare.count(group[-1]) == 1 and decimal_mark not in bare:
                whole = bare.replace(group[-1], "")
                cut = bare.replace(group[-1], decimal_mark)
                return Refusal("bad-number", f"{whole} or {cut}: without a sign for thousands")
            bare = bare.replace(group[-1], "")
        elif spaced.match(bare):
            bare = re.sub(r"[ '’]", "", bare)
        elif not plain.match(bare):
            return Refusal("bad-number", f"a number of 0 or more, such as {example}")
        number = Decimal(bare.replace(decimal_mark, "."))
        if number >= 10**MOST_WHOLE_DIGITS:
            return Refusal("bad-number", f"at most {MOST_WHOLE_DIGITS} digits before the mark")
        if key == "purity_percent" and number > 100:
            return Refusal("purity-out-of-range", "a percentage from 0 to 100")
        if field.kind is Kind.WHOLE_NUMBER:
            if number != int(number):
                return Refusal("bad-number", "a whole number")
            return _check(field, int(number))
        held = round(number, field.decimals)
        if number and not held:
            return Refusal("bad-number", f"at most {field.decimals} decimals; take a smaller unit")
        return _check(field, Decimal(format(held.normalize(), "f")))

    return parse_number


def _make_date_parser(date_formats: tuple[str, ...]) -> CellReader:
    shown = " or ".join(date_formats)
    forms = [_compile_date_format(form) for form in dict.fromkeys((*date_formats, ISO_DATE))]

    def parse_date(text: str) -> Any:
        if not text:
            return None
        bare = TIME_OF_DAY.sub("", text)
        reason = ""
        for form in forms:
            match = form.match(bare)
            if match:
                found = _read_date(match.groupdict())
                if isinstance(found, DatedPeriod):
                    return found
                reason = reason or found
        return Refusal("bad-date", f"{reason}Expected {shown}" if reason else shown)

    return parse_date


def _compile_date_format(form: str) -> re.Pattern[str]:
    pieces = re.split(r"(YYYY|YY|MM|DD|Www)", form)
    return re.compile(
        "".join(DATE_GROUPS.get(piece) or re.escape(piece) for piece in pieces) + r"\Z", re.A
    )


def _read_date(parts: dict[str, str | None]) -> DatedPeriod | str:
    """Return the date, or a sentence that says why there is no such date."""
    year = int(parts.get("year") or 0)
    if short := parts.get("short"):
        year = int(short) + (1900 if int(short) >= FIRST_TWO_DIGIT_YEAR_OF_1900 else 2000)
    if not EARLIEST_YEAR <= year < 9999:
        return f"The year is before {EARLIEST_YEAR} or not a year. "
    if week := parts.get("week"):
        try:
            return DatedPeriod(date.fromisocalendar(year, int(week), 1), "week")
        except ValueError:
            return f"{year} has no week {int(week)}. "
    month = int(parts.get("month") or 0)
    if not 1 <= month <= 12:
        return f"There is no month {month}. "
    day = parts.get("day")
    if day is None:
        return DatedPeriod(date(year, month, 1), "month")
    days = calendar.monthrange(year, month)[1]
    if not 1 <= int(day) <= days:
        name = f"{calendar.month_name[month]} {year}" if month == 2 else calendar.month_name[month]
        return f"{name} has {days} days. "
    return DatedPeriod(date(year, month, int(day)), "")


def _fold(text: str) -> str:
    return " ".join(text.casefold().replace("μ", "µ").split())
