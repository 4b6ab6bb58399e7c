"""The SQL that finds what is over its time, the same for the preview and for the night."""

EXPIRED = """
WITH period AS (
    SELECT * FROM unnest(%(types)s::text[], %(days)s::int[], %(periods)s::bigint[])
        AS period (event_type, days, id)
), dated AS (
    SELECT report.id, report.owner_id, report.key, report.event_type, report.event_on,
           period.days, period.id AS period_id,
           greatest(
               report.event_on,
               (report.details ->> 'period_end')::date,
               CASE report.event_precision
                   WHEN 'month' THEN (date_trunc('month', report.event_on)
                                      + interval '1 month - 1 day')::date
                   WHEN 'week' THEN (date_trunc('week', report.event_on) + interval '6 days')::date
               END
           ) AS last_on
    FROM reports_report report JOIN period ON period.event_type = report.event_type
    WHERE report.is_current AND report.id > %(after)s AND report.event_on < %(today)s
), expired AS (
    SELECT dated.*,
           EXISTS (
               SELECT FROM retention_legalhold hold
               LEFT JOIN reports_report held ON held.id = hold.report_id
               WHERE hold.lifted_at IS NULL
                 AND (hold.ends_on IS NULL OR hold.ends_on >= %(today)s)
                 AND ((held.owner_id = dated.owner_id AND held.key = dated.key)
                      OR (hold.organisation_id = dated.owner_id
                          AND hold.event_type IN ('', dated.event_type)
                          AND (hold.since IS NULL OR hold.since <= dated.last_on)
                          AND (hold.until IS NULL OR hold.until >= dated.event_on)))
           ) AS is_on_hold
    FROM dated WHERE dated.last_on + dated.days < %(today)s
)
"""
"""The current versions whose reports are over their time, and whether a hold stands on them.

An event lasts to the last day of its week, month or period, and its time is counted from then.
"""

PREVIEW = f"""{EXPIRED}
SELECT expired.owner_id, expired.event_type, expired.is_on_hold, count(DISTINCT expired.id),
       count(DISTINCT version.id), count(finding.id)
FROM expired
JOIN reports_report version
  ON version.owner_id = expired.owner_id AND version.key = expired.key
LEFT JOIN reports_finding finding ON finding.report_id = version.id
GROUP BY 1, 2, 3
"""  # noqa: S608  (both parts stand in this file)

NEXT = f"""{EXPIRED}
SELECT id, owner_id, key, event_type, period_id,
       event_on - (extract(day FROM event_on)::int - 1) AS month_on
FROM expired WHERE NOT is_on_hold ORDER BY id LIMIT %(limit)s
"""  # noqa: S608

FILES = """
SELECT file.id FROM reports_evidenceimport file
JOIN organisations_handling handling ON handling.id = file.handling_id
WHERE file.finished_at < %(before)s AND file.file_name !~ '^erased(\\.|$)'
  AND EXISTS (SELECT FROM retention_erasedcount gone
              WHERE gone.owner_id = handling.owner_id AND gone.reports > 0)
  AND NOT EXISTS (
      SELECT FROM retention_legalhold hold
      LEFT JOIN reports_report held ON held.id = hold.report_id
      WHERE (hold.organisation_id = handling.owner_id OR held.owner_id = handling.owner_id)
        AND hold.lifted_at IS NULL AND (hold.ends_on IS NULL OR hold.ends_on >= %(today)s)
  )
ORDER BY file.id
"""
"""Files of senders of whom something was erased, unless a hold stands on anything of theirs.

Which files hold a row is not known: one that was sent again is counted with its first file only.
"""

ADD_COUNT = """
INSERT INTO retention_erasedcount
    (erasure_id, owner_id, period_id, event_type, month_on, reports, versions, findings, files)
VALUES (%(erasure)s, %(owner)s, %(period)s, %(type)s, %(month)s, %(reports)s, %(versions)s,
        %(findings)s, %(files)s)
ON CONFLICT (erasure_id, owner_id, event_type, month_on, period_id)
DO UPDATE SET reports = retention_erasedcount.reports + EXCLUDED.reports,
              versions = retention_erasedcount.versions + EXCLUDED.versions,
              findings = retention_erasedcount.findings + EXCLUDED.findings,
              files = retention_erasedcount.files + EXCLUDED.files
"""
