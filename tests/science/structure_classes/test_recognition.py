"""Which classes a structure shows, and by which atoms."""

import pytest
from rdkit import Chem

from tocsin.errors import BadStructureError
from tocsin.science.pattern_counts import count_kinds
from tocsin.science.structure_classes import (
    RecognisedClass,
    list_structure_classes,
    recognise_classes,
)
from tocsin.science.structure_classes.recognition import _may_hold, _Node, _roots, _Subject

MEPHEDRONE = "CNC(C)C(=O)c1ccc(C)cc1"
ISOTONITAZENE = "CCN(CC)CCn1c(Cc2ccc(OC(C)C)cc2)nc2cc([N+](=O)[O-])ccc21"


def recognise(smiles: str) -> list[str]:
    return [one.id for one in recognise_classes(smiles)]


def test_class_comes_with_the_atoms_of_its_pattern() -> None:
    # Ring 6 to 11 without its methyl (10), ketone 4 and 5, the CH 2 with its methyl 3, nitrogen 1.
    assert recognise_classes(MEPHEDRONE) == (
        RecognisedClass("cathinone", "Cathinones", (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12)),
    )


@pytest.mark.parametrize(
    ("smiles", "classes"),
    [
        pytest.param(
            "CNC(C)Cc1ccc2c(c1)OCO2",
            ["phenethylamine", "amphetamine", "methylenedioxyamphetamine"],
            id="MDMA: three",
        ),
        pytest.param(ISOTONITAZENE, ["2-benzylbenzimidazole", "nitazene"], id="class, then part"),
        pytest.param(
            "Clc1ccc(CN2CCC(n3c(=O)[nH]c4ccccc43)CC2)cc1",
            ["orphine", "4-amino-1-benzylpiperidine"],
            id="two side by side",
        ),
        pytest.param("CCO", [], id="none"),
        pytest.param("[Na+].[Cl-]", [], id="nothing organic"),
    ],
)
def test_structure_shows_these_classes(smiles: str, classes: list[str]) -> None:
    assert recognise(smiles) == classes


@pytest.mark.parametrize(
    "smiles",
    [
        pytest.param("C[NH2+]C(C)C(=O)c1ccc(C)cc1.[Cl-]", id="salt as ions"),
        pytest.param("CNC(C)C(=O)c1ccc(C)cc1.Cl", id="salt as molecules"),
        pytest.param("CN[C@@H](C)C(=O)c1ccc(C)cc1", id="one stereoisomer"),
        pytest.param("[2H]C([2H])([2H])NC(C)C(=O)c1ccc(C)cc1", id="with deuterium"),
    ],
)
def test_salt_stereoisomer_and_isotopologue_show_what_the_parent_shows(smiles: str) -> None:
    assert recognise(smiles) == recognise(MEPHEDRONE)


def test_class_of_several_families_takes_the_atoms_of_the_family_found() -> None:
    whole, family = recognise_classes("CCCCCn1cc(C(=O)c2cccc3ccccc23)c2ccccc21")

    assert (whole.id, family.id) == ("synthetic-cannabinoid", "acylindole-cannabinoid")
    assert whole.atoms == family.atoms


def test_occurrence_that_shares_atoms_with_an_exception_does_not_count() -> None:
    bamipine, acetylfentanyl = "CN1CCC(CC1)N(Cc1ccccc1)c1ccccc1", "CC(=O)N(c1ccccc1)C1CCNCC1"

    assert recognise(bamipine) == []
    assert recognise(acetylfentanyl) == ["fentanyl"]
    assert recognise(f"{bamipine}.{acetylfentanyl}") == ["fentanyl"]


def test_small_skeleton_is_not_looked_for_in_a_large_molecule() -> None:
    verapamil = "COc1ccc(CCN(C)CCCC(C#N)(C(C)C)c2ccc(OC)c(OC)c2)cc1OC"

    assert "phenethylamine" not in recognise(verapamil)


def test_text_that_is_no_structure_is_refused() -> None:
    with pytest.raises(BadStructureError):
        recognise_classes("C1CC(")


def test_classes_do_not_depend_on_the_order_of_the_atoms() -> None:
    for one in list_structure_classes():
        molecule = Chem.MolFromSmiles(one.belongs[0].smiles)
        backwards = Chem.RenumberAtoms(molecule, list(range(molecule.GetNumAtoms()))[::-1])
        found, turned = recognise_classes(molecule), recognise_classes(backwards)

        assert [seen.id for seen in turned] == [seen.id for seen in found], one.id
        assert all(0 <= atom < molecule.GetNumAtoms() for seen in turned for atom in seen.atoms), (
            one.id
        )


def test_counts_and_gates_hide_no_occurrence_of_a_pattern() -> None:
    nodes = list(_roots())
    for node in nodes:
        nodes.extend(node.children)
    structures = [
        example.smiles
        for one in list_structure_classes()
        for example in (one.belongs[0], one.apart[0])
    ]

    hidden = [
        (node.definition.id, smiles)
        for smiles in dict.fromkeys(structures)
        for node in nodes
        if _is_hidden(node, Chem.MolFromSmiles(smiles))
    ]

    assert hidden == []


def _is_hidden(node: _Node, molecule: Chem.Mol) -> bool:
    subject = _Subject(molecule, count_kinds(molecule), molecule.GetNumHeavyAtoms(), {})
    gate = node.definition.gate
    return any(
        molecule.HasSubstructMatch(pattern.query)
        and not (
            _may_hold(subject, pattern) and (not gate or molecule.HasSubstructMatch(node.gate))
        )
        for pattern in node.patterns
    )
