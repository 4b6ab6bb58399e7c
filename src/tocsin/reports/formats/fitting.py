"""Fitting a profile to the headings of a table."""

from collections.abc import Sequence
from datetime import date

from tocsin.errors import BadHeadingError
from tocsin.reports.evidence import CellProblem, EvidenceReport
from tocsin.reports.formats.cells import make_cell_reader
from tocsin.reports.formats.fields import (
    ALWAYS_REQUIRED,
    FINDING_FIELDS,
    GROUP_FIELD,
    REPORT_FIELDS,
    SHARED_FINDING_FIELDS,
)
from tocsin.reports.formats.layout import (
    MARK_HEADING,
    TableRow,
    normalise_heading,
    split_finding_number,
)
from tocsin.reports.formats.personal_data import find_personal_text
from tocsin.reports.formats.profiles import Profile
from tocsin.reports.formats.rows import NO_COLUMN, Column, RowParser


def compile_profile(profile: Profile, headings: Sequence[str]) -> RowParser:
    """Fit a profile to the headings of a table.

    A heading with a closing number ("Substance 2") belongs to that finding of the row. Where two
    headings fit one field, the one named first in the profile is used. Headings the profile does
    not name are ignored.
    Raises BadHeadingError when a heading is missing or stands twice.
    """
    places = _match_headings(profile, headings)
    required = frozenset((*ALWAYS_REQUIRED, *profile.required))
    for key in (*ALWAYS_REQUIRED, *profile.required):
        if (key, 1) not in places and not profile.constants.get(key):
            has_numbered = key in FINDING_FIELDS and any(name == key for name, _ in places)
            if not has_numbered:
                raise _make_heading_error(profile, key, headings)
    wanted = {*ALWAYS_REQUIRED, *profile.required, *(key for key, _number in places)}
    wanted |= {key for key, value in profile.constants.items() if value}
    readers = {key: make_cell_reader(profile, key) for key in wanted - {GROUP_FIELD}}

    def make_columns(keys: tuple[str, ...], number: int) -> tuple[Column, ...]:
        columns = []
        for key in keys:
            if key not in wanted:
                continue
            place = places.get((key, number), NO_COLUMN)
            if place == NO_COLUMN and key in SHARED_FINDING_FIELDS:
                place = places.get((key, 1), NO_COLUMN)
            heading = headings[place] if place != NO_COLUMN else ""
            columns.append(Column(key, place, heading, readers[key]))
        return tuple(columns)

    numbers = sorted(number for key, number in places if key == "substance")
    used = set(places.values())
    return RowParser(
        width=len(headings),
        matches={headings[place]: key for (key, _), place in places.items()},
        ignored_headings=tuple(
            heading
            for place, heading in enumerate(headings)
            if place not in used and heading and heading != MARK_HEADING
        ),
        report_columns=make_columns(REPORT_FIELDS, 1),
        finding_columns=tuple(make_columns(FINDING_FIELDS, number) for number in numbers),
        required=required,
        event_precision=profile.event_precision,
        group_place=places.get((GROUP_FIELD, 1), NO_COLUMN),
        type_place=places.get(("event_type", 1), NO_COLUMN),
    )


def parse_row(
    profile: Profile, headings: Sequence[str], row: TableRow, *, today: date
) -> EvidenceReport | tuple[CellProblem, ...]:
    """Parse a single row; for many rows of a table use ``compile_profile`` once."""
    return compile_profile(profile, headings).parse_row(row, today=today)


def _match_headings(profile: Profile, headings: Sequence[str]) -> dict[tuple[str, int], int]:
    accepted = {
        normalise_heading(heading): (key, rank)
        for key, texts in profile.columns.items()
        for rank, heading in enumerate(texts)
    }
    best: dict[tuple[str, int], tuple[int, int]] = {}
    for place, heading in enumerate(headings):
        name, number = normalise_heading(heading), 1
        if name not in accepted:
            name, number = split_finding_number(name)
            if name not in accepted or accepted[name][0] not in FINDING_FIELDS:
                continue
        key, rank = accepted[name]
        held = best.get((key, number))
        if held and held[0] == rank:
            raise BadHeadingError(
                f"heading {heading!r}: stands in columns {held[1] + 1} and {place + 1}; "
                "expected once. Rename or delete one of them"
            )
        if held is None or rank < held[0]:
            best[key, number] = (rank, place)
    return {field: place for field, (_rank, place) in best.items()}


def _make_heading_error(profile: Profile, key: str, headings: Sequence[str]) -> BadHeadingError:
    accepted = " or ".join(map(repr, profile.columns.get(key, ()))) or f"one for {key}"
    found = ", ".join(
        repr(heading[:40]) for heading in headings[:30] if not find_personal_text(heading)
    )
    return BadHeadingError(
        f"profile {profile.name}: no heading {accepted} for {key}; found {found or 'none'}"
    )
