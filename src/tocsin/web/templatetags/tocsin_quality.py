"""Filters of the pages about the quality of evidence and its keeping."""

from django import template

from tocsin.reports.vocabulary import EventType

register = template.Library()


@register.filter
def event_words(event_type: str) -> str:
    """A type of event in words; what is none as it is.

    >>> str(event_words("seizure")), event_words("")
    ('seizure', '')
    """
    return str(EventType(event_type).label) if event_type in EventType.values else event_type
