"""What the embedded server is told, and what its complaints mean in plain words."""

from pathlib import Path

from tocsin.node.postgres.account import ServerAccount
from tocsin.node.postgres.binaries import MAJOR_VERSION

_SETTINGS = """\
# Written by Tocsin at every start of the server; changes here are lost.
# Settings of your own: ALTER SYSTEM, as role postgres.
listen_addresses = ''
unix_socket_directories = '{socket_folder}'
unix_socket_permissions = 0700

shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
jit = off
fsync = {durable}
full_page_writes = {durable}
synchronous_commit = on

timezone = 'UTC'
lc_messages = 'C'
default_text_search_config = 'pg_catalog.simple'

# The log holds no statement and no value, since either may quote a report.
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_error_verbosity = terse
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""

_PLAIN_WORDS = (
    ("No space left on device", "the disk is full"),
    ("Disk quota exceeded", "the disk quota is used up"),
    ("Read-only file system", "the disk is read-only"),
    ("Cannot allocate memory", "there is not enough memory"),
    ("could not create shared memory segment", "there is not enough shared memory"),
    ("database files are incompatible", "the data is of another PostgreSQL version"),
    ("Permission denied", "a file or folder is not open to the user the server runs as"),
    ("checksum", "a file of the database is damaged"),
    ("pre-existing shared memory block", "processes of an earlier server are still alive"),
    ("did not start in time", "it is still recovering from a crash; try again later"),
)
_LOG_LINES_SHOWN = 5


def server_settings(socket_folder: Path, *, durable: bool) -> str:
    """Return the settings file of a server that listens on a socket in this folder only."""
    quoted = str(socket_folder).replace("'", "''")
    return _SETTINGS.format(socket_folder=quoted, durable="on" if durable else "off")


def host_access_rules() -> str:
    """Return the file of who may connect: over the socket, the operating-system users named."""
    return "local all all peer map=tocsin\nlocal replication all peer map=tocsin\n"


def user_name_map(account: ServerAccount) -> str:
    """Return the file of those operating-system users: the server's own and root."""
    names = dict.fromkeys(("root", account.name))
    return "".join(f'tocsin "{name}" all\n' for name in names)


def explain_start_failure(home: Path, log: str) -> str:
    """Return why the server of a node did not start, with the end of what it said."""
    reasons = [plain for sign, plain in _PLAIN_WORDS if sign in log]
    reason = reasons[0] if reasons else "see what it said"
    lines = [line for line in log.splitlines() if line.strip()][-_LOG_LINES_SHOWN:]
    said = "\n  ".join(lines) or "nothing"
    return f"database of {home}: PostgreSQL {MAJOR_VERSION} did not start: {reason}. It said:\n  {said}"
