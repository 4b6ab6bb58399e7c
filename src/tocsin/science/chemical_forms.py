"""Forms of a substance as its structure states them: salts, ions, isotopes; and who can be a base."""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

from rdkit import Chem, rdBase
from rdkit.Chem import rdinchi
from rdkit.Chem.MolStandardize import rdMolStandardize

from tocsin.errors import BadStructureError
from tocsin.science.standardising import (
    derive_bare_molecule,
    is_organic,
    standardise_molecule,
)
from tocsin.science.structures import (
    LONGEST_SMILES_CHARACTERS,
    Structure,
    derive_structure,
    parse_molecule,
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
# The pipeline strips them, but the EU schedules the first, and the second is a reagent.
_SUBSTANCES_OF_LAW = {"O=C(O)Cc1ccccc1", "CI"}


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
    """Part a structure into its parent, standardised and without charge, and the form in words.

    What ChEMBL's structure pipeline knows as counter-ion or solvent is stripped. A salt of
    nothing but listed parts has its organic one as parent. A salt without an organic part is a
    substance of its own, and so is a structure with a metal that is no salt's. None where it is a
    mixture: two kinds of parts are left, a base beside a base, or a listed part that law knows
    as a substance. Raises BadStructureError as parse_structure.

    >>> find_form("CC[NH3+].[Cl-]").form, find_form("CCN").form, find_form("CCN.c1ccccc1")
    ('hydrochloride', '', None)
    """
    drawn = parse_molecule(smiles)
    try:
        return _part(drawn)
    except Chem.MolSanitizeException as error:
        raise BadStructureError(
            f"structure {smiles.strip()[:60]!r}: cannot be standardised; expected atoms with the "
            "bonds they can have"
        ) from error


def _part(drawn: Chem.Mol) -> FormOfParent | None:
    with rdBase.BlockLogs():
        standard = standardise_molecule(drawn)
        bare, holds_metal = derive_bare_molecule(standard)
        parents = _list_kinds(bare)
        if holds_metal or (len(_list_kinds(standard)) > 1 and not is_organic(standard)):
            return FormOfParent(derive_structure(standard), "")
        if len(parents) > 1:
            parents = _drop_counter_ions(parents)
        if len(parents) != 1:
            return None
        (parent,) = parents.values()
        others = _list_others(standard, parent)
        if not _are_counter_ions(others, parent):
            return None
        words = {_name_part(neutral) for neutral in others}
        if Chem.GetFormalCharge(parent) > 0:
            words = {word.removeprefix("hydro") for word in words}
        if any(atom.GetIsotope() for atom in drawn.GetAtoms()):
            words.add("isotopologue")
        if not others and Chem.GetFormalCharge(drawn) != Chem.GetFormalCharge(parent):
            words.add("ion")
        return FormOfParent(derive_structure(_uncharge(parent)), ", ".join(sorted(words)))


def derive_parent(smiles: str) -> Structure:
    """Derive the parent of a salt, ion or isotopologue; a mixture is its own parent.

    A structure that is none of these is its own parent, too. Raises BadStructureError as
    parse_structure.

    >>> derive_parent("CC[NH3+].[Cl-]").smiles
    'CCN'
    """
    part = find_form(smiles)
    return part.parent if part else derive_structure(standardise_molecule(parse_molecule(smiles)))


def _list_kinds(molecule: Chem.Mol) -> dict[str, Chem.Mol]:
    """List the different parts of a molecule by their SMILES."""
    return {Chem.MolToSmiles(part): part for part in Chem.GetMolFrags(molecule, asMols=True)}


def _list_organic(kinds: dict[str, Chem.Mol]) -> dict[str, Chem.Mol]:
    return {smiles: part for smiles, part in kinds.items() if is_organic(part)}


def _drop_counter_ions(kinds: dict[str, Chem.Mol]) -> dict[str, Chem.Mol]:
    """Leave the parts that are no common counter-ion, or of a salt of such the organic ones."""
    kept = {
        smiles: part for smiles, part in kinds.items() if _write_neutral(part) not in _COUNTER_IONS
    }
    return kept or _list_organic(kinds)


def _list_others(whole: Chem.Mol, parent: Chem.Mol) -> list[str]:
    """List the neutral SMILES of the parts of a molecule that are not its parent."""
    own = _write_neutral(parent)
    parts = (_write_neutral(part) for part in Chem.GetMolFrags(whole, asMols=True))
    return [neutral for neutral in parts if neutral != own]


def _are_counter_ions(others: Iterable[str], parent: Chem.Mol) -> bool:
    """Tell whether the parts beside a parent go with it, and are not what it is mixed with."""
    is_of_a_base = parent.HasSubstructMatch(_BASIC_NITROGEN)
    return not any(
        neutral in _SUBSTANCES_OF_LAW or (is_of_a_base and neutral != "N" and _is_amine(neutral))
        for neutral in others
    )


def _is_amine(smiles: str) -> bool:
    return is_base(smiles) and "C(=O)O" not in smiles and "O=C(O)" not in smiles


@functools.cache
def _load_part_names() -> dict[str, str]:
    """Read what the structure pipeline calls the counter-ions and solvents that it strips."""
    names: dict[str, str] = {}
    for file, ending in (("salts.smi", ""), ("solvents.smi", " solvate")):
        text = (files("chembl_structure_pipeline") / "data" / file).read_text(encoding="utf-8")
        for line in text.splitlines():
            name, _, smiles = line.partition("\t")
            with rdBase.BlockLogs():
                part = Chem.MolFromSmiles(smiles)
            if part is not None and part.GetNumAtoms():
                names.setdefault(_write_neutral(part), name.lower() + ending)
    return names


def _name_part(neutral: str) -> str:
    return _COUNTER_IONS.get(neutral) or _load_part_names().get(neutral, "salt")


def _uncharge(part: Chem.Mol) -> Chem.Mol:
    neutral = rdMolStandardize.Uncharger().uncharge(part)
    return Chem.MolFromSmiles(Chem.MolToSmiles(neutral))


def _write_neutral(part: Chem.Mol) -> str:
    if part.GetNumAtoms() == 1:
        symbol = part.GetAtomWithIdx(0).GetSymbol()
        return f"[{symbol}]" if f"[{symbol}]" in _COUNTER_IONS else str(symbol)
    neutral = Chem.RWMol(rdMolStandardize.Uncharger().uncharge(part))
    for atom in neutral.GetAtoms():
        atom.SetIsotope(0)
    Chem.RemoveStereochemistry(neutral)
    return str(Chem.MolToSmiles(Chem.RemoveHs(neutral)))
