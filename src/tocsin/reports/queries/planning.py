"""Telling the planner of the database what it cannot know of tables that were just filled."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def joining_by_hash() -> Iterator[None]:
    """Read each table once: of one that was just filled the planner thinks that it is empty, and
    would read it anew for every row of the other."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = DEFAULT")
