"""What became of a file's rows."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.db.models import Count

from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling
from tocsin.organisations.permissions import require_permission
from tocsin.reports.evidence import CellProblem, EvidenceReport
from tocsin.reports.formats.profiles import Profile
from tocsin.reports.models import EvidenceImport, Finding, ImportProblem
from tocsin.reports.services.batches import WANTED, Judged, Verdict, judge, list_earlier
from tocsin.reports.services.erasing import part_erased
from tocsin.reports.services.name_book import NameBook
from tocsin.reports.services.opening import ReadRow, open_file, part_batch

MAX_PROBLEMS_LISTED = 1_000
MAX_NAMES_LISTED = 1_000

ReportProgress = Callable[[int], None]
"""Called between batches with the number of rows read so far."""


@dataclass(slots=True)
class ImportOutcome:
    """What became of a file's rows; every row is in exactly one of the three counts.

    earlier_versions: how many of the duplicates are held as an earlier version only. unresolved
    counts accepted rows with a name the register does not know; unknown_names in how many of them
    each such name stands. errors holds at most 1,000 problems, those of the earlier versions among
    them; the import's page and the marked spreadsheet hold all. is_whole: False where only the
    beginning of the file was looked at.
    """

    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    earlier_versions: int = 0
    refused: int = 0
    unresolved: int = 0
    unknown_names: Counter[str] = field(default_factory=Counter)
    errors: list[CellProblem] = field(default_factory=list)
    is_whole: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the outcome in the documented shape of ``tocsin import --json``."""
        return {
            "rows": self.rows,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "earlier_versions": self.earlier_versions,
            "refused": self.refused,
            "unresolved": self.unresolved,
            "unknown_names": [
                {"text": text, "rows": rows}
                for text, rows in self.unknown_names.most_common(MAX_NAMES_LISTED)
            ],
            "errors": [
                {
                    "row": problem.row,
                    "column": problem.column,
                    "code": problem.code,
                    "found": problem.found,
                    "expected": problem.expected,
                }
                for problem in self.errors
            ],
        }


def check_file(
    actor: Actor,
    path: Path,
    profile: Profile,
    handling: Handling,
    *,
    most_rows: int | None = None,
    report_progress: ReportProgress | None = None,
) -> ImportOutcome:
    """Say what an import would do now, without storing anything.

    most_rows: look at about so many rows, in whole batches, and no further; None for all.
    Raises an ImportFileError where the file as a whole cannot be taken.
    """
    require_permission(actor, "report.import")
    opened = open_file(path, profile)
    outcome = ImportOutcome()
    names = NameBook(handling.owner_id)
    for batch in opened.iter_batches():
        if most_rows is not None and outcome.rows >= most_rows:
            outcome.is_whole = False
            break
        judged, problems = judge_batch(handling.owner_id, batch)
        wanted = [one for one, verdict, _held in judged if verdict in WANTED]
        outcome.rows += len(batch)
        outcome.accepted += len(wanted)
        outcome.duplicates += len(judged) - len(wanted)
        outcome.earlier_versions += sum(
            verdict is Verdict.EARLIER_VERSION for _one, verdict, _held in judged
        )
        outcome.refused += len(batch) - len(judged)
        _count_unknown(outcome, [one.evidence for one in wanted], names)
        outcome.errors += problems[: MAX_PROBLEMS_LISTED - len(outcome.errors)]
        if report_progress is not None:
            report_progress(outcome.rows)
    return outcome


def judge_batch(owner_id: int, batch: list[ReadRow]) -> tuple[list[Judged], list[CellProblem]]:
    """Judge the rows of a batch that are not refused; beside them all problems of it, by row."""
    incoming, problems = part_batch(batch)
    incoming, erased = part_erased(owner_id, incoming)
    judged = judge(owner_id, incoming)
    return judged, sorted((*problems, *erased, *list_earlier(judged)), key=attrgetter("row"))


def _count_unknown(
    outcome: ImportOutcome, reports: Sequence[EvidenceReport], names: NameBook
) -> None:
    texts_of_row = [{finding.substance_text for finding in one.findings} for one in reports]
    unknown = names.find_unknown(set().union(*texts_of_row))
    for texts in texts_of_row:
        outcome.unresolved += not unknown.isdisjoint(texts)
        outcome.unknown_names.update(texts & unknown)


def derive_outcome(evidence_import: EvidenceImport) -> ImportOutcome:
    """Return an import's counts, its first 1,000 problems and the names not known by now."""
    unknown = (
        Finding.objects.for_writing()
        .filter(report__evidence_import=evidence_import, written_name__substance=None)
        .values_list("written_name__text")
        .annotate(rows=Count("report_id", distinct=True))
        .order_by("-rows", "written_name__text")
    )
    problems = ImportProblem.objects.for_writing().filter(evidence_import=evidence_import)
    return ImportOutcome(
        rows=evidence_import.rows_done,
        accepted=evidence_import.accepted,
        duplicates=evidence_import.duplicates,
        earlier_versions=problems.filter(code=Verdict.EARLIER_VERSION).count(),
        refused=evidence_import.refused,
        unresolved=evidence_import.unresolved,
        unknown_names=Counter(dict(unknown[:MAX_NAMES_LISTED])),
        errors=[
            CellProblem(problem.row, problem.column, problem.code, problem.found, problem.expected)
            for problem in problems.order_by("row", "id")[:MAX_PROBLEMS_LISTED]
        ],
    )
