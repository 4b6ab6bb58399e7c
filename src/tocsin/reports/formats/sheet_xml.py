"""The XML parts of a workbook, read as a stream.

openpyxl keeps a tree that grows with the sheet and a whole row at a time, however long a hostile
row is. Evidence comes from strangers, so the parts are read here event by event: memory holds one
row, the shared texts (bounded) and nothing else. A DTD is refused at its first character.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.escape import unescape

from tocsin.errors import FileTooLargeError, UnreadableFileError
from tocsin.reports.formats.layout import TableLimits

CHUNK_BYTES = 64 * 1024
LARGEST_TOKEN_BYTES = 4 * 1024**2
MAX_SMALL_PART_BYTES = 8 * 1024**2
MAX_CELL_STYLES = 65_490
MAIN_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
RELATIONSHIP_NAMESPACES = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
PACKAGE_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/relationships"

StartHandler = Callable[[str, dict[str, str]], None]


def list_tag_names(*tags: str) -> dict[str, str]:
    """Map the full names of spreadsheet tags, in both namespaces of the standard, to the tags."""
    return {f"{space} {tag}": tag for space in MAIN_NAMESPACES for tag in tags}


def iter_parsed_chunks(parser: expat.XMLParserType, stream: IO[bytes], part: str) -> Iterator[None]:
    """Feed a part to its parser, chunk by chunk, so that rows can be handed on in between.

    Raises UnreadableFileError for XML that is damaged or declares a DTD or entities, and
    FileTooLargeError for a single tag of more than 4 MiB.
    """

    def refuse_dtd(*_declaration: object) -> None:
        raise UnreadableFileError(
            f"{part}: declares a document type, as no spreadsheet program does; "
            "save the workbook again as .xlsx"
        )

    parser.StartDoctypeDeclHandler = refuse_dtd
    parser.buffer_text = True
    fed = 0
    try:
        while chunk := stream.read(CHUNK_BYTES):
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > LARGEST_TOKEN_BYTES:
                raise FileTooLargeError(f"{part}: holds a tag of more than 4 MiB")
            yield
        parser.Parse(b"", True)
        yield
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, UnicodeError) as error:
        raise UnreadableFileError(
            f"{part}: this part of the workbook is damaged; open it, save it again as .xlsx "
            "and send that"
        ) from error


def make_parser() -> expat.XMLParserType:
    """Make a parser that names tags as ``namespace tag``."""
    return expat.ParserCreate(namespace_separator=" ")


def read_escapes(text: str) -> str:
    """Return a text of a workbook with escapes such as ``_x000D_`` read.

    NUL and half characters, which no text can hold, become U+FFFD.

    >>> read_escapes("a_x0009_b_xD800__x0000_")
    'a\\tb\ufffd\ufffd'
    """
    if "_x" not in text:
        return text
    plain = unescape(text).replace("\0", "\N{REPLACEMENT CHARACTER}")
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@dataclass(frozen=True, slots=True)
class SheetPart:
    """One sheet of a workbook: its title, its part in the archive, and whether it is shown."""

    title: str
    part: str
    is_visible: bool


@dataclass(slots=True)
class WorkbookParts:
    """What a workbook says beside its sheets."""

    sheets: list[SheetPart] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    date_styles: frozenset[int] = frozenset()
    timedelta_styles: frozenset[int] = frozenset()
    counts_from_1904: bool = False


def parse_workbook_parts(archive: zipfile.ZipFile, limits: TableLimits) -> WorkbookParts:
    """Read the list of sheets, the cell styles that mean dates, and the shared texts."""
    main = "xl/workbook.xml"
    for kind, target in _read_relationships(archive, "", "_rels/.rels").values():
        if kind == "officeDocument":
            main = target
    folder, name = posixpath.split(main)
    related = _read_relationships(archive, folder, f"{folder}/_rels/{name}.rels".lstrip("/"))
    parts = WorkbookParts()
    _read_workbook(archive, main, parts, related)
    for kind, target in related.values():
        if kind == "styles":
            _read_styles(archive, target, parts)
        elif kind == "sharedStrings":
            parts.strings = _read_shared_strings(archive, target, limits)
    return parts


def _read_small_part(archive: zipfile.ZipFile, part: str, on_start: StartHandler) -> None:
    try:
        size = archive.getinfo(part).file_size
    except KeyError:
        raise UnreadableFileError(
            f"{part}: this part of the workbook is missing; save it again as .xlsx and send that"
        ) from None
    if size > MAX_SMALL_PART_BYTES:
        raise FileTooLargeError(f"{part}: this part of the workbook has {size:,} bytes")
    parser = make_parser()
    parser.StartElementHandler = on_start
    with archive.open(part) as stream:
        for _ in iter_parsed_chunks(parser, stream, part):
            pass


def _read_relationships(
    archive: zipfile.ZipFile, folder: str, part: str
) -> dict[str, tuple[str, str]]:
    related: dict[str, tuple[str, str]] = {}

    def on_start(name: str, attributes: dict[str, str]) -> None:
        if name != f"{PACKAGE_NAMESPACE} Relationship":
            return
        if attributes.get("TargetMode") == "External":
            return
        target = attributes.get("Target", "")
        joined = target if target.startswith("/") else f"{folder}/{target}"
        kind = attributes.get("Type", "").rpartition("/")[2]
        related[attributes.get("Id", "")] = (kind, posixpath.normpath(joined).lstrip("/"))

    _read_small_part(archive, part, on_start)
    return related


def _read_workbook(
    archive: zipfile.ZipFile,
    main: str,
    parts: WorkbookParts,
    related: dict[str, tuple[str, str]],
) -> None:
    tags = list_tag_names("sheet", "workbookPr")
    identifiers = [f"{space} id" for space in RELATIONSHIP_NAMESPACES]

    def on_start(name: str, attributes: dict[str, str]) -> None:
        tag = tags.get(name)
        if tag == "workbookPr":
            parts.counts_from_1904 = attributes.get("date1904", "0").lower() in ("1", "true", "on")
        elif tag == "sheet":
            key = next((attributes[name] for name in identifiers if name in attributes), "")
            kind, target = related.get(key, ("", ""))
            if kind == "worksheet":
                is_visible = attributes.get("state", "visible") == "visible"
                parts.sheets.append(SheetPart(attributes.get("name", ""), target, is_visible))

    _read_small_part(archive, main, on_start)


def _read_styles(archive: zipfile.ZipFile, part: str, parts: WorkbookParts) -> None:
    tags = list_tag_names("numFmt", "cellXfs", "cellStyleXfs", "xf")
    codes: dict[int, str] = dict(BUILTIN_FORMATS)
    styles: list[int] = []
    in_cell_styles = False

    def on_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal in_cell_styles
        tag = tags.get(name)
        if tag in ("cellXfs", "cellStyleXfs"):
            in_cell_styles = tag == "cellXfs"
        elif tag == "numFmt":
            codes[_read_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif tag == "xf" and in_cell_styles:
            styles.append(_read_number(attributes.get("numFmtId")))
            if len(styles) > MAX_CELL_STYLES:
                raise FileTooLargeError(f"{part}: more than {MAX_CELL_STYLES:,} cell styles")

    _read_small_part(archive, part, on_start)
    dates = {place for place, code in enumerate(styles) if is_date_format(codes.get(code))}
    spans = {place for place in dates if is_timedelta_format(codes.get(styles[place]))}
    parts.date_styles, parts.timedelta_styles = frozenset(dates), frozenset(spans)


def _read_number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _read_shared_strings(archive: zipfile.ZipFile, part: str, limits: TableLimits) -> list[str]:
    tags = list_tag_names("si", "t", "rPh")
    strings, pieces = list[str](), list[str]()
    is_text = is_phonetic = False
    characters = 0

    def on_start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal is_text, is_phonetic
        tag = tags.get(name)
        if tag == "si":
            pieces.clear()
        elif tag == "rPh":
            is_phonetic = True
        elif tag == "t":
            is_text = not is_phonetic

    def on_end(name: str) -> None:
        nonlocal is_text, is_phonetic
        tag = tags.get(name)
        if tag == "t":
            is_text = False
        elif tag == "rPh":
            is_phonetic = False
        elif tag == "si":
            strings.append(read_escapes("".join(pieces)))
            pieces.clear()
            if len(strings) > limits.max_shared_strings:
                raise FileTooLargeError(
                    f"{part}: more than {limits.max_shared_strings:,} different texts"
                )

    def on_text(text: str) -> None:
        nonlocal characters
        if is_text:
            characters += len(text)
            if characters > limits.max_shared_characters:
                raise FileTooLargeError(
                    f"{part}: more than {limits.max_shared_characters:,} characters of text"
                )
            pieces.append(text)

    parser = make_parser()
    parser.StartElementHandler, parser.EndElementHandler = on_start, on_end
    parser.CharacterDataHandler = on_text
    try:
        stream = archive.open(part)
    except KeyError:
        return []
    with stream:
        for _ in iter_parsed_chunks(parser, stream, part):
            pass
    return strings
