"""Families of substituents take the atoms a chemist would count by hand."""

import pytest
from rdkit import Chem

from tocsin.errors import BadLawFileError
from tocsin.law.expressions import parse_expression
from tocsin.law.families import find_heads, is_family, list_families
from tocsin.law.view import MoleculeView


def _taken(expression: str, smiles: str) -> list[tuple[int, int]]:
    """Take from atom 1 of a molecule whose atom 0 is the scaffold: atoms taken, doubts."""
    view = MoleculeView(Chem.MolFromSmiles(smiles))
    within = frozenset(range(1, view.molecule.GetNumAtoms()))
    return [(len(head.atoms), len(head.doubts)) for head in find_heads(view, expression, 1, within)]


@pytest.mark.parametrize(
    ("expression", "smiles", "taken"),
    [
        ("alkyl(1..3)", "NCCC", [(3, 0)]),
        ("alkyl(1..3)", "NCCCC", [(4, 1)]),
        ("alkyl(1..4)", "NC(C)(C)C", [(4, 0)]),
        ("alkyl(1..4)", "NC(=O)C", []),
        ("oxy>alkyl(1..5)", "cOCC".replace("c", "N"), [(3, 0)]),
        ("carbonyl>oxy>alkyl(1..6)", "NC(=O)OCC", [(5, 0)]),
        ("carbonyl>alkyl(1..6)", "NC(=O)OCC", []),
        ("alkenyl(2..6)", "NCC=C", [(3, 0)]),
        ("alkenyl(2..6)", "NCCC", []),
        ("alkynyl(2..6)", "NCC#C", [(3, 0)]),
        ("cycloalkyl(3..6)", "NC1CCCC1", [(5, 0)]),
        ("cycloalkyl(3..6)", "NC1CCCCCC1", []),
        ("ring(3..7,C N)", "Nc1ccc2ccccc2n1", [(10, 0)]),
        ("ring(3..7,C)", "Nc1ccccn1", []),
        ("aryl(5..10,C)", "Nc1ccc2ccccc2c1", [(10, 0)]),
        ("chain(3..10,C O S)", "NCCCF", [(3, 0)]),
        ("chain(3..10,C O S)", "NCC", []),
        ("chain(3..10,C O S)", "NC(=O)CC", [(3, 0)]),
        ("trialkylsilyl(1..12)", "N[Si](C)(C)C", [(4, 0)]),
        ("trialkylsilyl(1..2)", "N[Si](C)(C)C", []),
        ("haloalkyl(1..3)", "NCCCF", [(4, 0)]),
        ("haloalkyl(1..3)", "NC(F)(F)F", [(4, 0)]),
        ("haloalkyl(1..3)", "NCCCCF", [(5, 1)]),
        ("haloalkyl(1..3)", "NCCC", []),
        ("haloalkyl(1..3)", "NC(=O)CF", []),
        ("oxy>haloalkyl(1..5)", "NOCCCl", [(4, 0)]),
        ("heteromonocycle(3..8)", "Nc1cccs1", [(5, 0)]),
        ("heteromonocycle(3..8)", "NC1CCNCC1", [(6, 0)]),
        ("heteromonocycle(3..8)", "Nc1ccccc1", []),
        ("heteromonocycle(3..8)", "Nc1c[nH]c2ccccc12", []),
        ("heteromonocycle(3..8)", "NCC1CO1", []),
        ("hydroxy", "NO", [(1, 0)]),
        ("hydroxy", "NOC", []),
    ],
)
def test_families_count_atoms(expression: str, smiles: str, taken: list[tuple[int, int]]) -> None:
    assert sorted(set(_taken(expression, smiles))) == taken


def test_chain_bounds_break_at_a_ring_or_pass_over_it() -> None:
    # N-CH2-C6H4-CH2-CH3: chains of one and two beside the ring, three across it.
    view = MoleculeView(Chem.MolFromSmiles("NCc1ccc(CC)cc1"))
    assert view.chain_bounds(frozenset(range(1, 10))) == (2, 3)


@pytest.mark.parametrize("text", ["alkyl(1-3)", "Alkyl(1..3)", "alkyl(1..3", "a>>b"])
def test_expressions_outside_the_grammar_are_refused(text: str) -> None:
    with pytest.raises(BadLawFileError):
        parse_expression(text)


def test_an_unknown_family_is_refused() -> None:
    assert not is_family("wishful")
    view = MoleculeView(Chem.MolFromSmiles("NC"))
    with pytest.raises(BadLawFileError):
        list(find_heads(view, "wishful", 1, frozenset({1})))


def test_every_family_can_be_compiled() -> None:
    view = MoleculeView(Chem.MolFromSmiles("NCCCCC"))
    for name in list_families():
        assert is_family(name)
        list(find_heads(view, name, 1, frozenset(range(1, 6))))
