"""All reading of what ways of looking for rises would have told."""

from collections.abc import Iterable

from django.db.models import QuerySet

from tocsin.organisations.actors import Actor
from tocsin.organisations.queries import get_own_organisation
from tocsin.organisations.vocabulary import Purpose
from tocsin.signals.models import DetectionRate, Signal, SignalKind, SignalState
from tocsin.signals.ratings import DecidedRise

EARLY_WARNING = Purpose.EARLY_WARNING.value
_DECIDED = (SignalState.CONFIRMED, SignalState.NOT_CONFIRMED)


def list_detection_rates(actor: Actor) -> QuerySet[DetectionRate]:
    """Return the rates, class by class; none for people of other organisations.

    They are computed from all that the organisation which runs the node may see.
    """
    rates = DetectionRate.objects.select_related("substance_class").order_by(
        "substance_class__name", "id"
    )
    return rates if actor.organisation_id == get_own_organisation().pk else rates.none()


def list_decided_rises(
    actor: Actor, substance_keys: Iterable[str], *, purpose: str = EARLY_WARNING
) -> list[DecidedRise]:
    """Return the visible rises of substances that a person confirmed or did not confirm."""
    rows = (
        Signal.objects.visible_to(actor, purpose=purpose)
        .filter(kind=SignalKind.SPIKE, state__in=_DECIDED, substance__key__in=list(substance_keys))
        .order_by("on", "id")
        .values_list("substance__key", "matrix", "country", "area", "on", "last_on", "state")
    )
    return [
        DecidedRise(key, matrix, country, area, on, last_on, state == SignalState.CONFIRMED)
        for key, matrix, country, area, on, last_on, state in rows
    ]
