"""The SWGDRUG minimum and the Schymanski level, by the words of the recommendations and the paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.science.identification import (
    CATEGORY_A,
    CATEGORY_B,
    CATEGORY_C,
    SCHYMANSKI,
    SWGDRUG_MET,
    SWGDRUG_NOT_MET,
    Identification,
    Missing,
    Remark,
    SwgdrugAssessment,
    assess_identification,
    assess_swgdrug,
    derive_schymanski_level,
)

MET = SwgdrugAssessment(True, Missing.NOTHING)


@pytest.mark.parametrize(
    ("techniques", "expected"),
    [
        (["mass-spectrometry"], SwgdrugAssessment(False, Missing.SECOND_TECHNIQUE)),
        (["mass-spectrometry", "gas-chromatography"], MET),
        (["infrared", "colour-test"], MET),
        (["infrared", "raman"], MET),
        (["colour-test"], SwgdrugAssessment(False, Missing.CATEGORY_A_OR_THIRD_TECHNIQUE)),
        (
            ["gas-chromatography", "liquid-chromatography"],
            SwgdrugAssessment(False, Missing.CATEGORY_A_OR_THIRD_TECHNIQUE),
        ),
        (["gas-chromatography", "liquid-chromatography", "colour-test"], MET),
        (
            ["gas-chromatography", "colour-test", "immunoassay"],
            SwgdrugAssessment(False, Missing.CATEGORY_A_OR_UNCORRELATED_B),
        ),
        (
            ["liquid-chromatography", "thin-layer-chromatography", "colour-test"],
            SwgdrugAssessment(False, Missing.CATEGORY_A_OR_UNCORRELATED_B),
        ),
        (["unheard-of"], SwgdrugAssessment(False, Missing.CATEGORY_A_OR_THIRD_TECHNIQUE)),
    ],
)
def test_the_minimum_is_one_category_a_and_another_or_three_with_two_uncorrelated_b(
    techniques: list[str], expected: SwgdrugAssessment
) -> None:
    assert assess_swgdrug(techniques) == expected


@given(st.sets(st.sampled_from(sorted(CATEGORY_A | CATEGORY_B | CATEGORY_C))))
def test_a_further_technique_never_breaks_the_minimum(techniques: set[str]) -> None:
    if assess_swgdrug(techniques).is_met:
        for more in CATEGORY_A | CATEGORY_B | CATEGORY_C:
            assert assess_swgdrug({*techniques, more}).is_met


@pytest.mark.parametrize(
    ("evidence", "has_reference", "is_determined", "expected"),
    [
        ("reference-standard", True, True, "schymanski-1"),
        ("reference-standard", False, True, "schymanski-2a"),
        ("reference-standard", True, False, "schymanski-3"),
        ("library", True, True, "schymanski-2a"),
        ("diagnostic", False, True, "schymanski-2b"),
        ("candidates", False, True, "schymanski-3"),
        ("formula", False, False, "schymanski-4"),
        ("mass", False, True, "schymanski-5"),
        ("", True, True, ""),
    ],
)
def test_a_library_alone_bears_2a_and_an_open_isomer_3(
    evidence: str, has_reference: bool, is_determined: bool, expected: str
) -> None:
    level = derive_schymanski_level(
        evidence, has_reference_material=has_reference, is_isomer_determined=is_determined
    )
    assert level == expected


def test_what_is_stated_beyond_the_evidence_does_not_count() -> None:
    found = assess_identification(stated="schymanski-1", mass_evidence="library")
    assert found == Identification(
        "schymanski-2a", "schymanski-2a", "schymanski-1", None, (Remark.ABOVE_EVIDENCE,)
    )


def test_an_analyst_may_state_less() -> None:
    found = assess_identification(
        stated="schymanski-3", mass_evidence="reference-standard", reference_material="yes"
    )
    assert found == Identification(
        "schymanski-3", "schymanski-1", "schymanski-3", None, (Remark.LOWERED,)
    )


def test_a_stated_level_without_evidence_stands_and_says_so() -> None:
    assert assess_identification(stated="schymanski-1") == Identification(
        "schymanski-1", "", "schymanski-1", None, (Remark.STATED_ONLY,)
    )
    assert assess_identification(stated="schymanski-1", isomer_determined="no") == Identification(
        "schymanski-3",
        "",
        "schymanski-1",
        None,
        (Remark.ABOVE_EVIDENCE, Remark.ISOMER_OPEN, Remark.STATED_ONLY),
    )


def test_the_minimum_is_weighed_where_it_is_stated_or_nothing_else_is() -> None:
    one = assess_identification(stated=SWGDRUG_MET, techniques=["colour-test"])
    assert (one.level, one.remarks) == (SWGDRUG_NOT_MET, (Remark.ABOVE_EVIDENCE,))
    both = ["infrared", "colour-test"]
    assert assess_identification(techniques=both).level == SWGDRUG_MET
    assert assess_identification(techniques=both, mass_evidence="mass").level == "schymanski-5"
    assert assess_identification(stated=SWGDRUG_MET, isomer_determined="no").level == SWGDRUG_MET
    assert assess_identification() == Identification("", "", "", None, ())


@given(
    st.sampled_from(["", *SCHYMANSKI]),
    st.sampled_from(["", "reference-standard", "library", "candidates", "mass"]),
    st.sampled_from(["", "yes", "no"]),
    st.sampled_from(["", "yes", "no"]),
)
def test_no_level_is_surer_than_what_was_stated_or_what_the_evidence_bears(
    stated: str, evidence: str, reference: str, isomer: str
) -> None:
    found = assess_identification(
        stated=stated,
        mass_evidence=evidence,
        reference_material=reference,
        isomer_determined=isomer,
    )
    order = ["", *SCHYMANSKI]
    assert order.index(found.level) >= order.index(stated)
    assert order.index(found.level) >= order.index(found.derived)
