"""The reference program's numbers: benchmarks/r/farrington_reference.R wrote them (surveillance
1.20.3, R 4.2.2) for made-up series, weekly and monthly, by index and by date, under all controls."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin.science.detection.farrington_flexible import detect_farrington, parse_settings

CASES = json.loads(Path(__file__).with_name("reference_numbers.json").read_text(encoding="utf-8"))


def list_dates(case: dict[str, Any]) -> Any:
    if case["first_day"] is None:
        return None
    steps = np.arange(len(case["counts"]))
    if case["frequency"] == 52:
        return np.datetime64(case["first_day"], "D") + 7 * steps
    return (np.datetime64(case["first_day"], "M") + steps).astype("datetime64[D]")


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_every_number_is_that_of_r(case: dict[str, Any]) -> None:
    weeks = np.atleast_1d(case["k"]) - 1
    dates = list_dates(case)
    judged = detect_farrington(
        np.array([case["counts"]]),
        parse_settings(case["settings"]),
        frequency=case["frequency"],
        dates=dates,
        by_date=dates is not None,
        population=None if case["population"] is None else np.array(case["population"]),
        weeks=range(weeks[0], weeks[-1] + 1),
    )
    ours = {
        "expected": judged.expected,
        "upperbound": judged.thresholds,
        "alarm": judged.alarms.astype(np.float64),
        "score": judged.scores,
        "pvalue": judged.p_values,
        "phi": judged.dispersions,
        "mu0Vector": judged.baseline_means,
        "trendVector": judged.trends,
    }
    columns = weeks - weeks[0]
    assert judged.is_judged[0, columns].all()
    for name, values in ours.items():
        theirs = np.array([np.nan if one is None else one for one in case[name]], dtype=np.float64)
        np.testing.assert_allclose(
            values[0, columns], theirs, rtol=1e-9, atol=0, equal_nan=True, err_msg=name
        )
    np.testing.assert_array_equal(
        judged.has_trends[0, columns], [one is not None for one in case["trendVector"]]
    )
