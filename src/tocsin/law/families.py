"""Families of substituents: which atoms of a branch a named group takes, starting at its root."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tocsin.errors import BadLawFileError
from tocsin.law.expressions import Term, parse_expression
from tocsin.law.patterns import map_numbers
from tocsin.law.view import MoleculeView

Atoms = frozenset[int]


@dataclass(frozen=True, slots=True)
class Head:
    """The atoms a family takes; tails: those on which the next term may stand."""

    atoms: Atoms
    tails: Atoms
    doubts: tuple[str, ...] = ()


# Group by name: SMARTS whose first atom stands on the scaffold. Atoms numbered 1 may carry the
# next term; without such atoms, all may.
_GROUPS = {
    "fluoro": "[F]",
    "chloro": "[Cl]",
    "bromo": "[Br]",
    "iodo": "[I]",
    "halogen": "[F,Cl,Br,I]",
    "hydroxy": "[OX2H1]",
    "oxy": "[OX2:1]",
    "thio": "[SX2:1]",
    "thiol": "[SX2H1]",
    "amino": "[NX3H2]",
    "aminyl": "[NX3H1:1]",
    "dimethylamino": "[NX3]([CH3])[CH3]",
    "diethylamino": "[NX3]([CH2][CH3])[CH2][CH3]",
    "nitro": "[NX3+](=O)[O-]",
    "cyano": "[CX2]#[NX1]",
    "carboxy": "[CX3](=O)[OX2H1]",
    "carbonyl": "[CX3:1](=[OX1])",
    "formyl": "[CX3H1](=O)",
    "acetyl": "[CX3](=O)[CH3]",
    "acetoxy": "[OX2][CX3](=O)[CH3]",
    "carbamoyl": "[CX3](=O)[NX3H2]",
    "sulfonyl": "[SX4:1](=O)(=O)",
    "oxo": "[OX1]",
    "thioxo": "[SX1]",
    "imino": "[NX2H1]",
    "methylimino": "[NX2][CH3]",
    "methyl": "[CX4H3]",
    "ethyl": "[CX4H2][CX4H3]",
    "propyl": "[CX4H2][CX4H2][CX4H3]",
    "isopropyl": "[CX4H1]([CX4H3])[CX4H3]",
    "methylene": "[CX4H2:1]",
    "trifluoromethyl": "[CX4](F)(F)F",
    "methoxy": "[OX2][CX4H3]",
    "trifluoromethoxy": "[OX2][CX4](F)(F)F",
    "methylthio": "[SX2][CX4H3]",
    "phenyl": "c1ccccc1",
    "phenoxy": "[OX2]c1ccccc1",
    "phenylthio": "[SX2]c1ccccc1",
    "benzyl": "[CX4;!R]c1ccccc1",
    "benzyloxy": "[OX2][CX4H2]c1ccccc1",
    "cyclopropyl": "C1CC1",
    "allyl": "[CX4H2][CX3H1]=[CX3H2]",
    "prop-2-ynyl": "[CX4H2][CX2]#[CX2H1]",
    "hydroxymethyl": "[CX4H2][OX2H1]",
    "1-hydroxyethyl": "[CX4H1]([CX4H3])[OX2H1]",
    "dihydrogenphosphate": "[OX2][PX4](=O)([OX2H1])[OX2H1]",
    "hydrazidomethyl": "[CX4H2][CX3](=O)[NX3H1][NX3H2]",
    "succinyloxy": "[OX2][CX3](=O)[CX4H2][CX4H2][CX3](=O)[OX2H1]",
    "dimethylcarbamoyl": "[CX3](=O)[NX3]([CH3])[CH3]",
    "ethoxycarbonyl": "[CX3](=O)[OX2][CX4H2][CX4H3]",
    "thienyl": "c1[c,s][c,s][c,s][c,s]1",
    "furanyl": "c1[c,o][c,o][c,o][c,o]1",
    "pyrrolyl": "n1cccc1 | c1cccn1 | c1ccnc1",
    "cumyl": "[CX4;!R]([CX4H3])([CX4H3])c1ccccc1",
    "adamantyl": "C12CC3CC(C1)CC(C2)C3 | C1C2CC3CC(C2)CC1C3",
    "pyridyl": "c1ccccn1 | c1cccnc1 | c1ccncc1",
    "cyclohexenyl": "C1=CCCCC1 | C1C=CCCC1 | C1CC=CCC1",
    "methylenedioxyphenyl": "c1ccc2c(c1)OCO2 | c1cccc2c1OCO2",
    "ethylenedioxyphenyl": "c1ccc2c(c1)OCCO2 | c1cccc2c1OCCO2",
    "dihydrobenzofuranyl": "c1ccc2c(c1)CCO2 | c1ccc2c(c1)OCC2 | c1cccc2c1CCO2 | c1cccc2c1OCC2",
    "benzothiophenyl": "c1ccc2c(c1)ccs2 | c1ccc2c(c1)scc2 | c1cccc2c1ccs2 | c1cccc2c1scc2 | c1cc2ccccc2s1 | c1csc2ccccc12",
    "azole": "[c;r5]1:n:[c,n,o,s]:[c,n,o,s]:[c,n,o,s]:1"
    " | [CX3;r5]1=[NX2][#6,#7,#8,#16][#6,#7,#8,#16][#6,#7,#8,#16]1 | [CX3;r4]1=[NX2][#6,#7,#8,#16][#6,#7,#8,#16]1 | [CX3;r3]1=[NX2][#6,#7,#8,#16]1",
    "hydrazono": "[NX2][NX3:1]",
    "pyrrolidinyl": "[NX3]1[CX4][CX4][CX4][CX4]1",
    "piperidinyl": "[NX3]1[CX4][CX4][CX4][CX4][CX4]1",
    "morpholinyl": "[NX3]1[CX4][CX4][OX2][CX4][CX4]1",
    "naphthyl-1": "c1cccc2ccccc12",
    "quinolin-8-yl": "c1cccc2cccnc12",
    "isoquinolin-3-yl": "c1cc2ccccc2cn1",
    "glycyl": "[CX3](=O)[CX4H2][NX3H2]",
    "alanyl": "[CX3](=O)[CX4H1]([CX4H3])[NX3H2]",
    "lysyl": "[CX3](=O)[CX4H1]([NX3H2])[CX4H2][CX4H2][CX4H2][CX4H2][NX3H2]",
    "methylenecarbonyl": "[CX4H2][CX3:1](=[OX1])",
    "carboxamide": "[CX3](=[OX1])[NX3:1]",
    "methylenecarboxamide": "[CX4H2][CX3](=[OX1])[NX3:1]",
    "azacarbonyl": "[NX3][CX3:1](=[OX1])",
    "carboxyl-bridge": "[CX3](=[OX1])[OX2:1]",
    "methylenecarboxyl": "[CX4H2][CX3](=[OX1])[OX2:1]",
}

_HALOGENS = frozenset({"F", "Cl", "Br", "I"})

# Families that stand with a double bond; every other stands with a single one.
DOUBLE_BONDED = frozenset({"oxo", "thioxo", "imino", "methylimino", "hydrazono"})


def is_family(name: str) -> bool:
    """Tell whether an expression may use this name."""
    return name in _GROUPS or name in _BUILT


def list_families() -> tuple[str, ...]:
    """List the names an expression may use."""
    return tuple(sorted({*_GROUPS, *_BUILT}))


def find_heads(view: MoleculeView, text: str, root: int, within: Atoms) -> Iterator[Head]:
    """Find the ways in which an expression takes atoms of a branch from its root on."""
    yield from _follow(view, parse_expression(text), root, within)


def _follow(
    view: MoleculeView, terms: tuple[Term, ...], root: int, within: Atoms
) -> Iterator[Head]:
    for head in _take(view, terms[0], root, within):
        if len(terms) == 1:
            yield head
            continue
        left = within - head.atoms
        for tail in sorted(head.tails):
            for following in view.neighbours[tail]:
                if following not in left:
                    continue
                for rest in _follow(view, terms[1:], following, left):
                    yield Head(head.atoms | rest.atoms, rest.tails, head.doubts + rest.doubts)


def _take(view: MoleculeView, term: Term, root: int, within: Atoms) -> Iterator[Head]:
    if term.family in _BUILT:
        yield from _BUILT[term.family](view, term, root, within)
        return
    if term.family not in _GROUPS:
        raise BadLawFileError(f"family {term.family!r}: unknown; expected one of the grammar")
    for smarts, tail_places in _group_patterns(term.family):
        for match in view.list_matches(smarts):
            if match[0] == root and within.issuperset(match):
                atoms = frozenset(match)
                tails = frozenset(match[place] for place in tail_places) or atoms
                yield Head(atoms, tails)


@functools.cache
def _group_patterns(name: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return tuple((smarts, tuple(map_numbers(smarts))) for smarts in _GROUPS[name].split(" | "))


def _grow(view: MoleculeView, root: int, within: Atoms, member: Callable[[int], bool]) -> Atoms:
    if root not in within or not member(root):
        return frozenset()
    reached, waiting = {root}, [root]
    while waiting:
        for following in view.neighbours[waiting.pop()]:
            if following in within and following not in reached and member(following):
                reached.add(following)
                waiting.append(following)
    return frozenset(reached)


def _take_alkyl(view: MoleculeView, term: Term, root: int, within: Atoms) -> Iterator[Head]:
    """Take the whole tree of acyclic saturated carbon."""
    atoms = _grow(view, root, within, lambda one: view.is_chain_carbon(one) and view.is_sp3[one])
    yield from _counted(view, atoms, term, "alkyl")


def _take_hydrocarbon(view: MoleculeView, term: Term, root: int, within: Atoms) -> Iterator[Head]:
    atoms = _grow(view, root, within, view.is_chain_carbon)
    yield from _counted(view, atoms, term, "hydrocarbon")


def _take_alkenyl(view: MoleculeView, term: Term, root: int, within: Atoms) -> Iterator[Head]:
    atoms = _grow(view, root, within, view.is_chain_carbon)
    if view.has_bond_within(atoms, 2.0) and not view.has_bond_within(atoms, 3.0):
        yield from _counted(view, atoms, term, "alkenyl")


def _take_alkynyl(view: MoleculeView, term: Term, root: int, within: Atoms) -> Iterator[Head]:
    atoms = _grow(view, root, within, view.is_chain_carbon)
    if view.has_bond_within(atoms, 3.0):
        yield from _counted(view, atoms, term, "alkynyl")


def _counted(view: MoleculeView, atoms: Atoms, term: Term, name: str) -> Iterator[Head]:
    if not atoms or len(atoms) < term.least:
        return
    doubts: tuple[str, ...] = ()
    if len(atoms) > term.most:
        # A longer group is the listed one only if the rest of it counts as a substituent.
        doubts = (f"{name} has {len(atoms)} carbon atoms; the text says up to {term.most}",)
    yield Head(atoms, atoms, doubts)


def _take_cycloalkyl(view: MoleculeView, term: Term, root: int, within: Atoms) -> Iterator[Head]:
    for ring in view.rings_of(root):
        if (
            term.least <= len(ring) <= term.most
            and ring <= within
            and all(view.symbols[one] == "C" and view.is_sp3[one] for one in ring)
        ):
            yield Head(ring, ring)


def _take_ring(view: MoleculeView, term: Term, root: int, within: Atoms) -> Iterator[Head]:
    """Take the whole ring system: rings that share atoms with the root's ring, and so on."""
    system = view.ring_system_of(root)
    if not system or not system <= within:
        return
    sizes = [len(ring) for ring in view.rings if ring <= system]
    if not all(term.least <= size <= term.most for size in sizes):
        return
    if term.elements and not all(view.symbols[one] in term.elements for one in system):
        return
    yield Head(system, system)


def _take_aryl(view: MoleculeView, term: Term, root: int, within: Atoms) -> Iterator[Head]:
    system = view.ring_system_of(root)
    if system and system <= within and all(view.is_aromatic[one] for one in system):
        if term.elements and not all(view.symbols[one] in term.elements for one in system):
            return
        if term.least <= len(system) <= term.most:
            yield Head(system, system)


def _take_chain(view: MoleculeView, term: Term, root: int, within: Atoms) -> Iterator[Head]:
    """Take a chain of acyclic atoms of the elements given, counted along its longest way."""

    def member(one: int) -> bool:
        return (
            not view.in_ring[one]
            and view.symbols[one] in term.elements
            and not view.is_terminal_double(one)
        )

    atoms = _grow(view, root, within, member)
    if not atoms or not any(view.symbols[one] == "C" for one in atoms):
        return
    length = view.longest_way(root, atoms)
    if term.least <= length <= term.most:
        yield Head(atoms, atoms)


def _take_haloalkyl(view: MoleculeView, term: Term, root: int, within: Atoms) -> Iterator[Head]:
    """Take the whole tree of acyclic saturated carbon with its halogens, of which it needs one."""
    carbons = _grow(view, root, within, lambda one: view.is_chain_carbon(one) and view.is_sp3[one])
    halogens = frozenset(
        following
        for one in carbons
        for following in view.neighbours[one]
        if following in within and view.symbols[following] in _HALOGENS
    )
    if halogens:
        for head in _counted(view, carbons, term, "haloalkyl"):
            yield Head(carbons | halogens, carbons, head.doubts)


def _take_heteromonocycle(
    view: MoleculeView, term: Term, root: int, within: Atoms
) -> Iterator[Head]:
    """Take one ring that shares no atom with another and holds an element other than carbon."""
    system = view.ring_system_of(root)
    if (
        system
        and system <= within
        and sum(ring <= system for ring in view.rings) == 1
        and term.least <= len(system) <= term.most
        and any(view.symbols[one] != "C" for one in system)
    ):
        yield Head(system, system)


def _take_trialkylsilyl(view: MoleculeView, term: Term, root: int, within: Atoms) -> Iterator[Head]:
    if view.symbols[root] != "Si" or view.degree[root] != 4:
        return
    atoms = _grow(
        view,
        root,
        within,
        lambda one: one == root or (view.is_chain_carbon(one) and view.is_sp3[one]),
    )
    arms = [one for one in view.neighbours[root] if one in atoms]
    if len(arms) == 3 and len(atoms) - 1 <= term.most:
        yield Head(atoms, atoms)


def _take_anything(view: MoleculeView, term: Term, root: int, within: Atoms) -> Iterator[Head]:
    """Take the branch as it is, if its elements are allowed."""
    atoms = _grow(view, root, within, lambda one: True)
    if not term.elements or all(view.symbols[one] in term.elements for one in atoms):
        yield Head(atoms, atoms)


_Taker = Callable[[MoleculeView, Term, int, Atoms], Iterator[Head]]
_BUILT: dict[str, _Taker] = {
    "alkyl": _take_alkyl,
    "hydrocarbon": _take_hydrocarbon,
    "alkenyl": _take_alkenyl,
    "alkynyl": _take_alkynyl,
    "haloalkyl": _take_haloalkyl,
    "cycloalkyl": _take_cycloalkyl,
    "heteromonocycle": _take_heteromonocycle,
    "ring": _take_ring,
    "aryl": _take_aryl,
    "chain": _take_chain,
    "trialkylsilyl": _take_trialkylsilyl,
    "anything": _take_anything,
}
