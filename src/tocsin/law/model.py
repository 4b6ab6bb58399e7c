"""What a rule of law is made of, and what an answer says."""

import datetime
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rdkit import Chem
from rdkit.Chem import rdMolDescriptors


class Verdict(StrEnum):
    """What the rules loaded say of one structure under one instrument on one day."""

    CONTROLLED = "controlled"
    EXCLUDED = "excluded"
    NOT_FOUND = "not-found"
    ARGUABLE = "arguable"


class Basis(StrEnum):
    """How far the words in front of the curator carry a part of a rule."""

    DESCRIBED = "described"  # the text says it, or describes the drawing that does
    NAMED = "named"  # a drawing says it, but the words of the text fix it
    UNSEEN = "unseen"  # only a drawing says it, which was not in front of the curator
    UNREAD = "unread"  # the words say it, but were not in front of the curator


class Extent(StrEnum):
    """How much of an instrument the data files hold; it decides what silence means."""

    WHOLE = "whole"
    PART = "part"  # some of its entries or definitions: others are not looked at
    NOTHING = "nothing"  # the instrument is known, and none of its rules are loaded


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a rule stands: the place in the instrument, the publication and the copy read."""

    place: str
    publication: str
    consolidated_on: datetime.date
    source: str


def describe_clause(clause: str, citation: Citation | None) -> str:
    """A clause as a reader cites it: where only its number or name is given, with its place.

    >>> describe_clause("Anlage II, Isotonitazen", None)
    'Anlage II, Isotonitazen'
    """
    if citation is None or clause.startswith(citation.place):
        return clause
    return citation.place if clause in citation.place else f"{citation.place}, {clause}"


@dataclass(frozen=True, slots=True)
class StatutoryDate:
    """A dated step of the making of a rule, or a deadline it sets.

    kind: one of ``tocsin.law.dates.KINDS``. on: the day, or the last of several. began_on: the
    first of several days; equal to on otherwise. act: the act the step belongs to. verified:
    whether the day stood in the source; where not, the source says how it was arrived at.
    """

    kind: str
    on: datetime.date
    began_on: datetime.date
    act: str
    source: str
    verified: bool = True


@dataclass(frozen=True, slots=True)
class PositionFinding:
    """What one position of a scaffold carries, and whether the text allows it."""

    position: str
    atoms: tuple[int, ...]
    fits: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Why a clause answers as it does; atom numbers count the heavy atoms of ``smiles``."""

    clause: str
    reason: str
    smiles: str = ""
    scaffold: str = ""
    scaffold_atoms: tuple[int, ...] = ()
    positions: tuple[PositionFinding, ...] = ()
    unverified: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exemption:
    """A form, concentration, packaging or quantity to which a rule does not, or only, apply.

    only_when: true where the rule applies only in this case, false where it does not apply then.
    """

    text: str
    only_when: bool
    form: str = ""
    concentration_above_percent: float | None = None
    mass_above_g: float | None = None
    mass_up_to_mg: float | None = None
    most_containers: int | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """What may stand at one kind of place of a scaffold.

    may: family expressions. second: those for the second group at one atom, where its rule is
    another. bare: those that carry nothing further. carrying: what their atoms may carry further;
    carrying_on_nitrogen: what nitrogen of their rings may carry instead. open_elements: the
    elements of an open-ended further substitution, with its longest chain. mass_max_u: of each
    branch, in u. required: hydrogen alone does not suffice. arguable: expressions the words
    neither include nor exclude clearly.
    """

    name: str
    may: tuple[str, ...]
    second: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    carrying: tuple[str, ...] = ()
    carrying_on_rings: tuple[str, ...] = ()
    carrying_on_nitrogen: tuple[str, ...] = ()
    open_elements: frozenset[str] = frozenset()
    chain_max: int | None = None
    mass_max_u: float | None = None
    rest_mass_max_u: float | None = None
    rest_required: bool = False
    required: bool = False
    most: int | None = None
    arguable: tuple[str, ...] = ()
    basis: Basis = Basis.DESCRIBED


@dataclass(frozen=True, slots=True)
class Bridge:
    """What may join two places of a scaffold, or one place twice, into a ring.

    between: names of the positions joined. may: SMARTS in which the atoms numbered 91 and 92 are
    the places joined. ring_sizes, ring_elements: for rings given by size only; the ring may hold
    atoms of the scaffold. aromatic: whether such a ring may be aromatic. carrying: what its atoms
    may carry further; carrying_on_nitrogen: what its nitrogen may carry instead. two_places_only:
    a group that joins more than two places is none of these rings.
    """

    name: str
    between: tuple[frozenset[str], ...]
    same_atom: bool
    may: tuple[str, ...] = ()
    ring_sizes: tuple[int, int] | None = None
    ring_elements: frozenset[str] = frozenset()
    aromatic: bool = False
    carrying: tuple[str, ...] = ()
    carrying_on_nitrogen: tuple[str, ...] = ()
    open_elements: frozenset[str] = frozenset()
    chain_max: int | None = None
    forbidden: bool = False
    two_places_only: bool = False
    arguable: str = ""
    basis: Basis = Basis.DESCRIBED


@dataclass(frozen=True, slots=True)
class Scaffold:
    """A core as SMARTS, with numbered atoms where something may stand.

    places: position name by atom number. ring_atom: number of the atom that must belong to one of
    ring_systems, whose atoms then join the scaffold: carbon under ring_position, other elements
    under ring_hetero_position.
    """

    name: str
    smarts: str
    places: Mapping[int, str]
    ring_systems: tuple["RingSystem", ...] = ()
    ring_atom: int = 0
    ring_position: str = ""
    ring_hetero_position: str = ""
    basis: Basis = Basis.DESCRIBED


@dataclass(frozen=True, slots=True)
class RingSystem:
    """A ring system a scaffold may stand on; atoms numbered 99 carry no substituent rule."""

    name: str
    smarts: str
    basis: Basis = Basis.DESCRIBED


@dataclass(frozen=True, slots=True)
class NamedException:
    """A substance the text itself takes out of a clause; keys are first blocks of InChIKeys."""

    name: str
    inchikey_blocks: tuple[str, ...]
    text: str
    arguable: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A structure with the verdict its clause must give, and why it is known."""

    name: str
    smiles: str
    verdict: Verdict
    source: str


@dataclass(frozen=True, slots=True)
class GenericClause:
    """A generic definition: what a substance must be to fall under it.

    core: SMARTS of the core structure the precedence rule speaks of. gate: SMARTS without which no
    scaffold can lie on a molecule, asked first because it is cheap. most_rings: how many branches
    may join different places; with more of them, as in a cage, a chemist is needed.
    yields_to: clauses whose core takes a substance away from this one when they do not catch it.
    """

    key: str
    title: str
    citation: Citation
    scaffolds: tuple[Scaffold, ...]
    positions: Mapping[str, Position]
    bridges: tuple[Bridge, ...]
    mass_max_u: float | None = None
    most_rings: int | None = None
    core: tuple[str, ...] = ()
    gate: str = ""
    yields_to: tuple[str, ...] = ()
    exceptions: tuple[NamedException, ...] = ()
    unverified: tuple[str, ...] = ()
    text: str = ""

    @property
    def is_unseen(self) -> bool:
        """Whether every scaffold stands on a drawing or on words that were not seen."""
        return all(one.basis in (Basis.UNSEEN, Basis.UNREAD) for one in self.scaffolds)


@dataclass(frozen=True, slots=True)
class ListedSubstance:
    """A substance an instrument lists by name.

    possible_from: earliest day on which the entry may have stood in the text, where the day is
    not known. key: stable within the instrument. names: as the law writes them, the leading one first.
    smiles, inchikey: empty where no two independent routes agree. review: ``two-routes`` or
    ``name-only``. is_distinct: its stereoisomers are other substances, so that a structure without
    configuration may be either. derivatives_excepted: the text takes its esters and ethers out.
    cn_code: of the Combined Nomenclature; threshold: as the annex
    writes it. dates: steps of the act that added it, and its deadlines. unverified: what of the
    entry has no source in front of the curator.
    """

    key: str
    names: tuple[str, ...]
    citation: Citation
    valid_from: datetime.date
    valid_to: datetime.date | None
    annex: str
    possible_from: datetime.date
    systematic_name: str = ""
    is_distinct: bool = False
    derivatives_excepted: bool = False
    cas: str = ""
    cn_code: str = ""
    threshold: str = ""
    smiles: str = ""
    inchikey: str = ""
    review: str = "name-only"
    routes: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    dates: tuple[StatutoryDate, ...] = ()
    unverified: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One state of an instrument's generic definitions and scope.

    name: by which the data files call it.
    valid_from: first day on which the text is known to apply. possible_from: earliest day on
    which it may already have applied; equal to valid_from where the day is known.
    """

    name: str
    valid_from: datetime.date
    possible_from: datetime.date
    valid_to: datetime.date | None
    citation: Citation
    clauses: tuple[GenericClause, ...]
    scope: tuple[str, ...]
    excludes_instruments: tuple[str, ...] = ()
    excludes_medicines: str = ""
    dates: tuple[StatutoryDate, ...] = ()
    unverified: tuple[str, ...] = ()


@dataclass(frozen=True)
class Instrument:
    """An act of one jurisdiction with its generic versions and its listed substances."""

    jurisdiction: str
    key: str
    title: str
    citation: str
    language: str
    kind: str
    versions: tuple[Version, ...] = ()
    entries: tuple[ListedSubstance, ...] = ()
    loaded_from: datetime.date | None = None
    extent: Extent = Extent.WHOLE
    covers_derivatives: tuple[str, ...] = ()
    dates: tuple[StatutoryDate, ...] = ()
    notes: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()

    def is_loaded_on(self, day: datetime.date) -> bool:
        """Tell whether rules are loaded for a day, so that silence says something."""
        begins = self.loaded_from
        return self.extent is not Extent.NOTHING and (begins is None or begins <= day)

    @functools.cached_property
    def compositions(self) -> frozenset[str]:
        """What the entries with a structure hold beside hydrogen: cheaper still than formulas."""
        return frozenset(
            compose(atom.GetSymbol() for atom in Chem.MolFromSmiles(entry.smiles).GetAtoms())
            for entry in self.entries
            if entry.smiles
        )

    @functools.cached_property
    def formulas(self) -> frozenset[str]:
        """The formulas of the entries with a structure: a cheap question before an InChI."""
        return frozenset(
            rdMolDescriptors.CalcMolFormula(Chem.MolFromSmiles(entry.smiles))
            for entry in self.entries
            if entry.smiles
        )

    @functools.cached_property
    def entries_by_skeleton(self) -> Mapping[str, list[ListedSubstance]]:
        """The entries with a structure, by the first block of their InChIKey."""
        found: dict[str, list[ListedSubstance]] = {}
        for entry in self.entries:
            if entry.inchikey:
                found.setdefault(entry.inchikey.partition("-")[0], []).append(entry)
        return found


def compose(symbols: Iterable[str]) -> str:
    """Write the elements of atoms in one order, hydrogen left out.

    >>> compose(["O", "C", "Cl", "H", "C"])
    'C C Cl O'
    """
    return " ".join(sorted(one for one in symbols if one != "H"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What one instrument says of one structure on one day.

    since: first day on which the clause named is known to say so, where there is one.
    dates: steps and deadlines of the acts behind the answer, or of one that is on its way.
    """

    jurisdiction: str
    instrument: str
    clause: str
    verdict: Verdict
    since: datetime.date | None
    citation: Citation | None
    scope: tuple[str, ...]
    exemptions: tuple[Exemption, ...]
    traces: tuple[Trace, ...]
    dates: tuple[StatutoryDate, ...] = ()
