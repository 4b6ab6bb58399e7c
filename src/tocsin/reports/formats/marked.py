"""The sender's own spreadsheet with the problems marked in it."""

import csv
import gzip
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from defusedxml import DefusedXmlException
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils.cell import get_column_letter, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.worksheet import Worksheet

from tocsin.reports.evidence import CellProblem
from tocsin.reports.formats.csv_tables import CsvTable
from tocsin.reports.formats.export import neutralise_cell, open_sheet_to_write
from tocsin.reports.formats.layout import MARK_HEADING, Table, TableRow
from tocsin.reports.formats.xlsx_tables import XlsxTable

LARGEST_EDITED_BYTES = 8 * 1024**2
MOST_MERGED_CELLS = 100_000
MERGED_BLOCK = re.compile(rb"""mergeCell\b[^>]*?\bref\s*=\s*["']([^"']*)""")
NOT_IN_A_SHEET_TITLE = re.compile(r"[\\*?:/\[\]]")
LONGEST_SHEET_TITLE = 31
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError)
"""What reading a damaged part of an archive raises: a part that the table itself does not need."""

OPENPYXL_FAILURES = (
    *DAMAGE,
    ArithmeticError,
    AttributeError,
    DefusedXmlException,
    InvalidFileException,
    LookupError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What openpyxl raises on a workbook it cannot hold; the plain copy is written instead."""

PROBLEM_FILL = PatternFill("solid", fgColor="FDBB84")
COMMENT_AUTHOR = "Tocsin"


def derive_marked_name(source_name: str) -> str:
    """Return the file name of the marked spreadsheet.

    >>> derive_marked_name("lab_b_nov.xlsx"), derive_marked_name("deaths.csv.gz")
    ('lab_b_nov.marked.xlsx', 'deaths.marked.csv.gz')
    """
    stem, dot, ending = source_name.partition(".")
    return f"{stem}.marked{dot}{ending}"


def write_marked_spreadsheet(
    table: Table,
    target: Path,
    problems: Iterable[CellProblem],
    *,
    only_problem_rows: bool = False,
) -> int:
    """Write the table again, as its sender sent it, with a last column "Tocsin: problems".

    A CSV stays a CSV in its own encoding, delimiter and packing. A workbook of at most 8 MiB of
    sheets stays the same workbook, its cells filled and commented; a larger one, or any with
    ``only_problem_rows``, becomes a plain workbook of the one sheet, its cells as text, written
    row by row. Cells that could start a formula are guarded; reading takes the guard off, and
    every profile ignores the added column, so the result re-imports unchanged.

    table: the opened source (``open_table``), with the settings it was imported with.
    problems: in ascending order of row, as an import yields them.
    Returns the number of rows marked. Raises ValueError when the rows are out of order.
    """
    marks = _Marks(problems)
    if isinstance(table, XlsxTable):
        book = None if only_problem_rows else _find_editable_workbook(table.path)
        if book is None or not isinstance(book[table.sheet], Worksheet):
            _write_workbook(table, target, marks, only_problem_rows=only_problem_rows)
        else:
            _edit_workbook(table, book[table.sheet], marks)
            book.save(target)
    elif isinstance(table, CsvTable):
        _write_marked_csv(table, target, marks, only_problem_rows=only_problem_rows)
    return marks.count


class _Marks:
    """The problems, handed out row by row, so that only one row's are held."""

    def __init__(self, problems: Iterable[CellProblem]) -> None:
        self._problems = iter(problems)
        self._next = next(self._problems, None)
        self.count = 0

    def take(self, row: int) -> list[CellProblem]:
        taken: list[CellProblem] = []
        while self._next is not None and self._next.row <= row:
            taken.append(self._next)
            following = next(self._problems, None)
            if following is not None and following.row < self._next.row:
                raise ValueError(
                    f"problems: row {following.row} after {self._next.row}; expected ascending"
                )
            self._next = following
        self.count += bool(taken)
        return taken


def describe_problem(problem: CellProblem) -> str:
    """Return the sentence that is written beside a problem.

    >>> describe_problem(CellProblem(17, "Datum", "bad-date", "31.11.2026", "DD.MM.YYYY"))
    'Datum: bad-date. Found "31.11.2026". Expected: DD.MM.YYYY'
    """
    place = f"{problem.column}: " if problem.column else ""
    found = f'Found "{problem.found}". ' if problem.found else ""
    return f"{place}{problem.code}. {found}Expected: {problem.expected}"


def _describe(problems: Sequence[CellProblem]) -> str:
    return neutralise_cell(" | ".join(map(describe_problem, problems)))


def _iter_marked_rows(
    table: Table, marks: _Marks, *, only_problem_rows: bool
) -> Iterator[tuple[TableRow, list[str], list[CellProblem]]]:
    """Yield each row with its cells to write, mark included, and its problems."""
    width = len(table.headings)
    mark_at = width
    if MARK_HEADING in table.headings:
        mark_at = table.headings.index(MARK_HEADING)
    for row in table.iter_all_rows():
        cells = list(row.cells)
        if row.number < table.heading_row:
            yield row, cells, []
            continue
        problems = [] if row.number == table.heading_row else marks.take(row.number)
        is_heading = row.number == table.heading_row
        if only_problem_rows and not is_heading and not problems:
            continue
        mark = MARK_HEADING if is_heading else _describe(problems)
        if is_heading:
            cells = cells[:width] + [""] * (width - len(cells))
        if cells and not is_heading:
            _trim(cells, width)
        if mark_at < len(cells) <= width:
            cells[mark_at] = mark
        elif cells:
            cells.append(mark)
        yield row, cells, problems


def _trim(cells: list[str], width: int) -> None:
    """Drop empty cells beyond the headings, where the mark goes; a ragged row stays ragged."""
    while len(cells) > width and not cells[-1].strip():
        cells.pop()


def _write_marked_csv(
    table: CsvTable, target: Path, marks: _Marks, *, only_problem_rows: bool
) -> None:
    with _open_target(target, is_gzip=table.is_gzip) as stream:
        text = io.TextIOWrapper(stream, encoding=table.encoding, errors="replace", newline="")
        writer = csv.writer(text, delimiter=table.delimiter, lineterminator="\r\n")
        for _row, cells, _problems in _iter_marked_rows(
            table, marks, only_problem_rows=only_problem_rows
        ):
            writer.writerow([_guard(cell) for cell in cells])
        text.flush()
        text.detach()


@contextmanager
def _open_target(target: Path, *, is_gzip: bool) -> Iterator[IO[bytes]]:
    with target.open("wb") as raw:
        if not is_gzip:
            yield raw
            return
        with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as packed:
            yield packed  # type: ignore[misc]


def _guard(cell: str) -> str:
    return cell if cell.startswith("'") else neutralise_cell(cell)


def _find_editable_workbook(path: Path) -> Workbook | None:
    """Load a workbook whole if it is small and harmless enough, else None."""
    merged = 0
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST_EDITED_BYTES:
            return None
        for member in archive.infolist():
            if not member.filename.endswith((".xml", ".rels", ".vml")):
                continue
            try:
                content = archive.read(member)
            except DAMAGE:
                return None
            if b"<!DOCTYPE" in content or (not content.isascii() and not _is_utf8(content)):
                return None
            merged += sum(map(_count_merged, MERGED_BLOCK.findall(content)))
            if merged > MOST_MERGED_CELLS:
                return None
    with warnings.catch_warnings(), path.open("rb") as stream:
        warnings.simplefilter("ignore")
        try:
            return load_workbook(stream, keep_links=False)
        except OPENPYXL_FAILURES:
            return None


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _count_merged(reference: bytes) -> int:
    try:
        left, top, right, bottom = range_boundaries(reference.decode("ascii", "replace"))
    except (TypeError, ValueError):
        return MOST_MERGED_CELLS + 1
    if left is None or top is None or right is None or bottom is None:
        return MOST_MERGED_CELLS + 1
    return (right - left + 1) * (bottom - top + 1)


def _edit_workbook(table: XlsxTable, sheet: Worksheet, marks: _Marks) -> None:
    width = len(table.headings)
    mark_at = width + 1
    if MARK_HEADING in table.headings:
        mark_at = table.headings.index(MARK_HEADING) + 1
        _remove_marks(sheet, table.heading_row, mark_at)
    places = {heading: place for place, heading in enumerate(table.headings, 1)}
    _set_value(sheet, table.heading_row, mark_at, MARK_HEADING)
    sheet.column_dimensions[get_column_letter(mark_at)].width = 60
    for number, cells in table.iter_all_rows():
        problems = marks.take(number) if number > table.heading_row else []
        if not problems:
            continue
        last = max((at for at, cell in enumerate(cells, 1) if cell), default=0)
        _set_value(
            sheet, number, max(mark_at, last + 1 if last > width else 0), _describe(problems)
        )
        for problem in problems:
            cell = sheet.cell(number, places.get(problem.column, mark_at))
            if isinstance(cell, Cell):
                cell.fill = PROBLEM_FILL
                held = f"{cell.comment.text}\n" if cell.comment else ""
                cell.comment = _make_comment(held + describe_problem(problem))


def _remove_marks(sheet: Worksheet, heading_row: int, mark_at: int) -> None:
    """Take off what an earlier marking left, so that a mended row shows no problem."""
    for (row, column), cell in sheet._cells.items():
        if row > heading_row and isinstance(cell, Cell):
            if column == mark_at:
                cell.value = None
            if cell.comment and cell.comment.author == COMMENT_AUTHOR:
                cell.comment = None
                cell.fill = PatternFill()


def _make_comment(text: str) -> Comment:
    return Comment(ILLEGAL_CHARACTERS_RE.sub("?", text)[:2000], COMMENT_AUTHOR)


def _set_value(sheet: Worksheet, row: int, column: int, value: str | None) -> None:
    cell = sheet.cell(row, column)
    if not isinstance(cell, MergedCell):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("?", value) if value else value


def _write_workbook(
    table: XlsxTable, target: Path, marks: _Marks, *, only_problem_rows: bool
) -> None:
    title = NOT_IN_A_SHEET_TITLE.sub("_", table.sheet)[:LONGEST_SHEET_TITLE]
    places = {heading: place for place, heading in enumerate(table.headings)}
    written = 0
    with open_sheet_to_write(title or None, target) as sheet:
        for row, cells, problems in _iter_marked_rows(
            table, marks, only_problem_rows=only_problem_rows
        ):
            while not only_problem_rows and written < row.number - 1:
                sheet.append([])
                written += 1
            about: dict[int, list[str]] = {}
            for problem in problems:
                if problem.column in places:
                    about.setdefault(places[problem.column], []).append(describe_problem(problem))
            sheet.append([_make_cell(sheet, cell, about.get(at)) for at, cell in enumerate(cells)])
            written += 1


def _make_cell(sheet: WriteOnlyWorksheet, text: str, about: list[str] | None) -> Cell:
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("?", _guard(text)) or None)
    if about:
        cell.fill = PROBLEM_FILL
        cell.comment = _make_comment("\n".join(about))
    return cell
