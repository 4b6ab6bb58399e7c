"""What every step of a table has in common: locks, states, the rule of publishing, the journal."""

from django.utils import timezone

from tocsin.errors import NotFoundError, RefusedError, WrongStateError
from tocsin.journal.locks import Lock, hold
from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Organisation
from tocsin.reports.formats.personal_data import require_impersonal
from tocsin.tables.models import StatisticalTable
from tocsin.tables.periods import Period

LONGEST_REASON = 2_000


def require_publishable(owner: Organisation, country: str, period: Period) -> None:
    """Refuse a public table whose difference from another would tell what neither tells.

    Locks the owner's public tables until the transaction ends.
    """
    lock(f"public tables of {owner.key}")
    if period.ends_on >= timezone.localdate():
        raise RefusedError(f"table: period {period.code} has not ended; expected one that has")
    others = StatisticalTable.objects.for_writing().filter(owner=owner, is_public=True)
    for other in others.exclude(released_at=None).defer("content"):
        is_same = (other.country, other.period) == (country, period)
        places_meet = not other.country or not country or other.country == country
        if not is_same and places_meet and other.period.overlaps(period):
            raise RefusedError(
                f"table {period.code}: {other.identifier} is published, and the two would tell what "
                "neither does; expected periods and places that do not overlap"
            )


def require_reason(identifier: str, reason: str, *, of: str) -> str:
    """Return a reason without spaces around it; all who read the table will read it.

    Raises RefusedError where it is empty, too long, or looks like something about a person.
    """
    kept = reason.strip()
    if not 1 <= len(kept) <= LONGEST_REASON:
        raise RefusedError(
            f"table {identifier}: no reason of the {of}; expected up to {LONGEST_REASON} signs"
        )
    require_impersonal(f"table {identifier}, reason of the {of}", kept)
    return kept


def lock(identifier: str) -> None:
    """Let nobody else write what a text names until the transaction ends."""
    hold(Lock.VERSIONS_OF_A_TABLE, identifier)


def lock_table(actor: Actor, table_id: int, state: str) -> StatisticalTable:
    """Lock a table of the actor's organisation that is in a state; return it."""
    own = StatisticalTable.objects.for_writing().filter(owner_id=actor.organisation_id or 0)
    identifier = own.filter(pk=table_id).values_list("identifier", flat=True).first()
    if identifier is None:
        raise NotFoundError(f"table {table_id}: not found among your organisation's")
    lock(identifier)
    table: StatisticalTable = (
        own.select_for_update(of=("self",)).select_related("replaces").get(pk=table_id)
    )
    if table.state != state:
        raise WrongStateError(f"table {table.identifier}", held=table.state, expected=state)
    return table


def end_table(table: StatisticalTable, state: str) -> None:
    """Put a locked table into a state that it never leaves."""
    table.state, table.ended_at = state, timezone.now()
    table.save(update_fields=["state", "ended_at", "ending"])


def record_action(actor: Actor, table: StatisticalTable, action: str, **details: object) -> None:
    """Journal a step of a table in the caller's transaction."""
    record(
        actor=actor.journal_name,
        action=action,
        record_type="table",
        record_id=table.identifier,
        details={
            "version": table.number,
            "kind": table.kind,
            "is_public": table.is_public,
            **details,
        },
    )
