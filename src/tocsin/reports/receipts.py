"""When evidence came in: what the delays of reporting are learned from."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, F, OuterRef, Subquery, When
from django.db.models.functions import TruncDate, TruncWeek

from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.reports.models import Finding, Report
from tocsin.reports.vocabulary import DatePrecision

EARLY_WARNING = Purpose.EARLY_WARNING.value


@dataclass(frozen=True, slots=True)
class ReceivedFindings:
    """How many findings of one sender, matrix and week of the event came in on one day."""

    matrix: str
    sender_id: int
    week_on: date
    received_on: date
    count: int


def count_received_findings(
    actor: Actor, *, purpose: str = EARLY_WARNING, until: date
) -> list[ReceivedFindings]:
    """Count the current findings by week of the event and the day this node received them.

    The week is that of the date held now; the day is that of the first version that the actor may
    see, since a correction reports no new event. Findings whose date is known to the month only
    are left out, and so are those received after ``until``. Names count whether resolved or not.
    One query over all findings: once a night, not once a page.
    """
    first_versions = (
        Report.objects.visible_to(actor, purpose=purpose)
        .filter(owner_id=OuterRef("report__owner_id"), key=OuterRef("report__key"))
        .order_by("version")
        .values("accepted_at")[:1]
    )
    received_at = Case(
        When(report__version=1, then=F("report__accepted_at")), default=Subquery(first_versions)
    )
    rows = (
        Finding.objects.visible_to(actor, purpose=purpose)
        .filter(
            report__is_current=True,
            report__is_retracted=False,
            is_counted=True,
            report__event_precision__in=(DatePrecision.DAY, DatePrecision.WEEK),
        )
        .annotate(week_on=TruncWeek("report__event_on"), received_on=TruncDate(received_at))
        .filter(received_on__lte=until)
        .values_list("matrix", "report__owner_id", "week_on", "received_on")
        .annotate(total=Count("pk"))
        .order_by()
    )
    return [ReceivedFindings(*row) for row in sorted(rows)]
