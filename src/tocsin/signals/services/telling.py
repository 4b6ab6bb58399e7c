"""Telling what was found: signals, one per emergence, strengthened, moved or withdrawn."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from json import dumps, loads
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from tocsin.journal.services import JournalEvent, record_many
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling
from tocsin.organisations.queries import get_own_organisation
from tocsin.organisations.services import ensure_handling
from tocsin.organisations.vocabulary import Purpose, derive_strictest
from tocsin.signals.death_queries import with_deaths
from tocsin.signals.detected import DetectedEmergence
from tocsin.signals.emergences import derive_emergences
from tocsin.signals.judging import QUIET_WEEKS
from tocsin.signals.learned_delays import parse_delays, with_nowcast
from tocsin.signals.models import NightlyLook, Signal, SignalKind, SubstanceLook
from tocsin.signals.queries import list_cells, list_tlp_levels
from tocsin.signals.series import Totals
from tocsin.signals.services.batches import work_in_batches
from tocsin.signals.services.detecting import parse_chosen
from tocsin.signals.setting_queries import list_rules_by_substance, load_rule_book
from tocsin.substances.models import Substance

BACKLOG_DAYS = 90
"""An emergence older than this when it is found lay in evidence that was loaded late."""

CHANGING = ("last_on", "evidence_count", "facts", "series", "method_version", "settings")


def tell_waiting(node: Actor, *, limit: int = 200) -> int:
    """Bring the signals of up to ``limit`` substances up to date; returns of how many.

    Of those whose candidates were selected, and whose signals do not say so yet. One transaction
    for some of them; a crash leaves those as they are.
    """

    def tell(totals: Totals, most: int) -> int:
        looks = _list_untold().select_for_update(skip_locked=True, of=("self",))
        untold = list(looks.select_related("substance").order_by("?")[:most])
        if untold:
            _tell(node, untold, totals, today=timezone.localdate())
        return len(untold)

    return work_in_batches(node, tell, waits=_list_untold().exists, limit=limit)


def _list_untold() -> QuerySet[SubstanceLook]:
    return SubstanceLook.objects.filter(is_told=False, chosen__isnull=False)


def _tell(node: Actor, looks: Sequence[SubstanceLook], totals: Totals, *, today: date) -> None:
    substances = {one.substance.key: one.substance for one in looks}
    keys = {one.substance_id: one.substance.key for one in looks}
    substance_ids = set(keys)
    chosen = {one.substance.key: parse_chosen(one.chosen or ()) for one in looks}
    rules = list_rules_by_substance(load_rule_book(), substances)
    cells = list_cells(node, substance_ids=substance_ids)
    found: dict[str, list[DetectedEmergence]] = defaultdict(list)
    night = NightlyLook.objects.order_by("-on").first()
    delays = parse_delays(night.delays if night is not None else {}, until=today)
    told = derive_emergences(cells, totals, rules, chosen, until=today)
    for emergence in with_deaths(node, told):
        series = with_nowcast(emergence.series, emergence.matrix, delays)
        found[emergence.substance].append(replace(emergence, series=series))
    held = _lock_signals(substance_ids)
    levels = list_tlp_levels(node, substance_ids)
    handlings = _ensure_handlings(
        {key: derive_strictest(levels.get(pk, [])) for pk, key in keys.items() if key in found}
    )
    events: list[JournalEvent] = []
    for key, substance in sorted(substances.items()):
        own = held.get(substance.pk, [])
        for emergence, signal in _match(found.get(key, ()), own):
            if signal is None:
                events.append(_open(substance, emergence, handlings[key], today))
            else:
                own.remove(signal)
                events += _strengthen(signal, emergence, handlings[key])
        events += [_withdraw(signal) for signal in own if signal.evidence_count]
    record_many(node.journal_name, events)
    SubstanceLook.objects.filter(pk__in=[one.pk for one in looks]).update(is_told=True)


def _lock_signals(substance_ids: set[int]) -> Mapping[int, list[Signal]]:
    """The signals of each substance, the strongest first."""
    held: dict[int, list[Signal]] = defaultdict(list)
    signals = (
        Signal.objects.for_writing().select_for_update().filter(substance_id__in=substance_ids)
    )
    # Locked in one order by whoever locks several, so that no two wait for each other.
    for signal in signals.order_by("id"):
        held[signal.substance_id].append(signal)
    for own in held.values():
        own.sort(key=lambda one: (one.evidence_count, one.pk), reverse=True)
    return held


def _ensure_handlings(levels: Mapping[str, str]) -> dict[str, Handling]:
    """The handling of each substance's signals, by its strictest level.

    Only what is used is made: a rule that stands for no record would tell of hidden evidence.
    """
    owner_id = get_own_organisation().pk
    made = {
        level: ensure_handling(owner_id=owner_id, tlp=level, purposes=Purpose.values)
        for level in sorted(set(levels.values()))
    }
    return {key: made[level] for key, level in levels.items()}


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
    substance: Substance, emergence: DetectedEmergence, handling: Handling, today: date
) -> JournalEvent:
    signal: Signal = Signal.objects.create(
        handling=handling,
        kind=emergence.kind,
        substance=substance,
        country=emergence.country,
        area=emergence.area,
        matrix=emergence.matrix,
        on=emergence.on,
        is_backlog=emergence.on < today - timedelta(days=BACKLOG_DAYS),
        **_values_of(emergence),
    )
    return _event(signal, "signal.found", {"on": emergence.on.isoformat()})


def _strengthen(
    signal: Signal, emergence: DetectedEmergence, handling: Handling
) -> list[JournalEvent]:
    values = _values_of(emergence)
    values |= {"on": emergence.on, "country": emergence.country, "area": emergence.area}
    values["handling_id"] = handling.pk
    before = signal.evidence_count
    changed = [name for name, value in values.items() if getattr(signal, name) != value]
    if not changed:
        return []
    for name, value in values.items():
        setattr(signal, name, value)
    signal.save()
    if changed == ["series"]:
        # A chart that has a week more: nothing was reported that anybody could have acted on.
        return []
    details = {"findings": signal.evidence_count, "before": before, "on": signal.on.isoformat()}
    return [_event(signal, "signal.strengthened", details)]


def _withdraw(signal: Signal) -> JournalEvent:
    signal.evidence_count = 0
    signal.facts = {**signal.facts, "withdrawn": True}
    signal.save(update_fields=["evidence_count", "facts", "changed_at"])
    return _event(signal, "signal.evidence-withdrawn", {})


def _values_of(emergence: DetectedEmergence) -> dict[str, Any]:
    values = {name: getattr(emergence, name) for name in CHANGING}
    # As JSON holds them, or what is held would never equal what is found again.
    values["settings"] = loads(dumps(emergence.settings))
    return values | {
        "places": list(emergence.places),
        "method": emergence.method,
        "detection_setting_id": emergence.rule or None,
    }


def _event(signal: Signal, action: str, details: dict[str, Any]) -> JournalEvent:
    return JournalEvent(action, "signal", str(signal.pk), details)
