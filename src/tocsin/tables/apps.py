"""Django's name of this app."""

from django.apps import AppConfig


class TablesConfig(AppConfig):
    """Aggregated tables and case tables, with everything they were made of."""

    name = "tocsin.tables"
    label = "tables"
