"""Legal holds: what must not be erased, whatever its period."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from tocsin.errors import NotFoundError, RefusedError, WrongStateError
from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.queries import list_organisations
from tocsin.reports.formats.personal_data import require_reason
from tocsin.reports.queries import get_report
from tocsin.reports.vocabulary import EventType
from tocsin.retention.models import LegalHold
from tocsin.retention.queries import get_hold, require_keeper
from tocsin.retention.services.periods import lock_retention


@dataclass(frozen=True, slots=True)
class HeldEvents:
    """An organisation's events that are held: of one type or of all, from day to day or open."""

    organisation: str
    event_type: str = ""
    since: date | None = None
    until: date | None = None


@transaction.atomic
def place_hold(
    actor: Actor, on: int | HeldEvents, *, reason: str, ends_on: date | None = None
) -> LegalHold:
    """Keep a report, or events of an organisation, from being erased; return the hold.

    on: the number of any version of a report that the actor may see, or what is held of an
    organisation. ends_on: its last day; None holds until it is lifted. Journals
    ``retention.hold-placed``. Raises NotFoundError for a report or an organisation that is not
    there, RefusedError without a reason or for days in the wrong order.
    """
    person_id = require_keeper(actor)
    require_reason("legal hold", reason)
    if ends_on is not None and ends_on < timezone.localdate():
        raise RefusedError(f"legal hold: ends on {ends_on}; expected today or a later day")
    lock_retention()
    hold = LegalHold(reason=reason.strip(), placed_by_id=person_id, ends_on=ends_on)
    if isinstance(on, HeldEvents):
        _hold_events(hold, on)
    else:
        hold.report = get_report(actor, on)
    hold.save(force_insert=True)
    record(
        actor=actor.journal_name,
        action="retention.hold-placed",
        record_type="legal-hold",
        record_id=str(hold.pk),
        details={"report": hold.report_id}
        if hold.report_id is not None
        else {
            "organisation": hold.organisation.key if hold.organisation is not None else "",
            "event_type": hold.event_type,
            "since": hold.since,
            "until": hold.until,
        },
    )
    return hold


@transaction.atomic
def lift_hold(actor: Actor, hold_id: int, *, reason: str) -> LegalHold:
    """End a hold: what it kept goes in the next night that its period is over; return it.

    Journals ``retention.hold-lifted``. Raises WrongStateError where it was lifted before.
    """
    person_id = require_keeper(actor)
    require_reason("legal hold", reason)
    lock_retention()
    hold = get_hold(hold_id)
    if hold.lifted_at is not None:
        raise WrongStateError(f"legal hold {hold_id}", held="lifted", expected="one that stands")
    hold.lifted_at = timezone.now()
    hold.lifted_by_id = person_id
    hold.lift_reason = reason.strip()
    hold.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    record(
        actor=actor.journal_name,
        action="retention.hold-lifted",
        record_type="legal-hold",
        record_id=str(hold.pk),
        details={},
    )
    return hold


def _hold_events(hold: LegalHold, on: HeldEvents) -> None:
    organisation = list_organisations().filter(key=on.organisation).first()
    if organisation is None:
        raise NotFoundError(f"organisation {on.organisation!r}: not found")
    if on.event_type and on.event_type not in EventType.values:
        raise NotFoundError(f"event type {on.event_type!r}: not found")
    if on.since is not None and on.until is not None and on.until < on.since:
        raise RefusedError(
            f"legal hold: events from {on.since} to {on.until}; expected the first day first"
        )
    hold.organisation = organisation
    hold.event_type, hold.since, hold.until = on.event_type, on.since, on.until
