"""Filters of the pages about signals and alerts."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from tocsin.alerts.models import AlertVersion
from tocsin.alerts.queries import derive_standing
from tocsin.signals.models import Signal
from tocsin.signals.rarity import RAREST_WEEKS
from tocsin.signals.sentences import describe_place, describe_signal
from tocsin.web.detection_words import describe_level

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
def rarity(signal: Signal) -> str:
    """How strong the evidence of a rise is, in a few words; empty where nothing says it."""
    weeks = signal.facts.get("once_in_weeks")
    if not weeks:
        return ""
    words = _("1 in %(weeks)s weeks") if weeks < RAREST_WEEKS else _("under 1 in %(weeks)s weeks")
    return words % {"weeks": number_format(min(weeks, RAREST_WEEKS), force_grouping=True)}


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
def level_words(level: float | None) -> str:
    """A false discovery level in plain words and numbers."""
    return describe_level(level)


@register.filter
def of(values: Mapping[Any, object], key: object) -> object:
    """The value at a key, None without one."""
    return values.get(key)
