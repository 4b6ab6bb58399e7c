"""The exact test for rare events against hand arithmetic and its properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import MAXIMUM_COUNT
from tocsin.science.detection.sparse import SparseSettings, correct_for_tests, detect_sparse
from tocsin.science.detection.uncertain_rates import VAGUE_PRIOR, GammaPrior

# Shape 1 while nothing was found: the geometric distribution, to be worked out by hand.
HAND = SparseSettings(
    windows_weeks=(1,),
    alpha=0.05,
    minimum_count=1,
    minimum_past_weeks=2,
    prior=GammaPrior(1.0, 1.0),
)


def test_cases_after_none_follow_the_geometric_distribution() -> None:
    judged = detect_sparse(np.array([[0, 0, 2]]), HAND)
    # Prior 1 in 1 week, past 0 in 2 weeks: P(Y ≥ 2) = (1 / (1 + 2 + 1))².
    assert judged.is_judged[0].tolist() == [False, False, True]
    assert judged.p_values[0, 2] == pytest.approx(1 / 16)
    assert judged.scores[0, 2] == pytest.approx(1.20411998)
    assert judged.expected[0, 2] == pytest.approx(1 / 3)
    # 1/4, 1/16 and 1/64: three would alarm.
    assert (judged.thresholds[0, 2], judged.statistics[0, 2]) == (2.0, 2.0)
    assert not judged.alarms[0, 2]
    assert detect_sparse(np.array([[0, 0, 3]]), HAND).alarms[0].tolist() == [False, False, True]
    assert (judged.method, judged.version, judged.settings) == ("sparse", "1", HAND)


def test_samples_examined_take_the_place_of_weeks() -> None:
    settings = SparseSettings((1,), 0.05, 1, 2, prior=GammaPrior(1.0, 10.0))
    counts = np.array([[0, 0, 2], [0, 0, 2]])
    examined = np.array([[10, 10, 10], [10, 10, 90]])
    judged = detect_sparse(counts, settings, denominators=examined)
    # 30 samples before: (10 / 40)² and, with 90 examined, (90 / 120)².
    assert judged.p_values[:, 2] == pytest.approx([1 / 16, 9 / 16])
    assert judged.expected[:, 2] == pytest.approx([1 / 3, 3.0])


def test_the_most_surprising_window_is_told_with_all_windows_paid_for() -> None:
    settings = SparseSettings((1, 2), 0.05, 1, 2, prior=GammaPrior(1.0, 1.0))
    judged = detect_sparse(np.array([[0, 0, 0, 1, 1]]), settings)
    # Week 4. One week: past 1 in 4 weeks, shape 2, rate 5: 1 − (5/6)² = 11/36. Two weeks: past 0
    # in 3, shape 1, rate 4: (2/6)² = 1/9, the smaller, for two tests 1 − (8/9)² = 17/81.
    assert judged.windows_weeks[0].tolist() == [0, 0, 1, 1, 2]
    assert judged.statistics[0, 3:].tolist() == [1.0, 2.0]
    assert judged.p_values[0, 4] == pytest.approx(17 / 81)
    # Week 2 has past enough for one window only, so pays for one.
    assert detect_sparse(np.array([[0, 0, 1]]), settings).p_values[0, 2] == pytest.approx(1 / 4)


def test_past_reaches_back_no_further_than_its_maximum() -> None:
    settings = SparseSettings((1,), 0.05, 1, 2, 2, prior=GammaPrior(1.0, 1.0))
    judged = detect_sparse(np.array([[9, 0, 0, 2]]), settings)
    assert judged.p_values[0, 3] == pytest.approx(1 / 16)


def test_half_life_forgets_the_far_past() -> None:
    settings = SparseSettings((1,), 0.05, 1, 2, 9, 1.0, prior=GammaPrior(1.0, 1.0))
    judged = detect_sparse(np.array([[0, 0, 1]]), settings)
    # Two empty weeks weigh 1 + 1/2: 1 / (1 + 1.5 + 1).
    assert judged.p_values[0, 2] == pytest.approx(1 / 3.5)


def test_mid_p_leaves_out_half_of_the_count_found() -> None:
    settings = SparseSettings((1,), 0.05, 1, 2, mid_p=True, prior=GammaPrior(1.0, 1.0))
    judged = detect_sparse(np.array([[0, 0, 2]]), settings)
    assert judged.p_values[0, 2] == pytest.approx((1 / 16 + 1 / 64) / 2)
    assert judged.thresholds[0, 2] == 1.0


def test_third_case_in_a_few_weeks_after_quiet_years_alarms() -> None:
    judged = detect_sparse(np.array([[0] * 364 + [1, 0, 1, 0, 0, 1]]))
    # Two cases in four weeks: about 3/8 × (4/367)² × 6 = 0.0003. Week 368 has two in eight: 0.0011.
    assert np.flatnonzero(judged.alarms[0]).tolist() == [366, 367, 369]


@pytest.mark.parametrize(
    ("counts", "alarm_weeks"),
    [
        pytest.param([0] * 80, [], id="nothing ever seen"),
        pytest.param([7] * 80, [], id="steady"),
        pytest.param([500], [], id="one week of history"),
        pytest.param([0] * 12 + [500], [], id="a week short of enough past"),
        pytest.param([0] * 13 + [500], [13], id="just enough past"),
        pytest.param([0] * 60 + [1], [], id="below the least count"),
        pytest.param([MAXIMUM_COUNT] * 40, [], id="steady at the greatest count"),
        pytest.param([0] * 20 + [MAXIMUM_COUNT], [20], id="explosion"),
        pytest.param([], [], id="no week"),
    ],
)
def test_edges_alarm_exactly_in_these_weeks(counts: list[int], alarm_weeks: list[int]) -> None:
    judged = detect_sparse(np.array([counts], dtype=np.int64))
    assert np.flatnonzero(judged.alarms[0]).tolist() == alarm_weeks


def test_testing_that_only_begins_makes_nothing_strange() -> None:
    counts = np.array([[0] * 20 + [6]])
    judged = detect_sparse(counts, denominators=counts * 2)
    assert judged.p_values[0, 20] == 1.0
    assert judged.thresholds[0, 20] == np.inf
    assert judged.expected[0, 13] == 0.0


def test_more_testing_at_the_same_share_is_no_rise() -> None:
    counts = np.array([[1] * 60 + [10] * 8])
    assert detect_sparse(counts).alarms[0, 60:].all()
    assert not detect_sparse(counts, denominators=counts * 50).alarms.any()


def test_false_alarms_under_an_unchanged_rate_stay_below_alpha() -> None:
    generator = np.random.default_rng(7)
    for rate in (0.02, 0.3, 3.0):
        counts = generator.poisson(rate, size=(400, 150))
        settings = SparseSettings(alpha=0.01, minimum_count=1)
        assert detect_sparse(counts, settings).alarms[:, 50:].mean() < 0.01


def test_correction_is_that_of_several_independent_tests() -> None:
    corrected = correct_for_tests(np.array([0.5, 1e-20, 1.0]), np.array([2, 6, 6]))
    assert corrected == pytest.approx([0.75, 6e-20, 1.0])


@pytest.mark.parametrize(
    "wrong",
    [
        {"windows_weeks": ()},
        {"windows_weeks": (0, 1)},
        {"windows_weeks": (2, 1)},
        {"windows_weeks": (2, 2)},
        {"alpha": 0.0},
        {"minimum_count": 0},
        {"minimum_past_weeks": 0},
        {"maximum_past_weeks": 12},
        {"half_life_weeks": 0.0},
        {"half_life_weeks": float("nan")},
    ],
    ids=str,
)
def test_settings_that_contradict_each_other_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(DetectionInputError, match=next(iter(wrong))):
        SparseSettings(**wrong)  # type: ignore[arg-type]


def test_input_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(DetectionInputError, match="series 0, week 1: found 3 positive among 2"):
        detect_sparse(np.array([[0, 3]]), denominators=np.array([[9, 2]]))


COUNTS = arrays(
    np.int64,
    st.tuples(st.integers(0, 3), st.integers(0, 40)),
    elements=st.one_of(st.integers(0, 2), st.integers(0, MAXIMUM_COUNT)),
)
SETTINGS = st.builds(
    SparseSettings,
    windows_weeks=st.sampled_from([(1,), (1, 4), (2, 3, 13)]),
    alpha=st.sampled_from([0.001, 0.2]),
    minimum_count=st.integers(1, 3),
    minimum_past_weeks=st.integers(1, 6),
    maximum_past_weeks=st.integers(6, 30),
    half_life_weeks=st.sampled_from([None, 5.0]),
    mid_p=st.booleans(),
    prior=st.sampled_from([VAGUE_PRIOR, GammaPrior(0.1, 3.0)]),
)


@given(counts=COUNTS, settings=SETTINGS, with_denominators=st.booleans(), data=st.data())
def test_every_judged_week_has_numbers_that_agree_and_do_not_look_ahead(
    counts: np.ndarray, settings: SparseSettings, with_denominators: bool, data: st.DataObject
) -> None:
    denominators = np.minimum(counts * 2, MAXIMUM_COUNT) if with_denominators else None
    full = detect_sparse(counts, settings, denominators=denominators)
    where = full.is_judged
    names = ("expected", "thresholds", "statistics", "scores", "p_values")
    for name in names:
        assert np.array_equal(np.isnan(getattr(full, name)), ~where)
    assert np.array_equal(full.alarms, full.statistics > full.thresholds)
    assert ((full.p_values[where] > 0) & (full.p_values[where] <= 1)).all()
    # On the very edge of alpha the two roundings may part.
    clear = where & (np.abs(full.p_values / settings.alpha - 1) > 1e-6)
    assert np.array_equal(full.alarms[clear], (full.p_values <= settings.alpha)[clear])
    until = data.draw(st.integers(0, counts.shape[1]))
    then = detect_sparse(
        counts[:, :until],
        settings,
        denominators=None if denominators is None else denominators[:, :until],
    )
    for name in (*names, "is_judged", "alarms", "windows_weeks"):
        whole, part = getattr(full, name), getattr(then, name)
        assert np.array_equal(part, whole[:, :until], equal_nan=True)


@given(counts=COUNTS.filter(lambda c: c.size > 0), more=st.integers(1, 50), settings=SETTINGS)
def test_more_cases_in_the_last_week_are_never_less_strange(
    counts: np.ndarray, more: int, settings: SparseSettings
) -> None:
    raised = counts.copy()
    raised[:, -1] = np.minimum(raised[:, -1] + more, MAXIMUM_COUNT)
    before, after = detect_sparse(counts, settings), detect_sparse(raised, settings)
    where = before.is_judged[:, -1]
    # Rounding of the incomplete beta function near 1.
    assert (after.p_values[where, -1] <= before.p_values[where, -1] * (1 + 1e-9)).all()
