"""How rises are looked for, in the words of a duty officer: method, sensitivity, level."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.science.detection.methods import get_method
from tocsin.signals.models import DetectionRate

DAYS_A_YEAR = 365.25

METHOD_NAMES: Mapping[str, str | Promise] = {
    "emergence": gettext_lazy("Emergence"),
    "sparse": gettext_lazy("Rare events, exact test"),
    "time-between-events": gettext_lazy("Time between events"),
    "cusum": gettext_lazy("Cumulative sum (CUSUM)"),
    "farrington-flexible": gettext_lazy("Farrington Flexible"),
    "ears-c1": gettext_lazy("EARS C1"),
    "ears-c2": gettext_lazy("EARS C2"),
    "ears-c3": gettext_lazy("EARS C3"),
    "spike-rule": gettext_lazy("Spike rule"),
}

_METHOD_SENTENCES: Mapping[str, str | Promise] = {
    "emergence": gettext_lazy(
        "Weighs all findings so far. Tells a rise once, then stays quiet until the level changes "
        "again. Made for new and rare substances."
    ),
    "sparse": gettext_lazy(
        "Asks whether so many findings in the last weeks are possible at the rate before. For rare "
        "substances."
    ),
    "time-between-events": gettext_lazy(
        "Asks whether findings follow each other sooner than before. For very rare substances."
    ),
    "cusum": gettext_lazy("Adds up small excesses over weeks. For slow rises."),
    "farrington-flexible": gettext_lazy(
        "Compares a week with the same season of earlier years. The recognised reference for "
        "frequent substances; needs years of evidence."
    ),
    "ears-c1": gettext_lazy("Compares a week with the seven before it. Knows no season."),
    "ears-c2": gettext_lazy("Compares a week with seven earlier ones, two weeks apart from it."),
    "ears-c3": gettext_lazy("Adds up three weeks of EARS C2."),
    "spike-rule": gettext_lazy(
        "Compares the last weeks with the mean and spread of a year before. Simple, and noisy where "
        "there are few findings."
    ),
}

_STRICTNESS: Mapping[str, tuple[str, int]] = {
    "emergence": ("rise_score", 1),
    "spike-rule": ("standard_deviations", 1),
    "cusum": ("in_control_weeks", 1),
    "sparse": ("alpha", -1),
    "time-between-events": ("alpha", -1),
    "farrington-flexible": ("alpha", -1),
}
"""The setting that decides how much evidence is asked for, and whether more of it is quieter."""


def describe_method(method: str) -> str:
    """Return the name of a method in words; one that has none is shown by its own name."""
    return str(METHOD_NAMES.get(method, method))


def describe_method_further(method: str) -> str:
    """Return what a method does, in a sentence or two; empty where nothing is written of it."""
    return str(_METHOD_SENTENCES.get(method, ""))


def describe_sensitivity(method: str, settings: Mapping[str, Any]) -> str:
    """Return how much evidence is asked for, in plain words and numbers."""
    values = get_method(method).parse(settings)
    describe = _DESCRIPTIONS.get(method)
    return describe(values) if describe is not None else _("as the method comes")


def compare_with_default(method: str, settings: Mapping[str, Any]) -> str:
    """Return whether settings are quieter or more sensitive than the method's own, in words.

    >>> compare_with_default("emergence", {"rise_score": 5})
    'quieter than it comes'
    """
    name, direction = _STRICTNESS.get(method, ("", 0))
    own, chosen = get_method(method).parse({}), get_method(method).parse(settings)
    if name and getattr(own, name) != getattr(chosen, name):
        is_quieter = (getattr(chosen, name) - getattr(own, name)) * direction > 0
        return _("quieter than it comes") if is_quieter else _("more sensitive than it comes")
    return _("as it comes") if own == chosen else _("set otherwise than it comes")


def is_same_way(one: tuple[str, Mapping[str, Any]], other: tuple[str, Mapping[str, Any]]) -> bool:
    """Whether two methods with their settings are the same, what is left out filled in.

    >>> is_same_way(("emergence", {}), ("emergence", {"minimum_count": 3}))
    True
    """
    method, settings = one
    other_method, other_settings = other
    if method != other_method:
        return False
    parse = get_method(method).parse
    return bool(parse(settings) == parse(other_settings))


def describe_level(level: float | None) -> str:
    """Return a false discovery level in plain words and numbers.

    >>> describe_level(0.2), describe_level(None)
    ('at most 20 in 100', 'any: every alarm is told')
    """
    if level is None:
        return _("any: every alarm is told")
    return _("at most %(share)s in 100") % {"share": _number(100 * level)}


@dataclass(frozen=True, slots=True)
class RateWords:
    """What a replay found, as it is read: false and all rises a year, and over how much evidence.

    false_a_year: a year and series; None where no series of the class stayed unchanged, so that nothing tells.
    """

    false_a_year: str | None
    rises_a_year: str
    years: str
    rate: DetectionRate


def describe_rate(rate: DetectionRate | None) -> RateWords | None:
    """Return what a replay found; None where there was none, or no evidence to replay."""
    if rate is None or rate.computed_at is None or rate.since is None or rate.until is None:
        return None
    years = ((rate.until - rate.since).days + 1) / DAYS_A_YEAR
    return RateWords(
        false_a_year=(_a_year(rate.stable_rises, rate.stable_years) if rate.stable_years else None),
        rises_a_year=_a_year(rate.rises, years),
        years=number_format(round(years, 1), decimal_pos=1),
        rate=rate,
    )


def _a_year(count: int, years: float) -> str:
    value = count / years
    decimals = 2 if value < 1 else 1
    # Rounded before: number_format cuts off.
    return number_format(round(value, decimals), decimal_pos=decimals, force_grouping=True)


def _describe_emergence(values: Any) -> str:
    return _(
        "once the findings speak %(odds)s to 1 for a rise (rise_score %(score)s), from %(count)s "
        "findings on, at %(ratio)s times what was expected"
    ) % {
        "odds": _number(round(exp(min(values.rise_score, 20)))),
        "score": _number(values.rise_score),
        "count": _number(values.minimum_count),
        "ratio": _number(values.minimum_ratio),
    }


def _describe_alpha(values: Any) -> str:
    words = _("where chance alone does so in 1 of %(weeks)s weeks (alpha %(alpha)s)")
    return words % {"weeks": _number(round(1 / values.alpha)), "alpha": f"{values.alpha:g}"}


def _describe_counted_alpha(values: Any) -> str:
    words = _("%(alpha)s, from %(count)s findings on")
    return words % {"alpha": _describe_alpha(values), "count": _number(values.minimum_count)}


def _describe_ears(values: Any) -> str:
    words = _("above %(weeks)s weeks before, at alpha %(alpha)s")
    return words % {"weeks": _number(values.baseline_weeks), "alpha": f"{values.level:g}"}


def _describe_cusum(values: Any) -> str:
    return _(
        "looks for %(ratio)s times the usual rate; one false alarm in %(weeks)s weeks of a series, "
        "from %(count)s findings on"
    ) % {
        "ratio": _number(values.rate_ratio),
        "weeks": _number(values.in_control_weeks),
        "count": _number(values.minimum_count),
    }


def _describe_spike_rule(values: Any) -> str:
    return _(
        "from %(count)s findings in %(window)s weeks on, %(deviations)s standard deviations above "
        "the mean of %(baseline)s weeks"
    ) % {
        "count": _number(values.minimum_count),
        "window": _number(values.window_weeks),
        "deviations": _number(values.standard_deviations),
        "baseline": _number(values.baseline_weeks),
    }


def _number(value: float) -> str:
    """A number without needless zeros, as the reader's language writes it."""
    rounded = round(value, 2)
    return number_format(int(rounded) if rounded == int(rounded) else rounded, force_grouping=True)


_DESCRIPTIONS: Mapping[str, Callable[[Any], str]] = {
    "emergence": _describe_emergence,
    "sparse": _describe_counted_alpha,
    "time-between-events": _describe_alpha,
    "cusum": _describe_cusum,
    "farrington-flexible": _describe_alpha,
    "ears-c1": _describe_ears,
    "ears-c2": _describe_ears,
    "ears-c3": _describe_ears,
    "spike-rule": _describe_spike_rule,
}
