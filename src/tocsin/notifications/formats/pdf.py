"""A package as PDF: tagged, with its language and title, from data that is never read as markup."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import typst

from tocsin.notifications.formats.document import Item, PackageDocument, Section
from tocsin.notifications.formats.lines import (
    derive_gaps,
    derive_head,
    derive_heading,
    describe_item,
    list_source_lines,
    make_readable,
    name_sources,
)

Standard = Literal["a-2a", "ua-1"]

MIME_TYPE: Final = "application/pdf"
TEMPLATE: Final = Path(__file__).parent / "templates" / "layout.typ"
STANDARDS: Final[list[Standard]] = ["a-2a", "ua-1"]
"""ISO 19005-2 level A, to be kept, and ISO 14289-1, to be read by everybody."""


def write_pdf(document: PackageDocument) -> bytes:
    """Lay a package out on A4 pages; the same document gives the same bytes.

    The file is PDF/A-2a and PDF/UA-1 where the font has every character of the texts; with others,
    such as Chinese ones, it is tagged in the same way but claims no standard, and shows a box.
    """
    try:
        return _compile(document, STANDARDS)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        return _compile(document, [])


def render_pages(document: PackageDocument, *, pixels_per_inch: float = 110) -> list[bytes]:
    """Render the pages of the PDF as PNG pictures, to be looked at."""
    pages = typst.compile(
        TEMPLATE.read_bytes(),
        format="png",
        ppi=pixels_per_inch,
        ignore_system_fonts=True,
        sys_inputs={"package": json.dumps(_derive_data(document))},
    )
    return pages if isinstance(pages, list) else [pages]


def _compile(document: PackageDocument, standards: list[Standard]) -> bytes:
    compiled: bytes = typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        # The machine's fonts would give another file on every machine.
        ignore_system_fonts=True,
        sys_inputs={"package": json.dumps(_derive_data(document))},
        pdf_standards=[*standards],
        timestamp=_to_utc(document.made_at),
    )
    return compiled


def _derive_data(document: PackageDocument) -> Any:
    head = derive_head(document)
    return _clean(
        {
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
    )


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


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return make_readable(value)
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {key: _clean(one) for key, one in value.items()}
    return value


def _to_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
