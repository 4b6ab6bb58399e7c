"""Structures brought to one way of writing by ChEMBL's structure pipeline, saying what it changed.

Source: Bento et al., J. Cheminform. 2020, 12, 51 (the rules of chembl_structure_pipeline).
"""

from dataclasses import dataclass
from typing import Literal

from chembl_structure_pipeline import get_parent_mol, standardize_mol
from rdkit import Chem, rdBase

from tocsin.science.structures import Structure, derive_structure, parse_molecule

Change = Literal["nitro", "imidic-acid", "metal-bond", "charge", "tartrate", "writing"]
"""What standardising changed in a structure as it was drawn.

nitro: N(=O)=O to charge-separated. imidic-acid: C(O)=N to the amide. metal-bond: a bond to an
alkali metal to ions. charge: neutralised. tartrate: the configuration of free tartaric acid.
writing: another notation of the same kind of atoms and bonds.
"""

_NITRO = Chem.MolFromSmarts("[N;D3;+0](=O)=O")
_IMIDIC_ACID = Chem.MolFromSmarts("[#6]([OX2H1])=;!@[NX2]")
_METAL_BOND = Chem.MolFromSmarts("[Li,Na,K;+0]-[#7,#8;+0]")
_TARTARIC_ACID = Chem.MolFromSmarts("[OX2H1]C(=O)[CX4H1]([OX2H1])[CX4H1]([OX2H1])C(=O)[OX2H1]")
# Carbon that is more than the carbonate or cyanide of a salt.
_ORGANIC = Chem.MolFromSmarts("[#6;!$([#6](=O)(O)O);!$([#6]#N);!$([#6]=[N-])]")
_SULFOXIDE = Chem.MolFromSmarts("[SX3+1]-[OX1-1]")


@dataclass(frozen=True, slots=True)
class StandardStructure:
    """A structure in the register's way of writing, and what was changed to reach it."""

    structure: Structure
    changes: tuple[Change, ...]


def standardise_structure(smiles: str) -> StandardStructure:
    """Bring a structure to the register's way of writing; salts and isotopes stay.

    Structures with a metal that is no salt's keep their drawing. Raises BadStructureError as
    parse_structure.

    >>> standardise_structure("C/C(O)=N/c1ccccc1")  # doctest: +NORMALIZE_WHITESPACE
    StandardStructure(structure=Structure(smiles='CC(=O)Nc1ccccc1',
        inchikey='FZERHIULMFGESH-UHFFFAOYSA-N', formula='C8H9NO', mass_da=135.166),
        changes=('imidic-acid',))
    """
    drawn = parse_molecule(smiles)
    standard = standardise_molecule(drawn)
    return StandardStructure(derive_structure(standard), _list_changes(smiles, drawn, standard))


def standardise_molecule(molecule: Chem.Mol) -> Chem.Mol:
    """Return a molecule in the register's way of writing; the one given is not changed.

    Sulfoxides keep the double bond in which laws, names and the register write them; the
    pipeline's S+ and O- have the same InChI. What the pipeline would spoil stays as it is.
    """
    with rdBase.BlockLogs():
        try:
            standard = Chem.RWMol(standardize_mol(molecule))
        except Chem.MolSanitizeException:
            return Chem.Mol(molecule)
        for sulfur, oxygen in standard.GetSubstructMatches(_SULFOXIDE):
            standard.GetAtomWithIdx(sulfur).SetFormalCharge(0)
            standard.GetAtomWithIdx(oxygen).SetFormalCharge(0)
            standard.GetBondBetweenAtoms(sulfur, oxygen).SetBondType(Chem.BondType.DOUBLE)
        return _write_anew(molecule if _is_spoiled(molecule, standard) else standard)


def _is_spoiled(drawn: Chem.Mol, standard: Chem.Mol) -> bool:
    """Tell whether the pipeline made of a structure what it is not.

    It takes the configuration of tartaric acid, meant as a counter-ion, also where that is the
    substance; from an oxygen bound to two alkali metals it leaves water and two ions; and it
    writes a salt of minerals, such as ammonium nitrate, as its acid beside its base.
    """
    if Chem.GetFormalCharge(standard) and not Chem.GetFormalCharge(drawn):
        return True
    if len(Chem.GetMolFrags(drawn)) > 1:
        return not is_organic(drawn)
    return _count_tartaric_centres(standard) < _count_tartaric_centres(drawn)


def derive_bare_molecule(molecule: Chem.Mol) -> tuple[Chem.Mol, bool]:
    """Strip a standardised molecule of isotopes, and of what the pipeline's salt list names.

    Returns it, uncharged, and whether it holds a metal that no rule of salts covers; it is whole
    then. Nothing is stripped where every part is on the list.
    """
    if len(Chem.GetMolFrags(molecule)) == 1:
        bare = Chem.RWMol(molecule)
        for atom in bare.GetAtoms():
            atom.SetIsotope(0)
        return _write_anew(bare), False
    with rdBase.BlockLogs():
        parent, holds_metal = get_parent_mol(molecule)
        smiles = Chem.MolToSmiles(parent)
        # A part of a metal complex may not be a molecule of its own.
        readable = Chem.MolFromSmiles(smiles)
        return (molecule, True) if readable is None else (readable, holds_metal)


def is_organic(molecule: Chem.Mol) -> bool:
    """Tell whether a molecule has carbon other than that of a carbonate or a cyanide."""
    return bool(molecule.HasSubstructMatch(_ORGANIC))


def has_imidic_acid(molecule: Chem.Mol) -> bool:
    """Tell whether an amide is drawn as its imidic acid, C(O)=N outside a ring."""
    return bool(molecule.HasSubstructMatch(_IMIDIC_ACID))


def _write_anew(molecule: Chem.Mol) -> Chem.Mol:
    """Read a molecule again from its SMILES, so that nothing of its history is left."""
    return Chem.MolFromSmiles(Chem.MolToSmiles(molecule))


def _list_changes(smiles: str, drawn: Chem.Mol, standard: Chem.Mol) -> tuple[Change, ...]:
    changes: list[Change] = []
    # RDKit mends nitro groups while it reads; only the unchecked text still shows them.
    if Chem.MolFromSmiles(smiles.strip(), sanitize=False).HasSubstructMatch(_NITRO):
        changes.append("nitro")
    if has_imidic_acid(drawn) and not has_imidic_acid(standard):
        changes.append("imidic-acid")
    if drawn.HasSubstructMatch(_METAL_BOND) and not standard.HasSubstructMatch(_METAL_BOND):
        changes.append("metal-bond")
    if _count_charges(standard) < _count_charges(drawn) and not _have_one_writing(drawn):
        changes.append("charge")
    if _count_tartaric_centres(standard) < _count_tartaric_centres(drawn):
        changes.append("tartrate")
    if not changes and Chem.MolToSmiles(standard) != Chem.MolToSmiles(drawn):
        changes.append("writing")
    return tuple(changes)


def _have_one_writing(drawn: Chem.Mol) -> bool:
    """Tell whether every charge of a drawing is that of a sulfoxide, a matter of writing only."""
    return _count_charges(drawn) == 2 * len(drawn.GetSubstructMatches(_SULFOXIDE))


def _count_charges(molecule: Chem.Mol) -> int:
    return sum(abs(atom.GetFormalCharge()) for atom in molecule.GetAtoms())


def _count_tartaric_centres(molecule: Chem.Mol) -> int:
    return sum(
        molecule.GetAtomWithIdx(at).GetChiralTag() != Chem.ChiralType.CHI_UNSPECIFIED
        for match in molecule.GetSubstructMatches(_TARTARIC_ACID)
        for at in match
    )
