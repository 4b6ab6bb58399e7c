"""The measures by hand, R's table from R's own alarms, and the targets that ``emergence`` must keep."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy_deaths import (
    EMERGING,
    NAMED_STABLE,
    STABLE,
    WEEKS_A_YEAR,
    judge_deaths,
    mark_rises,
    read_deaths,
)
from benchmarks.accuracy_measures import Evidence, Measures, Outbreaks, measure
from benchmarks.accuracy_simulated import (
    PEER,
    RATE,
    REPORTED,
    judge_simulation,
    read_r_results,
    read_simulation,
)

# Two series of five weeks. The first one's outbreak has cases in weeks 1 and 3 and is alarmed in
# week 2, between them; the second has none and is alarmed once in week 0.
TRUTH = Outbreaks(
    np.array([[False, True, False, True, False], [False] * 5]), np.array([3, 5], dtype=np.int64)
)
FULL = np.array([[0.0, 1.0, 9.0, 2.0, 0.0], [8.0, 0.0, 0.0, 0.0, np.nan]])
BASE = np.array([[0.0, 1.0, 4.0, 2.0, 0.0], [8.0, 0.0, 0.0, 0.0, np.nan]])


def test_measures_are_those_of_hand_arithmetic() -> None:
    evidence = Evidence(FULL > 5, BASE > 5, FULL, BASE, ~np.isnan(BASE))

    assert measure(evidence, TRUTH) == Measures(
        false_positive_rate=1 / 9,
        detection=1.0,
        first_week=0.0,
        sensitivity=0.0,
        specificity=1 - 2 / 7,
        predictive_value=0.0,
        f1=0.0,
        by_size=(1.0, 0.0, 0.0),
    )


@pytest.mark.parametrize(
    ("rate", "alarms"),
    [(0.0, [(0, 2)]), (0.1, [(0, 2), (1, 0)]), (0.2, [(0, 2), (1, 0)])],
)
def test_a_matched_threshold_never_exceeds_its_rate_on_base(
    rate: float, alarms: list[tuple[int, int]]
) -> None:
    evidence = Evidence(FULL > 0, BASE > 0, FULL, BASE, ~np.isnan(BASE)).at_rate(rate)

    assert list(zip(*np.nonzero(evidence.full_alarms), strict=True)) == alarms
    assert evidence.base_alarms.mean() <= rate


@pytest.mark.shared
def test_the_design_s_table_comes_out_of_r_s_own_alarms(shared: Path) -> None:
    folder = shared / "data/detection/sim42"
    _base, _full, truth, keys = read_simulation(folder)

    found = measure(read_r_results(folder, keys)[PEER], truth)

    table = [.0117, .552, .476, .286, .992, .680, .403, .16, .61, .85]  # fmt: skip
    assert [
        found.false_positive_rate, found.detection, found.first_week, found.sensitivity,
        found.specificity, found.predictive_value, found.f1, *found.by_size,
    ] == pytest.approx(table, abs=0.005)  # fmt: skip


@pytest.mark.shared
def test_emergence_finds_more_outbreaks_than_farrington_at_the_same_false_alarms(
    shared: Path,
) -> None:
    folder = shared / "data/detection/sim42"
    base, full, truth, keys = read_simulation(folder)
    chosen = np.flatnonzero(np.isin([rep for _scenario, rep in keys], REPORTED))
    truth = truth.take(chosen)

    peer = measure(read_r_results(folder, keys)[PEER].take(chosen).at_rate(RATE), truth)
    ours = measure(judge_simulation("emergence", base[chosen], full[chosen]).at_rate(RATE), truth)

    assert ours.false_positive_rate <= RATE
    assert ours.detection >= peer.detection + 0.05
    assert ours.first_week > peer.first_week


@pytest.mark.shared
def test_emergence_tells_a_rise_by_the_third_death_and_is_quiet_on_what_is_known(
    shared: Path,
) -> None:
    deaths = read_deaths(shared / "data/deaths/connecticut_2012_2022.csv.gz")
    judged = judge_deaths(deaths, "emergence", {})
    rises = mark_rises(judged, deaths.counts)

    firsts = [deaths.find_week_of_death(name, 1) for name in EMERGING]
    thirds = [deaths.find_week_of_death(name, 3) for name in EMERGING]
    rows = [deaths.rows[name] for name in EMERGING]
    told = [np.flatnonzero(rises[row]) for row in rows]
    assert [np.flatnonzero(judged.first_detections[row]).tolist() for row in rows] == [  # type: ignore[attr-defined]
        [first] for first in firsts
    ]
    in_time = [
        bool(((weeks > first) & (weeks <= third)).any())
        for weeks, first, third in zip(told, firsts, thirds, strict=True)
    ]
    assert sum(in_time) >= 7
    false_rises = sum(int(rises[deaths.rows[name]].sum()) for name in STABLE[:NAMED_STABLE])
    assert false_rises / (len(deaths.weeks) / WEEKS_A_YEAR) <= 1
