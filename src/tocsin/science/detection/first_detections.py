"""First detections: what was never held before, and at which level it is new."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from tocsin.errors import DetectionInputError

METHOD: Final = "first-detection"
VERSION: Final = "1"

Level = Literal["anywhere", "country", "region"]

_LEVEL_ORDER: Final[dict[Level, int]] = {"anywhere": 0, "country": 1, "region": 2}


class Observation(NamedTuple):
    """A confirmed finding, or a cell of them: this substance in this matrix at this place then.

    country, area: empty when not known; an area is one only within its country.
    """

    substance: str
    matrix: str
    country: str
    area: str
    on: date


@dataclass(frozen=True, slots=True)
class FirstDetection:
    """The earliest date on which a substance was seen in a matrix, at the widest level it is new.

    country: empty when not known. area: empty when not known; at the levels anywhere and country
        it is an area where it was seen on that very day.
    places: every area of the country in which it was first seen in the same calendar week,
        in alphabetical order; the firsts of these areas are part of this one.
    """

    level: Level
    substance: str
    matrix: str
    country: str
    area: str
    on: date
    places: tuple[str, ...]


def derive_first_detections(observations: Iterable[Observation]) -> tuple[FirstDetection, ...]:
    """Find, for each substance in each matrix, where it is new: anywhere, in a country, in a region.

    observations: in any order, any number of times; weekly cells serve as well as single findings,
        with `on` the Monday. Read once, memory grows with the distinct places only.
    A narrower first is left out when it is the same emergence: the country in which a substance was
    first seen anywhere gets no first of its own, and the areas of a country whose first falls in
    the same calendar week (Monday to Sunday) as the wider first in that country are named in its
    places. Where two countries saw it on the same first day, the alphabetically first one carries
    the level anywhere and the other is a country's first.
    Returns them ordered by day, substance, matrix, level, country, area: the same under any order
    of the observations. Without the observations after a day, the result is that of all of them up
    to that day; only places can still grow, until the Sunday of its week.
    Raises DetectionInputError when an observation has an area without a country, or no substance.
    Source: own rule; a substance never seen before at a place is a signal by definition.

    >>> seen = [Observation("xylazine", "blood", "IE", "IE06", date(2026, 3, 4)),
    ...         Observation("xylazine", "blood", "IE", "IE05", date(2026, 3, 6))]
    >>> [(first.level, first.on.isoformat(), first.places)
    ...  for first in derive_first_detections(seen)]
    [('anywhere', '2026-03-04', ('IE05', 'IE06'))]
    """
    earliest = _derive_earliest(observations)
    found: list[FirstDetection] = []
    for (substance, matrix), countries in earliest.items():
        found.extend(_derive_levels(substance, matrix, countries))
    found.sort(
        key=lambda first: (
            first.on,
            first.substance,
            first.matrix,
            _LEVEL_ORDER[first.level],
            first.country,
            first.area,
        )
    )
    return tuple(found)


def _derive_earliest(
    observations: Iterable[Observation],
) -> dict[tuple[str, str], dict[str, dict[str, date]]]:
    """Earliest day of each substance and matrix by country and area."""
    cells: dict[tuple[str, str, str, str], date] = {}
    for substance, matrix, country, area, on in observations:
        cell = (substance, matrix, country, area)
        held = cells.get(cell)
        if held is None or on < held:
            cells[cell] = on
    earliest: dict[tuple[str, str], dict[str, dict[str, date]]] = {}
    for (substance, matrix, country, area), on in cells.items():
        if not substance:
            raise DetectionInputError(
                f"observation of {on.isoformat()}: found no substance; expected one"
            )
        if area and not country:
            raise DetectionInputError(
                f"observation of {substance} on {on.isoformat()}: found area {area!r} "
                "without a country; expected both"
            )
        earliest.setdefault((substance, matrix), {}).setdefault(country, {})[area] = on
    return earliest


def _derive_levels(
    substance: str, matrix: str, countries: dict[str, dict[str, date]]
) -> list[FirstDetection]:
    """The firsts of one substance in one matrix, the same emergence told once."""
    country_on = {country: min(areas.values()) for country, areas in countries.items()}
    # A known place says more than an unknown one of the same day.
    widest = min(country_on, key=lambda country: (country_on[country], not country, country))
    found: list[FirstDetection] = []
    for country, areas in countries.items():
        if not country and country != widest:
            continue
        on = country_on[country]
        week_end = on + timedelta(days=6 - on.weekday())
        found.append(
            FirstDetection(
                level="anywhere" if country == widest else "country",
                substance=substance,
                matrix=matrix,
                country=country,
                area=min((area for area in areas if area and areas[area] == on), default=""),
                on=on,
                places=tuple(sorted(area for area in areas if area and areas[area] <= week_end)),
            )
        )
        found.extend(
            FirstDetection("region", substance, matrix, country, area, area_on, (area,))
            for area, area_on in areas.items()
            if area and area_on > week_end
        )
    return found
