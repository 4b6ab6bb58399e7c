"""Looking at series: from weekly counts to candidates, and which of them become signals."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from tocsin.journal.locks import Lock, hold
from tocsin.organisations.actors import Actor
from tocsin.signals.judging import judge_series
from tocsin.signals.learned_delays import delays_as_json
from tocsin.signals.looks import Chosen, Look, derive_looks, parse_look, select_candidates
from tocsin.signals.models import NightlyLook, SeriesQueue, SubstanceLook, WeeklyCount
from tocsin.signals.nowcasting import nowcast_recent
from tocsin.signals.queries import list_cells
from tocsin.signals.series import Totals
from tocsin.signals.services.batches import ReportProgress, work_in_batches
from tocsin.signals.services.rating import RATES_HOLD, queue_rates
from tocsin.signals.setting_queries import list_rules_by_substance, load_rule_book
from tocsin.substances.models import Substance


def look_at_waiting(
    node: Actor, *, report_progress: ReportProgress | None = None, limit: int = 200
) -> int:
    """Look at up to ``limit`` queued substances; returns how many.

    node: the process of the organisation that runs the node; it sees what that organisation may
    see, so no signal is made from evidence its readers have no right to. One transaction for some
    of them; a crash leaves those queued. What they leave waits for ``select_waiting``.
    """

    def look(totals: Totals, most: int) -> int:
        substance_ids = _take_waiting(most)
        if substance_ids:
            _look_at(node, substance_ids, totals, today=timezone.localdate())
        return len(substance_ids)

    return work_in_batches(
        node,
        look,
        waits=SeriesQueue.objects.exists,
        limit=limit,
        report_progress=report_progress,
    )


def _take_waiting(limit: int = 1) -> list[int]:
    """Take waiting substances out of the queue.

    Any of them: one whose look always fails must not stand before all others for ever. They go
    before their counts are read: whoever counts meanwhile waits for this transaction and then
    queues them again, so that no evidence is left unseen.
    """
    waiting = SeriesQueue.objects.select_for_update(skip_locked=True).order_by("?")[:limit]
    taken = {one.pk: one.substance_id for one in waiting}
    SeriesQueue.objects.filter(pk__in=taken).delete()
    return sorted(taken.values())


def _look_at(node: Actor, substance_ids: Sequence[int], totals: Totals, *, today: date) -> None:
    keys = dict(Substance.including_merged.filter(pk__in=substance_ids).values_list("pk", "key"))
    rules = list_rules_by_substance(load_rule_book(), keys.values())
    cells = list_cells(node, substance_ids=set(substance_ids))
    looks = derive_looks(judge_series(cells, totals, rules, until=today))
    _lock_looks()
    SubstanceLook.objects.bulk_create(
        [
            SubstanceLook(
                substance_id=pk, content=looks.get(key, Look(key, {}, ())).as_json(), chosen=None
            )
            for pk, key in sorted(keys.items())
        ],
        update_conflicts=True,
        unique_fields=["substance"],
        update_fields=["content", "chosen", "is_told"],
    )


@transaction.atomic
def select_waiting() -> int:
    """Select anew of all candidates of all weeks, where a substance was looked at since.

    One transaction, one worker at a time. Returns how many substances have signals to bring up to
    date: those looked at, and those of which now something else is selected.
    """
    if not SubstanceLook.objects.filter(chosen__isnull=True).exists():
        return 0
    _lock_looks()
    held = list(SubstanceLook.objects.select_for_update(of=("self",)).select_related("substance"))
    looks = [parse_look(one.substance.key, one.content) for one in held]
    rules = list_rules_by_substance(load_rule_book(), [look.substance for look in looks])
    chosen = select_candidates(looks, rules)
    changed = []
    for one in held:
        selected = chosen_as_json(chosen[one.substance.key])
        if one.chosen != selected:
            one.chosen, one.is_told = selected, False
            changed.append(one)
    SubstanceLook.objects.bulk_update(changed, ["chosen", "is_told"], batch_size=500)
    return len(changed)


def chosen_as_json(chosen: Chosen) -> list[list[str]]:
    """Return what was selected as JSON values; ``parse_chosen`` reads them."""
    return sorted([matrix, country, area, on.isoformat()] for matrix, country, area, on in chosen)


def parse_chosen(held: Sequence[Sequence[str]]) -> Chosen:
    """Return what ``chosen_as_json`` wrote."""
    return frozenset(
        (matrix, country, area, date.fromisoformat(on)) for matrix, country, area, on in held
    )


@transaction.atomic
def queue_nightly(node: Actor, today: date) -> int:
    """Queue all substances with evidence, once a day, and return how many; 0 where it was done.

    Learns anew how long reports take, which reads all findings and so is done once a night, and has
    rates of false rises computed anew that are older than RATES_HOLD. The row of the day is written
    in the same transaction, so a crash repeats it and two workers do it once.
    """
    night, is_new = NightlyLook.objects.get_or_create(on=today, defaults={"substances": 0})
    if not is_new:
        return 0
    night.substances = queue_all()
    night.delays = delays_as_json(nowcast_recent(node, until=today))
    night.save(update_fields=["substances", "delays"])
    queue_rates(older_than=RATES_HOLD)
    return night.substances


@transaction.atomic
def queue_all() -> int:
    """Queue all substances with evidence, and return how many."""
    counted = WeeklyCount.objects.for_writing().filter(written_name__substance__isnull=False)
    substance_ids = counted.order_by().values_list("written_name__substance_id", flat=True)
    waiting = [SeriesQueue(substance_id=pk) for pk in sorted(set(substance_ids.distinct()))]
    SeriesQueue.objects.bulk_create(waiting, ignore_conflicts=True)
    return len(waiting)


def _lock_looks() -> None:
    """One at a time writes looks: who selects must see all of them, and none half written."""
    hold(Lock.LOOKS)
