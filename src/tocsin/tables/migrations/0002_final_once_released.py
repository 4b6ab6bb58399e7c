"""Make released tables and what they were made of immutable in the database itself."""

from django.db import migrations

FORBID = """
CREATE FUNCTION tables_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% stays: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION tables_only_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'draft' THEN
    RETURN NEW;
  END IF;
  IF OLD.state = 'released' AND NEW.state IN ('replaced', 'withdrawn')
     AND (to_jsonb(OLD) - 'state' - 'ended_at' - 'ending')
       = (to_jsonb(NEW) - 'state' - 'ended_at' - 'ending') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a table is immutable once it is no draft: make one that replaces it'
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION tables_basis_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what a table was made of never changes: % refused', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER table_is_final BEFORE UPDATE ON tables_statisticaltable
  FOR EACH ROW EXECUTE FUNCTION tables_only_end();
CREATE TRIGGER table_stays BEFORE DELETE ON tables_statisticaltable
  FOR EACH ROW EXECUTE FUNCTION tables_refuse_delete();
CREATE TRIGGER table_basis_is_final BEFORE UPDATE OR DELETE ON tables_tablebasis
  FOR EACH ROW EXECUTE FUNCTION tables_basis_stays();
"""

ALLOW = """
DROP TRIGGER table_basis_is_final ON tables_tablebasis;
DROP TRIGGER table_stays ON tables_statisticaltable;
DROP TRIGGER table_is_final ON tables_statisticaltable;
DROP FUNCTION tables_basis_stays();
DROP FUNCTION tables_only_end();
DROP FUNCTION tables_refuse_delete();
"""


class Migration(migrations.Migration):
    dependencies = [("tables", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
