"""EARS against R's earsC, hand arithmetic and its properties."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import MAXIMUM_COUNT
from tocsin.science.detection.ears import EarsSettings, detect_ears
from tocsin.science.detection.judgements import Judgements

REFERENCE = Path(__file__).parent / "ears_reference.csv"


def assert_same_as_r(judged: Judgements, rows: Iterable[tuple[int, str, str]]) -> int:
    """Rows: week, R's upper bound and alarm; R's NA, written empty, is an infinite threshold."""
    compared = 0
    for week, upper, alarm in rows:
        threshold = judged.thresholds[0, week]
        if upper == "":
            assert np.isinf(threshold)
        else:
            assert threshold == pytest.approx(float(upper), rel=1e-9, abs=1e-12)
        assert judged.alarms[0, week] == (alarm == "1")
        assert judged.is_judged[0, week]
        compared += 1
    return compared


def build_settings(row: Mapping[str, str], *, baseline: str, minimum: str) -> EarsSettings:
    return EarsSettings(
        row["variant"],  # type: ignore[arg-type]
        int(row[baseline]),
        float(row[minimum]),
        float(row["alpha"]),
    )


def test_thresholds_and_alarms_are_those_of_r_on_made_up_series() -> None:
    groups = defaultdict(list)
    counts: dict[str, dict[int, int]] = defaultdict(dict)
    with REFERENCE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            settings = build_settings(row, baseline="baseline_weeks", minimum="minimum_sigma")
            groups[row["series"], settings].append(
                (int(row["week"]), row["threshold"], row["alarm"])
            )
            counts[row["series"]][int(row["week"])] = int(row["count"])
    # The first four weeks are only ever baseline, so the file does not hold them.
    begins = {
        "rising": [2, 0, 1, 3],
        "sparse": [0, 0, 0, 0],
        "constant": [4, 4, 4, 4],
        "dense": [120, 98, 131, 104],
    }
    compared = 0
    for (series, settings), rows in groups.items():
        values = begins[series] + [counts[series][week] for week in range(4, 18)]
        judged = detect_ears(np.array([values]), settings)
        compared += assert_same_as_r(judged, rows)
        assert np.flatnonzero(judged.is_judged[0]).tolist() == [week for week, *_rest in rows]
    assert compared == 360


@pytest.mark.shared
def test_thresholds_and_alarms_are_those_of_r_on_every_series_given(shared: Path) -> None:
    counts: dict[tuple[str, str], list[int]] = defaultdict(list)
    with gzip.open(shared / "data/detection/series.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            counts[row["dataset"], row["unit"]].append(int(row["observed"]))
    groups = defaultdict(list)
    with gzip.open(shared / "data/detection/ears.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            row["variant"] = row["method"]
            settings = build_settings(row, baseline="baseline", minimum="minSigma")
            groups[row["dataset"], row["unit"], settings].append(
                (int(row["k"]) - 1, row["upperbound"], row["alarm"])
            )
    compared = 0
    for (dataset, unit, settings), rows in groups.items():
        judged = detect_ears(np.array([counts[dataset, unit]]), settings)
        compared += assert_same_as_r(judged, rows)
    assert compared > 90_000


def test_c1_and_c2_score_the_distance_from_the_baseline_in_its_sd() -> None:
    counts = np.array([[1, 3, 2, 4, 8, 5]])
    c1 = detect_ears(counts, EarsSettings("C1", baseline_weeks=3))
    # Weeks 3 to 5: past 1 3 2, 3 2 4 and 2 4 8: means 2, 3, 14/3, SD 1, 1, sqrt(28/3).
    assert c1.expected[0, 3:].tolist() == [2.0, 3.0, pytest.approx(14 / 3)]
    assert c1.scores[0, 3:] == pytest.approx([2.0, 5.0, (5 - 14 / 3) / (28 / 3) ** 0.5])
    # One minus the normal distribution at 2 and at 5, from printed tables.
    assert c1.p_values[0, 3:5] == pytest.approx([0.02275, 2.8665e-7], rel=1e-4)
    c2 = detect_ears(counts, EarsSettings("C2", baseline_weeks=3))
    assert c2.scores[0, 5:].tolist() == [3.0]
    assert (c1.method, c2.method, c1.version) == ("ears-c1", "ears-c2", "1")


def test_c3_adds_what_the_two_weeks_before_exceeded_one_sd() -> None:
    # C2 with three weeks: week 5 is (5 − 2) / 1, week 6 (4 − 3) / 1; what exceeds 1 is 2 and 0.
    judged = detect_ears(np.array([[1, 3, 2, 4, 3, 5, 4, 1]]), EarsSettings("C3", baseline_weeks=3))
    assert judged.scores[0].tolist()[7:] == [2.0]
    # Baseline of week 7: 2 4 3, SD 1; its bound 1 + 1 × (1.959964 − 2).
    assert judged.thresholds[0, 7] == pytest.approx(1 - 0.040036, abs=1e-6)
    assert judged.alarms[0, 7]
    assert judged.method == "ears-c3"


def test_constant_past_makes_any_other_count_strange_and_orders_them() -> None:
    judged = detect_ears(np.array([[4] * 7 + [4], [4] * 7 + [5], [4] * 7 + [6], [4] * 7 + [3]]))
    assert judged.scores[:, 7] == pytest.approx([0, 1000, 2000, -1000])
    assert judged.alarms[:, 7].tolist() == [False, True, True, False]
    assert judged.thresholds[:, 7].tolist() == [4.0] * 4
    assert judged.p_values[:, 7] == pytest.approx([0.5, 0, 0, 1])


def test_alpha_left_out_is_that_of_r() -> None:
    assert [EarsSettings(variant).level for variant in ("C1", "C2", "C3")] == [0.001, 0.001, 0.025]
    assert EarsSettings("C3", alpha=0.2).level == 0.2


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"variant": "C4"}, "variant is C4"),
        ({"baseline_weeks": 2}, "baseline_weeks is 2"),
        ({"minimum_sigma": -0.5}, "minimum_sigma is -0.5"),
        ({"minimum_sigma": float("inf")}, "minimum_sigma is inf"),
        ({"alpha": 0.0}, "alpha is 0"),
        ({"alpha": float("nan")}, "alpha is nan"),
    ],
    ids=str,
)
def test_settings_outside_their_range_are_refused(wrong: dict[str, str], message: str) -> None:
    with pytest.raises(DetectionInputError, match=message):
        EarsSettings(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(0, 30), (2, 0), (2, 7)], ids=str)
def test_too_short_or_no_series_is_not_judged(shape: tuple[int, int]) -> None:
    judged = detect_ears(np.zeros(shape, dtype=np.int64))
    assert judged.alarms.shape == shape
    assert not judged.is_judged[:, :7].any()


def test_what_is_not_a_count_is_refused() -> None:
    with pytest.raises(DetectionInputError, match="series 0, week 1"):
        detect_ears(np.array([[0, -1]]))


COUNTS = arrays(
    np.int64,
    st.tuples(st.integers(0, 4), st.integers(0, 30)),
    elements=st.one_of(st.integers(0, 3), st.integers(0, MAXIMUM_COUNT)),
)
SETTINGS = st.builds(
    EarsSettings,
    variant=st.sampled_from(["C1", "C2", "C3"]),
    baseline_weeks=st.integers(3, 9),
    minimum_sigma=st.sampled_from([0.0, 0.5]),
    alpha=st.sampled_from([None, 0.01, 0.3]),
)


@given(counts=COUNTS, settings=SETTINGS)
def test_every_judged_week_has_numbers_that_agree(
    counts: np.ndarray, settings: EarsSettings
) -> None:
    judged = detect_ears(counts, settings)
    where = judged.is_judged
    assert not where[:, : settings.first_judged_week].any()
    assert where[:, settings.first_judged_week :].all()
    assert np.array_equal(judged.statistics[where], counts[where])
    assert np.isfinite(judged.scores[where]).all()
    assert np.isfinite(judged.expected[where]).all()
    for values in (judged.expected, judged.thresholds, judged.scores, judged.p_values):
        assert np.array_equal(np.isnan(values), ~where)
    assert np.array_equal(judged.alarms[where], (counts > judged.thresholds)[where])
    # On the very edge of alpha the two roundings may part.
    clear = where & (np.abs(judged.p_values / settings.level - 1) > 1e-6)
    assert np.array_equal(judged.alarms[clear], (judged.p_values < settings.level)[clear])


@given(counts=COUNTS, settings=SETTINGS, data=st.data())
def test_nothing_later_than_a_week_changes_what_is_said_of_it(
    counts: np.ndarray, settings: EarsSettings, data: st.DataObject
) -> None:
    until = data.draw(st.integers(0, counts.shape[1]))
    full, then = detect_ears(counts, settings), detect_ears(counts[:, :until], settings)
    for name in ("is_judged", "alarms", "expected", "thresholds", "scores", "p_values"):
        whole, part = getattr(full, name), getattr(then, name)
        assert np.array_equal(part, whole[:, :until], equal_nan=True)


@given(counts=COUNTS.filter(lambda c: c.size > 0), more=st.integers(1, 50), settings=SETTINGS)
def test_more_cases_in_the_last_week_are_never_less_strange(
    counts: np.ndarray, more: int, settings: EarsSettings
) -> None:
    raised = counts.copy()
    raised[:, -1] = np.minimum(raised[:, -1] + more, MAXIMUM_COUNT)
    before, after = detect_ears(counts, settings), detect_ears(raised, settings)
    where = before.is_judged[:, -1]
    assert (after.scores[where, -1] >= before.scores[where, -1]).all()
    assert (after.p_values[where, -1] <= before.p_values[where, -1]).all()


def test_more_series_than_one_chunk_holds_are_judged_alike() -> None:
    counts = np.tile(np.array([[0, 1, 0, 2, 1, 1, 2, 9]]), (600, 1))
    assert detect_ears(counts).alarms[:, 7].all()
