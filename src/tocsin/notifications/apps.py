"""Django's entry for the app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The app ``notifications``."""

    name = "tocsin.notifications"
    label = "notifications"
    default_auto_field = "django.db.models.BigAutoField"
