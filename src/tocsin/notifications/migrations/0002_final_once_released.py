"""Make released packages and their sources immutable in the database itself."""

from django.db import migrations

FORBID = """
CREATE FUNCTION notifications_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% stays: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION notifications_only_end() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE FUNCTION notifications_sources_of_drafts() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER package_is_final BEFORE UPDATE ON notifications_package
  FOR EACH ROW EXECUTE FUNCTION notifications_only_end();
CREATE TRIGGER package_stays BEFORE DELETE ON notifications_package
  FOR EACH ROW EXECUTE FUNCTION notifications_refuse_delete();
CREATE TRIGGER package_source_is_final BEFORE INSERT OR UPDATE OR DELETE
  ON notifications_packagesource
  FOR EACH ROW EXECUTE FUNCTION notifications_sources_of_drafts();
"""

ALLOW = """
DROP TRIGGER package_source_is_final ON notifications_packagesource;
DROP TRIGGER package_stays ON notifications_package;
DROP TRIGGER package_is_final ON notifications_package;
DROP FUNCTION notifications_sources_of_drafts();
DROP FUNCTION notifications_only_end();
DROP FUNCTION notifications_refuse_delete();
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
