"""The DOCX: headings, tables and language that a word processor knows, and all the texts."""

import io
import zipfile
from dataclasses import replace

import docx
from docx.document import Document

from tests.notifications.examples import POISONING_SOURCE, make_document
from tocsin.notifications.formats.docx import write_docx

DOCUMENT = make_document("ews-event", POISONING_SOURCE)


def read() -> Document:
    return docx.Document(io.BytesIO(write_docx(DOCUMENT)))


def test_headings_are_real_ones_in_their_order() -> None:
    headings = [
        (paragraph.style.name, paragraph.text)
        for paragraph in read().paragraphs
        if paragraph.style is not None and paragraph.style.name in {"Title", "Heading 1"}
    ]

    assert headings == [
        ("Title", "Event package of the early warning system"),
        ("Heading 1", "Substance"),
        ("Heading 1", "Event"),
        ("Heading 1", "Poisoning"),
        ("Heading 1", "Treatment"),
        ("Heading 1", "Findings"),
        ("Heading 1", "Identification"),
        ("Heading 1", "Status in law on 2026-03-09"),
        ("Heading 1", "Further headings of an initial report"),
        ("Heading 1", "Methods and precursors used to manufacture"),
        ("Heading 1", "Made from this record"),
    ]


def test_tables_have_rows_of_headings_and_every_cell() -> None:
    findings, _identification = read().tables

    assert [[cell.text for cell in row.cells] for row in findings.rows] == [
        ["Substance", "Material", "Amount or concentration", "Role"],
        ["carfentanil", "biological sample, blood", "0.5 ng/ml", "sole cause"],
    ]
    assert "tblHeader" in findings.rows[0]._tr.xml


def test_every_text_of_the_package_is_there() -> None:
    paper = read()
    whole = "\n".join(
        [paragraph.text for paragraph in paper.paragraphs]
        + [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    )
    texts = [item.text for section in DOCUMENT.sections for item in section.items]
    gaps = [gap.label for section in DOCUMENT.sections for gap in section.gaps]

    assert [text for text in (*texts, *gaps) if text not in whole] == []


def test_language_and_properties_are_set() -> None:
    paper = read()
    properties = paper.core_properties

    assert 'w:lang w:val="en-GB"' in paper.styles["Normal"].element.xml
    assert (properties.title, properties.author, properties.language) == (
        "Event package of the early warning system EWS-AT-2026-0001",
        "Focal Point",
        "en-GB",
    )


def test_same_document_gives_the_same_bytes_and_odd_characters_do_not_break_it() -> None:
    odd = write_docx(replace(DOCUMENT, sender="a\x01b"))

    assert write_docx(DOCUMENT) == write_docx(DOCUMENT)
    assert "a\N{REPLACEMENT CHARACTER}b" in zipfile.ZipFile(io.BytesIO(odd)).read(
        "word/document.xml"
    ).decode("utf-8")
