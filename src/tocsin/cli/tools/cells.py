"""The cells of a file of series: a count, a day."""

import re
from datetime import date
from typing import NamedTuple

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import MAXIMUM_COUNT

# pandas writes whole numbers as 3.0 once one in the column is absent.
_WHOLE = re.compile(r"([0-9]{1,13})(?:\.0*)?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Place(NamedTuple):
    """Where in a file a value stands, for messages; made for every row, written out for few."""

    file: str
    line: int
    series: str
    week: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, series {self.series}, week {self.week}"


def parse_count(text: str, *, where: Place, what: str = "count") -> int:
    """Return a whole number from 0 to MAXIMUM_COUNT.

    where, what: what is counted and where it stands, for the message.
    Raises DetectionInputError for anything else, an absent number among it.

    >>> parse_count("3.0", where=Place("week.csv", 2, "xylazine", "2024-01-01"))
    3
    """
    match = _WHOLE.fullmatch(text)
    number = int(match[1]) if match else -1
    if not 0 <= number <= MAXIMUM_COUNT:
        raise DetectionInputError(
            f"{where}: found {text!r} as {what}; expected a whole number from 0 to {MAXIMUM_COUNT}"
        )
    return number


def parse_day(text: str, *, where: Place) -> date:
    """Return a day written YYYY-MM-DD. Raises DetectionInputError for anything else.

    >>> parse_day("2024-02-29", where=Place("week.csv", 2, "xylazine", "2024-02-29"))
    datetime.date(2024, 2, 29)
    """
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise DetectionInputError(f"{where}: found {text!r} as date; expected a day, YYYY-MM-DD")
