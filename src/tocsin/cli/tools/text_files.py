"""Opening a CSV or CSV.GZ of series, within stated limits, as rows with their line numbers."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from tocsin.errors import BadHeadingError, FileTooLargeError, UnreadableFileError

_GZIP_START = b"\x1f\x8b"
_BUFFER_BYTES = 1024**2
_ROWS_PER_NOTE = 50_000
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}
"""As spreadsheets of many languages write them."""


@dataclass(frozen=True, slots=True)
class SeriesFileLimits:
    """How much one file may ask of the machine; past a limit the file is refused."""

    max_file_bytes: int = 4 * 1024**3
    max_unpacked_bytes: int = 16 * 1024**3
    max_compression_ratio: int = 200
    ratio_counts_from_bytes: int = 16 * 1024**2
    max_line_characters: int = 4_096
    max_rows: int = 100_000_000
    max_weeks: int = 5_300


DEFAULT_LIMITS = SeriesFileLimits()


def read_rows(
    path: Path,
    columns: tuple[str, ...],
    *,
    optional: tuple[str, ...] = (),
    limits: SeriesFileLimits = DEFAULT_LIMITS,
    report_progress: Callable[[int], object] = lambda _rows: None,
) -> Iterator[tuple[int, list[str]]]:
    """Yield each row as its line number, first line 1, and the cells of the columns, in this order.

    columns: headings there must be, in any order. optional: headings there may be; the cell of one
        that is not there is empty. Any other heading is refused.
    report_progress: called with the number of rows read, now and then.
    Raises UnreadableFileError, FileTooLargeError or BadHeadingError naming file and line.
    """
    with _open_text(path, limits) as text:
        rows = csv.reader(_iter_lines(path, text, limits), strict=True)
        try:
            headings = [cell.strip() for cell in next(rows, [])]
            places = _find_places(path, headings, columns, optional)
            number = 0
            for number, cells in enumerate(rows, start=1):
                if number > limits.max_rows:
                    raise FileTooLargeError(
                        f"{path.name}: holds more than {limits.max_rows:,} rows; send it in parts"
                    )
                # Spreadsheets leave lines of separators or blanks below the last row.
                if not any(map(str.strip, cells)):
                    continue
                if len(cells) != len(headings):
                    raise UnreadableFileError(
                        f"{path.name}, line {rows.line_num}: found {len(cells)} cells; "
                        f"expected {len(headings)}, as in the first line"
                    )
                yield rows.line_num, [cells[at] if at >= 0 else "" for at in places]
                if number % _ROWS_PER_NOTE == 0:
                    report_progress(number)
            report_progress(number)
        except csv.Error as error:
            raise UnreadableFileError(
                f"{path.name}, line {rows.line_num}: {error}; expected comma-separated text"
            ) from error


def _find_places(
    path: Path, headings: list[str], columns: tuple[str, ...], optional: tuple[str, ...]
) -> list[int]:
    expected = ",".join(columns) + "".join(f"[,{name}]" for name in optional)
    for sign, word in _OTHER_SEPARATORS.items():
        if len(headings) == 1 and sign in headings[0]:
            raise BadHeadingError(
                f"{path.name}: its cells are separated by {word}; expected commas: {expected}"
            )
    missing = [name for name in columns if name not in headings]
    unknown = [name for name in headings if name not in columns + optional]
    doubled = [name for name in headings if headings.count(name) > 1]
    for what, names in (("no", missing), ("the unknown", unknown), ("more than one", doubled)):
        if names:
            raise BadHeadingError(
                f"{path.name}: has {what} column {names[0]!r}; expected {expected}"
            )
    return [headings.index(name) if name in headings else -1 for name in columns + optional]


def _iter_lines(path: Path, text: IO[str], limits: SeriesFileLimits) -> Iterator[str]:
    # Not the file itself: one endless line would fill the memory before anybody could look at it.
    for number, line in enumerate(
        iter(lambda: text.readline(limits.max_line_characters), ""), start=1
    ):
        if len(line) == limits.max_line_characters:
            raise FileTooLargeError(
                f"{path.name}, line {number}: is longer than {limits.max_line_characters:,} "
                "characters; expected one row of a series"
            )
        yield line


@contextmanager
def _open_text(path: Path, limits: SeriesFileLimits) -> Iterator[IO[str]]:
    size = path.stat().st_size
    if size > limits.max_file_bytes:
        raise FileTooLargeError(
            f"{path.name}: has {size / 1024**2:,.0f} MiB; expected at most "
            f"{limits.max_file_bytes // 1024**2:,} MiB"
        )
    try:
        with path.open("rb", buffering=_BUFFER_BYTES) as raw:
            is_packed = raw.read(2) == _GZIP_START
            raw.seek(0)
            unpacked: IO[bytes] | gzip.GzipFile = gzip.GzipFile(fileobj=raw) if is_packed else raw
            counted = _CountedStream(path, unpacked, packed_bytes=size, limits=limits)
            with io.TextIOWrapper(
                io.BufferedReader(counted, _BUFFER_BYTES), encoding="utf-8-sig", newline=""
            ) as text:
                yield text
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UnreadableFileError(
            f"{path.name}: the packed file is damaged or cut short; expected a whole one"
        ) from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{path.name}: is no UTF-8; expected UTF-8 text") from error


class _CountedStream(io.RawIOBase):
    """Bytes of a file as they are unpacked, stopped where they grow past a limit."""

    def __init__(
        self,
        path: Path,
        stream: IO[bytes] | gzip.GzipFile,
        *,
        packed_bytes: int,
        limits: SeriesFileLimits,
    ) -> None:
        self._path = path
        self._stream = stream
        self._limits = limits
        self._seen = 0
        self._most = min(
            limits.max_unpacked_bytes,
            max(limits.ratio_counts_from_bytes, packed_bytes * limits.max_compression_ratio),
        )

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        block = self._stream.read(len(buffer))
        self._seen += len(block)
        if self._seen > self._most:
            self._refuse()
        buffer[: len(block)] = block
        return len(block)

    def _refuse(self) -> NoReturn:
        raise FileTooLargeError(
            f"{self._path.name}: unpacks to more than {self._most // 1024**2:,} MiB; expected at "
            f"most {self._limits.max_compression_ratio} times its size and "
            f"{self._limits.max_unpacked_bytes // 1024**2:,} MiB"
        )
