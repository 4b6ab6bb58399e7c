"""Where the database is, and as whom to connect."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from tocsin.errors import ConfigurationError

DEFAULT_PORT = 5432
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_OPTIONS = ("connect_timeout", "sslcert", "sslkey", "sslmode", "sslrootcert")
_FORM = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or …/DATABASE?host=/SOCKET/FOLDER"


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """A database on a server and the role to use it as. The password is never shown.

    host: a name, an address, or the absolute path of the folder that holds the server's socket.
    options: further libpq parameters, such as ``sslmode``.
    """

    host: str
    port: int
    name: str
    user: str
    password: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def for_psycopg(self) -> dict[str, Any]:
        """Return the keyword arguments of ``psycopg.connect``."""
        password = {"password": self.password} if self.password else {}
        return {
            "host": self.host,
            "port": self.port,
            "dbname": self.name,
            "user": self.user,
            **password,
            **self.options,
        }

    def for_django(self) -> dict[str, Any]:
        """Return the entry of Django's ``DATABASES`` for this address."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": self.host,
            "PORT": str(self.port),
            "NAME": self.name,
            "USER": self.user,
            "PASSWORD": self.password,
            "OPTIONS": dict(self.options),
        }

    def for_programs(self) -> dict[str, str]:
        """Return the environment in which ``pg_dump`` and its like reach this database."""
        environment = {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGDATABASE": self.name,
            "PGUSER": self.user,
        }
        if self.password:
            environment["PGPASSWORD"] = self.password
        return environment | {
            f"PG{option.upper()}": value for option, value in self.options.items()
        }


def parse_database_url(url: str, *, setting: str = "TOCSIN_DATABASE_URL") -> DatabaseAddress:
    """Read ``postgresql://user:password@host:port/name?sslmode=…``.

    Characters with a meaning in a URL (``: / ? # @ %``) are percent-encoded inside its parts; the
    folder of a socket is given as ``?host=/folder``.
    Raises ConfigurationError, which repeats no part of the URL: a password written without
    encoding can end up in any of them.

    >>> parse_database_url("postgresql://tocsin_app:p%40ss@db.example.org/tocsin?sslmode=require")
    DatabaseAddress(host='db.example.org', port=5432, name='tocsin', user='tocsin_app', \
options={'sslmode': 'require'})
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise _refuse(setting, "the host or the port cannot be read") from error
    if parts.scheme not in ("postgresql", "postgres"):
        raise _refuse(setting, "it does not begin with postgresql://")
    if parts.fragment or "#" in url:
        raise _refuse(setting, "it holds a #")
    options = _parse_options(parts, setting)
    host, port_text = options.pop("host", ""), options.pop("port", "")
    if (host and parts.hostname) or (port_text and port is not None):
        raise _refuse(setting, "the host or the port is given twice")
    if port_text:
        if not (port_text.isascii() and port_text.isdigit()):
            raise _refuse(setting, "the port is not a number")
        port = int(port_text)
    host = host or unquote(parts.hostname or "")
    name = unquote(parts.path.removeprefix("/"))
    user = unquote(parts.username or "")
    for value, what in ((host, "the host"), (name, "the database"), (user, "the user")):
        if not value:
            raise _refuse(setting, f"{what} is missing")
    if "/" in name or "," in host:
        raise _refuse(setting, "it names more than one host or database")
    if port is not None and not 0 < port < 65536:
        raise _refuse(setting, "the port is not between 1 and 65535")
    password = unquote(parts.password or "")
    return DatabaseAddress(host, port or DEFAULT_PORT, name, user, password, options)


def _parse_options(parts: SplitResult, setting: str) -> dict[str, str]:
    query = parts.query.replace("+", "%2B")  # libpq takes a plus for itself, not for a space
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError as error:
        raise _refuse(setting, "what follows the ? cannot be read") from error
    options = dict(pairs)
    if len(options) < len(pairs):
        raise _refuse(setting, "an option is given twice")
    allowed = {"host", "port", *_OPTIONS}
    if not options.keys() <= allowed:
        raise _refuse(setting, f"it holds an option other than {', '.join(sorted(allowed))}")
    if options.get("sslmode", _SSL_MODES[0]) not in _SSL_MODES:
        raise _refuse(setting, f"sslmode is none of {', '.join(_SSL_MODES)}")
    if "host" in options and not options["host"].startswith("/"):
        raise _refuse(setting, "the option host is not the absolute path of a folder")
    return options


def _refuse(setting: str, found: str) -> ConfigurationError:
    return ConfigurationError(
        f"{setting}: {found}; expected {_FORM}. Inside a part, write : / ? # @ % percent-encoded"
    )
