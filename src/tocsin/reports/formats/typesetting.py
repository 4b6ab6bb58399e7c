"""Papers set with typst: tagged PDF and pictures of its pages, from data that is never markup."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import typst
from django.utils.functional import Promise

Standard = Literal["a-2a", "ua-1"]
"""ISO 19005-2 level A, to be kept, and ISO 14289-1, to be read by everybody."""

_UNREADABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def make_readable(text: str) -> str:
    """Return the text with a mark in place of each character that no form can show.

    >>> make_readable("a\\x00b\\n")
    'a�b\\n'
    """
    return _UNREADABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def compile_pdf(
    template: Path, data: dict[str, Any], *, standards: tuple[Standard, ...], made_at: datetime
) -> bytes:
    """Set data on paper; the same data give the same bytes.

    template: reads its data from ``sys.inputs.data``. standards: claimed where the font has every
    character of the texts; with others, such as Chinese ones, the file is tagged in the same way
    but claims none, and shows a box. made_at: with its time zone.
    """
    try:
        return _compile(template, data, standards, made_at)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        return _compile(template, data, (), made_at)


def render_pages(
    template: Path, data: dict[str, Any], *, pixels_per_inch: float = 110
) -> list[bytes]:
    """Render the pages that ``compile_pdf`` makes as PNG pictures, to be looked at."""
    pages = typst.compile(
        template.read_bytes(),
        format="png",
        ppi=pixels_per_inch,
        ignore_system_fonts=True,
        sys_inputs=_write_inputs(data),
    )
    return pages if isinstance(pages, list) else [pages]


def _compile(
    template: Path, data: dict[str, Any], standards: tuple[Standard, ...], made_at: datetime
) -> bytes:
    compiled: bytes = typst.compile(
        template.read_bytes(),
        format="pdf",
        # The machine's fonts would give another file on every machine.
        ignore_system_fonts=True,
        sys_inputs=_write_inputs(data),
        pdf_standards=[*standards],
        timestamp=made_at.astimezone(UTC),
    )
    return compiled


def _write_inputs(data: dict[str, Any]) -> dict[str, str]:
    return {"data": json.dumps(_make_values_readable(data))}


def _make_values_readable(value: Any) -> Any:
    if isinstance(value, str | Promise):
        return make_readable(str(value))
    if isinstance(value, list | tuple):
        return [_make_values_readable(one) for one in value]
    if isinstance(value, dict):
        return {key: _make_values_readable(one) for key, one in value.items()}
    return value
