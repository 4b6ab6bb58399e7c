"""From the text of one cell to a value, or to the reason why not."""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from tocsin.reports.formats.fields import (
    CLOSED_WORDS,
    COUNTRY_CODES,
    COUNTRY_OF_NUTS_PREFIX,
    DATE_FIELDS,
)
from tocsin.reports.formats.personal_data import find_personal_text
from tocsin.reports.formats.profiles import Profile

LONGEST_CELL = 500
MOST_REMEMBERED = 20_000
EARLIEST_YEAR = 1900
FIRST_TWO_DIGIT_YEAR_OF_1900 = 70
MOST_WHOLE_DIGITS = 12
DECIMALS_HELD = {"amount": 6, "purity_percent": 4}
CHARACTERS_HELD = {
    "reference": 100,
    "local_area": 120,
    "border_post": 120,
    "source": 120,
    "specimen": 80,
    "technique": 120,
    "laboratory": 120,
}
"""What a report's columns hold, where that is less than the longest cell."""

ISO_DATE = "YYYY-MM-DD"
TIME_OF_DAY = re.compile(
    r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?\Z", re.A
)
NUTS_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{1,3}\Z", re.A)
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
    the decimals a report holds (6 and 4) and without closing zeros; else a text.
    """
    parse = _make_parser(profile, key)
    empty = {_fold(text) for text in profile.empty}
    words = {_fold(text): word for text, word in profile.values.get(key, {}).items()}
    constant = profile.constants.get(key, "")
    longest = CHARACTERS_HELD.get(key, LONGEST_CELL)
    remembered: dict[str, Any] = {}

    def read_anew(cell: str) -> Any:
        text = " ".join(cell.split()) if len(cell) <= LONGEST_CELL else cell
        if len(text) > longest:
            return Refusal("too-long", f"at most {longest} characters")
        if refusal := _find_unfit(text):
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


def _find_unfit(text: str) -> Refusal | None:
    if not text.isascii() or not text.isprintable():
        try:
            text.encode()
        except UnicodeEncodeError:
            return Refusal("unreadable-character", "text")
        if "\0" in text:
            return Refusal("unreadable-character", "text")
    if kind := find_personal_text(text):
        return Refusal("looks-personal", f"no personal data; this looks like {kind}")
    if text.startswith("#") and SPREADSHEET_ERROR.match(text):
        return Refusal("spreadsheet-error", "a value; the cell shows an error of the spreadsheet")
    return None


def _make_parser(profile: Profile, key: str) -> CellReader:
    if key in DATE_FIELDS:
        return _make_date_parser(profile.date_formats)
    if key in ("amount", "purity_percent"):
        number = _make_number_parser(profile.decimal_mark, key)
        return _make_list_parser(number, profile.separator, keeps_empty=True)
    if key == "substance":
        return _make_list_parser(str, profile.separator, keeps_empty=False)
    if key in CLOSED_WORDS:
        word = _make_word_parser(profile, key)
        return (
            _make_list_parser(word, profile.separator, keeps_empty=True) if key == "unit" else word
        )
    if key == "country":
        return _parse_country
    if key == "region":
        return _parse_region
    return str


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
    accepted = {_fold(word): word for word in CLOSED_WORDS[key]}
    accepted |= {_fold(text): word for text, word in profile.values.get(key, {}).items()}
    shown = [*profile.values.get(key, {})] or list(CLOSED_WORDS[key])
    code = {"unit": "unknown-unit", "event_type": "unknown-event-type"}.get(key, f"unknown-{key}")
    refusal = Refusal(code.replace("_", "-"), f"one of {', '.join(shown)}"[:300])

    def parse_word(text: str) -> Any:
        return accepted.get(_fold(text), refusal) if text else ""

    return parse_word


def _make_number_parser(decimal_mark: str, key: str) -> CellReader:
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
        places = DECIMALS_HELD[key]
        held = round(number, places)
        if number and not held:
            return Refusal("bad-number", f"at most {places} decimals; take a smaller unit")
        if key == "purity_percent" and number > 100:
            return Refusal("purity-out-of-range", "a percentage from 0 to 100")
        return Decimal(format(held.normalize(), "f"))

    return parse_number


def _parse_country(text: str) -> Any:
    code = text.upper()
    code = COUNTRY_OF_NUTS_PREFIX.get(code, code)
    if text and code not in COUNTRY_CODES:
        return Refusal("bad-country", "two letters of ISO 3166-1, such as DE")
    return code


def _parse_region(text: str) -> Any:
    code = text.upper().replace(" ", "")
    if text and not NUTS_CODE.match(code):
        return Refusal("bad-region", "a NUTS code: country and one to three signs, such as DE2")
    return code


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
