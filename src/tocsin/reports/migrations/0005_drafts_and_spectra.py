import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0001_initial"),
        ("reports", "0004_record_details"),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("author", models.CharField(max_length=150, verbose_name="begun by")),
                (
                    "event_type",
                    models.CharField(
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
                ("typed", models.JSONField(default=dict, verbose_name="as typed")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="begun")),
                ("changed_at", models.DateTimeField(db_index=True, verbose_name="last changed")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "draft of a report",
                "verbose_name_plural": "drafts of reports",
                "ordering": ["-changed_at"],
            },
        ),
        migrations.CreateModel(
            name="SpectrumFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("file_name", models.CharField(max_length=120, verbose_name="file")),
                ("size", models.BigIntegerField(verbose_name="bytes")),
                ("kept_by", models.CharField(max_length=150, verbose_name="sent by")),
                ("kept_at", models.DateTimeField(auto_now_add=True, verbose_name="sent")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of spectra",
                "verbose_name_plural": "files of spectra",
                "ordering": ["file_name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "digest"), name="spectrum_once_per_owner"
                    )
                ],
            },
        ),
    ]
