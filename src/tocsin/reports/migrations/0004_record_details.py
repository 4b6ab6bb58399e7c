from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_readings")]

    operations = [
        migrations.AddField(
            model_name="finding",
            name="details",
            field=models.JSONField(default=dict, verbose_name="further fields"),
        ),
        migrations.AddField(
            model_name="finding",
            name="is_counted",
            field=models.BooleanField(default=True, verbose_name="counted"),
        ),
        migrations.AddField(
            model_name="report",
            name="details",
            field=models.JSONField(default=dict, verbose_name="further fields"),
        ),
        migrations.AlterField(
            model_name="report",
            name="event_type",
            field=models.CharField(
                choices=[
                    ("seizure", "seizure"),
                    ("collected-sample", "collected sample"),
                    ("biological-sample", "biological sample"),
                    ("serious-adverse-event", "serious adverse event"),
                    ("online-purchase", "online purchase"),
                    ("site", "production or dump site"),
                    ("wastewater", "wastewater measurement"),
                    ("aggregated-counts", "aggregated counts of a period"),
                ],
                max_length=30,
                verbose_name="event",
            ),
        ),
        migrations.AlterField(
            model_name="finding",
            name="unit",
            field=models.CharField(
                blank=True,
                choices=[
                    ("g", "g"),
                    ("kg", "kg"),
                    ("mg", "mg"),
                    ("ml", "ml"),
                    ("l", "l"),
                    ("tablets", "tablets"),
                    ("capsules", "capsules"),
                    ("blotters", "blotters"),
                    ("vapes", "vapes"),
                    ("items", "items"),
                    ("ng/ml", "ng/ml"),
                    ("µg/l", "µg/l"),
                    ("mg/l", "mg/l"),
                    ("ng/l", "ng/l"),
                    ("ng/g", "ng/g"),
                    ("mg/g", "mg/g"),
                    ("mg/day/1000", "mg/day/1,000 inhabitants"),
                    ("", "not stated"),
                ],
                max_length=12,
                verbose_name="unit",
            ),
        ),
    ]
