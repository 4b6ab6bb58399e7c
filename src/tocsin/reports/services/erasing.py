"""Erasing the content of reports whose time is over, and knowing them when they come again.

A version that is erased stays as an empty row, so that whatever names it still names something: its
type, the month of its event, whose it was, and when it was erased. What it was known by is replaced
by a keyed digest, which tells nothing, but recognises the same report. ``retention`` decides what
goes; the database lets nothing go that an open erasure does not name.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Protocol, TypeVar

from django.db import connection
from django.db.models import Q

from tocsin.reports.evidence import CellProblem
from tocsin.reports.files import derive_kept_path
from tocsin.reports.models import (
    ERASED_PREFIX,
    ChangeKind,
    ErasureKey,
    EvidenceChange,
    EvidenceImport,
    Finding,
    ImportProblem,
    Report,
    SpectrumFile,
)

ERASED_FILE = "erased"
"""The name of a file whose content was erased; its usual ending stays."""

BLANK = """
UPDATE reports_report report SET
    key = emptied.key, is_current = false, is_retracted = false, reason = '', reference = '',
    event_on = report.event_on - (extract(day FROM report.event_on)::int - 1),
    event_precision = 'month', received_on = NULL, reported_on = NULL, country = '', region = '',
    local_area = '', border_post = '', source = '', content_digest = '', reported_by = '',
    source_row = NULL, details = jsonb_build_object('erased_on', %(on)s::text)
FROM unnest(%(ids)s::bigint[], %(keys)s::text[]) AS emptied (id, key)
WHERE report.id = emptied.id
"""


class Keyed(Protocol):
    """A report that comes in, with the key it would be held under and the row it stood in."""

    @property
    def key(self) -> str:
        """Of the report within its owner."""

    @property
    def row(self) -> int | None:
        """Of the file; None where it came by itself."""


Incoming = TypeVar("Incoming", bound=Keyed)


@dataclass(frozen=True, slots=True)
class Erased:
    """How much went: versions of reports, and findings of these."""

    versions: int
    findings: int


def find_erased(owner_id: int, keys: Iterable[str]) -> dict[str, date]:
    """Return when the reports that were held under these keys were erased, by key."""
    held = ErasureKey.objects.first()
    if held is None:
        return {}
    by_digest = {derive_erased_key(bytes(held.secret), owner_id, key): key for key in keys}
    rows = Report.objects.for_writing().filter(owner_id=owner_id, key__in=list(by_digest))
    return {
        by_digest[key]: date.fromisoformat(details["erased_on"])
        for key, details in rows.values_list("key", "details")
    }


def derive_erased_key(secret: bytes, owner_id: int, key: str) -> str:
    """Return what a report is held under once it is erased: HMAC-SHA-256 of its owner and key.

    >>> len({derive_erased_key(bytes(32), owner, "ref:L-7") for owner in (1, 2, 2)})
    2
    """
    digest = hmac.digest(secret, f"{owner_id}\0{key}".encode(), hashlib.sha256)
    return f"{ERASED_PREFIX}{digest.hex()}"


def part_erased(
    owner_id: int, incoming: Sequence[Incoming]
) -> tuple[list[Incoming], list[CellProblem]]:
    """Part reports into those that may be held and the problems of those erased before."""
    erased = find_erased(owner_id, {one.key for one in incoming})
    problems = [
        CellProblem(one.row or 0, "", "erased", "", describe_erased(erased[one.key]))
        for one in incoming
        if one.key in erased
    ]
    return [one for one in incoming if one.key not in erased], problems


def describe_erased(on: date) -> str:
    """Say what was expected instead of a report that was erased."""
    return f"a report other than the one erased on {on.isoformat()}, when its time was over"


def list_version_ids(owner_id: int, keys: Iterable[str]) -> dict[str, list[int]]:
    """Return the numbers of all versions of an owner's reports, by key, oldest first."""
    versions = Report.objects.for_writing().filter(owner_id=owner_id, key__in=list(keys))
    ids: dict[str, list[int]] = {}
    for key, pk in versions.order_by("version").values_list("key", "pk"):
        ids.setdefault(key, []).append(pk)
    return ids


def erase_versions(erasure_id: int, report_ids: Sequence[int], *, on: date) -> Erased:
    """Erase the content of these versions: all of each report, which the open erasure names.

    Runs in the caller's transaction, which holds the owners' locks. Leaves an EvidenceChange; the
    weekly counts stay as they are, since they are sums and no reports.
    """
    secret = _get_secret()
    versions = Report.objects.for_writing().filter(pk__in=report_ids)
    keys = {
        pk: derive_erased_key(secret, owner_id, key)
        for pk, owner_id, key in versions.values_list("pk", "owner_id", "key")
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('tocsin.erasing', %s, true)", [str(erasure_id)])
        findings, _by_model = Finding.objects.for_writing().filter(report_id__in=keys).delete()
        cursor.execute(BLANK, {"ids": list(keys), "keys": list(keys.values()), "on": str(on)})
        cursor.execute("SELECT set_config('tocsin.erasing', '', true)")
    EvidenceChange.objects.create(kind=ChangeKind.ERASED, ids=sorted(keys))
    return Erased(len(keys), findings)


def erase_files(import_ids: Iterable[int]) -> list[EvidenceImport]:
    """Remove the files of these imports with the problems found in them; return those imports.

    The import stays with its counts. A file that came in twice goes with the last of its imports,
    and the caller names imports whose rows may all go.
    """
    imports = list(
        EvidenceImport.objects.for_writing()
        .filter(pk__in=list(import_ids))
        .select_for_update(of=("self",))
        .select_related("handling__owner")
        .order_by("pk")
    )
    ImportProblem.objects.for_writing().filter(evidence_import__in=imports).delete()
    for one in imports:
        path = derive_kept_path(one.file_digest, one.file_name)
        one.file_name = f"{ERASED_FILE}{''.join(PurePath(path.name).suffixes)}"
        one.save(update_fields=["file_name"])
        if not _is_still_needed(one.file_digest):
            path.unlink(missing_ok=True)
    return imports


def is_erased_file(file_name: str) -> bool:
    """Tell whether an import's file was erased.

    >>> is_erased_file("erased.csv.gz"), is_erased_file("erased rows.csv")
    (True, False)
    """
    return file_name.partition(".")[0] == ERASED_FILE


def _is_still_needed(digest: str) -> bool:
    others = EvidenceImport.objects.for_writing().filter(file_digest=digest)
    others = others.exclude(Q(file_name=ERASED_FILE) | Q(file_name__startswith=f"{ERASED_FILE}."))
    return others.exists() or SpectrumFile.objects.filter(digest=digest).exists()


def _get_secret() -> bytes:
    held, _is_new = ErasureKey.objects.get_or_create(
        pk=1, defaults={"secret": secrets.token_bytes(32)}
    )
    return bytes(held.secret)
