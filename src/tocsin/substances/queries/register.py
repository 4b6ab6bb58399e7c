"""Reading the register: its classes, substances, groups and names."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from tocsin.errors import NotFoundError
from tocsin.science.names import LONGEST_NAME_CHARACTERS, normalise_name
from tocsin.substances.models import Substance, SubstanceClass, SubstanceName
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


def find_inchikeys(keys: Iterable[str]) -> dict[str, str]:
    """Find the InChIKey of each of these substances that is held, by its key; one query."""
    held = Substance.objects.filter(key__in={_storable(key) for key in keys})
    return dict(held.values_list("key", "inchikey"))


def list_names(substance: Substance) -> QuerySet[SubstanceName]:
    """List the further names of a substance, by kind and text."""
    return substance.names.order_by("kind", "text", "language")


def list_members(group: Substance) -> QuerySet[Substance]:
    """List what a group may stand for, by name."""
    return group.members.select_related("substance_class").order_by("name", "key")


def list_groups(substance: Substance) -> QuerySet[Substance]:
    """List the groups that may stand for a substance, by name."""
    return substance.groups.select_related("substance_class").order_by("name", "key")


def _storable(text: str) -> str:
    """PostgreSQL holds no NUL, so no text with one can match."""
    return text.replace("\0", "\ufffd")
