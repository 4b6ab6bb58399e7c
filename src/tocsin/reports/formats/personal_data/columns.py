"""Columns that look like personal data, by their heading and by their cells together."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from tocsin.errors import PersonalDataError
from tocsin.reports.formats.layout import MARK_HEADING
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
    rows = list(sample_rows)
    for place, heading in enumerate(headings):
        if heading == MARK_HEADING:
            continue
        values = [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
        looks_like = find_personal_heading(heading) or _find_personal_values(heading, values)
        if looks_like:
            label = f"number {place + 1}" if find_personal_text(heading) else heading
            return PersonalDataError(column=label, looks_like=looks_like)
    return None


def require_no_personal_columns(
    headings: Sequence[str], sample_rows: Iterable[Sequence[str]]
) -> None:
    """Raise PersonalDataError for the first column that looks like personal data."""
    error = find_personal_column(headings, sample_rows)
    if error is not None:
        raise error


def _find_personal_values(heading: str, values: Sequence[str]) -> str | None:
    if not values:
        return "names of persons" if is_bare_name(heading) else None
    found = next((kind for value in values if (kind := find_personal_text(value))), None)
    if found:
        return f"a column with {found}"
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
