"""One first detection, one rise, then quiet; known series, properties and degenerate input."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import MAXIMUM_COUNT
from tocsin.science.detection.emergence import (
    EmergenceJudgements,
    EmergenceSettings,
    detect_emergences,
)

ARRAYS = (
    "is_judged", "alarms", "expected", "thresholds", "statistics", "scores", "p_values",
    "first_detections", "rises", "evidence", "window_weeks", "window_counts", "window_expected",
    "window_p_values",
)  # fmt: skip


def make_series(weeks: int, cases: dict[int, int]) -> NDArray[np.int64]:
    counts = np.zeros((1, weeks), dtype=np.int64)
    for week, count in cases.items():
        counts[0, week] = count
    return counts


def list_weeks(marks: NDArray[np.bool_]) -> list[int]:
    return [int(week) for week in np.flatnonzero(marks[0])]


def test_a_new_substance_is_told_at_the_first_and_at_the_third_case() -> None:
    found = detect_emergences(make_series(420, {375: 1, 377: 1, 379: 1, 380: 1, 382: 2, 390: 1}))
    assert list_weeks(found.first_detections) == [375]
    assert list_weeks(found.rises) == [379]
    assert list_weeks(found.alarms) == [375, 379]
    assert found.window_counts[0, 379] == 3
    assert found.window_p_values[0, 379] < 1e-3


def test_cases_years_apart_are_no_rise() -> None:
    found = detect_emergences(make_series(520, {100: 1, 230: 1, 400: 1}))
    assert list_weeks(found.rises) == []


def test_three_cases_in_the_first_half_year_of_looking_are_no_rise() -> None:
    found = detect_emergences(make_series(60, {3: 1, 9: 1, 14: 1}))
    assert list_weeks(found.first_detections) == [3]
    assert list_weeks(found.rises) == []


def test_a_rise_after_a_quiet_half_year_is_a_new_one() -> None:
    settings = EmergenceSettings()
    cases = {200: 4, 202: 5, 330: 6, 331: 6}
    found = detect_emergences(make_series(420, cases), settings)
    assert list_weeks(found.rises) == [200, 330]


def test_a_rise_that_goes_on_is_told_again_only_at_a_new_level() -> None:
    steady = dict.fromkeys(range(200, 330, 2), 1)
    found = detect_emergences(make_series(400, steady))
    assert len(list_weeks(found.rises)) == 1
    explosive = steady | dict.fromkeys(range(280, 330), 30)
    again = list_weeks(detect_emergences(make_series(400, explosive)).rises)
    assert len(again) == 2
    assert 280 <= again[1] <= 290


def test_a_rise_in_testing_is_no_rise_of_the_substance() -> None:
    chance = np.random.default_rng(5)
    tested = np.full((1, 300), 40)
    tested[0, 250:] = 160
    counts = chance.binomial(tested, 0.05)
    alone = detect_emergences(counts)
    with_denominators = detect_emergences(counts, denominators=tested)
    assert [week for week in list_weeks(alone.rises) if week >= 250]
    assert list_weeks(with_denominators.rises) == []


def test_weeks_without_examination_are_not_judged() -> None:
    tested = np.full((2, 80), 10)
    tested[0, 60:64] = 0
    tested[1] = 0
    counts = np.zeros((2, 80), dtype=int)
    counts[0, 70] = 3
    found = detect_emergences(counts, denominators=tested)
    assert not found.is_judged[0, 60:64].any()
    assert found.is_judged[0, 64:].all()
    assert not found.is_judged[1].any()
    assert np.isnan(found.scores[0, 61])


def test_old_evidence_is_no_news() -> None:
    counts = make_series(220, {200: 6})
    told_once = detect_emergences(counts)
    always = detect_emergences(counts, EmergenceSettings(novelty_weeks=0))
    assert told_once.scores[0, 200] == always.scores[0, 200] > 2.4
    assert told_once.scores[0, 201] < -100 < always.scores[0, 201]
    assert told_once.p_values[0, 201] == 1.0


def test_judging_series_in_chunks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = np.random.default_rng(8).poisson(0.3, size=(7, 120))
    whole = detect_emergences(counts, denominators=counts + 5)
    monkeypatch.setattr("tocsin.science.detection.emergence.detector._SERIES_PER_CHUNK", 3)
    assert_equal(whole, detect_emergences(counts, denominators=counts + 5))


SERIES = arrays(
    np.int64,
    st.tuples(st.integers(1, 3), st.integers(1, 90)),
    elements=st.sampled_from([0, 0, 0, 1, 2, 50]),
)


@settings(max_examples=25)
@given(counts=SERIES, share=st.floats(0, 1))
def test_nothing_later_than_a_week_enters_its_judgement(
    counts: NDArray[np.int64], share: float
) -> None:
    weeks = int(share * counts.shape[1])
    part, whole = detect_emergences(counts[:, :weeks]), detect_emergences(counts)
    for name in ARRAYS:
        np.testing.assert_allclose(
            getattr(part, name), getattr(whole, name)[:, :weeks], rtol=1e-9, err_msg=name
        )


@settings(max_examples=25)
@given(counts=SERIES)
def test_every_judgement_is_a_number_in_its_range(counts: NDArray[np.int64]) -> None:
    found = detect_emergences(counts)
    assert_defined(found)
    assert (found.first_detections.sum(axis=1) == (counts.sum(axis=1) > 0)).all()
    assert not (found.rises & (counts == 0)).any()


@pytest.mark.parametrize(
    "counts",
    [
        pytest.param(np.zeros((2, 400), dtype=int), id="all zeros"),
        pytest.param(make_series(400, {200: 1}), id="one case"),
        pytest.param(make_series(400, {399: 10**6}), id="zeros and one large count"),
        pytest.param(np.full((1, 400), 7), id="constant"),
        pytest.param(np.full((1, 400), MAXIMUM_COUNT - 1), id="constant at the greatest count"),
        pytest.param((2 ** np.minimum(np.arange(200) // 4, 39))[None, :], id="explosive growth"),
        pytest.param(np.array([[3]]), id="one week"),
        pytest.param(np.zeros((0, 30), dtype=int), id="no series"),
        pytest.param(np.zeros((3, 0), dtype=int), id="no weeks"),
    ],
)
def test_degenerate_series_have_a_defined_answer(counts: NDArray[Any]) -> None:
    found = detect_emergences(counts)
    assert found.alarms.shape == counts.shape
    assert_defined(found)
    assert_defined(detect_emergences(counts, denominators=counts + 1))


def test_no_weeks_with_denominators_are_no_error() -> None:
    nothing = np.zeros((3, 0), dtype=int)
    assert detect_emergences(nothing, denominators=nothing).alarms.shape == (3, 0)


def test_what_is_no_count_is_named() -> None:
    with pytest.raises(DetectionInputError, match="series 0, week 2: found -1 in counts"):
        detect_emergences(np.array([[0, 1, -1]]))
    with pytest.raises(DetectionInputError, match="series 0, week 1: found 4 positive among 3"):
        detect_emergences(np.array([[0, 4]]), denominators=np.array([[1, 3]]))


def assert_defined(found: EmergenceJudgements) -> None:
    judged = found.is_judged
    for name in ("expected", "thresholds", "statistics", "scores", "p_values", "evidence"):
        values = getattr(found, name)
        assert np.isfinite(values[judged]).all(), name
        assert np.isnan(values[~judged]).all(), name
    assert ((found.window_p_values >= 0) & (found.window_p_values <= 1)).all()
    assert ((found.p_values[judged] >= 0) & (found.p_values[judged] <= 1)).all()


def assert_equal(one: EmergenceJudgements, other: EmergenceJudgements) -> None:
    for name in ARRAYS:
        np.testing.assert_allclose(
            getattr(one, name), getattr(other, name), rtol=1e-9, err_msg=name
        )
