"""Values of the record in the words of the language in force."""

from datetime import date

from django.utils.translation import gettext as _

from tocsin.reports.countries import name_country
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.record import Field, get_field
from tocsin.reports.record.kinds import Kind
from tocsin.reports.record.values import Value, format_value
from tocsin.reports.record.words import Detection
from tocsin.reports.vocabulary import DatePrecision, Unit


def describe_value(field: Field, value: Value | None) -> str:
    """Say a value in words; empty where there is none. A unit that the label names is left out.

    >>> describe_value(get_field("transit_countries"), ("NL", "DE"))
    'Netherlands; Germany'
    """
    if value is None:
        return ""
    if field.kind in (Kind.COUNTRY, Kind.COUNTRIES):
        codes = value if isinstance(value, tuple) else (str(value),)
        return "; ".join(map(name_country, codes))
    if field.vocabulary is not None:
        words = dict(field.vocabulary.choices)
        chosen = value if isinstance(value, tuple) else (str(value),)
        return "; ".join(str(words.get(word, word)) for word in chosen)
    return _trim_zeros(format_value(value)) if field.kind is Kind.DECIMAL else format_value(value)


def describe_day(day: date, precision: str) -> str:
    """Say the day, week or month of an event.

    >>> describe_day(date(2026, 3, 2), "week")
    'week of 2026-03-02'
    """
    if precision == DatePrecision.WEEK:
        return _("week of {day}").format(day=day.isoformat())
    if precision == DatePrecision.MONTH:
        return _("month of {month}").format(month=f"{day:%Y-%m}")
    return day.isoformat()


def describe_event(evidence: EvidenceReport) -> str:
    """Say in one line what happened when and where."""
    kind = describe_value(get_field("event_type"), evidence.event_type)
    day = describe_day(evidence.event_on, evidence.event_precision)
    places = (name_country(evidence.country), evidence.region or evidence.local_area)
    return ", ".join(filter(None, (kind, day, *places)))


def describe_amount(finding: EvidenceFinding) -> str:
    """Say how much was found, or how far it was measured; empty where neither is held."""
    detection = finding.find_value("detection")
    words = describe_value(get_field("detection"), detection)
    if finding.amount is None:
        return "" if detection == Detection.QUANTIFIED else words
    unit = str(Unit(finding.unit).label) if finding.unit else _("(unit not stated)")
    amount = f"{_trim_zeros(format_value(finding.amount))} {unit}"
    return amount if detection in (None, Detection.QUANTIFIED) else f"{amount} ({words})"


def describe_purity(finding: EvidenceFinding) -> str:
    """Say the mass fraction; empty where it is not held."""
    if finding.purity_percent is None:
        return ""
    return f"{_trim_zeros(format_value(finding.purity_percent))} %"


def _trim_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
