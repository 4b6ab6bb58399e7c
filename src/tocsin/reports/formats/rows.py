"""From a row of a sender's table to a report, or to everything that is wrong with the row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from tocsin.reports.evidence import CellProblem, EvidenceFinding, EvidenceReport
from tocsin.reports.formats.cells import CellReader, DatedPeriod, Refusal
from tocsin.reports.formats.fields import (
    DATE_FIELDS,
    DETAIL_FIELDS,
    FINDING_FIELDS,
    REPORT_FIELDS,
)
from tocsin.reports.formats.layout import (
    TableRow,
)
from tocsin.reports.formats.personal_data import find_personal_text
from tocsin.reports.record import IN_GIVEN_UNIT
from tocsin.reports.record.checks import Misfit, find_misfits
from tocsin.reports.record.values import make_details
from tocsin.reports.vocabulary import COUNTRY_OF_NUTS_PREFIX, MATRIX_OF_EVENT, Matrix

LONGEST_FOUND = 80
WITHHELD = "(withheld)"
LISTED_FIELDS = ("amount", "unit", "purity_percent")
MEASURED_FIELDS = ("amount", "purity_percent")
LONE_FIELDS = frozenset({"role", "spectra"}) | IN_GIVEN_UNIT
DATE_COLUMNS = tuple(key for key in DATE_FIELDS if key not in DETAIL_FIELDS)
NO_COLUMN = -1
NO_REPORT: dict[str, Any] = {
    key: None if key in DATE_FIELDS else "" for key in REPORT_FIELDS if key not in DETAIL_FIELDS
}
NO_FINDING: dict[str, Any] = {
    key: () if key in (*LISTED_FIELDS, "substance") else ""
    for key in FINDING_FIELDS
    if key not in DETAIL_FIELDS
}
"""The values of fields for which a table has no column."""


class Column(NamedTuple):
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

    def add(self, column: Column, refusal: Refusal) -> None:
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
    report_columns: tuple[Column, ...]
    finding_columns: tuple[tuple[Column, ...], ...]
    required: frozenset[str]
    event_precision: str
    group_place: int = NO_COLUMN
    type_place: int = NO_COLUMN

    def find_group(self, row: TableRow) -> str:
        """Find what marks the row as one of an event's several; empty for a row of its own."""
        if self.group_place == NO_COLUMN or self.group_place >= len(row.cells):
            return ""
        return row.cells[self.group_place].strip()

    def is_blank(self, row: TableRow) -> bool:
        """Tell whether a row says nothing: a template has its type of event in every row."""
        if self.group_place == NO_COLUMN:
            return False
        given = (self.group_place, self.type_place)
        return not any(at not in given and cell.strip() for at, cell in enumerate(row.cells))

    def parse_row(
        self, row: TableRow, *, today: date, further: Sequence[TableRow] = ()
    ) -> EvidenceReport | tuple[CellProblem, ...]:
        """Parse one row to the report, or to all problems of the row at once.

        further: rows with more findings of the same event; what they say of the event itself must
        be empty or the same. Never raises, whatever stands in the cells. today: later dates are
        refused.
        """
        ragged = tuple(problem for one in (row, *further) for problem in self._find_ragged(one))
        if ragged:
            return ragged
        problems = _RowProblems(row, [])
        values = self._read_report(row.cells, today, problems)
        findings = self._read_all_findings(row, values["event_type"], problems.found)
        for one in further:
            problems.found += self._find_differences(row, one)
            findings += self._read_all_findings(one, values["event_type"], problems.found)
        if problems.found:
            return tuple(problems.found)
        if len(findings) > 1:
            findings = list(dict.fromkeys(findings))
        report = EvidenceReport(findings=tuple(findings), **values)
        misfits = find_misfits(report)
        if misfits:
            return tuple(self._place(row, misfit) for misfit in misfits)
        return report

    def _find_ragged(self, row: TableRow) -> list[CellProblem]:
        count = len(row.cells)
        if count == self.width or (
            count > self.width and not any(map(str.strip, row.cells[self.width :]))
        ):
            return []
        refusal = Refusal("ragged-row", f"{self.width} cells, as many as there are headings")
        return [make_problem(row.number, "", refusal, f"{count} cells")]

    def _find_differences(self, first: TableRow, row: TableRow) -> list[CellProblem]:
        """Find what a further row of an event says of it otherwise than its first row."""
        places = [(one.place, one.heading) for one in self.report_columns if one.place != NO_COLUMN]
        refusal = Refusal("event-differs", f"nothing, or the same as in row {first.number}")
        return [
            make_problem(row.number, heading, refusal, row.cells[place])
            for place, heading in places
            if row.cells[place].strip() not in ("", first.cells[place].strip())
        ]

    def _read_all_findings(
        self, row: TableRow, event_type: str | None, found_problems: list[CellProblem]
    ) -> list[EvidenceFinding]:
        problems = _RowProblems(row, found_problems)
        findings: list[EvidenceFinding] = []
        is_lone = bool(self.find_group(row))
        is_blank = True
        for columns in self.finding_columns:
            found = self._read_findings(columns, row.cells, event_type, problems, is_lone=is_lone)
            is_blank = is_blank and found is None
            findings += found or ()
        if is_blank:
            problems.add(self.finding_columns[0][0], Refusal("missing", "a substance"))
        return findings

    def _place(self, row: TableRow, misfit: Misfit) -> CellProblem:
        """Say in which column what does not fit together stands."""
        columns = (*self.report_columns, *(one for all_ in self.finding_columns for one in all_))
        named = [one for one in columns if one.key == misfit.field and one.place != NO_COLUMN]
        found = row.cells[named[0].place] if named else ""
        heading = named[0].heading if named else ""
        return make_problem(row.number, heading, Refusal(misfit.code, misfit.expected), found)

    def _read_report(
        self, cells: Sequence[str], today: date, problems: _RowProblems
    ) -> dict[str, Any]:
        values = dict(NO_REPORT)
        details: dict[str, Any] = {}
        region: Column | None = None
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
            if key in DETAIL_FIELDS:
                details[key] = value.last_day if value.__class__ is DatedPeriod else value
            else:
                values[key] = value
        if region is not None and values["country"]:
            prefix = values["region"][:2]
            if COUNTRY_OF_NUTS_PREFIX.get(prefix, prefix) != values["country"]:
                expected = f"a NUTS code of country {values['country']}"
                problems.add(region, Refusal("bad-region", expected))
        self._settle_dates(values)
        values["details"] = make_details(details) if details else ()
        return values

    def _settle_dates(self, values: dict[str, Any]) -> None:
        period = values["event_on"]
        for key in DATE_COLUMNS:
            values[key] = values[key] and values[key].first_day
        if period:
            precision = values["event_precision"] or period.precision or self.event_precision
            values["event_on"] = period.start_of(precision)
            values["event_precision"] = precision

    def _read_findings(
        self,
        columns: tuple[Column, ...],
        cells: Sequence[str],
        event_type: str | None,
        problems: _RowProblems,
        *,
        is_lone: bool,
    ) -> list[EvidenceFinding] | None:
        """Read the findings of one set of columns; None when its cells are empty.

        is_lone: the row is one of a group, each for one substance, whatever signs its name has.
        """
        values = dict(NO_FINDING)
        problems_before = len(problems.found)
        for column in columns:
            value = column.read(cells[column.place] if column.place != NO_COLUMN else "")
            if value.__class__ is Refusal:
                problems.add(column, value)
            values[column.key] = value
        names = values["substance"]
        if names.__class__ is Refusal:
            return []
        if is_lone and len(names) > 1:
            names = values["substance"] = (" ".join(cells[columns[0].place].split()),)
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
        for key in LISTED_FIELDS:
            # Fields without a column of their own: nothing is said for any of the substances.
            values[key] = values[key] or ("" if key == "unit" else None,) * len(names)
        if len(names) > 1:
            self._refuse_lone_numbers(columns, values, problems)
        return _make_findings(values, event_type)

    def _refuse_lone_numbers(
        self, columns: tuple[Column, ...], values: dict[str, Any], problems: _RowProblems
    ) -> None:
        """Refuse a measured value of one substance where a cell names several."""
        for column in columns:
            if column.key in LONE_FIELDS and values[column.key] not in ("", (), None):
                expected = "one substance in the cell, or columns numbered 1, 2 and so on"
                problems.add(column, Refusal("unequal-lists", expected))

    def _spread(
        self, column: Column, listed: tuple[Any, ...], count: int, problems: _RowProblems
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
    details = make_details({key: values[key] for key in values.keys() & DETAIL_FIELDS})
    has_limits = any(key in IN_GIVEN_UNIT for key, _value in details)
    return [
        EvidenceFinding(
            substance_text=name,
            matrix=matrix,
            specimen=values["specimen"],
            amount=amount,
            unit=unit if amount is not None or has_limits else "",
            purity_percent=purity,
            technique=values["technique"],
            identification_level=values["identification_level"],
            laboratory=values["laboratory"],
            details=details,
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
