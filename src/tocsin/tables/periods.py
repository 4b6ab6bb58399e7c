"""Reporting periods: months, quarters, half-years and years."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from tocsin.errors import InvalidTableError
from tocsin.tables.vocabulary import Frequency

_MONTHS = {Frequency.MONTH: 1, Frequency.QUARTER: 3, Frequency.HALF_YEAR: 6, Frequency.YEAR: 12}
_LETTERS = {Frequency.QUARTER: "Q", Frequency.HALF_YEAR: "S"}
_CODE = re.compile(r"(?P<year>[12]\d{3})(?:-(?P<letter>[QS]?)(?P<number>\d{1,2}))?\Z", re.ASCII)
SDMX_FREQUENCY = {
    Frequency.MONTH: "M",
    Frequency.QUARTER: "Q",
    Frequency.HALF_YEAR: "S",
    Frequency.YEAR: "A",
}


@dataclass(frozen=True, slots=True)
class Period:
    """One reporting period, from its first day to its last, both included."""

    frequency: Frequency
    starts_on: date

    @property
    def ends_on(self) -> date:
        """The last day."""
        months = self.starts_on.month - 1 + _MONTHS[self.frequency]
        after = date(self.starts_on.year + months // 12, months % 12 + 1, 1)
        return after - timedelta(days=1)

    @property
    def code(self) -> str:
        """The period as SDMX writes it: 2026-03, 2026-Q1, 2026-S1 or 2026."""
        year, number = self.starts_on.year, (self.starts_on.month - 1) // _MONTHS[self.frequency]
        if self.frequency == Frequency.YEAR:
            return f"{year}"
        if self.frequency == Frequency.MONTH:
            return f"{year}-{number + 1:02d}"
        return f"{year}-{_LETTERS[self.frequency]}{number + 1}"

    def overlaps(self, other: "Period") -> bool:
        """Tell whether the two have a day in common."""
        return self.starts_on <= other.ends_on and other.starts_on <= self.ends_on


def parse_period(text: str) -> Period:
    """Parse a period as ``Period.code`` writes it; InvalidTableError for any other text.

    >>> parse_period("2026-Q2").starts_on, parse_period("2026-S2").ends_on
    (datetime.date(2026, 4, 1), datetime.date(2026, 12, 31))
    """
    found = _CODE.match(text.strip().upper())
    if found is None:
        raise _refuse(text)
    if found["number"] is None:
        return Period(Frequency.YEAR, date(int(found["year"]), 1, 1))
    frequency = {"": Frequency.MONTH, "Q": Frequency.QUARTER, "S": Frequency.HALF_YEAR}[
        found["letter"]
    ]
    month = (int(found["number"]) - 1) * _MONTHS[frequency] + 1
    if not 1 <= month <= 12:
        raise _refuse(text)
    return Period(frequency, date(int(found["year"]), month, 1))


def get_period(frequency: str, day: date) -> Period:
    """Return the period of a length that a day lies in.

    >>> get_period("quarter", date(2026, 5, 17)).code
    '2026-Q2'
    """
    length = _MONTHS[Frequency(frequency)]
    return Period(Frequency(frequency), date(day.year, (day.month - 1) // length * length + 1, 1))


def list_last_periods(frequency: str, *, today: date, number: int) -> list[Period]:
    """List the periods that have ended before a day, the newest first."""
    periods = []
    day = get_period(frequency, today).starts_on
    for _ in range(number):
        period = get_period(frequency, day - timedelta(days=1))
        periods.append(period)
        day = period.starts_on
    return periods


def _refuse(text: str) -> InvalidTableError:
    return InvalidTableError(
        f"period {text[:20]!r}: expected a month such as 2026-03, a quarter such as 2026-Q1, a "
        "half-year such as 2026-S1, or a year"
    )
