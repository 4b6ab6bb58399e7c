"""What a cell becomes: an age band, a day, a week."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from tocsin.errors import ConfigurationError

RECORD_BANDS: Final = (15, 25, 35, 45, 55, 65)
"""Ages at which the bands of the record begin, after the first."""
NARROWEST_BAND_YEARS: Final = 5
LAST_BAND_FROM: Final = 90
"""The last band begins here at the latest: very old people are few."""
_OLDEST: Final = 120
_AGE: Final = re.compile(
    r"(\d{1,3})(?:[.,]\d{1,3})?"
    r"(?: ?(?:y|yr|yrs|years?|j|jahre?|ans?|años?|anni|anno|jaar|lat|lata|anos?|år)\.?)?",
    re.IGNORECASE,
)
_FORMATS: Final = {
    "DD.MM.YYYY": "%d.%m.%Y",
    "DD/MM/YYYY": "%d/%m/%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD-MM-YYYY": "%d-%m-%Y",
    "YYYY/MM/DD": "%Y/%m/%d",
    "YYYY-MM-DD": "%Y-%m-%d",
}


def parse_bands(text: str) -> tuple[int, ...]:
    """Parse the ages at which bands begin, after the first band.

    Raises ConfigurationError unless they ascend, each band has 5 years or more, and the last
    begins at 90 or before.

    >>> parse_bands("18,30,50")
    (18, 30, 50)
    """
    parts = text.split(",")
    if all(re.fullmatch(r" *\d{1,3} *", part, re.ASCII) for part in parts):
        starts = tuple(map(int, parts))
        edges = (0, *starts)
        if (
            all(after - before >= NARROWEST_BAND_YEARS for before, after in pairwise(edges))
            and starts[-1] <= LAST_BAND_FROM
        ):
            return starts
    raise ConfigurationError(
        f"age bands {text!r}: expected ages such as 15,25,35, bands of {NARROWEST_BAND_YEARS} "
        f"years or more, the last from {LAST_BAND_FROM} or before"
    )


def find_age_band(text: str, starts: Sequence[int] = RECORD_BANDS) -> str | None:
    """Find the band of an age in years, None where the text is no age.

    >>> find_age_band("34"), find_age_band("93 years"), find_age_band("0,5")
    ('25-34', '65+', '0-14')
    """
    match = _AGE.fullmatch(text.strip())
    if not match or int(match[1]) > _OLDEST:
        return None
    return name_band(int(match[1]), starts)


def name_band(age: int, starts: Sequence[int] = RECORD_BANDS) -> str:
    """Name the band that an age in whole years lies in.

    >>> name_band(18, (18, 30)), name_band(30, (18, 30))
    ('18-29', '30+')
    """
    edges = (0, *starts)
    at = bisect_right(edges, age) - 1
    return f"{edges[at]}-{edges[at + 1] - 1}" if at + 1 < len(edges) else f"{edges[at]}+"


def find_age_on(birth: date, day: date) -> int | None:
    """Find the age in whole years on a day, None where nobody is so old or not born yet.

    >>> find_age_on(date(1980, 5, 12), date(2026, 5, 11))
    45
    """
    age = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    return age if 0 <= age <= _OLDEST else None


def find_day(text: str, formats: Sequence[str]) -> date | None:
    """Find the day that a cell means in one of the formats, a time of day left out.

    >>> find_day("03.11.2026 14:20", ["DD.MM.YYYY"])
    datetime.date(2026, 11, 3)
    """
    written = re.split(r"[ T](?=\d{1,2}:)", text.strip())[0]
    for form in formats:
        if form in _FORMATS:
            try:
                return datetime.strptime(written, _FORMATS[form]).date()  # noqa: DTZ007  (a day)
            except ValueError:
                continue
    return None


def name_week(day: date) -> str:
    """Name the week of a day after ISO 8601.

    >>> name_week(date(2027, 1, 1))
    '2026-W53'
    """
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"
