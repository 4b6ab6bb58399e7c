"""Series in a plain long file: columns ``series,date,count`` and, where known, ``denominator``."""

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from tocsin.cli.tools.cells import Place, parse_count, parse_day
from tocsin.cli.tools.held_series import Calendar, HeldSeries, SeriesGroup
from tocsin.cli.tools.text_files import DEFAULT_LIMITS, SeriesFileLimits, read_rows
from tocsin.errors import DetectionInputError, FileTooLargeError

COLUMNS: Final = ("series", "date", "count")
OPTIONAL: Final = ("denominator",)

_DAYS: Final = 7
_ENDINGS: Final = (".gz", ".csv")


@dataclass(slots=True)
class _Span:
    """The first and the last Monday of the file, each with the place of its row."""

    first: int = 0
    last: int = 0
    first_place: Place | None = None
    last_place: Place | None = None

    def widen(self, monday: int, where: Place) -> None:
        if self.first_place is None or monday < self.first:
            self.first, self.first_place = monday, where
        if self.last_place is None or monday > self.last:
            self.last, self.last_place = monday, where

    def count_weeks(self, limits: SeriesFileLimits) -> int:
        weeks = (self.last - self.first) // _DAYS + 1
        if weeks > limits.max_weeks:
            raise FileTooLargeError(
                f"{self.first_place}: lies {weeks - 1:,} weeks before {self.last_place}; "
                f"expected at most {limits.max_weeks:,} weeks in a file"
            )
        return weeks


@dataclass(slots=True)
class _Growing:
    held: HeldSeries
    mondays: "array[int]" = field(default_factory=lambda: array("q"))


def read_counts(
    path: Path,
    *,
    limits: SeriesFileLimits = DEFAULT_LIMITS,
    report_progress: Callable[[int], object] = lambda _rows: None,
) -> tuple[SeriesGroup, int]:
    """Return the weekly series of a file and how many weeks without a row were taken as zero.

    A date stands for its week, Monday to Sunday. Every series runs from the file's first week to
    its last; its rows stand in order of time, each week at most once. A denominator may be left
    out where the count is 0, and is then 0. The dataset of the series is the file's stem.
    Raises an error of the house that names file, line, series and week.
    """
    dataset, span = name_dataset(path), _Span()
    has_denominators, bare = False, None
    grown: dict[str, _Growing] = {}
    rows = read_rows(
        path, COLUMNS, optional=OPTIONAL, limits=limits, report_progress=report_progress
    )
    for line, (name, day, count, denominator) in rows:
        where = Place(path.name, line, name, day)
        if not name.strip():
            raise DetectionInputError(f"{where}: has no name of a series; expected one")
        one = grown.get(name)
        if one is None:
            one = grown[name] = _Growing(HeldSeries(dataset, name))
        _add_week(one, day, span, where)
        number = parse_count(count, where=where)
        one.held.counts.append(number)
        if denominator:
            has_denominators = True
        elif number:
            bare = bare or where
        one.held.denominators.append(_parse_denominator(denominator, number, where))
    if not grown:
        raise DetectionInputError(f"{path.name}: holds no series; expected a row for each week")
    if has_denominators and bare is not None:
        raise DetectionInputError(
            f"{bare}: has a count and no denominator; expected one, as other rows have"
        )
    return _build_group(list(grown.values()), span, limits, has_denominators=has_denominators)


def name_dataset(path: Path) -> str:
    """Return the name of a file without folder and endings.

    >>> name_dataset(Path("deaths/ohio.csv.gz"))
    'ohio'
    """
    name = path.name
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name


def _add_week(one: _Growing, day: str, span: _Span, where: Place) -> None:
    moment = parse_day(day, where=where)
    monday = moment.toordinal() - moment.weekday()
    if one.mondays and monday <= one.mondays[-1]:
        week, before = (date.fromordinal(one_day) for one_day in (monday, one.mondays[-1]))
        if monday == one.mondays[-1]:
            raise DetectionInputError(
                f"{where}: the week of {week} is counted twice; expected one row a week"
            )
        raise DetectionInputError(
            f"{where}: the week of {week} stands after that of {before}; "
            "expected the rows of a series in order of time"
        )
    one.mondays.append(monday)
    span.widen(monday, where)


def _parse_denominator(text: str, count: int, where: Place) -> int:
    if not text:
        return 0
    denominator = parse_count(text, where=where, what="denominator")
    if denominator < count:
        raise DetectionInputError(
            f"{where}: found {count} among {denominator}; expected a denominator of at least "
            "the count"
        )
    return denominator


def _build_group(
    grown: list[_Growing], span: _Span, limits: SeriesFileLimits, *, has_denominators: bool
) -> tuple[SeriesGroup, int]:
    weeks = span.count_weeks(limits)
    for one in grown:
        mondays = np.frombuffer(one.mondays, dtype=np.int64)
        one.held.weeks = array("q", ((mondays - span.first) // _DAYS).tobytes())
        if not has_denominators:
            one.held.denominators = array("q")
    first = date.fromordinal(span.first)
    calendar = Calendar(
        tuple(first + timedelta(weeks=week) for week in range(weeks)), frequency=52, by_date=True
    )
    filled = weeks * len(grown) - sum(len(one.mondays) for one in grown)
    return SeriesGroup(calendar, [one.held for one in grown]), filled
