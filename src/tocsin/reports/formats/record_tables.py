"""Tables of whole records: the rows of an export, and the workbook that a sender fills.

Both have the record's own keys as headings, so that what Tocsin writes, and what a person fills,
comes in again without a profile. An event with several findings takes a row for each; the rows
share a number in the first column, and the event itself stands in the first of them.
"""

from collections.abc import Iterable, Iterator
from typing import IO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.formats.export import neutralise_cell, write_csv, write_xlsx
from tocsin.reports.formats.fields import GROUP_FIELD
from tocsin.reports.record import (
    EVENT_FIELDS,
    FINDING_FIELDS,
    RECORD_VERSION,
    Field,
    Kind,
    list_fields,
)
from tocsin.reports.record.values import format_value, list_choices
from tocsin.reports.vocabulary import EventType

ROWS_WITH_LISTS = 2_000
MOST_CHARACTERS_OF_A_LIST = 255
_HEAD_FILL = PatternFill("solid", fgColor="FFDCE6F1")
_NEEDED_FILL = PatternFill("solid", fgColor="FFFFE699")


def write_records(reports: Iterable[EvidenceReport], stream: IO[bytes], *, as_xlsx: bool) -> int:
    """Write whole records as CSV or XLSX that imports again unchanged; return how many rows."""
    fields = (*EVENT_FIELDS, *FINDING_FIELDS)
    headings = (GROUP_FIELD, *(field.key for field in fields))
    write = write_xlsx if as_xlsx else write_csv
    return write(_iter_rows(reports), headings, stream)


def _iter_rows(reports: Iterable[EvidenceReport]) -> Iterator[tuple[str, ...]]:
    nothing = ("",) * len(EVENT_FIELDS)
    for number, report in enumerate(reports, 1):
        event = tuple(_write(report, field) for field in EVENT_FIELDS)
        for place, finding in enumerate(report.findings):
            found = tuple(_write(finding, field) for field in FINDING_FIELDS)
            yield (str(number), *(nothing if place else event), *found)


def _write(record: EvidenceReport | EvidenceFinding, field: Field) -> str:
    return format_value(record.find_value(field.key))


def write_template(event_type: str, stream: IO[bytes]) -> None:
    """Write the workbook for events of one type: headings, lists to choose from, help, examples.

    Its first sheet is for filling in, the second says what each field means, with an example. It
    imports without a profile. The words of the help are in the language in force.
    """
    fields = list_fields(event_type)
    book = Workbook()
    sheet: Worksheet = book.worksheets[0]
    sheet.title = "Tocsin"
    lists: Worksheet = book.create_sheet("lists")
    lists.sheet_state = "hidden"
    _fill_headings(sheet, fields, event_type)
    for column, field in enumerate(fields, 2):
        _restrict(sheet, lists, column, field, event_type)
    _fill_help(book.create_sheet(_("Help")), fields, event_type)
    sheet.freeze_panes = "C2"
    book.properties.title = _("Tocsin template, record {version}").format(version=RECORD_VERSION)
    book.save(stream)


def _fill_headings(sheet: Worksheet, fields: tuple[Field, ...], event_type: str) -> None:
    first = sheet.cell(1, 1, GROUP_FIELD)
    first.comment = Comment(
        _("A number for the event. Rows with the same number are one event with several findings."),
        "Tocsin",
    )
    first.font, first.fill = Font(bold=True), _HEAD_FILL
    for column, field in enumerate(fields, 2):
        cell = sheet.cell(1, column, field.key)
        cell.font = Font(bold=True)
        cell.fill = _NEEDED_FILL if field.is_required_in(event_type) else _HEAD_FILL
        cell.comment = Comment(f"{field.label}\n{field.help}\n{field.example}", "Tocsin")
        sheet.column_dimensions[get_column_letter(column)].width = max(12, len(field.key) + 3)
        if field.kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.DATE, Kind.CHOICE):
            for row in range(2, 52):
                sheet.cell(row, column).number_format = "@"
    sheet.cell(2, 1, "1").number_format = "@"
    place = [field.key for field in fields].index("event_type") + 2
    for row in range(2, ROWS_WITH_LISTS + 1):
        sheet.cell(row, place, event_type)


def _restrict(
    sheet: Worksheet, lists: Worksheet, column: int, field: Field, event_type: str
) -> None:
    """Offer the words of a choice as a list to choose from; other texts are refused on entry."""
    if field.kind is not Kind.CHOICE:
        return
    words = (event_type,) if field.key == "event_type" else field.list_words()
    letter = get_column_letter(column)
    for row, word in enumerate(words, 1):
        lists.cell(row, column, word)
    check = DataValidation(
        type="list", formula1=f"=lists!${letter}$1:${letter}${len(words)}", allow_blank=True
    )
    check.error = _("Choose one of the words of the list.")
    check.prompt = str(field.help)[:MOST_CHARACTERS_OF_A_LIST]
    check.promptTitle = str(field.label)[:32]
    check.add(f"{letter}2:{letter}{ROWS_WITH_LISTS}")
    sheet.add_data_validation(check)


def _fill_help(sheet: Worksheet, fields: tuple[Field, ...], event_type: str) -> None:
    sheet.append([_("field"), _("name"), _("needed"), _("meaning"), _("words"), _("example")])
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), _HEAD_FILL
    for field in fields:
        words = "\n".join(f"{word}: {label}" for word, label in list_choices(field))
        example = event_type if field.key == "event_type" else field.example
        needed = _("yes") if field.is_required_in(event_type) else ""
        row = (field.key, str(field.label), needed, str(field.help), words, example)
        sheet.append([neutralise_cell(text) for text in row])
    for letter, width in zip("ABCDEF", (24, 28, 8, 60, 48, 32), strict=True):
        sheet.column_dimensions[letter].width = width
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"


def list_template_names() -> list[str]:
    """List the types of event for which there is a template.

    >>> list_template_names()[0]
    'seizure'
    """
    return list(EventType.values)
