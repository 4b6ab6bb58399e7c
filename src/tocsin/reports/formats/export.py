"""Tables out: CSV and XLSX in which no cell can start a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from tocsin.errors import FileTooLargeError

FORMULA_START = re.compile(r"'*(\s*[=+\-@＝＋－＠]|[\t\r\n])")
PLAIN_NUMBER = re.compile(r"[+-]?\d{1,30}([.,]\d{1,30})?\Z", re.ASCII)
MOST_ROWS_OF_A_SHEET = 1_048_575
Cell = str | int | float | bool | Decimal | date | datetime | None


def neutralise_cell(value: str) -> str:
    """Return the text with an apostrophe before it where a spreadsheet would see a formula.

    Guarded: texts that start with = + - @ (also full-width, also after spaces), a tab or a line
    break, unless the whole text is a number. A text that is already guarded gets one more, so
    that reading a table takes off exactly what writing put on: exports re-import unchanged.

    >>> neutralise_cell("=1+1"), neutralise_cell("-5.2"), neutralise_cell("(+)-amphetamine")
    ("'=1+1", '-5.2', '(+)-amphetamine')
    """
    if FORMULA_START.match(value) and not PLAIN_NUMBER.match(value):
        return "'" + value
    return value


def write_csv(rows: Iterable[Sequence[Cell]], headings: Sequence[str], stream: IO[bytes]) -> int:
    """Write a table as CSV, row by row: UTF-8 with a mark that Excel knows, commas, CRLF.

    Dates are written as ISO 8601, decimals with a point, None as an empty cell.
    Returns the number of rows written; the stream stays open.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
    count = 0
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(list(map(neutralise_cell, headings)))
        for row in rows:
            writer.writerow([format_cell(value) for value in row])
            count += 1
        text.flush()
    finally:
        text.detach()
    return count


def write_xlsx(rows: Iterable[Sequence[Cell]], headings: Sequence[str], stream: IO[bytes]) -> int:
    """Write a table as one sheet of an XLSX, row by row; numbers stay numbers, dates dates.

    Returns the number of rows written. Raises FileTooLargeError past the rows a sheet holds.
    """
    count = 0
    with open_sheet_to_write("Tocsin", stream) as sheet:
        sheet.freeze_panes = "A2"
        sheet.append([_make_sheet_value(heading) for heading in headings])
        for count, row in enumerate(rows, 1):
            if count > MOST_ROWS_OF_A_SHEET:
                raise FileTooLargeError(
                    f"export: more than {MOST_ROWS_OF_A_SHEET:,} rows do not fit a sheet; take CSV"
                )
            sheet.append([_make_sheet_value(value) for value in row])
    return count


@contextmanager
def open_sheet_to_write(
    title: str | None, target: IO[bytes] | Path
) -> Iterator[WriteOnlyWorksheet]:
    """Open the one sheet of a new workbook for writing row by row; saved when the block ends.

    When the block fails nothing is written to the target.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    try:
        yield sheet
    except BaseException:
        # openpyxl removes the temporary file of its rows only on saving.
        book.save(io.BytesIO())
        raise
    book.save(target)


def format_cell(value: Cell) -> str:
    """Return a value as the text of a CSV cell, guarded.

    >>> [format_cell(value) for value in (None, Decimal("1E+2"), date(2026, 11, 21), True)]
    ['', '100', '2026-11-21', 'TRUE']
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return neutralise_cell(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)


def _make_sheet_value(value: Cell) -> Cell:
    if isinstance(value, str):
        text = value.encode(errors="replace").decode()
        return neutralise_cell(ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text))
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal) and not value.is_finite():
        return str(value)
    return value
