"""A package as DOCX, with real headings, styles and tables, to be edited by who receives it."""

import io
import zipfile
from datetime import UTC
from typing import Final

import docx
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from tocsin.notifications.formats.document import PackageDocument, Section, Table
from tocsin.notifications.formats.lines import (
    derive_gaps,
    derive_head,
    derive_heading,
    describe_item,
    list_source_lines,
    name_sources,
)
from tocsin.reports.formats.typesetting import make_readable

MIME_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOMENT: Final = (1980, 1, 1, 0, 0, 0)
"""The moment that a file within the archive carries: the earliest it can."""


def write_docx(document: PackageDocument) -> bytes:
    """Write a package as a word-processor document; the same document gives the same bytes."""
    paper = docx.Document()
    _set_up(paper, document)
    head = derive_head(document)
    _add(paper, f"{head.sender} · TLP:{document.tlp}")
    paper.add_heading(make_readable(head.title), level=0)
    _add(paper, head.identifier, style="Subtitle")
    for warning in head.warnings:
        _add(paper, warning, style="Intense Quote")
    for label, text in head.facts:
        _add_item(paper, label, text)
    for section in document.sections:
        _add_section(paper, document, section)
    paper.add_heading(make_readable(name_sources(document)), level=1)
    for line in list_source_lines(document):
        _add(paper, line)
    stream = io.BytesIO()
    paper.save(stream)
    return _fix_moments(stream.getvalue())


def _set_up(paper: Document, document: PackageDocument) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    normal = paper.styles["Normal"]
    normal.font.size = Pt(10)
    normal.paragraph_format.space_after = Pt(3)
    _set_language(paper, document.language)
    properties = paper.core_properties
    properties.title = make_readable(f"{document.title} {document.identifier}")
    properties.author = make_readable(document.sender)
    properties.language = document.language
    properties.comments = ""
    moment = document.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    properties.created = properties.modified = moment
    properties.version = str(document.version)


def _set_language(paper: Document, language: str) -> None:
    """Set the language of all text, so that spelling is checked and text is read aloud in it."""
    properties = paper.styles["Normal"].element.get_or_add_rPr()
    mark = OxmlElement("w:lang")
    mark.set(qn("w:val"), language)
    properties.append(mark)


def _add_section(paper: Document, document: PackageDocument, section: Section) -> None:
    paper.add_heading(make_readable(derive_heading(document, section)), level=1)
    if section.note:
        _add(paper, section.note)
    for item in section.items:
        _add_item(paper, item.label[:1].upper() + item.label[1:], describe_item(item))
    if section.table is not None:
        _add_table(paper, section.table)
    if section.gaps:
        _add(paper, derive_gaps(section.gaps), style="Quote")


def _add_table(paper: Document, table: Table) -> None:
    grid = paper.add_table(rows=1, cols=len(table.headings), style="Table Grid")
    for cell, heading in zip(grid.rows[0].cells, table.headings, strict=True):
        cell.paragraphs[0].add_run(make_readable(heading)).bold = True
    _repeat_as_heading(grid.rows[0]._tr)
    for row in table.rows:
        for cell, text in zip(grid.add_row().cells, row, strict=True):
            cell.text = make_readable(text)
    paper.add_paragraph()


def _repeat_as_heading(row: object) -> None:
    """Mark a row as the heading of its table, for screen readers and on every page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row.get_or_add_trPr().append(mark)  # type: ignore[attr-defined]


def _add(paper: Document, text: str, *, style: str = "Normal") -> None:
    paper.add_paragraph(make_readable(text), style=style)


def _add_item(paper: Document, label: str, text: str) -> None:
    line = paper.add_paragraph()
    line.add_run(make_readable(f"{label}: ")).bold = True
    line.add_run(make_readable(text))


def _fix_moments(content: bytes) -> bytes:
    """Return the archive with one fixed moment on all its files."""
    fixed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as held,
        zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for name in held.namelist():
            written.writestr(zipfile.ZipInfo(name, MOMENT), held.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
