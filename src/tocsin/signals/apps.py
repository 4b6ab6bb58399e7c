"""Django's entry for the app."""

from django.apps import AppConfig


class SignalsConfig(AppConfig):
    """The app ``signals``."""

    name = "tocsin.signals"
    label = "signals"
    default_auto_field = "django.db.models.BigAutoField"
