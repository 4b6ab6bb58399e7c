"""The retention app."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    """Periods, legal holds and erasures."""

    name = "tocsin.retention"
    label = "retention"
    default_auto_field = "django.db.models.BigAutoField"
