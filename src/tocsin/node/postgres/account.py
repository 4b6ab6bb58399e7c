"""The operating-system user that the embedded server runs as."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import ConfigurationError, DatabaseUnavailableError

DEDICATED_ACCOUNT = "tocsin-postgres"
_ADMINISTRATION_FOLDERS = "/usr/sbin:/usr/bin:/sbin:/bin"
_NO_SHELL = "/usr/sbin/nologin"


@dataclass(frozen=True, slots=True)
class ServerAccount:
    """An operating-system user, and whether this process must change to it."""

    name: str
    user_id: int
    group_id: int
    is_another: bool

    @classmethod
    def of_user_id(cls, user_id: int) -> "ServerAccount":
        """Return the account with this number; raises ConfigurationError when it has no name."""
        try:
            entry = pwd.getpwuid(user_id)
        except KeyError as error:
            raise ConfigurationError(
                f"user {user_id}: has no name on this machine; PostgreSQL runs only as a named "
                "user. Run Tocsin as one, or set TOCSIN_DATABASE_URL to a server of your own"
            ) from error
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid, user_id != os.geteuid())

    def run(
        self,
        command: Sequence[str | Path],
        *,
        timeout_seconds: float,
        environment: Mapping[str, str] | None = None,
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command as this account, in a session of its own, and wait for it.

        Ctrl-C does not reach the command. An interruption of the waiting is passed on only after
        the command has ended, so that the server is never left half started or half stopped.
        Raises DatabaseUnavailableError when the command cannot be run or takes too long.
        """
        try:
            process = subprocess.Popen(  # noqa: S603  (the commands are ours, without a shell)
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                cwd="/",
                env={"PATH": _ADMINISTRATION_FOLDERS, "LC_ALL": "C", **(environment or {})},
                start_new_session=True,
                umask=0o077,
                user=self.user_id if self.is_another else None,
                group=self.group_id if self.is_another else None,
                extra_groups=[] if self.is_another else None,
            )
        except OSError as error:
            raise DatabaseUnavailableError(
                f"{command[0]}: cannot be run as user {self.name} ({error.strerror})"
            ) from error
        with process:
            try:
                output, _ = process.communicate(timeout=timeout_seconds)
            except subprocess.TimeoutExpired as error:
                process.kill()
                raise DatabaseUnavailableError(
                    f"{command[0]}: had not ended after {timeout_seconds:.0f} s"
                ) from error
            except BaseException:
                process.wait()
                raise
        return subprocess.CompletedProcess(process.args, process.returncode, output)

    def can_enter(self, folder: Path) -> bool:
        """Tell whether this account gets as far as being inside the folder."""
        return self.run(["/bin/sh", "-c", 'cd "$0"', folder], timeout_seconds=30).returncode == 0


def get_dedicated_account() -> ServerAccount:
    """Return the system user for servers that root starts, adding it where it is missing.

    PostgreSQL refuses to run as root. Raises ConfigurationError when the user cannot be added.
    """
    for _attempt in range(3):
        try:
            return ServerAccount.of_user_id(pwd.getpwnam(DEDICATED_ACCOUNT).pw_uid)
        except KeyError:
            problem = _add_dedicated_account()
    raise ConfigurationError(
        f"system user {DEDICATED_ACCOUNT}: cannot be added ({problem}); PostgreSQL does not run as "
        "root. Add the user, run Tocsin as an ordinary user, or set TOCSIN_DATABASE_URL to a "
        "server of your own"
    )


def _add_dedicated_account() -> str:
    """Add the system user; returns what useradd said, which is nothing where it went well."""
    useradd = shutil.which("useradd", path=_ADMINISTRATION_FOLDERS)
    if useradd is None:
        return "the program useradd is missing"
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    added = subprocess.run(  # noqa: S603  (the command is ours, without a shell)
        [useradd, *options, "--shell", _NO_SHELL, DEDICATED_ACCOUNT],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return added.stderr.strip()
