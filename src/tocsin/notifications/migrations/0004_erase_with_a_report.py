"""Let what was never released lose its content, once a report it was made from was erased."""

from django.db import migrations

FORBID = """
CREATE OR REPLACE FUNCTION notifications_only_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state = 'erased' AND OLD.state IN ('draft', 'discarded')
     AND (NEW.id, NEW.owner_id, NEW.handling_id, NEW.kind, NEW.identifier, NEW.number, NEW.made_at)
       = (OLD.id, OLD.owner_id, OLD.handling_id, OLD.kind, OLD.identifier, OLD.number, OLD.made_at)
     AND EXISTS (
       SELECT FROM notifications_packagesource source
       JOIN reports_report report ON report.id = source.report_id
       WHERE source.package_id = OLD.id AND report.key LIKE 'erased:%') THEN
    RETURN NEW;
  END IF;
  IF OLD.state = 'draft' AND NEW.state <> 'erased' THEN
    RETURN NEW;
  END IF;
  IF OLD.state = 'released' AND NEW.state IN ('replaced', 'withdrawn')
     AND (to_jsonb(OLD) - 'state' - 'ended_at' - 'ending')
       = (to_jsonb(NEW) - 'state' - 'ended_at' - 'ending') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a package is immutable once it is no draft: make one that replaces it'
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE FUNCTION notifications_sources_of_drafts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  about bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.package_id ELSE NEW.package_id END;
  held text := (SELECT state FROM notifications_package WHERE id = about);
BEGIN
  IF TG_OP = 'UPDATE' AND held = 'erased'
     AND (NEW.id, NEW.package_id, NEW.report_id, NEW.number, NEW.digest, NEW.substances)
       = (OLD.id, OLD.package_id, OLD.report_id, OLD.number, ''::bytea, '{}'::bigint[]) THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' OR held <> 'draft' THEN
    RAISE EXCEPTION 'the sources of a package change with its draft only: % refused', TG_OP
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'INSERT' THEN
    -- Whoever erases the report at the same moment waits, or is waited for.
    PERFORM FROM reports_report
      WHERE id = NEW.report_id AND key NOT LIKE 'erased:%' FOR SHARE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'report %: was erased', NEW.report_id USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""

ALLOW = """
CREATE OR REPLACE FUNCTION notifications_only_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'draft' THEN
    RETURN NEW;
  END IF;
  IF OLD.state = 'released' AND NEW.state IN ('replaced', 'withdrawn')
     AND (to_jsonb(OLD) - 'state' - 'ended_at' - 'ending')
       = (to_jsonb(NEW) - 'state' - 'ended_at' - 'ending') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a package is immutable once it is no draft: make one that replaces it'
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE FUNCTION notifications_sources_of_drafts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  about bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.package_id ELSE NEW.package_id END;
BEGIN
  IF TG_OP = 'UPDATE'
     OR NOT EXISTS (SELECT FROM notifications_package WHERE id = about AND state = 'draft') THEN
    RAISE EXCEPTION 'the sources of a package change with its draft only: % refused', TG_OP
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_claims_and_erased")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
