"""Django's entry for the app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The app ``web``."""

    name = "tocsin.web"
    label = "web"

    def ready(self) -> None:
        """Hear what people change about their log-in on the pages of django-allauth."""
        from tocsin.web.accounts import (  # noqa: PLC0415  (models can be imported only now)
            hear_changes,
        )

        hear_changes()
