"""Drawings with marked atoms, likeness and what two structures share."""

import base64
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from tocsin.web.structure_marks import (
    DIFFERING,
    FAILING,
    SCAFFOLD,
    Comparison,
    Mark,
    compare_structures,
    derive_drawing_url,
    derive_marked_drawing_url,
    list_atom_numbers,
    list_nearest,
)

PREFIX = "data:image/svg+xml;base64,"
ETHANOL, PROPANOL, BENZENE = "CCO", "CCCO", "c1ccccc1"


def read_drawing(url: str) -> str:
    assert url.startswith(PREFIX)
    return base64.b64decode(url.removeprefix(PREFIX)).decode()


def test_marked_groups_lie_on_grounds_of_their_own_and_atoms_are_numbered() -> None:
    marks = (Mark((0, 1), SCAFFOLD), Mark((2,), FAILING))

    drawing = read_drawing(
        derive_marked_drawing_url(ETHANOL, marks, width=200, height=150, numbered=True)
    )

    assert "#D3E2F4" in drawing  # 0.83, 0.89, 0.96
    assert "#FCCCC1" in drawing  # 0.99, 0.80, 0.76
    words = [one.text for one in ElementTree.fromstring(drawing).iter() if one.text]  # noqa: S314
    assert {"0", "1", "2"} <= {word.strip() for word in words}


def test_drawing_takes_marks_beyond_the_structure_and_no_structure_at_all() -> None:
    beyond = derive_marked_drawing_url(ETHANOL, (Mark((7,), DIFFERING),), width=90, height=90)

    assert read_drawing(beyond)
    assert derive_marked_drawing_url("C(", (), width=90, height=90) == ""
    assert derive_drawing_url("", "nothing") == ""
    assert derive_drawing_url("C(", "broken") == ""


def test_most_alike_comes_first_and_the_unlike_is_left_out() -> None:
    others = {"propanol": PROPANOL, "benzene": BENZENE, "same": ETHANOL, "broken": "C("}

    found = list_nearest(ETHANOL, others, most=2, least=0.2)

    assert [key for key, _score in found] == ["same", "propanol"]
    assert found[0][1] == 1.0
    assert list_nearest("C(", others, most=2, least=0.2) == []


def test_what_only_one_of_two_structures_has_is_told() -> None:
    assert compare_structures(ETHANOL, PROPANOL) == Comparison((), (0,), 3, is_certain=True)
    # A chain shares no whole ring; nothing is left in common but what stands outside.
    assert compare_structures(BENZENE, "[Na]") is None
    assert compare_structures("C" * 71, ETHANOL) is None
    assert compare_structures("C(", ETHANOL) is None


@given(st.sets(st.integers(0, 60)))
def test_runs_of_atom_numbers_hold_every_number_once(numbers: set[int]) -> None:
    held: list[int] = []
    for run in list_atom_numbers(numbers).split(", "):
        low, _dash, high = run.partition("–")
        held += range(int(low), int(high or low) + 1) if run else ()

    assert held == sorted(numbers)
