"""The database server that comes with Tocsin, and the addresses of any other."""

from tocsin.node.postgres.address import DatabaseAddress, parse_database_url
from tocsin.node.postgres.binaries import pg_binary
from tocsin.node.postgres.cluster import EmbeddedCluster
from tocsin.node.postgres.roles import (
    APPLICATION_ROLE,
    OWNER_ROLE,
    ensure_database,
    find_embedded_cluster,
    remove_database,
    replace_database,
    require_ordinary_role,
    resolve_database,
    resolve_owner_database,
)

__all__ = [
    "APPLICATION_ROLE",
    "OWNER_ROLE",
    "DatabaseAddress",
    "EmbeddedCluster",
    "ensure_database",
    "find_embedded_cluster",
    "parse_database_url",
    "pg_binary",
    "remove_database",
    "replace_database",
    "require_ordinary_role",
    "resolve_database",
    "resolve_owner_database",
]
