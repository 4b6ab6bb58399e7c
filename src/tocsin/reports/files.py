"""Where files that came in are kept: by their SHA-256, under the node's folder."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from django.conf import settings


def derive_file_digest(path: Path) -> str:
    """Return a file's SHA-256, 64 hexadecimal digits, reading it in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


KEPT_ENDINGS = (".csv.gz", ".tsv.gz", ".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".gz")


def derive_kept_path(digest: str, file_name: str) -> Path:
    """Return where the file with this digest is kept; a usual ending stays that of its name."""
    name = file_name.lower()
    ending = next((one for one in KEPT_ENDINGS if name.endswith(one)), "")
    return Path(settings.HOME) / "files" / digest[:2] / f"{digest}{ending}"


def keep_file(path: Path, file_name: str) -> str:
    """Copy a file among the node's kept files and return its SHA-256.

    The copy appears whole or not at all, so a full disk or a crash leaves nothing half-written; a
    kept copy that was damaged since is replaced.
    """
    digest = derive_file_digest(path)
    kept = derive_kept_path(digest, file_name)
    if kept.exists() and derive_file_digest(kept) == digest:
        return digest
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as copy:
        partial = Path(copy.name)
    try:
        shutil.copyfile(path, partial)
        with partial.open("rb") as stream:
            # The import's row may outlive a power failure; so must the file that it names.
            os.fsync(stream.fileno())
        partial.replace(kept)
    finally:
        partial.unlink(missing_ok=True)
    return digest
