"""Importing a file: receive it, then store its rows batch by batch."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from tocsin.errors import NotFoundError, RefusedError, TocsinError, WrongStateError
from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling
from tocsin.organisations.permissions import require_permission
from tocsin.reports.evidence import CellProblem
from tocsin.reports.files import derive_kept_path, keep_file
from tocsin.reports.formats.personal_data import find_personal_text
from tocsin.reports.formats.profiles import Profile, parse_profile
from tocsin.reports.models import EvidenceImport, ImportProblem, ImportState
from tocsin.reports.services.batches import lock_owner, store_batch
from tocsin.reports.services.erasing import part_erased
from tocsin.reports.services.name_book import NameBook
from tocsin.reports.services.opening import ReadRow, open_file, part_batch
from tocsin.reports.services.outcomes import ImportOutcome, ReportProgress, derive_outcome

LEASE = timedelta(minutes=2)
"""An import whose rows have not moved for so long was left by a worker that died."""

UNFINISHED = (ImportState.WAITING, ImportState.RUNNING)
COUNTS = ("rows_done", "accepted", "corrected", "duplicates", "refused", "unresolved")


def receive_file(
    actor: Actor,
    path: Path,
    *,
    file_name: str,
    profile: Profile,
    handling: Handling,
    start_now: bool = False,
) -> EvidenceImport:
    """Take a file in for import: checked as a whole first, then kept, journalled and queued.

    start_now: the caller runs the import itself, so no worker takes it up meanwhile.
    Nothing is kept where a column looks like personal data or the profile does not fit.
    Raises an ImportFileError; RefusedError where the handling's owner is not the actor's own.
    """
    require_permission(actor, "report.import")
    if handling.owner_id != actor.organisation_id:
        raise RefusedError("import: its owner is another organisation; expected the sender's own")
    _require_impersonal_name(file_name)
    opened = open_file(path, profile)
    digest = keep_file(path, file_name)
    with transaction.atomic():
        evidence_import = EvidenceImport(
            handling=handling,
            file_name=_clean_file_name(file_name),
            file_digest=digest,
            file_size=path.stat().st_size,
            profile_name=profile.name,
            profile_text=profile.to_toml(),
            created_by=actor.name,
            rows_total=opened.table.row_estimate,
            state=ImportState.RUNNING if start_now else ImportState.WAITING,
            claimed_at=timezone.now() if start_now else None,
        )
        evidence_import.save(force_insert=True)
        record(
            actor=actor.journal_name,
            action="import.received",
            record_type="import",
            record_id=str(evidence_import.pk),
            details={"sha256": digest, "profile": profile.name},
        )
    return evidence_import


def run_import(
    actor: Actor,
    import_id: int,
    *,
    report_progress: ReportProgress | None = None,
) -> ImportOutcome:
    """Store the rows of a received file, a batch a transaction, and return what became of them.

    Goes on after the last stored batch where an earlier run was cut off. Each batch stores its
    rows, their journal entries, the problems found and the new count of rows together or not at
    all. Two that run the same import share its batches: each row is stored by one of them. Stops
    between batches when a stop was asked for; what is stored stays.
    A file that cannot be read to its end makes the import fail, with the reason kept on it. Where
    the database goes away, or report_progress raises, the import stays unfinished and goes on when
    it is run again.
    """
    evidence_import = _claim(import_id)
    steps = _iter_stored(actor, evidence_import)
    while (rows_done := _advance(actor, import_id, steps)) is not None:
        if report_progress is not None:
            report_progress(rows_done)
    return derive_outcome(_finish(actor, import_id, ImportState.FINISHED))


@transaction.atomic
def lease_next_import() -> EvidenceImport | None:
    """Take up the oldest import that waits, or that a dead worker left; None where there is none.

    A running import whose rows have not moved for LEASE is taken to be left.
    """
    left = Q(state=ImportState.RUNNING, claimed_at__lt=timezone.now() - LEASE)
    held = EvidenceImport.objects.for_writing().select_for_update(skip_locked=True)
    waiting: EvidenceImport | None = (
        held.filter(Q(state=ImportState.WAITING) | left).order_by("id").first()
    )
    if waiting is not None:
        waiting.state = ImportState.RUNNING
        waiting.claimed_at = timezone.now()
        waiting.save(update_fields=["state", "claimed_at"])
    return waiting


@transaction.atomic
def request_stop(actor: Actor, import_id: int) -> None:
    """Ask a running or waiting import to stop after its present batch; journals it."""
    require_permission(actor, "report.import")
    held = EvidenceImport.objects.for_writing().select_for_update(of=("self",))
    evidence_import = held.filter(pk=import_id, handling__owner_id=actor.organisation_id).first()
    if evidence_import is None:
        raise NotFoundError(f"import {import_id}: not found among your organisation's imports")
    _require_unfinished(evidence_import)
    evidence_import.stop_requested = True
    evidence_import.save(update_fields=["stop_requested"])
    record(
        actor=actor.journal_name,
        action="import.stop-asked",
        record_type="import",
        record_id=str(import_id),
        details={"rows_done": evidence_import.rows_done},
    )


def _iter_stored(actor: Actor, evidence_import: EvidenceImport) -> Iterator[int]:
    """Store batch after batch, yielding the number of rows done after each."""
    path = derive_kept_path(evidence_import.file_digest, evidence_import.file_name)
    opened = open_file(path, parse_profile(evidence_import.profile_text))
    names = NameBook(evidence_import.handling.owner_id)
    position, rows_done = 0, evidence_import.rows_done
    for batch in opened.iter_batches():
        begins, position = position, position + len(batch)
        if position > rows_done:
            held = _store_import_batch(actor, evidence_import.pk, begins, batch, names)
            rows_done = held.rows_done
            if rows_done < position or held.state != ImportState.RUNNING:
                return
        yield rows_done


def _advance(actor: Actor, import_id: int, steps: Iterator[int]) -> int | None:
    """Let the next batch be stored; keep the reason on the import where that cannot be done."""
    try:
        return next(steps, None)
    except (OperationalError, InterfaceError):
        # The database went away: the lease runs out, and the import goes on later.
        raise
    except Exception as error:
        _finish(actor, import_id, ImportState.FAILED, _describe_failure(error))
        raise


def _describe_failure(error: Exception) -> str:
    if isinstance(error, TocsinError):
        return str(error)
    if isinstance(error, OSError):
        return f"The kept file cannot be read: {error.strerror or type(error).__name__}."
    # Its message may hold what stood in a cell.
    return f"An error of the program: {type(error).__name__}. The rows counted here are stored."


@transaction.atomic
def _store_import_batch(
    actor: Actor, import_id: int, begins: int, batch: list[ReadRow], names: NameBook
) -> EvidenceImport:
    """Store those rows of a batch that are not stored yet, with their counts; return the import.

    begins: how many rows of the file stand before the batch. Stores nothing when a stop was asked
    for or the import is over.
    """
    held: EvidenceImport = (
        EvidenceImport.objects.for_writing()
        .select_for_update(of=("self",))
        .select_related("handling")
        .get(pk=import_id)
    )
    fresh = batch[max(0, held.rows_done - begins) :]
    if held.stop_requested or held.state != ImportState.RUNNING or not fresh:
        return held
    lock_owner(held.handling.owner_id)
    incoming, problems = part_batch(fresh)
    incoming, erased = part_erased(held.handling.owner_id, incoming)
    problems += erased
    stored = store_batch(actor, held.handling, incoming, names, evidence_import=held)
    _store_problems(held, problems + stored.earlier)
    held.rows_done += len(fresh)
    held.accepted += stored.accepted
    held.corrected += stored.corrected
    held.duplicates += stored.duplicates
    held.refused += len(fresh) - len(incoming)
    held.unresolved += stored.unresolved
    held.claimed_at = timezone.now()
    held.save(update_fields=[*COUNTS, "claimed_at"])
    return held


def _store_problems(evidence_import: EvidenceImport, problems: list[CellProblem]) -> None:
    ImportProblem.objects.bulk_create(
        [
            ImportProblem(
                evidence_import=evidence_import,
                row=problem.row,
                column=problem.column[:200],
                code=problem.code,
                found=problem.found[:80],
                expected=problem.expected[:300],
            )
            for problem in problems
        ]
    )


@transaction.atomic
def _claim(import_id: int) -> EvidenceImport:
    evidence_import = _lock(import_id)
    _require_unfinished(evidence_import)
    evidence_import.state = ImportState.RUNNING
    evidence_import.claimed_at = timezone.now()
    evidence_import.save(update_fields=["state", "claimed_at"])
    return evidence_import


@transaction.atomic
def _finish(actor: Actor, import_id: int, state: ImportState, failure: str = "") -> EvidenceImport:
    """End a running import, once: who comes second finds it ended."""
    evidence_import = _lock(import_id)
    if evidence_import.state != ImportState.RUNNING:
        return evidence_import
    if state is ImportState.FINISHED and evidence_import.stop_requested:
        state = ImportState.STOPPED
    evidence_import.state = state
    evidence_import.failure = failure
    evidence_import.finished_at = timezone.now()
    if state is ImportState.FINISHED:
        evidence_import.rows_total = evidence_import.rows_done
    evidence_import.save(update_fields=["state", "failure", "finished_at", "rows_total"])
    counts = ("accepted", "duplicates", "refused")
    record(
        actor=actor.journal_name,
        action=f"import.{state.value}",
        record_type="import",
        record_id=str(import_id),
        details={"rows": evidence_import.rows_done}
        | {name: getattr(evidence_import, name) for name in counts},
    )
    return evidence_import


def _lock(import_id: int) -> EvidenceImport:
    held = EvidenceImport.objects.for_writing().select_for_update(of=("self",))
    evidence_import: EvidenceImport | None = (
        held.select_related("handling").filter(pk=import_id).first()
    )
    if evidence_import is None:
        raise NotFoundError(f"import {import_id}: not found")
    return evidence_import


def _require_unfinished(evidence_import: EvidenceImport) -> None:
    if evidence_import.state not in UNFINISHED:
        raise WrongStateError(
            f"import {evidence_import.pk}",
            held=evidence_import.state,
            expected="waiting or running",
        )


def _require_impersonal_name(file_name: str) -> None:
    if looks_like := find_personal_text(Path(_clean_file_name(file_name)).stem.replace("_", " ")):
        raise RefusedError(
            f"import: the file's name looks like {looks_like}; expected a name without personal "
            "data. Rename the file and send it again"
        )


def _clean_file_name(file_name: str) -> str:
    """Return the last part of a path as a name of at most 200 characters that can be shown."""
    bare = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign if sign.isprintable() else "_" for sign in bare)[-200:] or "file"
