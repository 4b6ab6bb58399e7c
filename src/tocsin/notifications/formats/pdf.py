"""A package as PDF: tagged, with its language and title, from data that is never read as markup."""

from pathlib import Path
from typing import Any, Final

from tocsin.notifications.formats.document import Item, PackageDocument, Section
from tocsin.notifications.formats.lines import (
    derive_gaps,
    derive_head,
    derive_heading,
    describe_item,
    list_source_lines,
    name_sources,
)
from tocsin.reports.formats import typesetting

MIME_TYPE: Final = "application/pdf"
TEMPLATE: Final = Path(__file__).parent / "templates" / "layout.typ"


def write_pdf(document: PackageDocument) -> bytes:
    """Lay a package out on A4 pages as PDF/A-2a and PDF/UA-1; the same document, the same bytes."""
    return typesetting.compile_pdf(
        TEMPLATE, _derive_data(document), standards=("a-2a", "ua-1"), made_at=document.made_at
    )


def render_pages(document: PackageDocument, *, pixels_per_inch: float = 110) -> list[bytes]:
    """Render the pages of the PDF as PNG pictures, to be looked at."""
    return typesetting.render_pages(
        TEMPLATE, _derive_data(document), pixels_per_inch=pixels_per_inch
    )


def _derive_data(document: PackageDocument) -> dict[str, Any]:
    head = derive_head(document)
    return {
        "language": document.language.split("-")[0],
        "tlp": f"TLP:{document.tlp}",
        "sender": head.sender,
        "title": head.title,
        "identifier": head.identifier,
        "warnings": list(head.warnings),
        "facts": [{"label": label, "text": text} for label, text in head.facts],
        "sections": [_derive_section(document, section) for section in document.sections],
        "sources_heading": name_sources(document),
        "sources": list_source_lines(document),
    }


def _derive_section(document: PackageDocument, section: Section) -> dict[str, Any]:
    table = section.table
    return {
        "heading": derive_heading(document, section),
        "note": section.note,
        "items": [_derive_item(item) for item in section.items],
        "table": None
        if table is None
        else {"headings": list(table.headings), "rows": [list(row) for row in table.rows]},
        "gaps": derive_gaps(section.gaps),
    }


def _derive_item(item: Item) -> dict[str, str]:
    return {"label": _raise_first(item.label), "text": describe_item(item)}


def _raise_first(label: str) -> str:
    return label[:1].upper() + label[1:]
