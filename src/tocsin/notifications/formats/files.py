"""The forms in which a package is handed out, by the ending of the file's name."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from tocsin.notifications.formats import docx, pdf
from tocsin.notifications.formats.document import PackageDocument
from tocsin.notifications.formats.json_document import derive_json
from tocsin.reports.record.kinds import Words


@dataclass(frozen=True, slots=True)
class Writer:
    """One form of a package: what it is called, its media type, and the function that writes it."""

    label: Words
    content_type: str
    write: Callable[[PackageDocument], bytes]


def write_json(document: PackageDocument) -> bytes:
    """Write a package as JSON in UTF-8."""
    return json.dumps(derive_json(document), ensure_ascii=False, indent=2).encode()


WRITERS: Final[dict[str, Writer]] = {
    "pdf": Writer(_("PDF, to be sent"), pdf.MIME_TYPE, pdf.write_pdf),
    "docx": Writer(_("DOCX, to be edited"), docx.MIME_TYPE, docx.write_docx),
    "json": Writer(_("JSON, for programs"), "application/json", write_json),
}
