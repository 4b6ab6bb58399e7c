"""Which classes a structure shows, and by which of its atoms."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem.MolStandardize import rdMolStandardize

from tocsin.science.pattern_counts import count_kinds, derive_least_counts, has_enough
from tocsin.science.structure_classes.definitions import (
    StructureClass,
    compile_pattern,
    list_structure_classes,
)
from tocsin.science.structures import parse_molecule

MOST_OCCURRENCES = 100
"""So many occurrences of a pattern are looked at where some may not count."""

_CHARGED = Chem.MolFromSmarts("[!+0]")


@dataclass(frozen=True, slots=True)
class RecognisedClass:
    """A class that a structure shows; atoms: those of one occurrence, numbered as it numbers them."""

    id: str
    name: str
    atoms: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A pattern, and the counts that a structure must have at least to hold it."""

    query: Chem.Mol
    least: int


@dataclass(frozen=True, slots=True)
class _Node:
    """A class ready to be looked for, with the classes that are parts of it."""

    definition: StructureClass
    patterns: tuple[_Pattern, ...]
    gate: Chem.Mol
    exceptions: tuple[Chem.Mol, ...]
    children: tuple["_Node", ...]


@dataclass(frozen=True, slots=True)
class _Subject:
    """A structure with its counts, and what is known of gates: made once for all patterns."""

    molecule: Chem.Mol
    counts: int
    heavy_atoms: int
    gates: dict[str, bool]


def recognise_classes(
    structure: Chem.Mol | str, counts: int | None = None
) -> tuple[RecognisedClass, ...]:
    """Recognise every class whose pattern a structure holds; a class comes before its parts.

    structure: a molecule as RDKit reads it, or a SMILES. Lone charges are taken away before the
    patterns are looked for, so that a salt shows what its free base shows. That a class is shown
    says nothing of effect, identity or law. counts: what count_kinds counts in the molecule, where
    that was done before. Raises BadStructureError for a SMILES that
    parse_molecule refuses.

    >>> [one.id for one in recognise_classes("CC(N)C(=O)c1ccccc1")]
    ['cathinone']
    """
    if isinstance(structure, str):
        structure = parse_molecule(structure)
    charged = structure.GetSubstructMatches(_CHARGED)
    if any(_is_lone(structure.GetAtomWithIdx(place)) for (place,) in charged):
        with rdBase.BlockLogs():
            structure = _uncharger().uncharge(structure)
        counts = None
    subject = _Subject(
        molecule=structure,
        counts=count_kinds(structure) if counts is None else counts,
        heavy_atoms=structure.GetNumHeavyAtoms(),
        gates={},
    )
    return tuple(found for node in _roots() for found in _look_for(node, subject))


def _is_lone(charged: Chem.Atom) -> bool:
    """Whether no neighbour balances a charge, as oxygen does in a nitro group."""
    charge = charged.GetFormalCharge()
    return all(charge * other.GetFormalCharge() >= 0 for other in charged.GetNeighbors())


@functools.cache
def _uncharger() -> rdMolStandardize.Uncharger:
    return rdMolStandardize.Uncharger()


@functools.cache
def _roots() -> tuple[_Node, ...]:
    return tuple(_list_nodes(""))


def _list_nodes(parent: str) -> Iterator[_Node]:
    for one in list_structure_classes():
        if one.parent == parent:
            yield _Node(
                definition=one,
                patterns=tuple(_prepare(smarts, one.id) for smarts in one.patterns),
                gate=compile_pattern(one.gate, one.id),
                exceptions=tuple(compile_pattern(smarts, one.id) for smarts in one.exceptions),
                children=tuple(_list_nodes(one.id)),
            )


def _prepare(smarts: str, where: str) -> _Pattern:
    query = compile_pattern(smarts, where)
    return _Pattern(query, derive_least_counts(query))


def _look_for(node: _Node, subject: _Subject) -> list[RecognisedClass]:
    one = node.definition
    if node.patterns:
        atoms = _find_atoms(node, subject)
        if atoms is None:
            return []
        inside = [found for child in node.children for found in _look_for(child, subject)]
    else:
        inside = [found for child in node.children for found in _look_for(child, subject)]
        if not inside:
            return []
        atoms = inside[0].atoms
    return [RecognisedClass(one.id, one.name, atoms), *inside]


def _find_atoms(node: _Node, subject: _Subject) -> tuple[int, ...] | None:
    """The atoms of the first occurrence that counts; None where there is none."""
    one = node.definition
    if one.most_heavy_atoms and subject.heavy_atoms > one.most_heavy_atoms:
        return None
    likely = [pattern for pattern in node.patterns if _may_hold(subject, pattern)]
    if not likely or not _passes(node, subject):
        return None
    for pattern in likely:
        if not node.exceptions:
            if match := subject.molecule.GetSubstructMatch(pattern.query):
                return tuple(sorted(match))
            continue
        for match in subject.molecule.GetSubstructMatches(
            pattern.query, maxMatches=MOST_OCCURRENCES
        ):
            if not _is_excepted(match, node, subject):
                return tuple(sorted(match))
    return None


def _may_hold(subject: _Subject, pattern: _Pattern) -> bool:
    return has_enough(subject.counts, pattern.least)


def _passes(node: _Node, subject: _Subject) -> bool:
    gate = node.definition.gate
    if gate and gate not in subject.gates:
        subject.gates[gate] = subject.molecule.HasSubstructMatch(node.gate)
    return not gate or subject.gates[gate]


def _is_excepted(match: tuple[int, ...], node: _Node, subject: _Subject) -> bool:
    atoms = set(match)
    return any(
        not atoms.isdisjoint(other)
        for exception in node.exceptions
        for other in subject.molecule.GetSubstructMatches(exception, maxMatches=MOST_OCCURRENCES)
    )
