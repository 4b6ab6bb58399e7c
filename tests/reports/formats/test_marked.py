"""The sender's own spreadsheet, marked: what is added, what stays, and that it comes in again."""

import csv
import gzip
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font

from tocsin.reports.evidence import CellProblem
from tocsin.reports.formats import marked
from tocsin.reports.formats.layout import MARK_HEADING
from tocsin.reports.formats.marked import write_marked_spreadsheet
from tocsin.reports.formats.tables import open_table

BAD_DATE = CellProblem(3, "Datum", "bad-date", "31.11.2026", "DD.MM.YYYY")
BAD_UNIT = CellProblem(3, "Einheit", "unknown-unit", "Schaufel", "one of g")
RAGGED = CellProblem(5, "", "ragged-row", "4 cells", "3 cells")
DATE_SENTENCE = 'Datum: bad-date. Found "31.11.2026". Expected: DD.MM.YYYY'
UNIT_SENTENCE = 'Einheit: unknown-unit. Found "Schaufel". Expected: one of g'
ROWS = (
    ("Datum", "Substanz", "Einheit"),
    ("01.11.2026", "=Köder", "g"),
    ("31.11.2026", "MDMA", "Schaufel"),
    ("02.11.2026", "LSD", "g"),
)


def write_csv_file(path: Path) -> Path:
    with path.open("w", encoding="cp1252", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows([*ROWS, ("03.11.2026", "GHB", "g", "x")])
    return path


def write_workbook(path: Path) -> Path:
    book = Workbook()
    assert book.active is not None
    book.active.title = "Befunde"
    for row in ROWS:
        book.active.append(row)
    book.active["B2"].data_type = "s"
    book.active["B3"].font = Font(bold=True)
    book.active["C3"].comment = Comment("checked twice", "Lab B")
    book.create_sheet("Legende").append(["=1+1"])
    book.save(path)
    return path


def test_a_csv_keeps_its_encoding_delimiter_and_rows(tmp_path: Path) -> None:
    table = open_table(write_csv_file(tmp_path / "lab.csv"))
    target = tmp_path / "lab.marked.csv"
    assert write_marked_spreadsheet(table, target, [BAD_DATE, BAD_UNIT, RAGGED]) == 2
    with target.open(encoding="cp1252", newline="") as stream:
        assert list(csv.reader(stream, delimiter=";")) == [
            ["Datum", "Substanz", "Einheit", MARK_HEADING],
            ["01.11.2026", "'=Köder", "g", ""],
            ["31.11.2026", "MDMA", "Schaufel", f"{DATE_SENTENCE} | {UNIT_SENTENCE}"],
            ["02.11.2026", "LSD", "g", ""],
            ["03.11.2026", "GHB", "g", "x", 'ragged-row. Found "4 cells". Expected: 3 cells'],
        ]


@pytest.mark.parametrize("write", [write_csv_file, write_workbook])
def test_a_marked_spreadsheet_holds_the_same_rows_when_it_comes_in_again(
    tmp_path: Path, write: object
) -> None:
    assert callable(write)
    source = open_table(write(tmp_path / "source"))
    marked_once, marked_twice = tmp_path / "once", tmp_path / "twice"
    write_marked_spreadsheet(source, marked_once, [BAD_DATE])
    again = open_table(marked_once)
    assert again.headings == (*source.headings, MARK_HEADING)
    assert [(row.number, row.cells[:3]) for row in again.iter_rows()] == [
        (row.number, row.cells[:3]) for row in source.iter_rows()
    ]
    write_marked_spreadsheet(again, marked_twice, [])
    third = open_table(marked_twice)
    assert third.headings == again.headings
    assert all(not row.cells[3] for row in third.iter_rows() if row.number < 5)


def test_a_packed_csv_stays_packed_and_only_problem_rows_are_written(tmp_path: Path) -> None:
    packed = tmp_path / "deaths.csv.gz"
    packed.write_bytes(gzip.compress(write_csv_file(tmp_path / "x.csv").read_bytes()))
    target = tmp_path / "deaths.marked.csv.gz"
    write_marked_spreadsheet(open_table(packed), target, [BAD_UNIT], only_problem_rows=True)
    text = gzip.decompress(target.read_bytes()).decode("cp1252")
    assert text.splitlines() == [
        f"Datum;Substanz;Einheit;{MARK_HEADING}",
        f'31.11.2026;MDMA;Schaufel;"{UNIT_SENTENCE.replace(chr(34), chr(34) * 2)}"',
    ]


def test_a_workbook_stays_the_same_workbook_with_cells_filled_and_commented(tmp_path: Path) -> None:
    table = open_table(write_workbook(tmp_path / "lab.xlsx"))
    target = tmp_path / "lab.marked.xlsx"
    assert write_marked_spreadsheet(table, target, [BAD_DATE, BAD_UNIT]) == 1
    book = load_workbook(target)
    sheet = book["Befunde"]
    assert book.sheetnames == ["Befunde", "Legende"]
    assert sheet["B3"].font.bold
    assert [cell.value for cell in sheet["D"]] == [
        *(MARK_HEADING, None, f"{DATE_SENTENCE} | {UNIT_SENTENCE}", None)
    ]
    assert sheet["A3"].comment.text == DATE_SENTENCE
    assert sheet["C3"].comment.text == f"checked twice\n{UNIT_SENTENCE}"
    filled = [cell.coordinate for row in sheet for cell in row if cell.fill.fill_type]
    assert filled == ["A3", "C3"]


def test_a_mended_row_loses_its_marks(tmp_path: Path) -> None:
    table = open_table(write_workbook(tmp_path / "lab.xlsx"))
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    write_marked_spreadsheet(table, first, [BAD_DATE])
    write_marked_spreadsheet(open_table(first), second, [])
    sheet = load_workbook(second)["Befunde"]
    assert (sheet["A3"].comment, sheet["A3"].fill.fill_type, sheet["D3"].value) == (None,) * 3


@pytest.mark.parametrize("only_problem_rows", [False, True])
def test_a_large_workbook_is_written_row_by_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only_problem_rows: bool
) -> None:
    monkeypatch.setattr(marked, "LARGEST_EDITED_BYTES", 10)
    table = open_table(write_workbook(tmp_path / "lab.xlsx"))
    target = tmp_path / "marked.xlsx"
    write_marked_spreadsheet(table, target, [BAD_UNIT], only_problem_rows=only_problem_rows)
    again = open_table(target)
    numbers = [2] if only_problem_rows else [2, 3, 4]
    assert (again.sheet, [row.number for row in again.iter_rows()]) == ("Befunde", numbers)
    sheet = load_workbook(target)["Befunde"]
    row = 2 if only_problem_rows else 3
    comment = sheet.cell(row, 3).comment
    assert comment is not None
    assert comment.text == UNIT_SENTENCE
    assert sheet.cell(row, 4).value == UNIT_SENTENCE


@pytest.mark.parametrize(
    "hidden_part",
    [
        pytest.param('<!DOCTYPE x [<!ENTITY a "ha">]><x>&a;</x>', id="entities"),
        pytest.param('<x><mergeCell ref="A1:XFD1048576"/></x>', id="huge merge"),
        pytest.param('<x><mergeCell ref="nonsense"/></x>', id="unreadable merge"),
        pytest.param("<x>", id="damaged"),
    ],
)
def test_a_sheet_nobody_reads_cannot_harm_the_marking(tmp_path: Path, hidden_part: str) -> None:
    path = write_workbook(tmp_path / "lab.xlsx")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet2.xml"] = hidden_part.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    target = tmp_path / "marked.xlsx"
    table = open_table(path, known_headings=("datum", "substanz"), sheet="Befunde")
    assert write_marked_spreadsheet(table, target, [BAD_UNIT]) == 1
    assert load_workbook(target).sheetnames == ["Befunde"]


def test_problems_out_of_order_are_refused_instead_of_lost(tmp_path: Path) -> None:
    table = open_table(write_csv_file(tmp_path / "lab.csv"))
    with pytest.raises(ValueError, match="row 3 after 5"):
        write_marked_spreadsheet(table, tmp_path / "marked.csv", [RAGGED, BAD_DATE])


def test_a_row_that_holds_only_an_old_mark_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text(f"Datum,Substanz,{MARK_HEADING}\n,,bad-date\n01.11.2026,LSD,\n")
    assert [row.number for row in open_table(path).iter_rows()] == [3]
