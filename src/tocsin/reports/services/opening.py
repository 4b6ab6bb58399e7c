"""Opening a file for import: its rows as reports with their keys, or with why they are refused."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from operator import attrgetter
from pathlib import Path

from django.utils import timezone

from tocsin.reports.evidence import CellProblem, EvidenceReport
from tocsin.reports.formats.cells import Refusal
from tocsin.reports.formats.fitting import compile_profile
from tocsin.reports.formats.layout import MARK_HEADING, Table, TableRow
from tocsin.reports.formats.personal_data import find_personal_text, require_no_personal_columns
from tocsin.reports.formats.profiles import Profile
from tocsin.reports.formats.rows import RowParser, make_problem
from tocsin.reports.formats.tables import open_table
from tocsin.reports.services.batches import IncomingReport, derive_key
from tocsin.reports.services.storable import Unstorable, find_unholdable

BATCH_ROWS = 1_000
SAMPLE_ROWS = 200
MOST_ROWS_OF_AN_EVENT = 1_000

ReadRow = IncomingReport | tuple[CellProblem, ...]
"""A row of a file as read: a report with its key, or everything that is wrong with it."""


@dataclass(slots=True)
class OpenFile:
    """A file ready to be read by a profile, with what tells equal rows apart.

    What is held of the rows read so far, 16 bytes of a digest each, makes the keys the same
    however often the file is read again. Its rows can be gone through once.
    """

    table: Table
    parser: RowParser
    today: date
    _ordinals: Counter[bytes] = field(default_factory=Counter)
    _references: dict[bytes, bytes] = field(default_factory=dict)
    _unread: tuple[tuple[int, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        self._unread = tuple(
            (place, heading)
            for place, heading in enumerate(self.table.headings)
            if heading not in self.parser.matches and heading != MARK_HEADING
        )

    def iter_batches(self) -> Iterator[list[ReadRow]]:
        """Yield the rows in batches of BATCH_ROWS, from the first."""
        rows = (row for _number, row in self.iter_rows())
        while batch := list(islice(rows, BATCH_ROWS)):
            yield batch

    def iter_rows(self) -> Iterator[tuple[int, ReadRow]]:
        """Yield each event, from the first, with the number of its first row in the spreadsheet."""
        for row, *further in self._iter_groups():
            parsed = self.parser.parse_row(row, today=self.today, further=further)
            personal = tuple(self._iter_unread_personal((row, *further)))
            if not isinstance(parsed, EvidenceReport):
                yield row.number, tuple(sorted((*parsed, *personal), key=attrgetter("row")))
            elif personal:
                yield row.number, personal
            elif (unstorable := find_unholdable(parsed)) is not None:
                yield row.number, (self._describe(unstorable, row.number),)
            else:
                yield row.number, self._give_key(parsed, row.number)

    def _iter_unread_personal(self, rows: Iterable[TableRow]) -> Iterator[CellProblem]:
        """Yield the cells that no field reads and that look like personal data all the same."""
        for row in rows:
            for place, heading in self._unread:
                cell = row.cells[place] if place < len(row.cells) else ""
                if cell and (looks_like := find_personal_text(cell)):
                    expected = f"no personal data; this looks like {looks_like}"
                    yield make_problem(
                        row.number, heading, Refusal("looks-personal", expected), cell
                    )

    def _iter_groups(self) -> Iterator[list[TableRow]]:
        """Yield the rows of each event: those that follow each other with the same group."""
        rows: list[TableRow] = []
        held = ""
        for row in self.table.iter_rows():
            if self.parser.is_blank(row):
                continue
            group = self.parser.find_group(row)
            if rows and (not group or group != held or len(rows) >= MOST_ROWS_OF_AN_EVENT):
                yield rows
                rows = []
            held = group
            rows.append(row)
        if rows:
            yield rows

    def _give_key(self, evidence: EvidenceReport, row: int) -> ReadRow:
        digest = evidence.derive_content_digest()
        short = digest[:16]
        if not evidence.reference:
            self._ordinals[short] += 1
            key = derive_key(evidence, digest, self._ordinals[short])
            return IncomingReport(evidence, key, digest, row)
        reference = hashlib.sha256(evidence.reference.encode()).digest()[:16]
        earlier = self._references.get(reference)
        if earlier is None:
            self._references[reference] = short
        elif earlier != short:
            repeated = Unstorable(
                "reference",
                "reference-repeated",
                evidence.reference[:80],
                "each reference on one row; an earlier row with it says otherwise",
            )
            return (self._describe(repeated, row),)
        key = derive_key(evidence, digest, 1)
        return IncomingReport(evidence, key, digest, row, is_repeat=earlier is not None)

    def _describe(self, unstorable: Unstorable, row: int) -> CellProblem:
        """Return the problem under the sender's own heading, empty where there is none."""
        wanted = "substance" if unstorable.field == "substance_text" else unstorable.field
        matches = self.parser.matches.items()
        heading = next((heading for heading, key in matches if key == wanted), "")
        return CellProblem(row, heading, unstorable.code, unstorable.found, unstorable.expected)


def open_profiled_table(path: Path, profile: Profile) -> Table:
    """Open a file with what a profile prescribes for it."""
    return open_table(
        path,
        known_headings=profile.list_headings(),
        sheet=profile.sheet,
        encoding=profile.encoding,
        delimiter=profile.delimiter,
        decimal_mark=profile.decimal_mark,
    )


def open_file(path: Path, profile: Profile) -> OpenFile:
    """Open a file and fit the profile to it; an ImportFileError where it cannot be taken.

    Raises PersonalDataError where a column looks like personal data, by its heading or by the
    first rows.
    """
    table = open_profiled_table(path, profile)
    require_no_personal_columns(table.headings, islice(table.iter_rows(), SAMPLE_ROWS))
    return OpenFile(table, compile_profile(profile, table.headings), timezone.localdate())


def part_batch(batch: list[ReadRow]) -> tuple[list[IncomingReport], list[CellProblem]]:
    """Part a batch into its reports and the problems of its refused rows."""
    incoming: list[IncomingReport] = []
    problems: list[CellProblem] = []
    for row in batch:
        if isinstance(row, IncomingReport):
            incoming.append(row)
        else:
            problems.extend(row)
    return incoming, problems
