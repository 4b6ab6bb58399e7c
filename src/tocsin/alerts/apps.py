"""Django's entry for the app."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """The app ``alerts``."""

    name = "tocsin.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"
