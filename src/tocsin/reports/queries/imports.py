"""Reading imports, who sent them, and how files are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    Max,
    OuterRef,
    Q,
    QuerySet,
)

from tocsin.errors import BadProfileError, NotFoundError
from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.reports.formats.profiles import Profile, list_profiles, load_profile, parse_profile
from tocsin.reports.models import EvidenceImport, ImportProblem, ImportProfile, ImportState

EARLY_WARNING = Purpose.EARLY_WARNING.value

IMPORT_ORDERS: Mapping[str, tuple[str, ...]] = {
    "-needs_mending": ("-needs_mending", "-created_at", "-id"),
    "-created_at": ("-created_at", "-id"),
    "created_at": ("created_at", "id"),
    "file_name": ("file_name", "-id"),
    "-file_name": ("-file_name", "-id"),
    "-refused": ("-refused", "-created_at", "-id"),
    "refused": ("refused", "-created_at", "-id"),
    "state": ("state", "-created_at", "-id"),
    "-state": ("-state", "-created_at", "-id"),
}
"""Orders a list of imports can be sorted in; each ends in a unique column."""


def list_imports(
    actor: Actor,
    *,
    purpose: str = EARLY_WARNING,
    search: str = "",
    state: str = "",
    order: str = "-created_at",
) -> QuerySet[EvidenceImport]:
    """Return the imports the actor may see, newest first, each with ``needs_mending``.

    An import needs mending when it failed or refused rows, and the same owner has sent no file
    with the same profile since.
    """
    visible = EvidenceImport.objects.visible_to(actor, purpose=purpose)
    later = visible.filter(
        handling__owner=OuterRef("handling__owner"),
        profile_name=OuterRef("profile_name"),
        pk__gt=OuterRef("pk"),
    )
    imports: QuerySet[EvidenceImport] = visible.select_related("handling__owner").annotate(
        needs_mending=ExpressionWrapper(
            (Q(refused__gt=0) | Q(state=ImportState.FAILED)) & ~Exists(later),
            output_field=BooleanField(),
        )
    )
    if search:
        imports = imports.filter(file_name__icontains=search)
    if state:
        imports = imports.filter(state=state)
    return imports.order_by(*IMPORT_ORDERS.get(order, IMPORT_ORDERS["-created_at"]))


def has_to_be_mended(evidence_import: EvidenceImport) -> bool:
    """Tell whether an import, read with ``list_imports``, refused rows that were not sent again."""
    return bool(getattr(evidence_import, "needs_mending", False))


def get_import(actor: Actor, import_id: int, *, purpose: str = EARLY_WARNING) -> EvidenceImport:
    """Return one import; NotFoundError where it is absent or not visible."""
    found = list_imports(actor, purpose=purpose).filter(pk=import_id).first()
    if found is None:
        raise NotFoundError(f"import {import_id}: not found")
    return found


def list_problems(
    actor: Actor, import_id: int, *, purpose: str = EARLY_WARNING
) -> QuerySet[ImportProblem]:
    """Return the problems of an import the actor may see, by row."""
    return (
        ImportProblem.objects.visible_to(actor, purpose=purpose)
        .filter(evidence_import_id=import_id)
        .order_by("row", "id")
    )


@dataclass(frozen=True, slots=True)
class Source:
    """An organisation that sends evidence: how many imports, and when the last one came."""

    name: str
    imports: int
    last_at: date


def list_sources(actor: Actor, *, purpose: str = EARLY_WARNING) -> list[Source]:
    """Return who sent files the actor may see, longest silent first."""
    rows = (
        EvidenceImport.objects.visible_to(actor, purpose=purpose)
        .values("handling__owner__name")
        .annotate(imports=Count("pk"), last_at=Max("created_at"))
        .order_by("last_at")
    )
    return [
        Source(row["handling__owner__name"], row["imports"], row["last_at"].date()) for row in rows
    ]


def list_profile_names(actor: Actor) -> list[str]:
    """Return the names of the shipped profiles and of those of the actor's organisation."""
    own = ImportProfile.objects.filter(owner_id=actor.organisation_id)
    return [*list_profiles(), *own.values_list("name", flat=True)]


def get_profile(actor: Actor, name: str) -> Profile:
    """Return a shipped profile or one of the actor's organisation; BadProfileError where absent."""
    if name in list_profiles():
        return load_profile(name)
    own = ImportProfile.objects.filter(owner_id=actor.organisation_id, name=name).first()
    if own is None:
        known = ", ".join(list_profile_names(actor))
        raise BadProfileError(f"profile {name!r}: not found; expected one of: {known}")
    return parse_profile(own.text)
