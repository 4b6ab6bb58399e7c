"""Releasing tables by a second person, ending them, and handing them out."""

from django.db import transaction
from django.utils import timezone

from tocsin.errors import FourEyesError, RefusedError, WrongStateError
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.services import ensure_handling
from tocsin.organisations.vocabulary import PUBLIC_AUDIENCE, TrafficLight, derive_strictest
from tocsin.reports.models import Report
from tocsin.tables.formats.files import TableFile
from tocsin.tables.models import StatisticalTable
from tocsin.tables.queries import (
    EARLY_WARNING,
    derive_file,
    find_table_changes,
    get_table,
)
from tocsin.tables.services.states import (
    end_table,
    lock_table,
    record_action,
    require_publishable,
    require_reason,
)
from tocsin.tables.vocabulary import TableState


@transaction.atomic
def release_table(actor: Actor, table_id: int) -> StatisticalTable:
    """Release a draft to those it was made for; what it replaces is so from then on.

    A second person does it. Raises FourEyesError for who made it, WrongStateError where it is no
    draft or what is held changed since it was made. Journals ``table.released``.
    """
    require_permission(actor, "table.release")
    table = lock_table(actor, table_id, TableState.DRAFT)
    if actor.person_id is None:
        raise RefusedError("table: released by no person; expected a person")
    if table.made_by == actor.name:
        raise FourEyesError(
            f"table {table.identifier}: you made it; expected another releaser to release it"
        )
    if table.is_public:
        require_publishable(table.owner, table.country, table.period)
    changes = find_table_changes(actor, table)
    if changes is None or changes.is_outdated:
        raise WrongStateError(f"table {table.identifier}", held="out of date", expected="made anew")
    if table.replaces is not None:
        end_table(table.replaces, TableState.REPLACED)
    table.state = TableState.RELEASED
    table.released_by, table.released_at = actor.name, timezone.now()
    table.handling = ensure_handling(
        owner_id=table.owner_id,
        tlp=TrafficLight.CLEAR if table.is_public else _derive_level(actor, table),
        audience=[PUBLIC_AUDIENCE] if table.is_public else table.audience,
        purposes=[table.purpose],
    )
    table.save(update_fields=["state", "released_by", "released_at", "handling"])
    record_action(actor, table, "table.released", audience=table.handling.audience)
    return table


@transaction.atomic
def withdraw_table(actor: Actor, table_id: int, *, reason: str) -> StatisticalTable:
    """Take a released table back, saying why. What was read of it stays known: see publishing.

    Journals ``table.withdrawn``.
    """
    require_permission(actor, "table.release")
    table = lock_table(actor, table_id, TableState.RELEASED)
    table.ending = require_reason(table.identifier, reason, of="withdrawal")
    drafts = StatisticalTable.objects.for_writing().filter(replaces=table, state=TableState.DRAFT)
    for draft in drafts:
        end_table(draft, TableState.DISCARDED)
    end_table(table, TableState.WITHDRAWN)
    record_action(actor, table, "table.withdrawn")
    return table


@transaction.atomic
def discard_table(actor: Actor, table_id: int) -> StatisticalTable:
    """Put a draft away; it stays in the history and is never sent. Journals ``table.discarded``."""
    require_permission(actor, "table.make")
    table = lock_table(actor, table_id, TableState.DRAFT)
    end_table(table, TableState.DISCARDED)
    record_action(actor, table, "table.discarded")
    return table


@transaction.atomic
def export_table(
    actor: Actor, table_id: int, form: str, *, purpose: str = EARLY_WARNING
) -> TableFile:
    """Hand out a table as a file. Journals ``table.exported`` with the form and the purpose."""
    require_permission(actor, "evidence.export")
    table = get_table(actor, table_id, purpose=purpose)
    file = derive_file(table, form)
    record_action(actor, table, "table.exported", form=form, purpose=purpose)
    return file


def _derive_level(actor: Actor, table: StatisticalTable) -> str:
    """Return the strictest level of the reports that a table was made of."""
    reports = Report.objects.visible_to(actor, purpose=table.purpose)
    levels = reports.filter(pk__in=table.basis.sources).values_list("handling__tlp", flat=True)
    found = sorted(set(levels))
    return derive_strictest(found) if found else TrafficLight.AMBER.value
