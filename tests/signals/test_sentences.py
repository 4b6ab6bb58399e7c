"""The one sentence: how many, where, in what time, how many before, how rare."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from tocsin.signals.sentences import describe_signal


def describe(**facts: Any) -> str:
    with translation.override("en-gb"):
        return describe_signal(
            kind="spike",
            substance_name="Xylazine",
            matrix=facts.pop("matrix", "biological"),
            country="US",
            area="Hartford",
            places=["Hartford"],
            on=date(2019, 4, 1),
            facts={"count": 3, "window_weeks": 4, "past_count": 0, "past_weeks": 375} | facts,
        )


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        pytest.param(
            {"once_in_weeks": 1900},
            "Xylazine: 3 findings in biological samples in 4 weeks, Hartford (United States); "
            "before, none in 7 years; as rare as once in 1,900 weeks.",
            id="none before",
        ),
        pytest.param(
            {"count": 1, "window_weeks": 1, "past_count": 1200, "once_in_weeks": 10_000},
            "Xylazine: 1 finding in biological samples in 1 week, Hartford (United States); "
            "before, 1,200 in 7 years; rarer than once in 10,000 weeks.",
            id="one, some before, beyond what can be said",
        ),
        pytest.param(
            {"past_weeks": 104, "once_in_weeks": None, "matrix": "unspecified"},
            "Xylazine: 3 findings in 4 weeks, Hartford (United States); before, none in 104 weeks.",
            id="less than two years, no rarity, no matrix",
        ),
        pytest.param(
            {"past_weeks": 0, "matrix": "seized"},
            "Xylazine: 3 findings in seized material in 4 weeks, Hartford (United States).",
            id="no past",
        ),
        pytest.param(
            {"past_weeks": 0, "deaths": 2, "findings_of_deaths": 3},
            "Xylazine: 3 findings in biological samples in 4 weeks, Hartford (United States); "
            "all from 2 deaths.",
            id="of deaths only, two findings from one of them",
        ),
        pytest.param(
            {"past_weeks": 0, "deaths": 1, "findings_of_deaths": 1},
            "Xylazine: 3 findings in biological samples in 4 weeks, Hartford (United States); "
            "1 of them from 1 death.",
            id="one of a death",
        ),
    ],
)
def test_a_rise_is_told_in_one_sentence(facts: dict[str, Any], sentence: str) -> None:
    assert describe(**facts) == sentence


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        pytest.param(
            {"kind": "first-detection", "country": "NL", "area": "Utrecht"},
            "Xylazine: first detection held here (biological sample), on 1 April 2019, Utrecht "
            "(Netherlands). No earlier findings of this kind are held.",
            id="an area",
        ),
        pytest.param(
            {
                "kind": "first-in-country",
                "country": "NL",
                "area": "",
                "facts": {"deaths": 1, "findings_of_deaths": 1},
            },
            "Xylazine: first detection in the country (biological sample), on 1 April 2019, "
            "Netherlands; from 1 death. It was found elsewhere before.",
            id="a country alone, from a death",
        ),
        pytest.param(
            {"kind": "first-in-region", "country": "NL", "area": "A", "places": ["A", "B"]},
            "Xylazine: first detection in the region (biological sample), on 1 April 2019, A, B "
            "(Netherlands). It was found elsewhere before.",
            id="several areas",
        ),
    ],
)
def test_a_first_detection_names_its_place_in_words(values: dict[str, Any], sentence: str) -> None:
    common: dict[str, Any] = {"places": [], "facts": {}, "on": date(2019, 4, 1)}
    named = {"substance_name": "Xylazine", "matrix": "biological"}
    with translation.override("en-gb"):
        assert describe_signal(**common | named | values) == sentence
