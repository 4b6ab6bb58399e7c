"""The data files of the classes: whole, sound, and refused where they contradict themselves."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.errors import BadStructureClassError
from tocsin.science.structure_classes import (
    get_structure_class,
    list_structure_classes,
    recognise_classes,
)
from tocsin.science.structure_classes.definitions import read_structure_classes

FRAGMENTS = """
[fragments.carbon]
definition = "a carbon"
pattern = '[#6]'
[fragments.pair]
definition = "two of them"
pattern = '{carbon}{carbon}'
"""
CLASS = """
[[class]]
id = "alcohol"
name = "Alcohols"
definition = "A hydroxyl group on carbon."
basis = "definition of this project"
patterns = ['{pair}[OX2;H1]']
register = []
belongs = [{ name = "ethanol", smiles = "CCO" }]
apart = [{ name = "ether", smiles = "CCOCC", reason = "no hydrogen" }]
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write_files(text: str) -> Path:
        (tmp_path / "fragments.toml").write_text(FRAGMENTS, encoding="utf-8")
        (tmp_path / "classes.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write_files


def test_every_class_says_what_it_is_with_four_examples_for_and_against_it() -> None:
    classes = list_structure_classes()

    assert len(classes) >= 60
    for one in classes:
        assert one.name and one.definition.endswith(".") and one.basis, one.id
        assert len(one.belongs) >= 4 and len(one.apart) >= 4, one.id
        assert all(example.reason for example in one.apart), one.id
        assert one.patterns or any(child.parent == one.id for child in classes), one.id


def test_every_example_is_on_its_side_of_the_pattern() -> None:
    wrong = [
        (one.id, example.name)
        for one in list_structure_classes()
        for examples, belongs in ((one.belongs, True), (one.apart, False))
        for example in examples
        if (one.id in {found.id for found in recognise_classes(example.smiles)}) is not belongs
    ]

    assert wrong == []


def test_parents_lead_to_a_class_without_one() -> None:
    for one in list_structure_classes():
        line = [one]
        while line[-1].parent:
            line.append(get_structure_class(line[-1].parent))
            assert len(line) < 5, one.id


def test_parts_of_patterns_are_put_in(write: Callable[[str], Path]) -> None:
    (one,) = read_structure_classes(write(CLASS))

    assert one.patterns == ("[#6][#6][OX2;H1]",)
    assert [example.name for example in (*one.belongs, *one.apart)] == ["ethanol", "ether"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(CLASS + CLASS, "'alcohol': found twice", id="an id twice"),
        pytest.param(
            CLASS + 'parent = "polyol"\n', "found parent 'polyol'", id="a parent nobody holds"
        ),
        pytest.param(CLASS + 'colour = "red"\n', "found colour; expected", id="a strange key"),
        pytest.param(
            CLASS.replace("{pair}", "{trio}"), "expected a SMARTS", id="a part nobody holds"
        ),
        pytest.param(CLASS + "except = ['C(']\n", "found 'C('; expected a SMARTS", id="no SMARTS"),
    ],
)
def test_file_that_contradicts_itself_is_refused(
    write: Callable[[str], Path], text: str, message: str
) -> None:
    with pytest.raises(BadStructureClassError, match=re.escape(message)):
        read_structure_classes(write(text))


def test_reference_page_says_of_every_class_what_the_data_say() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/structure-classes.md").read_text("utf-8")
    rows = {
        cells[1].strip(" `"): cells[2].strip()
        for line in page.splitlines()
        if line.startswith("| `") and len(cells := line.split("|")) == 7
    }

    assert rows == {one.id: f"**{one.name}.** {one.definition}" for one in list_structure_classes()}
