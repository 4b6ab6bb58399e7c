"""Reading what became of identities, and the forms, unknown features and products of the register."""

from django.db.models import Q, QuerySet

from tocsin.errors import NotFoundError
from tocsin.organisations.actors import Actor
from tocsin.substances.models import (
    IdentityEvent,
    Product,
    Substance,
    SubstanceForm,
    UnknownFeature,
)


def list_identity_events(actor: Actor, substance: Substance) -> QuerySet[IdentityEvent]:
    """List what became of a substance and of what was merged into it, newest first.

    What an organisation decided about its own reports is listed to its own people only.
    """
    about = (
        Q(subject=substance)
        | Q(into=substance)
        | Q(subject__merged_into=substance)
        | Q(into__merged_into=substance)
    )
    events = _list_events(actor).filter(about)
    return events.prefetch_related("effects").order_by("-decided_at", "-pk")


def get_identity_event(actor: Actor, event_id: int) -> IdentityEvent:
    """Return one event; NotFoundError where absent or not the actor's to see."""
    event = _list_events(actor).filter(pk=event_id).first()
    if event is None:
        raise NotFoundError(f"event of identity {event_id}: not found")
    return event


def list_merged(substance: Substance) -> QuerySet[Substance]:
    """List the entries that stand for this substance now, by name."""
    entries = Substance.including_merged.filter(merged_into=substance)
    return entries.select_related("merged_by").order_by("name", "key")


def list_forms(substance: Substance) -> QuerySet[SubstanceForm]:
    """List the forms of a substance, by kind and name."""
    forms = SubstanceForm.objects.filter(
        Q(substance=substance) | Q(substance__merged_into=substance)
    )
    return forms.order_by("kind", "name", "pk")


def list_unknowns(substance: Substance) -> QuerySet[UnknownFeature]:
    """List what was seen while a substance was unknown: its own features and those resolved to it."""
    features = UnknownFeature.objects.filter(
        Q(substance=substance) | Q(substance__merged_into=substance)
    )
    return (
        features.select_related("substance")
        .prefetch_related("formulas", "classes__substance_class")
        .order_by("precursor_mz", "pk")
    )


def find_product(substance: Substance) -> Product | None:
    """Return what is known of a product, with its components, or None where it is none."""
    products = Product.objects.filter(substance=substance)
    return products.prefetch_related("components__substance__merged_into").first()


def list_products(substance: Substance) -> QuerySet[Substance]:
    """List the products in which a substance was found, by name."""
    components = Q(product__components__substance=substance) | Q(
        product__components__substance__merged_into=substance
    )
    return Substance.objects.filter(components).distinct().order_by("name", "key")


def _list_events(actor: Actor) -> QuerySet[IdentityEvent]:
    visible = IdentityEvent.objects.select_related("subject", "into", "undoes", "undone_by")
    return visible.filter(Q(owner=None) | Q(owner_id=actor.organisation_id, owner__isnull=False))
