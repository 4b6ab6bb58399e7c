"""Django's entry for the app."""

from django.apps import AppConfig


class SubstancesConfig(AppConfig):
    """The app ``substances``."""

    name = "tocsin.substances"
    label = "substances"
    default_auto_field = "django.db.models.BigAutoField"
