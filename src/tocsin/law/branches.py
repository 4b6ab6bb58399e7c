"""One branch of a scaffold held against the rule of its position, or of the ring it closes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tocsin.law.expressions import parse_expression
from tocsin.law.families import DOUBLE_BONDED, Head, find_heads
from tocsin.law.model import Basis, Bridge, GenericClause, Position
from tocsin.law.patterns import map_numbers
from tocsin.law.view import Atoms, MoleculeView

_FIRST_PLACE, _SECOND_PLACE = 91, 92


@dataclass(frozen=True, slots=True)
class Branch:
    """Atoms outside a scaffold and where they hang: pairs of scaffold atom and branch atom."""

    atoms: Atoms
    attachments: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a branch is one the text allows; doubts need a chemist."""

    failed: bool
    reason: str
    doubts: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()


def fit_branch(clause: GenericClause, name: str, branch: Branch, view: MoleculeView) -> Fit:
    """Hold a branch with one attachment against the rule of its position."""
    position = clause.positions.get(name)
    if position is None:
        return Fit(True, f"{_shown(view, branch.atoms)} stands where the text has no substituent")
    place, root = branch.attachments[0]
    doubtful: Fit | None = None
    failure = f"{_shown(view, branch.atoms)} is none of the groups the text names"
    for expression in (*position.may, *position.second, *position.bare):
        if not _is_bonded_for(expression, view.bond_order(place, root)):
            continue
        for head in find_heads(view, expression, root, branch.atoms):
            fit = _fit_head(position, expression, head, branch.atoms, view)
            if fit.failed:
                failure = fit.reason
            elif not fit.doubts:
                return _with_basis(position, fit)
            elif doubtful is None or len(fit.doubts) < len(doubtful.doubts):
                doubtful = fit
    if doubtful is not None:
        return _with_basis(position, doubtful)
    for expression in position.arguable:
        if not _is_bonded_for(expression, view.bond_order(place, root)):
            continue
        for head in find_heads(view, expression, root, branch.atoms):
            # What is open is the group; the limits on what it carries hold all the same.
            fit = _fit_head(position, expression, head, branch.atoms, view)
            if not fit.failed:
                doubt = f"{_shown(view, branch.atoms)}: the words do not settle {expression}"
                return Fit(False, doubt, (doubt, *fit.doubts))
            failure = fit.reason
    return Fit(True, failure)


def _with_basis(position: Position, fit: Fit) -> Fit:
    if position.basis is Basis.UNSEEN:
        doubt = f"where {position.name} stands only a drawing says, which was not seen"
        return Fit(False, fit.reason, (*fit.doubts, doubt))
    if position.basis is Basis.UNREAD:
        doubt = f"what may stand at {position.name} was not read"
        return Fit(False, fit.reason, (*fit.doubts, doubt))
    if position.basis is Basis.NAMED:
        note = f"where {position.name} stands was read from the words; drawing not seen"
        return Fit(False, fit.reason, fit.doubts, (note,))
    return fit


def _is_bonded_for(expression: str, order: float) -> bool:
    double = parse_expression(expression)[0].family in DOUBLE_BONDED
    return order == (2.0 if double else 1.0)


def _fit_head(
    position: Position, expression: str, head: Head, atoms: Atoms, view: MoleculeView
) -> Fit:
    shown = _shown(view, atoms)
    doubts: list[str] = []
    if head.doubts:
        if not position.open_elements:
            return Fit(True, f"{shown}: {head.doubts[0]}")
        doubts.extend(head.doubts)
    rest = atoms - head.atoms
    if position.rest_required and not any(view.symbols[one] == "C" for one in rest):
        return Fit(True, f"{shown}: {expression} carries no carbon; the text asks for a residue")
    if rest and expression in position.bare:
        return Fit(True, f"{shown}: {expression} carries nothing further in the text")
    failure = _check_rest(head.atoms, rest, position, view)
    if failure:
        return Fit(True, failure)
    if position.mass_max_u is not None and view.mass_u(atoms) > position.mass_max_u:
        return Fit(
            True,
            f"{shown} weighs {view.mass_u(atoms):.1f} u; the text says up to "
            f"{position.mass_max_u:g} u",
        )
    if position.rest_mass_max_u is not None and view.mass_u(rest) > position.rest_mass_max_u:
        return Fit(
            True,
            f"{shown}: the residue weighs {view.mass_u(rest):.1f} u; the text says up to "
            f"{position.rest_mass_max_u:g} u",
        )
    counted = rest if position.rest_required else atoms
    too_long, doubt = _check_chain(counted, position.chain_max, view)
    if too_long:
        return Fit(True, f"{shown}: {too_long}")
    if doubt:
        doubts.append(doubt)
    return Fit(False, f"{shown} is {expression}", tuple(doubts))


def _check_chain(atoms: Atoms, chain_max: int | None, view: MoleculeView) -> tuple[str, str]:
    if chain_max is None:
        return "", ""
    strict, passing = view.chain_bounds(atoms)
    if strict > chain_max:
        return f"a chain of {strict} atoms; the text says up to {chain_max}", ""
    if passing > chain_max:
        return "", (
            f"{_shown(view, atoms)}: a chain of {strict} atoms, or of {passing} if it goes on "
            f"beyond a ring; the text says up to {chain_max} without counting rings"
        )
    return "", ""


def _check_rest(head: Atoms, rest: Atoms, rule: Position | Bridge, view: MoleculeView) -> str:
    """Say why what a group carries further is not allowed; an empty text where it is."""
    for piece in list_pieces(rest, view):
        bonds = [
            (inner, outer) for outer in piece for inner in view.neighbours[outer] if inner in head
        ]
        open_elements = rule.open_elements
        if len(bonds) == 1:
            inner, outer = bonds[0]
            allowed, open_elements = _list_carried(rule, inner, view)
            if is_wholly(view, allowed, outer, piece, view.bond_order(inner, outer)):
                continue
        if not open_elements:
            return f"{_shown(view, piece)} is nothing the group may carry"
        foreign = {view.symbols[one] for one in piece} - open_elements
        if foreign:
            return f"{_shown(view, piece)} holds {', '.join(sorted(foreign))}"
    return ""


def _list_carried(
    rule: Position | Bridge, inner: int, view: MoleculeView
) -> tuple[tuple[str, ...], frozenset[str]]:
    """List what an atom of a group may carry: expressions, and elements in any combination."""
    in_ring = view.in_ring[inner]
    if rule.carrying_on_nitrogen and in_ring and view.symbols[inner] == "N":
        return rule.carrying_on_nitrogen, frozenset()
    if isinstance(rule, Position) and in_ring:
        return (*rule.carrying, *rule.carrying_on_rings), rule.open_elements
    return rule.carrying, rule.open_elements


def fits_as_pair(position: Position, first: Branch, other: Branch, view: MoleculeView) -> bool:
    """Tell whether two groups at one atom are one of ``may`` and one of ``second``."""
    return any(
        _is_one_of(position, position.may, one, view)
        and _is_one_of(position, position.second, another, view)
        for one, another in ((first, other), (other, first))
    )


def _is_one_of(
    position: Position, expressions: Iterable[str], branch: Branch, view: MoleculeView
) -> bool:
    place, root = branch.attachments[0]
    return any(
        not _fit_head(position, expression, head, branch.atoms, view).failed
        for expression in expressions
        if _is_bonded_for(expression, view.bond_order(place, root))
        for head in find_heads(view, expression, root, branch.atoms)
    )


def is_wholly(
    view: MoleculeView, expressions: Iterable[str], root: int, atoms: Atoms, order: float
) -> bool:
    """Tell whether one of the expressions takes exactly these atoms, without any doubt."""
    return any(
        head.atoms == atoms and not head.doubts
        for expression in expressions
        if _is_bonded_for(expression, order)
        for head in find_heads(view, expression, root, atoms)
    )


def list_pieces(atoms: Atoms, view: MoleculeView) -> Iterator[Atoms]:
    """List the connected pieces of a set of atoms."""
    left = set(atoms)
    while left:
        piece = {left.pop()}
        waiting = list(piece)
        while waiting:
            for following in view.neighbours[waiting.pop()]:
                if following in left:
                    left.discard(following)
                    piece.add(following)
                    waiting.append(following)
        yield frozenset(piece)


def fit_bridge(
    clause: GenericClause,
    names: list[str],
    branch: Branch,
    scaffold_atoms: Atoms,
    view: MoleculeView,
) -> Fit:
    """Hold a branch that closes a ring with the scaffold against the rules for such rings."""
    shown = _shown(view, branch.atoms) if branch.atoms else "a bond"
    same_atom = len({place for place, _ in branch.attachments}) == 1
    joined = frozenset(names)
    failure = f"{shown} closes a ring the text does not name"
    doubtful: Fit | None = None
    for bridge in clause.bridges:
        if bridge.forbidden and any(pair <= joined for pair in bridge.between):
            if not same_atom:
                return Fit(True, f"{shown} closes a ring the text takes out: {bridge.name}")
            continue
        if bridge.same_atom != same_atom:
            continue
        if len(names) == 2 and not any(
            pair == joined or (len(pair) == 1 and pair == joined) for pair in bridge.between
        ):
            continue
        if len(names) > 2 and (
            bridge.two_places_only or not joined <= frozenset().union(*bridge.between)
        ):
            continue
        fit = _fit_ring(bridge, branch, scaffold_atoms, view)
        if fit.failed:
            failure = fit.reason
        elif not fit.doubts and len(names) == 2:
            return fit
        elif doubtful is None:
            extra = ("a group joins more than two places",) if len(names) > 2 else ()
            doubtful = Fit(False, fit.reason, (*fit.doubts, *extra), fit.unverified)
    return doubtful or Fit(True, failure)


def _fit_ring(bridge: Bridge, branch: Branch, scaffold_atoms: Atoms, view: MoleculeView) -> Fit:
    shown = _shown(view, branch.atoms) if branch.atoms else "a bond"
    failure = f"{shown} is no ring of {bridge.name}"
    for head in _ring_heads(bridge, branch, scaffold_atoms, view):
        rest = branch.atoms - head
        failure = _check_rest(head, rest, bridge, view)
        if failure:
            continue
        too_long, doubt = _check_chain(rest, bridge.chain_max, view)
        if too_long:
            failure = too_long
            continue
        doubts = [doubt] if doubt else []
        unverified: tuple[str, ...] = ()
        if bridge.arguable:
            doubts.append(bridge.arguable)
        if bridge.basis is Basis.UNSEEN:
            doubts.append(f"{bridge.name}: only a drawing says it, which was not seen")
        if bridge.basis is Basis.UNREAD:
            doubts.append(f"{bridge.name}: the words were not read")
        if bridge.basis is Basis.NAMED:
            unverified = (f"{bridge.name}: read from the words; drawing not seen",)
        return Fit(False, f"{shown} is {bridge.name}", tuple(doubts), unverified)
    return Fit(True, failure)


def _ring_heads(
    bridge: Bridge, branch: Branch, scaffold_atoms: Atoms, view: MoleculeView
) -> Iterator[Atoms]:
    places = [place for place, _ in branch.attachments]
    for smarts in bridge.may:
        numbers = map_numbers(smarts)
        for match in view.list_matches(smarts):
            ends = [
                match[index]
                for index, number in numbers.items()
                if number in (_FIRST_PLACE, _SECOND_PLACE)
            ]
            inside = frozenset(match)
            if set(ends) == set(places) and inside <= branch.atoms | scaffold_atoms:
                yield inside & branch.atoms
    if bridge.ring_sizes is None:
        return
    rings = [
        ring
        for ring in view.rings
        if ring & scaffold_atoms
        and (ring & branch.atoms if branch.atoms else ring >= frozenset(places))
    ]
    least, most = bridge.ring_sizes
    within = frozenset().union(*rings) & branch.atoms if rings else frozenset[int]()
    if not rings or not all(least <= len(ring) <= most for ring in rings):
        return
    if bridge.ring_elements and any(
        view.symbols[one] not in bridge.ring_elements for one in within
    ):
        return
    if not bridge.aromatic and any(all(view.is_aromatic[one] for one in ring) for ring in rings):
        return
    yield within


def _shown(view: MoleculeView, atoms: Atoms) -> str:
    if len(atoms) == 1:
        only = next(iter(atoms))
        return f"{view.symbols[only]} (atom {only})"
    numbers = ", ".join(str(one) for one in sorted(atoms))
    return f"the group of atoms {numbers}"
