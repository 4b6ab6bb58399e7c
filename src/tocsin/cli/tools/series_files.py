"""Series as R's surveillance writes them out: one row a series and week.

Columns ``dataset,unit,k,date,freq,epochAsDate,observed`` and, where known, ``population,state``.
"""

import math
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from tocsin.cli.tools.cells import Place, parse_count, parse_day
from tocsin.cli.tools.held_series import Calendar, HeldSeries, SeriesGroup
from tocsin.cli.tools.text_files import DEFAULT_LIMITS, SeriesFileLimits, read_rows
from tocsin.errors import DetectionInputError

COLUMNS: Final = ("dataset", "unit", "k", "date", "freq", "epochAsDate", "observed")
OPTIONAL: Final = ("population", "state")

_TRUTH = {"TRUE": True, "FALSE": False}
_WEEKLY: Final = 52


@dataclass(slots=True)
class _Growing:
    """A series while its rows come in."""

    held: HeldSeries
    frequency: int
    by_date: bool
    days: "array[int]" = field(default_factory=lambda: array("q"))


def read_series(
    path: Path,
    *,
    limits: SeriesFileLimits = DEFAULT_LIMITS,
    report_progress: Callable[[int], object] = lambda _rows: None,
) -> list[SeriesGroup]:
    """Return the series of a file, those of one calendar together, in the order of the file.

    A series is a dataset and unit; its rows stand in order of k = 1, 2, 3 …, whatever rows of
    other series stand between them. With epochAsDate TRUE and freq 52 the dates must be 7 days
    apart; with FALSE a date may be left out. Raises an error of the house that names file, line, series and week.
    """
    grown: dict[tuple[str, str], _Growing] = {}
    rows = read_rows(
        path, COLUMNS, optional=OPTIONAL, limits=limits, report_progress=report_progress
    )
    for line, cells in rows:
        dataset, unit, k, day, freq, epoch_as_date, observed, population, _state = cells
        where = Place(path.name, line, f"{dataset}/{unit}", f"k {k} ({day})")
        one = grown.get((dataset, unit))
        if one is None:
            one = _Growing(
                HeldSeries(dataset, unit),
                _parse_frequency(freq, where),
                _parse_truth(epoch_as_date, where),
            )
            grown[dataset, unit] = one
        _add_row(one, k, day, population, where)
        is_same = freq == str(one.frequency) or _parse_frequency(freq, where) == one.frequency
        if not is_same or _parse_truth(epoch_as_date, where) is not one.by_date:
            raise DetectionInputError(
                f"{where}: found freq {freq}, epochAsDate {epoch_as_date}; "
                "expected the same as in the first row of the series"
            )
        one.held.counts.append(parse_count(observed, where=where, what="observed"))
    if not grown:
        raise DetectionInputError(f"{path.name}: holds no series; expected a row for each week")
    return _group_by_calendar(grown.values())


def _add_row(one: _Growing, k: str, day: str, population: str, where: Place) -> None:
    expected = len(one.days) + 1
    if k != str(expected):
        raise DetectionInputError(
            f"{where}: found k {k}; expected {expected}, each week once and in order"
        )
    if not day and not one.by_date:
        # Only the order counts then; the number stands for no day.
        ordinal = one.days[-1] + 1 if one.days else 1
    else:
        ordinal = _parse_ordinal(day)
        if ordinal < 0:
            ordinal = parse_day(day, where=where).toordinal()
    if one.days:
        step = ordinal - one.days[-1]
        if step <= 0:
            raise DetectionInputError(
                f"{where}: is not after the row before, {date.fromordinal(one.days[-1])}; "
                "expected dates in order, each week once"
            )
        if step != 7 and one.by_date and one.frequency == _WEEKLY:
            raise DetectionInputError(
                f"{where}: comes {step} days after the row before; expected 7, no week left out"
            )
    one.days.append(ordinal)
    if bool(population) != bool(one.held.population) and expected > 1:
        raise DetectionInputError(
            f"{where}: found population {population!r}; expected it in every row or in none"
        )
    if population:
        one.held.population.append(_parse_population(population, where))


@lru_cache(maxsize=65_536)
def _parse_ordinal(day: str) -> int:
    """A day as a number, -1 where it is none: files hold each day once for every series."""
    try:
        return parse_day(day, where=Place("", 0, "", "")).toordinal()
    except DetectionInputError:
        return -1


def _parse_frequency(text: str, where: Place) -> int:
    frequency = parse_count(text, where=where, what="freq")
    if not 1 <= frequency <= 366:
        raise DetectionInputError(f"{where}: found freq {text}; expected 52, or 12 for months")
    return frequency


def _parse_truth(text: str, where: Place) -> bool:
    truth = _TRUTH.get(text)
    if truth is None:
        raise DetectionInputError(f"{where}: found epochAsDate {text!r}; expected TRUE or FALSE")
    return truth


def _parse_population(text: str, where: Place) -> float:
    try:
        population = float(text)
    except ValueError:
        population = math.nan
    if not 0 < population < math.inf:
        raise DetectionInputError(
            f"{where}: found {text!r} as population; expected a number above 0"
        )
    return population


def _group_by_calendar(grown: Iterable[_Growing]) -> list[SeriesGroup]:
    groups: dict[tuple[bytes, int, bool, bool], list[_Growing]] = {}
    for one in grown:
        key = (one.days.tobytes(), one.frequency, one.by_date, bool(one.held.population))
        groups.setdefault(key, []).append(one)
    return [
        SeriesGroup(
            Calendar(
                tuple(date.fromordinal(day) for day in members[0].days),
                members[0].frequency,
                members[0].by_date,
            ),
            [one.held for one in members],
        )
        for members in groups.values()
    ]
