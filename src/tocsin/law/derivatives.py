"""Esters and ethers of listed substances: one bond cut, and the substance looked up.

Recognition only: a bond of the structure asked about is taken apart on paper to see whether the
text's words "esters, ethers" reach it. Nothing is made.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem import rdinchi, rdMolDescriptors

from tocsin.law.model import Instrument, ListedSubstance
from tocsin.law.patterns import compile_pattern
from tocsin.law.subject import Part

MOST_BONDS = 8

# The first two atoms are the bond that is cut; oxygen is the second.
_BONDS = {
    "ester": "[CX3;!R](=O)-!@[OX2;!$(O(C=O)C=O)]-[#6]",
    "ether": "[CX4;!$(C(O)O)]-!@[OX2]-[#6;!$([CX3]=O)]",
}


@dataclass(frozen=True, slots=True)
class Derivative:
    """A listed substance of which a part is an ester or ether, and the atoms of the bond."""

    entry: ListedSubstance
    kind: str
    atoms: tuple[int, int]


def find_derivatives(instrument: Instrument, part: Part) -> Iterator[Derivative]:
    """Find listed substances of which a part is an ester or ether, as far as the text covers them.

    Entries whose text takes such derivatives out are passed over.
    """
    formulas = instrument.formulas
    for kind in instrument.covers_derivatives:
        pattern = compile_pattern(_BONDS[kind])
        bonds = {(match[0], match[-2]) for match in part.molecule.GetSubstructMatches(pattern)}
        for carbon, oxygen in sorted(bonds)[:MOST_BONDS]:
            for piece in _cut(part.molecule, carbon, oxygen):
                if rdMolDescriptors.CalcMolFormula(piece) not in formulas:
                    continue
                with rdBase.BlockLogs():
                    skeleton = rdinchi.MolToInchiKey(piece).partition("-")[0]
                for entry in instrument.entries_by_skeleton.get(skeleton, ()):
                    if not entry.derivatives_excepted:
                        yield Derivative(entry, kind, (carbon, oxygen))


def _cut(molecule: Chem.Mol, carbon: int, oxygen: int) -> tuple[Chem.Mol, ...]:
    """Take a bond apart: oxygen keeps a hydrogen, carbon takes a hydroxyl."""
    editable = Chem.RWMol(molecule)
    editable.RemoveBond(carbon, oxygen)
    hydroxyl = editable.AddAtom(Chem.Atom(8))
    editable.AddBond(carbon, hydroxyl, Chem.BondType.SINGLE)
    with rdBase.BlockLogs():
        try:
            cut = editable.GetMol()
            Chem.SanitizeMol(cut)
        except (Chem.KekulizeException, Chem.AtomValenceException):
            return ()
    return tuple(Chem.GetMolFrags(cut, asMols=True))
