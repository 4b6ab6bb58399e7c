"""The one visibility rule, and the manager that lets no read go round it.

A record is visible to an actor for a purpose when the actor's organisation owns it, or when all
of these hold: its TLP level lets it pass to others, the actor's organisation (or everybody) is in
its audience, and the purpose is among those permitted. An empty audience means nobody. What is
TLP:CLEAR for everybody may be disclosed without limit, so no purpose is asked for.
"""

from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.db import models
from django.db.models import Q

from tocsin.errors import UnscopedReadError
from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import PUBLIC_AUDIENCE, TrafficLight

if TYPE_CHECKING:
    from django.db.models import QuerySet

Record = TypeVar("Record", bound=models.Model)


def derive_handling_condition(actor: Actor, purpose: str, *, path: str = "") -> Q:
    """Return the condition under which a handling lets the actor see a record for the purpose.

    path: lookup prefix that leads to the handling, empty on the handling itself.
    TLP:RED passes only to persons who are named; every other level to organisations in the
    audience; an actor without an organisation (the public) sees TLP:CLEAR for everybody only.
    """
    prefix = f"{path}__" if path else ""

    def condition(**lookups: Any) -> Q:
        return Q(**{f"{prefix}{name}": value for name, value in lookups.items()})

    public = condition(tlp=TrafficLight.CLEAR, audience__contains=[PUBLIC_AUDIENCE])
    if actor.organisation_id is None:
        return public
    shared = condition(audience__overlap=[actor.organisation_id, PUBLIC_AUDIENCE]) & ~condition(
        tlp=TrafficLight.RED
    )
    if actor.person_id is not None:
        shared |= condition(tlp=TrafficLight.RED, people__contains=[actor.person_id])
    return (
        condition(owner_id=actor.organisation_id)
        | public
        | (shared & condition(purposes__contains=[purpose]))
    )


class GuardedManager(models.Manager[Record]):
    """Raises on every read but ``visible_to``; creating records stays possible."""

    def get_queryset(self) -> "QuerySet[Record]":
        raise UnscopedReadError(self.model.__name__)

    def visible_to(self, actor: Actor, *, purpose: str) -> "QuerySet[Record]":
        """Return the records that the actor may see for the purpose."""
        path: str = self.model.handling_path  # type: ignore[attr-defined]
        handling_model = self._handling_model()
        visible = handling_model._base_manager.filter(
            derive_handling_condition(actor, purpose)
        ).values("pk")
        return super().get_queryset().filter(**{f"{path}__in": visible})

    def for_writing(self) -> "QuerySet[Record]":
        """Return every record, for the services that lock, check and write it; never for reading.

        Only ``services.py`` of the model's own app may call this (checked by a test).
        """
        return super().get_queryset()

    def bulk_create(self, *args: Any, **options: Any) -> list[Record]:
        return super().get_queryset().bulk_create(*args, **options)

    def create(self, **values: Any) -> Record:
        return super().get_queryset().create(**values)

    def _handling_model(self) -> type[models.Model]:
        model: type[models.Model] = self.model
        for name in self.model.handling_path.split("__"):  # type: ignore[attr-defined]
            related = model._meta.get_field(name).related_model
            model = cast("type[models.Model]", related)
        return model
