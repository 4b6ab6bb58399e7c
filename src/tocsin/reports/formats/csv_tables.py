"""CSV and CSV.GZ in any common encoding, read as a stream."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from tocsin.errors import FileTooLargeError, UnreadableFileError
from tocsin.reports.formats.encodings import (
    find_encoding_by_mark,
    guess_delimiter,
    guess_encoding,
)
from tocsin.reports.formats.layout import (
    ROWS_SEARCHED_FOR_HEADINGS,
    Table,
    TableLimits,
    TableRow,
    find_heading_lines,
)

GZIP_START = b"\x1f\x8b"
BLOCK_BYTES = 1024**2
SAMPLE_BYTES = 64 * 1024
SAMPLE_LINES = 400
KNOWN_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


@dataclass(frozen=True, slots=True)
class _FileShape:
    """What one pass over all bytes of a CSV tells."""

    is_utf8: bool
    start: bytes
    odd_sample: bytes
    lines: int


class CsvTable(Table):
    """A CSV; each iteration opens the file anew."""

    def __init__(
        self,
        path: Path,
        *,
        limits: TableLimits,
        known: Collection[str] = (),
        encoding: str = "",
        delimiter: str = "",
    ) -> None:
        self.path = path
        self.limits = limits
        with path.open("rb") as raw:
            self.is_gzip = raw.read(2) == GZIP_START
        shape = self._check_bytes()
        self.encoding = _normalise_encoding(path, encoding) or _choose_encoding(shape)
        sample = self._read_sample()
        self.has_delimiter_line, declared = _find_declared_delimiter(sample)
        if self.has_delimiter_line:
            sample = sample.split("\n", 1)[-1]
        self.delimiter = delimiter or declared or guess_delimiter(sample, known=known)
        first_rows = list(islice(self.iter_all_rows(), ROWS_SEARCHED_FOR_HEADINGS + 20))
        lines = find_heading_lines(first_rows, known=known)
        if lines is None:
            raise UnreadableFileError(
                f"{path.name}: holds no rows; expected a line of headings and rows beneath it"
            )
        self.headings = lines.headings
        self.heading_row = lines.last_row
        self.row_estimate = max(shape.lines - lines.last_row, 0)

    def iter_all_rows(self) -> Iterator[TableRow]:
        """Yield every record with its number, records without any cell included."""
        max_columns, max_rows = self.limits.max_columns, self.limits.max_rows
        number = 0
        with self._open_text() as text:
            reader = csv.reader(self._iter_lines(text), delimiter=self.delimiter)
            try:
                for number, cells in enumerate(reader, 1):
                    if len(cells) > max_columns:
                        raise FileTooLargeError(
                            f"row {number}: has {len(cells):,} cells; at most {max_columns} "
                            "columns are read"
                        )
                    if number > max_rows:
                        raise FileTooLargeError(
                            f"{self.path.name}: has more than {max_rows:,} rows; send it in parts"
                        )
                    yield TableRow(number, tuple(cells))
            except csv.Error as error:
                raise UnreadableFileError(
                    f"row {number + 1}: a quotation mark opens a cell and nothing closes it; "
                    "expected both, or none"
                ) from error

    def _iter_lines(self, text: IO[str]) -> Iterator[str]:
        longest = self.limits.max_line_characters
        read = text.readline
        if self.has_delimiter_line:
            read()
        try:
            while line := read(longest):
                if "\0" in line:
                    raise UnreadableFileError(
                        f"{self.path.name}: holds NUL bytes, so it is no text; expected CSV or XLSX"
                    )
                if len(line) == longest:
                    raise FileTooLargeError(
                        f"{self.path.name}: has a line of more than {longest:,} characters"
                    )
                yield line
        except UnicodeError as error:
            raise UnreadableFileError(
                f"{self.path.name}: not readable as {self.encoding}; "
                "save the file as 'CSV UTF-8' and send it again"
            ) from error

    @contextmanager
    def _open_text(self) -> Iterator[IO[str]]:
        with self._open_bytes() as stream:
            yield io.TextIOWrapper(stream, encoding=self.encoding, newline="")

    @contextmanager
    def _open_bytes(self) -> Iterator[IO[bytes] | gzip.GzipFile]:
        with self.path.open("rb", buffering=BLOCK_BYTES) as raw:
            if not self.is_gzip:
                yield raw
                return
            try:
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield unpacked
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                raise UnreadableFileError(
                    f"{self.path.name}: the compressed file is damaged or cut short; send it again"
                ) from error

    def _check_bytes(self) -> _FileShape:
        """Go once over all bytes: size when unpacked, NULs, whether it is UTF-8, and lines."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        is_utf8, start, odd_sample = True, b"", b""
        total = newlines = returns = 0
        with self._open_bytes() as stream:
            while block := stream.read(BLOCK_BYTES):
                start = start or block[:SAMPLE_BYTES]
                total += len(block)
                self._check_size(total)
                newlines += block.count(b"\n")
                returns += block.count(b"\r")
                if is_utf8:
                    try:
                        decoder.decode(block)
                    except UnicodeDecodeError:
                        is_utf8 = False
                if not is_utf8 and len(odd_sample) < SAMPLE_BYTES:
                    odd_sample += _lines_beyond_ascii(block)[:SAMPLE_BYTES]
            if is_utf8:
                try:
                    decoder.decode(b"", final=True)
                except UnicodeDecodeError:
                    is_utf8 = False
                    odd_sample = _lines_beyond_ascii(start)
        if start[:4] == b"PK\x03\x04" or start[:4] == b"\xd0\xcf\x11\xe0":
            raise UnreadableFileError(
                f"{self.path.name}: a workbook packed with gzip; send the workbook itself"
            )
        if b"\0" in start and not find_encoding_by_mark(start):
            raise UnreadableFileError(
                f"{self.path.name}: holds NUL bytes, so it is no text; expected CSV or XLSX"
            )
        return _FileShape(is_utf8, start, odd_sample, newlines or returns)

    def _check_size(self, unpacked_bytes: int) -> None:
        limits = self.limits
        if unpacked_bytes > limits.max_unpacked_bytes:
            raise FileTooLargeError(
                f"{self.path.name}: holds more than {limits.max_unpacked_bytes // 1024**2:,} MiB "
                "of text; send it in parts"
            )
        packed = self.path.stat().st_size
        if (
            self.is_gzip
            and unpacked_bytes > limits.ratio_counts_from_bytes
            and unpacked_bytes > packed * limits.max_compression_ratio
        ):
            raise FileTooLargeError(
                f"{self.path.name}: unpacks to more than {limits.max_compression_ratio} times its "
                "size, as only a harmful file does; send it unpacked"
            )

    def _read_sample(self) -> str:
        with self._open_text() as text:
            lines = list(islice(self._iter_sample_lines(text), SAMPLE_LINES))
        return "".join(lines)

    def _iter_sample_lines(self, text: IO[str]) -> Iterator[str]:
        self.has_delimiter_line = False
        taken = 0
        for line in self._iter_lines(text):
            yield line.rstrip("\r\n") + "\n"
            taken += len(line)
            if taken > SAMPLE_BYTES:
                return


def _choose_encoding(shape: _FileShape) -> str:
    marked = find_encoding_by_mark(shape.start)
    if marked:
        return marked
    return "utf-8" if shape.is_utf8 else guess_encoding(shape.odd_sample or shape.start)


def _normalise_encoding(path: Path, encoding: str) -> str:
    if not encoding:
        return ""
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise UnreadableFileError(
            f"{path.name}: encoding {encoding!r} is not known; expected one such as utf-8 or cp1252"
        ) from error


def _lines_beyond_ascii(block: bytes) -> bytes:
    if block.isascii():
        return b""
    return b"\n".join(line for line in block.splitlines() if not line.isascii()) + b"\n"


def _find_declared_delimiter(sample: str) -> tuple[bool, str]:
    """Read the line ``sep=;`` that Excel writes and hides."""
    first = sample.split("\n", 1)[0].strip('"\r\n ')
    if first.lower().startswith("sep=") and len(first) == 5 and first[4] in KNOWN_DELIMITERS:
        return True, first[4]
    if first.lower() == "sep=" and "\t" in sample.split("\n", 1)[0]:
        return True, "\t"
    return False, ""
