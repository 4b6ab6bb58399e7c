"""The night's erasing: what is over its time goes, and the fact of it stays."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models.functions import TruncDate
from django.utils import timezone

from tocsin.journal.services import record
from tocsin.notifications import services as packages
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Organisation
from tocsin.organisations.queries import list_organisations
from tocsin.reports.services.batches import lock_owner
from tocsin.reports.services.changes import list_waiting_ids
from tocsin.reports.services.erasing import erase_files, erase_versions, list_version_ids
from tocsin.retention.models import ErasedReport, Erasure, RetentionPeriod
from tocsin.retention.queries import make_values
from tocsin.retention.services.periods import lock_retention
from tocsin.retention.statements import ADD_COUNT, FILES, NEXT
from tocsin.tables import services as tables

REPORTS_AT_ONCE = 2_000
"""Erased in one transaction."""

FILES_KEPT = timedelta(days=30)
"""A file stays at least so long after its import ended, for its sender to mend what was refused."""


class _Expired(NamedTuple):
    """A report that is over its time: its current version, and what it is counted under."""

    id: int
    owner_id: int
    key: str
    event_type: str
    period_id: int
    month_on: date


def erase_expired(actor: Actor, *, today: date) -> int:
    """Erase what is over its time, once a night; return how many reports went.

    Periods that were set today hold from tomorrow on. Does nothing as long as none is in force, or
    when the night's erasing is over. What is cut off goes on where it stopped. Reports whose counts
    by week are not up to date yet wait for the next night. Journals ``retention.erased`` for every
    batch and ``retention.files-erased``, with counts and numbers and no content.
    """
    periods = _list_periods_before(today)
    days = {one.event_type: one.days for one in periods if one.days is not None}
    if not days or Erasure.objects.filter(on=today).exclude(finished_at=None).exists():
        return 0
    erasure, _is_new = Erasure.objects.get_or_create(on=today)
    numbers = {one.event_type: one.pk for one in periods}
    values = make_values(days, numbers, today=today)
    after, reports = 0, 0
    while (batch := _erase_batch(actor, erasure, values, after))[1]:
        went, after = batch
        reports += went
    _finish(actor, erasure)
    return reports


@transaction.atomic
def _erase_batch(
    actor: Actor, erasure: Erasure, values: dict[str, Any], after: int
) -> tuple[int, int]:
    """Erase the next reports after a number; return how many, and the last number, 0 at the end.

    Packages and tables made from them that were never released go with them.
    """
    lock_retention()
    with connection.cursor() as cursor:
        cursor.execute(NEXT, {**values, "after": after, "limit": REPORTS_AT_ONCE})
        found = [_Expired(*row) for row in cursor.fetchall()]
    if not found:
        return 0, 0
    by_owner: dict[int, list[_Expired]] = defaultdict(list)
    for one in found:
        by_owner[one.owner_id].append(one)
    owners = {one.pk: one for one in list_organisations()}
    waiting = list_waiting_ids()
    reports = sum(
        _erase_of_owner(actor, erasure, owners[owner_id], expired, waiting)
        for owner_id, expired in sorted(by_owner.items())
    )
    return reports, found[-1].id


def _erase_of_owner(
    actor: Actor,
    erasure: Erasure,
    owner: Organisation,
    expired: list[_Expired],
    waiting: set[int],
) -> int:
    lock_owner(owner.pk)
    versions = list_version_ids(owner.pk, [one.key for one in expired])
    # Somebody may have written a version since; the next night sees it as it is then.
    settled = [
        one
        for one in expired
        if max(versions[one.key]) == one.id and waiting.isdisjoint(versions[one.key])
    ]
    if not settled:
        return 0
    ids = [pk for one in settled for pk in versions[one.key]]
    ErasedReport.objects.bulk_create([ErasedReport(report_id=pk, erasure=erasure) for pk in ids])
    findings = 0
    groups: dict[tuple[str, int, date], list[_Expired]] = defaultdict(list)
    for one in settled:
        groups[one.event_type, one.period_id, one.month_on].append(one)
    for (event_type, period_id, month_on), held in groups.items():
        numbers = [pk for one in held for pk in versions[one.key]]
        erased = erase_versions(erasure.pk, numbers, on=erasure.on)
        findings += erased.findings
        _add_count(
            erasure,
            owner.pk,
            period=period_id,
            type=event_type,
            month=month_on,
            reports=len(held),
            versions=erased.versions,
            findings=erased.findings,
        )
    packages.erase_unreleased(ids)
    tables.erase_unreleased(ids)
    record(
        actor=actor.journal_name,
        action="retention.erased",
        record_type="erasure",
        record_id=str(erasure.pk),
        details={
            "owner": owner.key,
            "reports": len(settled),
            "findings": findings,
            "versions": sorted(ids),
        },
    )
    return len(settled)


@transaction.atomic
def _finish(actor: Actor, erasure: Erasure) -> None:
    """Remove the files that may go, and close the erasure."""
    lock_retention()
    with connection.cursor() as cursor:
        before = timezone.now() - FILES_KEPT
        cursor.execute(FILES, {"before": before, "today": erasure.on})
        numbers = [row[0] for row in cursor.fetchall()]
    imports = erase_files(numbers)
    for owner_id, files in Counter(one.handling.owner_id for one in imports).items():
        _add_count(erasure, owner_id, files=files)
    if imports:
        record(
            actor=actor.journal_name,
            action="retention.files-erased",
            record_type="erasure",
            record_id=str(erasure.pk),
            details={"imports": [one.pk for one in imports]},
        )
    erasure.finished_at = timezone.now()
    erasure.save(update_fields=["finished_at"])


def _list_periods_before(today: date) -> list[RetentionPeriod]:
    """The newest version of each type's period that was set before today."""
    return list(
        RetentionPeriod.objects.annotate(
            set_on=TruncDate("set_at", tzinfo=timezone.get_default_timezone())
        )
        .filter(set_on__lt=today)
        .order_by("event_type", "-version")
        .distinct("event_type")
    )


def _add_count(erasure: Erasure, owner_id: int, **counts: Any) -> None:
    nothing: dict[str, Any] = {
        "period": None,
        "type": "",
        "month": None,
        "reports": 0,
        "versions": 0,
        "findings": 0,
        "files": 0,
    }
    with connection.cursor() as cursor:
        cursor.execute(ADD_COUNT, {**nothing, "erasure": erasure.pk, "owner": owner_id, **counts})
