"""Structures that may be tautomers of one another: alerts for a person, never a merge."""

import functools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from rdkit import Chem, rdBase
from rdkit.Chem import rdinchi, rdMolHash

from tocsin.science.structures import parse_structure

TautomerReason = Literal["mobile-hydrogen", "keto-enol", "hetero-atoms"]
"""How two structures were seen to be tautomers.

mobile-hydrogen: InChI regards both as one, drawn with a hydrogen in another place. keto-enol:
InChI does so with its options KET and 15T, which the standard form leaves out. hetero-atoms: RDKit's
hash of hetero-atom tautomers, second version, is the same.
"""

_CONNECTIVITY_CHARACTERS = 14
_FIXED_HYDROGENS = "-FixedH"
_KETO_ENOL = "-KET -15T"


@dataclass(frozen=True, slots=True)
class TautomerAlert:
    """One entry that may be a tautomer of a structure."""

    key: str
    reason: TautomerReason


@dataclass(frozen=True, slots=True)
class _Signature:
    connectivity: str
    fixed_hydrogens: str
    keto_enol: str
    hetero_atoms: str


def list_tautomer_alerts(
    smiles: str, entries: Iterable[tuple[str, str]]
) -> tuple[TautomerAlert, ...]:
    """List the entries that may be tautomers of a structure, in their order.

    entries: key and SMILES. Stereochemistry and isotopes are not looked at; an entry that differs
    in nothing else is no tautomer. Cheap where the entries have the formula of the structure,
    as every tautomer has. Raises BadStructureError as parse_structure.

    >>> list_tautomer_alerts("CC(O)=CC(C)=O", [("acetylacetone", "CC(=O)CC(C)=O"), ("water", "O")])
    (TautomerAlert(key='acetylacetone', reason='keto-enol'),)
    """
    own = _derive_signature(smiles)
    found = ((key, _compare(own, _derive_signature(other))) for key, other in entries)
    return tuple(TautomerAlert(key, reason) for key, reason in found if reason is not None)


def list_tautomer_pairs(
    entries: Iterable[tuple[str, str, str]],
) -> list[tuple[str, str, TautomerReason]]:
    """List every pair among entries (key, SMILES, formula) that may be tautomers.

    Raises BadStructureError as parse_structure.

    >>> list_tautomer_pairs([("a", "CC(O)=CC(C)=O", "C5H8O2"), ("b", "CC(=O)CC(C)=O", "C5H8O2")])
    [('a', 'b', 'keto-enol')]
    """
    alike: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, smiles, formula in entries:
        alike[formula].append((key, smiles))
    pairs: list[tuple[str, str, TautomerReason]] = []
    for group in alike.values():
        for (first, one), (second, other) in combinations(group, 2):
            reason = _compare(_derive_signature(one), _derive_signature(other))
            if reason is not None:
                pairs.append((first, second, reason))
    return pairs


def _compare(one: _Signature, other: _Signature) -> TautomerReason | None:
    if one.connectivity == other.connectivity:
        return "mobile-hydrogen" if one.fixed_hydrogens != other.fixed_hydrogens else None
    if one.keto_enol == other.keto_enol:
        return "keto-enol"
    return "hetero-atoms" if one.hetero_atoms == other.hetero_atoms else None


@functools.lru_cache(maxsize=4_096)
def _derive_signature(smiles: str) -> _Signature:
    with rdBase.BlockLogs():
        molecule = Chem.RWMol(Chem.MolFromSmiles(parse_structure(smiles).smiles))
        for atom in molecule.GetAtoms():
            atom.SetIsotope(0)
        Chem.RemoveStereochemistry(molecule)
        flat = Chem.RemoveHs(molecule)
        return _Signature(
            connectivity=rdinchi.MolToInchiKey(flat)[:_CONNECTIVITY_CHARACTERS],
            fixed_hydrogens=rdinchi.MolToInchiKey(flat, _FIXED_HYDROGENS),
            keto_enol=rdinchi.MolToInchiKey(flat, _KETO_ENOL),
            hetero_atoms=rdMolHash.MolHash(flat, rdMolHash.HashFunction.HetAtomTautomerv2),
        )
