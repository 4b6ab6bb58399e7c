"""Weekly counts that outlived the reports they are of, read for an actor and a purpose."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import TruncMonth

from tocsin.organisations.actors import Actor
from tocsin.reports.models import ERASED_PREFIX, Report
from tocsin.signals.models import WeeklyCount
from tocsin.substances.queries import select_standing


def select_outlived_counts(
    actor: Actor, substance_key: str, *, before: date, purpose: str
) -> QuerySet[WeeklyCount]:
    """Return the visible counts of a substance, before a day, that a report erased since is in.

    The earliest first. Of an erased report no substance is known: a count is taken to be of one
    that was shared alike and of a month that its week lies in.
    """
    erased = Report.objects.visible_to(actor, purpose=purpose).filter(
        key__startswith=ERASED_PREFIX,
        handling_id=OuterRef("handling_id"),
        event_on__range=(OuterRef("month_on"), OuterRef("week_on") + timedelta(days=6)),
    )
    counts: QuerySet[WeeklyCount] = (
        WeeklyCount.objects.visible_to(actor, purpose=purpose)
        .annotate(month_on=TruncMonth("first_on"))
        .filter(
            Exists(erased),
            written_name__substance__in=select_standing(substance_key),
            count__gt=0,
            first_on__lt=before,
        )
        .order_by("first_on", "pk")
    )
    return counts
