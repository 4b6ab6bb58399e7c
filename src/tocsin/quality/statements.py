"""The SQL that counts months of evidence, written from the fields that the record declares."""

from tocsin.reports.models import ERASED_PREFIX, Finding, Report
from tocsin.reports.record import EVENT_COLUMNS, FINDING_COLUMNS, get_field
from tocsin.reports.record.kinds import ALL

WANTED = """
WITH wanted AS (
    SELECT * FROM unnest(%(handlings)s::bigint[], %(types)s::text[], %(months)s::date[])
        AS wanted (handling_id, event_type, month_on)
), report AS (
    SELECT report.*, wanted.month_on FROM reports_report report
    JOIN wanted ON wanted.handling_id = report.handling_id
     AND wanted.event_type = report.event_type
     AND wanted.month_on = report.event_on - (extract(day FROM report.event_on)::int - 1)
    WHERE report.event_on >= %(first)s AND report.event_on < %(after)s AND {which}
)
"""
"""The report versions of the months to count; the bounds let a few months be found by index."""

CURRENT = "report.is_current AND NOT report.is_retracted"
LATER = f"report.version > 1 AND report.key NOT LIKE '{ERASED_PREFIX}%%'"
PLACE = "report.handling_id, report.event_type, report.month_on"

DIRTY = """
SELECT DISTINCT handling_id, event_type, event_on - (extract(day FROM event_on)::int - 1)
FROM reports_report WHERE id = ANY(%(ids)s)
"""


def _count_columns(model: type[Report] | type[Finding], table: str) -> str:
    """How many rows state each column that may be left out; an empty text states nothing."""
    conditions = {
        key: f"{table}.{key} IS NOT NULL"
        if getattr(model._meta.get_field(key), "null", False)
        else f"{table}.{key} <> ''"
        for key in (EVENT_COLUMNS if model is Report else FINDING_COLUMNS)
        if get_field(key).required_in != ALL
    }
    pairs = (f"'{key}', count(*) FILTER (WHERE {one})" for key, one in conditions.items())
    return f"jsonb_build_object({', '.join(pairs)})"


_CURRENT = WANTED.format(which=CURRENT)

COUNT_REPORTS = f"""{_CURRENT}
SELECT {PLACE}, count(*), {_count_columns(Report, "report")}
FROM report GROUP BY {PLACE}
"""  # noqa: S608  (every part stands in this file or in the record)

COUNT_FINDINGS = f"""{_CURRENT}
SELECT {PLACE}, count(*), {_count_columns(Finding, "finding")}
FROM report JOIN reports_finding finding ON finding.report_id = report.id GROUP BY {PLACE}
"""  # noqa: S608

COUNT_DETAILS = f"""{_CURRENT}
SELECT {PLACE}, detail.key, count(*)
FROM report CROSS JOIN LATERAL jsonb_object_keys(report.details) AS detail (key)
GROUP BY {PLACE}, detail.key
UNION ALL
SELECT {PLACE}, detail.key, count(*)
FROM report JOIN reports_finding finding ON finding.report_id = report.id
CROSS JOIN LATERAL jsonb_object_keys(finding.details) AS detail (key)
GROUP BY {PLACE}, detail.key
"""  # noqa: S608

COUNT_DELAYS = f"""{_CURRENT}, timed AS (
    SELECT {PLACE}, coalesce((report.details->>'period_end')::date, report.event_on) AS ended_on,
           report.event_precision = 'day' AS is_exact,
           report.received_on, report.reported_on,
           (CASE WHEN report.version = 1 THEN report.accepted_at ELSE (
               SELECT min(version.accepted_at) FROM reports_report version
               WHERE version.owner_id = report.owner_id AND version.key = report.key
                 AND version.handling_id = report.handling_id
           ) END AT TIME ZONE %(zone)s)::date AS accepted_on
    FROM report
)
SELECT handling_id, event_type, month_on, step.name, step.days, count(*)
FROM timed CROSS JOIN LATERAL (VALUES
    ('event-received', CASE WHEN is_exact THEN received_on - ended_on END),
    ('received-reported', reported_on - received_on),
    ('reported-accepted', accepted_on - reported_on),
    ('event-accepted', CASE WHEN is_exact THEN accepted_on - ended_on END),
    ('imprecise', CASE WHEN NOT is_exact THEN 0 END)
) AS step (name, days)
WHERE step.days IS NOT NULL
GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608

_PAIRS = f"""{WANTED.format(which=LATER)}, pair AS (
    SELECT {PLACE}, report.id, before.id AS before_id,
           (report.accepted_at AT TIME ZONE %(zone)s)::date
             - (first.accepted_at AT TIME ZONE %(zone)s)::date AS days
    FROM report
    JOIN reports_report before
      ON before.id = report.predecessor_id AND before.handling_id = report.handling_id
    CROSS JOIN LATERAL (
        SELECT min(version.accepted_at) AS accepted_at FROM reports_report version
        WHERE version.owner_id = report.owner_id AND version.key = report.key
          AND version.handling_id = report.handling_id
    ) first
)"""  # noqa: S608

COUNT_CORRECTIONS = f"""{_PAIRS}
SELECT handling_id, event_type, month_on, days, count(*) FROM pair GROUP BY 1, 2, 3, 4
"""  # noqa: S608


def _as_object(columns: tuple[str, ...], table: str) -> str:
    """All that a row states, by the record's keys; a name as it was written."""
    pairs = ", ".join(f"'{key}', {table}.{key}" for key in columns)
    return f"jsonb_build_object({pairs}) || {table}.details"


COUNT_CHANGED = f"""{_PAIRS}, stated AS (
    SELECT pair.id AS pair_id, side.is_new, 0 AS place,
           {_as_object(EVENT_COLUMNS, "stating")} AS content
    FROM pair CROSS JOIN LATERAL (VALUES (pair.id, true), (pair.before_id, false))
      AS side (report_id, is_new)
    JOIN reports_report stating ON stating.id = side.report_id
    WHERE pair.days > %(late)s
    UNION ALL
    SELECT pair.id, side.is_new, finding.position + 1,
           {_as_object(FINDING_COLUMNS, "finding")} || jsonb_build_object('substance', name.text)
    FROM pair CROSS JOIN LATERAL (VALUES (pair.id, true), (pair.before_id, false))
      AS side (report_id, is_new)
    JOIN reports_finding finding ON finding.report_id = side.report_id
    JOIN reports_writtenname name ON name.id = finding.written_name_id
    WHERE pair.days > %(late)s
), value AS (
    SELECT stated.pair_id, stated.place, entry.key,
           max(entry.value::text) FILTER (WHERE stated.is_new) AS after,
           max(entry.value::text) FILTER (WHERE NOT stated.is_new) AS before
    FROM stated CROSS JOIN LATERAL jsonb_each(stated.content) AS entry
    GROUP BY 1, 2, 3
)
SELECT pair.handling_id, pair.event_type, pair.month_on, value.key, count(DISTINCT value.pair_id)
FROM value JOIN pair ON pair.id = value.pair_id
WHERE value.after IS DISTINCT FROM value.before
GROUP BY 1, 2, 3, 4
"""  # noqa: S608
