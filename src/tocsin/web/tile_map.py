"""A map of counts as equal tiles, one per country, so that Malta is read as well as France."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tocsin.reports.countries import name_country
from tocsin.web.charts import KeyEntry

STEPS = 5
_TILE = 58
_PITCH = 62
_MARGIN = 2


class Tile(NamedTuple):
    """Place of a country on the grid, counted from the upper left."""

    column: int
    row: int


@dataclass(frozen=True)
class Place:
    """A country without a tile, and its count."""

    name: str
    count: int | str | None


@dataclass(frozen=True, slots=True)
class TileFace:
    """How a country's tile looks: its mark in the stylesheet, the sign on it, and its words."""

    mark: str
    sign: str
    words: str


TILES = {
    "NO": Tile(3, 0),
    "SE": Tile(4, 0),
    "FI": Tile(5, 0),
    "EE": Tile(5, 1),
    "IE": Tile(0, 2),
    "DK": Tile(3, 2),
    "LV": Tile(5, 2),
    "NL": Tile(2, 3),
    "DE": Tile(3, 3),
    "PL": Tile(4, 3),
    "LT": Tile(5, 3),
    "BE": Tile(1, 4),
    "LU": Tile(2, 4),
    "CZ": Tile(3, 4),
    "SK": Tile(4, 4),
    "FR": Tile(1, 5),
    "AT": Tile(3, 5),
    "HU": Tile(4, 5),
    "RO": Tile(5, 5),
    "PT": Tile(0, 6),
    "ES": Tile(1, 6),
    "IT": Tile(2, 6),
    "SI": Tile(3, 6),
    "HR": Tile(4, 6),
    "BG": Tile(5, 6),
    "MT": Tile(2, 7),
    "GR": Tile(5, 7),
    "TR": Tile(6, 6),
    "CY": Tile(6, 7),
}
"""The 27 member states, Norway and Türkiye, by their ISO 3166-1 alpha-2 code."""


@dataclass(frozen=True)
class TileMap:
    """A tile map, its key, what lies outside its grid, and the same figures as a table."""

    svg: SafeString
    title: str
    key: list[KeyEntry]
    elsewhere: list[Place]
    table_headings: list[str]
    table_rows: list[list[object]]


def derive_step_bounds(highest: int) -> list[tuple[int, int]]:
    """Closed ranges of counts for the five steps of the map, the highest count in the last.

    Each range ends at the highest count to the power of its share, so that few and many are both
    told apart; up to five, each count has its own step. Empty when nothing was counted.

    >>> derive_step_bounds(5)
    [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]
    >>> derive_step_bounds(32)
    [(1, 2), (3, 4), (5, 8), (9, 16), (17, 32)]
    """
    if highest < 1:
        return []
    ends: list[int] = []
    for step in range(1, STEPS + 1):
        smallest = ends[-1] + 1 if ends else 1
        ends.append(max(smallest, round(highest ** (step / STEPS))))
    kept = [end for end in ends if end < highest] + [highest]
    return [(before + 1, end) for before, end in pairwise([0, *kept])]


def tile_map(
    counts: Mapping[str, int | None],
    *,
    title: str,
    names: Mapping[str, str] | None = None,
    marked: str = "",
    identifier: str = "tile-map",
) -> TileMap:
    """A map of counts by country, with key, table and the places that have no tile.

    counts: ISO 3166-1 alpha-2 code to count; a code that is absent, or None, means that nothing
    was reported, which is not zero. names: words for codes without a tile; else the code is shown.
    marked: code of the country that the page is about, framed on the map. identifier: unique on
    the page.
    """
    bounds = derive_step_bounds(max((count or 0 for count in counts.values()), default=0))
    marks = {code: _mark(counts.get(code), bounds) for code in TILES}
    words = {**(names or {}), **{code: name_country(code) for code in TILES}}
    outside = [code for code in counts if code not in TILES]
    return TileMap(
        svg=_svg(counts, marks, title=title, marked=marked, identifier=identifier),
        title=title,
        key=[
            *_key(set(marks.values()), bounds),
            *([KeyEntry("here", "", name_country(marked))] if marked in TILES else []),
        ],
        elsewhere=[Place(words.get(code, code), counts[code]) for code in sorted(outside)],
        table_headings=[_("Country"), _("Count")],
        table_rows=[
            [words.get(code, code), counts.get(code)]
            for code in sorted({*TILES, *outside}, key=lambda code: words.get(code, code))
        ],
    )


def tile_map_svg(counts: Mapping[str, int | None], *, title: str) -> str:
    """The drawing alone: SVG with class names only, to be styled by the page's stylesheet."""
    return str(tile_map(counts, title=title).svg)


def _mark(count: int | None, bounds: list[tuple[int, int]]) -> str:
    if count is None:
        return "none"
    if count == 0:
        return "zero"
    reached = sum(count >= low for low, _high in bounds)
    return f"step-{reached + STEPS - len(bounds)}"


def _svg(
    counts: Mapping[str, int | None],
    marks: Mapping[str, str],
    *,
    title: str,
    marked: str,
    identifier: str,
) -> SafeString:
    faces = {
        code: TileFace(
            f"{marks[code]} tile--here" if code == marked else marks[code],
            _figure(counts.get(code)),
            _figure_words(counts.get(code)),
        )
        for code in TILES
    }
    return draw_tiles(faces, title=title, description=_describe(counts), identifier=identifier)


def draw_tiles(
    faces: Mapping[str, TileFace], *, title: str, description: str, identifier: str
) -> SafeString:
    """Draw a face on the tile of every country, as SVG with class names only.

    faces: by ISO 3166-1 alpha-2 code; every country of TILES must have one. identifier: unique on
    the page.
    """
    tiles = format_html_join(
        "",
        '<g class="tile tile--{}"><title>{}</title><rect x="{}" y="{}" width="{}" height="{}" '
        'rx="4"/><text class="tile__code" x="{}" y="{}">{}</text>'
        '<text class="tile__figure" x="{}" y="{}">{}</text></g>',
        (
            (
                faces[code].mark,
                f"{name_country(code)}: {faces[code].words}",
                left,
                upper,
                _TILE,
                _TILE,
                left + _TILE // 2,
                upper + 23,
                code,
                left + _TILE // 2,
                upper + 45,
                faces[code].sign,
            )
            for code, tile in TILES.items()
            for left, upper in [(_MARGIN + tile.column * _PITCH, _MARGIN + tile.row * _PITCH)]
        ),
    )
    columns = 1 + max(tile.column for tile in TILES.values())
    rows = 1 + max(tile.row for tile in TILES.values())
    return format_html(
        '<svg class="tile-map" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-desc">'
        '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}</svg>',
        columns * _PITCH,
        rows * _PITCH,
        identifier,
        identifier,
        identifier,
        title,
        identifier,
        description,
        tiles,
    )


def _figure(count: int | None) -> str:
    """The count in at most four characters: from 10,000 on in thousands."""
    if count is None:
        return "–"
    return f"{count // 1000}k" if count >= 10_000 else str(count)


def _figure_words(count: int | None) -> str:
    return _("not reported") if count is None else str(count)


def _describe(counts: Mapping[str, int | None]) -> str:
    held = {code: count for code, count in counts.items() if count and code in TILES}
    highest = sorted(held, key=lambda code: (-held[code], code))[:3]
    silent = sum(counts.get(code) is None for code in TILES)
    listed = ", ".join(f"{name_country(code)} {held[code]}" for code in highest)
    return _(
        "Highest: %(listed)s. Countries with none counted: %(none)d; not reported: %(silent)d."
    ) % {
        "listed": listed or "–",
        "none": len(TILES) - len(held) - silent,
        "silent": silent,
    }


def _key(marks: set[str], bounds: list[tuple[int, int]]) -> list[KeyEntry]:
    entries = []
    if "none" in marks:
        entries.append(KeyEntry("none", "–", _("not reported")))
    if "zero" in marks:
        entries.append(KeyEntry("zero", "0", _("none found")))
    for step, (low, high) in enumerate(bounds, start=1 + STEPS - len(bounds)):
        ends = [number_format(end, force_grouping=True) for end in sorted({low, high})]
        entries.append(KeyEntry(f"step-{step}", "–".join(ends), ""))
    return entries
