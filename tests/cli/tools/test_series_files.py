"""Series as R writes them out: what is read, and how what is wrong is named."""

import gzip
from datetime import date
from pathlib import Path

import pytest

from tocsin.cli.tools.series_files import read_series
from tocsin.cli.tools.text_files import SeriesFileLimits
from tocsin.errors import (
    BadHeadingError,
    DetectionInputError,
    FileTooLargeError,
    TocsinError,
    UnreadableFileError,
)

HEADING = "dataset,unit,k,date,freq,epochAsDate,observed,population,state\n"
TWO_SERIES = """\
m1,total,1,2001-01-01,52,FALSE,0,1,0
m2,total,1,2001-01-01,52,FALSE,3,1,0
m1,total,2,2001-01-08,52,FALSE,2,1,0
m2,total,2,2001-01-08,52,FALSE,4,1,1
berlin,a,1,2001-01-01,52,TRUE,5,0.25,0
berlin,a,2,2001-01-08,52,TRUE,6,0.5,0
"""


def write(folder: Path, rows: str, heading: str = HEADING) -> Path:
    path = folder / "series.csv"
    path.write_text(heading + rows, encoding="utf-8")
    return path


def test_series_of_one_calendar_come_together_whatever_order_their_rows_have(
    tmp_path: Path,
) -> None:
    by_number, by_day = read_series(write(tmp_path, TWO_SERIES))

    block = by_number.build_block()
    assert block.names == ("m1/total", "m2/total")
    assert block.counts.tolist() == [[0, 2], [3, 4]]
    assert (block.frequency, block.by_date) == (52, False)
    assert block.dates is None
    assert by_number.calendar.dates == (date(2001, 1, 1), date(2001, 1, 8))
    assert by_day.build_block().by_date
    assert by_day.build_block().population is not None
    assert by_day.build_block().population.tolist() == [[0.25, 0.5]]  # type: ignore[union-attr]
    assert by_number.calendar.name_week(1) == "2"
    assert by_day.calendar.name_week(1) == "2001-01-08"


def test_columns_may_stand_in_any_order_and_the_last_two_may_be_absent(tmp_path: Path) -> None:
    path = write(
        tmp_path, "3,m,t,1,2001-01-01,12,FALSE\n", "observed,dataset,unit,k,date,freq,epochAsDate\n"
    )

    (group,) = read_series(path)

    assert group.build_block().counts.tolist() == [[3]]
    assert group.build_block().population is None
    assert group.calendar.frequency == 12


def test_a_packed_file_reads_like_the_plain_one(tmp_path: Path) -> None:
    packed = tmp_path / "series.csv.gz"
    packed.write_bytes(gzip.compress((HEADING + TWO_SERIES).encode()))

    assert [group.build_block().counts.tolist() for group in read_series(packed)] == [
        group.build_block().counts.tolist() for group in read_series(write(tmp_path, TWO_SERIES))
    ]


def test_a_past_that_goes_by_order_needs_no_dates(tmp_path: Path) -> None:
    rows = "m,t,1,,12,FALSE,3,1,0\nm,t,2,,12,FALSE,4,1,0\n"

    (group,) = read_series(write(tmp_path, rows))

    block = group.build_block()
    assert (block.counts.tolist(), block.dates, block.by_date) == ([[3, 4]], None, False)
    assert [group.calendar.name_week(week) for week in (0, 1)] == ["1", "2"]


def test_a_frequency_may_be_written_as_a_decimal(tmp_path: Path) -> None:
    rows = "m,t,1,2001-01-01,52.0,TRUE,3,1,0\nm,t,2,2001-01-08,52.0,TRUE,4,1,0\n"

    (group,) = read_series(write(tmp_path, rows))

    assert (group.calendar.frequency, group.build_block().counts.tolist()) == (52, [[3, 4]])


FIRST = "m,t,1,2001-01-01,52,TRUE,0,1,0\n"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("m,t,1,2001-01-01,52,TRUE,-1,1,0\n", "line 2, series m/t, week k 1 (2001-01-01): found '-1'"),
        ("m,t,1,2001-01-01,52,TRUE,0.5,1,0\n", "found '0.5' as observed; expected a whole number"),
        ("m,t,1,2001-01-01,52,TRUE,NA,1,0\n", "found 'NA' as observed"),
        ("m,t,1,2001-01-01,52,TRUE,,1,0\n", "found '' as observed"),
        ("m,t,1,2001-01-01,52,TRUE,٣,1,0\n", "found '٣' as observed"),
        ("m,t,1,,52,TRUE,0,1,0\n", "found '' as date; expected a day"),
        ("m,t,1,2001-02-30,52,TRUE,0,1,0\n", "found '2001-02-30' as date; expected a day"),
        ("m,t,1,2001-W01-1,52,TRUE,0,1,0\n", "found '2001-W01-1' as date"),
        ("m,t,2,2001-01-01,52,TRUE,0,1,0\n", "found k 2; expected 1"),
        (FIRST + "m,t,1,2001-01-01,52,TRUE,0,1,0\n", "line 3, series m/t, week k 1 (2001-01-01): found k 1; expected 2"),
        (FIRST + "m,t,2,2001-01-01,52,TRUE,0,1,0\n", "is not after the row before, 2001-01-01"),
        (FIRST + "m,t,2,2001-01-15,52,TRUE,0,1,0\n", "comes 14 days after the row before; expected 7"),
        (FIRST + "m,t,2,2001-01-08,12,TRUE,0,1,0\n", "found freq 12, epochAsDate TRUE; expected the same"),
        (FIRST + "m,t,2,2001-01-08,52,FALSE,0,1,0\n", "found freq 52, epochAsDate FALSE"),
        (FIRST + "m,t,2,2001-01-08,52,TRUE,0,,0\n", "found population ''; expected it in every row"),
        ("m,t,1,2001-01-01,0,TRUE,0,1,0\n", "found freq 0; expected 52"),
        ("m,t,1,2001-01-01,52,yes,0,1,0\n", "found epochAsDate 'yes'; expected TRUE or FALSE"),
        ("m,t,1,2001-01-01,52,TRUE,0,0,0\n", "found '0' as population; expected a number above 0"),
        ("m,t,1,2001-01-01,52,TRUE,0,many,0\n", "found 'many' as population"),
        ("", "series.csv: holds no series"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_judged_is_named(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(DetectionInputError) as caught:
        read_series(write(tmp_path, rows))

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"dataset,unit\n", BadHeadingError, "has no column 'k'; expected dataset,unit,k,date"),
        (HEADING.encode().strip() + b",place\n", BadHeadingError, "the unknown column 'place'"),
        (HEADING.encode().strip() + b",k\n", BadHeadingError, "more than one column 'k'"),
        (HEADING.encode() + b"m,t,1\n", UnreadableFileError, "line 2: found 3 cells; expected 9"),
        (HEADING.encode() + b"m,t\xff,1\n", UnreadableFileError, "is no UTF-8"),
        (HEADING.encode() + b'm,"t\n', UnreadableFileError, "line 2: unexpected end of data"),
        (HEADING.encode() + b"m" * 5_000, FileTooLargeError, "line 2: is longer than 4,096"),
        (
            gzip.compress(HEADING.encode() * 99, mtime=0)[:-9],
            UnreadableFileError,
            "damaged or cut short",
        ),
        (b"\x1f\x8bnothing", UnreadableFileError, "damaged or cut short"),
        (b"", BadHeadingError, "has no column 'dataset'"),
    ],
)
def test_a_file_that_is_no_table_of_series_is_refused(
    tmp_path: Path, content: bytes, error: type[TocsinError], message: str
) -> None:
    path = tmp_path / "series.csv"
    path.write_bytes(content)

    with pytest.raises(error) as caught:
        read_series(path)

    assert message in str(caught.value)


def test_a_gzip_bomb_is_stopped_while_it_unpacks(tmp_path: Path) -> None:
    bomb = tmp_path / "series.csv.gz"
    bomb.write_bytes(gzip.compress(HEADING.encode() + b"\n" * 3_000_000))

    with pytest.raises(FileTooLargeError, match=r"unpacks to more than 1 MiB"):
        read_series(bomb, limits=SeriesFileLimits(ratio_counts_from_bytes=1024**2))


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (SeriesFileLimits(max_file_bytes=10), "expected at most 0 MiB"),
        (SeriesFileLimits(max_rows=2), "holds more than 2 rows"),
        (SeriesFileLimits(max_unpacked_bytes=50), "unpacks to more than 0 MiB"),
    ],
)
def test_limits_are_kept(tmp_path: Path, limits: SeriesFileLimits, message: str) -> None:
    with pytest.raises(FileTooLargeError, match=message):
        read_series(write(tmp_path, TWO_SERIES), limits=limits)


def test_progress_ends_with_the_number_of_rows(tmp_path: Path) -> None:
    told: list[int] = []

    read_series(write(tmp_path, TWO_SERIES), report_progress=told.append)

    assert told == [6]
