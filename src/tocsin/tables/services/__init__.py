"""All writing of tables: make, release by a second person, withdraw, discard, hand out, erase."""

from tocsin.tables.services.erasing import erase_unreleased
from tocsin.tables.services.making import TableWish, make_table
from tocsin.tables.services.releasing import (
    discard_table,
    export_table,
    release_table,
    withdraw_table,
)

__all__ = [
    "TableWish",
    "discard_table",
    "erase_unreleased",
    "export_table",
    "make_table",
    "release_table",
    "withdraw_table",
]
