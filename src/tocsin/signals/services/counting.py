"""Keeping the weekly counts up to date with the evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from django.db import connection, transaction

from tocsin.journal.locks import Lock, hold
from tocsin.reports.models import ChangeKind, EvidenceChange
from tocsin.reports.services.changes import (
    WeeklyFindings,
    count_weekly,
    find_first_days,
    finish_changes,
    lease_changes,
    list_substance_ids,
)
from tocsin.signals.models import SeriesQueue

CELLS = """
unnest(%(handlings)s::bigint[], %(names)s::bigint[], %(matrices)s::text[], %(countries)s::text[],
       %(areas)s::text[], %(weeks)s::date[], %(counts)s::int[], %(days)s::date[])
"""
ADD = f"""
INSERT INTO signals_weeklycount
    (handling_id, written_name_id, matrix, country, area, week_on, count, first_on)
SELECT * FROM {CELLS}
ON CONFLICT (handling_id, written_name_id, matrix, country, area, week_on)
DO UPDATE SET count = signals_weeklycount.count + EXCLUDED.count,
              first_on = CASE WHEN signals_weeklycount.count = 0 THEN EXCLUDED.first_on
                  ELSE LEAST(signals_weeklycount.first_on, EXCLUDED.first_on) END
"""  # noqa: S608  (both parts stand in this file)
SET_FIRST_DAYS = f"""
UPDATE signals_weeklycount held SET first_on = cell.first_on
FROM {CELLS}
     AS cell (handling_id, written_name_id, matrix, country, area, week_on, count, first_on)
WHERE held.handling_id = cell.handling_id AND held.written_name_id = cell.written_name_id
  AND held.matrix = cell.matrix AND held.country = cell.country AND held.area = cell.area
  AND held.week_on = cell.week_on
"""  # noqa: S608  (both parts stand in this file)


@transaction.atomic
def count_changes(limit: int = 50) -> int:
    """Lease changed evidence, bring the weekly counts up to date, and queue the series touched.

    One transaction: after a crash the same changes are leased again and counted once. One worker
    at a time counts, oldest change first, so that a version is added before it is taken away.
    Returns how many changes were worked on, 0 when none waited.
    """
    _lock_counts()
    changes = lease_changes(limit)
    if not changes:
        return 0
    added = count_weekly(_ids_of(changes, ChangeKind.ACCEPTED))
    removed = count_weekly(_ids_of(changes, ChangeKind.SUPERSEDED))
    _execute(ADD, _sum_cells(added, removed))
    _mend_first_days(removed)
    names = {cell.written_name_id for cell in [*added, *removed]}
    names.update(_ids_of(changes, ChangeKind.NAME_DECIDED))
    substances = list_substance_ids(names)
    substances.update(pk for change in changes for pk in change.former_substances)
    SeriesQueue.objects.bulk_create(
        [SeriesQueue(substance_id=pk) for pk in sorted(substances)], ignore_conflicts=True
    )
    finish_changes(changes)
    return len(changes)


def _lock_counts() -> None:
    hold(Lock.WEEKLY_COUNTS)


def _ids_of(changes: Iterable[EvidenceChange], kind: ChangeKind) -> list[int]:
    return [pk for change in changes if change.kind == kind for pk in change.ids]


def _sum_cells(
    added: Sequence[WeeklyFindings], removed: Sequence[WeeklyFindings]
) -> list[WeeklyFindings]:
    """Bring the cells together, each once: what was added less what was taken away."""
    sums: dict[tuple[object, ...], WeeklyFindings] = {}
    signed = [*added, *(replace(cell, count=-cell.count) for cell in removed)]
    for cell in signed:
        key = _key_of(cell)
        held = sums.get(key)
        if held is not None:
            first_on = min(held.first_on, cell.first_on)
            cell = replace(held, count=held.count + cell.count, first_on=first_on)
        sums[key] = cell
    return list(sums.values())


def _mend_first_days(removed: Sequence[WeeklyFindings]) -> None:
    """Where findings were taken away, look up again which day of the week is the first."""
    cells = list({_key_of(cell): cell for cell in removed}.values())
    mended = [
        replace(cell, first_on=first_on)
        for cell, first_on in zip(cells, find_first_days(cells) if cells else (), strict=True)
        if first_on is not None
    ]
    _execute(SET_FIRST_DAYS, mended)


def _key_of(cell: WeeklyFindings) -> tuple[int, int, str, str, str, date]:
    return (
        cell.handling_id,
        cell.written_name_id,
        cell.matrix,
        cell.country,
        cell.area,
        cell.week_on,
    )


def _execute(statement: str, cells: Sequence[WeeklyFindings]) -> None:
    if not cells:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "handlings": [cell.handling_id for cell in cells],
                "names": [cell.written_name_id for cell in cells],
                "matrices": [cell.matrix for cell in cells],
                "countries": [cell.country for cell in cells],
                "areas": [cell.area for cell in cells],
                "weeks": [cell.week_on for cell in cells],
                "counts": [cell.count for cell in cells],
                "days": [cell.first_on for cell in cells],
            },
        )
