"""Making and copying the test database."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction

from tocsin.journal.services import ActorName
from tocsin.node.postgres import EmbeddedCluster, ensure_database
from tocsin.substances.services import load_register

CLUSTER = EmbeddedCluster(Path(settings.HOME), durable=False)


@contextmanager
def prepare_database() -> Iterator[None]:
    """Start the server, migrate as the owner, load the register as the application."""
    with CLUSTER.running():
        ensure_database(CLUSTER)
        call_command("migrate", database="owner", verbosity=0)
        call_command("createcachetable", database="owner", verbosity=0)
        load_register(ActorName(person="setup", organisation=""))
        close_connections()
        yield
        close_connections()
    CLUSTER.destroy()


def begin() -> transaction.Atomic:
    """Begin a transaction around those of several tests."""
    around = transaction.atomic()
    around.__enter__()
    return around


@contextmanager
def write() -> Iterator[None]:
    """Check what the block wrote at its end, and not anew at the end of each test."""
    yield
    connections["default"].check_constraints()


def roll_back(around: transaction.Atomic) -> None:
    """End a transaction around tests; nothing of it stays."""
    transaction.set_rollback(True)
    around.__exit__(None, None, None)


@contextmanager
def copy_database() -> Iterator[str]:
    """Point the application at a copy of the test database for as long as the block lasts."""
    name = f"copy_{uuid.uuid4().hex[:12]}"
    settings_dict = connections["default"].settings_dict
    template = settings_dict["NAME"]
    if connections["default"].in_atomic_block:
        raise AssertionError("a test with a database of its own stands in a transaction")
    close_connections()
    _execute_as_superuser(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER tocsin_owner')
    settings_dict["NAME"] = name
    try:
        yield name
    finally:
        close_connections()
        settings_dict["NAME"] = template
        _execute_as_superuser(f'DROP DATABASE "{name}" WITH (FORCE)')


def close_connections() -> None:
    """End this process's connections, so that the database can be copied or removed."""
    for connection in connections.all(initialized_only=True):
        connection.close()


def _execute_as_superuser(statement: str) -> None:
    address = CLUSTER.address(user="postgres", name="postgres")
    with psycopg.connect(**address.for_psycopg(), autocommit=True) as connection:
        connection.execute(statement.encode())
