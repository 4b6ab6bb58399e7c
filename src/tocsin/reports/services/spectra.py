"""Keeping files of spectra that findings name by their SHA-256, and handing them out."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from tocsin.errors import NotFoundError, PermissionRefusedError, RefusedError
from tocsin.journal.locks import Lock, hold
from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission
from tocsin.reports.files import derive_file_digest, derive_kept_path, keep_file
from tocsin.reports.formats.personal_data import find_personal_text
from tocsin.reports.models import Draft, EvidenceImport, Finding, SpectrumFile
from tocsin.reports.queries import get_report, get_spectrum
from tocsin.reports.services.erasing import is_erased_file

MOST_BYTES = 20 * 1024**2
LONGEST_NAME = 120
KEPT_UNNAMED_FOR = timedelta(days=30)
"""A file that no report and no draft names for so long is removed."""


@transaction.atomic
def keep_spectrum(actor: Actor, path: Path, *, file_name: str) -> SpectrumFile:
    """Keep a file of spectra for the actor's organisation; one that it has already stays as it is.

    Journals ``spectrum.received`` for a new one. Raises RefusedError where the file is empty or too
    large, or its name looks like personal data.
    """
    require_permission(actor, "report.import")
    if actor.organisation_id is None:
        raise PermissionRefusedError("spectra: the actor has no organisation; expected a person")
    name = clean_file_name(file_name)
    size = path.stat().st_size
    if not 0 < size <= MOST_BYTES:
        expected = f"1 to {MOST_BYTES:,} bytes"
        raise RefusedError(f"spectra: found a file of {size:,} bytes; expected {expected}")
    if looks_like := find_personal_text(Path(name).stem.replace("_", " ")):
        raise RefusedError(
            f"spectra: the file's name looks like {looks_like}; expected a name without personal "
            "data. Rename the file and attach it again"
        )
    _lock_files()
    digest = keep_file(path, "")
    held, is_new = SpectrumFile.objects.get_or_create(
        owner_id=actor.organisation_id,
        digest=digest,
        defaults={"file_name": name, "size": size, "kept_by": actor.name},
    )
    if is_new:
        record(
            actor=actor.journal_name,
            action="spectrum.received",
            record_type="spectrum",
            record_id=str(held.pk),
            details={"sha256": digest},
        )
    return held


@transaction.atomic
def open_spectrum(actor: Actor, report_id: int, digest: str) -> tuple[SpectrumFile, Path]:
    """Return a file that a report names and where it lies, for one who may see the report.

    Journals ``spectrum.exported``. Raises NotFoundError where the report is not visible, does not
    name the file, or the file is not kept here or no longer whole.
    """
    require_permission(actor, "evidence.read")
    held = get_spectrum(get_report(actor, report_id), digest)
    path = derive_kept_path(held.digest, "")
    if not path.is_file() or derive_file_digest(path) != held.digest:
        raise NotFoundError(f"spectra {digest[:12]}: the kept file is missing or was altered")
    record(
        actor=actor.journal_name,
        action="spectrum.exported",
        record_type="spectrum",
        record_id=str(held.pk),
        details={"report": report_id},
    )
    return held, path


@transaction.atomic
def remove_unnamed_spectra(*, now: datetime) -> int:
    """Remove the files that no report and no draft names for KEPT_UNNAMED_FOR; return how many.

    Reads all findings that name spectra: once a night.
    """
    _lock_files()
    old = list(SpectrumFile.objects.filter(kept_at__lt=now - KEPT_UNNAMED_FOR))
    if not old:
        return 0
    named = _list_named()
    unnamed = [one for one in old if (one.owner_id, one.digest) not in named]
    SpectrumFile.objects.filter(pk__in=[one.pk for one in unnamed]).delete()
    digests = {one.digest for one in unnamed}
    digests -= set(SpectrumFile.objects.filter(digest__in=digests).values_list("digest", flat=True))
    imports = EvidenceImport.objects.for_writing().filter(file_digest__in=digests)
    digests -= {
        digest
        for digest, name in imports.values_list("file_digest", "file_name")
        if not is_erased_file(name)
    }
    for digest in digests:
        derive_kept_path(digest, "").unlink(missing_ok=True)
    return len(unnamed)


def clean_file_name(file_name: str) -> str:
    """Return the last part of a path as a short name that any system can take.

    >>> clean_file_name("C:\\\\lab\\\\run 7\\n.raw")
    'run 7_.raw'
    """
    bare = file_name.replace("\\", "/").rpartition("/")[2].strip()
    signs = (sign if sign.isprintable() and sign not in '<>:"|?*' else "_" for sign in bare)
    return "".join(signs)[-LONGEST_NAME:] or "spectra"


def _list_named() -> set[tuple[int, str]]:
    """Every pair of owner and digest that a report or a draft names."""
    findings = Finding.objects.for_writing().filter(details__has_key="spectra")
    rows = findings.values_list("report__owner_id", "details__spectra")
    named = {(owner, digest) for owner, digests in rows.iterator() for digest in digests}
    for owner, typed in Draft.objects.values_list("owner_id", "typed"):
        for finding in typed.get("findings", []):
            named |= {(owner, digest) for digest in finding.get("spectra", [])}
    return named


def _lock_files() -> None:
    """Let one transaction at a time keep or remove files, so that none is removed while kept."""
    hold(Lock.SPECTRUM_FILES)
