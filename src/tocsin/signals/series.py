"""Weekly counts as series: substance × matrix × place, over the weeks that were looked at."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.signals.place_levels import derive_areas

SILENCE_WEEKS = 260
"""After so long without any report a place begins anew: a lone old day, perhaps mistyped, would make
decades of zeros to compare with."""


@dataclass(frozen=True, slots=True)
class SeriesCell:
    """Findings of one substance in one matrix, place and week; ``first_on`` is its first day."""

    substance: str
    matrix: str
    country: str
    area: str
    week_on: date
    count: int
    first_on: date


@dataclass(frozen=True, slots=True)
class MatrixTotal:
    """All findings held of one matrix from one place in one week, whatever the substance."""

    matrix: str
    country: str
    area: str
    week_on: date
    count: int


class SeriesKey(NamedTuple):
    """A series: a substance in a matrix, in a country or an area of it."""

    substance: str
    matrix: str
    country: str
    area: str


@dataclass(frozen=True, slots=True, eq=False)
class SeriesGroup:
    """Series over the same weeks. counts: shape (n_series, n_weeks), a row for each key."""

    first_week: date
    keys: tuple[SeriesKey, ...]
    counts: NDArray[np.int64]

    @property
    def weeks(self) -> tuple[date, ...]:
        """The Monday of each week."""
        n_weeks = self.counts.shape[1]
        return tuple(self.first_week + timedelta(weeks=week) for week in range(n_weeks))

    def keep(self, is_wanted: Callable[[SeriesKey], bool]) -> "SeriesGroup":
        """Return the group with the series that are wanted only."""
        rows = [row for row, key in enumerate(self.keys) if is_wanted(key)]
        return SeriesGroup(
            self.first_week, tuple(self.keys[row] for row in rows), self.counts[rows]
        )

    def split(self, values: int) -> Iterator["SeriesGroup"]:
        """Yield the series in parts of at most so many counts each; one series is one part."""
        size = max(1, values // max(1, self.counts.shape[1]))
        for start in range(0, len(self.keys), size):
            part = slice(start, start + size)
            yield SeriesGroup(self.first_week, self.keys[part], self.counts[part])


def week_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def group_series(
    cells: Iterable[SeriesCell], totals: "Totals", *, until: date
) -> list[SeriesGroup]:
    """Build the series of some cells, those that begin in the same week together.

    A series begins with the first week in which its country reported anything in its matrix, or the
    first after SILENCE_WEEKS without: before that, that nothing was found says nothing, and cells
    are left out. It ends with the week of until.
    """
    by_start: dict[date, list[SeriesCell]] = defaultdict(list)
    for cell in cells:
        start = totals.started_on.get((cell.matrix, cell.country), cell.week_on)
        if cell.week_on >= start:
            by_start[start].append(cell)
    return [_build_group(group, first, until) for first, group in sorted(by_start.items())]


def _build_group(cells: Sequence[SeriesCell], first_week: date, until: date) -> SeriesGroup:
    n_weeks = (week_of(until) - first_week).days // 7 + 1
    rows: dict[SeriesKey, int] = {}
    areas_of: dict[str, tuple[str, ...]] = {}
    places, weeks, values = [], [], []
    for cell in cells:
        areas = areas_of.get(cell.area)
        if areas is None:
            areas = areas_of[cell.area] = derive_areas(cell.area)
        week = (cell.week_on - first_week).days // 7
        for area in areas:
            key = SeriesKey(cell.substance, cell.matrix, cell.country, area)
            places.append(rows.setdefault(key, len(rows)))
            weeks.append(week)
            values.append(cell.count)
    counts = np.zeros((len(rows), n_weeks), dtype=np.int64)
    np.add.at(counts, (np.array(places), np.array(weeks)), np.array(values))
    return SeriesGroup(first_week, tuple(rows), counts)


def _find_start(weeks: Sequence[date]) -> date:
    """The first of some weeks, in order, or the one after their last long silence."""
    start = weeks[0]
    for before, after in pairwise(weeks):
        if after - before > timedelta(weeks=SILENCE_WEEKS):
            start = after
    return start


class Totals:
    """How much was held of a matrix at all: from where, since when, how much before a day."""

    def __init__(self, totals: Iterable[MatrixTotal]) -> None:
        by_matrix: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        reported: dict[tuple[str, str], set[date]] = defaultdict(set)
        self._of_place: dict[tuple[str, str, str], list[tuple[date, int]]] = defaultdict(list)
        for total in totals:
            by_matrix[total.matrix][total.week_on] += total.count
            reported[total.matrix, total.country].add(total.week_on)
            for area in derive_areas(total.area)[1:]:
                place = (total.matrix, total.country, area)
                self._of_place[place].append((total.week_on, total.count))
        self.started_on: Mapping[tuple[str, str], date] = {
            place: _find_start(sorted(weeks)) for place, weeks in reported.items()
        }
        self._weeks: Mapping[str, list[date]] = {
            matrix: sorted(counts) for matrix, counts in by_matrix.items()
        }
        self._sums: Mapping[str, NDArray[Any]] = {
            matrix: np.cumsum([by_matrix[matrix][week] for week in weeks])
            for matrix, weeks in self._weeks.items()
        }

    def count_before(self, matrix: str, day: date) -> tuple[int, date | None]:
        """Return the number of findings in the weeks before the day's week, and the first week."""
        weeks = self._weeks.get(matrix, [])
        place = bisect_left(weeks, week_of(day))
        if place == 0:
            return 0, None
        return int(self._sums[matrix][place - 1]), weeks[0]

    def count_examined(self, group: SeriesGroup) -> NDArray[np.int64]:
        """Return what each count of a group is out of: all findings from its area in that week.

        Shape of the counts. In one year the area of a finding is told more often than in another,
        so that all substances of an area rise at once; that is no rise of any of them.
        """
        examined = np.empty_like(group.counts)
        rows: dict[tuple[str, str, str], NDArray[np.int64]] = {}
        for row, key in enumerate(group.keys):
            place = (key.matrix, key.country, key.area)
            if place not in rows:
                rows[place] = self._count_weeks(place, group.first_week, examined.shape[1])
            examined[row] = rows[place]
        return np.maximum(examined, group.counts)

    def _count_weeks(
        self, place: tuple[str, str, str], first_week: date, n_weeks: int
    ) -> NDArray[np.int64]:
        counts = np.zeros(n_weeks, dtype=np.int64)
        for week_on, count in self._of_place.get(place, ()):
            week = (week_on - first_week).days // 7
            if 0 <= week < n_weeks:
                counts[week] += count
        return counts
