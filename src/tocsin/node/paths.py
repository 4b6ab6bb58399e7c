"""Where a node keeps what is not in the database."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import platformdirs

from tocsin.errors import ConfigurationError

SubfolderName = Literal["backups", "files", "static"]


def get_tocsin_home(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of this node as an absolute path, making it where it is missing.

    ``TOCSIN_HOME`` names it; without it, it is the platform's user data folder ``tocsin``.
    A folder that exists is taken as it is. Raises ConfigurationError when it cannot be made.
    """
    named = environ.get("TOCSIN_HOME", "").strip()
    home = Path(named).expanduser() if named else platformdirs.user_data_path("tocsin")
    home = home.absolute()
    # The database server of a node that root runs has a user of its own, which must get through
    # to its own folder. It sees no names here, and every other folder is closed to it.
    permissions = 0o711 if os.geteuid() == 0 else 0o700
    _make_folder(home, permissions)
    return home.resolve()


def get_subfolder(home: Path, name: SubfolderName) -> Path:
    """Return a folder of the node that only its owner can enter, making it where it is missing."""
    folder = home / name
    _make_folder(folder, 0o700)
    return folder


def get_secret_key(home: Path) -> str:
    """Return the key this node signs sessions with, making one at the first call.

    It is the content of ``secret_key`` in the home, a file that only its owner can read.
    Raises ConfigurationError when the file cannot be read or made, or is empty.
    """
    path = home / "secret_key"
    try:
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(64))
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigurationError(
            f"file {path}: cannot be read or made ({error.strerror}); expected a file of this user"
        ) from error
    if not key:
        raise ConfigurationError(
            f"file {path}: is empty; expected a key. Remove the file, and everybody logs in again"
        )
    return key


def _write_once(path: Path, text: str) -> None:
    """Put a closed file in place whole; of several processes at once, the first one's stays."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(unfinished)
    finally:
        unfinished.unlink()


def _make_folder(folder: Path, permissions: int) -> None:
    try:
        if folder.is_dir():
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=permissions, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"folder {folder}: cannot be made ({error.strerror}); expected a place this user may "
            "write to. Set TOCSIN_HOME to one"
        ) from error
