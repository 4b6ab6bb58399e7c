"""Series as they were read, and the blocks that a method is given."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.science.detection.methods import SeriesBlock

VALUES_PER_BLOCK = 2**19
"""A block holds about so many series-weeks: some 200 MB with all that a method says of them."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The weeks (or months) that series share.

    dates: where the past goes by order alone, they stand for no day where the file has none.
    """

    dates: tuple[date, ...]
    frequency: int
    by_date: bool

    def name_week(self, week: int) -> str:
        """Return the first day of a week where the past goes by days, else its number from 1."""
        return self.dates[week].isoformat() if self.by_date else str(week + 1)


@dataclass(slots=True, eq=False)
class HeldSeries:
    """One series: counts in the weeks that were written down, zero in all others.

    weeks: places in the calendar, ascending; None where every week was written down.
    population, denominators: empty where not known; else one for each count.
    """

    dataset: str
    unit: str
    weeks: "array[int] | None" = None
    counts: "array[int]" = field(default_factory=lambda: array("q"))
    population: "array[float]" = field(default_factory=lambda: array("d"))
    denominators: "array[int]" = field(default_factory=lambda: array("q"))


@dataclass(frozen=True, slots=True)
class SeriesGroup:
    """Series of one calendar, in the order of the file."""

    calendar: Calendar
    series: list[HeldSeries]

    def split(self) -> Iterator["SeriesGroup"]:
        """Yield groups small enough for one block each, in order."""
        size = max(1, VALUES_PER_BLOCK // max(1, len(self.calendar.dates)))
        for start in range(0, len(self.series), size):
            yield SeriesGroup(self.calendar, self.series[start : start + size])

    def build_block(self) -> SeriesBlock:
        """Return the block a method is given; weeks that were not written down are zero."""
        first = self.series[0]
        return SeriesBlock(
            names=tuple(f"{one.dataset}/{one.unit}" for one in self.series),
            counts=self._fill("counts", np.int64),
            dates=self.calendar.dates if self.calendar.by_date else None,
            frequency=self.calendar.frequency,
            by_date=self.calendar.by_date,
            population=self._fill("population", np.float64) if first.population else None,
            denominators=self._fill("denominators", np.int64) if first.denominators else None,
        )

    def _fill(self, name: str, kind: type[Any]) -> NDArray[Any]:
        filled = np.zeros((len(self.series), len(self.calendar.dates)), dtype=kind)
        for row, one in enumerate(self.series):
            places = slice(None) if one.weeks is None else np.frombuffer(one.weeks, dtype=np.int64)
            filled[row, places] = np.frombuffer(getattr(one, name), dtype=kind)
        return filled
