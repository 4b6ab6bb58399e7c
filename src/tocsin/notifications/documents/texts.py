"""Values of the record in the words of the language in force."""

from datetime import date

from django.utils.translation import gettext as _

from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.record import Field, get_field
from tocsin.reports.record.kinds import Kind
from tocsin.reports.record.values import Value, format_value
from tocsin.reports.record.words import Detection
from tocsin.reports.vocabulary import DatePrecision, IdentificationLevel, Unit
from tocsin.science.identification import Identification, Missing, Remark, assess_identification


def describe_value(field: Field, value: Value | None) -> str:
    """Say a value in words; empty where there is none. A unit that the label names is left out.

    >>> describe_value(get_field("transit_countries"), ("NL", "DE"))
    'NL; DE'
    """
    if value is None:
        return ""
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
    place = " ".join(filter(None, (evidence.country, evidence.region or evidence.local_area)))
    return f"{kind}, {day}, {place}"


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


def assess_finding(finding: EvidenceFinding) -> Identification:
    """Weigh how surely a finding was identified, by its evidence and by what is stated."""
    techniques = finding.find_value("techniques")
    return assess_identification(
        stated=finding.identification_level,
        techniques=techniques if isinstance(techniques, tuple) else (),
        mass_evidence=_find_word(finding, "mass_evidence"),
        reference_material=_find_word(finding, "reference_material"),
        isomer_determined=_find_word(finding, "isomer_determined"),
    )


def describe_level(assessed: Identification) -> str:
    """Say the level in words, with what techniques lack for the SWGDRUG minimum."""
    words = str(IdentificationLevel(assessed.level).label)
    if assessed.swgdrug is not None and not assessed.level.startswith("swgdrug"):
        met = _("SWGDRUG minimum met") if assessed.swgdrug.is_met else _("SWGDRUG minimum not met")
        words = f"{words}; {met}"
    if assessed.swgdrug is not None and not assessed.swgdrug.is_met:
        words = f"{words} ({_describe_missing(assessed.swgdrug.missing)})"
    return words


def describe_remarks(assessed: Identification) -> tuple[str, ...]:
    """Say what a reader must know of how a level came about."""
    stated = str(IdentificationLevel(assessed.stated).label)
    words = {
        Remark.ABOVE_EVIDENCE: _("stated as “{stated}”, which the evidence does not bear"),
        Remark.LOWERED: _("stated lower than the evidence bears"),
        Remark.ISOMER_OPEN: _("the isomer is not determined"),
        Remark.STATED_ONLY: _("stated by the laboratory, without evidence in the record"),
    }
    return tuple(words[remark].format(stated=stated) for remark in assessed.remarks)


def _describe_missing(missing: Missing) -> str:
    words = {
        Missing.SECOND_TECHNIQUE: _("a second technique is missing"),
        Missing.CATEGORY_A_OR_THIRD_TECHNIQUE: _(
            "a technique of category A, or a third technique, is missing"
        ),
        Missing.CATEGORY_A_OR_UNCORRELATED_B: _(
            "a technique of category A, or two uncorrelated ones of category B, are missing"
        ),
    }
    return words[missing]


def _find_word(finding: EvidenceFinding, key: str) -> str:
    value = finding.find_value(key)
    return value if isinstance(value, str) else ""


def _trim_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
