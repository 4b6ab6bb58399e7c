"""Setting how long events of a type are kept."""

from django.db import transaction

from tocsin.errors import NotFoundError, RefusedError
from tocsin.journal.locks import Lock, hold
from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.reports.formats.personal_data import require_reason
from tocsin.reports.vocabulary import EventType
from tocsin.retention.models import RetentionPeriod
from tocsin.retention.queries import list_period_versions, require_keeper

MOST_DAYS = 36_525
"""A hundred years."""


@transaction.atomic
def set_period(actor: Actor, event_type: str, *, days: int | None, reason: str) -> RetentionPeriod:
    """Put a version of a type's retention period in force from the next night on; return it.

    days: None keeps the events without limit. Journals ``retention.period-set``. Raises
    NotFoundError for a type that is none, RefusedError without a reason, out of 1 to MOST_DAYS, or
    where it changes nothing.
    """
    person_id = require_keeper(actor)
    if event_type not in EventType.values:
        raise NotFoundError(f"event type {event_type!r}: not found")
    require_reason("retention period", reason)
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise RefusedError(
            f"retention period: found {days} days; expected 1 to {MOST_DAYS}, or none"
        )
    lock_retention()
    held = list_period_versions(event_type).first()
    if (held.days if held is not None else None) == days:
        raise RefusedError(f"retention period of {event_type}: changes nothing; expected a change")
    period = RetentionPeriod.objects.create(
        event_type=event_type,
        version=held.version + 1 if held is not None else 1,
        days=days,
        reason=reason.strip(),
        set_by_id=person_id,
    )
    record(
        actor=actor.journal_name,
        action="retention.period-set",
        record_type="retention-period",
        record_id=str(period.pk),
        details={"event_type": event_type, "version": period.version, "days": days},
    )
    return period


def lock_retention() -> None:
    """Let one transaction at a time set a period, place or lift a hold, or erase."""
    hold(Lock.RETENTION)
