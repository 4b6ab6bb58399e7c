"""Make the journal append-only in the database itself."""

from django.db import migrations

FORBID = """
CREATE FUNCTION journal_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the journal is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER journal_entry_is_final BEFORE UPDATE OR DELETE ON journal_journalentry
  FOR EACH ROW EXECUTE FUNCTION journal_refuse_change();
CREATE TRIGGER journal_is_never_emptied BEFORE TRUNCATE ON journal_journalentry
  FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse_change();
CREATE TRIGGER journal_head_stays BEFORE DELETE ON journal_journalhead
  FOR EACH ROW EXECUTE FUNCTION journal_refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON journal_journalentry FROM PUBLIC, CURRENT_USER;
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tocsin_app') THEN
    REVOKE UPDATE, DELETE, TRUNCATE ON journal_journalentry FROM tocsin_app;
    REVOKE DELETE, TRUNCATE ON journal_journalhead FROM tocsin_app;
  END IF;
END $$;
"""

ALLOW = """
DROP TRIGGER journal_head_stays ON journal_journalhead;
DROP TRIGGER journal_is_never_emptied ON journal_journalentry;
DROP TRIGGER journal_entry_is_final ON journal_journalentry;
DROP FUNCTION journal_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
