"""What a structure must have at least to hold a pattern."""

import pytest
from rdkit import Chem

from tocsin.science.pattern_counts import (
    count_kinds,
    derive_least_counts,
    has_enough,
    list_elements,
)


def may_hold(smiles: str, smarts: str) -> bool:
    least = derive_least_counts(Chem.MolFromSmarts(smarts))
    return has_enough(count_kinds(Chem.MolFromSmiles(smiles)), least)


@pytest.mark.parametrize(
    ("smarts", "elements"),
    [
        pytest.param("C", [(6, False)], id="bare symbol"),
        pytest.param("[Cl]", [(17, False)], id="symbol of two letters"),
        pytest.param("[#6&R]", [(6, None)], id="number: aromatic or not"),
        pytest.param("[n&H1]", [(7, True)], id="aromatic"),
        pytest.param("[C&X4,$([C&X3]=[O&X1]):3]", [(6, False), (6, False)], id="recursion"),
        pytest.param("[R;c,n]", [(6, True), (7, True)], id="second term says it"),
        pytest.param("[$(*~[O,S])&N]", [(7, False)], id="open recursion before the symbol"),
        pytest.param("[N&!$(N~[O,S])]", [(7, False)], id="denied recursion"),
        pytest.param("[#80]", [(80, None)], id="metal"),
        pytest.param("*", [], id="any atom"),
        pytest.param("[!#6&!#1]", [], id="only what it is not"),
        pytest.param("[C,R]", [], id="one alternative is open"),
    ],
)
def test_elements_of_an_atom_of_a_pattern(
    smarts: str, elements: list[tuple[int, bool | None]]
) -> None:
    written = Chem.MolFromSmarts(smarts).GetAtomWithIdx(0).GetSmarts()

    assert list_elements(written) == elements


@pytest.mark.parametrize(
    ("smiles", "smarts", "expected"),
    [
        pytest.param("CCO", "[#6]-[#6]-[#8]", True, id="just enough"),
        pytest.param("CCO", "[#6]-[#6]-[#6]", False, id="one carbon too few"),
        pytest.param("Cc1ccccc1", "CC", False, id="aromatic carbon is not the other"),
        pytest.param("C1CCCCC1", "c", False, id="nor the other way"),
        pytest.param("CC1CCC1", "C1CCCC1", False, id="one carbon of the five stands on the ring"),
        pytest.param("c1ccccc1-c1ccccc1", "c1ccc2ccccc2c1", False, id="two rings, not fused"),
        pytest.param("C1CC2CCC1CC2", "C1CC2CCC1C2", True, id="bridged"),
        pytest.param("CCO", "C1CO1", False, id="no ring"),
        pytest.param("CCO.Cl", "C.O", True, id="pattern of two parts"),
        pytest.param("CCO", "[c,n]~*", True, id="open atoms need nothing"),
        pytest.param("C[Hg]C", "[Hg]", True, id="element that is not counted"),
        pytest.param("CCO", "[Hg]", True, id="and is therefore never ruled out"),
    ],
)
def test_counts_tell_whether_a_pattern_may_be_held(
    smiles: str, smarts: str, expected: bool
) -> None:
    assert may_hold(smiles, smarts) is expected


def test_two_hundred_atoms_are_counted() -> None:
    assert may_hold("C" * 200, "C" * 199)
    assert not may_hold("C" * 200, "C" * 201)
