"""Let the content of a table that was never released go, and nothing else of it."""

from django.db import migrations, models

ERASE = """
CREATE OR REPLACE FUNCTION tables_only_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'draft' AND NEW.state <> 'erased' THEN
    RETURN NEW;
  END IF;
  IF OLD.state = 'released' AND NEW.state IN ('replaced', 'withdrawn')
     AND (to_jsonb(OLD) - 'state' - 'ended_at' - 'ending')
       = (to_jsonb(NEW) - 'state' - 'ended_at' - 'ending') THEN
    RETURN NEW;
  END IF;
  IF OLD.state IN ('draft', 'discarded') AND NEW.state = 'erased' AND NEW.content = '{}'::jsonb
     AND (to_jsonb(OLD) - 'state' - 'ended_at' - 'content')
       = (to_jsonb(NEW) - 'state' - 'ended_at' - 'content') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a table is immutable once it is no draft: make one that replaces it'
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE FUNCTION tables_basis_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.secret = '{}'::jsonb
     AND (to_jsonb(OLD) - 'secret') = (to_jsonb(NEW) - 'secret')
     AND EXISTS (
       SELECT FROM tables_statisticaltable WHERE id = OLD.table_id AND state = 'erased') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'what a table was made of never changes: % refused', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;
"""

KEEP = """
CREATE OR REPLACE FUNCTION tables_only_end() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE OR REPLACE FUNCTION tables_basis_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what a table was made of never changes: % refused', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("tables", "0002_final_once_released")]
    operations = [
        migrations.AlterField(
            "statisticaltable",
            "state",
            models.CharField(
                choices=[
                    ("draft", "draft"),
                    ("released", "released"),
                    ("replaced", "replaced"),
                    ("withdrawn", "withdrawn"),
                    ("discarded", "discarded"),
                    ("erased", "erased"),
                ],
                default="draft",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.RemoveConstraint("statisticaltable", "table_released_by_a_second_person"),
        migrations.AddConstraint(
            "statisticaltable",
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "discarded", "erased"])
                | (
                    models.Q(released_at__isnull=False)
                    & ~models.Q(released_by="")
                    & ~models.Q(released_by=models.F("made_by"))
                ),
                name="table_released_by_a_second_person",
            ),
        ),
        migrations.RunSQL(ERASE, KEEP),
    ]
