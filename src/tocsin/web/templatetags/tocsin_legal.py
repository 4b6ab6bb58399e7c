"""Filters of the pages about structures and law."""

from collections.abc import Iterable
from datetime import date

from django import template
from django.utils import dateformat
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def list_days(days: Iterable[date]) -> str:
    """Days in words, with a bar between them, for the slider's script."""
    return "|".join(dateformat.format(day, "j M Y") for day in days)


@register.filter
def language_words(code: str) -> str:
    """The name of a language in the reader's language; the code where none is known.

    >>> language_words("xx-unknown")
    'xx-unknown'
    """
    if not code:
        return _("any language")
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
