"""Reading CSV: every encoding and delimiter a sender may use, and every trap in it."""

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import FileTooLargeError, ImportFileError, UnreadableFileError
from tocsin.reports.formats.encodings import guess_delimiter, guess_encoding
from tocsin.reports.formats.layout import TableLimits, strip_formula_guard
from tocsin.reports.formats.tables import open_table

HEADINGS = ("Sample", "Date of event", "Substance")


def write_bytes(folder: Path, content: bytes, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def write_table(rows: Sequence[tuple[str, ...]], *, encoding: str, delimiter: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([HEADINGS, *rows])
    return text.getvalue().encode(encoding)


def make_cells(encoding: str) -> st.SearchStrategy[str]:
    alphabet = st.characters(codec=encoding, exclude_characters="\0")
    return st.text(alphabet, max_size=12)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250", "cp1252", "cp1253", "iso8859-15"]
)
@given(data=st.data())
def test_any_table_written_as_csv_reads_back_cell_for_cell(
    data: st.DataObject, encoding: str, delimiter: str
) -> None:
    cell = make_cells("utf-8" if encoding.startswith("utf") else encoding)
    rows = data.draw(st.lists(st.tuples(cell, cell, cell), max_size=8))
    with TemporaryDirectory() as folder:
        path = write_bytes(Path(folder), write_table(rows, encoding=encoding, delimiter=delimiter))
        table = open_table(
            path,
            known_headings=("sample", "date of event", "substance"),
            encoding=encoding,
            delimiter=delimiter,
        )
        read = [(row.number, row.cells) for row in table.iter_rows()]
        again = [(row.number, row.cells) for row in table.iter_rows()]
    kept = [
        (number, tuple(map(strip_formula_guard, row)))
        for number, row in enumerate(rows, 2)
        if "".join(row).strip()
    ]
    assert table.headings == HEADINGS
    assert read == kept
    assert again == read


@given(content=st.binary(max_size=400))
def test_arbitrary_bytes_are_read_or_refused_in_plain_words(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = write_bytes(Path(folder), content)
        try:
            list(open_table(path).iter_rows())
        except ImportFileError as error:
            assert "Traceback" not in str(error)


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        pytest.param("Straße;Köln;Größe", "cp1252", "cp1252", id="German"),
        pytest.param("Región;Cataluña;Año", "cp1252", "cp1252", id="Spanish"),
        pytest.param("Prénom;Rhône;reçu", "iso8859-1", "cp1252", id="French"),
        pytest.param("Łódź;Śląskie;próbki", "cp1250", "cp1250", id="Polish, Windows"),
        pytest.param("Łódź;Śląskie;próbki", "iso8859-2", "iso8859_2", id="Polish, ISO"),
        pytest.param("Číslo vzorku;Jihočeský;Množství", "cp1250", "cp1250", id="Czech"),
        pytest.param("Αριθμός;Αττική;ηρωίνη", "cp1253", "cp1253", id="Greek, Windows"),
        pytest.param("Ουσία;ηρωίνη;κάνναβη", "iso8859-7", "cp1253", id="Greek, ISO: same bytes"),
        pytest.param("Област;София;хероин", "cp1251", "cp1251", id="Bulgarian"),
        pytest.param("Preis €;Köln;Größe", "iso8859-15", "iso8859_15", id="euro sign, ISO"),
    ],
)
def test_guess_encoding_reads_the_text_as_it_was_written(
    text: str, encoding: str, found: str
) -> None:
    content = text.encode(encoding)
    assert guess_encoding(content) == found
    assert content.decode(found) == text


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        pytest.param("a,b\n1,2;3;4\n5,6;7\n", ",", id="semicolons within cells"),
        pytest.param("a;b\n1;2,5\n5;3,5\n", ";", id="decimal commas"),
        pytest.param('a;b\n"x;y;z";1\n"p,q\nr";2\n', ";", id="quoted delimiters and line breaks"),
        pytest.param("a\tb\n1,5\t2\n", "\t", id="tab"),
        pytest.param("a|b|c\n1|2|3\n", "|", id="pipe"),
        pytest.param("substance\nfentanyl\n", ",", id="one column"),
    ],
)
def test_guess_delimiter_finds(text: str, delimiter: str) -> None:
    assert guess_delimiter(text) == delimiter


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter", "cells"),
    [
        pytest.param(b"a;b\r1;\xc3\xa4\r", "utf-8", ";", [("1", "ä")], id="old Mac line ends"),
        pytest.param(b"sep=;\na;b\n1;2\n", "utf-8", ";", [("1", "2")], id="Excel's sep line"),
        pytest.param("a\tb\n1\tä\n".encode("utf-16-le"), "utf-16-le", "\t", [("1", "ä")], id="LE"),
        pytest.param(b"a,b\n1,\xe4\n", "cp1252", ",", [("1", "ä")], id="Windows-1252"),
        pytest.param(b"a,b\n1\n1,2,3\n", "utf-8", ",", [("1",), ("1", "2", "3")], id="ragged"),
        pytest.param(b"a,b\n,\n\n1,2\n", "utf-8", ",", [("1", "2")], id="empty rows left out"),
    ],
)
def test_csv_is_read_as_the_sender_meant_it(
    tmp_path: Path, content: bytes, encoding: str, delimiter: str, cells: list[tuple[str, ...]]
) -> None:
    table = open_table(write_bytes(tmp_path, content))
    assert (table.encoding, table.delimiter) == (encoding, delimiter)
    assert [row.cells for row in table.iter_rows()] == cells


def test_a_letter_beyond_ascii_late_in_the_file_still_decides_the_encoding(tmp_path: Path) -> None:
    content = b"a;b\n" + b"1;2\n" * 400_000 + "3;Köln\n".encode("cp1252")
    table = open_table(write_bytes(tmp_path, content))
    assert table.encoding == "cp1252"
    assert [row.cells for row in table.iter_rows()][-1] == ("3", "Köln")


def test_row_numbers_are_those_of_the_spreadsheet(tmp_path: Path) -> None:
    content = b'Report of November\n\nSample,Note\n1,"two\nlines"\n\n2,x\n'
    table = open_table(write_bytes(tmp_path, content))
    assert (table.headings, table.heading_row) == (("Sample", "Note"), 3)
    assert [(row.number, row.cells) for row in table.iter_rows()] == [
        (4, ("1", "two\nlines")),
        (6, ("2", "x")),
    ]


def test_two_heading_lines_are_joined(tmp_path: Path) -> None:
    content = b"Sample,Date,,Substance\n,of event,of receipt,\nS1,2026-11-01,2026-11-03,cocaine\n"
    table = open_table(write_bytes(tmp_path, content))
    assert table.headings == ("Sample", "Date / of event", "Date / of receipt", "Substance")
    assert table.heading_row == 2
    assert [row.number for row in table.iter_rows()] == [3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\n \n", "holds no rows", id="blank"),
        pytest.param(b"a,b\n1,\0\n", "NUL", id="NUL"),
        pytest.param(b"a,b\n" + b"1,2\n" * 40_000 + b"1,\0\n", "NUL", id="NUL late"),
        pytest.param(b'a,b\n1,"open\n' + b"2,3\n" * 60_000, "quotation mark", id="open quote"),
        pytest.param(gzip.compress(b"a,b\n1,2\n")[:-9], "cut short", id="gzip cut short"),
        pytest.param(gzip.compress(b"PK\x03\x04aaaa"), "packed with gzip", id="zip in gzip"),
        pytest.param(b"%PDF-1.7 ...", "is a PDF", id="PDF"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b" " * 99, ".xls", id="old Excel"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "password",
            id="encrypted workbook",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_plain_words(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = write_bytes(tmp_path, content)
    with pytest.raises(UnreadableFileError, match=message):
        list(open_table(path).iter_rows())


@pytest.mark.parametrize(
    ("content", "limits", "message"),
    [
        pytest.param(
            gzip.compress(b"a,b\n" + b"1,2\n" * 500_000),
            TableLimits(ratio_counts_from_bytes=1024**2),
            "times its size",
            id="gzip bomb by ratio",
        ),
        pytest.param(
            gzip.compress(b"a,b\n" * 10_000),
            TableLimits(max_unpacked_bytes=20_000),
            "send it in parts",
            id="gzip bomb by size",
        ),
        pytest.param(b"a,b\n" * 50, TableLimits(max_file_bytes=100), "at most", id="file size"),
        pytest.param(b"a,b\n" * 50, TableLimits(max_rows=20), "more than 20 rows", id="rows"),
        pytest.param(b"a,b\n" + b"," * 300, TableLimits(), "301 cells", id="columns"),
        pytest.param(
            b"a,b\n" + b"x" * 5000, TableLimits(max_line_characters=999), "line of", id="line"
        ),
    ],
)
def test_what_is_too_large_is_refused_while_streaming(
    tmp_path: Path, content: bytes, limits: TableLimits, message: str
) -> None:
    path = write_bytes(tmp_path, content)
    with pytest.raises(FileTooLargeError, match=message):
        list(open_table(path, limits=limits).iter_rows())
