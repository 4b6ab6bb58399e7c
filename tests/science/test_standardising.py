"""Structures are brought to one way of writing, and what was changed is said."""

import pytest

from tocsin.science.standardising import standardise_structure
from tocsin.science.structures import parse_structure

TARTARIC_ACID = "O=C(O)[C@H](O)[C@@H](O)C(=O)O"

UNSOUND = "O=C([O-])c1ccccc1.[K+].[Na+].[O-][CH+3]([O-])([O-])[O-]"


@pytest.mark.parametrize(
    ("drawn", "standard", "changes"),
    [
        ("CC(N)Cc1ccccc1", "CC(N)Cc1ccccc1", ()),
        ("CN(=O)=O", "C[N+](=O)[O-]", ("nitro",)),
        ("C[N+](=O)[O-]", "C[N+](=O)[O-]", ()),
        ("C/C(O)=N/c1ccccc1", "CC(=O)Nc1ccccc1", ("imidic-acid",)),
        ("OC1=NCCC1", "OC1=NCCC1", ()),
        ("[Na]OC(C)=O", "CC(=O)[O-].[Na+]", ("metal-bond",)),
        ("CC[NH3+].[Cl-]", "CCN.Cl", ("charge",)),
        ("[NH3+]CC(=O)[O-]", "NCC(=O)O", ("charge",)),
        ("C[N+](C)(C)CC(=O)[O-]", "C[N+](C)(C)CC(=O)[O-]", ()),
        (f"CCN.{TARTARIC_ACID}", "CCN.O=C(O)C(O)C(O)C(=O)O", ("tartrate",)),
        ("C[N-][N+]#N", "CN=[N+]=[N-]", ("writing",)),
        # The pipeline writes S+ and O-; laws, names and the register write a double bond.
        ("CS(C)=O", "CS(C)=O", ()),
        ("C[S+](C)[O-]", "CS(C)=O", ("writing",)),
        ("C[S@@+]([O-])CC", "CC[S@@](C)=O", ("writing",)),
        # What the pipeline would spoil stays: a configuration, water out of sodium oxide, salts
        # of minerals, what it makes unsound, and metals.
        (TARTARIC_ACID, TARTARIC_ACID, ()),
        ("[Na]O[Na]", "[Na][O][Na]", ()),
        ("[NH4+].[Cl-]", "[Cl-].[NH4+]", ()),
        (UNSOUND, UNSOUND, ()),
        ("Cl[Co]Cl", "[Cl][Co][Cl]", ()),
    ],
)
def test_a_structure_is_standardised_and_told_how(
    drawn: str, standard: str, changes: tuple[str, ...]
) -> None:
    found = standardise_structure(drawn)
    assert (found.structure, found.changes) == (parse_structure(standard), changes)


@pytest.mark.parametrize(
    "smiles", ["C/C(O)=N/c1ccccc1", "C[S@@+]([O-])CC", "CN(=O)=O", "C[N-][N+]#N"]
)
def test_another_way_of_writing_keeps_the_inchikey(smiles: str) -> None:
    assert standardise_structure(smiles).structure.inchikey == parse_structure(smiles).inchikey
