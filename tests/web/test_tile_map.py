"""The tile map: every country readable, zero apart from nothing reported, no inline style."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.web.charts import KeyEntry
from tocsin.web.tile_map import (
    STEPS,
    TILES,
    Place,
    derive_step_bounds,
    tile_map,
    tile_map_svg,
)

SVG = "{http://www.w3.org/2000/svg}"
MEMBER_STATES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"


def looks(svg: str) -> dict[str, tuple[str, str]]:
    """Code of each tile, to its look and the figure written in it."""
    tile = re.compile(
        r'<g class="tile tile--([a-z0-9-]+)">.*?tile__code"[^>]*>(\w\w)<'
        r'.*?tile__figure"[^>]*>([^<]*)<'
    )
    return {code: (look, figure) for look, code, figure in tile.findall(svg)}


def test_grid_holds_the_union_norway_and_tuerkiye_on_places_of_their_own() -> None:
    assert sorted(TILES) == sorted([*re.findall("..(?= |$)", MEMBER_STATES), "NO", "TR"])
    assert len({(tile.column, tile.row) for tile in TILES.values()}) == len(TILES)


def test_zero_is_told_apart_from_nothing_reported() -> None:
    shown = looks(tile_map_svg({"MT": 0, "DE": 3, "PT": None}, title="Findings"))
    assert {code: shown[code] for code in ("MT", "DE", "PT", "SE")} == {
        "MT": ("zero", "0"),
        "DE": ("step-5", "3"),
        "PT": ("none", "–"),
        "SE": ("none", "–"),
    }


def test_malta_is_as_large_as_germany() -> None:
    drawing = ElementTree.fromstring(tile_map_svg({"MT": 1}, title="Findings"))  # noqa: S314
    sizes = {(box.get("width"), box.get("height")) for box in drawing.iter("rect")}
    assert sizes == {("58", "58")}


def test_drawing_has_class_names_only_and_escapes_its_title() -> None:
    svg = tile_map_svg({"FR": 12}, title='<script>"&')
    assert "style=" not in svg
    assert "<script>" not in svg
    assert ElementTree.fromstring(svg)[0].text == '<script>"&'  # noqa: S314


def test_places_without_a_tile_stand_beside_the_map_and_in_the_table() -> None:
    shown = tile_map({"US": 44, "GB": None}, title="Findings", names={"US": "United States"})
    assert shown.elsewhere == [Place("GB", None), Place("United States", 44)]
    assert ["United States", 44] in shown.table_rows
    assert len(shown.table_rows) == len(TILES) + 2


def test_the_country_a_page_is_about_is_framed_and_named_in_the_key() -> None:
    shown = tile_map({"AT": 3, "DE": 1}, title="Findings", marked="AT")
    framed = re.findall(r'<g class="tile ([a-z0-9 -]*tile--here)"><title>(\w+)', shown.svg)
    assert framed == [("tile--step-5 tile--here", "Austria")]
    assert shown.key[-1] == KeyEntry("here", "", "Austria")


def test_a_country_without_a_tile_is_not_framed() -> None:
    shown = tile_map({"US": 3}, title="Findings", marked="US")
    assert "tile--here" not in shown.svg
    assert "here" not in {entry.mark for entry in shown.key}


def test_key_names_the_steps_in_use() -> None:
    shown = tile_map({"DE": 32, "FR": 0}, title="Findings")
    assert [(entry.mark, entry.symbol) for entry in shown.key] == [
        ("none", "–"),
        ("zero", "0"),
        ("step-1", "1–2"),
        ("step-2", "3–4"),
        ("step-3", "5–8"),
        ("step-4", "9–16"),
        ("step-5", "17–32"),
    ]


@pytest.mark.parametrize(
    ("highest", "bounds"),
    [
        pytest.param(0, [], id="nothing counted"),
        pytest.param(1, [(1, 1)], id="one"),
        pytest.param(3, [(1, 1), (2, 2), (3, 3)], id="fewer counts than steps"),
        pytest.param(32, [(1, 2), (3, 4), (5, 8), (9, 16), (17, 32)], id="powers of two"),
    ],
)
def test_step_bounds(highest: int, bounds: list[tuple[int, int]]) -> None:
    assert derive_step_bounds(highest) == bounds


@given(st.integers(1, 10**7))
def test_steps_cover_every_count_once(highest: int) -> None:
    bounds = derive_step_bounds(highest)
    assert len(bounds) == min(STEPS, highest)
    assert bounds[0][0] == 1
    assert bounds[-1][1] == highest
    assert all(low <= high for low, high in bounds)
    assert all(before[1] + 1 == after[0] for before, after in pairwise(bounds))
