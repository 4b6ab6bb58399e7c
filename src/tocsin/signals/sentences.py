"""The one sentence that says why a signal is one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from tocsin.reports.countries import name_country
from tocsin.reports.vocabulary import Matrix
from tocsin.signals.models import SignalKind
from tocsin.signals.rarity import RAREST_WEEKS

WEEKS_A_YEAR = 365.25 / 7


def describe_place(country: str, area: str) -> str:
    """Return a place in words: the area with its country, or the country's name.

    Never after "in", as some countries would need an article.

    >>> describe_place("IE", "Cork"), describe_place("NL", "")
    ('Cork (Ireland)', 'Netherlands')
    """
    return write_place(name_country(country), area) or gettext("unknown place")


def write_place(country: str, area: str) -> str:
    """Return a place as lists for programs hold it: the area with its country's code, or the code.

    >>> write_place("IE", "Cork"), write_place("IE", ""), write_place("", "")
    ('Cork (IE)', 'IE', '')
    """
    if area:
        return f"{area} ({country})" if country else area
    return country


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
        return _describe_rise(substance_name, matrix, country, area, facts)
    where = {
        SignalKind.FIRST_DETECTION: gettext("first detection held here"),
        SignalKind.FIRST_IN_COUNTRY: gettext("first detection in the country"),
        SignalKind.FIRST_IN_REGION: gettext("first detection in the region"),
    }[SignalKind(kind)]
    sentence = gettext("%(substance)s: %(where)s (%(material)s), on %(day)s, %(place)s") % {
        "substance": substance_name,
        "where": where,
        "material": material,
        "day": day,
        "place": _describe_places(country, area, places),
    }
    told = "; ".join(filter(None, (sentence, _describe_deaths(facts))))
    return f"{told}. {_describe_before(kind, facts)}"


def describe_candidate(key: str) -> str:
    """Return a way of looking for rises in words: its sensitivity, or the name of its method.

    key: of ``ratings.CANDIDATES``.
    """
    return {
        "emergence-sensitive": gettext("emergence, sensitive"),
        "emergence-balanced": gettext("emergence, as it is set"),
        "emergence-cautious": gettext("emergence, cautious"),
    }.get(key, key)


def _describe_rise(
    substance_name: str, matrix: str, country: str, area: str, facts: Mapping[str, Any]
) -> str:
    count = int(facts["count"])
    parts = [
        ngettext(
            "%(substance)s: %(count)s finding%(material)s in %(weeks)s, %(place)s",
            "%(substance)s: %(count)s findings%(material)s in %(weeks)s, %(place)s",
            count,
        )
        % {
            "substance": substance_name,
            "count": f"{count:,}",
            "material": _describe_material(matrix),
            "weeks": _describe_weeks(int(facts["window_weeks"])),
            "place": describe_place(country, area),
        },
        _describe_deaths(facts),
        _describe_past(facts.get("past_count", 0), facts.get("past_weeks", 0)),
        _describe_rarity(facts.get("once_in_weeks")),
    ]
    return f"{'; '.join(filter(None, parts))}."


def _describe_material(matrix: str) -> str:
    """What it was found in, as far as the record says; it never says of whom."""
    return {
        Matrix.BIOLOGICAL: gettext(" in biological samples"),
        Matrix.COLLECTED: gettext(" in collected samples"),
        Matrix.SEIZED: gettext(" in seized material"),
        Matrix.PURCHASED: gettext(" in purchased items"),
        Matrix.SITE: gettext(" in samples from sites"),
        Matrix.WASTEWATER: gettext(" in wastewater"),
        Matrix.UNSPECIFIED: "",
    }[Matrix(matrix)]


def _describe_deaths(facts: Mapping[str, Any]) -> str:
    """From how many deaths the findings are; empty where none is, or nobody counted them.

    Those of a first detection are not numbered, so it is not said how many of them are.
    """
    deaths = int(facts.get("deaths", 0))
    if not deaths:
        return ""
    findings, count = int(facts["findings_of_deaths"]), facts.get("count")
    numbers = {"findings": f"{findings:,}", "deaths": f"{deaths:,}"}
    if count is None:
        return ngettext("from %(deaths)s death", "from %(deaths)s deaths", deaths) % numbers
    if findings >= count:
        return ngettext("all from %(deaths)s death", "all from %(deaths)s deaths", deaths) % numbers
    return (
        ngettext(
            "%(findings)s of them from %(deaths)s death",
            "%(findings)s of them from %(deaths)s deaths",
            deaths,
        )
        % numbers
    )


def _describe_past(count: int, weeks: int) -> str:
    if not weeks:
        return ""
    period = _describe_period(weeks)
    if not count:
        return gettext("before, none in %(period)s") % {"period": period}
    return gettext("before, %(count)s in %(period)s") % {"count": f"{count:,}", "period": period}


def _describe_rarity(once_in_weeks: int | None) -> str:
    if once_in_weeks is None:
        return ""
    if once_in_weeks >= RAREST_WEEKS:
        return gettext("rarer than once in %(weeks)s") % {"weeks": _describe_weeks(RAREST_WEEKS)}
    return gettext("as rare as once in %(weeks)s") % {"weeks": _describe_weeks(once_in_weeks)}


def _describe_period(weeks: int) -> str:
    """Whole years from two on, weeks below."""
    years = int(weeks / WEEKS_A_YEAR)
    if years < 2:
        return _describe_weeks(weeks)
    return ngettext("%(count)s year", "%(count)s years", years) % {"count": years}


def _describe_weeks(weeks: int) -> str:
    return ngettext("%(count)s week", "%(count)s weeks", weeks) % {"count": f"{weeks:,}"}


def _describe_places(country: str, area: str, places: Sequence[str]) -> str:
    if len(places) > 1:
        return f"{', '.join(places)} ({name_country(country)})"
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
