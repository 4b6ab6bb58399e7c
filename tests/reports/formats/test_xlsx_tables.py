"""Reading workbooks: what spreadsheet programs write, and what nobody honest writes."""

import datetime
import io
import zipfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from tocsin.errors import FileTooLargeError, ImportFileError, UnreadableFileError
from tocsin.reports.formats.layout import Table, TableLimits, strip_formula_guard
from tocsin.reports.formats.sheet_xml import CHUNK_BYTES
from tocsin.reports.formats.tables import open_table

SPREADSHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def save(book: Workbook, folder: Path) -> Path:
    path = folder / "workbook.xlsx"
    book.save(path)
    return path


def make_book(*rows: tuple[Any, ...]) -> Workbook:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    return book


def replace_part(path: Path, part: str, content: str | bytes) -> Path:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = content.encode() if isinstance(content, str) else content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def make_sheet_xml(rows: str, after: str = "") -> str:
    return (
        f'<?xml version="1.0"?><worksheet {SPREADSHEET}><dimension ref="A1:B2"/>'
        f"<sheetData>{rows}</sheetData>{after}</worksheet>"
    )


def make_raw(folder: Path, rows: str, after: str = "") -> Path:
    path = save(make_book(("a", "b")), folder)
    return replace_part(path, "xl/worksheets/sheet1.xml", make_sheet_xml(rows, after))


def unify_line_ends(text: str) -> str:
    """XML turns every line end into a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def make_with_shared_texts(folder: Path, texts: str) -> Path:
    """Make a workbook as Excel does: texts of cells A1 to A3 in a part of their own."""
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="s"><v>{row - 1}</v></c></row>' for row in (1, 2, 3)
    )
    path = make_raw(folder, rows)
    with zipfile.ZipFile(path) as archive:
        related = archive.read("xl/_rels/workbook.xml.rels").decode()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    related = related.replace(
        "</Relationships>",
        f'<Relationship Id="rS" Type="{kind}" Target="shared.xml"/></Relationships>',
    )
    replace_part(path, "xl/_rels/workbook.xml.rels", related)
    return replace_part(path, "xl/shared.xml", f"<sst {SPREADSHEET}>{texts}</sst>")


HEADING_XML = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Sample</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>Substance</t></is></c></row>'
)


def read(table: Table) -> list[tuple[int, tuple[str, ...]]]:
    return [(row.number, row.cells) for row in table.iter_rows()]


def test_cells_come_out_as_a_person_reads_them(tmp_path: Path) -> None:
    book = make_book(
        ("Sample", "Day", "Moment", "Number", "Yes"),
        (
            "S1",
            datetime.date(2026, 11, 21),
            datetime.datetime(2026, 11, 21, 9, 40),  # noqa: DTZ001 - a workbook knows no zones
            0.1 + 0.2,
            True,
        ),
        ("  007", None, None, 1e-7, False),
        (12, None, None, 1.5e20, None),
    )
    table = open_table(save(book, tmp_path), decimal_mark=",")
    assert (table.sheet, table.headings) == ("Sheet", ("Sample", "Day", "Moment", "Number", "Yes"))
    assert table.row_estimate == 3
    assert read(table) == [
        (2, ("S1", "2026-11-21", "2026-11-21 09:40:00", "0,3", "TRUE")),
        (3, ("  007", "", "", "0,0000001", "FALSE")),
        (4, ("12", "", "", "150000000000000000000", "")),
    ]
    assert read(table) == read(table)


@given(
    rows=st.lists(
        st.tuples(
            st.text(max_size=12).filter(lambda text: not ILLEGAL_CHARACTERS_RE.search(text)),
            st.integers(-(10**12), 10**12),
        ),
        max_size=6,
    )
)
def test_text_and_numbers_read_back(rows: list[tuple[str, int]]) -> None:
    book = make_book(("Sample", "Number"))
    assert book.active is not None
    for row, (text, number) in enumerate(rows, 2):
        book.active.cell(row, 2, number)
        cell = book.active.cell(row, 1)
        cell.value, cell.data_type = text, "s"
    stream = io.BytesIO()
    book.save(stream)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "any.xlsx"
        path.write_bytes(stream.getvalue())
        table = open_table(path, known_headings=("sample", "number"))
        found = [row.cells for row in table.iter_rows()]
    assert [(unify_line_ends(text), number) for text, number in found] == [
        (unify_line_ends(strip_formula_guard(text)) if text.strip() else "", str(number))
        for text, number in rows
    ]


def test_shared_texts_come_without_formats_and_phonetic_hints(tmp_path: Path) -> None:
    texts = (
        "<si><t>Substance</t></si><si><r><t>coca</t></r><r><t xml:space='preserve'>ine </t></r>"
        "<rPh><t>hint</t></rPh></si><si><t>line_x000D_end</t></si>"
    )
    table = open_table(make_with_shared_texts(tmp_path, texts))
    assert table.headings == ("Substance",)
    assert read(table) == [(2, ("cocaine ",)), (3, ("line\rend",))]


def test_more_shared_texts_than_memory_should_hold_are_refused(tmp_path: Path) -> None:
    path = make_with_shared_texts(tmp_path, "<si><t>abc</t></si>" * 50)
    with pytest.raises(FileTooLargeError, match="more than 49 different texts"):
        open_table(path, limits=TableLimits(max_shared_strings=49))
    with pytest.raises(FileTooLargeError, match="149 characters"):
        open_table(path, limits=TableLimits(max_shared_characters=149))


def test_hidden_and_empty_sheets_are_passed_over_and_a_named_one_is_taken(tmp_path: Path) -> None:
    book = make_book()
    hidden = book.create_sheet("Secret")
    hidden.append(("x", "y"))
    hidden.sheet_state = "hidden"
    for title, sample in (("Cover", "Contents"), ("Findings", "S1")):
        book.create_sheet(title).append(("Sample", "Substance"))
        book[title].append((sample, "cocaine"))
    path = save(book, tmp_path)
    assert open_table(path).sheet == "Cover"
    assert open_table(path, sheet="findings").sheet == "Findings"
    with pytest.raises(UnreadableFileError, match=r"no sheet 'Secret'; found 'Sheet', 'Cover'"):
        open_table(path, sheet="Secret")


def test_the_sheet_with_the_profile_s_headings_wins_over_the_first(tmp_path: Path) -> None:
    book = make_book(("Remarks", "Author"), ("none", "lab"))
    book.create_sheet("Data").append(("Probennummer", "Substanz"))
    path = save(book, tmp_path)
    assert open_table(path, known_headings=("probennummer", "substanz")).sheet == "Data"


def test_titles_and_merged_two_line_headings_are_read_rightly(tmp_path: Path) -> None:
    book = make_book(
        ("Results of November", None, None, None),
        ("Sample", "Date", None, "Substance"),
        (None, "of event", "of receipt", None),
        ("S1", datetime.date(2026, 11, 1), datetime.date(2026, 11, 3), "cocaine"),
    )
    assert book.active is not None
    for block in ("A1:D1", "A2:A3", "B2:C2", "D2:D3"):
        book.active.merge_cells(block)
    table = open_table(save(book, tmp_path))
    assert table.headings == ("Sample", "Date / of event", "Date / of receipt", "Substance")
    assert read(table) == [(4, ("S1", "2026-11-01", "2026-11-03", "cocaine"))]


def test_the_line_that_the_profile_knows_is_taken_from_two(tmp_path: Path) -> None:
    book = make_book(
        ("Sample", "Dates", None, "Substance"),
        ("No.", "Event", "Receipt", "Name"),
        ("S1", "a", "b", "c"),
    )
    table = open_table(save(book, tmp_path), known_headings=("no", "event", "receipt", "name"))
    assert table.headings == ("No.", "Event", "Receipt", "Name")
    assert table.heading_row == 2


def test_merged_cells_among_the_data_are_refused_by_name(tmp_path: Path) -> None:
    book = make_book(("Sample", "Substance"), ("S1", "cocaine"), (None, "caffeine"))
    assert book.active is not None
    book.active.merge_cells("A2:A3")
    with pytest.raises(UnreadableFileError, match=r"cells A2:A3 of sheet 'Sheet': are merged"):
        open_table(save(book, tmp_path))


def test_a_formula_is_refused_by_the_name_of_its_cell(tmp_path: Path) -> None:
    book = make_book(("Sample", "Amount"), ("S1", 2), ("S2", "=B2*2"))
    with pytest.raises(UnreadableFileError, match="cell B3 of sheet 'Sheet': holds a formula"):
        open_table(save(book, tmp_path))


def test_ten_million_empty_rows_are_refused_before_the_second_million(tmp_path: Path) -> None:
    path = make_raw(tmp_path, HEADING_XML + "<row/>" * 1_100_000)
    limits = TableLimits(max_compression_ratio=5000)
    with pytest.raises(FileTooLargeError, match="1,048,576 rows"):
        open_table(path, limits=limits)
    book = make_raw(tmp_path, HEADING_XML + "<row/>" * 10_000_000)
    with pytest.raises(FileTooLargeError, match="unpacks to"):
        open_table(book)


def test_formatted_empty_rows_to_the_end_of_the_sheet_are_read_rightly(tmp_path: Path) -> None:
    data = '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row>'
    empty = "".join(f'<row r="{row}"><c r="A{row}" s="0"/></row>' for row in range(3, 60_000))
    last = '<row r="1048576"><c r="A1048576"><v>9</v></c></row>'
    table = open_table(make_raw(tmp_path, HEADING_XML + data + empty + last))
    assert read(table) == [(2, ("1", "2")), (1048576, ("9", ""))]


def test_a_declared_dimension_is_not_believed(tmp_path: Path) -> None:
    path = make_raw(tmp_path, HEADING_XML + '<row r="9"><c r="A9"><v>5</v></c></row>')
    assert read(open_table(path)) == [(9, ("5", ""))]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param('<row r="x"/>', "not in order", id="row number is no number"),
        pytest.param('<row r="1"/><row r="1"/>', "not in order", id="row twice"),
        pytest.param('<row r="1"><c r="?1"/></row>', "is no cell", id="cell name"),
        pytest.param('<row><c t="s"><v>99</v></c></row>', "its text is missing", id="shared text"),
        pytest.param("<row><c></row>", "damaged", id="not XML"),
    ],
)
def test_a_damaged_sheet_is_refused(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=message):
        open_table(make_raw(tmp_path, rows))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param('<row r="1"><c r="ZZ1"><v>1</v></c></row>', "beyond column IV", id="column"),
        pytest.param(
            f'<row><c t="inlineStr"><is><t>{"x" * 40_000}</t></is></c></row>',
            "32,767 characters",
            id="cell",
        ),
        pytest.param(f'<row x="{"y" * 6 * 1024**2}"/>', "tag of more than 4 MiB", id="tag"),
    ],
)
def test_what_would_fill_memory_is_refused(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(FileTooLargeError, match=message):
        open_table(make_raw(tmp_path, rows))


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/shared.xml", "xl/styles.xml", "xl/workbook.xml"]
)
def test_a_document_type_is_refused_in_every_part(tmp_path: Path, part: str) -> None:
    laughs = (
        '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">'
        f"]><worksheet {SPREADSHEET}>&b;</worksheet>"
    )
    path = make_with_shared_texts(tmp_path, "<si><t>a</t></si>")
    replace_part(path, part, laughs)
    with pytest.raises(UnreadableFileError, match="declares a document type"):
        open_table(path)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        pytest.param("xl/vbaProject.bin", "holds macros", id="macros"),
        pytest.param("xl/externalLinks/externalLink1.xml", "links to other", id="external links"),
        pytest.param("xl/workbook.bin", "binary workbook", id="xlsb"),
    ],
)
def test_what_a_plain_workbook_never_has_is_refused(
    tmp_path: Path, part: str, message: str
) -> None:
    path = replace_part(save(make_book(("a", "b")), tmp_path), part, b"x")
    with pytest.raises(UnreadableFileError, match=message):
        open_table(path)


def test_other_archives_are_refused_by_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "file.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    with pytest.raises(UnreadableFileError, match="OpenDocument"):
        open_table(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("holiday.jpg", b"x")
    with pytest.raises(UnreadableFileError, match="no workbook"):
        open_table(path)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(UnreadableFileError, match="damaged or cut short"):
        open_table(path)


def test_a_zip_bomb_is_refused_from_its_directory_alone(tmp_path: Path) -> None:
    path = save(make_book(("a", "b")), tmp_path)
    bomb = replace_part(path, "xl/worksheets/sheet1.xml", b"\0" * 20 * 1024**2)
    with pytest.raises(FileTooLargeError, match="unpacks to"):
        open_table(bomb)
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(2_001):
            archive.writestr(f"xl/media/{number}", b"")
    with pytest.raises(FileTooLargeError, match="parts"):
        open_table(path)


def test_a_lying_directory_ends_as_a_damaged_workbook(tmp_path: Path) -> None:
    path = make_raw(tmp_path, HEADING_XML + "<row/>" * (2 * CHUNK_BYTES))
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    at = content.rfind(size.to_bytes(4, "little"))
    content[at : at + 4] = (5_000).to_bytes(4, "little")
    path.write_bytes(bytes(content))
    with pytest.raises(UnreadableFileError, match="damaged"):
        open_table(path)


@cache
def make_workbook_bytes() -> bytes:
    """The same bytes throughout a run: a workbook holds the time it was saved at."""
    stream = io.BytesIO()
    make_book(("Sample", "Substance"), ("S1", "cocaine"), (3, 4.5)).save(stream)
    return stream.getvalue()


@given(data=st.data())
def test_a_workbook_with_any_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(make_workbook_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "changed.xlsx"
        path.write_bytes(bytes(content))
        try:
            read(open_table(path))
        except ImportFileError as error:
            assert "Traceback" not in str(error)


def test_the_reader_agrees_with_openpyxl_on_a_workbook_it_wrote(tmp_path: Path) -> None:
    rows = [(f"S{row}", row * 1.25, f"text {row % 7}") for row in range(300)]
    path = save(make_book(("Sample", "Amount", "Substance"), *rows), tmp_path)
    oracle = load_workbook(path)["Sheet"].iter_rows(min_row=2, values_only=True)
    expected = [tuple(f"{v:g}" if isinstance(v, float | int) else v for v in row) for row in oracle]
    assert [row.cells for row in open_table(path).iter_rows()] == expected
