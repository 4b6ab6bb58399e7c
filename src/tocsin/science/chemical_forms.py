"""Forms of a substance as its structure states them: salts, ions, isotopes; and who can be a base."""

import re
from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem import rdinchi
from rdkit.Chem.MolStandardize import rdMolStandardize

from tocsin.errors import BadStructureError
from tocsin.science.structures import (
    LONGEST_SMILES_CHARACTERS,
    Structure,
    derive_parent,
    parse_structure,
)

_INCHI = re.compile(r"InChI=1S?/[\x21-\x7e]+")
_IS_INCHI = re.compile(r"inchi=1s?/", re.IGNORECASE)

# Nitrogen that takes up a proton: amines, imines, amidines and pyridines; no amide, no sulfonamide,
# no nitrile or nitro group, no pyrrole, no quaternary nitrogen.
_BASIC_NITROGEN = Chem.MolFromSmarts(
    "[$([NX3;!$(N[C,S,P]=[O,S,N]);!$(N-[a]);!$(N-[N,O,S])]),$([NX2;!$(N=O);!$(N-[O,N])]),"
    "$([n;X2;H0;+0]),$([NX3;H2]-c)]"
)
_COUNTER_IONS = {
    "Cl": "hydrochloride",
    "Br": "hydrobromide",
    "I": "hydroiodide",
    "F": "hydrofluoride",
    "O": "hydrate",
    "O=S(=O)(O)O": "sulfate",
    "O=[N+]([O-])O": "nitrate",
    "O=P(O)(O)O": "phosphate",
    "CC(=O)O": "acetate",
    "O=CO": "formate",
    "O=C(O)C(F)(F)F": "trifluoroacetate",
    "O=C(O)C(=O)O": "oxalate",
    "O=C(O)C=CC(=O)O": "fumarate or maleate",
    "O=C(O)CCC(=O)O": "succinate",
    "O=C(O)C(O)C(O)C(=O)O": "tartrate",
    "O=C(O)CC(O)(CC(=O)O)C(=O)O": "citrate",
    "O=C(O)CC(O)C(=O)O": "malate",
    "CC(O)C(=O)O": "lactate",
    "CS(=O)(=O)O": "mesylate",
    "O=S(=O)(O)c1ccccc1": "besylate",
    "Cc1ccc(S(=O)(=O)O)cc1": "tosylate",
    "[Na]": "sodium salt",
    "[K]": "potassium salt",
    "[Li]": "lithium salt",
    "[Ca]": "calcium salt",
    "[Mg]": "magnesium salt",
    "N": "ammonium salt",
}


def is_inchi_shaped(text: str) -> bool:
    """Tell whether a text begins like an InChI.

    >>> is_inchi_shaped("InChI=1S/CH4/h1H4"), is_inchi_shaped("inchikey")
    (True, False)
    """
    return _IS_INCHI.match(text) is not None


def parse_inchi(text: str) -> str:
    """Read an InChI and return the SMILES of its structure.

    Raises BadStructureError where it is none, or longer than LONGEST_SMILES_CHARACTERS.

    >>> parse_inchi("InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3")
    'CCO'
    """
    if len(text) > LONGEST_SMILES_CHARACTERS or not _INCHI.fullmatch(text):
        raise BadStructureError(
            f"InChI of {len(text)} characters: found no such form; expected InChI=1S/ and layers, "
            f"at most {LONGEST_SMILES_CHARACTERS} characters"
        )
    with rdBase.BlockLogs():
        molecule, _code, _message, _log = rdinchi.InchiToMol(text)
    if molecule is None or not molecule.GetNumAtoms():
        raise BadStructureError(f"InChI {text[:60]!r}: cannot be read; expected a valid InChI")
    return Chem.MolToSmiles(molecule)


def is_base(smiles: str) -> bool:
    """Tell whether a structure has a nitrogen that forms a salt with an acid.

    >>> is_base("CC(N)Cc1ccccc1"), is_base("CC(=O)Nc1ccc(O)cc1")
    (True, False)
    """
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
    return molecule is not None and molecule.HasSubstructMatch(_BASIC_NITROGEN)


@dataclass(frozen=True, slots=True)
class FormOfParent:
    """The parent within a structure, and which form of it the structure is ("" for the parent)."""

    parent: Structure
    form: str


def find_form(smiles: str) -> FormOfParent | None:
    """Part a readable structure into its parent, without charge, and the form in words.

    None where it is a mixture: beside known counter-ions and water there is not one kind of part.
    Raises BadStructureError as parse_structure.

    >>> find_form("CC[NH3+].[Cl-]").form, find_form("CCN").form, find_form("CCN.c1ccccc1")
    ('hydrochloride', '', None)
    """
    parse_structure(smiles)
    with rdBase.BlockLogs():
        parts = Chem.GetMolFrags(Chem.MolFromSmiles(smiles.strip()), asMols=True)
        bare = [part for part in parts if _write_neutral(part) not in _COUNTER_IONS]
        if not bare:
            # A salt of small acids only, or one small molecule: the organic part is the parent.
            bare = [part for part in parts if part.GetNumAtoms() > 1] or list(parts)
        kinds = {Chem.MolToSmiles(part): part for part in bare}
        if len(kinds) != 1:
            return None
        kind, molecule = kinds.popitem()
        others = [part for part in parts if Chem.MolToSmiles(part) != kind]
        words = {_COUNTER_IONS[_write_neutral(part)] for part in others}
        if any(atom.GetIsotope() for atom in molecule.GetAtoms()):
            words.add("isotopologue")
        if not others and Chem.GetFormalCharge(molecule):
            words.add("ion")
        parent = derive_parent(kind)
        if Chem.MolFromSmiles(parent.smiles).GetNumHeavyAtoms() != molecule.GetNumHeavyAtoms():
            # A metal bound to the rest is no counter-ion.
            return None
    return FormOfParent(parent, ", ".join(sorted(words)))


def _write_neutral(part: Chem.Mol) -> str:
    if part.GetNumAtoms() == 1:
        symbol = part.GetAtomWithIdx(0).GetSymbol()
        return f"[{symbol}]" if f"[{symbol}]" in _COUNTER_IONS else str(symbol)
    neutral = rdMolStandardize.Uncharger().uncharge(part)
    Chem.RemoveStereochemistry(neutral)
    return str(Chem.MolToSmiles(neutral))
