"""What a person may choose, and what is refused."""

import math
from typing import Any

import pytest

from tocsin.errors import DetectionInputError
from tocsin.science.detection.emergence import EmergenceSettings


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"rise_score": math.nan}, "emergence: rise_score is nan; expected a number from 0 to 700"),
        ({"minimum_count": 0}, "emergence: minimum_count is 0; expected 1 or more"),
        ({"minimum_ratio": 0.5}, "emergence: minimum_ratio is 0.5; expected 1 or more"),
        ({"minimum_past_weeks": 0}, "emergence: minimum_past_weeks is 0; expected 1 or more"),
        ({"renewal_weeks": 13}, "emergence: renewal_weeks is 13; expected 26 or more"),
        ({"novelty_weeks": 60}, "emergence: novelty_weeks is 60; expected a number from 0 to 52"),
        ({"level_discount": 0.5}, "emergence: level_discount is 0.5; expected a number from 0.9"),
    ],
)
def test_a_setting_out_of_its_range_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(DetectionInputError) as caught:
        EmergenceSettings(**wrong)
    assert message in str(caught.value)
