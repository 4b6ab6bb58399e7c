"""The classes a structure shows, in words and drawn, on the page of a substance and beside it."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.web.response_examples import read
from tocsin.substances.models import Substance, SubstanceClass
from tocsin.web.structure_classes import describe_classes

MEPHEDRONE = "CNC(C)C(=O)c1ccc(C)cc1"
JWH_018 = "CCCCCn1cc(C(=O)c2cccc3ccccc23)c2ccccc21"


def test_classes_come_with_words_atoms_and_a_drawing_of_their_own() -> None:
    view = describe_classes(JWH_018)

    assert view is not None
    whole, family = view.shown
    assert (whole.name, whole.part_of, whole.drawing_url) == ("Synthetic cannabinoids", "", "")
    assert family.part_of == "Synthetic cannabinoids"
    assert family.atoms.startswith("1–")
    assert family.drawing_url.startswith("data:image/svg+xml;base64,")
    assert (view.agreement, view.differs) == ("", False)


@pytest.mark.parametrize("smiles", ["", "C1CC("])
def test_nothing_is_described_where_there_is_no_structure(smiles: str) -> None:
    assert describe_classes(smiles) is None


@pytest.mark.parametrize(
    ("key", "smiles", "words", "differs"),
    [
        pytest.param("cathinone", MEPHEDRONE, "Cathinones, fits", False, id="fits"),
        pytest.param("cathinone", JWH_018, "its structure shows other", True, id="differs"),
        pytest.param("cathinone", "CCO", "does not show that class", True, id="not shown"),
        pytest.param("medicine", MEPHEDRONE, "one of use or origin", False, id="class of use"),
    ],
)
def test_class_of_the_register_is_held_against_them(
    key: str, smiles: str, words: str, differs: bool
) -> None:
    held = Substance(substance_class=SubstanceClass(key=key, name="Cathinones"), smiles=smiles)

    view = describe_classes(smiles, held)

    assert view is not None
    assert words in view.agreement
    assert view.differs is differs


def test_pages_show_the_classes_of_registered_and_unregistered_structures(
    enter: Callable[[str], Client],
) -> None:
    client = enter("reader")

    registered = read(client, "/substances/bezitramide/")
    unregistered = client.get("/what-is-this/", {"q": "CCCCCCNC(C)C(=O)c1ccc(C)cc1"})
    group = read(client, "/substances/fluorofentanyl-isomer-undetermined/")

    assert "Classes by structure" in registered
    assert "The register holds it under Orphines, but its structure shows" in registered
    assert "show the class 3,3-Diphenylpropan-1-amines (methadone type)" in registered
    assert "show the class Cathinones" in unregistered.content.decode()
    assert "Classes by structure" not in group
