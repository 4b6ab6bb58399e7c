"""The checks an XLSX must pass before any of it is parsed."""

import re
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tocsin.errors import FileTooLargeError, UnreadableFileError
from tocsin.reports.formats.layout import TableLimits

END_OF_DIRECTORY = struct.Struct("<4s4H2LH")
END_MARK = b"PK\x05\x06"
ZIP64_LOCATOR = b"PK\x06\x07"
LONGEST_COMMENT = 65_535
MAX_DIRECTORY_BYTES = 4 * 1024**2
MACRO_PART = re.compile(r"vbaproject\.bin|macrosheets/|activex/", re.IGNORECASE)
LINK_PART = re.compile(r"(^|/)externallinks/", re.IGNORECASE)


@contextmanager
def open_workbook_archive(path: Path, limits: TableLimits) -> Iterator[zipfile.ZipFile]:
    """Open an XLSX as a zip archive after reading only its directory.

    Raises UnreadableFileError for anything but a plain XLSX (macros, external links, other
    formats, encrypted members, a damaged archive) and FileTooLargeError for a zip bomb: too many
    members, too many bytes when unpacked, or unpacking to many times its size. Sizes are those
    the directory declares; the zip reader never unpacks a member past its declared size.
    """
    _check_directory_size(path, limits)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(path, archive.infolist(), limits)
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        raise UnreadableFileError(
            f"{path.name}: the workbook is damaged; open it, save it again as .xlsx and send that"
        ) from error


def _check_directory_size(path: Path, limits: TableLimits) -> None:
    """Read the end of the archive, so that a huge directory is refused before it is loaded."""
    size = path.stat().st_size
    tail_bytes = min(size, END_OF_DIRECTORY.size + LONGEST_COMMENT + 20)
    with path.open("rb") as raw:
        raw.seek(size - tail_bytes)
        tail = raw.read(tail_bytes)
    at = tail.rfind(END_MARK)
    if at < 0 or len(tail) - at < END_OF_DIRECTORY.size:
        raise UnreadableFileError(
            f"{path.name}: the workbook is damaged or cut short; save it again as .xlsx"
        )
    end = END_OF_DIRECTORY.unpack_from(tail, at)
    members, directory_bytes = end[4], end[5]
    if (
        members > limits.max_archive_members
        or directory_bytes > MAX_DIRECTORY_BYTES
        or ZIP64_LOCATOR in tail[max(at - 20, 0) : at]
    ):
        raise FileTooLargeError(
            f"{path.name}: the workbook has more than {limits.max_archive_members:,} parts, "
            "as only a harmful file does"
        )


def _check_members(path: Path, members: list[zipfile.ZipInfo], limits: TableLimits) -> None:
    if len(members) > limits.max_archive_members:
        raise FileTooLargeError(f"{path.name}: the workbook has {len(members):,} parts")
    total = 0
    for member in members:
        if member.flag_bits & 0x1:
            raise UnreadableFileError(
                f"{path.name}: protected by a password; remove it and send the file again"
            )
        if MACRO_PART.search(member.filename):
            raise UnreadableFileError(
                f"{path.name}: holds macros; save it as .xlsx (without macros) and send that"
            )
        if LINK_PART.search(member.filename):
            raise UnreadableFileError(
                f"{path.name}: has links to other workbooks; "
                "break the links (Data, Edit links) and send it again"
            )
        total += member.file_size
        if (
            member.file_size > limits.ratio_counts_from_bytes
            and member.file_size > member.compress_size * limits.max_compression_ratio
        ) or total > limits.max_unpacked_bytes:
            raise FileTooLargeError(
                f"{path.name}: unpacks to {total / 1024**2:,.0f} MiB, far more than its size; "
                "delete the empty rows and columns around the table and save it again"
            )
    names = {member.filename.lower() for member in members}
    if len(names) < len(members):
        raise UnreadableFileError(f"{path.name}: the workbook holds one part twice; save it again")
    _check_kind(path, names)


def _check_kind(path: Path, names: set[str]) -> None:
    if "[content_types].xml" in names and any(name.endswith("workbook.bin") for name in names):
        raise UnreadableFileError(
            f"{path.name}: a binary workbook (.xlsb); save it as .xlsx and send that"
        )
    if "mimetype" in names and "content.xml" in names:
        raise UnreadableFileError(
            f"{path.name}: an OpenDocument file; save it as .xlsx or CSV and send that"
        )
    if "[content_types].xml" not in names or "_rels/.rels" not in names:
        raise UnreadableFileError(
            f"{path.name}: an archive, but no workbook; expected CSV, CSV.GZ or XLSX"
        )
