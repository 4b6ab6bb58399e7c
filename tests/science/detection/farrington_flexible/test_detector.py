from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies
from numpy.typing import NDArray

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import MAXIMUM_COUNT
from tocsin.science.detection.farrington_flexible import (
    IMPROVED,
    ORIGINAL,
    FarringtonJudgements,
    FarringtonSettings,
    detect_farrington,
)
from tocsin.science.detection.farrington_flexible.detector import _SERIES_WEEKS_PER_CHUNK

SMALL = FarringtonSettings(
    b=3, w=1, no_periods=3, past_weeks_not_included=2, limit54=(0, 4), threshold_method="nb_plugin",
    p_threshold_trend=1.0, alpha=0.01,
)  # fmt: skip
FIELDS = (
    "alarms", "expected", "thresholds", "scores", "p_values", "dispersions", "baseline_means",
    "has_trends", "trends", "has_enough_cases", "statistics", "is_judged",
)  # fmt: skip


def make_counts(n_series: int, n_months: int = 60) -> NDArray[np.int64]:
    return np.random.default_rng(3).negative_binomial(2, 0.4, size=(n_series, n_months))


def assert_same(first: FarringtonJudgements, second: FarringtonJudgements, columns: Any) -> None:
    for field in FIELDS:
        np.testing.assert_array_equal(
            getattr(first, field)[:, columns], getattr(second, field), err_msg=field
        )


def test_a_first_case_after_years_of_none_is_an_alarm() -> None:
    counts = np.zeros((1, 300), dtype=np.uint8)
    counts[0, 290] = 1
    judged = detect_farrington(counts, replace(IMPROVED, limit54=(0, 4)), weeks=range(289, 292))
    assert judged.alarms.tolist() == [[False, True, False]]
    assert judged.thresholds.tolist() == [[0.0, 0.0, 0.0]]


def test_ten_years_of_none_still_let_a_first_case_be_an_alarm() -> None:
    # R's 25 steps do not settle here and it gives no answer.
    counts = np.zeros((1, 560), dtype=np.uint8)
    counts[0, 559] = 1
    judged = detect_farrington(
        counts, replace(IMPROVED, b=10, limit54=(0, 4)), weeks=range(559, 560)
    )
    assert judged.alarms.tolist() == [[True]]


def test_too_few_cases_of_late_take_threshold_and_alarm_away() -> None:
    counts = np.zeros((1, 40), dtype=np.int32)
    counts[0, 39] = 3
    for limit, has in (((4, 4), False), ((3, 4), True), ((3, 100), True)):
        judged = detect_farrington(
            counts, replace(SMALL, limit54=limit), frequency=12, weeks=slice(39, None)
        )
        assert judged.has_enough_cases.tolist() == judged.alarms.tolist() == [[has]]
        assert np.isnan(judged.thresholds).tolist() == [[not has]]
        assert np.isnan(judged.expected).tolist() == [[not has]]
        assert np.isfinite(judged.scores).all() and judged.is_judged.all()


def test_weeks_without_a_past_are_not_judged() -> None:
    judged = detect_farrington(make_counts(1, 40), SMALL, frequency=12)
    assert judged.is_judged[0].nonzero()[0].tolist() == [36, 37, 38, 39]
    assert np.isnan(judged.thresholds[0, :36]).all() and not judged.alarms[0, :36].any()
    assert judged.weeks.tolist() == list(range(40))
    assert (judged.method, judged.settings) == ("farrington-flexible", SMALL)


def test_weeks_can_be_chosen() -> None:
    counts = make_counts(3)
    whole = detect_farrington(counts, SMALL, frequency=12)
    chosen = detect_farrington(counts, SMALL, frequency=12, weeks=range(58, 30, -4))
    assert chosen.weeks.tolist() == [34, 38, 42, 46, 50, 54, 58]
    assert_same(whole, chosen, chosen.weeks)


@settings(max_examples=8)
@given(strategies.integers(37, 60))
def test_a_prefix_is_judged_as_the_whole(n_months: int) -> None:
    counts = make_counts(2)
    dates = (np.datetime64("2015-01", "M") + np.arange(60)).astype("datetime64[D]")
    whole = detect_farrington(counts, SMALL, frequency=12, dates=dates, by_date=True)
    part = detect_farrington(
        counts[:, :n_months], SMALL, frequency=12, dates=dates[:n_months], by_date=True
    )
    assert_same(whole, part, slice(0, n_months))


def test_many_series_in_threads_are_judged_as_each_alone() -> None:
    counts = np.tile(make_counts(30), (1 + _SERIES_WEEKS_PER_CHUNK // 30, 1))
    population = np.arange(1, 61) + np.arange(counts.shape[0])[:, None]
    setting = replace(SMALL, population_offset=True)
    whole = detect_farrington(
        counts, setting, frequency=12, population=population, weeks=range(59, 60)
    )
    for series in (0, 29, 30, counts.shape[0] - 1):
        alone = detect_farrington(
            counts[series : series + 1],
            setting,
            frequency=12,
            population=population[series : series + 1],
            weeks=range(59, 60),
        )
        for field in FIELDS:
            np.testing.assert_array_equal(
                getattr(whole, field)[series], getattr(alone, field)[0], err_msg=field
            )


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int8, np.int32, np.int64, np.float64])
def test_the_type_of_the_counts_changes_nothing(dtype: type[np.generic]) -> None:
    counts = make_counts(2)
    expected = detect_farrington(counts, SMALL, frequency=12)
    assert_same(expected, detect_farrington(counts.astype(dtype), SMALL, frequency=12), slice(None))


def test_population_shared_by_all_series_is_that_of_each() -> None:
    counts, people = make_counts(2), np.linspace(100, 300, 60)
    setting = replace(SMALL, population_offset=True)
    shared = detect_farrington(counts, setting, frequency=12, population=people)
    each = detect_farrington(counts, setting, frequency=12, population=np.tile(people, (2, 1)))
    assert_same(shared, each, slice(None))


def test_a_uniform_population_changes_nothing_but_rounding() -> None:
    counts = make_counts(2)
    setting = replace(SMALL, population_offset=True)
    alone = detect_farrington(counts, SMALL, frequency=12)
    offset = detect_farrington(counts, setting, frequency=12, population=np.full(60, 700.0))
    np.testing.assert_allclose(alone.baseline_means, offset.baseline_means, rtol=1e-6)


@pytest.mark.parametrize(
    "series",
    [
        pytest.param(np.zeros(200), id="all zeros"),
        pytest.param(np.eye(1, 200, 199)[0], id="one case, now"),
        pytest.param(np.eye(1, 200, 120)[0], id="one case, in the past"),
        pytest.param(np.eye(1, 200, 199)[0] * MAXIMUM_COUNT, id="none, then the greatest count"),
        pytest.param(np.eye(1, 200, 120)[0] * MAXIMUM_COUNT, id="the greatest count, then none"),
        pytest.param(np.full(200, 7.0), id="constant"),
        pytest.param(np.full(200, float(MAXIMUM_COUNT)), id="constant at the greatest count"),
        pytest.param(np.round(np.exp(np.linspace(-9, 27.6, 200))), id="explosive growth"),
        pytest.param(np.round(np.exp(np.linspace(27.6, -9, 200))), id="collapse"),
        pytest.param(np.arange(200) % 2 * 1e12, id="every other week the greatest count"),
        pytest.param(np.eye(1, 200, 40)[0] * 1e12 + np.eye(1, 200, 150)[0], id="far apart"),
    ],
)
@pytest.mark.parametrize(
    "setting",
    [
        pytest.param(replace(IMPROVED, b=3, limit54=(0, 4)), id="improved"),
        pytest.param(replace(ORIGINAL, b=3, limit54=(0, 4)), id="original"),
        pytest.param(
            replace(IMPROVED, b=3, limit54=(0, 4), p_threshold_trend=0.05, alpha=0.5), id="median"
        ),
        pytest.param(
            replace(ORIGINAL, b=3, limit54=(0, 4), power_trans="none", alpha=0.5, trend=False),
            id="median of the original",
        ),
    ],
)
def test_odd_series_have_an_answer(
    series: NDArray[np.float64], setting: FarringtonSettings
) -> None:
    judged = detect_farrington(series[None, :], setting, weeks=range(198, 200))
    assert judged.is_judged.all()
    for field in ("expected", "thresholds", "p_values", "dispersions"):
        assert np.isfinite(getattr(judged, field)).all(), field
    assert not np.isnan(judged.scores).any() and not np.isnan(judged.baseline_means).any()
    np.testing.assert_array_equal(judged.alarms, series[None, 198:] > judged.thresholds)
    assert ((judged.p_values >= 0) & (judged.p_values <= 1)).all()


def test_a_limit_beyond_all_numbers_is_no_threshold_as_in_r() -> None:
    muan = replace(IMPROVED, b=3, limit54=(0, 4), threshold_method="muan")
    judged = detect_farrington(np.zeros((1, 200), dtype=np.int32), muan, weeks=range(199, 200))
    assert np.isinf(judged.baseline_means).all()
    assert np.isnan([judged.expected, judged.thresholds, judged.scores, judged.p_values]).all()
    assert judged.is_judged.all() and not judged.alarms.any()


def test_great_counts_with_few_of_late_have_no_threshold() -> None:
    counts = np.full((1, 60), 10**9)
    counts[0, 55:] = 0
    limited = detect_farrington(
        counts, replace(SMALL, limit54=(1, 4)), frequency=12, weeks=range(59, 60)
    )
    assert np.isnan(limited.thresholds).all() and limited.p_values.tolist() == [[1.0]]


@pytest.mark.parametrize("shape", [(0, 200), (3, 0), (0, 0), (2, 1)])
def test_no_series_no_weeks_and_one_week_are_judged_nowhere(shape: tuple[int, int]) -> None:
    judged = detect_farrington(np.zeros(shape, dtype=np.int32), IMPROVED)
    assert judged.alarms.shape == judged.thresholds.shape == shape
    assert not judged.is_judged.any()


def test_a_past_no_longer_than_its_levels_is_not_judged() -> None:
    setting = replace(SMALL, b=1, w=0, no_periods=12, past_weeks_not_included=0)
    judged = detect_farrington(make_counts(1, 13), setting, frequency=12, weeks=range(12, 13))
    assert judged.is_judged.tolist() == [[False]] and np.isnan(judged.p_values).all()
    # The same with three years of which only the first is left.
    setting = replace(setting, b=3, past_weeks_not_included=24)
    judged = detect_farrington(make_counts(1, 37), setting, frequency=12, weeks=range(36, 37))
    assert judged.is_judged.tolist() == [[False]]


def test_a_population_out_of_all_proportion_is_not_judged() -> None:
    counts = np.full((1, 40), 100)
    population = np.ones(40)
    counts[0, 20], population[20] = 0, 1.7e308
    setting = replace(SMALL, population_offset=True)
    judged = detect_farrington(
        counts, setting, frequency=12, population=population, weeks=range(39, 40)
    )
    assert judged.is_judged.tolist() == judged.alarms.tolist() == [[False]]
    assert np.isnan(judged.thresholds).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"counts": np.array([[0, -1]])}, "series 0, week 1: found -1 in counts"),
        ({"counts": np.array([[0, 10**13]])}, "series 0, week 1: found 10000000000000"),
        ({"counts": np.array([[0, 1.5]])}, "series 0, week 1: found 1.5"),
        ({"counts": np.array([0, 1])}, "expected 2, "),
        ({"frequency": 365}, "frequency: found 365; expected 52 or 12"),
        ({"by_date": True}, "dates: none given"),
        ({"weeks": range(0, 41)}, "expected positions below 40"),
        ({"weeks": range(-1, 2)}, "expected positions below 40"),
    ],
)
def test_what_no_method_can_work_on_is_refused(arguments: dict[str, Any], message: str) -> None:
    given = {"counts": np.zeros((1, 40), dtype=np.int32), **arguments}
    with pytest.raises(DetectionInputError, match=message):
        detect_farrington(given.pop("counts"), **given)


@pytest.mark.parametrize(
    ("population", "message"),
    [
        (None, "population: none given"),
        (np.ones((2, 60)), r"population: found shape \(2, 60\); expected \(1, 60\) or \(60,\)"),
        (np.zeros(60), "^week 0: found population 0.0"),
        (
            np.where(np.arange(60) == 5, np.nan, 1.0)[None],
            "^series 0, week 5: found population nan",
        ),
    ],
)
def test_a_population_that_is_no_offset_is_refused(population: Any, message: str) -> None:
    setting = replace(SMALL, population_offset=True)
    with pytest.raises(DetectionInputError, match=message):
        detect_farrington(make_counts(1), setting, frequency=12, population=population)
