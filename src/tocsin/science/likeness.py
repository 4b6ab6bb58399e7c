"""How alike structures are, and which parts two structures share."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import rdFingerprintGenerator, rdFMCS

SECONDS_FOR_COMMON_PART = 1
MOST_ATOMS_COMPARED = 70
_FINGERPRINT_BITS = 2048
_COMPARED_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two structures share: atoms of each that the other has not, and the shared size.

    is_certain: whether the largest common part was found within the time allowed.
    """

    only_first: tuple[int, ...]
    only_second: tuple[int, ...]
    common_atoms: int
    is_certain: bool


@functools.lru_cache(maxsize=20_000)
def derive_fingerprint(smiles: str) -> DataStructs.ExplicitBitVect | None:
    """The Morgan fingerprint of radius 2 of a structure; None where it cannot be read."""
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
    if molecule is None:
        return None
    fingerprint: DataStructs.ExplicitBitVect = _generator().GetFingerprint(molecule)
    return fingerprint


def list_nearest(
    smiles: str, others: Mapping[str, str], *, most: int, least: float
) -> list[tuple[str, float]]:
    """List the keys of the structures most alike, with their likeness, the most alike first.

    others: SMILES by key. least: the smallest Tanimoto likeness of Morgan fingerprints, 0 to 1.

    >>> list_nearest("CCO", {"a": "CCO", "b": "c1ccccc1"}, most=3, least=0.3)
    [('a', 1.0)]
    """
    wanted = derive_fingerprint(smiles)
    if wanted is None:
        return []
    held = [
        (key, print_)
        for key, text in others.items()
        if (print_ := derive_fingerprint(text)) is not None
    ]
    scores = DataStructs.BulkTanimotoSimilarity(wanted, [print_ for _key, print_ in held])
    found = [(key, score) for (key, _), score in zip(held, scores, strict=True) if score >= least]
    return sorted(found, key=lambda one: (-one[1], one[0]))[:most]


@functools.lru_cache(maxsize=_COMPARED_KEPT)
def compare_structures(first: str, second: str) -> Comparison | None:
    """Compare two structures by their largest common part; None where one is unreadable or large.

    Rings match whole rings only. The search ends after SECONDS_FOR_COMMON_PART with the largest
    part found until then.

    >>> compare_structures("CCO", "CCCO")
    Comparison(only_first=(), only_second=(0,), common_atoms=3, is_certain=True)
    """
    with rdBase.BlockLogs():
        molecules = [Chem.MolFromSmiles(first), Chem.MolFromSmiles(second)]
        if any(one is None or one.GetNumAtoms() > MOST_ATOMS_COMPARED for one in molecules):
            return None
        result = rdFMCS.FindMCS(
            molecules,
            timeout=SECONDS_FOR_COMMON_PART,
            ringMatchesRingOnly=True,
            completeRingsOnly=True,
        )
        if not result.numAtoms:
            return None
        common = Chem.MolFromSmarts(result.smartsString)
        apart = [_list_others(one, common) for one in molecules]
    return Comparison(apart[0], apart[1], result.numAtoms, not result.canceled)


def _list_others(molecule: Chem.Mol, common: Chem.Mol) -> tuple[int, ...]:
    inside = set(molecule.GetSubstructMatch(common))
    return tuple(one for one in range(molecule.GetNumAtoms()) if one not in inside)


@functools.cache
def _generator() -> Any:
    return rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=_FINGERPRINT_BITS)
