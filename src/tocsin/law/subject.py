"""A structure made ready for the rules: its parts without salts, charges, isotopes and stereo."""

import functools
from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem import Descriptors, rdinchi
from rdkit.Chem.MolStandardize import rdMolStandardize

from tocsin.errors import BadStructureError
from tocsin.science.structures import Structure, is_inchikey, parse_structure

MOST_PARTS = 12
_SHOWN_CHARACTERS = 60
_FLAT_BLOCK = "UHFFFAOYSA"


@dataclass(frozen=True, slots=True)
class Part:
    """One organic part of a structure, neutral and flat: what a rule is held against.

    molecule: its atoms are numbered as in ``smiles``. mass_u: average mass without counter-ions.
    skeleton: first block of its InChIKey.
    """

    molecule: Chem.Mol
    smiles: str
    inchikey: str
    mass_u: float

    @property
    def skeleton(self) -> str:
        """The first block of the InChIKey: the structure without stereochemistry and isotopes."""
        return self.inchikey.partition("-")[0]


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
    whole = parse_structure(smiles)
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(whole.smiles)
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
    flat = Chem.Mol(piece)
    Chem.RemoveStereochemistry(flat)
    flat_smiles = Chem.MolToSmiles(flat)
    flat = Chem.MolFromSmiles(flat_smiles) or flat
    # The first block does not depend on stereochemistry, so no second InChI is needed.
    flat_key = full_key if _is_flat(full_key) else f"{full_key[:14]}-{_FLAT_BLOCK}-N"
    mass_u = float(Descriptors.MolWt(flat))  # type: ignore[attr-defined]
    return Part(molecule=flat, smiles=flat_smiles, inchikey=flat_key, mass_u=mass_u), full_key


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
