from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tocsin.errors import ConfigurationError
from tocsin.node.postgres import (
    APPLICATION_ROLE,
    OWNER_ROLE,
    EmbeddedCluster,
    ensure_database,
    remove_database,
    require_ordinary_role,
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    cluster = EmbeddedCluster(tmp_path_factory.mktemp("roles"), durable=False)
    with cluster.running():
        ensure_database(cluster)
        with connect(cluster, OWNER_ROLE) as connection:
            connection.execute("CREATE TABLE entry (id serial, note text)")
        yield cluster
    cluster.destroy()


def connect(cluster: EmbeddedCluster, user: str) -> "psycopg.Connection[Any]":
    return psycopg.connect(**cluster.address(user=user).for_psycopg())


def test_application_reads_and_writes_rows_of_the_owners_tables(cluster: EmbeddedCluster) -> None:
    with connect(cluster, APPLICATION_ROLE) as connection:
        connection.execute("INSERT INTO entry (note) VALUES ('a'), ('b')")
        connection.execute("UPDATE entry SET note = 'c' WHERE note = 'b'")
        connection.execute("DELETE FROM entry WHERE note = 'a'")

        assert connection.execute("SELECT note FROM entry").fetchall() == [("c",)]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE own (id integer)",
        "TRUNCATE entry",
        "DROP TABLE entry",
        "ALTER TABLE entry ADD COLUMN more text",
        "CREATE ROLE another",
        "CREATE DATABASE another",
        "SET ROLE tocsin_owner",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_application_can_neither_change_nor_empty_a_table_nor_rise(
    cluster: EmbeddedCluster, statement: str
) -> None:
    address = cluster.address(user=APPLICATION_ROLE)
    with (
        psycopg.connect(**address.for_psycopg(), autocommit=True) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


@pytest.mark.parametrize("role", [APPLICATION_ROLE, OWNER_ROLE])
def test_ordinary_roles_are_taken(cluster: EmbeddedCluster, role: str) -> None:
    with connect(cluster, role) as connection:
        require_ordinary_role(connection)


def test_superuser_is_refused_and_told_what_to_make(cluster: EmbeddedCluster) -> None:
    with (
        connect(cluster, "postgres") as connection,
        pytest.raises(ConfigurationError, match=r"postgres: is a superuser.*CREATE ROLE"),
    ):
        require_ordinary_role(connection)


def test_superuser_behind_an_ordinary_role_is_refused(cluster: EmbeddedCluster) -> None:
    with connect(cluster, "postgres") as connection:
        connection.execute("SET ROLE tocsin_app")
        with pytest.raises(ConfigurationError, match="postgres: is a superuser"):
            require_ordinary_role(connection)


def test_database_is_made_once_and_can_be_removed(cluster: EmbeddedCluster) -> None:
    for _time in range(2):
        ensure_database(cluster, "second")
    address = cluster.address(user=APPLICATION_ROLE, name="second")
    with psycopg.connect(**address.for_psycopg()):
        pass

    remove_database(cluster, "second")

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(**address.for_psycopg())


def test_names_in_every_script_are_compared_without_regard_to_case(
    cluster: EmbeddedCluster,
) -> None:
    with connect(cluster, APPLICATION_ROLE) as connection:
        row = connection.execute("SELECT lower('ΦΑΙΝΤΑΝΎΛΗ'), lower('ФЕНТАНИЛ'), upper('é')")

        assert row.fetchone() == ("φαιντανύλη", "фентанил", "É")
