"""How surely a substance was identified, derived from the evidence that a laboratory states.

Two scales: the minimum of the Scientific Working Group for the Analysis of Seized Drugs (SWGDRUG
Recommendations, part III B, section 3) and the levels of Schymanski et al., Environ. Sci. Technol.
2014, 48, 2097, for mass spectra. Evidence is only ever weighed down: an analyst may state less than
it bears, and what is stated beyond it does not count.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

CATEGORY_A = frozenset(
    {"infrared", "mass-spectrometry", "nmr", "raman", "x-ray-diffraction"},
)
CATEGORY_B = frozenset(
    {
        "capillary-electrophoresis",
        "gas-chromatography",
        "ion-mobility",
        "liquid-chromatography",
        "macroscopic",
        "microcrystalline",
        "microscopic",
        "pharmaceutical-identifiers",
        "supercritical-fluid",
        "thin-layer-chromatography",
        "ultraviolet-visible",
    }
)
CATEGORY_C = frozenset({"colour-test", "fluorescence", "immunoassay", "melting-point"})

_CORRELATED = frozenset(
    {"liquid-chromatography", "supercritical-fluid", "thin-layer-chromatography"}
)
"""Separations between like phases: two of them are counted as one. A cautious reading of ours; the
recommendations leave it to the laboratory to show that techniques are uncorrelated."""

_LEAST_WITHOUT_A = 3
_LEAST_UNCORRELATED_B = 2


class Missing(StrEnum):
    """What an analytical scheme lacks for the SWGDRUG minimum."""

    NOTHING = ""
    SECOND_TECHNIQUE = "second-technique"
    CATEGORY_A_OR_THIRD_TECHNIQUE = "category-a-or-third-technique"
    CATEGORY_A_OR_UNCORRELATED_B = "category-a-or-uncorrelated-b"


@dataclass(frozen=True, slots=True)
class SwgdrugAssessment:
    """Whether techniques meet the SWGDRUG minimum, and what is missing where they do not."""

    is_met: bool
    missing: Missing


def assess_swgdrug(techniques: Collection[str]) -> SwgdrugAssessment:
    """Hold techniques with a positive result against the SWGDRUG minimum.

    techniques: names of CATEGORY_A, B and C; both of a coupled technique, as its two results each
    count. With a technique of category A one other is needed; without, three, two of them
    uncorrelated ones of category B (section 3.1). Others are not counted.

    >>> assess_swgdrug(["gas-chromatography", "mass-spectrometry"]).is_met
    True
    >>> assess_swgdrug(["colour-test", "immunoassay"]).missing.value
    'category-a-or-third-technique'
    """
    known = set(techniques) & (CATEGORY_A | CATEGORY_B | CATEGORY_C)
    if known & CATEGORY_A:
        is_met = len(known) > 1
        return SwgdrugAssessment(is_met, Missing.NOTHING if is_met else Missing.SECOND_TECHNIQUE)
    if len(known) < _LEAST_WITHOUT_A:
        return SwgdrugAssessment(False, Missing.CATEGORY_A_OR_THIRD_TECHNIQUE)
    category_b = known & CATEGORY_B
    uncorrelated = len(category_b - _CORRELATED) + bool(category_b & _CORRELATED)
    if uncorrelated < _LEAST_UNCORRELATED_B:
        return SwgdrugAssessment(False, Missing.CATEGORY_A_OR_UNCORRELATED_B)
    return SwgdrugAssessment(True, Missing.NOTHING)


SCHYMANSKI = (
    "schymanski-1",
    "schymanski-2a",
    "schymanski-2b",
    "schymanski-3",
    "schymanski-4",
    "schymanski-5",
)
"""From the surest to the least sure; 2a and 2b are of one rank in the paper, 2a first here."""

SWGDRUG_MET, SWGDRUG_NOT_MET = "swgdrug-met", "swgdrug-not-met"

_LEVEL_OF_EVIDENCE = {
    "reference-standard": "schymanski-1",
    "library": "schymanski-2a",
    "diagnostic": "schymanski-2b",
    "candidates": "schymanski-3",
    "formula": "schymanski-4",
    "mass": "schymanski-5",
}


def derive_schymanski_level(
    mass_evidence: str, *, has_reference_material: bool, is_isomer_determined: bool
) -> str:
    """Derive the level that mass spectra bear; empty where nothing is said of them.

    mass_evidence: a key of the record's evidence of mass spectra. Without reference material measured
    by the same method the level is 2a at best; with an isomer left open it is 3 at best
    (figure 1 of the paper).

    >>> derive_schymanski_level("library", has_reference_material=False, is_isomer_determined=True)
    'schymanski-2a'
    """
    level = _LEVEL_OF_EVIDENCE.get(mass_evidence, "")
    if not level:
        return ""
    if level == "schymanski-1" and not has_reference_material:
        level = "schymanski-2a"
    return level if is_isomer_determined else _take_less_sure(level, "schymanski-3")


class Remark(StrEnum):
    """What a reader must know of how a level came about."""

    ABOVE_EVIDENCE = "above-evidence"
    LOWERED = "lowered"
    ISOMER_OPEN = "isomer-open"
    STATED_ONLY = "stated-only"


@dataclass(frozen=True, slots=True)
class Identification:
    """How surely a substance was identified.

    level: what counts, of the scale in use; empty where nothing is known. derived: what the evidence
    bears on that scale; empty where it says nothing. stated: the laboratory's own. swgdrug: of the
    techniques, None where none is named.
    """

    level: str
    derived: str
    stated: str
    swgdrug: SwgdrugAssessment | None
    remarks: tuple[Remark, ...]


def assess_identification(
    *,
    stated: str = "",
    techniques: Collection[str] = (),
    mass_evidence: str = "",
    reference_material: str = "",
    isomer_determined: str = "",
) -> Identification:
    """Weigh what a laboratory states against its evidence; the less sure of the two counts.

    reference_material, isomer_determined: "yes", "no", "unknown" or empty; only a "yes" to the first
    and only a "no" to the second changes the level.

    >>> assess_identification(stated="schymanski-1", mass_evidence="library").level
    'schymanski-2a'
    """
    swgdrug = assess_swgdrug(techniques) if techniques else None
    schymanski = derive_schymanski_level(
        mass_evidence,
        has_reference_material=reference_material == "yes",
        is_isomer_determined=isomer_determined != "no",
    )
    by_techniques = "" if swgdrug is None else SWGDRUG_MET if swgdrug.is_met else SWGDRUG_NOT_MET
    derived = by_techniques if stated in (SWGDRUG_MET, SWGDRUG_NOT_MET) else schymanski
    if not stated:
        derived = schymanski or by_techniques
    level = _take_less_sure(stated, derived) if stated and derived else stated or derived
    if level in SCHYMANSKI and isomer_determined == "no":
        level = _take_less_sure(level, "schymanski-3")
    return Identification(
        level=level,
        derived=derived,
        stated=stated,
        swgdrug=swgdrug,
        remarks=_list_remarks(level, derived, stated, isomer_determined),
    )


def _list_remarks(
    level: str, derived: str, stated: str, isomer_determined: str
) -> tuple[Remark, ...]:
    remarks = []
    if stated and level != stated:
        remarks.append(Remark.ABOVE_EVIDENCE)
    if derived and stated and level == stated != derived:
        remarks.append(Remark.LOWERED)
    if isomer_determined == "no":
        remarks.append(Remark.ISOMER_OPEN)
    if stated and not derived:
        remarks.append(Remark.STATED_ONLY)
    return tuple(remarks)


def _take_less_sure(first: str, second: str) -> str:
    order = (*SCHYMANSKI, SWGDRUG_MET, SWGDRUG_NOT_MET)
    return max(first, second, key=order.index)
