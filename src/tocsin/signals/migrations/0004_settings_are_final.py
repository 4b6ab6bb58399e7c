"""Make versions of the detection settings immutable in the database itself."""

from django.db import migrations

FORBID = """
CREATE TRIGGER detection_setting_is_final BEFORE UPDATE OR DELETE ON signals_detectionsetting
  FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
"""

ALLOW = "DROP TRIGGER detection_setting_is_final ON signals_detectionsetting;"


class Migration(migrations.Migration):
    dependencies = [("signals", "0003_rise_rules"), ("reports", "0002_immutable")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
