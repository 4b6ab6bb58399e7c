"""Every series and all six settings of the reference data, against the numbers of R."""

import csv
import gzip
import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.science.detection.farrington_flexible import (
    FarringtonJudgements,
    detect_farrington,
    parse_settings,
)

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        os.environ.get("NUMBA_DISABLE_JIT", "0") != "0",
        reason="46,782 series-weeks are for compiled code",
    ),
]

SETTINGS = (
    "flex_orig_delta",
    "flex_impr_nb",
    "flex_impr_muan",
    "flex_impr_delta",
    "flex_p05_nb_nolim",
    "flex_flat_norw",
)
# R's score rule (score > 1) and count > upper bound agree on every one of these weeks.
DIFFERING_ALARMS: tuple[tuple[str, str, int], ...] = ()
# A past can be so even that its slope is 0 but for rounding. Whether such a trend is "kept" is
# rounding too, in R as here, and moves a mean below 1e-9 and its standard error by a thousandth.
EMPTY_TREND = 1e-15

Key = tuple[str, str]


def read_rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def series(shared: Path) -> dict[Key, list[dict[str, str]]]:
    grouped: dict[Key, list[dict[str, str]]] = defaultdict(list)
    for row in read_rows(shared / "data/detection/series.csv.gz"):
        grouped[row["dataset"], row["unit"]].append(row)
    return grouped


@pytest.fixture(scope="module")
def numbers_of_r(shared: Path) -> dict[str, dict[Key, list[dict[str, str]]]]:
    grouped: dict[str, dict[Key, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for row in read_rows(shared / "data/detection/farrington_core.csv.gz"):
        grouped[row["setting"]][row["dataset"], row["unit"]].append(row)
    return grouped


def judge(rows: list[dict[str, str]], settings: dict[str, Any]) -> FarringtonJudgements:
    return detect_farrington(
        np.array([[int(row["observed"]) for row in rows]], dtype=np.int32),
        parse_settings(settings),
        frequency=int(rows[0]["freq"]),
        dates=np.array([row["date"] for row in rows], dtype="datetime64[D]"),
        by_date=rows[0]["epochAsDate"] == "TRUE",
    )


def read_column(rows: list[dict[str, str]], name: str) -> NDArray[np.float64]:
    return np.array([float(row[name]) if row[name] else np.nan for row in rows])


@pytest.mark.parametrize("name", SETTINGS)
def test_all_series_give_the_numbers_of_r(
    name: str,
    shared: Path,
    series: dict[Key, list[dict[str, str]]],
    numbers_of_r: dict[str, dict[Key, list[dict[str, str]]]],
) -> None:
    text = (shared / "data/detection/settings.json").read_text(encoding="utf-8")
    settings = json.loads(text)
    differing = []
    for (dataset, unit), rows in numbers_of_r[name].items():
        judged = judge(series[dataset, unit], {**settings[name], "b": settings["_b"][dataset]})
        weeks = np.array([int(row["k"]) - 1 for row in rows])
        assert judged.is_judged[0, weeks].all()
        slopes = read_column(rows, "trendVector")
        is_empty = (np.abs(judged.trends[0, weeks]) < EMPTY_TREND) | (np.abs(slopes) < EMPTY_TREND)
        for column, ours, relative, absolute in (
            ("expected", judged.expected, 2e-9, 0.0),
            ("upperbound", judged.thresholds, 1e-9, 0.0),
            # A score of 0 but for rounding, or a p-value of 1e-316, has no relative precision.
            ("score", judged.scores, 1e-8, 1e-12),
            ("pvalue", judged.p_values, 1e-8, 1e-300),
            ("phi", judged.dispersions, 1e-9, 0.0),
            ("mu0Vector", judged.baseline_means, 1e-9, 1e-15),
        ):
            of_r = read_column(rows, column)
            for chosen, tolerance in ((~is_empty, relative), (is_empty, 2e-3)):
                np.testing.assert_allclose(
                    ours[0, weeks][chosen],
                    of_r[chosen],
                    rtol=tolerance,
                    atol=absolute,
                    equal_nan=True,
                    err_msg=f"{dataset}, {unit}: {column}",
                )
        np.testing.assert_allclose(
            judged.trends[0, weeks][~is_empty], slopes[~is_empty], rtol=1e-9, equal_nan=True
        )
        is_alarm = read_column(rows, "alarm") == 1
        differing += [
            (dataset, unit, int(week) + 1) for week in weeks[judged.alarms[0, weeks] != is_alarm]
        ]
    assert tuple(differing) == DIFFERING_ALARMS
