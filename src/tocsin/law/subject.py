"""A structure made ready for the rules: its parts without salts, charges, isotopes and stereo."""

import functools
import re
from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem import rdinchi
from rdkit.Chem.MolStandardize import rdMolStandardize

from tocsin.errors import BadStructureError
from tocsin.law.view import MoleculeView
from tocsin.science.standardising import has_imidic_acid, standardise_molecule
from tocsin.science.structures import (
    Structure,
    derive_mass_da,
    derive_structure,
    is_inchikey,
    parse_molecule,
)

MOST_PARTS = 12
_SHOWN_CHARACTERS = 60
_FLAT_BLOCK = "UHFFFAOYSA"
_CONFIGURED = re.compile(r"[@/\\]")
# Of what a canonical SMILES puts into brackets only these hold no charge, isotope, metal or
# unpaired electron for sure: carbon with its configuration, and the hydrogen of aromatic nitrogen.
_UNUSUAL = re.compile(r"\.|\[(?!(?:C@@?H?|nH)\])")


@dataclass(frozen=True)
class Part:
    """One organic part of a structure, neutral and flat: what a rule is held against.

    molecule: its atoms are numbered as in ``smiles``. mass_u: average mass without counter-ions.
    skeleton: first block of its InChIKey.
    """

    molecule: Chem.Mol
    smiles: str
    inchikey: str
    mass_u: float

    @functools.cached_property
    def skeleton(self) -> str:
        """The first block of the InChIKey: the structure without stereochemistry and isotopes."""
        return self.inchikey.partition("-")[0]

    @functools.cached_property
    def view(self) -> MoleculeView:
        """Its molecule as the rules see it."""
        return MoleculeView(self.molecule)


@dataclass(frozen=True, slots=True)
class Subject:
    """A structure as given, and its parts.

    inchikey: of the whole, as drawn. full_inchikeys: of each part with its stereochemistry.
    notes: what a reader must know before trusting an answer (radical, metal, several parts).
    """

    smiles: str
    inchikey: str
    parts: tuple[Part, ...]
    full_inchikeys: tuple[str, ...]
    notes: tuple[str, ...]


_METALS = Chem.MolFromSmarts(
    "[#3,#4,#11,#12,#13,#19,#20,#21,#22,#23,#24,#25,#26,#27,#28,#29,#30,#31,#37,#38,#39,#40,#41,"
    "#42,#44,#45,#46,#47,#48,#49,#50,#55,#56,#57,#72,#73,#74,#75,#76,#77,#78,#79,#80,#81,#82,#83]"
)


@functools.cache
def _uncharger() -> rdMolStandardize.Uncharger:
    return rdMolStandardize.Uncharger()


def read_subject(smiles: str) -> Subject:
    """Read a SMILES into the parts the rules are held against.

    Raises BadStructureError where the text is empty, too long, not a SMILES that keeps the rules
    of valence, has no or too many heavy atoms, or more than MOST_PARTS different parts.

    >>> read_subject("CC(N)Cc1ccccc1.OS(O)(=O)=O").parts[0].smiles
    'CC(N)Cc1ccccc1'
    """
    with rdBase.BlockLogs():
        whole = derive_structure(parse_molecule(smiles))
        molecule = Chem.MolFromSmiles(whole.smiles)
        if has_imidic_acid(molecule):
            # The rules say amide; InChI equals the imidic acid, which some databases write, to it.
            molecule = standardise_molecule(molecule)
        elif not _UNUSUAL.search(whole.smiles):
            return _read_usual(molecule, whole)
        pieces = Chem.GetMolFrags(molecule, asMols=True)
        notes = []
        if any(atom.GetNumRadicalElectrons() for atom in molecule.GetAtoms()):
            notes.append("the structure has an unpaired electron")
        if molecule.HasSubstructMatch(_METALS):
            notes.append("the structure holds a metal; only its organic parts are examined")
        parts: dict[str, Part] = {}
        keys: dict[str, str] = {}
        for piece in pieces:
            if not any(atom.GetAtomicNum() == 6 for atom in piece.GetAtoms()) and len(pieces) > 1:
                continue
            part, full_key = _read_part(piece, whole if len(pieces) == 1 else None)
            parts.setdefault(part.inchikey, part)
            keys.setdefault(part.inchikey, full_key)
            if len(parts) > MOST_PARTS:
                raise BadStructureError(
                    f"structure {_shown(smiles)}: found more than {MOST_PARTS} different parts; "
                    "expected a substance or a mixture of few"
                )
        if not parts:
            part, full_key = _read_part(max(pieces, key=lambda one: one.GetNumAtoms()), None)
            parts[part.inchikey], keys[part.inchikey] = part, full_key
        if len(parts) > 1:
            notes.append("the structure has several organic parts; each is examined")
    return Subject(
        smiles=whole.smiles,
        inchikey=whole.inchikey,
        parts=tuple(parts.values()),
        full_inchikeys=tuple(keys.values()),
        notes=tuple(notes),
    )


def _read_usual(molecule: Chem.Mol, whole: Structure) -> Subject:
    """Read a molecule of one piece, without charges, isotopes, metals and unpaired electrons.

    whole: its identifiers; its atoms are numbered as in their SMILES.
    """
    part = _flatten(molecule, whole.smiles, whole.inchikey)
    return Subject(whole.smiles, whole.inchikey, (part,), (whole.inchikey,), ())


def _read_part(piece: Chem.Mol, alone: Structure | None) -> tuple[Part, str]:
    """Read one piece; alone: the identifiers of the whole where it is its only piece."""
    isotopes = any(atom.GetIsotope() for atom in piece.GetAtoms())
    if isotopes:
        for atom in piece.GetAtoms():
            atom.SetIsotope(0)
        piece = Chem.RemoveHs(piece)
    charged = any(atom.GetFormalCharge() for atom in piece.GetAtoms())
    if charged:
        piece = _uncharger().uncharge(piece)
    unchanged = alone is not None and not charged and not isotopes
    full_key = alone.inchikey if alone is not None and unchanged else _inchikey(piece)
    return _flatten(piece, "", full_key), full_key


def _flatten(piece: Chem.Mol, smiles: str, full_key: str) -> Part:
    """Make the part of a piece; smiles: by which its atoms are numbered, empty for another order."""
    flat = piece
    if not smiles or _CONFIGURED.search(smiles):
        flat = Chem.Mol(piece)
        Chem.RemoveStereochemistry(flat)
        smiles = Chem.MolToSmiles(flat)
        flat = Chem.MolFromSmiles(smiles) or flat
    # The first block does not depend on stereochemistry, so no second InChI is needed.
    flat_key = full_key if _is_flat(full_key) else f"{full_key[:14]}-{_FLAT_BLOCK}-N"
    return Part(molecule=flat, smiles=smiles, inchikey=flat_key, mass_u=derive_mass_da(flat))


def _is_flat(inchikey: str) -> bool:
    return inchikey.split("-")[1] == _FLAT_BLOCK


def _inchikey(molecule: Chem.Mol) -> str:
    inchikey = rdinchi.MolToInchiKey(molecule)
    if not is_inchikey(inchikey):
        raise BadStructureError(
            f"structure {_shown(Chem.MolToSmiles(molecule))}: no InChIKey can be made of it; "
            "expected a complete structure without wildcard atoms"
        )
    return str(inchikey)


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…")
