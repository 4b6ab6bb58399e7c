"""Opening a sender's table, whatever spreadsheet program wrote it."""

from collections.abc import Collection
from pathlib import Path

from tocsin.errors import FileTooLargeError, UnreadableFileError
from tocsin.reports.formats.csv_tables import CsvTable
from tocsin.reports.formats.layout import DEFAULT_LIMITS, Table, TableLimits
from tocsin.reports.formats.xlsx_tables import XlsxTable

ZIP_START = b"PK\x03\x04"
OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
OLE_BYTES_SEARCHED = 1024**2
OTHER_KINDS = {
    b"%PDF": "a PDF",
    b"{\\rtf": "a text document (RTF)",
    b"<?xml": "an XML file",
    b"<htm": "a web page",
    b"<!DO": "a web page",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"7z\xbc\xaf": "an archive (7z)",
    b"Rar!": "an archive (RAR)",
}


def open_table(
    path: Path,
    *,
    limits: TableLimits = DEFAULT_LIMITS,
    known_headings: Collection[str] = (),
    sheet: str = "",
    encoding: str = "",
    delimiter: str = "",
    decimal_mark: str = ".",
) -> Table:
    """Open a CSV, CSV.GZ or XLSX; the kind is told by content, never by name.

    known_headings: normalised headings of a profile (``Profile.list_headings()``); they decide
        which line holds the headings, which delimiter and which sheet are meant.
    sheet, encoding, delimiter: what a profile prescribes; empty to find out.
    decimal_mark: how numbers of a workbook are written out, so that a cell reads as on the
        sender's screen; use the profile's.
    Every byte is checked once on opening; the rows are then read as a stream, as often as wanted.
    Raises UnreadableFileError or FileTooLargeError, with a message for the person who sent it.
    """
    size = path.stat().st_size
    if size > limits.max_file_bytes:
        raise FileTooLargeError(
            f"{path.name}: has {size / 1024**2:,.0f} MiB; at most "
            f"{limits.max_file_bytes // 1024**2:,} MiB are taken. Send it in parts"
        )
    with path.open("rb") as raw:
        start = raw.read(OLE_BYTES_SEARCHED)
    if not start:
        raise UnreadableFileError(f"{path.name}: is empty; expected CSV, CSV.GZ or XLSX")
    _refuse_other_kinds(path, start)
    if start.startswith(ZIP_START):
        return XlsxTable(
            path, limits=limits, known=known_headings, sheet=sheet, decimal_mark=decimal_mark
        )
    return CsvTable(
        path, limits=limits, known=known_headings, encoding=encoding, delimiter=delimiter
    )


def _refuse_other_kinds(path: Path, start: bytes) -> None:
    if start.startswith(OLE_START):
        if ENCRYPTED_PACKAGE in start:
            raise UnreadableFileError(
                f"{path.name}: protected by a password; remove it and send the file again"
            )
        raise UnreadableFileError(
            f"{path.name}: an old Excel workbook (.xls); save it as .xlsx and send that"
        )
    for mark, kind in OTHER_KINDS.items():
        if start.startswith(mark):
            raise UnreadableFileError(f"{path.name}: is {kind}; expected CSV, CSV.GZ or XLSX")
