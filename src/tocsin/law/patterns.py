"""SMARTS of the data files, read once."""

import functools

from rdkit import Chem, rdBase

from tocsin.errors import BadLawFileError
from tocsin.science.pattern_counts import derive_least_counts


@functools.cache
def compile_pattern(smarts: str) -> Chem.Mol:
    """Read a SMARTS of a data file; raises BadLawFileError where it is not one."""
    with rdBase.BlockLogs():
        pattern = Chem.MolFromSmarts(smarts)
    if pattern is None:
        raise BadLawFileError(f"pattern {smarts!r}: cannot be read; expected a SMARTS")
    return pattern


@functools.cache
def count_least(smarts: str) -> int:
    """The counts that a molecule with this SMARTS has at least, for ``has_enough``."""
    return derive_least_counts(compile_pattern(smarts))


@functools.cache
def map_numbers(smarts: str) -> dict[int, int]:
    """The numbers a SMARTS gives its atoms, by the place of the atom in the pattern.

    >>> map_numbers("[c:3]1ccccc1-[C:7]")
    {0: 3, 6: 7}
    """
    return {
        atom.GetIdx(): atom.GetAtomMapNum()
        for atom in compile_pattern(smarts).GetAtoms()
        if atom.GetAtomMapNum()
    }


@functools.cache
def list_bonds(smarts: str) -> tuple[tuple[int, int], ...]:
    """The bonds of a SMARTS, as places of the atoms in the pattern.

    >>> list_bonds("[C:7]-C=O")
    ((0, 1), (1, 2))
    """
    return tuple(
        (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
        for bond in compile_pattern(smarts).GetBonds()
    )
