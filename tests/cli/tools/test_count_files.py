"""Series in a plain long file: weeks from dates, gaps as zeros, and how what is wrong is named."""

from datetime import date
from pathlib import Path

import pytest

from tocsin.cli.tools.count_files import read_counts
from tocsin.cli.tools.text_files import SeriesFileLimits
from tocsin.errors import BadHeadingError, DetectionInputError, FileTooLargeError, TocsinError

# 2024-01-03 is a Wednesday, 2024-01-14 a Sunday, 2024-01-22 a Monday.
COUNTS = """\
series,date,count
xylazine,2024-01-03,1
eutylone,2024-01-14,2
xylazine,2024-01-22,3
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "ohio.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_any_day_stands_for_its_week_and_weeks_without_a_row_are_zero(tmp_path: Path) -> None:
    group, filled = read_counts(write(tmp_path, COUNTS))

    block = group.build_block()
    assert block.names == ("ohio/xylazine", "ohio/eutylone")
    assert block.counts.tolist() == [[1, 0, 0, 3], [0, 2, 0, 0]]
    assert block.dates == tuple(date(2024, 1, day) for day in (1, 8, 15, 22))
    assert (block.frequency, block.by_date, block.denominators) == (52, True, None)
    assert filled == 5


def test_a_denominator_may_be_left_out_where_nothing_was_found(tmp_path: Path) -> None:
    text = "date,series,denominator,count\n2024-01-01,a,9,2\n2024-01-08,a,,0\n2024-01-22,a,4,0\n"

    group, filled = read_counts(write(tmp_path, text))

    denominators = group.build_block().denominators
    assert denominators is not None
    assert denominators.tolist() == [[9, 0, 0, 4]]
    assert filled == 1


def test_a_column_of_empty_denominators_is_none(tmp_path: Path) -> None:
    group, _filled = read_counts(
        write(tmp_path, "series,date,count,denominator\na,2024-01-01,2,\n")
    )

    assert group.build_block().denominators is None


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        (
            "a,2024-01-03,1\na,2024-01-07,1\n",
            DetectionInputError,
            "ohio.csv, line 3, series a, week 2024-01-07: the week of 2024-01-01 is counted twice",
        ),
        (
            "a,2024-01-08,1\na,2024-01-07,1\n",
            DetectionInputError,
            "the week of 2024-01-01 stands after that of 2024-01-08",
        ),
        ("a,2024-01-08,-1\n", DetectionInputError, "line 2, series a, week 2024-01-08: found '-1'"),
        ("a,2024-01-08,1.5\n", DetectionInputError, "found '1.5' as count; expected a whole"),
        ("a,2024-01-08,\n", DetectionInputError, "found '' as count"),
        ("a,2024-01-08,9999999999999\n", DetectionInputError, "found '9999999999999' as count"),
        ("a,08.01.2024,1\n", DetectionInputError, "found '08.01.2024' as date; expected a day"),
        (" ,2024-01-08,1\n", DetectionInputError, "has no name of a series"),
        ("", DetectionInputError, "ohio.csv: holds no series"),
        (
            "a,2024-01-08,1\nb,0202-01-08,1\n",
            FileTooLargeError,
            "line 3, series b, week 0202-01-08: lies 95,068 weeks before ohio.csv, line 2",
        ),
    ],
)
def test_a_row_that_cannot_be_judged_is_named(
    tmp_path: Path, rows: str, error: type[TocsinError], message: str
) -> None:
    with pytest.raises(error) as caught:
        read_counts(write(tmp_path, "series,date,count\n" + rows))

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a,2024-01-01,2,1\n", "found 2 among 1; expected a denominator of at least the count"),
        ("a,2024-01-01,2,x\n", "found 'x' as denominator"),
        (
            "a,2024-01-01,2,\na,2024-01-08,2,3\n",
            "line 2, series a, week 2024-01-01: has a count and no denominator",
        ),
    ],
)
def test_a_denominator_that_contradicts_its_count_is_named(
    tmp_path: Path, rows: str, message: str
) -> None:
    with pytest.raises(DetectionInputError) as caught:
        read_counts(write(tmp_path, "series,date,count,denominator\n" + rows))

    assert message in str(caught.value)


@pytest.mark.parametrize("below", ["\n\n", ",,\n,,\n", " \n", ' ,"",\n'])
def test_empty_lines_below_the_last_row_are_no_rows(tmp_path: Path, below: str) -> None:
    group, _filled = read_counts(write(tmp_path, COUNTS + below))

    assert group.build_block().counts.tolist() == [[1, 0, 0, 3], [0, 2, 0, 0]]


@pytest.mark.parametrize(("sign", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_other_separators_are_named(tmp_path: Path, sign: str, word: str) -> None:
    expected = f"ohio.csv: its cells are separated by {word}; expected commas: series,date,count"
    with pytest.raises(BadHeadingError, match=expected):
        read_counts(write(tmp_path, COUNTS.replace(",", sign)))


def test_an_unknown_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadHeadingError, match=r"unknown column 'place'; expected series,date,co"):
        read_counts(write(tmp_path, "series,date,count,place\n"))


def test_the_span_of_a_file_is_limited(tmp_path: Path) -> None:
    with pytest.raises(FileTooLargeError, match="expected at most 3 weeks in a file"):
        read_counts(write(tmp_path, COUNTS), limits=SeriesFileLimits(max_weeks=3))
