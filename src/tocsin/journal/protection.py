"""Taking away from the application's role what it must never do to the journal."""

from django.db import connections

from tocsin.journal.models import JournalEntry, JournalHead

APPLICATION_ROLE = "tocsin_app"


def protect_journal(*, using: str) -> None:
    """Leave the application's role nothing but reading and adding, as the owner of the tables.

    using: the connection of the owner. Needed after a restore, which makes the tables anew with the
    rights that new tables get; migrations do the same at the first set-up.
    """
    entries, head = JournalEntry._meta.db_table, JournalHead._meta.db_table
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE])
        if cursor.fetchone() is None:
            return
        cursor.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{entries}" FROM {APPLICATION_ROLE}')
        cursor.execute(f'REVOKE DELETE, TRUNCATE ON "{head}" FROM {APPLICATION_ROLE}')
