"""All reading of the register, and the one way from a text to the substance it means."""

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from tocsin.errors import BadCasNumberError, BadStructureError, NotFoundError
from tocsin.science.cas import is_cas_shaped, parse_cas_number
from tocsin.science.names import (
    LONGEST_NAME_CHARACTERS,
    NameCandidate,
    NameIndex,
    normalise_name,
)
from tocsin.science.structures import (
    LONGEST_SMILES_CHARACTERS,
    Structure,
    derive_parent,
    is_inchikey,
    parse_structure,
)
from tocsin.substances.models import RegisterState, Substance, SubstanceClass, SubstanceName

Tier = Literal["inchikey", "cas", "smiles", "exact", "normalised", "candidates", "not-found"]

ORDERS: dict[str, tuple[str, ...]] = {
    "name": ("name", "key"),
    "-name": ("-name", "-key"),
    "class": ("substance_class__name", "name", "key"),
    "-class": ("-substance_class__name", "name", "key"),
    "mass": ("mass_da", "name", "key"),
    "-mass": ("-mass_da", "name", "key"),
    "kind": ("kind", "name", "key"),
    "-kind": ("-kind", "name", "key"),
}
"""The orders in which substances can be listed, by the name the web and the API use."""

_CONNECTIVITY_CHARACTERS = 14
_CONNECTIVITY_SCORE = 90
_PARENT_SCORE = 95
_MOST_CANDIDATES = 5
_INCHIKEY_PREFIX = "INCHIKEY="
_SMILES_ALPHABET = re.compile(r"[A-Za-z0-9@+\-\[\]()=#$%/\\.:*~]+")
_BARE_ATOMS = re.compile(r"(?:Cl|Br|[BCNOPSFI])+")


@dataclass(frozen=True, slots=True)
class ResolvedSubstance:
    """The substance that a text means."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a text was found to mean.

    tier: how it was found. substance: set for the tiers inchikey, cas, smiles, exact and
    normalised only. candidates: best first, for a person to choose from; never a choice.
    reason: one sentence that says why.
    """

    text: str
    tier: Tier
    substance: ResolvedSubstance | None
    candidates: tuple[NameCandidate, ...]
    reason: str


def list_classes() -> QuerySet[SubstanceClass]:
    """List the classes of substances by name."""
    return SubstanceClass.objects.order_by("name")


def list_substances(
    search: str = "", substance_class: str = "", kind: str = "", order: str = "name"
) -> QuerySet[Substance]:
    """List substances and groups, each once, with their class.

    search: part of a name or of any spelling of it, a CAS number, or the start of an InChIKey.
    substance_class: key of a class. kind: substance, isomer-group or class-group.
    order: a key of ORDERS; anything else means by name.
    """
    substances = Substance.objects.select_related("substance_class")
    words = _storable(search).strip()[:LONGEST_NAME_CHARACTERS]
    if words:
        named = Q(text__icontains=words)
        if normal := normalise_name(words):
            named |= Q(normalised__contains=normal)
        names = SubstanceName.objects.filter(named, substance=OuterRef("pk"))
        matches = Q(name__icontains=words) | Q(cas=words) | Q(Exists(names))
        matches |= Q(key__in=load_name_index().find_normalised(words))
        if len(words) >= _CONNECTIVITY_CHARACTERS:
            matches |= Q(inchikey__startswith=words.upper())
        substances = substances.filter(matches)
    if substance_class:
        substances = substances.filter(substance_class__key=_storable(substance_class))
    if kind:
        substances = substances.filter(kind=_storable(kind))
    return substances.order_by(*ORDERS.get(order, ORDERS["name"]))


def get_substance(key: str) -> Substance:
    """Return the substance or group with this key, with its class.

    Raises NotFoundError.
    """
    substance = (
        Substance.objects.select_related("substance_class").filter(key=_storable(key)).first()
    )
    if substance is None:
        raise NotFoundError(f"substance {key[:120]!r}: not found")
    return substance


def find_substance_ids(keys: Iterable[str]) -> dict[str, int]:
    """Return the primary key of each of these substances that is held, by its key; one query."""
    held = Substance.objects.filter(key__in={_storable(key) for key in keys})
    return dict(held.values_list("key", "pk"))


def list_names(substance: Substance) -> QuerySet[SubstanceName]:
    """List the further names of a substance, by kind and text."""
    return substance.names.order_by("kind", "text", "language")


def list_members(group: Substance) -> QuerySet[Substance]:
    """List what a group may stand for, by name."""
    return group.members.select_related("substance_class").order_by("name", "key")


def list_groups(substance: Substance) -> QuerySet[Substance]:
    """List the groups that may stand for a substance, by name."""
    return substance.groups.select_related("substance_class").order_by("name", "key")


@dataclass(frozen=True, slots=True)
class _CachedIndex:
    revision: UUID | None
    index: NameIndex


_cached: list[_CachedIndex] = []
_cache_lock = threading.Lock()


def load_name_index() -> NameIndex:
    """Return the index of every name of the register, built anew only after a change of it.

    One short query while nothing changed; the index itself is shared by the process's threads.
    The revision is read before the names, so that names that came in between are indexed again.
    """
    revision = RegisterState.objects.values_list("revision", flat=True).filter(pk=1).first()
    for cached in tuple(_cached):
        if cached.revision == revision and revision is not None:
            return cached.index
    index = NameIndex(
        SubstanceName.objects.order_by("pk").values_list("text", "substance__key", "kind"),
        preferred_names=dict(Substance.objects.order_by("pk").values_list("key", "name")),
    )
    with _cache_lock:
        _cached[:] = [_CachedIndex(revision, index)]
    return index


def resolve_text(text: str, index: NameIndex | None = None) -> Resolution:
    """Find the substance behind an InChIKey, a CAS number, a name or a SMILES.

    index: the names, from load_name_index, which is called where none is given. Given one, exact
    and normalised names are found without a query.
    Only one certain substance is ever taken: two that share a name, a neighbouring spelling, a
    street name or another stereoisomer come back as candidates with a reason.
    """
    names = load_name_index() if index is None else index
    wanted = text.strip()
    if not wanted:
        return _not_found(text, "the text is empty")
    if len(wanted) > LONGEST_SMILES_CHARACTERS:
        return _not_found(
            text, f"the text has {len(wanted)} characters; no name or SMILES is that long"
        )
    inchikey = wanted.upper().removeprefix(_INCHIKEY_PREFIX)
    if is_inchikey(inchikey):
        return _resolve_inchikey(text, inchikey, "inchikey") or _not_found(
            text, f"no substance with the InChIKey {inchikey} is in the register"
        )
    if is_cas_shaped(wanted):
        return _resolve_cas(text, wanted)
    return (
        _resolve_name(text, wanted, names)
        or _resolve_smiles(text, wanted)
        or _offer_candidates(text, wanted, names)
    )


def _resolve_cas(text: str, wanted: str) -> Resolution:
    try:
        number = parse_cas_number(wanted)
    except BadCasNumberError as error:
        return _not_found(text, str(error))
    held = list(Substance.objects.filter(cas=number).order_by("key"))
    if len(held) == 1:
        return _found(text, "cas", held[0].key, held[0].name, f"CAS number {number}")
    return _several(text, held, f"the CAS number {number}") or _not_found(
        text, f"no substance with the CAS number {number} is in the register"
    )


def _resolve_name(text: str, wanted: str, names: NameIndex) -> Resolution | None:
    found: tuple[tuple[Tier, list[str], str], ...] = (
        ("exact", names.find_exact(wanted), "this very name is in the register"),
        ("normalised", names.find_normalised(wanted), "a name in the register but for its form"),
    )
    for tier, keys, reason in found:
        if len(keys) == 1:
            return _found(text, tier, keys[0], names.get_preferred_name(keys[0]), reason)
        if keys:
            shared = "several substances share this name"
            return _candidates(
                text,
                [NameCandidate(key, names.get_preferred_name(key), 100, shared) for key in keys],
                shared,
            )
    return None


def _resolve_smiles(text: str, wanted: str) -> Resolution | None:
    """Resolve a SMILES; None where the text could as well be a name that is not held."""
    if not _SMILES_ALPHABET.fullmatch(wanted):
        return None
    try:
        structure = parse_structure(wanted)
    except BadStructureError:
        return None
    resolution = _resolve_inchikey(text, structure.inchikey, "smiles") or _offer_parent(
        text, wanted
    )
    if resolution is not None or _BARE_ATOMS.fullmatch(wanted):
        return resolution
    return _not_found(text, _describe_unknown(structure))


def _offer_parent(text: str, smiles: str) -> Resolution | None:
    parent = derive_parent(smiles)
    held = list(Substance.objects.filter(inchikey=parent.inchikey).order_by("key"))
    if not held:
        return None
    reason = "the structure is a salt or an ion of this substance"
    return _candidates(
        text,
        [NameCandidate(one.key, one.name, _PARENT_SCORE, reason) for one in held],
        reason,
    )


def _describe_unknown(structure: Structure) -> str:
    return (
        f"a structure of the formula {structure.formula}; no substance with its InChIKey "
        f"{structure.inchikey} is in the register"
    )


def _resolve_inchikey(text: str, inchikey: str, tier: Tier) -> Resolution | None:
    connectivity = inchikey[:_CONNECTIVITY_CHARACTERS]
    alike = list(Substance.objects.filter(inchikey__startswith=connectivity).order_by("key"))
    held = [substance for substance in alike if substance.inchikey == inchikey]
    if len(held) == 1:
        return _found(text, tier, held[0].key, held[0].name, f"InChIKey {inchikey}")
    if held:
        return _several(text, held, f"the InChIKey {inchikey}")
    if not alike:
        return None
    reason = "same connectivity, other stereochemistry or isotopes"
    return _candidates(
        text,
        [NameCandidate(one.key, one.name, _CONNECTIVITY_SCORE, reason) for one in alike],
        reason,
    )


def _offer_candidates(text: str, wanted: str, names: NameIndex) -> Resolution:
    if len(wanted) > LONGEST_NAME_CHARACTERS:
        return _not_found(
            text,
            f"neither a readable structure nor a name: {len(wanted)} characters, and names have "
            f"at most {LONGEST_NAME_CHARACTERS}",
        )
    candidates = names.list_candidates(wanted, limit=_MOST_CANDIDATES)
    if not candidates:
        return _not_found(text, "no name in the register is like it")
    return _candidates(text, candidates, "not a name in the register; some names are like it")


def _several(text: str, held: list[Substance], what: str) -> Resolution | None:
    if not held:
        return None
    reason = f"several substances have {what}"
    return _candidates(
        text, [NameCandidate(one.key, one.name, 100, reason) for one in held], reason
    )


def _found(text: str, tier: Tier, key: str, name: str, reason: str) -> Resolution:
    return Resolution(text, tier, ResolvedSubstance(key, name), (), reason)


def _candidates(text: str, candidates: Iterable[NameCandidate], reason: str) -> Resolution:
    return Resolution(text, "candidates", None, tuple(candidates), reason)


def _not_found(text: str, reason: str) -> Resolution:
    return Resolution(text, "not-found", None, (), reason)


def _storable(text: str) -> str:
    """PostgreSQL holds no NUL, so no text with one can match."""
    return text.replace("\0", "\ufffd")
