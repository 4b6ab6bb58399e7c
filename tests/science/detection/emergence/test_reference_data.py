"""Real deaths and simulated outbreaks: what the method is judged by.

The targets stand in ../shared/design/signals.md.
"""

import csv
import gzip
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.science.detection.emergence import detect_emergences

pytestmark = pytest.mark.shared

EMERGING = (
    "xylazine", "acetylfentanyl", "para-fluorofentanyl", "flualprazolam", "U-47700",
    "furanylfentanyl", "carfentanil", "eutylone",
)  # fmt: skip
STABLE = ("cocaine", "heroin", "ethanol", "methadone", "oxycodone", "morphine")
TEST_WEEKS = slice(575, 624)
FALSE_POSITIVE_RATE = 0.0117
"""Of improved Farrington at alpha 0.01 on the same series."""


def read_deaths(shared: Path, substances: tuple[str, ...]) -> NDArray[np.int64]:
    path = shared / "data" / "deaths" / "connecticut_2012_2022.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    weeks = [date.fromisoformat(row["week"]) for row in rows]
    first = min(weeks)
    cells = Counter(
        (name, (week - first).days // 7)
        for row, week in zip(rows, weeks, strict=True)
        for name in set(row["substances"].split(";"))
    )
    n_weeks = (max(weeks) - first).days // 7 + 1
    return np.array([[cells[name, week] for week in range(n_weeks)] for name in substances])


def test_emerging_substances_are_told_at_the_first_and_by_the_third_death(shared: Path) -> None:
    counts = read_deaths(shared, EMERGING)
    found = detect_emergences(counts)
    first = [int(np.argmax(row > 0)) for row in counts]
    third = [int(np.argmax(np.cumsum(row) >= 3)) for row in counts]
    assert [np.flatnonzero(row).tolist() for row in found.first_detections] == [
        [week] for week in first
    ]
    assert [int(np.argmax(row)) for row in found.rises] == third
    # A second signal only for a new level: acetylfentanyl in 2017, para-fluorofentanyl in 2017
    # and 2021.
    assert found.rises.sum(axis=1).tolist() == [1, 2, 3, 1, 1, 1, 1, 1]


def test_stable_substances_rise_less_than_once_a_year_together(shared: Path) -> None:
    counts = read_deaths(shared, STABLE)
    assert detect_emergences(counts).rises.sum() <= counts.shape[1] / 52 / 2


def read_simulated(shared: Path, name: str) -> NDArray[np.int64]:
    path = shared / "data" / "detection" / "sim42" / f"{name}.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return np.loadtxt(stream, delimiter=",", skiprows=1, dtype=np.int64)


def test_more_outbreaks_are_seen_than_by_farrington_at_the_same_false_positive_rate(
    shared: Path,
) -> None:
    quiet, disturbed = read_simulated(shared, "base"), read_simulated(shared, "full")
    # Repetitions 4 to 6; 1 to 3 served to choose the constants.
    kept = quiet[:, 1] > 3
    outbreaks = read_simulated(shared, "outbreak")[kept, 2:][:, TEST_WEEKS] > 0
    scores = detect_emergences(quiet[kept, 2:]).scores[:, TEST_WEEKS]
    threshold = np.quantile(scores, 1 - FALSE_POSITIVE_RATE)
    alarms = detect_emergences(disturbed[kept, 2:]).scores[:, TEST_WEEKS] > threshold
    has_outbreak = outbreaks.any(axis=1)
    seen, seen_at_once = [], []
    for marks, truth in zip(alarms[has_outbreak], outbreaks[has_outbreak], strict=True):
        began, ended = np.flatnonzero(truth)[[0, -1]]
        seen.append(marks[began : ended + 1].any())
        seen_at_once.append(marks[began])
    # R's farringtonFlexible on the same series: 0.525 and 0.451.
    assert np.mean(seen) > 0.525 + 0.05
    assert np.mean(seen_at_once) > 0.451
