"""What findings bear together, and that nothing is said beyond it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.alerts.identification import (
    SUREST_FIRST,
    Bearing,
    WeighedEvidence,
    describe_identification,
    describe_to_public,
)
from tocsin.science.identification import SCHYMANSKI

bearings = st.builds(
    Bearing,
    level=st.sampled_from(["", *SUREST_FIRST]),
    is_isomer_open=st.booleans(),
    findings=st.integers(1, 9),
)


def weigh(*held: tuple[str, bool, int]) -> WeighedEvidence:
    return WeighedEvidence(tuple(Bearing(*one) for one in held))


@pytest.mark.parametrize(
    ("weighed", "level", "is_isomer_open", "bearing", "lower"),
    [
        pytest.param(weigh(), "", False, 0, [], id="nothing found"),
        pytest.param(weigh(("", False, 4)), "", False, 0, [], id="nothing stated"),
        pytest.param(
            weigh(("schymanski-2a", False, 3), ("schymanski-1", False, 1), ("", False, 6)),
            "schymanski-1",
            False,
            1,
            list(SCHYMANSKI[1:]),
            id="the best-supported of several",
        ),
        pytest.param(
            weigh(("swgdrug-met", False, 2), ("schymanski-3", False, 1)),
            "swgdrug-met",
            False,
            2,
            ["schymanski-3", "schymanski-4", "schymanski-5", "swgdrug-not-met"],
            id="lower only on a scale that some finding bears",
        ),
        pytest.param(
            weigh(("swgdrug-met", True, 2), ("schymanski-2b", False, 1)),
            "schymanski-2b",
            False,
            1,
            ["schymanski-3", "schymanski-4", "schymanski-5", "swgdrug-not-met"],
            id="an open isomer is no surer than level 3",
        ),
        pytest.param(
            weigh(("swgdrug-met", True, 2), ("schymanski-3", False, 1)),
            "schymanski-3",
            False,
            1,
            ["schymanski-4", "schymanski-5", "swgdrug-not-met"],
            id="of two as sure, the one that says less",
        ),
        pytest.param(
            weigh(("schymanski-3", True, 2), ("schymanski-3", False, 1)),
            "schymanski-3",
            True,
            3,
            ["schymanski-4", "schymanski-5"],
            id="an isomer that is open is said",
        ),
    ],
)
def test_best_supported_finding_sets_the_level(
    weighed: WeighedEvidence, level: str, is_isomer_open: bool, bearing: int, lower: list[str]
) -> None:
    assert (
        weighed.level,
        weighed.is_isomer_open(weighed.level),
        weighed.count_bearing(weighed.level),
        weighed.list_lower(),
    ) == (level, is_isomer_open, bearing, lower)


@given(held=st.lists(bearings, max_size=5), more=bearings)
def test_what_is_offered_is_borne_and_evidence_that_goes_bears_nothing_new(
    held: list[Bearing], more: Bearing
) -> None:
    fewer, all_held = WeighedEvidence(tuple(held)), WeighedEvidence((*held, more))

    for level in (all_held.level, *all_held.list_lower()):
        assert all_held.bears(level, is_isomer_open=all_held.is_isomer_open(level))
    for level in SUREST_FIRST:
        assert all_held.bears(level) or not fewer.bears(level)


def test_no_level_is_without_words_and_none_claims_more_than_confirmation_by_a_standard() -> None:
    plain = {level: describe_to_public(level, is_isomer_open=False) for level in SUREST_FIRST}

    assert len(set(plain.values())) == len(SUREST_FIRST)
    assert [level for level, words in plain.items() if "Confirmed" in words] == ["schymanski-1"]
    assert describe_identification("", is_isomer_open=False) == (
        "How surely it was identified is not stated"
    )
    assert describe_identification("swgdrug-met", is_isomer_open=True) == (
        "SWGDRUG minimum met; the isomer is not determined"
    )
