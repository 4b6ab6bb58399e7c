"""The quality app."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    """Counts of how complete and how timely evidence is."""

    name = "tocsin.quality"
    label = "quality"
    default_auto_field = "django.db.models.BigAutoField"
