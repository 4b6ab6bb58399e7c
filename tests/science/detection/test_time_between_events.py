"""Time between events against hand arithmetic and its properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import MAXIMUM_COUNT
from tocsin.science.detection.time_between_events import (
    TimeBetweenEventsSettings,
    detect_time_between_events,
)
from tocsin.science.detection.uncertain_rates import VAGUE_PRIOR, GammaPrior

# With the first event the shape is 1 + 1, for easy arithmetic.
PRIOR = GammaPrior(1.0, 1.0)
HAND = TimeBetweenEventsSettings((1,), 9, 0.05, 2, prior=PRIOR)


def test_next_event_is_compared_with_the_rate_up_to_the_one_before() -> None:
    judged = detect_time_between_events(np.array([[0, 0, 1, 0, 1]]), HAND)
    assert judged.is_judged[0].tolist() == [False, False, False, True, True]
    # One event in three weeks, prior one in one: P(wait ≤ 2) = 1 − (4 / 6)².
    assert judged.p_values[0, 3:] == pytest.approx([1.0, 5 / 9])
    assert judged.exposures[0, 3:].tolist() == [1.0, 2.0]
    assert judged.statistics[0, 3:].tolist() == [0.0, 1.0]
    assert judged.expected[0, 3:] == pytest.approx([2 / 4, 2 * 2 / 4])
    # P(≥ n in 2 weeks) at shape 2, share 1/3: 1 − 4/9, then − 8/27, − 4/27, − 16/243: 0.045.
    assert judged.thresholds[0, 4] == 3.0
    assert (judged.method, judged.version, judged.settings) == ("time-between-events", "1", HAND)


def test_samples_examined_take_the_place_of_weeks() -> None:
    examined = np.array([[1, 1, 1, 0, 8]])
    judged = detect_time_between_events(np.array([[0, 0, 1, 0, 1]]), HAND, denominators=examined)
    assert judged.p_values[0, 4] == pytest.approx(1 - (4 / 12) ** 2)
    assert judged.exposures[0, 3:].tolist() == [0.0, 8.0]
    assert judged.expected[0, 3] == 0.0


def test_the_most_surprising_wait_is_told_with_all_waits_paid_for() -> None:
    settings = TimeBetweenEventsSettings((1, 2, 3), 9, 0.05, 2, prior=PRIOR)
    judged = detect_time_between_events(np.array([[0, 0, 1, 0, 0, 1, 2]]), settings)
    # Week 6. Two events since week 5: past 2 in 6, shape 3, rate 7, one week, share 1/8:
    # 1 − (7/8)³ (1 + 3/8) = 0.0789. Three since week 2: past 1 in 3, shape 2, rate 4, 4 weeks,
    # share 1/2: 1 − 1/4 − 1/4 − 3/16 = 0.3125.
    two = 1 - (7 / 8) ** 3 * (1 + 3 / 8)
    assert judged.statistics[0, 6] == 2.0
    assert judged.exposures[0, 6] == 1.0
    assert judged.p_values[0, 6] == pytest.approx(1 - (1 - two) ** 2)
    # Week 5 can only look at one wait.
    assert judged.p_values[0, 5] == pytest.approx(1 - (4 / 7) ** 2)


def test_wait_that_starts_too_early_is_not_looked_at() -> None:
    judged = detect_time_between_events(np.array([[1, 0, 1, 0, 1]]), HAND)
    assert judged.is_judged[0].tolist() == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("counts", "alarm_weeks"),
    [
        pytest.param([0] * 80, [], id="nothing ever seen"),
        pytest.param([0] * 60 + [MAXIMUM_COUNT], [], id="a first event has none before it"),
        pytest.param([7] * 80, [], id="steady"),
        pytest.param([1] * 80, [], id="one every week"),
        pytest.param([500], [], id="one week of history"),
        pytest.param([MAXIMUM_COUNT] * 40, [], id="steady at the greatest count"),
        # 1 − (301/303)^1.5 = 0.0099: just strange enough.
        pytest.param([0] * 300 + [1, 0, 1], [302], id="second event after two weeks"),
        pytest.param([0] * 300 + [1, 0, 0, 1], [], id="second event after three weeks"),
        pytest.param([0] * 300 + [1, 0, 0, 1, 0, 1], [305], id="third event in six weeks"),
        pytest.param([], [], id="no week"),
    ],
)
def test_edges_alarm_exactly_in_these_weeks(counts: list[int], alarm_weeks: list[int]) -> None:
    judged = detect_time_between_events(np.array([counts], dtype=np.int64))
    assert np.flatnonzero(judged.alarms[0]).tolist() == alarm_weeks


def test_more_testing_at_the_same_share_brings_no_event_closer() -> None:
    counts = np.array([([0] * 9 + [1]) * 20 + [3] * 8])
    assert detect_time_between_events(counts).alarms[0, 200:].any()
    examined = np.full_like(counts, 50)
    examined[0, 200:] = 1500
    assert not detect_time_between_events(counts, denominators=examined).alarms.any()


def test_false_alarms_under_an_unchanged_rate_stay_below_alpha() -> None:
    generator = np.random.default_rng(7)
    settings = TimeBetweenEventsSettings(maximum_events=99, alpha=0.01)
    for rate in (0.02, 0.1, 0.3, 0.8, 3.0):
        judged = detect_time_between_events(generator.poisson(rate, size=(400, 150)), settings)
        in_event_weeks = judged.alarms.sum() / (judged.statistics > 0).sum()
        assert in_event_weeks < 0.01


@pytest.mark.parametrize(
    "wrong",
    [
        {"waits": ()},
        {"waits": (0, 1)},
        {"waits": (3, 1)},
        {"maximum_events": 0},
        {"alpha": 1.0},
        {"minimum_past_weeks": 0},
        {"maximum_past_weeks": 12},
    ],
    ids=str,
)
def test_settings_that_contradict_each_other_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(DetectionInputError, match=next(iter(wrong))):
        TimeBetweenEventsSettings(**wrong)  # type: ignore[arg-type]


COUNTS = arrays(
    np.int64,
    st.tuples(st.integers(0, 3), st.integers(0, 40)),
    elements=st.one_of(st.just(0), st.integers(0, 2), st.integers(0, MAXIMUM_COUNT)),
)
SETTINGS = st.builds(
    TimeBetweenEventsSettings,
    waits=st.sampled_from([(1,), (1, 2, 3), (2, 5)]),
    maximum_events=st.integers(1, 9),
    alpha=st.sampled_from([0.001, 0.2]),
    minimum_past_weeks=st.integers(1, 6),
    maximum_past_weeks=st.integers(6, 30),
    prior=st.sampled_from([VAGUE_PRIOR, GammaPrior(0.1, 3.0)]),
)


@given(counts=COUNTS, settings=SETTINGS, with_denominators=st.booleans(), data=st.data())
def test_every_judged_week_has_numbers_that_agree_and_do_not_look_ahead(
    counts: np.ndarray,
    settings: TimeBetweenEventsSettings,
    with_denominators: bool,
    data: st.DataObject,
) -> None:
    denominators = np.minimum(counts * 2, MAXIMUM_COUNT) if with_denominators else None
    full = detect_time_between_events(counts, settings, denominators=denominators)
    where = full.is_judged
    names = ("expected", "thresholds", "statistics", "scores", "p_values", "exposures")
    for name in names:
        assert np.array_equal(np.isnan(getattr(full, name)), ~where)
    assert np.array_equal(full.alarms, full.statistics > full.thresholds)
    assert ((full.p_values[where] > 0) & (full.p_values[where] <= 1)).all()
    clear = where & (np.abs(full.p_values / settings.alpha - 1) > 1e-6)
    assert np.array_equal(full.alarms[clear], (full.p_values <= settings.alpha)[clear])
    until = data.draw(st.integers(0, counts.shape[1]))
    then = detect_time_between_events(
        counts[:, :until],
        settings,
        denominators=None if denominators is None else denominators[:, :until],
    )
    for name in (*names, "is_judged", "alarms"):
        whole, part = getattr(full, name), getattr(then, name)
        assert np.array_equal(part, whole[:, :until], equal_nan=True)


@given(counts=COUNTS)
def test_waits_start_where_the_definition_written_out_says(counts: np.ndarray) -> None:
    settings = TimeBetweenEventsSettings((2,), 5, minimum_past_weeks=1)
    judged = detect_time_between_events(counts, settings)
    for series, week in np.ndindex(*counts.shape):
        starts = np.flatnonzero(counts[series, :week])
        assert judged.is_judged[series, week] == (starts.size >= 2)
        if starts.size >= 2:
            assert judged.exposures[series, week] == week - starts[-2]
            since = min(5, counts[series, starts[-2] + 1 : week + 1].sum())
            assert judged.statistics[series, week] == (since if counts[series, week] else 0)


@given(counts=COUNTS.filter(lambda c: c.size > 0), more=st.integers(1, 50))
def test_more_events_in_the_last_week_are_never_less_strange(counts: np.ndarray, more: int) -> None:
    raised = counts.copy()
    raised[:, -1] = np.minimum(raised[:, -1] + more, MAXIMUM_COUNT)
    settings = TimeBetweenEventsSettings((1, 2, 3), minimum_past_weeks=1)
    before = detect_time_between_events(counts, settings)
    after = detect_time_between_events(raised, settings)
    where = before.is_judged[:, -1]
    # Rounding of the incomplete beta function near 1.
    assert (after.p_values[where, -1] <= before.p_values[where, -1] * (1 + 1e-9)).all()
