"""Esters and ethers of listed substances: one bond cut, and the substance looked up.

Recognition only: a bond of the structure asked about is taken apart on paper to see whether the
text's words "esters, ethers" reach it. Nothing is made.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem import rdinchi, rdMolDescriptors

from tocsin.law.model import Instrument, ListedSubstance, compose
from tocsin.law.patterns import compile_pattern
from tocsin.law.subject import MOST_PARTS, Part
from tocsin.law.view import MoleculeView

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


@dataclass(frozen=True, slots=True)
class _Bond:
    """A bond between carbon and oxygen, and what the two pieces would be made of."""

    atoms: tuple[int, int]
    compositions: tuple[str, str]


def find_derivatives(instrument: Instrument, part: Part) -> Iterator[Derivative]:
    """Find listed substances of which a part is an ester or ether, as far as the text covers them.

    Entries whose text takes such derivatives out are passed over.
    """
    for kind in instrument.covers_derivatives:
        for bond in _list_bonds(part, kind):
            if instrument.compositions.isdisjoint(bond.compositions):
                continue
            carbon, oxygen = bond.atoms
            for piece in _cut(part.molecule, carbon, oxygen):
                if rdMolDescriptors.CalcMolFormula(piece) not in instrument.formulas:
                    continue
                for entry in instrument.entries_by_skeleton.get(_derive_skeleton(piece), ()):
                    if not entry.derivatives_excepted:
                        yield Derivative(entry, kind, (carbon, oxygen))


@functools.lru_cache(maxsize=2 * MOST_PARTS)
def _list_bonds(part: Part, kind: str) -> tuple[_Bond, ...]:
    """List the bonds of a part that may be those of an ester or ether, once for all instruments."""
    if not part.view.may_hold(_BONDS[kind]):
        return ()
    pattern = compile_pattern(_BONDS[kind])
    bonds = {(match[0], match[-2]) for match in part.molecule.GetSubstructMatches(pattern)}
    return tuple(
        _Bond(bond, _list_compositions(part.view, *bond)) for bond in sorted(bonds)[:MOST_BONDS]
    )


def _list_compositions(view: MoleculeView, carbon: int, oxygen: int) -> tuple[str, str]:
    """List what the two pieces of a cut bond hold beside hydrogen; oxygen is in both."""
    behind, waiting = {carbon, oxygen}, [oxygen]
    while waiting:
        for following in view.neighbours[waiting.pop()]:
            if following not in behind:
                behind.add(following)
                waiting.append(following)
    behind.discard(carbon)
    before = [symbol for place, symbol in enumerate(view.symbols) if place not in behind]
    return compose([*before, "O"]), compose(view.symbols[place] for place in behind)


@functools.lru_cache(maxsize=MOST_PARTS)
def _derive_skeleton(piece: Chem.Mol) -> str:
    with rdBase.BlockLogs():
        return str(rdinchi.MolToInchiKey(piece).partition("-")[0])


@functools.lru_cache(maxsize=MOST_PARTS)
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
