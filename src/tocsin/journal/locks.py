"""What one transaction does at a time: every lock by its name, so that no two share a number."""

from enum import IntEnum, unique

from django.db import connection


@unique
class Lock(IntEnum):
    """A reason to wait for each other, as the first key of an advisory lock of PostgreSQL."""

    EVIDENCE_OF_AN_OWNER = 7_401
    ALERT_NUMBERS = 7_402
    WEEKLY_COUNTS = 7_403
    VERSIONS_OF_A_TABLE = 7_404
    MEASURED_MONTHS = 7_405
    RETENTION = 7_406
    PACKAGE_NUMBERS = 7_407
    LOOKS = 7_408
    DETECTION_SETTINGS = 7_409
    SPECTRUM_FILES = 7_410


def hold(lock: Lock, of: int | str = 0) -> None:
    """Wait for a lock, and hold it until the caller's transaction ends.

    of: which of several things of a kind; texts that hash alike wait for each other, too.
    """
    key = "hashtext(%s)" if isinstance(of, str) else "%s"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock(%s, {key})", [int(lock), of])
