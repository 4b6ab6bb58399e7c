"""Django's entry for the app."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """The app ``reports``."""

    name = "tocsin.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"
