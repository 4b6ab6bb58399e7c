from pathlib import Path

import pytest

from tocsin.errors import ConfigurationError
from tocsin.node.postgres import (
    DatabaseAddress,
    find_embedded_cluster,
    parse_database_url,
    resolve_database,
    resolve_owner_database,
)

APPLICATION_URL = "postgresql://tocsin_app:one@db.example.org/tocsin"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        pytest.param(
            "postgresql://app:p%40ss%2Fword@db.example.org:6543/tocsin?sslmode=verify-full",
            DatabaseAddress(
                "db.example.org", 6543, "tocsin", "app", "p@ss/word", {"sslmode": "verify-full"}
            ),
            id="everything given",
        ),
        pytest.param(
            "postgres://app@db/tocsin",
            DatabaseAddress("db", 5432, "tocsin", "app"),
            id="short name of the scheme, port left out",
        ),
        pytest.param(
            "postgresql://app@[::1]:5433/tocsin",
            DatabaseAddress("::1", 5433, "tocsin", "app"),
            id="IPv6 address",
        ),
        pytest.param(
            "postgresql://app@/tocsin?host=/run/post+gres&port=5433",
            DatabaseAddress("/run/post+gres", 5433, "tocsin", "app"),
            id="socket folder with a plus sign",
        ),
    ],
)
def test_database_url_is_read_as_written(url: str, address: DatabaseAddress) -> None:
    assert parse_database_url(url) == address


@pytest.mark.parametrize(
    ("url", "found"),
    [
        pytest.param("mysql://a:sesame@h/d", "does not begin with postgresql://", id="scheme"),
        pytest.param("a:sesame@h/d", "does not begin with postgresql://", id="no scheme"),
        pytest.param("postgresql://a:sesame@h", "the database is missing", id="no database"),
        pytest.param("postgresql://:sesame@h/d", "the user is missing", id="no user"),
        pytest.param("postgresql://a:sesame@/d", "the host is missing", id="no host"),
        pytest.param("postgresql://a:sesame@h:0/d", "between 1 and 65535", id="port zero"),
        pytest.param("postgresql://a:x#sesame@h/d", "cannot be read", id="hash in password"),
        pytest.param("postgresql://a:x/sesame@h/d", "cannot be read", id="slash in password"),
        pytest.param("postgresql://a:x?sesame@h/d", "cannot be read", id="query in password"),
        pytest.param("postgresql://a:9#sesame@h/d", "it holds a #", id="number, hash in password"),
        pytest.param("postgresql://a:9?sesame@h/d", "what follows the ?", id="number, query"),
        pytest.param("postgresql://a:9/sesame@h/d", "user is missing", id="number, slash"),
        pytest.param("postgresql://a@h/d?password=sesame", "an option other than", id="option"),
        pytest.param("postgresql://a:sesame@h/d?sslmode=maybe", "sslmode is none", id="sslmode"),
        pytest.param("postgresql://a:sesame@h/d?host=/x", "given twice", id="two hosts"),
        pytest.param("postgresql://a:sesame@/d?host=/x&host=/y", "given twice", id="option twice"),
        pytest.param("postgresql://a:sesame@/d?host=x", "absolute path", id="relative socket"),
        pytest.param("postgresql://a:sesame@/d?host=/x&port=y", "not a number", id="port word"),
        pytest.param("postgresql://a:sesame@h,i/d", "more than one", id="several servers"),
    ],
)
def test_bad_database_url_is_refused_without_its_password(url: str, found: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        parse_database_url(url)

    message = str(refusal.value)
    assert message.startswith("TOCSIN_DATABASE_URL: ")
    assert found in message
    assert "sesame" not in message


def test_password_is_never_shown() -> None:
    assert "sesame" not in repr(parse_database_url("postgresql://a:sesame@h/d"))


def test_address_reaches_programs_through_their_environment() -> None:
    address = parse_database_url("postgresql://a:b@h/d?connect_timeout=5&sslmode=require")

    assert address.for_programs() == {
        "PGHOST": "h",
        "PGPORT": "5432",
        "PGDATABASE": "d",
        "PGUSER": "a",
        "PGPASSWORD": "b",
        "PGCONNECT_TIMEOUT": "5",
        "PGSSLMODE": "require",
    }


def test_without_a_url_the_embedded_server_is_used(tmp_path: Path) -> None:
    socket_folder = str(tmp_path / "postgres" / "socket")

    assert resolve_database(tmp_path, {}) == DatabaseAddress(
        socket_folder, 5432, "tocsin", "tocsin_app"
    )
    assert resolve_owner_database(tmp_path, {}) == DatabaseAddress(
        socket_folder, 5432, "tocsin", "tocsin_owner"
    )
    assert find_embedded_cluster(tmp_path, {}) is not None


def test_with_a_url_nothing_is_embedded_and_one_role_serves_for_both(tmp_path: Path) -> None:
    environ = {"TOCSIN_DATABASE_URL": APPLICATION_URL}

    assert resolve_owner_database(tmp_path, environ) == parse_database_url(APPLICATION_URL)
    assert find_embedded_cluster(tmp_path, environ) is None


def test_owner_has_an_address_of_its_own(tmp_path: Path) -> None:
    owner_url = "postgresql://tocsin_owner:two@db.example.org/tocsin"
    environ = {"TOCSIN_DATABASE_URL": APPLICATION_URL, "TOCSIN_OWNER_DATABASE_URL": owner_url}

    assert resolve_owner_database(tmp_path, environ) == parse_database_url(owner_url)


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({"TOCSIN_OWNER_DATABASE_URL": APPLICATION_URL}, id="owner alone"),
        pytest.param(
            {
                "TOCSIN_DATABASE_URL": APPLICATION_URL,
                "TOCSIN_OWNER_DATABASE_URL": APPLICATION_URL.replace("/tocsin", "/other"),
            },
            id="two databases",
        ),
    ],
)
def test_owner_of_another_database_is_refused(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="TOCSIN_OWNER_DATABASE_URL"):
        resolve_owner_database(tmp_path, environ)
