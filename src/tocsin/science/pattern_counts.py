"""What every structure that holds a pattern must have: so most patterns are never looked for.

Counted are atoms by kind (element, aromatic or not, in a ring), rings, and places where rings are
fused. All counts of one structure are one whole number, 16 bits a count with the highest left
free, so that one subtraction compares them all.
"""

import functools
from collections.abc import Iterator
from itertools import chain

from rdkit import Chem

Element = tuple[int, bool | None]
"""An atomic number, and whether the atom is aromatic; None where it may be either."""

_BITS = 16
_ELEMENTS = (5, 6, 7, 8, 9, 14, 15, 16, 17, 35, 53)
_KINDS = (
    "ring",
    "fused",
    *_ELEMENTS,
    *((word, number) for word in ("aromatic", "plain", "plain, in a ring") for number in _ELEMENTS),
)
_ONE = {kind: 1 << (_BITS * place) for place, kind in enumerate(_KINDS)}
_FREE_BITS = sum(one << (_BITS - 1) for one in _ONE.values())


def count_kinds(molecule: Chem.Mol) -> int:
    """Count the atoms of each kind, the rings and the fused places of a molecule.

    The molecule has at most 10,000 atoms. What comes out is for has_enough only.
    """
    rings = molecule.GetRingInfo().AtomRings()
    in_ring = frozenset(chain.from_iterable(rings))
    # An atom of two rings is twice in the sum, so there are at most so many fused places.
    fused = sum(map(len, rings)) - len(in_ring)
    total = len(rings) * _ONE["ring"] + fused * _ONE["fused"]
    for place in range(molecule.GetNumAtoms()):
        atom = molecule.GetAtomWithIdx(place)
        total += _count_atom(atom.GetAtomicNum(), atom.GetIsAromatic(), place in in_ring)
    return total


def derive_least_counts(pattern: Chem.Mol) -> int:
    """Derive the counts that every molecule with a pattern has at least.

    An atom of the pattern that may be one of several elements counts for none of them.

    >>> least = derive_least_counts(Chem.MolFromSmarts("[c,n]1ccccc1-[NX3]"))
    >>> has_enough(count_kinds(Chem.MolFromSmiles("Nc1ccccc1")), least)
    True
    >>> has_enough(count_kinds(Chem.MolFromSmiles("Nc1ncccn1")), least)
    False
    """
    pattern = Chem.Mol(pattern)
    Chem.FastFindRings(pattern)
    total = 0
    for atom in pattern.GetAtoms():
        ring_bonds = sum(bond.IsInRing() for bond in atom.GetBonds())
        # Each bond of a ring lies in a smallest ring, and each of those takes two of an atom's.
        total += (ring_bonds > 2) * _ONE["fused"]
        elements = list_elements(atom.GetSmarts())
        if len({number for number, _ in elements}) == 1:
            number = elements[0][0]
            aromatic = {one for _, one in elements}
            known = aromatic.pop() if len(aromatic) == 1 else None
            total += _count_atom(number, known, ring_bonds > 0)
    parts = len(Chem.GetMolFrags(pattern))
    return total + (pattern.GetNumBonds() - pattern.GetNumAtoms() + parts) * _ONE["ring"]


def has_enough(counts: int, least: int) -> bool:
    """Tell whether no count is below the least; where one is, the pattern cannot be held."""
    # A count that is too small borrows its free bit.
    return ((counts | _FREE_BITS) - least) & _FREE_BITS == _FREE_BITS


@functools.cache
def _count_atom(number: int, aromatic: bool | None, in_ring: bool) -> int:
    if number not in _ELEMENTS:
        return 0
    count = _ONE[number]
    if aromatic:
        count += _ONE["aromatic", number]
    if aromatic is False:
        count += _ONE["plain", number] + in_ring * _ONE["plain, in a ring", number]
    return count


def list_elements(smarts: str) -> list[Element]:
    """List the elements that an atom of a pattern may be; empty where it leaves them open.

    smarts: of one atom, as RDKit writes it.

    >>> list_elements("[C&X4,$([#6&X3]=[O&X1]):3]"), list_elements("[c,n;R]")
    ([(6, False), (6, None)], [(6, True), (7, True)])
    >>> list_elements("*"), list_elements("[!#6;R,r5]")
    ([], [])
    """
    text = smarts[1:-1] if smarts.startswith("[") else smarts
    text = _split(text, ":")[0]
    # Each term holds, so the first that says what the atom may be is enough.
    for term in _split(text, ";"):
        found = [_find_elements(one) for one in _split(term, ",")]
        if all(found):
            return list(chain.from_iterable(found))
    return []


def _find_elements(text: str) -> list[Element]:
    """What an atom may be by one of the alternatives of a term, whose factors all hold."""
    for factor in _split(text, "&"):
        if factor.startswith("$("):
            inner = list_elements(Chem.MolFromSmarts(factor[2:-1]).GetAtomWithIdx(0).GetSmarts())
            if inner:
                return inner
        elif factor.startswith("#"):
            return [(int(factor[1:]), None)]
        elif factor in _SYMBOLS:
            return [_SYMBOLS[factor]]
    return []


def _split(text: str, mark: str) -> list[str]:
    """Split a text at the marks that stand outside all brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == mark and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _list_symbols() -> Iterator[tuple[str, Element]]:
    for number in _ELEMENTS:
        symbol = Chem.GetPeriodicTable().GetElementSymbol(number)
        yield symbol, (number, False)
        if len(symbol) == 1:
            yield symbol.lower(), (number, True)


_SYMBOLS = dict(_list_symbols())
