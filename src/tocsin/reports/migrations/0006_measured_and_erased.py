from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_drafts_and_spectra")]

    operations = [
        migrations.CreateModel(
            name="ErasureKey",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("secret", models.BinaryField(max_length=32)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="there_is_one_erasure_key"
                    )
                ],
            },
        ),
        migrations.AlterField(
            model_name="evidencechange",
            name="kind",
            field=models.CharField(
                choices=[
                    ("accepted", "accepted"),
                    ("superseded", "superseded"),
                    ("name-decided", "name decided"),
                    ("erased", "erased"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="evidencechange",
            name="measured_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="evidencechange",
            index=models.Index(
                fields=["id"],
                condition=models.Q(("measured_at", None)),
                name="evidence_change_unmeasured",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                fields=["event_on"],
                condition=models.Q(("version__gt", 1)),
                name="report_later_versions",
            ),
        ),
    ]
