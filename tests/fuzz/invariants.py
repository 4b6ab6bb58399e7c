"""What must hold in the database after any request, however it ended."""

from django.db import connection

from tocsin.journal.queries import verify_journal

NOT_EVIDENCE = {
    "django_session",
    "django_migrations",
    "journal_journalentry",
    "journal_journalhead",
    "organisations_apitoken",
    "organisations_person",
    "tocsin_cache",
}
"""Tables in which a refused or a reading request may leave its trace."""

HALF_RECORDS = {
    "a report without a finding": """
        SELECT id FROM reports_report report WHERE NOT EXISTS (
            SELECT 1 FROM reports_finding WHERE report_id = report.id)
    """,
    "a report without exactly one current version, its latest": """
        SELECT owner_id, key FROM reports_report GROUP BY owner_id, key
        HAVING count(*) FILTER (WHERE is_current) <> 1
            OR max(version) FILTER (WHERE is_current) <> max(version)
            OR count(*) <> max(version)
    """,
    "a version that does not follow its predecessor": """
        SELECT report.id FROM reports_report report
        LEFT JOIN reports_report former ON former.id = report.predecessor_id
        WHERE report.version > 1 AND NOT coalesce(
            former.version = report.version - 1
            AND former.key = report.key AND former.owner_id = report.owner_id, false)
    """,
    "a report that the next stage is not told of": """
        SELECT id FROM reports_report report WHERE NOT is_retracted AND NOT EXISTS (
            SELECT 1 FROM reports_evidencechange
            WHERE kind = 'accepted' AND report.id = ANY (ids))
    """,
    "a draft alert without a text": """
        SELECT id FROM alerts_alertversion version WHERE NOT EXISTS (
            SELECT 1 FROM alerts_alertwording WHERE version_id = version.id)
    """,
}


def derive_digest() -> dict[str, tuple[int, int]]:
    """Return the number of rows and a digest of the content of each table of evidence."""
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - NOT_EVIDENCE)
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(one::text, 0)), 0) "  # noqa: S608
                f'FROM "{table}" one'
                for table in tables
            )
        )
        return {table: (rows, int(digest)) for table, rows, digest in cursor.fetchall()}


def list_changed(before: dict[str, tuple[int, int]]) -> list[str]:
    """List the tables of evidence whose content is not as it was."""
    after = derive_digest()
    return [table for table in after if after[table] != before.get(table)]


def require_whole_records() -> None:
    """Fail where anything is stored in part, or the journal does not hold."""
    with connection.cursor() as cursor:
        for what, statement in HALF_RECORDS.items():
            cursor.execute(statement)
            assert cursor.fetchall() == [], what
    assert verify_journal().is_intact
