"""Filters of the components: severity, TLP, states and the four kinds of number."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django import template
from django.forms import BoundField, CheckboxInput
from django.utils import dateformat, timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

register = template.Library()


class StateLook(NamedTuple):
    """How a state is shown: words for the reader, tone for the eye."""

    words: str | Promise
    tone: str


_SEVERITIES: dict[str, tuple[str, str | Promise]] = {
    "minor": ("▮▯▯▯", pgettext_lazy("severity", "Minor")),
    "moderate": ("▮▮▯▯", pgettext_lazy("severity", "Moderate")),
    "severe": ("▮▮▮▯", pgettext_lazy("severity", "Severe")),
    "extreme": ("▮▮▮▮", pgettext_lazy("severity", "Extreme")),
    "unknown": ("▯▯▯▯", pgettext_lazy("severity", "Unknown")),
}

_STATES = {
    # signals
    "new": StateLook(pgettext_lazy("state", "New"), "strong"),
    "grown": StateLook(pgettext_lazy("state", "Grown"), "strong"),
    "returned": StateLook(pgettext_lazy("state", "Returned"), "strong"),
    "confirmed": StateLook(pgettext_lazy("state", "Confirmed"), "done"),
    "not-confirmed": StateLook(pgettext_lazy("state", "Not confirmed"), "quiet"),
    "verifying": StateLook(pgettext_lazy("state", "Under verification"), "active"),
    "merged": StateLook(pgettext_lazy("state", "Merged"), "quiet"),
    "set-aside": StateLook(pgettext_lazy("state", "Set aside"), "quiet"),
    # alerts
    "draft": StateLook(pgettext_lazy("state", "Draft"), "quiet"),
    "waiting": StateLook(pgettext_lazy("state", "Waiting"), "active"),
    "sent-back": StateLook(pgettext_lazy("state", "Sent back"), "late"),
    "released": StateLook(pgettext_lazy("state", "Released"), "done"),
    "superseded": StateLook(pgettext_lazy("state", "Superseded"), "quiet"),
    "updated": StateLook(pgettext_lazy("state", "Updated"), "done"),
    "cancelled": StateLook(pgettext_lazy("state", "Withdrawn"), "error"),
    "discarded": StateLook(pgettext_lazy("state", "Discarded"), "quiet"),
    "expired": StateLook(pgettext_lazy("state", "Expired"), "quiet"),
    # packages and tables
    "erased": StateLook(pgettext_lazy("state", "Erased"), "quiet"),
    "replaced": StateLook(pgettext_lazy("state", "Replaced"), "quiet"),
    "withdrawn": StateLook(pgettext_lazy("state", "Withdrawn"), "error"),
    # imports and their rows
    "running": StateLook(pgettext_lazy("state", "Running"), "active"),
    "finished": StateLook(pgettext_lazy("state", "Finished"), "done"),
    "stopped": StateLook(pgettext_lazy("state", "Stopped"), "late"),
    "failed": StateLook(pgettext_lazy("state", "Failed"), "error"),
    "accepted": StateLook(pgettext_lazy("state", "Accepted"), "done"),
    "duplicate": StateLook(pgettext_lazy("state", "Already held"), "quiet"),
    "refused": StateLook(pgettext_lazy("state", "Refused"), "error"),
    "unresolved": StateLook(pgettext_lazy("state", "Unknown name"), "late"),
    # sources
    "on-time": StateLook(pgettext_lazy("state", "On time"), "done"),
    "late": StateLook(pgettext_lazy("state", "Late"), "late"),
    "silent": StateLook(pgettext_lazy("state", "Silent"), "error"),
}


def _look(state: object) -> StateLook:
    key = str(state or "").lower().replace("_", "-").replace(" ", "-")
    return _STATES.get(key, StateLook(str(state or ""), "quiet"))


@register.filter
def state_words(state: object) -> str:
    """Words for a stored state; an unknown state is shown as it is.

    >>> state_words("sealed")
    'sealed'
    """
    return str(_look(state).words)


@register.filter
def state_tone(state: object) -> str:
    """Tone of a stored state: strong, active, done, late, error or quiet.

    >>> state_tone("verifying"), state_tone("refused"), state_tone("sealed")
    ('active', 'error', 'quiet')
    """
    return _look(state).tone


@register.filter
def severity_slug(level: object) -> str:
    """Class name of a CAP severity; whatever is not one of CAP's words is unknown.

    >>> severity_slug("Severe"), severity_slug(None)
    ('severe', 'unknown')
    """
    slug = str(level or "").lower()
    return slug if slug in _SEVERITIES else "unknown"


@register.filter
def severity_bars(level: object) -> str:
    """Four bars, as many filled as the severity has steps.

    >>> severity_bars("moderate")
    '▮▮▯▯'
    """
    return _SEVERITIES[severity_slug(level)][0]


@register.filter
def severity_words(level: object) -> str:
    """Word of a CAP severity in the reader's language."""
    return str(_SEVERITIES[severity_slug(level)][1])


@register.filter
def tlp_slug(level: object) -> str:
    """Class name of a TLP 2.0 level.

    >>> tlp_slug("AMBER+STRICT")
    'amber-strict'
    """
    return str(level or "").lower().replace("+", "-")


@register.filter
def numeral(value: object) -> SafeString:
    """A number as the reader must tell it apart: 0, – and ? are three different things.

    value: a number, None (not reported), "?" (pending), or words, which are passed through.
    """
    if value is None or value == "–":
        return _marked("missing", "–", _("not reported"))
    if value == "?":
        return _marked("pending", "?", _("pending"))
    if value == 0 and not isinstance(value, str | bool):
        return _marked("zero", "0", _("looked, found none"))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return format_html(
            '<span class="numeral">{}</span>', number_format(value, force_grouping=True)
        )
    return format_html("{}", value)


@register.filter
def or_pending(value: object) -> object:
    """A number that is not there yet, as the sign for that; any other value as it is.

    >>> or_pending(None), or_pending(0)
    ('?', 0)
    """
    return "?" if value is None else value


@register.filter
def few_decimals(value: float | None) -> str | None:
    """A measured number as exact as it is of use: two decimals below ten, else one.

    >>> few_decimals(1.036), few_decimals(0.0004), few_decimals(-12.36), few_decimals(None)
    ('1.04', '<0.01', '-12.4', None)
    """
    if value is None:
        return None
    if 0 < value < 0.01:
        return f"<{number_format(0.01, decimal_pos=2)}"
    decimals = 2 if abs(value) < 10 else 1
    # Rounded before: number_format cuts off.
    return number_format(round(value, decimals), decimal_pos=decimals, force_grouping=True)


def _marked(kind: str, sign: str, words: str | Promise) -> SafeString:
    return format_html(
        '<span class="numeral numeral--{}" title="{}">{}<span class="visually-hidden"> ({})</span>'
        "</span>",
        kind,
        words,
        sign,
        words,
    )


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether the field is a single box to tick, whose label stands after it."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def item(values: Sequence[object], index: int) -> object:
    """The value at an index, for tables whose cells name their heading.

    >>> item(["Week", "Seen"], 1)
    'Seen'
    """
    return values[index]


@register.filter
def day_or_moment(value: date | datetime) -> str:
    """A day as weekday and date; a moment with its time in the reader's zone as well.

    >>> day_or_moment(date(2026, 11, 21))
    'Sat 21 Nov 2026'
    """
    if isinstance(value, datetime):
        return dateformat.format(timezone.localtime(value), "D j M Y H:i")
    return dateformat.format(value, "D j M Y")
