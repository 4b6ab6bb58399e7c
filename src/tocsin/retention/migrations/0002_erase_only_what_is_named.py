"""Let the content of a report go only where an open erasure names it, and no hold stands on it."""

from django.db import migrations

FORBID = """
CREATE FUNCTION reports_is_being_erased(report bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM retention_erasedreport named
    JOIN retention_erasure erasure ON erasure.id = named.erasure_id
    WHERE named.report_id = report AND erasure.finished_at IS NULL
      AND erasure.id::text = current_setting('tocsin.erasing', true))
$$;
CREATE OR REPLACE FUNCTION reports_only_supersede() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (to_jsonb(OLD) - 'is_current') = (to_jsonb(NEW) - 'is_current')
     AND OLD.is_current AND NOT NEW.is_current THEN
    RETURN NEW;
  END IF;
  IF reports_is_being_erased(OLD.id)
     AND (NEW.id, NEW.handling_id, NEW.owner_id, NEW.version, NEW.event_type, NEW.accepted_at)
       = (OLD.id, OLD.handling_id, OLD.owner_id, OLD.version, OLD.event_type, OLD.accepted_at)
     AND NEW.predecessor_id IS NOT DISTINCT FROM OLD.predecessor_id
     AND NEW.evidence_import_id IS NOT DISTINCT FROM OLD.evidence_import_id
     AND NEW.key LIKE 'erased:%' AND NOT NEW.is_current AND NOT NEW.is_retracted
     AND NEW.event_on = OLD.event_on - (extract(day FROM OLD.event_on)::int - 1)
     AND NEW.event_precision = 'month' AND NEW.details - 'erased_on' = '{}'::jsonb
     AND NEW.received_on IS NULL AND NEW.reported_on IS NULL AND NEW.source_row IS NULL
     AND length(NEW.content_digest) = 0
     AND concat(NEW.reason, NEW.reference, NEW.country, NEW.region, NEW.local_area,
                NEW.border_post, NEW.source, NEW.reported_by) = '' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a report version is immutable: record a new version'
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION reports_finding_goes_with_its_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF reports_is_being_erased(OLD.report_id) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is immutable: % refused; record a new version', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;
DROP TRIGGER finding_is_final ON reports_finding;
CREATE TRIGGER finding_is_final BEFORE UPDATE ON reports_finding
  FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER finding_goes_with_its_report BEFORE DELETE ON reports_finding
  FOR EACH ROW EXECUTE FUNCTION reports_finding_goes_with_its_report();

CREATE FUNCTION retention_names_what_may_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM retention_erasure WHERE id = NEW.erasure_id AND finished_at IS NULL) THEN
    RAISE EXCEPTION 'erasure %: is over; expected an open one', NEW.erasure_id
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF EXISTS (
    SELECT FROM retention_legalhold hold JOIN reports_report held ON held.id = hold.report_id
    JOIN reports_report report ON report.owner_id = held.owner_id AND report.key = held.key
    WHERE report.id = NEW.report_id AND hold.lifted_at IS NULL
      AND (hold.ends_on IS NULL OR hold.ends_on >= current_date)) THEN
    RAISE EXCEPTION 'report %: a legal hold stands on it', NEW.report_id
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER erased_report_may_go BEFORE INSERT ON retention_erasedreport
  FOR EACH ROW EXECUTE FUNCTION retention_names_what_may_go();
CREATE TRIGGER erased_report_is_final BEFORE UPDATE OR DELETE ON retention_erasedreport
  FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();

CREATE FUNCTION retention_only_finish() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.finished_at IS NULL
     AND (to_jsonb(OLD) - 'finished_at') = (to_jsonb(NEW) - 'finished_at') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an erasure stays as it is: % refused', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER erasure_is_final BEFORE UPDATE OR DELETE ON retention_erasure
  FOR EACH ROW EXECUTE FUNCTION retention_only_finish();

CREATE FUNCTION retention_count_while_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND EXISTS (
    SELECT FROM retention_erasure WHERE id = OLD.erasure_id AND finished_at IS NULL) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a count of what was erased stays as it is: % refused', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER erased_count_is_final BEFORE UPDATE OR DELETE ON retention_erasedcount
  FOR EACH ROW EXECUTE FUNCTION retention_count_while_open();

CREATE FUNCTION retention_only_lift() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.lifted_at IS NULL
     AND (to_jsonb(OLD) - 'lifted_at' - 'lifted_by_id' - 'lift_reason')
       = (to_jsonb(NEW) - 'lifted_at' - 'lifted_by_id' - 'lift_reason') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a legal hold can only be lifted, once: % refused', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER legal_hold_is_final BEFORE UPDATE OR DELETE ON retention_legalhold
  FOR EACH ROW EXECUTE FUNCTION retention_only_lift();
CREATE TRIGGER retention_period_is_final BEFORE UPDATE OR DELETE ON retention_retentionperiod
  FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
"""

ALLOW = """
DROP TRIGGER retention_period_is_final ON retention_retentionperiod;
DROP TRIGGER legal_hold_is_final ON retention_legalhold;
DROP FUNCTION retention_only_lift();
DROP TRIGGER erased_count_is_final ON retention_erasedcount;
DROP FUNCTION retention_count_while_open();
DROP TRIGGER erasure_is_final ON retention_erasure;
DROP FUNCTION retention_only_finish();
DROP TRIGGER erased_report_is_final ON retention_erasedreport;
DROP TRIGGER erased_report_may_go ON retention_erasedreport;
DROP FUNCTION retention_names_what_may_go();
DROP TRIGGER finding_goes_with_its_report ON reports_finding;
DROP TRIGGER finding_is_final ON reports_finding;
CREATE TRIGGER finding_is_final BEFORE UPDATE OR DELETE ON reports_finding
  FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
DROP FUNCTION reports_finding_goes_with_its_report();
CREATE OR REPLACE FUNCTION reports_only_supersede() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (to_jsonb(OLD) - 'is_current') = (to_jsonb(NEW) - 'is_current')
     AND OLD.is_current AND NOT NEW.is_current THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a report version is immutable: record a new version'
    USING ERRCODE = 'insufficient_privilege';
END $$;
DROP FUNCTION reports_is_being_erased(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0001_initial"),
        ("reports", "0006_measured_and_erased"),
    ]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
