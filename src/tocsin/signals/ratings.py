"""How often a way of looking for rises is wrong, from the evidence a node holds itself.

What is a false rise nobody knows for certain, so three counts stand side by side: the rises told,
those of them that people confirmed and did not confirm, and the rises told of series that did not
change. A series did not change when no year of the time holds more than twice or less than half of
the year before, and each STABLE_CASES_A_YEAR or more. A rise that a person never judged counts as
neither.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from tocsin.science.detection import farrington_flexible as farrington
from tocsin.science.detection.methods import METHODS
from tocsin.signals.detected import DetectedEmergence
from tocsin.signals.judging import QUIET_WEEKS
from tocsin.signals.rules import DEFAULT_METHOD
from tocsin.signals.series import SeriesCell, week_of

STABLE_CASES_A_YEAR = 4
STABLE_YEARS = 3
"""A series that is held for less long says nothing of stability."""

LONGEST_YEARS = 10
_WEEKS_A_YEAR = 52


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way of looking for rises that a person may choose. key: its name in addresses and rows."""

    key: str
    method: str
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)


RECOGNISED_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    farrington.METHOD: asdict(replace(farrington.IMPROVED, limit54=(0, 4)))
}
"""Settings other than a method's defaults: the improved method, without R's limit of five cases."""

CANDIDATES: tuple[Candidate, ...] = (
    Candidate("emergence-sensitive", DEFAULT_METHOD, {"rise_score": 1.5}),
    Candidate("emergence-balanced", DEFAULT_METHOD),
    Candidate("emergence-cautious", DEFAULT_METHOD, {"rise_score": 4.0}),
    *(
        Candidate(name, name, RECOGNISED_SETTINGS.get(name, {}))
        for name in METHODS
        if name != DEFAULT_METHOD
    ),
)
"""Three sensitivities of the built-in method, and every other one as it is recognised."""


@dataclass(frozen=True, slots=True)
class DecidedRise:
    """A rise that a person decided on: where, and from which day to which."""

    substance: str
    matrix: str
    country: str
    area: str
    on: date
    last_on: date
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Rating:
    """The counts of a replay over some time; stable_years: of all stable series together."""

    since: date
    until: date
    rises: int
    confirmed: int
    not_confirmed: int
    stable_series: int
    stable_years: int
    stable_rises: int


def rate_rises(
    found: Iterable[DetectedEmergence],
    decided: Sequence[DecidedRise],
    cells: Collection[SeriesCell],
    *,
    since: date,
    until: date,
) -> Rating:
    """Count the rises found from one day to another, both included, and what is known of them."""
    rises = [one for one in found if since <= one.on <= until]
    by_place: dict[tuple[str, str, str, str], list[DecidedRise]] = defaultdict(list)
    for one in decided:
        by_place[one.substance, one.matrix, one.country, one.area].append(one)
    verdicts = [_find_verdict(rise, by_place) for rise in rises]
    stable = find_stable_series(cells, since=since, until=until)
    return Rating(
        since=since,
        until=until,
        rises=len(rises),
        confirmed=verdicts.count(True),
        not_confirmed=verdicts.count(False),
        stable_series=len(stable),
        stable_years=sum(stable.values()),
        stable_rises=sum((one.substance, one.matrix, one.country) in stable for one in rises),
    )


def _find_verdict(
    rise: DetectedEmergence, decided: Mapping[tuple[str, str, str, str], Sequence[DecidedRise]]
) -> bool | None:
    quiet = timedelta(weeks=QUIET_WEEKS)
    for one in decided.get((rise.substance, rise.matrix, rise.country, rise.area), ()):
        if one.on < rise.last_on + quiet and rise.on < one.last_on + quiet:
            return one.is_confirmed
    return None


def find_stable_series(
    cells: Collection[SeriesCell], *, since: date, until: date
) -> dict[tuple[str, str, str], int]:
    """Return the series of countries (substance, matrix, country) that did not change, with years.

    Whole years are counted back from the last week in which the country had any of these findings
    in the matrix, or from until; without STABLE_YEARS of them a series is not called stable.
    """
    last: dict[tuple[str, str], date] = {}
    for cell in cells:
        place = (cell.matrix, cell.country)
        last[place] = max(last.get(place, cell.week_on), min(cell.week_on, week_of(until)))
    counts: dict[tuple[str, str, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for cell in cells:
        year = (last[cell.matrix, cell.country] - cell.week_on).days // 7 // _WEEKS_A_YEAR
        if year >= 0:
            counts[cell.substance, cell.matrix, cell.country][year] += cell.count
    stable = {}
    for (substance, matrix, country), by_year in counts.items():
        weeks = (last[matrix, country] - week_of(since)).days // 7 + 1
        years = [by_year[year] for year in range(weeks // _WEEKS_A_YEAR)]
        if _is_stable(years):
            stable[substance, matrix, country] = len(years)
    return stable


def _is_stable(counts: Sequence[int]) -> bool:
    return (
        len(counts) >= STABLE_YEARS
        and min(counts) >= STABLE_CASES_A_YEAR
        and all(max(pair) <= 2 * min(pair) for pair in pairwise(counts))
    )


def derive_rated_time(cells: Collection[SeriesCell], *, until: date) -> tuple[date, date] | None:
    """Return the first and last day that are rated, at most LONGEST_YEARS; None without evidence.

    The first year of the evidence is the past that its first rises are compared with; the time ends
    with its last week, or with ``until`` where that is earlier, since a source that has ended says
    nothing of later years.
    """
    if not cells:
        return None
    first = min(cell.week_on for cell in cells)
    until = min(until, max(cell.week_on for cell in cells) + timedelta(days=6))
    since = max(
        first + timedelta(weeks=_WEEKS_A_YEAR),
        week_of(until) - timedelta(weeks=LONGEST_YEARS * _WEEKS_A_YEAR),
    )
    return (since, until) if since < until else None
