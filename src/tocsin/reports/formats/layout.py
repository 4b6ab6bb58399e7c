"""What a table looks like to the rest of Tocsin, and where its headings are."""

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

MARK_HEADING = "Tocsin: problems"
"""Heading of the column that Tocsin adds to a sender's spreadsheet; every profile ignores it."""

GUARDED_START = re.compile(r"'+\s*[=+\-@＝＋－＠]|'+[\t\r\n]")
FINDING_NUMBER = re.compile(r"(?<=\S) ?(\d{1,2})\Z")
DATA_LIKE = re.compile(r"\s*[<>~]?[-+]?\d")
ROWS_SEARCHED_FOR_HEADINGS = 40
LONGEST_HEADING = 200
SMALLEST_SHARE_OF_WIDTH = 0.6


@dataclass(frozen=True, slots=True)
class TableLimits:
    """How much one file may ask of the machine; past a limit the file is refused."""

    max_file_bytes: int = 512 * 1024**2
    max_unpacked_bytes: int = 2 * 1024**3
    max_compression_ratio: int = 200
    ratio_counts_from_bytes: int = 16 * 1024**2
    max_rows: int = 5_000_000
    max_columns: int = 256
    max_cell_characters: int = 32_767
    max_line_characters: int = 1024**2
    max_archive_members: int = 2_000
    max_shared_strings: int = 3_000_000
    max_shared_characters: int = 64 * 1024**2


DEFAULT_LIMITS = TableLimits()


class TableRow(NamedTuple):
    """One row: ``number`` as the sender's spreadsheet shows it, first row 1, and its cells."""

    number: int
    cells: tuple[str, ...]


class Table(ABC):
    """A sender's table, read as a stream, as often as wanted, in memory that does not grow.

    headings: one text per column, empty for a column without heading.
    heading_row: number of the (last) row the headings stand in.
    row_estimate: rows beneath the headings, exact for a workbook, for CSV a line count.
    encoding, delimiter: of a CSV, else empty. sheet: of a workbook, else empty.
    """

    headings: tuple[str, ...]
    heading_row: int
    row_estimate: int
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""

    @abstractmethod
    def iter_all_rows(self) -> Iterator[TableRow]:
        """Yield every row from the first, titles, headings and empty rows of a CSV included."""

    def iter_rows(self) -> Iterator[TableRow]:
        """Yield the rows beneath the headings that hold anything, formula guards taken off.

        A row that holds nothing but the mark of an earlier import is empty.
        """
        first = self.heading_row
        mark = self.headings.index(MARK_HEADING) if MARK_HEADING in self.headings else None
        for number, cells in self.iter_all_rows():
            if number <= first:
                continue
            joined = "".join(cells)
            if not joined or joined.isspace():
                continue
            if mark is not None and not any(map(str.strip, cells[:mark] + cells[mark + 1 :])):
                continue
            if "'" in joined:
                cells = tuple(map(strip_formula_guard, cells))
            yield TableRow(number, cells)


def strip_formula_guard(cell: str) -> str:
    """Return the cell without the apostrophe that an export of Tocsin puts before a formula.

    >>> strip_formula_guard("'=1+1"), strip_formula_guard("3',4'-methylenedioxy")
    ('=1+1', "3',4'-methylenedioxy")
    """
    return cell[1:] if cell[:1] == "'" and GUARDED_START.match(cell) else cell


def normalise_heading(heading: str) -> str:
    """Return the heading as it is compared: lower case, punctuation as single spaces.

    >>> normalise_heading(" Reinheit  (%): "), normalise_heading("Event_date")
    ('reinheit', 'event date')
    """
    return " ".join(re.sub(r"[\W_]+", " ", heading.casefold()).split())


def split_finding_number(heading: str) -> tuple[str, int]:
    """Return a normalised heading without its closing number, and the number (1 where absent).

    >>> split_finding_number("substanz 2"), split_finding_number("substanz")
    (('substanz', 2), ('substanz', 1))
    """
    found = FINDING_NUMBER.search(heading)
    return (heading[: found.start()], int(found[1])) if found else (heading, 1)


@dataclass(frozen=True, slots=True)
class HeadingLines:
    """Where the headings stand: one row or two, and the text of each column."""

    first_row: int
    last_row: int
    headings: tuple[str, ...]
    matched: int


@dataclass(frozen=True, slots=True)
class MergedCells:
    """A block of merged cells, rows and columns counted from 1, both ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int
    name: str


def find_heading_lines(
    rows: Sequence[TableRow],
    *,
    known: Collection[str] = (),
    merges: Sequence[MergedCells] = (),
) -> HeadingLines | None:
    """Find the row, or the two rows, that hold the headings among the first rows of a table.

    known: headings of a profile, normalised; the line that matches most of them wins, so that
        titles and remarks above are skipped. Without a match the first line wide enough is taken.
    merges: merged cells of a workbook, which say which upper heading spans which columns.
    Returns None when no row holds anything.
    """
    filled = [row for row in rows[:ROWS_SEARCHED_FOR_HEADINGS] if any(map(str.strip, row.cells))]
    if not filled:
        return None
    names = frozenset(known)
    candidates: list[HeadingLines] = []
    for place, row in enumerate(filled):
        single = tuple(map(_clean, row.cells))
        candidates.append(_lines(row.number, row.number, single, names))
        if place + 1 < len(filled) and filled[place + 1].number == row.number + 1:
            below = filled[place + 1]
            joined = _join_lines(row, below, names, merges)
            candidates.append(_lines(row.number, below.number, joined, names))
    best = max(candidates, key=lambda lines: (lines.matched, -lines.last_row))
    if best.matched:
        return best
    return _find_heading_by_shape(filled, merges)


def _find_heading_by_shape(
    filled: Sequence[TableRow], merges: Sequence[MergedCells]
) -> HeadingLines:
    widths = [sum(map(bool, map(str.strip, row.cells))) for row in filled]
    needed = max(widths) * SMALLEST_SHARE_OF_WIDTH
    place = next(place for place, width in enumerate(widths) if width >= needed)
    if place and _is_upper_line(filled[place - 1], filled[place], merges):
        place -= 1
    row = filled[place]
    if place + 1 < len(filled) and _is_upper_line(row, filled[place + 1], merges):
        below = filled[place + 1]
        joined = _join_lines(row, below, frozenset(), merges)
        return _lines(row.number, below.number, joined, frozenset())
    return _lines(row.number, row.number, tuple(map(_clean, row.cells)), frozenset())


def _is_upper_line(top: TableRow, below: TableRow, merges: Sequence[MergedCells]) -> bool:
    """Tell whether ``top`` is the upper of two heading lines: it spans cells filled below it."""
    if below.number != top.number + 1 or any(map(DATA_LIKE.match, below.cells)):
        return False
    uppers, lowers = list(map(str.strip, top.cells)), list(map(str.strip, below.cells))
    width = max(len(uppers), len(lowers))
    uppers += [""] * (width - len(uppers))
    lowers += [""] * (width - len(lowers))
    if sum(map(bool, uppers)) < 2:
        return False
    spans = any(
        merge.first_row == top.number and merge.last_column > merge.first_column for merge in merges
    )
    hanging = any(
        not uppers[at] and lowers[at] and uppers[at - 1] and lowers[at - 1]
        for at in range(1, width)
    )
    covered = all(uppers[at] for at in range(width) if not lowers[at])
    return (spans or hanging) and covered


def _join_lines(
    top: TableRow, below: TableRow, known: frozenset[str], merges: Sequence[MergedCells]
) -> tuple[str, ...]:
    width = max(len(top.cells), len(below.cells))
    uppers = [*map(_clean, top.cells), *[""] * (width - len(top.cells))]
    lowers = [*map(_clean, below.cells), *[""] * (width - len(below.cells))]
    spanned = list(uppers)
    for at in range(1, width):
        is_merged = any(
            merge.first_row <= top.number <= merge.last_row
            and merge.first_column <= at < merge.last_column
            for merge in merges
        )
        if not uppers[at] and lowers[at] and (is_merged or not merges):
            spanned[at] = spanned[at - 1]
    return tuple(
        _join_heading(upper, lower, known) for upper, lower in zip(spanned, lowers, strict=True)
    )


def _join_heading(upper: str, lower: str, known: frozenset[str]) -> str:
    joined = f"{upper} / {lower}" if upper and lower else upper or lower
    for text in (joined, lower, upper):
        if text and _is_known(text, known):
            return text
    return joined


def _is_known(heading: str, known: frozenset[str]) -> bool:
    name = normalise_heading(heading)
    return name in known or split_finding_number(name)[0] in known


def _lines(first: int, last: int, cells: tuple[str, ...], known: frozenset[str]) -> HeadingLines:
    width = max((place for place, cell in enumerate(cells, 1) if cell), default=0)
    headings = cells[:width]
    matched = {normalise_heading(cell) for cell in headings if _is_known(cell, known)}
    return HeadingLines(first, last, headings, len(matched))


def _clean(cell: str) -> str:
    return " ".join(strip_formula_guard(cell).split())[:LONGEST_HEADING]
