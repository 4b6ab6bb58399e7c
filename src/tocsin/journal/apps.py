"""Django's entry for the app."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """The app ``journal``."""

    name = "tocsin.journal"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"
