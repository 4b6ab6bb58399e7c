"""XLSX workbooks, read as a stream."""

import datetime
import re
import zipfile
from collections.abc import Collection, Iterator
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path

from openpyxl.utils.cell import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from tocsin.errors import FileTooLargeError, UnreadableFileError
from tocsin.reports.formats.archives import open_workbook_archive
from tocsin.reports.formats.layout import (
    ROWS_SEARCHED_FOR_HEADINGS,
    HeadingLines,
    MergedCells,
    Table,
    TableLimits,
    TableRow,
    find_heading_lines,
)
from tocsin.reports.formats.sheet_xml import (
    SheetPart,
    WorkbookParts,
    iter_parsed_chunks,
    list_tag_names,
    make_parser,
    parse_workbook_parts,
    read_escapes,
)

LAST_ROW_OF_A_SHEET = 1_048_576
LAST_COLUMN_OF_A_SHEET = 16_384
CELL_NAME = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})\Z")
MAX_MERGED_BLOCKS = 10_000
SHEET_TAGS = list_tag_names("row", "c", "v", "t", "is", "f", "mergeCell", "rPh")


class _SheetReader:
    """Event handlers that turn the XML of a sheet into rows.

    Past a limit or at a damaged cell name it raises, naming the cell; ``first_formula`` names the
    first cell that holds a formula, so that only the sheet that is taken is refused for it.
    """

    def __init__(
        self, book: WorkbookParts, sheet: SheetPart, limits: TableLimits, decimal_mark: str
    ) -> None:
        self.book, self.sheet, self.limits = book, sheet, limits
        self.decimal_mark = decimal_mark
        self.first_formula = ""
        self.rows: list[TableRow] = []
        self.merges: list[MergedCells] = []
        self.row_number = 0
        self.column = 0
        self.last_filled_row = 0
        self._cells: dict[int, str] = {}
        self._kind = self._style = ""
        self._pieces: list[str] = []
        self._characters = 0
        self._takes_text = self._is_phonetic = False
        self._epoch = MAC_EPOCH if book.counts_from_1904 else WINDOWS_EPOCH
        self._columns: dict[str, int] = {}

    def iter_rows(self, archive: zipfile.ZipFile) -> Iterator[TableRow]:
        """Yield the rows that hold a cell, in order."""
        parser = make_parser()
        parser.StartElementHandler, parser.EndElementHandler = self._on_start, self._on_end
        parser.CharacterDataHandler = self._on_text
        try:
            stream = archive.open(self.sheet.part)
        except KeyError:
            raise UnreadableFileError(
                f"sheet {self.sheet.title!r}: missing in the workbook; save it again as .xlsx"
            ) from None
        with stream:
            for _ in iter_parsed_chunks(parser, stream, f"sheet {self.sheet.title!r}"):
                yield from self.rows
                self.rows.clear()

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        tag = SHEET_TAGS.get(name)
        if tag == "c":
            self._start_cell(attributes)
        elif tag in ("v", "t"):
            self._takes_text = not self._is_phonetic
        elif tag == "row":
            self._start_row(attributes.get("r"))
        elif tag == "f":
            self.first_formula = self.first_formula or self._name_cell()
        elif tag == "rPh":
            self._is_phonetic = True
        elif tag == "mergeCell":
            self._add_merge(attributes.get("ref", ""))

    def _start_row(self, number: str | None) -> None:
        found = int(number) if number and number.isascii() and number.isdigit() else None
        row = self.row_number + 1 if number is None else found
        if row is None or row <= self.row_number:
            raise UnreadableFileError(
                f"sheet {self.sheet.title!r}: its rows are not in order; save it again as .xlsx"
            )
        if row > LAST_ROW_OF_A_SHEET:
            raise FileTooLargeError(
                f"sheet {self.sheet.title!r}: has more than {LAST_ROW_OF_A_SHEET:,} rows, more "
                "than a spreadsheet holds; delete the empty rows beneath the table"
            )
        self.row_number, self.column = row, 0
        self._cells.clear()

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self.column += 1
        else:
            letters = reference.rstrip("0123456789")
            column = self._columns.get(letters)
            if column is None:
                if not CELL_NAME.match(reference):
                    raise UnreadableFileError(
                        f"sheet {self.sheet.title!r}: {reference[:20]!r} is no cell; "
                        "save it again as .xlsx"
                    )
                column = self._columns[letters] = column_index_from_string(letters)
            self.column = column
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        self._pieces.clear()
        self._characters = 0

    def _on_text(self, text: str) -> None:
        if not self._takes_text:
            return
        self._characters += len(text)
        if self._characters > self.limits.max_cell_characters:
            raise FileTooLargeError(
                f"cell {self._name_cell()} of sheet {self.sheet.title!r}: holds more than "
                f"{self.limits.max_cell_characters:,} characters"
            )
        self._pieces.append(text)

    def _on_end(self, name: str) -> None:
        tag = SHEET_TAGS.get(name)
        if tag in ("v", "t"):
            self._takes_text = False
        elif tag == "c":
            if self._pieces:
                self._end_cell()
        elif tag == "rPh":
            self._is_phonetic = False
        elif tag == "row" and self._cells:
            width = max(self._cells)
            get = self._cells.get
            cells = tuple([get(column, "") for column in range(1, width + 1)])
            self.last_filled_row = self.row_number
            self.rows.append(TableRow(self.row_number, cells))

    def _end_cell(self) -> None:
        text = "".join(self._pieces)
        value = self._read_value(text)
        if not value or value.isspace():
            return
        if self.column > self.limits.max_columns:
            raise FileTooLargeError(
                f"cell {self._name_cell()} of sheet {self.sheet.title!r}: beyond column "
                f"{get_column_letter(self.limits.max_columns)}, the last that is read"
            )
        self._cells[self.column] = value

    def _read_value(self, text: str) -> str:
        kind = self._kind
        if kind == "s":
            at = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
            if not 0 <= at < len(self.book.strings):
                raise UnreadableFileError(
                    f"cell {self._name_cell()} of sheet {self.sheet.title!r}: its text is "
                    "missing in the workbook; save it again as .xlsx"
                )
            return self.book.strings[at]
        if kind == "n":
            return self._read_number(text)
        if kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        if kind in ("inlineStr", "str"):
            return read_escapes(text)
        if kind == "d":
            return text.removesuffix("T00:00:00").removesuffix("T00:00:00Z")
        return text

    def _read_number(self, text: str) -> str:
        style = int(self._style) if self._style.isascii() and self._style.isdigit() else -1
        if style in self.book.date_styles:
            is_span = style in self.book.timedelta_styles
            try:
                moment = from_excel(float(text), self._epoch, timedelta=is_span)
            except (ValueError, OverflowError):
                return format_number(text, decimal_mark=self.decimal_mark)
            return _format_moment(moment)
        return format_number(text, decimal_mark=self.decimal_mark)

    def _add_merge(self, reference: str) -> None:
        start, _, end = reference.partition(":")
        first, last = CELL_NAME.match(start), CELL_NAME.match(end or start)
        if not first or not last or len(self.merges) >= MAX_MERGED_BLOCKS:
            raise UnreadableFileError(
                f"sheet {self.sheet.title!r}: its merged cells cannot be read; "
                "unmerge the cells and save it again"
            )
        self.merges.append(
            MergedCells(
                int(first[2]),
                column_index_from_string(first[1]),
                int(last[2]),
                column_index_from_string(last[1]),
                reference,
            )
        )

    def _name_cell(self) -> str:
        return (
            f"{get_column_letter(min(self.column or 1, LAST_COLUMN_OF_A_SHEET))}{self.row_number}"
        )


def format_number(text: str, *, decimal_mark: str = ".") -> str:
    """Return a number of a workbook as plain decimal text with the 15 digits a spreadsheet shows.

    >>> format_number("0.30000000000000004"), format_number("1E-3", decimal_mark=",")
    ('0.3', '0,001')
    """
    if text.isascii() and text.isdigit() and len(text) <= 15:
        return text
    try:
        number = Decimal(f"{float(text):.15g}")
    except (ValueError, InvalidOperation):
        return text
    return format(number, "f").replace(".", decimal_mark) if number.is_finite() else text


def _format_moment(
    moment: datetime.datetime | datetime.date | datetime.time | datetime.timedelta | None,
) -> str:
    if isinstance(moment, datetime.datetime):
        if moment.time() == datetime.time():
            return moment.date().isoformat()
        return moment.isoformat(sep=" ", timespec="seconds")
    if isinstance(moment, datetime.timedelta):
        return str(moment)
    return moment.isoformat() if moment else ""


class XlsxTable(Table):
    """One sheet of a workbook, checked whole when opened, then read as often as wanted."""

    def __init__(
        self,
        path: Path,
        *,
        limits: TableLimits,
        known: Collection[str] = (),
        sheet: str = "",
        decimal_mark: str = ".",
    ) -> None:
        self.path, self.limits, self.decimal_mark = path, limits, decimal_mark
        with open_workbook_archive(path, limits) as archive:
            self._book = parse_workbook_parts(archive, limits)
            self._part, lines = self._choose_sheet(archive, sheet, frozenset(known))
        self.sheet = self._part.title
        self.headings, self.heading_row = lines.headings, lines.last_row

    def iter_all_rows(self) -> Iterator[TableRow]:
        """Yield the rows that hold a cell, as wide as the headings or wider."""
        width = len(self.headings)
        with open_workbook_archive(self.path, self.limits) as archive:
            for number, cells in self._iter_cells(archive, self._part):
                if len(cells) < width:
                    cells += ("",) * (width - len(cells))
                yield TableRow(number, cells)

    def _iter_cells(self, archive: zipfile.ZipFile, part: SheetPart) -> Iterator[TableRow]:
        reader = _SheetReader(self._book, part, self.limits, self.decimal_mark)
        yield from reader.iter_rows(archive)

    def _choose_sheet(
        self, archive: zipfile.ZipFile, wanted: str, known: frozenset[str]
    ) -> tuple[SheetPart, HeadingLines]:
        visible = [part for part in self._book.sheets if part.is_visible]
        if wanted:
            named = [part for part in visible if part.title.casefold() == wanted.casefold()]
            if not named:
                titles = ", ".join(repr(part.title) for part in visible[:20])
                raise UnreadableFileError(
                    f"{self.path.name}: has no sheet {wanted!r}; found {titles or 'none'}"
                )
            visible = named
        chosen: tuple[SheetPart, HeadingLines] | None = None
        for part in visible:
            first_rows = list(islice(self._iter_cells(archive, part), ROWS_SEARCHED_FOR_HEADINGS))
            lines = find_heading_lines(first_rows, known=known)
            if lines and (chosen is None or lines.matched > chosen[1].matched):
                chosen = (part, lines)
            if chosen and not known:
                break
        if chosen is None:
            raise UnreadableFileError(
                f"{self.path.name}: no sheet that is shown holds any rows; "
                "expected a line of headings and rows beneath it"
            )
        return chosen[0], self._check_sheet(archive, chosen[0], known)

    def _check_sheet(
        self, archive: zipfile.ZipFile, part: SheetPart, known: frozenset[str]
    ) -> HeadingLines:
        """Read the whole sheet once: formulas, merged cells and limits before any row is taken."""
        reader = _SheetReader(self._book, part, self.limits, self.decimal_mark)
        first_rows: list[TableRow] = []
        filled = 0
        for row in reader.iter_rows(archive):
            filled += 1
            if reader.first_formula:
                break
            if len(first_rows) < ROWS_SEARCHED_FOR_HEADINGS:
                first_rows.append(row)
        if reader.first_formula:
            raise UnreadableFileError(
                f"cell {reader.first_formula} of sheet {part.title!r}: holds a formula; expected "
                "a value. Copy the table and paste it as values, then send it again"
            )
        lines = find_heading_lines(first_rows, known=known, merges=reader.merges)
        if lines is None:
            raise UnreadableFileError(f"sheet {part.title!r}: holds no rows")
        for merge in reader.merges:
            if lines.last_row < merge.last_row and merge.first_row <= reader.last_filled_row:
                raise UnreadableFileError(
                    f"cells {merge.name} of sheet {part.title!r}: are merged; expected one value "
                    "in every cell. Unmerge them, fill each row and send it again"
                )
        above = sum(1 for row in first_rows if row.number <= lines.last_row)
        self.row_estimate = filled - above
        return lines
