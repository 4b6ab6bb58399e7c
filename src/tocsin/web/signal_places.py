"""Where an emergence is: a tile map of the countries, and the areas of its own country."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tocsin.organisations.actors import Actor
from tocsin.signals.models import Signal
from tocsin.signals.places import list_places_between, list_reporting_countries
from tocsin.signals.queries import PlaceTotal
from tocsin.web.tile_map import TILES, TileMap, tile_map

WEEKS_BEFORE = 52
WEEKS_AFTER = 26
MOST_AREAS = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One country or area, its findings, and how long its bar is, from 0 to 100."""

    name: str
    findings: int
    first_on: date
    length: int


@dataclass(frozen=True, slots=True)
class Places:
    """The map of an emergence, the areas of its country, and the days counted.

    map: None where no country with a tile reported anything; then countries holds the others.
    further_areas: how many areas are not shown, and further_findings: the findings in them.
    """

    map: TileMap | None
    countries: tuple[Bar, ...]
    country: str
    areas: tuple[Bar, ...]
    further_areas: int
    further_findings: int
    since: date
    until: date


def draw_places(actor: Actor, signal: Signal, *, today: date) -> Places:
    """Draw where the substance of a signal was found in its matrix around its emergence.

    Counted from a year before the first day to half a year after the newest evidence.
    """
    since = signal.on - timedelta(weeks=WEEKS_BEFORE)
    until = min(today, signal.last_on + timedelta(weeks=WEEKS_AFTER))
    found = list_places_between(
        actor, signal.substance.key, matrix=signal.matrix, since=since, until=until
    )
    reporting = list_reporting_countries(actor, matrix=signal.matrix, since=since, until=until)
    counts: dict[str, int | None] = dict.fromkeys(reporting, 0)
    for one in found:
        counts[one.country] = (counts.get(one.country) or 0) + one.findings
    inside = [one for one in found if one.country == signal.country]
    has_tile = not TILES.keys().isdisjoint(counts)
    title = _describe_title(signal, since, until)
    return Places(
        map=tile_map(counts, title=title, marked=signal.country) if has_tile else None,
        countries=() if has_tile else _draw_bars(_sum_countries(found)),
        country=signal.country,
        areas=_draw_bars(inside[:MOST_AREAS]),
        further_areas=len(inside[MOST_AREAS:]),
        further_findings=sum(one.findings for one in inside[MOST_AREAS:]),
        since=since,
        until=until,
    )


def _sum_countries(places: Sequence[PlaceTotal]) -> list[PlaceTotal]:
    by_country: dict[str, list[PlaceTotal]] = defaultdict(list)
    for one in places:
        by_country[one.country].append(one)
    return [
        PlaceTotal(
            country=country,
            area=country,
            findings=sum(one.findings for one in held),
            first_on=min(one.first_on for one in held),
            last_on=max(one.last_on for one in held),
        )
        for country, held in by_country.items()
    ]


def _draw_bars(places: Sequence[PlaceTotal]) -> tuple[Bar, ...]:
    highest = max((one.findings for one in places), default=1)
    return tuple(
        Bar(
            name=one.area or _("area not stated"),
            findings=one.findings,
            first_on=one.first_on,
            length=max(1, round(100 * one.findings / highest)),
        )
        for one in places
    )


def _describe_title(signal: Signal, since: date, until: date) -> str:
    return _("%(substance)s, %(matrix)s: findings by country, %(since)s to %(until)s") % {
        "substance": signal.substance.name,
        "matrix": signal.get_matrix_display(),
        "since": date_format(since, "j M Y"),
        "until": date_format(until, "j M Y"),
    }
