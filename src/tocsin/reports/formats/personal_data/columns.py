"""Columns that look like personal data, by their heading and by their cells together."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from tocsin.errors import PersonalDataError
from tocsin.reports.formats.layout import MARK_HEADING, TableRow
from tocsin.reports.formats.personal_data.headings import (
    find_personal_heading,
    is_bare_name,
    is_person,
)
from tocsin.reports.formats.personal_data.names import is_person_name
from tocsin.reports.formats.personal_data.national_numbers import NATIONAL_NUMBERS
from tocsin.reports.formats.personal_data.texts import find_personal_text
from tocsin.reports.formats.personal_data.words import strip_accents

SMALLEST_SHARE = 0.5
FEWEST_NUMBERS = 5
FEWEST_DATES = 20
YEARS_OF_LIFE_SPAN = 25

BIRTH_DATE = re.compile(
    r"(?:(?P<year>\d{4})[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?P<late>\d{4}))"
    r"(?:[ T]\d\d:\d\d(?::\d\d)?)?\Z"
)


def find_personal_column(
    headings: Sequence[str], sample_rows: Iterable[Sequence[str]]
) -> PersonalDataError | None:
    """Find the first column that looks like personal data, as the error that refuses it.

    sample_rows: the first rows of the table, cells in the order of the headings.

    >>> str(find_personal_column(["Sample", "Geburtsdatum"], []))[:46]
    "column 'Geburtsdatum': looks like birth dates;"
    >>> find_personal_column(["street name", "substance name", "date of event"], []) is None
    True
    """
    found = _find(headings, list(sample_rows))
    return PersonalDataError(column=found.column, looks_like=found.looks_like) if found else None


def require_no_personal_columns(headings: Sequence[str], sample_rows: Iterable[TableRow]) -> None:
    """Raise PersonalDataError for the first column that looks like personal data.

    Where a cell of it names somebody, the error says in which row of the spreadsheet.
    """
    rows = list(sample_rows)
    found = _find(headings, [row.cells for row in rows])
    if found is not None:
        row = None if found.place is None else rows[found.place].number
        raise PersonalDataError(column=found.column, looks_like=found.looks_like, row=row)


class _Found(NamedTuple):
    """A column that looks personal, and the place of the row with the cell that tells, if one does."""

    column: str
    looks_like: str
    place: int | None


def _find(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> _Found | None:
    for column, heading in enumerate(headings):
        if heading == MARK_HEADING:
            continue
        cells = [row[column].strip() if column < len(row) else "" for row in rows]
        place, looks_like = None, find_personal_heading(heading)
        if looks_like is None:
            place = next((at for at, cell in enumerate(cells) if find_personal_text(cell)), None)
        if place is not None:
            looks_like = f"a column with {find_personal_text(cells[place])}"
        elif looks_like is None:
            looks_like = _find_personal_values(heading, list(filter(None, cells)))
        if looks_like is not None:
            label = f"number {column + 1}" if find_personal_text(heading) else heading
            return _Found(label, looks_like, place)
    return None


def _find_personal_values(heading: str, values: Sequence[str]) -> str | None:
    if not values:
        return "names of persons" if is_bare_name(heading) else None
    may_be_names = is_bare_name(heading) or is_person(heading)
    if may_be_names and _share(values, _is_person_name) >= SMALLEST_SHARE:
        return "names of persons"
    if len(set(values)) >= FEWEST_NUMBERS and any(
        _share(values, is_number) == 1.0 for is_number in NATIONAL_NUMBERS
    ):
        return "national numbers"
    return "birth dates" if _are_birth_dates(values) else None


def _share(values: Sequence[str], is_kind: Callable[[str], bool]) -> float:
    return sum(map(is_kind, values)) / len(values)


def _is_person_name(text: str) -> bool:
    return is_person_name(strip_accents(text))


def _are_birth_dates(values: Sequence[str]) -> bool:
    """Tell whether dates spread as birth dates do: over decades, in no order, most of them old."""
    found = [BIRTH_DATE.match(value) for value in values]
    years = [int(match["year"] or match["late"]) for match in found if match]
    if len(years) < FEWEST_DATES or len(years) < 0.8 * len(values):
        return False
    ordered = sorted(years)
    low, high = ordered[len(ordered) // 10], ordered[-1 - len(ordered) // 10]
    falls = sum(1 for before, after in pairwise(years) if after < before)
    return high - low >= YEARS_OF_LIFE_SPAN and falls >= len(years) // 5
