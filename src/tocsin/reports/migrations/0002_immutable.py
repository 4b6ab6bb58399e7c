"""Make report versions and findings immutable in the database itself."""

from django.db import migrations

FORBID = """
CREATE FUNCTION reports_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is immutable: % refused; record a new version', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION reports_only_supersede() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (to_jsonb(OLD) - 'is_current') = (to_jsonb(NEW) - 'is_current')
     AND OLD.is_current AND NOT NEW.is_current THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a report version is immutable: record a new version'
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER report_is_final BEFORE UPDATE ON reports_report
  FOR EACH ROW EXECUTE FUNCTION reports_only_supersede();
CREATE TRIGGER report_stays BEFORE DELETE ON reports_report
  FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER finding_is_final BEFORE UPDATE OR DELETE ON reports_finding
  FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
"""

ALLOW = """
DROP TRIGGER finding_is_final ON reports_finding;
DROP TRIGGER report_stays ON reports_report;
DROP TRIGGER report_is_final ON reports_report;
DROP FUNCTION reports_only_supersede();
DROP FUNCTION reports_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
