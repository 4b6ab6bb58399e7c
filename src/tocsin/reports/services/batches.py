"""Storing a batch of reports: sort out what is new, then write it with its journal entries."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import Any

from django.db import connection
from django.utils import timezone

from tocsin.journal.locks import Lock, hold
from tocsin.journal.services import JournalEvent, record_many
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling
from tocsin.reports.evidence import CellProblem, EvidenceFinding, EvidenceReport
from tocsin.reports.models import (
    ChangeKind,
    EvidenceChange,
    EvidenceImport,
    Finding,
    Report,
)
from tocsin.reports.record import EVENT_COLUMNS, FINDING_COLUMNS
from tocsin.reports.record.values import Details, to_plain
from tocsin.reports.services.copying import copy_rows, reserve_ids
from tocsin.reports.services.name_book import NameBook

REPORT_COLUMNS = (
    "id",
    "handling_id",
    "owner_id",
    "is_current",
    "is_retracted",
    "reason",
    "key",
    "version",
    "predecessor_id",
    *EVENT_COLUMNS,
    "details",
    "content_digest",
    "source_row",
    "accepted_at",
    "reported_by",
    "evidence_import_id",
)
FOUND_COLUMNS = (
    "report_id",
    "position",
    "written_name_id",
    *FINDING_COLUMNS,
    "details",
    "is_counted",
)
_get_event_values = attrgetter(*EVENT_COLUMNS)
_get_finding_values = attrgetter(*FINDING_COLUMNS)

SET_ASIDE = (
    "The sender corrected the report after a group in it was resolved; that no longer holds."
)
"""Said in the reason of a version that puts the written text in place of a later reading."""


@dataclass(frozen=True, slots=True)
class IncomingReport:
    """A report with the key it will be held under and the row it stood in.

    is_repeat: an earlier row of the same file has its key and its content.
    """

    evidence: EvidenceReport
    key: str
    digest: bytes
    row: int | None = None
    is_repeat: bool = False


class Verdict(StrEnum):
    """What a batch makes of one incoming report."""

    NEW = "new"
    CORRECTION = "correction"
    DUPLICATE = "duplicate"
    EARLIER_VERSION = "earlier-version"


@dataclass(frozen=True, slots=True)
class HeldReport:
    """What is held under a key: the current version.

    versions: the number of the last version that has each content, by the content's digest.
    """

    pk: int
    version: int
    is_retracted: bool
    versions: dict[bytes, int]


@dataclass(slots=True)
class BatchOutcome:
    """Counts of one batch, and those of its duplicates that an earlier version alone holds."""

    accepted: int = 0
    corrected: int = 0
    duplicates: int = 0
    unresolved: int = 0
    earlier: list[CellProblem] = field(default_factory=list)


def derive_key(evidence: EvidenceReport, digest: bytes, ordinal: int) -> str:
    """Return the key a report is held under within its owner.

    With a reference, the reference; without one, the content's digest and which of the equal rows
    of the file it is (1 for the first), so that equal rows are kept apart and a file that is sent
    again meets its own rows.

    >>> from datetime import date
    >>> evidence = EvidenceReport("seizure", date(2026, 1, 2), "AT", (), reference="L-7")
    >>> derive_key(evidence, b"", 1)
    'ref:L-7'
    """
    if evidence.reference:
        return f"ref:{evidence.reference}"
    return f"row:{digest.hex()}:{ordinal}"


def lock_owner(owner_id: int) -> None:
    """Let one transaction at a time store reports of an owner."""
    hold(Lock.EVIDENCE_OF_AN_OWNER, owner_id)


Judged = tuple[IncomingReport, Verdict, HeldReport | None]
WANTED = frozenset({Verdict.NEW, Verdict.CORRECTION})
"""Verdicts of what is stored; anything else is held already."""


def judge(owner_id: int, incoming: Sequence[IncomingReport]) -> list[Judged]:
    """Say of each report whether it is new, a correction, or already held.

    A report whose content equals any version ever held under its key is not stored: sending an
    old file again never undoes a later correction. Where it is not the current one, the verdict
    says so, except of a row that only repeats an earlier one of its file.
    """
    held = _find_held(owner_id, [one.key for one in incoming])
    judged = []
    for one in incoming:
        existing = held.get(one.key)
        if one.is_repeat:
            verdict = Verdict.DUPLICATE
        elif existing is None:
            verdict = Verdict.NEW
        elif one.digest not in existing.versions:
            verdict = Verdict.CORRECTION
        elif existing.versions[one.digest] == existing.version:
            verdict = Verdict.DUPLICATE
        else:
            verdict = Verdict.EARLIER_VERSION
        judged.append((one, verdict, existing))
    return judged


def list_earlier(judged: Sequence[Judged]) -> list[CellProblem]:
    """List the rows that are held as an earlier version only: held already, and not refused."""
    return [
        CellProblem(
            one.row or 0,
            "",
            verdict.value,
            f"held as version {held.versions[one.digest]}, corrected since",
            "nothing more: the report was retracted"
            if held.is_retracted
            else "to put it back, correct the report on its page",
        )
        for one, verdict, held in judged
        if verdict is Verdict.EARLIER_VERSION and held is not None
    ]


def store_batch(
    actor: Actor,
    handling: Handling,
    incoming: Sequence[IncomingReport],
    names: NameBook,
    *,
    evidence_import: EvidenceImport | None = None,
    reason: str = "",
) -> BatchOutcome:
    """Write the reports that are not held yet, each with its findings and its journal entry.

    Runs in the caller's transaction, which holds the owner's lock. Leaves an EvidenceChange for the
    next stage. Later versions keep their report's owner; their handling is the one given. The
    caller has left out what was erased.
    """
    judged = judge(handling.owner_id, incoming)
    wanted = [entry for entry in judged if entry[1] in WANTED]
    outcome = BatchOutcome(duplicates=len(judged) - len(wanted), earlier=list_earlier(judged))
    if wanted:
        _write(actor, handling, wanted, names, evidence_import, reason)
        outcome.accepted = len(wanted)
        outcome.corrected = sum(held is not None for _one, _verdict, held in wanted)
        outcome.unresolved = sum(
            any(not names.is_resolved(finding.substance_text) for finding in one.evidence.findings)
            for one, _verdict, _held in wanted
        )
    return outcome


def store_correction(
    actor: Actor, held: Report, incoming: IncomingReport, names: NameBook, *, reason: str
) -> None:
    """Write a version that a person put in place of the current one, whatever was held before.

    Runs in the caller's transaction, which holds the owner's lock. The handling stays.
    """
    known = HeldReport(held.pk, held.version, held.is_retracted, {})
    judged = [(incoming, Verdict.CORRECTION, known)]
    _write(actor, held.handling, judged, names, None, reason)


def _write(
    actor: Actor,
    handling: Handling,
    wanted: Sequence[Judged],
    names: NameBook,
    evidence_import: EvidenceImport | None,
    reason: str,
) -> None:
    superseded = [held.pk for _one, _verdict, held in wanted if held is not None]
    set_aside = _find_readings(superseded)
    if superseded:
        Report.objects.for_writing().filter(pk__in=superseded).update(is_current=False)
    names.ensure(
        finding.substance_text
        for one, _verdict, _held in wanted
        for finding in one.evidence.findings
    )
    numbers = reserve_ids(Report, len(wanted))
    import_id = evidence_import.pk if evidence_import is not None else None
    shared = (handling.pk, handling.owner_id, True, False)
    origin = (timezone.now(), actor.name, import_id)
    copy_rows(
        Report,
        REPORT_COLUMNS,
        (
            (
                number,
                *shared,
                _write_reason(reason, held, set_aside),
                *_list_report_values(one, held),
                *origin,
            )
            for number, (one, _verdict, held) in zip(numbers, wanted, strict=True)
        ),
    )
    copy_rows(
        Finding,
        FOUND_COLUMNS,
        (
            (number, position, *_list_finding_values(one.evidence, finding, names))
            for number, (one, _verdict, _held) in zip(numbers, wanted, strict=True)
            for position, finding in enumerate(one.evidence.findings)
        ),
    )
    record_many(
        actor.journal_name,
        [
            _build_event(number, entry, import_id, set_aside)
            for number, entry in zip(numbers, wanted, strict=True)
        ],
    )
    _record_changes(numbers, superseded)


FIND_HELD = """
SELECT held.key, held.id, held.version, held.is_retracted, held.content_digest
FROM unnest(%s::text[]) AS wanted (key)
CROSS JOIN LATERAL (
    SELECT * FROM reports_report report
    WHERE report.owner_id = %s AND report.key = wanted.key
    ORDER BY report.version
) held
"""
"""One probe of the index per key, whatever the planner believes of a table that is being filled."""


def _find_held(owner_id: int, keys: list[str]) -> dict[str, HeldReport]:
    with connection.cursor() as cursor:
        cursor.execute(FIND_HELD, [sorted(set(keys)), owner_id])
        rows = cursor.fetchall()
    held: dict[str, HeldReport] = {}
    for key, pk, version, is_retracted, digest in rows:
        versions = held[key].versions if key in held else {}
        held[key] = HeldReport(pk, version, is_retracted, versions | {bytes(digest): version})
    return held


def _list_report_values(incoming: IncomingReport, held: HeldReport | None) -> tuple[Any, ...]:
    evidence = incoming.evidence
    return (
        incoming.key,
        held.version + 1 if held else 1,
        held.pk if held else None,
        *_get_event_values(evidence),
        _write_details(evidence.details),
        incoming.digest,
        incoming.row,
    )


def _list_finding_values(
    report: EvidenceReport, finding: EvidenceFinding, names: NameBook
) -> tuple[Any, ...]:
    return (
        names.get_id(finding.substance_text),
        *_get_finding_values(finding),
        _write_details(finding.details),
        report.is_counted(finding),
    )


def _write_details(details: Details) -> str:
    return json.dumps(to_plain(details), ensure_ascii=False) if details else "{}"


def _find_readings(report_ids: list[int]) -> dict[int, list[int]]:
    """The events whose readings these report versions carry, by version."""
    findings = Finding.objects.for_writing().filter(
        report__in=report_ids, written_name__reading__isnull=False
    )
    held: dict[int, list[int]] = {}
    pairs = findings.values_list("report_id", "written_name__reading_id").distinct()
    for report_id, event_id in pairs.order_by("report_id", "written_name__reading_id"):
        held.setdefault(report_id, []).append(event_id)
    return held


def _write_reason(reason: str, held: HeldReport | None, set_aside: dict[int, list[int]]) -> str:
    if held is None:
        return ""
    return f"{reason} {SET_ASIDE}".strip() if held.pk in set_aside else reason


def _build_event(
    number: int, judged: Judged, import_id: int | None, set_aside: dict[int, list[int]]
) -> JournalEvent:
    incoming, verdict, held = judged
    action = "report.accepted" if verdict is Verdict.NEW else "report.corrected"
    details: dict[str, object] = {
        "version": held.version + 1 if held else 1,
        "sha256": incoming.digest.hex(),
    }
    if import_id is not None:
        details |= {"import": import_id, "row": incoming.row}
    if held is not None and held.pk in set_aside:
        details["readings_set_aside"] = set_aside[held.pk]
    return JournalEvent(action, "report", str(number), details)


def _record_changes(accepted: list[int], superseded: list[int]) -> None:
    changes = [EvidenceChange(kind=ChangeKind.ACCEPTED, ids=accepted)]
    if superseded:
        changes.append(EvidenceChange(kind=ChangeKind.SUPERSEDED, ids=superseded))
    EvidenceChange.objects.bulk_create(changes)
