"""A molecule as the rules see it: neighbours, rings and chains, worked out once."""

import functools
from collections.abc import Iterable

from rdkit import Chem

from tocsin.law.patterns import compile_pattern, count_least
from tocsin.science.pattern_counts import count_kinds, has_enough
from tocsin.science.structures import derive_mass_da

Atoms = frozenset[int]

MOST_MATCHES = 400


class MoleculeView:
    """Facts about one molecule that the rules ask for again and again."""

    def __init__(self, molecule: Chem.Mol) -> None:
        self.molecule = molecule
        self._matches: dict[str, tuple[tuple[int, ...], ...]] = {}
        self._held: dict[str, bool] = {}

    @functools.cached_property
    def counts(self) -> int:
        """The counts of its kinds of atoms, by which most patterns are ruled out."""
        return count_kinds(self.molecule)

    def may_hold(self, smarts: str) -> bool:
        """Tell whether the molecule has the atoms and rings that a pattern needs at least."""
        return has_enough(self.counts, count_least(smarts))

    def holds(self, smarts: str) -> bool:
        """Tell whether a pattern lies on the molecule."""
        held = self._held.get(smarts)
        if held is None:
            held = self.may_hold(smarts) and self.molecule.HasSubstructMatch(
                compile_pattern(smarts)
            )
            self._held[smarts] = held
        return held

    def list_matches(self, smarts: str) -> tuple[tuple[int, ...], ...]:
        """List all matches of a pattern, symmetric ones too, up to MOST_MATCHES."""
        found = self._matches.get(smarts)
        if found is None:
            found = ()
            if self.may_hold(smarts):
                found = self.molecule.GetSubstructMatches(
                    compile_pattern(smarts), uniquify=False, maxMatches=MOST_MATCHES
                )
            self._matches[smarts] = found
        return found

    @functools.cached_property
    def _atoms(self) -> list[Chem.Atom]:
        # Much faster than going through GetAtoms.
        return [self.molecule.GetAtomWithIdx(place) for place in range(self.molecule.GetNumAtoms())]

    @functools.cached_property
    def symbols(self) -> list[str]:
        """The element of each atom."""
        return [atom.GetSymbol() for atom in self._atoms]

    @functools.cached_property
    def neighbours(self) -> list[list[int]]:
        """The atoms bonded to each atom, in the order of their bonds."""
        found: list[list[int]] = [[] for _ in range(self.molecule.GetNumAtoms())]
        for place in range(self.molecule.GetNumBonds()):
            bond = self.molecule.GetBondWithIdx(place)
            first, second = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
            found[first].append(second)
            found[second].append(first)
        return found

    @functools.cached_property
    def degree(self) -> list[int]:
        """The number of neighbours of each atom, hydrogen counted."""
        return [atom.GetTotalDegree() for atom in self._atoms]

    @functools.cached_property
    def is_aromatic(self) -> list[bool]:
        """Whether each atom is aromatic."""
        return [atom.GetIsAromatic() for atom in self._atoms]

    @functools.cached_property
    def is_sp3(self) -> list[bool]:
        """Whether each atom has four neighbours and is not aromatic."""
        return [
            degree == 4 and not aromatic
            for degree, aromatic in zip(self.degree, self.is_aromatic, strict=True)
        ]

    @functools.cached_property
    def rings(self) -> list[Atoms]:
        """The smallest rings."""
        return [frozenset(ring) for ring in self.molecule.GetRingInfo().AtomRings()]

    @functools.cached_property
    def in_ring(self) -> list[bool]:
        """Whether each atom lies in a ring."""
        ringed = frozenset[int]().union(*self.rings)
        return [place in ringed for place in range(self.molecule.GetNumAtoms())]

    @functools.cached_property
    def _masses_u(self) -> list[float]:
        return [atom.GetMass() + 1.008 * atom.GetTotalNumHs() for atom in self._atoms]

    def rings_of(self, atom: int) -> list[Atoms]:
        """The smallest rings an atom lies in."""
        return [ring for ring in self.rings if atom in ring]

    @functools.cached_property
    def _systems(self) -> list[Atoms]:
        systems: list[Atoms] = []
        for ring in self.rings:
            joined = ring
            apart = []
            for system in systems:
                if system & joined:
                    joined |= system
                else:
                    apart.append(system)
            systems = [*apart, joined]
        return systems

    def ring_system_of(self, atom: int) -> Atoms:
        """All atoms of the rings joined to an atom's ring by a shared atom."""
        return next((system for system in self._systems if atom in system), frozenset())

    def is_chain_carbon(self, atom: int) -> bool:
        """Tell whether an atom is carbon outside rings, without a double bond to N, O or S."""
        if self.symbols[atom] != "C" or self.in_ring[atom]:
            return False
        return all(
            bond.GetBondTypeAsDouble() == 1.0 or bond.GetOtherAtom(one).GetSymbol() == "C"
            for one in [self.molecule.GetAtomWithIdx(atom)]
            for bond in one.GetBonds()
        )

    def is_terminal_double(self, atom: int) -> bool:
        """Tell whether an atom hangs on a single neighbour by a double bond, as an oxo does."""
        one = self.molecule.GetAtomWithIdx(atom)
        return (
            one.GetDegree() == 1
            and all(
                bond.GetBondTypeAsDouble() == 2.0 and bond.GetOtherAtom(one).GetSymbol() in "CS"
                for bond in one.GetBonds()
                if one.GetSymbol() != "C"
            )
            and one.GetSymbol() != "C"
            and one.GetTotalNumHs() == 0
        )

    def has_bond_within(self, atoms: Atoms, order: float) -> bool:
        """Tell whether two of the atoms are joined by a bond of this order."""
        return any(
            bond.GetBondTypeAsDouble() == order
            for bond in self.molecule.GetBonds()
            if bond.GetBeginAtomIdx() in atoms and bond.GetEndAtomIdx() in atoms
        )

    def bond_order(self, first: int, second: int) -> float:
        """The order of the bond between two atoms; 1.5 where it is aromatic."""
        return float(self.molecule.GetBondBetweenAtoms(first, second).GetBondTypeAsDouble())

    def longest_way(self, root: int, atoms: Atoms) -> int:
        """The number of atoms on the longest way from a root, through a tree of atoms."""

        def walk(here: int, before: int) -> int:
            return 1 + max(
                (
                    walk(following, here)
                    for following in self.neighbours[here]
                    if following != before and following in atoms
                ),
                default=0,
            )

        return walk(root, -1)

    def chain_bounds(self, atoms: Atoms) -> tuple[int, int]:
        """The longest chain in a branch: with rings breaking it, and with rings passed over.

        Atoms of rings are not counted. The first number holds where a ring ends a chain, the
        second where a chain goes on beyond a ring.
        """
        loose = [one for one in atoms if not self.in_ring[one]]
        strict = 0
        passing = 0
        loose_set = frozenset(loose)
        for root in loose:
            strict = max(strict, self._longest_from(root, loose_set))
        if len(loose) == len(atoms):
            return strict, strict
        for root in loose:
            passing = max(passing, self._longest_passing(root, atoms))
        return strict, max(passing, strict)

    def _longest_from(self, root: int, atoms: Atoms) -> int:
        distances = self._distances(root, atoms, count_rings=True)
        return max(distances.values(), default=0)

    def _longest_passing(self, root: int, atoms: Atoms) -> int:
        return max(self._distances(root, atoms, count_rings=False).values(), default=0)

    def _distances(self, root: int, atoms: Atoms, *, count_rings: bool) -> dict[int, int]:
        found = {root: 1}
        waiting = [root]
        while waiting:
            here = waiting.pop()
            for following in self.neighbours[here]:
                if following in atoms and following not in found:
                    step = 1 if count_rings or not self.in_ring[following] else 0
                    found[following] = found[here] + step
                    waiting.append(following)
        return found

    def mass_u(self, atoms: Iterable[int]) -> float:
        """The average mass of atoms with the hydrogen they carry, in u."""
        return float(sum(self._masses_u[one] for one in atoms))

    @functools.cached_property
    def whole_mass_u(self) -> float:
        """The average mass of the molecule, in u."""
        return derive_mass_da(self.molecule)
