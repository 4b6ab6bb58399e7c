"""What a page says of an identity: names by language, forms, what became of it, what follows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import is_permitted
from tocsin.organisations.queries import get_own_organisation
from tocsin.reports.identity_queries import list_consequences
from tocsin.reports.models import IdentityConsequence
from tocsin.substances.models import IdentityEvent, Substance, SubstanceName
from tocsin.substances.queries import (
    find_product,
    list_forms,
    list_identity_events,
    list_merged,
    list_names,
    list_products,
    list_unknowns,
)
from tocsin.substances.vocabulary import GROUP_KINDS, IdentityEventKind, SubstanceKind

MOST_EVENTS_ON_PAGE = 20


@dataclass(frozen=True, slots=True)
class NamesOfLanguage:
    """The names of one language, an empty code for names of none; what the names are as well."""

    language: str
    names: tuple[SubstanceName, ...]


@dataclass(frozen=True, slots=True)
class TheEvent:
    """An event of identity, what it moved that the reader may see, and whether they may undo it.

    who: the account that decided; empty for readers of other organisations.
    """

    event: IdentityEvent
    who: str
    moved_names: tuple[str, ...]
    spellings: tuple[str, ...]
    undone: bool
    may_undo_resolution: bool


def describe_identity(actor: Actor, substance: Substance) -> dict[str, Any]:
    """Return what the identity sections of a substance's page show; a fixed number of queries."""
    return {
        "names_by_language": group_by_language(list_names(substance)),
        "forms": list_forms(substance),
        "unknowns": list_unknowns(substance),
        "product": find_product(substance) if substance.kind == SubstanceKind.PRODUCT else None,
        "products": list_products(substance),
        "merged": list_merged(substance),
        "identity_events": list_told_events(actor, substance)[:MOST_EVENTS_ON_PAGE],
        "may_curate": may_curate(actor),
        "may_resolve": substance.kind in GROUP_KINDS and is_permitted(actor, "report.correct"),
    }


def may_curate(actor: Actor) -> bool:
    """Tell whether the actor may merge and split: an analyst of who runs the node."""
    return (
        is_permitted(actor, "substance.curate")
        and actor.organisation_id == get_own_organisation().pk
    )


def group_by_language(names: Iterable[SubstanceName]) -> list[NamesOfLanguage]:
    """Group names by language in the order of its code, names of none last.

    Within a language: by kind and text, as given.
    """
    held: dict[str, list[SubstanceName]] = {}
    for name in names:
        held.setdefault(name.language, []).append(name)
    order = sorted(held, key=lambda code: (code == "", code))
    return [NamesOfLanguage(code, tuple(held[code])) for code in order]


def list_told_events(actor: Actor, substance: Substance) -> list[TheEvent]:
    """List what became of a substance, newest first, with what the actor may see of it."""
    events = list(list_identity_events(actor, substance))
    followed: dict[int, list[IdentityConsequence]] = {}
    for one in list_consequences(actor, events):
        followed.setdefault(one.event_id, []).append(one)
    undone = {event.undoes_id for event in events if event.undoes_id is not None}
    own_id = get_own_organisation().pk
    may_correct = is_permitted(actor, "report.correct")
    return [
        TheEvent(
            event=event,
            who=event.decided_by if actor.organisation_id == (event.owner_id or own_id) else "",
            moved_names=tuple(effect.text for effect in event.effects.all()),
            spellings=tuple(sorted({one.written_name.text for one in followed.get(event.pk, ())})),
            undone=event.pk in undone,
            may_undo_resolution=may_correct
            and event.kind == IdentityEventKind.GROUP_RESOLVED
            and event.undoes_id is None
            and event.pk not in undone,
        )
        for event in events
    ]
