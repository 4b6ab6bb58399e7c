"""What became of report versions that something else was made from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from tocsin.reports.models import ERASED_PREFIX, Report


@dataclass(frozen=True, slots=True)
class Succession:
    """When the newest version of a report was accepted, and whether that is its retraction."""

    accepted_at: datetime
    is_retracted: bool


def find_successions(report_ids: Collection[int]) -> dict[int, Succession]:
    """Return what stands in the place of each of these versions that is not the current one.

    It is not asked whether the actor may see them: for who was told of a version, and must learn
    that it does not hold. Of a report that was erased nothing is said. One query.
    """
    newest = Report.objects.for_writing().filter(
        owner_id=OuterRef("owner_id"), key=OuterRef("key"), is_current=True
    )
    rows = (
        Report.objects.for_writing()
        .filter(pk__in=report_ids, is_current=False)
        .exclude(key__startswith=ERASED_PREFIX)
        .annotate(
            newest_at=Subquery(newest.values("accepted_at")),
            is_gone=Subquery(newest.values("is_retracted")),
        )
    )
    return {
        pk: Succession(accepted_at, is_retracted)
        for pk, accepted_at, is_retracted in rows.values_list("pk", "newest_at", "is_gone")
    }
