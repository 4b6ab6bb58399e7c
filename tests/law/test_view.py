"""A molecule as the rules see it: counts that rule patterns out, and what is worked out once."""

from rdkit import Chem

from tocsin.law.loading import list_folders, load_examples, load_instruments
from tocsin.law.patterns import compile_pattern
from tocsin.law.view import MoleculeView


def _list_patterns() -> list[str]:
    clauses = [
        clause
        for instrument in load_instruments()
        for version in instrument.versions
        for clause in version.clauses
    ]
    scaffolds = [scaffold for clause in clauses for scaffold in clause.scaffolds]
    return sorted(
        {smarts for clause in clauses for smarts in (*clause.core, clause.gate) if smarts}
        | {scaffold.smarts for scaffold in scaffolds}
        | {system.smarts for scaffold in scaffolds for system in scaffold.ring_systems}
        | {smarts for clause in clauses for one in clause.bridges for smarts in one.may}
    )


def test_counts_hide_no_pattern_that_lies_on_an_example() -> None:
    structures = {
        smiles
        for folder in list_folders()
        for examples in load_examples(folder).values()
        for smiles in [one.smiles for one in examples][:8]
    }
    views = [MoleculeView(Chem.MolFromSmiles(smiles)) for smiles in sorted(structures)]
    patterns = _list_patterns()

    held = [
        (smarts, view.may_hold(smarts), view.holds(smarts), bool(view.list_matches(smarts)))
        for view in views
        for smarts in patterns
        if view.molecule.HasSubstructMatch(compile_pattern(smarts))
    ]

    assert len(held) > 1_000
    assert [one for one in held if one[1:] != (True, True, True)] == []


def test_neighbours_come_in_the_order_of_bonds() -> None:
    view = MoleculeView(Chem.MolFromSmiles("OC1CC1(N)F"))

    assert view.neighbours == [[1], [0, 2, 3], [1, 3], [2, 4, 5, 1], [3], [3]]
    assert view.neighbours == [
        [other.GetIdx() for other in atom.GetNeighbors()] for atom in view.molecule.GetAtoms()
    ]


def test_facts_of_atoms() -> None:
    view = MoleculeView(Chem.MolFromSmiles("Cc1ccco1"))

    assert view.symbols == ["C", "C", "C", "C", "C", "O"]
    assert view.degree == [4, 3, 3, 3, 3, 2]
    assert view.in_ring == [False, True, True, True, True, True]
    assert view.is_aromatic == view.in_ring
    assert view.is_sp3 == [True, False, False, False, False, False]
    assert view.mass_u([0]) == 12.011 + 3 * 1.008
