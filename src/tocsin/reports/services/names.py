"""Deciding which substance a written name means."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from tocsin.errors import NotFoundError, WrongStateError
from tocsin.journal.services import JournalEvent, record, record_many
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.queries import get_own_organisation
from tocsin.reports.models import ChangeKind, EvidenceChange, WrittenName
from tocsin.reports.queries import list_written_names
from tocsin.substances.models import Substance
from tocsin.substances.queries import (
    find_substance_ids,
    get_substance,
    load_name_index,
    resolve_text,
)
from tocsin.substances.services import lock_register

DECIDED = "decided"
"""Tier of a name that a person decided."""


@transaction.atomic
def decide_name(actor: Actor, text: str, substance_key: str) -> Substance:
    """Say which substance a spelling means, in every row the actor can see it in; return it.

    A partner decides for its own rows only; whoever runs the node for all that it sees. Journals
    one entry per owner of the spelling and hands the change to the next stage.
    Raises NotFoundError where no visible row has this spelling.
    """
    require_permission(actor, "name.decide")
    _assign(actor, text, substance_key, action="name.decided")
    return get_substance(substance_key)


@transaction.atomic
def undo_name_decision(actor: Actor, text: str) -> None:
    """Put a spelling back into the queue of unknown names; journals it as a new entry.

    Raises NotFoundError where no visible row has it, WrongStateError where no person decided it.
    """
    require_permission(actor, "name.decide")
    _assign(actor, text, None, action="name.decision-undone")


@transaction.atomic
def reconsider_names(actor: Actor) -> int:
    """Ask the register again about every unresolved name; return how many it now knows.

    For use after the register grew. Takes only what the register is sure of.
    """
    lock_register()  # as for a decision
    index = load_name_index()
    unresolved = list(
        WrittenName.objects.select_for_update().filter(substance=None, decided_at=None)
    )
    resolutions = {name.pk: resolve_text(name.text, index) for name in unresolved}
    numbers = find_substance_ids(
        resolution.substance.key for resolution in resolutions.values() if resolution.substance
    )
    resolved: list[WrittenName] = []
    for name in unresolved:
        resolution = resolutions[name.pk]
        if resolution.substance is not None:
            name.substance_id = numbers[resolution.substance.key]
            name.tier = resolution.tier
            name.form = resolution.form
            resolved.append(name)
    if resolved:
        WrittenName.objects.bulk_update(resolved, ["substance", "tier", "form"])
        _record_change(name.pk for name in resolved)
        record_many(
            actor.journal_name,
            [
                JournalEvent(
                    "name.resolved",
                    "written-name",
                    str(name.pk),
                    {"tier": name.tier, "substance": name.substance_id},
                )
                for name in resolved
            ],
        )
    return len(resolved)


def _assign(actor: Actor, text: str, substance_key: str | None, *, action: str) -> None:
    lock_register()  # what the decision names must not be merged into another meanwhile
    substance = None if substance_key is None else get_substance(substance_key)
    visible = list_written_names(actor).filter(text=text, reading=None)
    own = get_own_organisation()
    if actor.organisation_id != own.pk:
        # What is shared with a partner is shared for reading: its owner decides what it means.
        visible = visible.filter(owner_id=actor.organisation_id)
    names = list(WrittenName.objects.select_for_update().filter(pk__in=visible.values("pk")))
    if not names:
        raise NotFoundError(f"name {text!r}: not found in the rows you can see")
    if substance is None:
        names = [name for name in names if name.tier == DECIDED]
        if not names:
            raise WrongStateError(
                f"name {text!r}", held="undecided", expected="decided by a person"
            )
    former = [name.substance_id for name in names if name.substance_id is not None]
    for name in names:
        before = name.substance_id
        name.substance = substance
        name.tier = DECIDED if substance else ""
        name.decided_by = actor.name if substance else ""
        name.decided_at = timezone.now() if substance else None
        name.save(update_fields=["substance", "tier", "decided_by", "decided_at"])
        record(
            actor=actor.journal_name,
            action=action,
            record_type="written-name",
            record_id=str(name.pk),
            details={"before": before, "after": substance.pk if substance else None},
        )
    _record_change((name.pk for name in names), former)


def _record_change(ids: Iterable[int], former_substances: Iterable[int] = ()) -> None:
    EvidenceChange.objects.create(
        kind=ChangeKind.NAME_DECIDED, ids=list(ids), former_substances=list(former_substances)
    )
