"""Replaying what a person may choose, so that the choice is made with open eyes."""

from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tocsin.organisations.actors import Actor
from tocsin.science.detection.methods import get_method
from tocsin.signals.emergences import derive_all_emergences
from tocsin.signals.models import DetectionRate, SignalKind, WeeklyCount
from tocsin.signals.queries import list_cells, list_matrix_totals
from tocsin.signals.rating_queries import list_decided_rises
from tocsin.signals.ratings import CANDIDATES, Candidate, Rating, derive_rated_time, rate_rises
from tocsin.signals.rules import RiseRule, RuleBook
from tocsin.signals.series import Totals
from tocsin.signals.setting_queries import list_rules_by_substance, load_rule_book
from tocsin.substances.models import Substance

RATES_HOLD = timedelta(days=28)
"""So long a night leaves a rate as it is."""


@transaction.atomic
def queue_rates(*, older_than: timedelta = timedelta(0)) -> int:
    """Have every way rated in every class with evidence, and in all together; returns how many.

    older_than: rates computed within so long a time stay as they are, but for those that found no
    evidence to rate.
    """
    counted = WeeklyCount.objects.for_writing().filter(written_name__substance__isnull=False)
    classes = counted.order_by().values_list("written_name__substance__substance_class", flat=True)
    wanted = {
        (class_id, one.key) for class_id in [None, *set(classes.distinct())] for one in CANDIDATES
    }
    DetectionRate.objects.bulk_create(
        [DetectionRate(substance_class_id=class_id, candidate=key) for class_id, key in wanted],
        ignore_conflicts=True,
    )
    due = Q(since=None) | Q(computed_at__lte=timezone.now() - older_than)
    return DetectionRate.objects.filter(due).update(is_due=True)


def rate_waiting(
    node: Actor,
    *,
    limit: int | None = None,
    report_progress: Callable[[int, int], None] | None = None,
) -> int:
    """Compute up to ``limit`` rates that are due, all without one; returns how many.

    One transaction for each, so that it may be cut off and goes on where it was; two workers never
    compute the same. report_progress: gets how many are done, and how many were due.
    """
    total = DetectionRate.objects.filter(is_due=True).count()
    done = 0
    while (limit is None or done < limit) and _rate_next(node):
        done += 1
        if report_progress is not None:
            report_progress(done, max(total, done))
    return done


@transaction.atomic
def _rate_next(node: Actor) -> bool:
    waiting = DetectionRate.objects.select_for_update(skip_locked=True).filter(is_due=True)
    # Any of them: one that always fails must not stand before all others.
    rate = waiting.order_by("?").first()
    if rate is None:
        return False
    candidates = {one.key: one for one in CANDIDATES}
    if rate.candidate not in candidates:
        rate.delete()
        return True
    candidate = candidates[rate.candidate]
    rule = _derive_rule(rate, candidate)
    rating = _rate(node, rate.substance_class_id, rule, until=timezone.localdate())
    rate.method, rate.settings = rule.method, dict(rule.settings)
    rate.method_version = get_method(rule.method).version
    rate.false_discovery_level = rule.level
    for name in Rating.__slots__ if rating is not None else ():
        setattr(rate, name, getattr(rating, name))
    if rating is None:
        rate.since = rate.until = None
    rate.computed_at, rate.is_due = timezone.now(), False
    rate.save()
    return True


def _derive_rule(rate: DetectionRate, candidate: Candidate) -> RiseRule:
    """The candidate at the false discovery level that the class has now."""
    key = rate.substance_class.key if rate.substance_class is not None else ""
    level = load_rule_book().list_rules(key)[-1].level
    return RiseRule(method=candidate.method, settings=candidate.settings, level=level)


def _rate(node: Actor, class_id: int | None, rule: RiseRule, *, until: date) -> Rating | None:
    substances = Substance.including_merged.all()
    if class_id is not None:
        substances = substances.filter(substance_class=class_id)
    substance_ids = set(substances.values_list("pk", flat=True))
    cells = list_cells(node, substance_ids=substance_ids)
    time = derive_rated_time(cells, until=until)
    if time is None:
        return None
    since, until = time
    totals = Totals(list_matrix_totals(node))
    keys = {cell.substance for cell in cells}
    rules = list_rules_by_substance(RuleBook(default=(rule,)), keys)
    found = derive_all_emergences(cells, totals, rules, until=until)
    return rate_rises(
        [one for one in found if one.kind == SignalKind.SPIKE],
        list_decided_rises(node, keys),
        cells,
        since=since,
        until=until,
    )
