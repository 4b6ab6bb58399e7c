"""The accounts carried from night to night, against published levels and hand arithmetic."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import DetectionInputError
from tocsin.science.detection.false_discoveries import (
    OnlineState,
    WeeklyState,
    judge_online,
    judge_week,
)

FRESH = OnlineState(level=0.05, initial_wealth=0.005)
FIRST_WEEK = 0.4374901658  # 1 / zeta(1.6), the share of the first week

# The vignette of the R package onlineFDR 1.5.0 (Robertson, Ramdas, Karp), "Quick start": p-values
# in the order in which LORD(version = "++") judged them, the levels and the decisions it prints.
VIGNETTE = [
    (2.9000e-14, 0.0002675839, 1),
    (6.7430e-02, 0.0024664457, 0),
    (1.5140e-02, 0.0005732818, 0),
    (8.1740e-02, 0.0004872805, 0),
    (1.7100e-03, 0.0004059066, 0),
    (2.7201e-01, 0.0003447286, 0),
    (3.6100e-05, 0.0002986627, 1),
    (7.9149e-01, 0.0029389397, 0),
    (7.5900e-08, 0.0008168502, 1),
    (2.8295e-01, 0.0033835974, 0),
    (6.9274e-01, 0.0011873999, 0),
    (7.2342e-01, 0.0010225858, 0),
    (3.0443e-01, 0.0008785607, 0),
    (5.4757e-01, 0.0007679398, 0),
    (4.8700e-04, 0.0006820264, 1),
]


def test_levels_and_decisions_are_those_published_for_lord_plus_plus() -> None:
    p_values, levels, selected = zip(*VIGNETTE, strict=True)
    decisions, after = judge_online(FRESH, p_values)
    assert decisions.levels.tolist() == pytest.approx(levels, abs=5e-11)
    assert decisions.selected.tolist() == [bool(s) for s in selected]
    assert after == OnlineState(0.05, 0.005, n_tested=15, discovered_at=(1, 7, 9, 15))


def test_levels_by_hand() -> None:
    # Shares: g1 = C ln 2, g2 = C ln 2 / (2 e^sqrt(ln 2)), g3 = C ln 3 / (3 e^sqrt(ln 3)).
    scale = 0.07720838
    shares = [scale * np.log(max(j, 2)) / (j * np.exp(np.sqrt(np.log(j)))) for j in (1, 2, 3)]
    decisions, _ = judge_online(FRESH, [0.0, 0.0, 0.9])
    assert decisions.levels.tolist() == pytest.approx(
        [
            0.005 * shares[0],
            0.005 * shares[1] + 0.045 * shares[0],
            0.005 * shares[2] + 0.045 * shares[1] + 0.05 * shares[0],
        ]
    )


def test_shares_of_the_wealth_sum_to_at_most_1() -> None:
    # Without discoveries the levels are initial wealth × share; beyond n the shares sum to less than
    # the integral of u e^-sqrt(u) over u = ln j > ln n: 2 e^-v (v³ + 3v² + 6v + 6), v = sqrt(ln n).
    n = 200_000
    decisions, _ = judge_online(OnlineState(0.5, 0.5), np.ones(n))
    v = np.sqrt(np.log(n))
    rest = 0.07720838 * 2 * np.exp(-v) * (v**3 + 3 * v**2 + 6 * v + 6)
    assert 0.97 < decisions.levels.sum() / 0.5 + rest < 1


@given(st.lists(st.sampled_from([0.0, 1e-5, 1e-3, 0.5]), max_size=40), st.integers(0, 40))
def test_judging_in_two_nights_is_judging_in_one(values: list[float], cut: int) -> None:
    decisions, after = judge_online(FRESH, values)
    first, between = judge_online(FRESH, values[:cut])
    restored = OnlineState(**json.loads(json.dumps(asdict(between))))
    second, end = judge_online(restored, values[cut:])
    assert end == after
    assert [*first.selected, *second.selected] == decisions.selected.tolist()
    assert np.concatenate((first.levels, second.levels)) == pytest.approx(decisions.levels)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.data())
def test_smaller_p_value_never_loses_a_later_discovery(
    values: list[float], data: st.DataObject
) -> None:
    i = data.draw(st.integers(0, len(values) - 1))
    smaller = [*values[:i], 0.0, *values[i + 1 :]]
    before, _ = judge_online(FRESH, values)
    after, _ = judge_online(FRESH, smaller)
    assert (before.selected <= after.selected).all()


def test_weekly_levels_by_hand() -> None:
    first, state = judge_week(WeeklyState(0.05), [0.001, 0.02, 0.9])
    # Week 1: 0.05 × 0.43749 = 0.0218745; 0.001 is at most a third of it, 0.02 more than two thirds.
    # Had 0.9 been 0, then 0.02 would be the third of three, at most the whole of it: all three.
    assert first.levels.tolist() == pytest.approx([0.05 * FIRST_WEEK] * 3)
    assert (state.augmented, state.discoveries) == ((3,), (1,))
    second, state = judge_week(state, [0.5, 0.6])
    # Earned 0.05 × 0.43749 × (1 + 2^-1.6), spent week 1 × 3 / (3 + 0); times (2 + 1) / 2.
    week_2 = 0.05 * FIRST_WEEK * 2**-1.6 * 3 / 2
    assert second.levels.tolist() == pytest.approx([week_2] * 2)
    assert (state.augmented, state.discoveries) == ((3, 1), (1, 0))
    third, _ = judge_week(state, [0.5])
    # Week 1 has spent 3 / (3 + 0) of its level, week 2 has spent 1 / (1 + 1); times (1 + 1) / 1.
    earned = 0.05 * FIRST_WEEK * (1 + 2**-1.6 + 3**-1.6)
    week_3 = (earned - 0.05 * FIRST_WEEK - week_2 / 2) * 2
    assert third.levels.tolist() == pytest.approx([week_3])


def test_weekly_decisions_are_those_published_for_batch_bh() -> None:
    # R package onlineFDR, tests/testthat/test_BatchBH.R: batches (1e-4, 0.1) and (1e-4) give 1 0 1.
    first, state = judge_week(WeeklyState(0.05), [1e-4, 0.1])
    second, _ = judge_week(state, [1e-4])
    assert [*first.selected, *second.selected] == [True, False, True]


def test_many_discoveries_never_raise_a_week_above_the_level_of_the_account() -> None:
    _, state = judge_week(WeeklyState(0.05), np.zeros(1000))
    second, _ = judge_week(state, [0.06, 0.04])
    assert second.levels.tolist() == [0.05, 0.05]
    assert second.selected.tolist() == [False, False]


def test_week_without_tests_leaves_the_account_as_it_is() -> None:
    state = WeeklyState(0.05, (0.02,), (1,), (0,))
    decisions, after = judge_week(state, [])
    assert (decisions.selected.size, decisions.levels.size, after) == (0, 0, state)


def test_weekly_account_survives_being_written_down() -> None:
    _, state = judge_week(WeeklyState(0.05), [0.001, 0.9])
    assert WeeklyState(**json.loads(json.dumps(asdict(state)))) == state


@given(st.lists(st.lists(st.floats(0, 1), max_size=6), max_size=6))
def test_estimated_share_of_false_discoveries_never_exceeds_the_level(
    weeks: list[list[float]],
) -> None:
    # The invariant of Zrnic et al. 2020: sum of week level × R+ / (R+ + discoveries of other weeks).
    state = WeeklyState(0.1)
    for p_values in weeks:
        decisions, state = judge_week(state, p_values)
        found = sum(state.discoveries)
        estimate = sum(
            level * augmented / (augmented + found - own)
            for level, augmented, own in zip(
                state.week_levels, state.augmented, state.discoveries, strict=True
            )
        )
        assert estimate <= 0.1 + 1e-12
        assert decisions.levels.size == len(p_values)


def test_share_of_false_discoveries_over_weeks_stays_below_the_level() -> None:
    random = np.random.default_rng(5)
    shares: dict[str, list[float]] = {"online": [], "weekly": []}
    for _ in range(150):
        online, weekly = OnlineState(0.2, 0.1), WeeklyState(0.2)
        n_found = {"online": [0, 0], "weekly": [0, 0]}
        for _week in range(12):
            p_values = random.random(40)
            p_values[:8] *= 1e-4
            one, online = judge_online(online, p_values)
            other, weekly = judge_week(weekly, p_values)
            for name, decisions in (("online", one), ("weekly", other)):
                n_found[name][0] += int(decisions.selected[8:].sum())
                n_found[name][1] += int(decisions.selected.sum())
        for name, (n_false, n_all) in n_found.items():
            shares[name].append(n_false / max(1, n_all))
    assert 0 < np.mean(shares["online"]) < 0.2
    assert 0 < np.mean(shares["weekly"]) < 0.2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.5, 0.1), "online account: level is 1.5"),
        ((0.05, 0.06), "initial_wealth is 0.06"),
        ((0.05, 0.0), "initial_wealth is 0.0"),
        ((0.05, 0.01, 3, (2, 2)), "not ascending"),
        ((0.05, 0.01, 3, (0,)), "not ascending"),
        ((0.05, 0.01, 3, (4,)), "not ascending from 1 to 3"),
    ],
)
def test_online_account_that_contradicts_itself_is_refused(
    arguments: tuple[float, float], message: str
) -> None:
    with pytest.raises(DetectionInputError, match=message):
        OnlineState(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0,), "weekly account: level is 0.0"),
        ((0.05, (0.01,), (1, 1), (0,)), "found 1 levels, 2 augmented and 1"),
        ((0.05, (0.01,), (0,), (0,)), "below 1"),
        ((0.05, (0.01,), (1,), (2,)), "below the discoveries"),
    ],
)
def test_weekly_account_that_contradicts_itself_is_refused(
    arguments: tuple[float], message: str
) -> None:
    with pytest.raises(DetectionInputError, match=message):
        WeeklyState(*arguments)
