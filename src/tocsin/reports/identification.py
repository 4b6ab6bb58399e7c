"""How surely a finding was identified, in the words of the language in force."""

from django.utils.translation import gettext as _

from tocsin.reports.evidence import EvidenceFinding
from tocsin.reports.vocabulary import IdentificationLevel
from tocsin.science.identification import Identification, Missing, Remark, assess_identification


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
