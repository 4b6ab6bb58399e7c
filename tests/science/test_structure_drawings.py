"""Drawings of structures, plain and with marked atoms."""

import base64
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from tocsin.science.structure_drawings import (
    DIFFERING,
    FAILING,
    SCAFFOLD,
    Mark,
    derive_drawing_url,
    derive_marked_drawing_url,
    list_atom_numbers,
)

PREFIX = "data:image/svg+xml;base64,"
ETHANOL = "CCO"


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


def test_label_of_a_group_changes_the_drawing_and_numbers_take_its_place() -> None:
    marks, plain = (Mark((0,), SCAFFOLD, "R1"),), (Mark((0,), SCAFFOLD),)

    def draw(marked: tuple[Mark, ...], *, numbered: bool = False) -> str:
        return derive_marked_drawing_url(ETHANOL, marked, width=200, height=150, numbered=numbered)

    assert draw(marks) != draw(plain)
    assert draw(marks, numbered=True) == draw(plain, numbered=True)


def test_drawing_takes_marks_beyond_the_structure_and_no_structure_at_all() -> None:
    beyond = derive_marked_drawing_url(ETHANOL, (Mark((7,), DIFFERING),), width=90, height=90)

    assert read_drawing(beyond)
    assert read_drawing(derive_drawing_url(ETHANOL, "ethanol"))
    assert derive_marked_drawing_url("C(", (), width=90, height=90) == ""
    assert derive_drawing_url("", "nothing") == ""
    assert derive_drawing_url("C(", "broken") == ""


@given(st.sets(st.integers(0, 60)))
def test_runs_of_atom_numbers_hold_every_number_once(numbers: set[int]) -> None:
    held: list[int] = []
    for run in list_atom_numbers(numbers).split(", "):
        low, _dash, high = run.partition("–")
        held += range(int(low), int(high or low) + 1) if run else ()

    assert held == sorted(numbers)
