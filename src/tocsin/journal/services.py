"""All writing to the journal: append, and nothing else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from tocsin.errors import ConfigurationError
from tocsin.journal.models import JournalEntry, JournalHead, derive_entry_digest


@dataclass(frozen=True, slots=True)
class ActorName:
    """Who acts, as the journal keeps it: an account's name and an organisation's key."""

    person: str
    organisation: str


@dataclass(frozen=True, slots=True)
class JournalEvent:
    """What happened to which record.

    action: ``record.verb``, for instance ``report.accepted``. details: JSON values without floats.
    """

    action: str
    record_type: str
    record_id: str
    details: dict[str, Any] = field(default_factory=dict)


def record(
    *, actor: ActorName, action: str, record_type: str, record_id: str, details: dict[str, Any]
) -> JournalEntry:
    """Append one entry in the caller's transaction and return it.

    Raises ConfigurationError outside a transaction: a write and its entry stand or fall together.
    """
    return record_many(actor, [JournalEvent(action, record_type, record_id, details)])[0]


def record_many(actor: ActorName, events: Sequence[JournalEvent]) -> list[JournalEntry]:
    """Append entries in the given order, in the caller's transaction.

    Locks the head of the chain until the transaction ends, so appends are in one order.
    Raises ConfigurationError outside a transaction, and for details that would not come back from
    the database as they went in.
    """
    if not connection.in_atomic_block:
        raise ConfigurationError(
            "journal: append outside a transaction; expected the caller's transaction to be open"
        )
    if not events:
        return []
    head = _lock_head()
    now = timezone.now()
    digest = bytes(head.digest)
    entries = []
    for sequence, event in enumerate(events, start=head.sequence + 1):
        details = _as_held(event)
        previous_digest, digest = (
            digest,
            derive_entry_digest(
                digest,
                sequence=sequence,
                at=now,
                person=actor.person,
                organisation=actor.organisation,
                action=event.action,
                record_type=event.record_type,
                record_id=event.record_id,
                details=details,
            ),
        )
        entries.append(
            JournalEntry(
                sequence=sequence,
                at=now,
                person=actor.person,
                organisation=actor.organisation,
                action=event.action,
                record_type=event.record_type,
                record_id=event.record_id,
                details=details,
                previous_digest=previous_digest,
                digest=digest,
            )
        )
    JournalEntry.objects.bulk_create(entries, batch_size=2_000)
    head.sequence, head.digest = entries[-1].sequence, digest
    head.save(update_fields=["sequence", "digest"])
    return entries


def record_refusal(actor: ActorName, *, action: str, record_type: str, record_id: str) -> None:
    """Append that something was refused, in a transaction of its own."""
    with transaction.atomic():
        record(
            actor=actor,
            action=action,
            record_type=record_type,
            record_id=record_id,
            details={},
        )


def _lock_head() -> JournalHead:
    head = JournalHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        JournalHead.objects.bulk_create([JournalHead(id=1)], ignore_conflicts=True)
        head = JournalHead.objects.select_for_update().get(pk=1)
    return head


def _as_held(event: JournalEvent) -> dict[str, Any]:
    """Return an event's details as the database gives them back, so that the digest holds then.

    A float could come back as another number, and so break the chain without anybody's doing.
    """

    def refuse_float(number: str) -> None:
        raise ConfigurationError(
            f"journal: {event.action} has the detail {number}; expected whole numbers or texts"
        )

    text = json.dumps(event.details, cls=DjangoJSONEncoder)
    held: dict[str, Any] = json.loads(text, parse_float=refuse_float, parse_constant=refuse_float)
    return held
