"""Generic definitions applied: a scaffold found, each branch extracted and held against its rule."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tocsin.law.branches import Branch, fit_branch, fit_bridge, fits_as_pair
from tocsin.law.model import (
    Basis,
    GenericClause,
    PositionFinding,
    RingSystem,
    Scaffold,
    Trace,
    Verdict,
)
from tocsin.law.patterns import list_bonds, map_numbers
from tocsin.law.view import Atoms, MoleculeView

_CLOSED_PLACE = 99
_MOST_SITES = 600


@dataclass(frozen=True, slots=True)
class Examination:
    """What a clause says of one part of a structure, and why."""

    verdict: Verdict
    trace: Trace


@dataclass(frozen=True, slots=True)
class _Site:
    """One way in which a scaffold lies on a molecule."""

    atoms: Atoms
    places: Mapping[int, str]
    bonds: frozenset[frozenset[int]]
    basis: tuple[tuple[str, Basis], ...]


def has_core(clause: GenericClause, view: MoleculeView) -> bool:
    """Tell whether a molecule has the core structure a clause is built on."""
    return not _is_closed(clause, view) and any(view.holds(smarts) for smarts in clause.core)


def _is_closed(clause: GenericClause, view: MoleculeView) -> bool:
    """Tell whether a molecule lacks what every core and scaffold of a clause needs."""
    return bool(clause.gate) and not view.holds(clause.gate)


def examine_clause(clause: GenericClause, view: MoleculeView, smiles: str) -> Examination | None:
    """Hold one molecule against one generic definition; None where none of its scaffolds lies on it.

    Of all ways in which the scaffolds lie on the molecule the most telling one is reported:
    one that fits, else one that is arguable, else the one with the fewest failing branches.
    """
    best: tuple[tuple[int, int], Examination] | None = None
    if _is_closed(clause, view):
        return None
    for scaffold in clause.scaffolds:
        if not view.list_matches(scaffold.smarts):
            continue
        for site in _find_sites(scaffold, view):
            rank, examination = _assess(clause, scaffold, site, view, smiles)
            if best is None or rank < best[0]:
                best = (rank, examination)
            if rank[0] == 0:
                return examination
    return best[1] if best is not None else None


def _find_sites(scaffold: Scaffold, view: MoleculeView) -> Iterator[_Site]:
    numbers = map_numbers(scaffold.smarts)
    seen: set[tuple[Atoms, frozenset[tuple[int, str]]]] = set()
    for match in view.list_matches(scaffold.smarts):
        places = {
            match[index]: scaffold.places.get(number, "") for index, number in numbers.items()
        }
        bonds = _bonds(scaffold.smarts, match)
        if not scaffold.ring_systems:
            sites: Iterator[_Site] = iter(
                [_Site(frozenset(match), places, bonds, (("", scaffold.basis),))]
            )
        else:
            anchor = next(
                match[index] for index, number in numbers.items() if number == scaffold.ring_atom
            )
            sites = _with_rings(scaffold, view, match, places, bonds, anchor)
        for site in sites:
            key = (site.atoms, frozenset(site.places.items()))
            if key not in seen:
                seen.add(key)
                yield site
            if len(seen) > _MOST_SITES:
                return


def _with_rings(
    scaffold: Scaffold,
    view: MoleculeView,
    match: tuple[int, ...],
    places: Mapping[int, str],
    bonds: frozenset[frozenset[int]],
    anchor: int,
) -> Iterator[_Site]:
    """Join a scaffold with each ring system that holds its ring atom and no other of its atoms."""
    own = frozenset(match)
    for system in scaffold.ring_systems:
        fixed = map_numbers(system.smarts)
        for ring_match in view.list_matches(system.smarts):
            ring = frozenset(ring_match)
            if ring & own != {anchor}:
                continue
            ring_places = {
                atom: _ring_place(scaffold, view, atom, fixed.get(index))
                for index, atom in enumerate(ring_match)
            }
            yield _Site(
                own | ring,
                {**ring_places, **places},
                bonds | _bonds(system.smarts, ring_match),
                ((f"{system.name}: ", _worse(system, scaffold)),),
            )


def _ring_place(scaffold: Scaffold, view: MoleculeView, atom: int, number: int | None) -> str:
    if number == _CLOSED_PLACE:
        return ""
    carbon = view.symbols[atom] == "C"
    return scaffold.ring_position if carbon else scaffold.ring_hetero_position


def _worse(system: RingSystem, scaffold: Scaffold) -> Basis:
    order = [Basis.DESCRIBED, Basis.NAMED, Basis.UNSEEN, Basis.UNREAD]
    return max(system.basis, scaffold.basis, key=order.index)


def _bonds(smarts: str, match: tuple[int, ...]) -> frozenset[frozenset[int]]:
    return frozenset(frozenset((match[one], match[other])) for one, other in list_bonds(smarts))


def _assess(
    clause: GenericClause, scaffold: Scaffold, site: _Site, view: MoleculeView, smiles: str
) -> tuple[tuple[int, int], Examination]:
    findings: list[PositionFinding] = []
    failed: list[str] = []
    doubts: list[str] = []
    unverified = list(clause.unverified)
    carried: dict[str, int] = {}
    rings = 0
    branches = list(_list_branches(site, view))
    for branch in branches:
        names = [site.places.get(atom, "") for atom, _ in branch.attachments]
        fit = (
            fit_branch(clause, names[0], branch, view)
            if len(names) == 1
            else fit_bridge(clause, names, branch, site.atoms, view)
        )
        shown = " and ".join(dict.fromkeys(name or "closed place" for name in names))
        findings.append(
            PositionFinding(shown, tuple(sorted(branch.atoms)), not fit.failed, fit.reason)
        )
        rings += len({place for place, _ in branch.attachments}) > 1
        for name in names:
            carried[name] = carried.get(name, 0) + 1
        if fit.failed:
            failed.append(f"{shown}: {fit.reason}")
        doubts.extend(f"{shown}: {doubt}" for doubt in fit.doubts)
        unverified.extend(fit.unverified)
    failed.extend(_check_counts(clause, site, carried))
    failed.extend(_check_pairs(clause, site, branches, view))
    if clause.mass_max_u is not None and view.whole_mass_u > clause.mass_max_u:
        failed.append(
            f"the molecule weighs {view.whole_mass_u:.1f} u; the text says up to "
            f"{clause.mass_max_u:g} u"
        )
    if clause.most_rings is not None and rings > clause.most_rings:
        doubts.append(f"{rings} branches close rings with the scaffold, as in a cage")
    for prefix, basis in site.basis:
        if basis is Basis.UNSEEN:
            doubts.append(f"{prefix}only a drawing says it, which was not seen")
        if basis is Basis.UNREAD:
            doubts.append(f"{prefix}the words that define it were not read")
        if basis is Basis.NAMED:
            unverified.append(f"{prefix}drawing not seen; read from the words of the text")
    return _conclude(clause, scaffold, site, smiles, findings, failed, doubts, unverified)


def _conclude(
    clause: GenericClause,
    scaffold: Scaffold,
    site: _Site,
    smiles: str,
    findings: list[PositionFinding],
    failed: list[str],
    doubts: list[str],
    unverified: list[str],
) -> tuple[tuple[int, int], Examination]:
    if failed:
        verdict, reason = Verdict.NOT_FOUND, "; ".join(dict.fromkeys(failed))
        rank = (2, len(failed))
    elif doubts:
        verdict, reason = Verdict.ARGUABLE, "; ".join(dict.fromkeys(doubts))
        rank = (1, len(doubts))
    else:
        verdict, reason = Verdict.CONTROLLED, "every branch is one the text names"
        rank = (0, 0)
    trace = Trace(
        clause=clause.key,
        reason=reason,
        smiles=smiles,
        scaffold=site.basis[0][0].rstrip(": ") or scaffold.name,
        scaffold_atoms=tuple(sorted(site.atoms)),
        positions=tuple(findings),
        unverified=tuple(dict.fromkeys(unverified)),
    )
    return rank, Examination(verdict, trace)


def _check_counts(clause: GenericClause, site: _Site, carried: Mapping[str, int]) -> Iterator[str]:
    present = set(site.places.values())
    for name, position in clause.positions.items():
        if name not in present:
            continue
        if position.required and not carried.get(name):
            yield f"{name}: carries hydrogen only; the text asks for a group"
        if position.most is not None and carried.get(name, 0) > position.most:
            yield f"{name}: carries {carried[name]} groups; the text says up to {position.most}"


def _check_pairs(
    clause: GenericClause, site: _Site, branches: list[Branch], view: MoleculeView
) -> Iterator[str]:
    """Say which atoms carry two groups of which the text allows but one."""
    by_place: dict[int, list[Branch]] = {}
    for branch in branches:
        if len(branch.attachments) == 1:
            by_place.setdefault(branch.attachments[0][0], []).append(branch)
    for place, (first, *others) in by_place.items():
        position = clause.positions.get(site.places.get(place, ""))
        if position is None or not position.second or not others:
            continue
        if not fits_as_pair(position, first, others[0], view):
            yield f"{position.name}: the two groups at atom {place} may not stand together"


def _list_branches(site: _Site, view: MoleculeView) -> Iterator[Branch]:
    """List what hangs on a scaffold, and the bonds that close it to a ring of its own."""
    reached: set[int] = set()
    for start in sorted(site.atoms):
        for first in view.neighbours[start]:
            if first in site.atoms:
                if start < first and frozenset((start, first)) not in site.bonds:
                    yield Branch(frozenset(), ((start, first), (first, start)))
                continue
            if first in reached:
                continue
            atoms = {first}
            waiting = [first]
            while waiting:
                for following in view.neighbours[waiting.pop()]:
                    if following not in site.atoms and following not in atoms:
                        atoms.add(following)
                        waiting.append(following)
            reached |= atoms
            attachments = tuple(
                (place, inner)
                for inner in sorted(atoms)
                for place in view.neighbours[inner]
                if place in site.atoms
            )
            yield Branch(frozenset(atoms), attachments)
