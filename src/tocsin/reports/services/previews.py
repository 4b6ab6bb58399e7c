"""Looking into a file without storing anything: its beginning, its problems, its marked copy."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import transaction

from tocsin.errors import ErasedError, NotFoundError
from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling
from tocsin.organisations.permissions import require_permission
from tocsin.reports.evidence import CellProblem
from tocsin.reports.files import derive_kept_path
from tocsin.reports.formats.fitting import compile_profile
from tocsin.reports.formats.layout import TableRow
from tocsin.reports.formats.marked import write_marked_spreadsheet
from tocsin.reports.formats.personal_data import require_no_personal_columns
from tocsin.reports.formats.profiles import Profile, parse_profile
from tocsin.reports.formats.tables import open_table
from tocsin.reports.queries import get_import, list_problems
from tocsin.reports.services.batches import WANTED, IncomingReport, judge, list_earlier
from tocsin.reports.services.erasing import is_erased_file
from tocsin.reports.services.name_book import NameBook
from tocsin.reports.services.opening import (
    SAMPLE_ROWS,
    open_file,
    open_profiled_table,
    part_batch,
)
from tocsin.reports.services.outcomes import ImportOutcome, judge_batch
from tocsin.substances.queries import load_name_index, resolve_text


@dataclass(frozen=True, slots=True)
class FilePreview:
    """The headings of a file, its first rows, and about how many rows it has."""

    headings: tuple[str, ...]
    rows: list[TableRow]
    row_estimate: int


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """What would become of one row: new, correction, duplicate, earlier-version or refused.

    unknown_names: those of a row that is ready; they are kept as written.
    """

    number: int
    cells: tuple[str, ...]
    verdict: str
    problems: tuple[CellProblem, ...] = ()
    unknown_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name the register does not know: in how many rows, and the names nearest to it.

    statement: what it says instead of naming a substance, such as "nothing was found".
    """

    text: str
    rows: int
    candidates: tuple[str, ...]
    statement: str


def preview_file(path: Path, profile: Profile | None = None) -> FilePreview:
    """Return the beginning of a file, read as the profile prescribes, or as it looks.

    The rows are at most 200. Raises an ImportFileError where the file cannot be taken at all:
    unreadable, too large, or with a column that looks like personal data.
    """
    table = open_table(path) if profile is None else open_profiled_table(path, profile)
    rows = list(islice(table.iter_rows(), SAMPLE_ROWS))
    require_no_personal_columns(table.headings, rows)
    return FilePreview(table.headings, rows, table.row_estimate)


def require_profile_fits(preview: FilePreview, profile: Profile) -> None:
    """Do nothing where a file has the headings of a profile; otherwise raise BadHeadingError."""
    compile_profile(profile, preview.headings)


def judge_first_rows(
    actor: Actor, path: Path, profile: Profile, handling: Handling, *, limit: int
) -> list[JudgedRow]:
    """Say what would become of each of a file's first rows, without storing anything."""
    require_permission(actor, "report.import")
    opened = open_file(path, profile)
    cells = {row.number: row.cells for row in islice(opened.table.iter_rows(), limit)}
    parsed = list(islice(opened.iter_rows(), limit))
    incoming = [one for _number, one in parsed if isinstance(one, IncomingReport)]
    verdicts = iter(judge(handling.owner_id, incoming))
    texts = {found.substance_text for one in incoming for found in one.evidence.findings}
    unknown = NameBook(handling.owner_id).find_unknown(texts)
    judged: list[JudgedRow] = []
    for number, row in parsed:
        if isinstance(row, IncomingReport):
            one, verdict, held = next(verdicts)
            named = dict.fromkeys(found.substance_text for found in one.evidence.findings)
            is_wanted = verdict in WANTED
            queued = tuple(text for text in named if text in unknown) if is_wanted else ()
            earlier = tuple(list_earlier([(one, verdict, held)]))
            judged.append(JudgedRow(number, cells[number], str(verdict), earlier, queued))
        else:
            judged.append(JudgedRow(number, cells[number], "refused", row))
    return judged


def describe_unknown_names(outcome: ImportOutcome, *, limit: int) -> list[UnknownName]:
    """Say which names would be queued for a person, those in most rows first."""
    index = load_name_index()
    described = []
    for text, rows in outcome.unknown_names.most_common(limit):
        resolution = resolve_text(text, index)
        candidates = tuple(one.name for one in resolution.candidates)
        described.append(UnknownName(text, rows, candidates, resolution.statement))
    return described


def write_marked_upload(
    path: Path, profile: Profile, target: Path, *, owner_id: int | None = None
) -> int:
    """Write the sender's own file with its problems marked; return how many rows have one.

    owner_id: of the organisation the rows would be held for; without one, what is held already is
    left out of account.
    """
    return write_marked_spreadsheet(
        open_profiled_table(path, profile), target, _iter_problems(path, profile, owner_id)
    )


def write_marked_import(actor: Actor, import_id: int, target: Path) -> int:
    """Write the file of an import with its problems marked; return how many rows have one.

    Journals that it was handed out. Raises NotFoundError where the import is absent, or not the
    actor's organisation's own: a file may hold more than its rows share; ErasedError where the file
    was erased.
    """
    evidence_import = get_import(actor, import_id)
    if evidence_import.handling.owner_id != actor.organisation_id:
        raise NotFoundError(f"import {import_id}: not found among your organisation's imports")
    if is_erased_file(evidence_import.file_name):
        raise ErasedError(f"import {import_id}: its file was erased when its time was over")
    problems = list_problems(actor, import_id).iterator(chunk_size=2_000)
    table = open_profiled_table(
        derive_kept_path(evidence_import.file_digest, evidence_import.file_name),
        parse_profile(evidence_import.profile_text),
    )
    rows = write_marked_spreadsheet(
        table,
        target,
        (CellProblem(one.row, one.column, one.code, one.found, one.expected) for one in problems),
    )
    with transaction.atomic():
        record(
            actor=actor.journal_name,
            action="import.exported",
            record_type="import",
            record_id=str(import_id),
            details={"marked_rows": rows},
        )
    return rows


def _iter_problems(path: Path, profile: Profile, owner_id: int | None) -> Iterator[CellProblem]:
    for batch in open_file(path, profile).iter_batches():
        yield from part_batch(batch)[1] if owner_id is None else judge_batch(owner_id, batch)[1]
