"""The files that a table can be had as."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from tocsin.errors import NotFoundError
from tocsin.reports.formats.export import write_csv
from tocsin.tables.exchange import COLUMNS
from tocsin.tables.formats import sdmx_csv, sdmx_structure
from tocsin.tables.formats.document import TableDocument, write_content
from tocsin.tables.formats.flat import write_table

CSV_TYPE = "text/csv; charset=utf-8"
JSON_TYPE = "application/json"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CORRECTIONS = "corrections"


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file to hand out."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """One way of writing a table: what people read of it, what its name ends in, and its writer."""

    label: Any
    ending: str
    content_type: str
    write: Callable[[TableDocument, TableDocument | None, IO[bytes]], object]


FORMS: Mapping[str, Form] = {
    "csv": Form(
        _("CSV, with words"),
        ".csv",
        CSV_TYPE,
        lambda table, _before, stream: write_table(table, stream, as_xlsx=False),
    ),
    "xlsx": Form(
        _("XLSX, with words"),
        ".xlsx",
        XLSX_TYPE,
        lambda table, _before, stream: write_table(table, stream, as_xlsx=True),
    ),
    "json": Form(
        _("JSON"),
        ".json",
        JSON_TYPE,
        lambda table, _before, stream: stream.write(_write_json(table)),
    ),
    "sdmx-csv": Form(
        _("SDMX-CSV 2.0, whole"),
        ".sdmx.csv",
        sdmx_csv.MEDIA_TYPE,
        lambda table, _before, stream: sdmx_csv.write_sdmx_csv(table, stream),
    ),
    CORRECTIONS: Form(
        _("SDMX-CSV 2.0, what changed since the version it replaces"),
        ".corrections.sdmx.csv",
        sdmx_csv.MEDIA_TYPE,
        lambda table, before, stream: sdmx_csv.write_sdmx_csv(table, stream, before=before),
    ),
    "structure": Form(
        _("Data structure definition, SDMX-ML 3.0"),
        ".structure.xml",
        sdmx_structure.MEDIA_TYPE,
        lambda table, _before, stream: stream.write(sdmx_structure.write_structure(table)),
    ),
}


def _write_json(document: TableDocument) -> bytes:
    return json.dumps(write_content(document), ensure_ascii=False).encode()


EXCHANGE_FORMS = {"csv": _("CSV, one row for each substance of a case")}


def write_aggregated_file(
    document: TableDocument, form: str, *, before: TableDocument | None
) -> TableFile:
    """Write an aggregated table in a form; NotFoundError for a form that it cannot be had in.

    before: the version that it replaces, needed for its corrections alone.
    """
    found = FORMS.get(form)
    if found is None or (form == CORRECTIONS and before is None):
        raise NotFoundError(f"table {document.identifier}: no file {form[:40]!r}")
    stream = io.BytesIO()
    found.write(document, before, stream)
    name = f"{document.identifier}-v{document.version}{found.ending}"
    return TableFile(name, found.content_type, stream.getvalue())


def write_exchange_file(
    identifier: str, version: int, rows: Sequence[Sequence[str]], form: str
) -> TableFile:
    """Write a table of cases; NotFoundError for another form than CSV."""
    if form not in EXCHANGE_FORMS:
        raise NotFoundError(f"table {identifier}: no file {form[:40]!r}")
    stream = io.BytesIO()
    write_csv(rows, COLUMNS, stream)
    return TableFile(f"{identifier}-v{version}.csv", CSV_TYPE, stream.getvalue())
