"""Filters of the pages about signals and alerts."""

from collections.abc import Mapping

from django import template
from django.utils import timezone

from tocsin.alerts.models import AlertVersion
from tocsin.alerts.queries import derive_standing
from tocsin.signals.models import Signal
from tocsin.signals.sentences import describe_place, describe_signal

register = template.Library()


@register.filter
def sentence(signal: Signal) -> str:
    """The sentence that says why a signal is one."""
    return describe_signal(
        kind=signal.kind,
        substance_name=signal.substance.name,
        matrix=signal.matrix,
        country=signal.country,
        area=signal.area,
        places=signal.places,
        on=signal.on,
        facts=signal.facts,
    )


@register.filter
def place(signal: Signal) -> str:
    """The place of a signal in words."""
    return describe_place(signal.country, signal.area)


@register.filter
def standing(version: AlertVersion) -> str:
    """Where a version stands now: draft, waiting, live, expired or cancelled."""
    return derive_standing(version, now=timezone.now()).word


@register.filter
def headline(version: AlertVersion) -> str:
    """The first headline of a version, empty while none is written."""
    return next((one.headline for one in version.wordings.all() if one.headline), "")


@register.filter
def of(values: Mapping[int, object], key: int) -> object:
    """The value at a key, None without one."""
    return values.get(key)
