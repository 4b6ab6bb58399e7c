"""Accounts of false alarms carried from night to night: one test at a time, or one week at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tocsin.errors import DetectionInputError
from tocsin.science.detection.false_discoveries.within_week import (
    check_level,
    check_p_values,
    derive_adjusted_p_values,
)

# Javanmard & Montanari 2018, equation 31: with it the shares sum to 0.98, at most 1 as they must.
_SHARE_SCALE: Final = 0.07720838
_WEEK_EXPONENT: Final = 1.6


@dataclass(frozen=True, slots=True)
class OnlineState:
    """What LORD++ remembers; plain numbers only, so that OnlineState(**json) restores it.

    level: the false discovery rate allowed over the whole life of the account.
    initial_wealth: W0, what may be spent before the first discovery; above 0, at most the level.
    n_tested: tests judged so far. discovered_at: their positions, from 1, that were discoveries.
    """

    level: float
    initial_wealth: float
    n_tested: int = 0
    discovered_at: Sequence[int] = ()

    def __post_init__(self) -> None:
        check_level(self.level, name="online account: level")
        if not 0 < self.initial_wealth <= self.level:
            raise DetectionInputError(
                f"online account: initial_wealth is {self.initial_wealth}; "
                f"expected more than 0 and at most the level ({self.level})"
            )
        positions = tuple(int(position) for position in self.discovered_at)
        object.__setattr__(self, "discovered_at", positions)
        ascending = all(a < b for a, b in zip((0, *positions), positions, strict=False))
        if not ascending or (positions[-1] if positions else 0) > self.n_tested:
            raise DetectionInputError(
                f"online account: discovered_at is not ascending from 1 to {self.n_tested}"
            )


@dataclass(frozen=True, slots=True, eq=False)
class OnlineDecisions:
    """What was selected, shape (n,), and the level each test was held to."""

    selected: NDArray[np.bool_]
    levels: NDArray[np.float64]


def judge_online(state: OnlineState, p_values: ArrayLike) -> tuple[OnlineDecisions, OnlineState]:
    """Judge tests one after another, each at a level that earlier discoveries have earned.

    state: the account before them; it is not changed.
    p_values: shape (n,), valid, in the order of judgement. The order must not depend on the values:
        sort by a key of the series. n may be 0.
    Returns the decisions and the account after them. Judging in one call or in parts is the same.
    Guarantee: FDR <= level at any time when the p-values are independent; the modified FDR
    E[false]/E[selected] also when each is valid given the earlier decisions. Windows of one series
    that overlap from week to week are neither: judge a series again once its window is new.
    Cost: n × (discoveries so far). A level falls roughly as 1/n without discoveries: for thousands
    of series a week prefer `judge_week`, where a week counts as one step.
    Source: LORD++, Ramdas et al. 2017, NeurIPS 30, with the shares of Javanmard &
    Montanari 2018, Ann Stat 46:526, equation 31.

    >>> decisions, after = judge_online(OnlineState(0.05, 0.005), [1e-9, 0.5])
    >>> decisions.selected.tolist(), after.n_tested, after.discovered_at
    ([True, False], 2, (1,))
    """
    values = check_p_values(p_values)
    steps = np.arange(1, values.size + 1)
    discovered = list(state.discovered_at)
    levels = state.initial_wealth * _derive_shares(state.n_tested + steps)
    for i, position in enumerate(discovered):
        levels += _reward(state, i) * _derive_shares(state.n_tested + steps - position)
    selected = np.zeros(values.size, dtype=np.bool_)
    shares = _derive_shares(steps)
    start = 0
    while (hits := np.flatnonzero(values[start:] <= levels[start:])).size:
        hit = start + int(hits[0])
        selected[hit] = True
        levels[hit + 1 :] += _reward(state, len(discovered)) * shares[: values.size - hit - 1]
        discovered.append(state.n_tested + hit + 1)
        start = hit + 1
    after = replace(state, n_tested=state.n_tested + values.size, discovered_at=tuple(discovered))
    return OnlineDecisions(selected, levels), after


def _reward(state: OnlineState, discoveries_before: int) -> float:
    """What a discovery pays back: the first one less, since the initial wealth was lent."""
    return state.level if discoveries_before else state.level - state.initial_wealth


def _derive_shares(steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of the wealth spent on the step-th test after it was earned; steps from 1."""
    logs = np.log(steps)
    return _SHARE_SCALE * np.log(np.maximum(steps, 2)) / (steps * np.exp(np.sqrt(logs)))


@dataclass(frozen=True, slots=True)
class WeeklyState:
    """What the weekly account remembers; plain numbers, so that WeeklyState(**json) restores it.

    level: the false discovery rate allowed over the whole life of the account.
    week_levels, augmented, discoveries: for each week judged: the Benjamini–Hochberg level it got,
        how many it would have selected had one more p-value been 0, and how many it selected.
    """

    level: float
    week_levels: Sequence[float] = ()
    augmented: Sequence[int] = ()
    discoveries: Sequence[int] = ()

    def __post_init__(self) -> None:
        check_level(self.level, name="weekly account: level")
        object.__setattr__(self, "week_levels", tuple(float(x) for x in self.week_levels))
        object.__setattr__(self, "augmented", tuple(int(x) for x in self.augmented))
        object.__setattr__(self, "discoveries", tuple(int(x) for x in self.discoveries))
        lengths = (len(self.week_levels), len(self.augmented), len(self.discoveries))
        if len(set(lengths)) != 1:
            raise DetectionInputError(
                f"weekly account: found {lengths[0]} levels, {lengths[1]} augmented and "
                f"{lengths[2]} discovery numbers; expected one of each for every week"
            )
        # One p-value of 0 is always selected and never selects fewer.
        if any(
            not 0 <= found <= helped or helped < 1
            for found, helped in zip(self.discoveries, self.augmented, strict=True)
        ):
            raise DetectionInputError(
                "weekly account: an augmented number is below 1 or below the discoveries of its week"
            )


def judge_week(state: WeeklyState, p_values: ArrayLike) -> tuple[OnlineDecisions, WeeklyState]:
    """Judge all tests of one week by Benjamini–Hochberg at the level the account has left for it.

    state: the account before the week; it is not changed.
    p_values: shape (n,), valid, in any order. A week without tests leaves the account as it is.
    Returns the decisions (`levels` is the week's level, the same for every test, never above the
    account's) and the account after the week.
    Guarantee: FDR <= level over all weeks together, at any time, when the p-values are independent
    within and between weeks. What the account allows falls as weeks^-1.6 while nothing is found and
    grows with every discovery; begin a new account (each year, say) to bound its life.
    Source: Batch-BH, Zrnic, Jiang, Ramdas & Jordan 2020, AISTATS; shares of the weeks
    proportional to week^-1.6; own: a week's level is capped at the account's.

    >>> first, after = judge_week(WeeklyState(0.05), [0.001, 0.02, 0.9])
    >>> first.selected.tolist(), round(float(first.levels[0]), 6), after.discoveries
    ([True, False, False], 0.021875, (1,))
    """
    values = check_p_values(p_values)
    if values.size == 0:
        return OnlineDecisions(np.zeros(0, dtype=np.bool_), np.zeros(0)), state
    week_level = derive_week_level(state, values.size)
    selected = derive_adjusted_p_values(values) <= week_level
    decisions = OnlineDecisions(selected, np.full(values.size, week_level))
    return decisions, record_week(state, values, week_level)


def derive_week_level(state: WeeklyState, n_tests: int) -> float:
    """Derive the Benjamini–Hochberg level of the next week, given its number of tests (1 or more)."""
    augmented = np.array(state.augmented, dtype=np.float64)
    discoveries = np.array(state.discoveries, dtype=np.float64)
    n_discoveries = discoveries.sum()
    spent = np.array(state.week_levels) * augmented / (augmented + n_discoveries - discoveries)
    weeks = np.arange(1, len(state.discoveries) + 2, dtype=np.float64)
    earned = state.level * (weeks**-_WEEK_EXPONENT).sum() / float(special.zeta(_WEEK_EXPONENT, 1))
    # Rounding may leave a wholly spent account a hair below nothing.
    left = max(0.0, float(earned - spent.sum()))
    return min(state.level, left * float(n_tests + n_discoveries) / n_tests)


def record_week(state: WeeklyState, values: NDArray[np.float64], week_level: float) -> WeeklyState:
    """Return the account after a week whose p-values, one or more, got Benjamini–Hochberg there."""
    # One p-value set to 0 helps most in the place of the largest.
    helped = values.copy()
    helped[int(np.argmax(helped))] = 0.0
    n_selected = int((derive_adjusted_p_values(values) <= week_level).sum())
    n_augmented = int((derive_adjusted_p_values(helped) <= week_level).sum())
    return replace(
        state,
        week_levels=(*state.week_levels, week_level),
        augmented=(*state.augmented, n_augmented),
        discoveries=(*state.discoveries, n_selected),
    )
