"""Files on their way in: uploaded, looked at, not yet accepted.

An upload lies in the node's folder under a random token that only the session of its sender knows.
It is removed when it is accepted or discarded, and after a day. Before a file is kept here it has
been looked at where the web server received it, so a file with personal data never comes this far.
"""

import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from tocsin.errors import NotFoundError
from tocsin.reports.formats.profiles import Profile, parse_profile

KEPT_SECONDS = 24 * 3600
LONGEST_NAME_BYTES = 200
_SESSION_KEY = "uploads"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}\Z")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent and not yet accepted, with what its sender said about it.

    profile_text: the profile as TOML, empty while its columns are not matched.
    """

    token: str
    file_name: str
    tlp: str
    audience: list[int]
    purposes: list[str]
    profile_text: str = ""

    @property
    def path(self) -> Path:
        return _folder() / self.token / self.file_name

    def parse_profile(self) -> Profile | None:
        """Return the profile the file is read by, or None while there is none."""
        return parse_profile(self.profile_text) if self.profile_text else None


@contextmanager
def open_received(received: "UploadedFile[bytes]") -> Iterator[Path]:
    """Give a received file under its sender's name, for messages; gone after the block."""
    with tempfile.TemporaryDirectory(prefix="tocsin-upload-") as folder:
        path = Path(folder) / clean_file_name(received.name or "")
        with path.open("wb") as copy:
            for chunk in received.chunks():
                copy.write(chunk)
        yield path


def keep_upload(request: HttpRequest, path: Path, upload_values: dict[str, object]) -> Upload:
    """Keep a file that passed the first look, for this session only; clears out old ones."""
    remove_old_uploads()
    upload = Upload(
        token=secrets.token_urlsafe(16),
        file_name=path.name,
        **upload_values,  # type: ignore[arg-type]
    )
    upload.path.parent.mkdir(parents=True, mode=0o700)
    shutil.copyfile(path, upload.path)
    change_upload(request, upload)
    return upload


def change_upload(request: HttpRequest, upload: Upload) -> None:
    """Remember an upload, with all that is known about it, in the session."""
    held = request.session.get(_SESSION_KEY, {})
    request.session[_SESSION_KEY] = {**held, upload.token: asdict(upload)}


def get_upload(request: HttpRequest, token: str) -> Upload:
    """Return an upload of this session; NotFoundError where it is another's, accepted or gone."""
    held = request.session.get(_SESSION_KEY, {}).get(token)
    if not _TOKEN.match(token) or held is None:
        raise NotFoundError("upload: not found in this session; send the file again")
    upload = Upload(**held)
    if not upload.path.is_file():
        raise NotFoundError("upload: was accepted, discarded or kept for a day; send it again")
    return upload


def remove_upload(request: HttpRequest, upload: Upload) -> None:
    """Remove an upload from the disk and from the session."""
    shutil.rmtree(upload.path.parent, ignore_errors=True)
    held = request.session.get(_SESSION_KEY, {})
    request.session[_SESSION_KEY] = {
        token: values for token, values in held.items() if token != upload.token
    }


def remove_old_uploads() -> None:
    """Remove what nobody accepted for a day, whoever sent it."""
    oldest = time.time() - KEPT_SECONDS
    for folder in _folder().glob("*"):
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def clean_file_name(name: str) -> str:
    """Return a sender's file name as a name alone, without path and control characters.

    >>> clean_file_name("C:\\\\lab\\\\nov.xlsx"), clean_file_name("../.."), clean_file_name("a\\x00b.csv")
    ('nov.xlsx', 'file', 'ab.csv')
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(sign for sign in last if sign.isprintable()).strip().lstrip(".")
    stem, ending = printable[: -len(Path(printable).suffix) or None], Path(printable).suffix[:20]
    room = LONGEST_NAME_BYTES - len(ending.encode())
    return (stem.encode()[:room].decode(errors="ignore") + ending) or "file"


def _folder() -> Path:
    folder = Path(settings.HOME) / "uploads"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder
