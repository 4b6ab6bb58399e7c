"""From a row of a sender's table to a report, or to everything that is wrong with the row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from tocsin.errors import BadHeadingError
from tocsin.reports.evidence import CellProblem, EvidenceFinding, EvidenceReport
from tocsin.reports.formats.cells import CellReader, DatedPeriod, Refusal, make_cell_reader
from tocsin.reports.formats.fields import (
    ALWAYS_REQUIRED,
    COUNTRY_OF_NUTS_PREFIX,
    DATE_FIELDS,
    FINDING_FIELDS,
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
from tocsin.reports.vocabulary import MATRIX_OF_EVENT, Matrix

LONGEST_FOUND = 80
WITHHELD = "(withheld)"
LISTED_FIELDS = ("amount", "unit", "purity_percent")
MEASURED_FIELDS = ("amount", "purity_percent")
NO_COLUMN = -1


class _Column(NamedTuple):
    """One field and where it is read: the place of its column, or -1 for a constant."""

    key: str
    place: int
    heading: str
    read: CellReader


@dataclass(slots=True)
class _RowProblems:
    """The problems of one row, as they are found."""

    row: TableRow
    found: list[CellProblem]

    def add(self, column: _Column, refusal: Refusal) -> None:
        cell = self.row.cells[column.place] if column.place != NO_COLUMN else ""
        self.found.append(make_problem(self.row.number, column.heading, refusal, cell))


@dataclass(frozen=True, slots=True)
class RowParser:
    """A profile fitted to the headings of one table, so that each row costs little.

    matches: heading to field, for the headings that are used.
    ignored_headings: headings that the profile does not use.
    """

    width: int
    matches: dict[str, str]
    ignored_headings: tuple[str, ...]
    report_columns: tuple[_Column, ...]
    finding_columns: tuple[tuple[_Column, ...], ...]
    required: frozenset[str]
    event_precision: str

    def parse_row(self, row: TableRow, *, today: date) -> EvidenceReport | tuple[CellProblem, ...]:
        """Parse one row to the report, or to all problems of the row at once.

        Never raises, whatever stands in the cells. today: later dates are refused.
        """
        cells = row.cells
        if len(cells) != self.width and (
            len(cells) < self.width or any(map(str.strip, cells[self.width :]))
        ):
            refusal = Refusal("ragged-row", f"{self.width} cells, as many as there are headings")
            return (make_problem(row.number, "", refusal, f"{len(cells)} cells"),)
        problems = _RowProblems(row, [])
        values = self._read_report(cells, today, problems)
        findings: list[EvidenceFinding] = []
        is_blank = True
        for columns in self.finding_columns:
            found = self._read_findings(columns, cells, values["event_type"], problems)
            is_blank = is_blank and found is None
            findings += found or ()
        if is_blank:
            problems.add(self.finding_columns[0][0], Refusal("missing", "a substance"))
        if problems.found:
            return tuple(problems.found)
        if len(findings) > 1:
            findings = list(dict.fromkeys(findings))
        return EvidenceReport(findings=tuple(findings), **values)

    def _read_report(
        self, cells: Sequence[str], today: date, problems: _RowProblems
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        region: _Column | None = None
        for column in self.report_columns:
            key = column.key
            value = column.read(cells[column.place] if column.place != NO_COLUMN else "")
            if value.__class__ is Refusal:
                problems.add(column, value)
                value = None
            elif not value:
                if key in self.required:
                    problems.add(column, Refusal("missing", f"a value for {key}"))
            elif value.__class__ is DatedPeriod:
                if value.first_day > today:
                    expected = f"a date up to {today.isoformat()}"
                    problems.add(column, Refusal("future-date", expected))
            elif key == "region":
                region = column
            values[key] = value
        if region is not None and values["country"]:
            prefix = values["region"][:2]
            if COUNTRY_OF_NUTS_PREFIX.get(prefix, prefix) != values["country"]:
                expected = f"a NUTS code of country {values['country']}"
                problems.add(region, Refusal("bad-region", expected))
        self._settle_dates(values)
        return values

    def _settle_dates(self, values: dict[str, Any]) -> None:
        period = values["event_on"]
        for key in DATE_FIELDS:
            values[key] = values[key] and values[key].first_day
        if period:
            precision = values["event_precision"] or period.precision or self.event_precision
            values["event_on"] = period.start_of(precision)
            values["event_precision"] = precision

    def _read_findings(
        self,
        columns: tuple[_Column, ...],
        cells: Sequence[str],
        event_type: str | None,
        problems: _RowProblems,
    ) -> list[EvidenceFinding] | None:
        """Read the findings of one set of columns; None when its cells are empty."""
        values: dict[str, Any] = {}
        problems_before = len(problems.found)
        for column in columns:
            value = column.read(cells[column.place] if column.place != NO_COLUMN else "")
            if value.__class__ is Refusal:
                problems.add(column, value)
            values[column.key] = value
        names = values["substance"]
        if names.__class__ is Refusal:
            return []
        if names == ():
            is_orphan = any(
                column.key in MEASURED_FIELDS
                and column.place != NO_COLUMN
                and cells[column.place].strip()
                and values[column.key]
                for column in columns
            )
            if is_orphan:
                problems.add(columns[0], Refusal("missing", "the substance of this amount"))
            return [] if len(problems.found) > problems_before else None
        for column in columns:
            if column.key in self.required and values[column.key] in ("", ()):
                problems.add(column, Refusal("missing", f"a value for {column.key}"))
            if column.key in LISTED_FIELDS and values[column.key].__class__ is tuple:
                values[column.key] = self._spread(column, values[column.key], len(names), problems)
        if len(problems.found) > problems_before:
            return []
        return _make_findings(values, event_type)

    def _spread(
        self, column: _Column, listed: tuple[Any, ...], count: int, problems: _RowProblems
    ) -> tuple[Any, ...]:
        """Give each of several substances in a cell its value.

        One amount is that of the material, and so holds for every substance in it; one purity
        cannot be that of several.
        """
        if len(listed) == count:
            return listed
        if not listed:
            return ("" if column.key == "unit" else None,) * count
        if len(listed) == 1 and column.key != "purity_percent":
            return listed * count
        expected = f"{count} values, one for each substance in the same order"
        problems.add(column, Refusal("unequal-lists", expected))
        return ()


def _make_findings(values: dict[str, Any], event_type: str | None) -> list[EvidenceFinding]:
    matrix = values["matrix"] or str(MATRIX_OF_EVENT.get(event_type or "", Matrix.UNSPECIFIED))
    return [
        EvidenceFinding(
            substance_text=name,
            matrix=matrix,
            specimen=values["specimen"],
            amount=amount,
            unit=unit if amount is not None else "",
            purity_percent=purity,
            technique=values["technique"],
            identification_level=values["identification_level"],
            laboratory=values["laboratory"],
        )
        for name, amount, unit, purity in zip(
            values["substance"],
            values["amount"],
            values["unit"],
            values["purity_percent"],
            strict=True,
        )
    ]


def make_problem(row: int, column: str, refusal: Refusal, found: str) -> CellProblem:
    """Make the problem of a cell; what was found is shortened, and withheld if personal."""
    shown = " ".join(found.split()).encode(errors="replace").decode().replace("\0", "?")
    if refusal.code == "looks-personal" or find_personal_text(shown[: LONGEST_FOUND * 10]):
        shown = WITHHELD
    return CellProblem(row, column, refusal.code, shown[:LONGEST_FOUND], refusal.expected)


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
    readers = {key: make_cell_reader(profile, key) for key in (*REPORT_FIELDS, *FINDING_FIELDS)}

    def make_column(key: str, number: int) -> _Column:
        place = places.get((key, number), NO_COLUMN)
        if place == NO_COLUMN and key in SHARED_FINDING_FIELDS:
            place = places.get((key, 1), NO_COLUMN)
        heading = headings[place] if place != NO_COLUMN else ""
        return _Column(key, place, heading, readers[key])

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
        report_columns=tuple(make_column(key, 1) for key in REPORT_FIELDS),
        finding_columns=tuple(
            tuple(make_column(key, number) for key in FINDING_FIELDS) for number in numbers
        ),
        required=required,
        event_precision=profile.event_precision,
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
