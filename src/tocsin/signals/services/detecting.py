"""Turning weekly counts into signals, one per emergence."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling
from tocsin.organisations.queries import get_own_organisation
from tocsin.organisations.services import ensure_handling
from tocsin.organisations.vocabulary import Purpose, derive_strictest
from tocsin.signals.emergences import (
    QUIET_WEEKS,
    DetectedEmergence,
    MatrixTotal,
    derive_emergences,
)
from tocsin.signals.models import SeriesQueue, Signal, SignalKind
from tocsin.signals.queries import list_cells, list_matrix_totals, list_tlp_levels
from tocsin.substances.models import Substance

BACKLOG_DAYS = 90
"""An emergence older than this when it is found lay in evidence that was loaded late."""

CHANGING = ("places", "last_on", "evidence_count", "facts", "series", "method_version", "settings")


def detect_waiting(
    node: Actor, *, report_progress: Callable[[int], None] | None = None, limit: int = 200
) -> int:
    """Look again at up to ``limit`` queued series and bring their signals up to date.

    node: the process of the organisation that runs the node; it sees what that organisation may
    see, so no signal is made from evidence its readers have no right to. One transaction per
    substance; a crash leaves it queued. Returns how many series were looked at.
    """
    totals: list[MatrixTotal] | None = None
    done = 0
    while done < limit:
        with transaction.atomic():
            substance_id = _take_waiting()
            if substance_id is None:
                break
            if totals is None:
                totals = list_matrix_totals(node)
            _detect_substance(node, substance_id, totals, today=timezone.localdate())
        done += 1
        if report_progress is not None:
            report_progress(done)
    return done


def _take_waiting() -> int | None:
    """Take a waiting series out of the queue, or None where none waits.

    Any of them: a series whose look always fails must not stand before all others for ever.
    It goes before its counts are read: whoever counts meanwhile waits for this transaction and
    then queues it again, so that no evidence is left unseen.
    """
    waiting = SeriesQueue.objects.select_for_update(skip_locked=True).order_by("?").first()
    if waiting is None:
        return None
    waiting.delete()
    return waiting.substance_id


def _detect_substance(
    node: Actor, substance_id: int, totals: Sequence[MatrixTotal], *, today: date
) -> None:
    substance = Substance.objects.get(pk=substance_id)
    cells = list_cells(node, substance_ids={substance_id})
    found = derive_emergences(cells, totals, until=today)
    held = list(
        Signal.objects.for_writing()
        .select_for_update()
        .filter(substance=substance)
        .order_by("evidence_count", "id")
        .reverse()
    )
    if found:
        # Only what is used is made: a rule that stands for no record would tell of hidden evidence.
        handling = ensure_handling(
            owner_id=get_own_organisation().pk,
            tlp=derive_strictest(list_tlp_levels(node, substance_id)),
            purposes=Purpose.values,
        )
        for emergence, signal in _match(found, held):
            if signal is None:
                _open(node, substance, emergence, handling, today)
            else:
                held.remove(signal)
                _strengthen(node, signal, emergence, handling)
    for signal in held:
        if signal.evidence_count:
            _withdraw(node, signal)


def _match(
    found: Sequence[DetectedEmergence], held: Sequence[Signal]
) -> list[tuple[DetectedEmergence, Signal | None]]:
    """Give each emergence the signal that already tells it, if any, and each signal only once.

    The same day goes first, so that a rise whose day moves never takes the place of another.
    """
    matches: dict[int, Signal] = {}
    free = list(held)
    for is_same in (_is_same_day, _is_same):
        for place, emergence in enumerate(found):
            if place in matches:
                continue
            signal = next((one for one in free if is_same(emergence, one)), None)
            if signal is not None:
                matches[place] = signal
                free.remove(signal)
    return [(emergence, matches.get(place)) for place, emergence in enumerate(found)]


def _is_same_day(emergence: DetectedEmergence, signal: Signal) -> bool:
    return _is_same(emergence, signal) and emergence.on == signal.on


def _is_same(emergence: DetectedEmergence, signal: Signal) -> bool:
    """Tell whether a signal tells this emergence.

    A first detection is the same whatever its day: evidence that arrives late moves the day. A
    rise is the same where the two lie closer than the quiet weeks that end one.
    """
    if (signal.kind, signal.matrix) != (emergence.kind, emergence.matrix):
        return False
    if emergence.kind == SignalKind.FIRST_DETECTION:
        return True
    if emergence.kind == SignalKind.FIRST_IN_COUNTRY:
        return signal.country == emergence.country
    if (signal.country, signal.area) != (emergence.country, emergence.area):
        return False
    quiet = timedelta(weeks=QUIET_WEEKS)
    return emergence.kind == SignalKind.FIRST_IN_REGION or (
        signal.on < emergence.last_on + quiet and emergence.on < signal.last_on + quiet
    )


def _open(
    node: Actor, substance: Substance, emergence: DetectedEmergence, handling: Handling, today: date
) -> Signal:
    signal: Signal = Signal.objects.create(
        handling=handling,
        kind=emergence.kind,
        substance=substance,
        country=emergence.country,
        area=emergence.area,
        matrix=emergence.matrix,
        on=emergence.on,
        method=emergence.method,
        is_backlog=emergence.on < today - timedelta(days=BACKLOG_DAYS),
        **_values_of(emergence),
    )
    _record(node, signal, "signal.found", {"on": emergence.on.isoformat()})
    return signal


def _strengthen(
    node: Actor, signal: Signal, emergence: DetectedEmergence, handling: Handling
) -> None:
    values = _values_of(emergence)
    values |= {"on": emergence.on, "country": emergence.country, "area": emergence.area}
    values["handling_id"] = handling.pk
    before = signal.evidence_count
    if all(getattr(signal, name) == value for name, value in values.items()):
        return
    for name, value in values.items():
        setattr(signal, name, value)
    signal.save()
    details = {"findings": signal.evidence_count, "before": before, "on": signal.on.isoformat()}
    _record(node, signal, "signal.strengthened", details)


def _withdraw(node: Actor, signal: Signal) -> None:
    signal.evidence_count = 0
    signal.facts = {**signal.facts, "withdrawn": True}
    signal.save(update_fields=["evidence_count", "facts", "changed_at"])
    _record(node, signal, "signal.evidence-withdrawn", {})


def _values_of(emergence: DetectedEmergence) -> dict[str, Any]:
    values = {
        name: getattr(emergence, name) for name in CHANGING if name not in {"places", "settings"}
    }
    return values | {"places": list(emergence.places), "settings": emergence.settings}


def _record(node: Actor, signal: Signal, action: str, details: dict[str, Any]) -> None:
    record(
        actor=node.journal_name,
        action=action,
        record_type="signal",
        record_id=str(signal.pk),
        details=details,
    )
