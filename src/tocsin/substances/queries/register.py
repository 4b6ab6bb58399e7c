"""Reading the register: its classes, substances, groups and names."""

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from tocsin.errors import NotFoundError
from tocsin.science.names import LONGEST_NAME_CHARACTERS, normalise_name
from tocsin.substances.models import GroupMember, Substance, SubstanceClass, SubstanceName
from tocsin.substances.queries.name_index import load_name_index

_CONNECTIVITY_CHARACTERS = 14

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


def list_classes() -> QuerySet[SubstanceClass]:
    """List the classes of substances by name."""
    return SubstanceClass.objects.order_by("name")


def list_substances(
    search: str = "", substance_class: str = "", kind: str = "", order: str = "name"
) -> QuerySet[Substance]:
    """List substances, groups, unknown features and products, each once, with their class.

    What was merged into another is not listed, and found under that other.

    search: part of a name or of any spelling of it, a CAS number, or the start of an InChIKey.
    substance_class: key of a class. kind: one of SubstanceKind.
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
    """Return what this key stands for now, with its class: what it was merged into, if it was.

    Raises NotFoundError.
    """
    return get_entry(key).standing


def get_entry(key: str) -> Substance:
    """Return the entry that has this very key, merged or not, with its class.

    Raises NotFoundError.
    """
    entries = Substance.including_merged.select_related(
        "substance_class", "merged_into__substance_class"
    )
    entry = entries.filter(key=_storable(key)).first()
    if entry is None:
        raise NotFoundError(f"substance {key[:120]!r}: not found")
    return entry


def select_standing(key: str) -> QuerySet[Substance, int]:
    """Return the query for the primary key of what this key stands for now, for use in others."""
    held = Substance.including_merged.filter(key=_storable(key))
    return held.annotate(stands=Coalesce("merged_into_id", "pk")).values_list("stands", flat=True)


def find_substance_ids(keys: Iterable[str]) -> dict[str, int]:
    """Return the primary key of what each of these keys that is held stands for; one query."""
    held = Substance.including_merged.filter(key__in={_storable(key) for key in keys})
    return dict(held.values_list("key", Coalesce("merged_into_id", "pk")))


def find_inchikeys(keys: Iterable[str]) -> dict[str, str]:
    """Find the InChIKey of each of these substances that stands, by its key; one query."""
    held = Substance.objects.filter(key__in={_storable(key) for key in keys})
    return dict(held.values_list("key", "inchikey"))


def list_names(substance: Substance) -> QuerySet[SubstanceName]:
    """List the further names of a substance, by kind and text, each once a language.

    Those of what was merged into it are among them.
    """
    same = SubstanceName.objects.filter(
        substance=OuterRef("substance"),
        text=OuterRef("text"),
        language=OuterRef("language"),
        pk__lt=OuterRef("pk"),
    )
    names = SubstanceName.objects.filter(~Exists(same), substance=substance)
    return names.order_by("kind", "text", "language")


def list_members(group: Substance) -> QuerySet[Substance]:
    """List what a group may stand for, by name; of what was merged, what it stands for now."""
    rows = GroupMember.objects.filter(Q(group=group) | Q(group__merged_into=group))
    members = rows.values_list(Coalesce("member__merged_into", F("member")))
    return _list_other(members, group)


def list_groups(substance: Substance) -> QuerySet[Substance]:
    """List the groups that may stand for a substance, by name."""
    rows = GroupMember.objects.filter(Q(member=substance) | Q(member__merged_into=substance))
    groups = rows.values_list(Coalesce("group__merged_into", F("group")))
    return _list_other(groups, substance)


def _list_other(
    ids: QuerySet[GroupMember, tuple[int]], substance: Substance
) -> QuerySet[Substance]:
    found = Substance.objects.filter(pk__in=ids).exclude(pk=substance.pk)
    return found.select_related("substance_class").order_by("name", "key")


def _storable(text: str) -> str:
    """PostgreSQL holds no NUL, so no text with one can match."""
    return text.replace("\0", "\ufffd")
