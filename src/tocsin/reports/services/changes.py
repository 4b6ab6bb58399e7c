"""Handing changed evidence to the next stage: leased, counted, marked done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from tocsin.reports.models import ChangeKind, EvidenceChange, WrittenName


@dataclass(frozen=True, slots=True)
class WeeklyFindings:
    """How many findings of one written name one week holds at one place, under one handling."""

    handling_id: int
    written_name_id: int
    matrix: str
    country: str
    area: str
    week_on: date
    count: int
    first_on: date


def lease_changes(limit: int) -> list[EvidenceChange]:
    """Return up to ``limit`` changes nobody else works on, oldest first.

    They stay leased until the caller's transaction ends; without ``finish_changes`` they come again.
    """
    waiting = EvidenceChange.objects.select_for_update(skip_locked=True).filter(done_at=None)
    return list(waiting.order_by("id")[:limit])


def finish_changes(changes: Iterable[EvidenceChange]) -> None:
    """Mark leased changes as done, in the transaction that did their work."""
    EvidenceChange.objects.filter(pk__in=[change.pk for change in changes]).update(
        done_at=timezone.now()
    )


def lease_unmeasured(limit: int) -> list[EvidenceChange]:
    """Return up to ``limit`` changes of reports that the board of quality has not counted yet.

    As ``lease_changes``, for a stage of its own: each counts every change once.
    """
    waiting = EvidenceChange.objects.select_for_update(skip_locked=True).filter(measured_at=None)
    return list(waiting.order_by("id")[:limit])


def finish_measuring(changes: Iterable[EvidenceChange]) -> None:
    """Mark leased changes as measured, in the transaction that did their work."""
    EvidenceChange.objects.filter(pk__in=[change.pk for change in changes]).update(
        measured_at=timezone.now()
    )


def list_waiting_ids() -> set[int]:
    """Return the reports of changes that the weekly counts do not hold yet."""
    waiting = EvidenceChange.objects.filter(done_at=None).exclude(kind=ChangeKind.NAME_DECIDED)
    return {pk for ids in waiting.values_list("ids", flat=True) for pk in ids}


COUNT_WEEKLY = """
SELECT report.handling_id, finding.written_name_id, finding.matrix, report.country,
       coalesce(nullif(report.region, ''), report.local_area),
       date_trunc('week', report.event_on)::date, count(*), min(report.event_on)
FROM unnest(%s::bigint[]) AS wanted (id)
JOIN reports_report report ON report.id = wanted.id AND NOT report.is_retracted
JOIN reports_finding finding ON finding.report_id = report.id AND finding.is_counted
GROUP BY 1, 2, 3, 4, 5, 6
"""


def count_weekly(report_ids: Iterable[int]) -> list[WeeklyFindings]:
    """Count the findings of these report versions by handling, name, matrix, place and week.

    Retracted versions count nothing. For the counting stage only: the counts carry the handling of
    the reports, and are read through it.
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNT_WEEKLY, [list(report_ids)])
        return [WeeklyFindings(*row) for row in cursor.fetchall()]


def list_substance_ids(written_name_ids: Iterable[int]) -> set[int]:
    """Return the substances that these written names stand for now."""
    names = WrittenName.objects.filter(pk__in=list(written_name_ids))
    return set(names.exclude(substance=None).values_list("substance_id", flat=True))


FIRST_DAYS = """
SELECT cell.place, min(report.event_on)
FROM unnest(%(places)s::int[], %(handlings)s::bigint[], %(names)s::bigint[], %(matrices)s::text[],
            %(countries)s::text[], %(areas)s::text[], %(weeks)s::date[])
     AS cell (place, handling_id, written_name_id, matrix, country, area, week_on)
JOIN reports_report report
  ON report.is_current AND NOT report.is_retracted
 AND report.event_on >= cell.week_on AND report.event_on < cell.week_on + 7
 AND report.handling_id = cell.handling_id AND report.country = cell.country
 AND coalesce(nullif(report.region, ''), report.local_area) = cell.area
JOIN reports_finding finding
  ON finding.report_id = report.id AND finding.written_name_id = cell.written_name_id
 AND finding.matrix = cell.matrix AND finding.is_counted
GROUP BY cell.place
"""


def find_first_days(cells: Sequence[WeeklyFindings]) -> list[date | None]:
    """Return for each cell the first day in its week with a current finding of it, if any.

    One query whatever the number of cells. For the counting stage only, as ``count_weekly``.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            FIRST_DAYS,
            {
                "places": list(range(len(cells))),
                "handlings": [cell.handling_id for cell in cells],
                "names": [cell.written_name_id for cell in cells],
                "matrices": [cell.matrix for cell in cells],
                "countries": [cell.country for cell in cells],
                "areas": [cell.area for cell in cells],
                "weeks": [cell.week_on for cell in cells],
            },
        )
        days: dict[int, date] = dict(cursor.fetchall())
    return [days.get(place) for place in range(len(cells))]
