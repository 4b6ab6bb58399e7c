"""The CUSUM against hand arithmetic and its properties."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import MAXIMUM_COUNT
from tocsin.science.detection.cusum import CusumSettings, detect_cusum
from tocsin.science.detection.uncertain_rates import VAGUE_PRIOR, GammaPrior

LN2 = math.log(2)
# Prior and two empty weeks: a rate of 1 / 3.
HAND = CusumSettings(
    guard_weeks=0, minimum_past_weeks=2, maximum_past_weeks=2, prior=GammaPrior(1.0, 1.0)
)


def test_sum_is_the_evidence_of_the_weeks_and_starts_anew_after_an_alarm() -> None:
    judged = detect_cusum(np.array([[0, 0, 2, 0, 9, 1]]), HAND)
    assert judged.is_judged[0].tolist() == [False] * 2 + [True] * 4
    # Rates: 1/3, then 3/3 (past 0 2), 3/3 (2 0) and 10/3 (0 9); twice the rate deducts the rate.
    assert judged.expected[0, 2:] == pytest.approx([1 / 3, 1, 1, 10 / 3])
    second = 2 * LN2 - 1 / 3
    third = max(0.0, second - 1)
    assert judged.statistics[0, 2:] == pytest.approx([second, third, third + 9 * LN2 - 1, 0.0])
    assert judged.alarms[0].tolist() == [False] * 4 + [True, False]
    assert judged.p_values[0, 2] == pytest.approx(math.exp(1 / 3) / 4)
    assert (judged.method, judged.version, judged.settings) == ("cusum", "1", HAND)


def test_guard_band_is_not_past() -> None:
    settings = CusumSettings(guard_weeks=2, minimum_past_weeks=2, prior=GammaPrior(1.0, 1.0))
    judged = detect_cusum(np.array([[0, 0, 9, 9, 1]]), settings)
    assert np.isnan(judged.expected[0, :4]).all()
    assert judged.expected[0, 4] == pytest.approx(1 / 3)


def test_positives_among_samples_are_weighed_by_their_odds() -> None:
    examined = np.array([[4, 5, 10, 0]])
    judged = detect_cusum(np.array([[0, 0, 3, 0]]), HAND, denominators=examined)
    # Nine samples before, prior 1 in 1: rate 1/10; odds twice as high: 10 ln(1 + 1/10).
    assert judged.expected[0, 2:] == pytest.approx([1.0, 0.0])
    first = 3 * LN2 - 10 * math.log(1.1)
    assert judged.statistics[0, 2:] == pytest.approx([first, first])


def test_negative_binomial_trusts_single_weeks_less() -> None:
    settings = CusumSettings(
        guard_weeks=0, minimum_past_weeks=2, size=1.0, prior=GammaPrior(1.0, 1.0)
    )
    judged = detect_cusum(np.array([[0, 0, 2]]), settings)
    # Geometric at 1/3 and 2/3: 2 ln(2 (4/3) / (5/3)) − ln((5/3) / (4/3)).
    assert judged.statistics[0, 2] == pytest.approx(2 * math.log(1.6) - math.log(1.25))
    examined = np.array([[1, 1, 1]])
    same = detect_cusum(np.array([[0, 0, 1]]), settings, denominators=examined)
    assert same.statistics[0, 2] == pytest.approx(math.log(1.6) - math.log(1.25))


def test_nothing_examined_before_is_no_evidence() -> None:
    settings = CusumSettings(guard_weeks=0, minimum_past_weeks=1)
    judged = detect_cusum(np.array([[0, 0, 3]]), settings, denominators=np.array([[0, 0, 9]]))
    assert judged.statistics[0, 1:].tolist() == [0.0, 0.0]
    assert judged.p_values[0, 1:].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("counts", "alarm_weeks"),
    [
        pytest.param([0] * 80, [], id="nothing ever seen"),
        pytest.param([7] * 80, [], id="steady"),
        pytest.param([500], [], id="one week of history"),
        pytest.param([0] * 51 + [500], [], id="a week short of enough past"),
        pytest.param([0] * 52 + [500], [52], id="just enough past"),
        pytest.param([0] * 60 + [1], [], id="below the least count"),
        pytest.param([0] * 364 + [1, 0, 1, 0, 1], [366], id="a second case soon after"),
        pytest.param([MAXIMUM_COUNT] * 80, [], id="steady at the greatest count"),
        pytest.param([], [], id="no week"),
    ],
)
def test_edges_alarm_exactly_in_these_weeks(counts: list[int], alarm_weeks: list[int]) -> None:
    judged = detect_cusum(np.array([counts], dtype=np.int64))
    assert np.flatnonzero(judged.alarms[0]).tolist() == alarm_weeks


def test_small_lasting_rise_is_found_that_no_single_week_shows() -> None:
    counts = np.array([[1] * 104 + [2, 2, 3] * 6])
    weeks = np.flatnonzero(detect_cusum(counts).alarms[0])
    assert weeks.size
    assert 104 < weeks[0] <= 112


def test_false_alarms_come_about_as_rarely_as_wished_and_p_values_hold() -> None:
    generator = np.random.default_rng(11)
    for rate in (0.05, 0.5, 4.0):
        judged = detect_cusum(generator.poisson(rate, size=(1000, 450)))
        between = 1 / judged.alarms[:, 300:].mean()
        # The rate is estimated, which costs some run length.
        assert 300 < between < 800
        p_values = judged.p_values[:, 300:]
        assert all((p_values <= level).mean() <= level for level in (0.5, 0.1, 0.01))


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate_ratio": 1.0},
        {"rate_ratio": math.nan},
        {"in_control_weeks": 1e9},
        {"minimum_count": 0},
        {"guard_weeks": -1},
        {"minimum_past_weeks": 0},
        {"maximum_past_weeks": 25},
        {"size": 0.0},
        {"size": math.inf},
    ],
    ids=str,
)
def test_settings_that_contradict_each_other_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(DetectionInputError, match=next(iter(wrong))):
        CusumSettings(**wrong)  # type: ignore[arg-type]


COUNTS = arrays(
    np.int64,
    st.tuples(st.integers(0, 3), st.integers(0, 40)),
    elements=st.one_of(st.integers(0, 2), st.integers(0, MAXIMUM_COUNT)),
)
SETTINGS = st.builds(
    CusumSettings,
    rate_ratio=st.sampled_from([1.5, 2.0]),
    in_control_weeks=st.sampled_from([100.0, 520.0]),
    minimum_count=st.integers(1, 3),
    guard_weeks=st.integers(0, 4),
    minimum_past_weeks=st.integers(1, 6),
    maximum_past_weeks=st.integers(6, 30),
    size=st.sampled_from([None, 5.0]),
    prior=st.sampled_from([VAGUE_PRIOR, GammaPrior(0.1, 3.0)]),
)


@given(counts=COUNTS, settings=SETTINGS, with_denominators=st.booleans(), data=st.data())
def test_every_judged_week_has_numbers_that_agree_and_do_not_look_ahead(
    counts: np.ndarray, settings: CusumSettings, with_denominators: bool, data: st.DataObject
) -> None:
    denominators = np.minimum(counts * 2, MAXIMUM_COUNT) if with_denominators else None
    full = detect_cusum(counts, settings, denominators=denominators)
    where = full.is_judged
    names = ("expected", "thresholds", "statistics", "scores", "p_values")
    for name in names:
        assert np.array_equal(np.isfinite(getattr(full, name)), where)
    assert np.array_equal(full.alarms, full.statistics > full.thresholds)
    assert ((full.p_values[where] > 0) & (full.p_values[where] <= 1)).all()
    until = data.draw(st.integers(0, counts.shape[1]))
    then = detect_cusum(
        counts[:, :until],
        settings,
        denominators=None if denominators is None else denominators[:, :until],
    )
    for name in (*names, "is_judged", "alarms"):
        whole, part = getattr(full, name), getattr(then, name)
        assert np.array_equal(part, whole[:, :until], equal_nan=True)


@given(counts=COUNTS.filter(lambda c: c.size > 0), more=st.integers(1, 50), settings=SETTINGS)
def test_more_cases_in_the_last_week_are_never_less_strange(
    counts: np.ndarray, more: int, settings: CusumSettings
) -> None:
    raised = counts.copy()
    raised[:, -1] = np.minimum(raised[:, -1] + more, MAXIMUM_COUNT)
    before, after = detect_cusum(counts, settings), detect_cusum(raised, settings)
    where = before.is_judged[:, -1]
    assert (after.scores[where, -1] >= before.scores[where, -1]).all()
    assert (after.p_values[where, -1] <= before.p_values[where, -1]).all()
