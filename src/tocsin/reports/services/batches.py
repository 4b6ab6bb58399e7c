"""Storing a batch of reports: sort out what is new, then write it with its journal entries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import connection
from django.utils import timezone

from tocsin.journal.services import JournalEvent, record_many
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.models import (
    ChangeKind,
    EvidenceChange,
    EvidenceImport,
    Finding,
    Report,
    WrittenName,
)
from tocsin.reports.services.copying import copy_rows, reserve_ids
from tocsin.substances.queries import find_substance_ids, load_name_index, resolve_text

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
    "reference",
    "event_type",
    "event_on",
    "event_precision",
    "received_on",
    "reported_on",
    "country",
    "region",
    "local_area",
    "border_post",
    "source",
    "content_digest",
    "source_row",
    "accepted_at",
    "reported_by",
    "evidence_import_id",
)
FINDING_COLUMNS = (
    "report_id",
    "position",
    "written_name_id",
    "matrix",
    "specimen",
    "amount",
    "unit",
    "purity_percent",
    "technique",
    "identification_level",
    "laboratory",
)


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


@dataclass(frozen=True, slots=True)
class HeldReport:
    """What is held under a key: the current version, and the digests of all versions."""

    pk: int
    version: int
    handling_id: int
    digests: frozenset[bytes]


@dataclass(slots=True)
class BatchOutcome:
    """Counts of one batch."""

    accepted: int = 0
    corrected: int = 0
    duplicates: int = 0
    unresolved: int = 0


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
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [7_401, owner_id])


Judged = tuple[IncomingReport, Verdict, HeldReport | None]


def judge(owner_id: int, incoming: Sequence[IncomingReport]) -> list[Judged]:
    """Say of each report whether it is new, a correction, or already held.

    A report whose content equals any version ever held under its key is a duplicate: sending an
    old file again never undoes a later correction.
    """
    held = _find_held(owner_id, [one.key for one in incoming])
    judged = []
    for one in incoming:
        existing = held.get(one.key)
        if one.is_repeat:
            verdict = Verdict.DUPLICATE
        elif existing is None:
            verdict = Verdict.NEW
        elif one.digest in existing.digests:
            verdict = Verdict.DUPLICATE
        else:
            verdict = Verdict.CORRECTION
        judged.append((one, verdict, existing))
    return judged


def store_batch(
    actor: Actor,
    handling: Handling,
    incoming: Sequence[IncomingReport],
    names: "NameBook",
    *,
    evidence_import: EvidenceImport | None = None,
    reason: str = "",
) -> BatchOutcome:
    """Write the reports that are not held yet, each with its findings and its journal entry.

    Runs in the caller's transaction, which holds the owner's lock. Leaves an EvidenceChange for the
    next stage. Later versions keep their report's owner; their handling is the one given.
    """
    judged = judge(handling.owner_id, incoming)
    wanted = [entry for entry in judged if entry[1] is not Verdict.DUPLICATE]
    outcome = BatchOutcome(duplicates=len(judged) - len(wanted))
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
    actor: Actor, held: Report, incoming: IncomingReport, names: "NameBook", *, reason: str
) -> None:
    """Write a version that a person put in place of the current one, whatever was held before.

    Runs in the caller's transaction, which holds the owner's lock. The handling stays.
    """
    known = HeldReport(held.pk, held.version, held.handling_id, frozenset())
    judged = [(incoming, Verdict.CORRECTION, known)]
    _write(actor, held.handling, judged, names, None, reason)


def _write(
    actor: Actor,
    handling: Handling,
    wanted: Sequence[Judged],
    names: "NameBook",
    evidence_import: EvidenceImport | None,
    reason: str,
) -> None:
    superseded = [held.pk for _one, _verdict, held in wanted if held is not None]
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
            (number, *shared, reason if held else "", *_list_report_values(one, held), *origin)
            for number, (one, _verdict, held) in zip(numbers, wanted, strict=True)
        ),
    )
    copy_rows(
        Finding,
        FINDING_COLUMNS,
        (
            (number, position, *_list_finding_values(finding, names))
            for number, (one, _verdict, _held) in zip(numbers, wanted, strict=True)
            for position, finding in enumerate(one.evidence.findings)
        ),
    )
    record_many(
        actor.journal_name,
        [
            _build_event(number, entry, import_id)
            for number, entry in zip(numbers, wanted, strict=True)
        ],
    )
    _record_changes(numbers, superseded)


@dataclass(slots=True)
class NameBook:
    """The written names of one owner, looked up once and made where they are missing."""

    owner_id: int
    _held: dict[str, tuple[int, bool]] = field(default_factory=dict)

    def ensure(self, texts: Iterable[str]) -> None:
        """Make sure every text has a row, resolved by the register where it is sure."""
        wanted = {text for text in texts if text not in self._held}
        if not wanted:
            return
        self._load(wanted)
        missing = sorted(wanted - self._held.keys())
        if not missing:
            return
        index = load_name_index()
        resolutions = [(text, resolve_text(text, index)) for text in missing]
        numbers = find_substance_ids(
            resolution.substance.key for _text, resolution in resolutions if resolution.substance
        )
        WrittenName.objects.bulk_create(
            [
                WrittenName(
                    owner_id=self.owner_id,
                    text=text,
                    substance_id=numbers[resolution.substance.key]
                    if resolution.substance
                    else None,
                    tier=resolution.tier if resolution.substance else "",
                )
                for text, resolution in resolutions
            ],
            ignore_conflicts=True,
        )
        self._load(set(missing))

    def get_id(self, text: str) -> int:
        """Return the number of a text that ``ensure`` has seen."""
        return self._held[text][0]

    def is_resolved(self, text: str) -> bool:
        """Tell whether a text that ``ensure`` has seen stands for a substance."""
        return self._held[text][1]

    def count_unknown(self, rows: list[set[str]]) -> int:
        """Return how many rows have a name that nothing stands for yet; writes nothing."""
        unseen = {text for row in rows for text in row} - self._held.keys()
        self._load(unseen)
        index = load_name_index()
        for text in unseen - self._held.keys():
            self._held[text] = (0, resolve_text(text, index).substance is not None)
        return sum(any(not self._held[text][1] for text in row) for row in rows)

    def _load(self, texts: set[str]) -> None:
        rows = WrittenName.objects.filter(owner_id=self.owner_id, text__in=texts)
        for text, pk, substance_id in rows.values_list("text", "pk", "substance_id"):
            self._held[text] = (pk, substance_id is not None)


FIND_HELD = """
SELECT held.key, held.id, held.version, held.handling_id, held.content_digest
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
    for key, pk, version, handling_id, digest in rows:
        earlier = held[key].digests if key in held else frozenset()
        held[key] = HeldReport(pk, version, handling_id, earlier | {bytes(digest)})
    return held


def _list_report_values(incoming: IncomingReport, held: HeldReport | None) -> tuple[Any, ...]:
    evidence = incoming.evidence
    return (
        incoming.key,
        held.version + 1 if held else 1,
        held.pk if held else None,
        evidence.reference,
        evidence.event_type,
        evidence.event_on,
        evidence.event_precision,
        evidence.received_on,
        evidence.reported_on,
        evidence.country,
        evidence.region,
        evidence.local_area,
        evidence.border_post,
        evidence.source,
        incoming.digest,
        incoming.row,
    )


def _list_finding_values(finding: EvidenceFinding, names: NameBook) -> tuple[Any, ...]:
    return (
        names.get_id(finding.substance_text),
        finding.matrix,
        finding.specimen,
        finding.amount,
        finding.unit,
        finding.purity_percent,
        finding.technique,
        finding.identification_level,
        finding.laboratory,
    )


def _build_event(number: int, judged: Judged, import_id: int | None) -> JournalEvent:
    incoming, verdict, held = judged
    action = "report.accepted" if verdict is Verdict.NEW else "report.corrected"
    details: dict[str, object] = {
        "version": held.version + 1 if held else 1,
        "sha256": incoming.digest.hex(),
    }
    if import_id is not None:
        details |= {"import": import_id, "row": incoming.row}
    return JournalEvent(action, "report", str(number), details)


def _record_changes(accepted: list[int], superseded: list[int]) -> None:
    changes = [EvidenceChange(kind=ChangeKind.ACCEPTED, ids=accepted)]
    if superseded:
        changes.append(EvidenceChange(kind=ChangeKind.SUPERSEDED, ids=superseded))
    EvidenceChange.objects.bulk_create(changes)
