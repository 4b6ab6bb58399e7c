import re
from typing import Any

import pytest

from tocsin.errors import DetectionInputError
from tocsin.science.detection.farrington_flexible import (
    IMPROVED,
    ORIGINAL,
    FarringtonSettings,
    parse_settings,
)


def test_names_of_r_and_ours_give_the_same_settings() -> None:
    of_r = {
        "b": 5, "w": 3, "reweight": True, "trend": True, "limit54": [5, 4], "powertrans": "2/3",
        "populationOffset": False, "glmWarnings": False, "noPeriods": 10, "weightsThreshold": 2.58,
        "pThresholdTrend": 1, "alpha": 0.01, "thresholdMethod": "nbPlugin",
        "pastWeeksNotIncluded": 26,
    }  # fmt: skip
    ours = {
        "no_periods": 10, "past_weeks_not_included": 26, "p_threshold_trend": 1, "alpha": 0.01,
        "threshold_method": "nb_plugin",
    }  # fmt: skip
    assert parse_settings(of_r) == parse_settings(ours) == IMPROVED


def test_the_original_settings_are_those_of_1996() -> None:
    assert parse_settings({"weightsThreshold": 1}) == ORIGINAL


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"noPeriod": 10}, "unknown setting 'noPeriod'"),
        ({"noPeriods": 10, "no_periods": 5}, "found no_periods twice"),
        ({"limit54": [5]}, "limit54"),
        ({"thresholdMethod": "exact"}, "threshold_method"),
    ],
)
def test_a_wrong_mapping_is_refused(mapping: dict[str, Any], message: str) -> None:
    with pytest.raises(DetectionInputError, match=re.escape(message)):
        parse_settings(mapping)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("b", 0, "1 or more"),
        ("w", -1, "0 or more"),
        ("no_periods", 0, "1 or more"),
        ("past_weeks_not_included", -1, "0 or more, or none"),
        ("weights_threshold", 0.0, "a finite number above 0"),
        ("weights_threshold", float("inf"), "a finite number above 0"),
        ("p_threshold_trend", 1.5, "a number from 0 to 1"),
        ("limit54", (5, 0), "cases from 0 and weeks from 1"),
        ("power_trans", "1/3", "2/3, 1/2 or none"),
        ("threshold_method", "exact", "delta, nb_plugin or muan"),
        ("alpha", 0.0, "a number between 0 and 1"),
    ],
)
def test_an_impossible_setting_is_named(name: str, value: Any, expected: str) -> None:
    message = f"farrington flexible: {name} is {value}; expected {expected}"
    with pytest.raises(DetectionInputError, match=re.escape(message)):
        FarringtonSettings(**{name: value})
