"""The one sentence that says why a signal is one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from tocsin.reports.vocabulary import Matrix
from tocsin.signals.models import SignalKind


def describe_place(country: str, area: str) -> str:
    """Return a place in words: the area with its country, or the country's code.

    >>> describe_place("IE", "Cork")
    'Cork (IE)'
    """
    if area:
        return f"{area} ({country})" if country else area
    return country or gettext("an unknown place")


def describe_signal(
    *,
    kind: str,
    substance_name: str,
    matrix: str,
    country: str,
    area: str,
    places: Sequence[str],
    on: date,
    facts: Mapping[str, Any],
) -> str:
    """Return the sentence that says what is unusual, with period and denominator."""
    material = str(Matrix(matrix).label)
    day = date_format(on, "j N Y")
    if kind == SignalKind.SPIKE:
        return _describe_rise(substance_name, material, country, area, facts)
    where = {
        SignalKind.FIRST_DETECTION: gettext("first detection held here"),
        SignalKind.FIRST_IN_COUNTRY: gettext("first detection in the country"),
        SignalKind.FIRST_IN_REGION: gettext("first detection in the region"),
    }[SignalKind(kind)]
    sentence = gettext("%(substance)s: %(where)s (%(material)s), on %(day)s, in %(place)s.") % {
        "substance": substance_name,
        "where": where,
        "material": material,
        "day": day,
        "place": _describe_places(country, area, places),
    }
    return f"{sentence} {_describe_before(kind, facts)}"


def _describe_rise(
    substance_name: str, material: str, country: str, area: str, facts: Mapping[str, Any]
) -> str:
    count = int(facts["count"])
    return ngettext(
        "%(substance)s: %(count)d finding (%(material)s) in %(weeks)d weeks in %(place)s; "
        "expected %(expected)s, threshold %(threshold)s, from the %(baseline)d weeks before.",
        "%(substance)s: %(count)d findings (%(material)s) in %(weeks)d weeks in %(place)s; "
        "expected %(expected)s, threshold %(threshold)s, from the %(baseline)d weeks before.",
        count,
    ) % {
        "substance": substance_name,
        "count": count,
        "material": material,
        "weeks": facts["window_weeks"],
        "place": describe_place(country, area),
        "expected": f"{facts['expected']:.1f}",
        "threshold": f"{facts['threshold']:.1f}",
        "baseline": facts["baseline_weeks"],
    }


def _describe_places(country: str, area: str, places: Sequence[str]) -> str:
    if len(places) > 1:
        return f"{', '.join(places)} ({country})"
    return describe_place(country, places[0] if places else area)


def _describe_before(kind: str, facts: Mapping[str, Any]) -> str:
    if kind != SignalKind.FIRST_DETECTION:
        return gettext("It was found elsewhere before.")
    before = int(facts.get("findings_before", 0))
    if not before:
        return gettext("No earlier findings of this kind are held.")
    return ngettext(
        "The one earlier finding of this kind, held since %(since)s, was of another substance.",
        "None among the %(before)s earlier findings of this kind held since %(since)s.",
        before,
    ) % {
        "before": f"{before:,}",
        "since": date_format(date.fromisoformat(facts["held_since"]), "Y"),
    }
