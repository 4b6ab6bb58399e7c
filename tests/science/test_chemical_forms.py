"""A structure is parted into its parent and its form; a mixture is nobody's form."""

import pytest

from tocsin.errors import BadStructureError
from tocsin.science.chemical_forms import (
    derive_parent,
    find_form,
    is_base,
    is_inchi_shaped,
    parse_inchi,
)
from tocsin.science.structures import parse_structure

AMPHETAMINE = "CC(N)Cc1ccccc1"
FENTANYL = "CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1"


@pytest.mark.parametrize(
    ("smiles", "parent", "form"),
    [
        (AMPHETAMINE, AMPHETAMINE, ""),
        ("CC([NH3+])Cc1ccccc1.[Cl-]", AMPHETAMINE, "hydrochloride"),
        ("CC([NH3+])Cc1ccccc1", AMPHETAMINE, "ion"),
        (f"{AMPHETAMINE}.{AMPHETAMINE}.OS(=O)(=O)O", AMPHETAMINE, "sulfate"),
        (f"{AMPHETAMINE}.OC(CC(O)=O)(CC(O)=O)C(O)=O", AMPHETAMINE, "citrate"),
        (f"{FENTANYL}.Cl.O", FENTANYL, "hydrate, hydrochloride"),
        (f"{FENTANYL}.OC(=O)/C=C/C(O)=O", FENTANYL, "fumarate or maleate"),
        ("[2H]C(N)Cc1ccccc1", "NCCc1ccccc1", "isotopologue"),
        ("C[C@]([2H])(N)Cc1ccccc1", "C[C@H](N)Cc1ccccc1", "isotopologue"),
        (f"{AMPHETAMINE}.CC(N)Cc1cc[13cH]cc1", AMPHETAMINE, "isotopologue"),
        (f"{AMPHETAMINE}.OC(=O)c1ccccc1", AMPHETAMINE, "benzoate"),
        (f"{AMPHETAMINE}.CC(C)=O", AMPHETAMINE, "acetone solvate"),
        (f"{AMPHETAMINE}.OC(=O)C(N)CCC(=O)O", AMPHETAMINE, "glutamate"),
        (f"{AMPHETAMINE}.[NH4+].[Cl-]", AMPHETAMINE, "ammonium salt, hydrochloride"),
        ("C1CNCCN1.Cl.Cl", "C1CNCCN1", "hydrochloride"),
        ("CC[N+](C)(C)C.[I-]", "CC[N+](C)(C)C", "iodide"),
        ("CC[N+](C)(C)C", "CC[N+](C)(C)C", ""),
        ("[Na]OC(=O)Cc1ccccc1", "O=C(O)Cc1ccccc1", "sodium salt"),
        ("[Na+].CC(=O)[O-]", "CC(=O)O", "sodium salt"),
        ("Cl", "Cl", ""),
        # A salt without an organic part is a substance of its own; so is a metal's complex.
        ("[Na+].[Cl-]", "[Cl-].[Na+]", ""),
        ("[K+].[C-]#N", "[C-]#N.[K+]", ""),
        ("O1O[Sr]1", "[O]1[O][Sr]1", ""),
        ("C[Hg]C", "[CH3][Hg][CH3]", ""),
        (f"{AMPHETAMINE}.[Fe]", f"{AMPHETAMINE}.[Fe]", ""),
        # Its carbon rings are no molecules on their own.
        (
            "[Fe+4]O.c1ccc[cH-]1.c1ccc[cH-]1",
            "[OH][Fe+4].c1cc[cH-]c1.c1cc[cH-]c1",
            "",
        ),
        # A mesoionic ring keeps its charges: RDKit's own parent of it is another molecule.
        ("CC(Cc1ccccc1)[n+]1cc([N-]C(=O)Nc2ccccc2)on1",) * 2 + ("",),
        (f"{AMPHETAMINE}.{FENTANYL}", None, None),
        ("CC(=O)O.OC(=O)C(O)=O", None, None),
        # The pipeline strips these; law schedules the first, and a base is no salt of a base.
        (f"{AMPHETAMINE}.OC(=O)Cc1ccccc1", None, None),
        (f"{AMPHETAMINE}.C1CNCCN1", None, None),
    ],
)
def test_a_structure_is_parted(smiles: str, parent: str | None, form: str | None) -> None:
    part = find_form(smiles)
    assert (part and part.parent.smiles, part and part.form) == (parent, form)


@pytest.mark.parametrize(
    ("smiles", "parent"),
    [
        pytest.param("CNC(C)Cc1ccccc1.Cl", "CNC(C)Cc1ccccc1", id="hydrochloride"),
        pytest.param("C[NH2+]C(C)Cc1ccccc1", "CNC(C)Cc1ccccc1", id="ion"),
        pytest.param("OCCCC(=O)[O-].[Na+]", "OCCCC(=O)O", id="sodium salt"),
        pytest.param(FENTANYL, FENTANYL, id="neither"),
        pytest.param(f"{AMPHETAMINE}.{FENTANYL}", f"{AMPHETAMINE}.{FENTANYL}", id="mixture"),
    ],
)
def test_the_parent_is_without_charge_and_counter_ion(smiles: str, parent: str) -> None:
    assert derive_parent(smiles) == parse_structure(parent)


@pytest.mark.parametrize("smiles", ["", "C1CC", "CC(C)(C)(C)C", "C" * 2_001])
def test_what_is_no_structure_is_refused(smiles: str) -> None:
    with pytest.raises(BadStructureError):
        find_form(smiles)


@pytest.mark.parametrize(
    ("smiles", "answer"),
    [
        (AMPHETAMINE, True),
        (FENTANYL, True),
        ("CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc12", True),
        ("c1ccncc1", True),
        ("NC(=N)N", True),
        ("CC(=O)Nc1ccc(O)cc1", False),
        ("CC12CCC3C(CCC4=CC(=O)CCC34C)C1CCC2O", False),
        ("NS(=O)(=O)c1ccccc1", False),
        ("CC#N", False),
        ("c1cc[nH]c1", False),
        ("C[N+](=O)[O-]", False),
        ("not a structure", False),
    ],
)
def test_only_a_base_forms_a_salt_with_an_acid(smiles: str, answer: bool) -> None:
    assert is_base(smiles) is answer


def test_an_inchi_is_read() -> None:
    assert is_inchi_shaped("inchi=1S/CH4/h1H4")
    assert parse_inchi("InChI=1S/C9H13N/c1-8(10)7-9-5-3-2-4-6-9/h2-6,8H,7,10H2,1H3") == AMPHETAMINE


@pytest.mark.parametrize(
    "text",
    [
        "InChI=1S/",
        "InChI=1S/xyz",
        "InChI=1S/C9H13N/c1-8(10)",
        "InChI=1S/C2H6O/c1-2-3 h3H",
        "InChI=1S/" + "C" * 2_000,
        "ethanol",
    ],
)
def test_a_broken_inchi_is_refused_and_not_completed(text: str) -> None:
    with pytest.raises(BadStructureError, match="InChI"):
        parse_inchi(text)


def test_hydrogen_between_two_atoms_cannot_be_standardised() -> None:
    with pytest.raises(BadStructureError, match="cannot be standardised"):
        find_form("C[H-]C")
