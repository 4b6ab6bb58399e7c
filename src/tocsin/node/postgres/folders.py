"""Folders and files that the server's user owns and nobody else can enter or read."""

import os
import secrets
import stat
import tempfile
from pathlib import Path

from tocsin.errors import DatabaseUnavailableError
from tocsin.node.postgres.account import ServerAccount, get_dedicated_account
from tocsin.node.postgres.binaries import SYSTEM_FOLDER, make_system_folder

_CLOSED = 0o700


def ensure_cluster_folder(home: Path) -> ServerAccount:
    """Make ``home/postgres`` where it is missing and return the account the server runs as.

    For an ordinary user the folder and the account are its own. For root the account is the owner
    of the folder, at first a system user; when that user cannot get into ``home``, the folder lies
    under ``/var/lib/tocsin/clusters`` and ``home/postgres`` is a link to it.
    Raises DatabaseUnavailableError when the folder is somebody else's or cannot be made.
    """
    place = home / "postgres"
    try:
        if os.geteuid() != 0:
            account = ServerAccount.of_user_id(os.geteuid())
            place.mkdir(mode=_CLOSED, exist_ok=True)
        else:
            account = _choose_account_for_root(home, place)
        close_folder(place.resolve(strict=True), account)
    except OSError as error:
        raise DatabaseUnavailableError(
            f"folder {place}: cannot be used for the database ({error.strerror}); expected a "
            "folder that this user owns, or a place where it can make one"
        ) from error
    return account


def close_folder(folder: Path, account: ServerAccount) -> None:
    """Give a folder of ours to the account and shut it to everybody else.

    Raises DatabaseUnavailableError when the folder is a link or belongs to a third user.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise DatabaseUnavailableError(
            f"folder {folder}: cannot be opened ({error.strerror}); expected a folder of "
            f"user {account.name}, not a link"
        ) from error
    try:
        held = os.fstat(descriptor)
        if held.st_uid not in (account.user_id, os.geteuid()):
            raise DatabaseUnavailableError(
                f"folder {folder}: belongs to user {held.st_uid}; expected {account.name}"
            )
        if held.st_uid != account.user_id:
            os.fchown(descriptor, account.user_id, account.group_id)
        if stat.S_IMODE(held.st_mode) != _CLOSED:
            os.fchmod(descriptor, _CLOSED)
    finally:
        os.close(descriptor)


def write_closed_file(path: Path, text: str, account: ServerAccount) -> None:
    """Put a file that only the account can read in place, whole or not at all.

    Never writes through a link: the folder is the account's, and this process may be root.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        if account.is_another:
            os.fchown(file.fileno(), account.user_id, account.group_id)
    unfinished.replace(path)


def read_closed_file(path: Path, *, start: int = 0) -> str:
    """Return the text of a file from a byte position on, without following a link at its place.

    A file that is missing has no text.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return ""
    with os.fdopen(descriptor, "rb") as file:
        file.seek(start)
        return file.read().decode("utf-8", errors="replace")


def _choose_account_for_root(home: Path, place: Path) -> ServerAccount:
    if place.exists():
        owner = place.stat().st_uid
        dedicated = get_dedicated_account()
        if owner in (os.geteuid(), dedicated.user_id):
            return dedicated
        if owner == home.stat().st_uid:
            return ServerAccount.of_user_id(owner)
        raise DatabaseUnavailableError(
            f"folder {place}: belongs to user {owner}; expected {dedicated.name} or the owner "
            f"of {home}"
        )
    if place.is_symlink():
        raise DatabaseUnavailableError(
            f"folder {place}: leads to {place.readlink()}, which is gone; expected the database "
            "there. Put it back, or remove the link to begin with an empty one"
        )
    account = get_dedicated_account()
    if account.can_enter(home):
        place.mkdir(mode=_CLOSED)
        return account
    clusters = SYSTEM_FOLDER / "clusters"
    make_system_folder(clusters)
    # A new name each time: a home that was removed and made again must not find its old data.
    away = Path(tempfile.mkdtemp(dir=clusters, prefix=f"{home.name}-"))
    close_folder(away, account)
    place.symlink_to(away)
    return account
