"""Tables out: no formula starts, numbers stay numbers, and what goes out comes in again."""

import csv
import datetime
import io
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from tocsin.errors import FileTooLargeError
from tocsin.reports.formats import export
from tocsin.reports.formats.export import neutralise_cell, write_csv, write_xlsx
from tocsin.reports.formats.layout import strip_formula_guard
from tocsin.reports.formats.tables import open_table

HEADINGS = ("Sample", "Substance")
KNOWN = ("sample", "substance")
TEXTS = st.text(max_size=12) | st.text("'=+-@\t\r\n＝ 1a", max_size=6)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("-5.2", "-5.2"),
        ("+43", "+43"),
        ("-5,2", "-5,2"),
        ("'=1", "''=1"),
        ("4'-fluoro", "4'-fluoro"),
        ("(-)-ephedrine", "(-)-ephedrine"),
        ("", ""),
    ],
)
def test_a_cell_is_guarded_only_where_it_could_start_a_formula(value: str, written: str) -> None:
    assert neutralise_cell(value) == written


@given(TEXTS)
def test_the_guard_comes_off_as_it_went_on(text: str) -> None:
    written = neutralise_cell(text)
    assert strip_formula_guard(written) == text
    assert not written.startswith(("=", "@", "\t", "\r"))


@given(st.lists(st.tuples(st.just("S"), TEXTS), max_size=6))
def test_an_exported_csv_reads_back_unchanged(rows: list[tuple[str, str]]) -> None:
    stream = io.BytesIO()
    assert write_csv(rows, HEADINGS, stream) == len(rows)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        path.write_bytes(stream.getvalue().replace(b"\0", b""))
        table = open_table(path, known_headings=KNOWN)
        read = [row.cells for row in table.iter_rows()]
    assert (table.encoding, table.delimiter, table.headings) == ("utf-8-sig", ",", HEADINGS)
    assert read == [tuple(cell.replace("\0", "") for cell in row) for row in rows]


@given(
    st.lists(
        st.tuples(st.just("S"), TEXTS.filter(lambda text: not ILLEGAL_CHARACTERS_RE.search(text))),
        max_size=6,
    )
)
def test_an_exported_workbook_reads_back_unchanged(rows: list[tuple[str, str]]) -> None:
    stream = io.BytesIO()
    assert write_xlsx(rows, HEADINGS, stream) == len(rows)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.xlsx"
        path.write_bytes(stream.getvalue())
        read = [row.cells for row in open_table(path, known_headings=KNOWN).iter_rows()]
    assert [tuple(map(_flatten, row)) for row in read] == [
        tuple(map(_flatten, row)) for row in rows
    ]


def _flatten(text: str) -> str:
    """XML turns every line end into a line feed; a cell of spaces alone is empty."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if text.strip() else ""


def test_values_keep_their_kind() -> None:
    moment = datetime.datetime(2026, 11, 21, 9, 40, tzinfo=datetime.UTC)
    row = ("=x", 5, Decimal("1E+2"), 2.5, datetime.date(2026, 11, 21), moment, None, True)
    headings = tuple("abcdefgh")
    text, book = io.BytesIO(), io.BytesIO()
    write_csv([row], headings, text)
    write_xlsx([row], headings, book)
    assert list(csv.reader(text.getvalue().decode("utf-8-sig").splitlines()))[1] == [
        *("'=x", "5", "100", "2.5", "2026-11-21", "2026-11-21T09:40:00+00:00", "", "TRUE")
    ]
    sheet = load_workbook(book)["Tocsin"]
    assert [cell.value for cell in sheet[2]] == [
        *("'=x", 5, 100, 2.5, datetime.datetime.combine(row[4], datetime.time())),
        *("2026-11-21T09:40:00+00:00", None, True),
    ]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "n", "d", "s", "n", "b"]


def test_a_sheet_takes_no_more_rows_than_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_ROWS_OF_A_SHEET", 3)
    with pytest.raises(FileTooLargeError, match="take CSV"):
        write_xlsx([("S", "x")] * 4, HEADINGS, io.BytesIO())
