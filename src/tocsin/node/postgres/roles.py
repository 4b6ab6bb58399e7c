"""The database of a node and its two roles: the owner of the tables and the application."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, LiteralString, Protocol

import psycopg
from psycopg import sql

from tocsin.errors import ConfigurationError, DatabaseUnavailableError
from tocsin.node.postgres.address import DatabaseAddress, parse_database_url
from tocsin.node.postgres.cluster import SUPERUSER, EmbeddedCluster

OWNER_ROLE = "tocsin_owner"
APPLICATION_ROLE = "tocsin_app"
_ORDINARY = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION"
_LOCK_NUMBER = 0x70C51  # any number; the same in every process that prepares roles

# Each step says the same thing when it is said again.
_DATABASE_STEPS = (
    "REVOKE ALL ON DATABASE {name} FROM PUBLIC",
    "GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {application}",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO {application}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public "
    "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {application}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public "
    "GRANT USAGE, SELECT ON SEQUENCES TO {application}",
)


class Cursor(Protocol):
    """What is asked of a cursor here; those of psycopg and of Django both have it."""

    def execute(self, query: Any) -> Any:
        """Run a statement."""

    def fetchone(self) -> Any:
        """Return the next row, or None."""


class Connection(Protocol):
    """What is asked of a connection here; those of psycopg and of Django both have it."""

    def cursor(self) -> AbstractContextManager[Cursor]:
        """Open a cursor."""


def resolve_database(home: Path, environ: Mapping[str, str]) -> DatabaseAddress:
    """Return where the application finds its database, and its ordinary role. Starts nothing.

    It is what ``TOCSIN_DATABASE_URL`` names, or else the embedded server of the node.
    Raises ConfigurationError when that address cannot be read.
    """
    url = environ.get("TOCSIN_DATABASE_URL", "").strip()
    if url:
        return parse_database_url(url)
    if environ.get("TOCSIN_OWNER_DATABASE_URL", "").strip():
        raise ConfigurationError(
            "TOCSIN_OWNER_DATABASE_URL: is set without TOCSIN_DATABASE_URL; expected both or none"
        )
    return EmbeddedCluster(home).address(user=APPLICATION_ROLE)


def resolve_owner_database(home: Path, environ: Mapping[str, str]) -> DatabaseAddress:
    """Return the same database as ``resolve_database``, as the role that migrations use.

    It is what ``TOCSIN_OWNER_DATABASE_URL`` names, or else the application's own address, or, on
    the embedded server, its owner.
    Raises ConfigurationError when an address cannot be read or they name different databases.
    """
    application = resolve_database(home, environ)
    if find_embedded_cluster(home, environ) is not None:
        return replace(application, user=OWNER_ROLE)
    url = environ.get("TOCSIN_OWNER_DATABASE_URL", "").strip()
    if not url:
        return application
    owner = parse_database_url(url, setting="TOCSIN_OWNER_DATABASE_URL")
    if (owner.host, owner.port, owner.name) != (
        application.host,
        application.port,
        application.name,
    ):
        raise ConfigurationError(
            "TOCSIN_OWNER_DATABASE_URL: names another server or database than "
            "TOCSIN_DATABASE_URL; expected the same, with the role that owns the tables"
        )
    return owner


def find_embedded_cluster(home: Path, environ: Mapping[str, str]) -> EmbeddedCluster | None:
    """Return the embedded server of the node, or None where the operator named a server."""
    return None if environ.get("TOCSIN_DATABASE_URL", "").strip() else EmbeddedCluster(home)


def ensure_database(cluster: EmbeddedCluster, name: str = "tocsin") -> None:
    """Make the two roles and a database in a running embedded server, where they are missing.

    ``tocsin_owner`` owns the database and whatever migrations make in it. ``tocsin_app`` reads
    and writes rows of those tables, and can neither change nor empty a table.
    """
    names = {
        "name": sql.Identifier(name),
        "owner": sql.Identifier(OWNER_ROLE),
        "application": sql.Identifier(APPLICATION_ROLE),
    }
    with _as_superuser(cluster, SUPERUSER) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK_NUMBER])
        for role in (OWNER_ROLE, APPLICATION_ROLE):
            if not _is_there(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
            statement = sql.SQL("ALTER ROLE {} " + _ORDINARY)
            connection.execute(statement.format(sql.Identifier(role)))
        if not _is_there(connection, "SELECT 1 FROM pg_database WHERE datname = %s", name):
            connection.execute(sql.SQL("CREATE DATABASE {name} OWNER {owner}").format(**names))
        with _as_superuser(cluster, name) as inside:
            for step in _DATABASE_STEPS:
                inside.execute(sql.SQL(step).format(**names))


def remove_database(cluster: EmbeddedCluster, name: str) -> None:
    """Remove a database from a running embedded server, ending its connections."""
    with _as_superuser(cluster, SUPERUSER) as connection:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(statement.format(sql.Identifier(name)))


def replace_database(cluster: EmbeddedCluster, name: str, *, by: str) -> None:
    """Remove a database, ending its connections, and give its name to another one."""
    remove_database(cluster, name)
    with _as_superuser(cluster, SUPERUSER) as connection:
        statement = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        connection.execute(statement.format(sql.Identifier(by), sql.Identifier(name)))


def require_ordinary_role(connection: Connection) -> None:
    """Refuse a connection whose role could get around the rules that the database enforces.

    Raises ConfigurationError for a superuser and for a role that bypasses row security.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper FROM pg_roles WHERE rolname IN (current_user, session_user) "
            "AND (rolsuper OR rolbypassrls)"
        )
        row = cursor.fetchone()
    if row is None:
        return
    role, is_superuser = row
    found = "is a superuser" if is_superuser else "bypasses row security"
    raise ConfigurationError(
        f"database role {role}: {found}; expected an ordinary role, which cannot change the "
        f"journal. Make one, as an administrator of the server: CREATE ROLE {APPLICATION_ROLE} "
        f"{_ORDINARY} PASSWORD '…'; and name it in TOCSIN_DATABASE_URL"
    )


def _as_superuser(cluster: EmbeddedCluster, name: str) -> "psycopg.Connection[Any]":
    address = cluster.address(user=SUPERUSER, name=name)
    try:
        return psycopg.connect(**address.for_psycopg(), autocommit=True)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailableError(
            f"database of {cluster.home}: does not answer; expected it to run. {error}"
        ) from error


def _is_there(connection: "psycopg.Connection[Any]", query: LiteralString, value: str) -> bool:
    return connection.execute(query, [value]).fetchone() is not None
