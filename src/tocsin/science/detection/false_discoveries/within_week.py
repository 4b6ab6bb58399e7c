"""Benjamini–Hochberg on the p-values of one week, plain and for discrete tests."""

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tocsin.errors import DetectionInputError

# Two attainable p-values closer than this, relatively, are the same value computed twice.
_SAME_VALUE: Final = 1e-9

DiscreteRule = Literal["heyse", "step-up"]


def check_level(level: float, *, name: str = "level") -> float:
    """Return the level, or say that it is none: it lies strictly between 0 and 1."""
    if not 0 < level < 1:
        raise DetectionInputError(f"{name} is {level}; expected more than 0 and less than 1")
    return float(level)


def check_p_values(p_values: ArrayLike) -> NDArray[np.float64]:
    """Return p-values of shape (n,) as float64, or say which value is no probability.

    >>> check_p_values([0, 0.5, 1]).tolist()
    [0.0, 0.5, 1.0]
    """
    values: NDArray[Any] = np.asarray(p_values)
    if values.ndim != 1:
        raise DetectionInputError(f"p-values: found {values.ndim} dimension(s); expected 1")
    if values.size == 0:
        return np.zeros(0)
    if values.dtype.kind not in "iuf":
        raise DetectionInputError(f"p-values: found type {values.dtype}; expected numbers")
    is_probability = (values >= 0) & (values <= 1)
    if not is_probability.all():
        position = int(np.argmin(is_probability))
        raise DetectionInputError(
            f"p-value {position}: found {values[position]}; expected a number from 0 to 1"
        )
    return values.astype(np.float64)


def derive_adjusted_p_values(p_values: ArrayLike) -> NDArray[np.float64]:
    """Derive, for each test, the smallest level at which Benjamini–Hochberg selects it.

    p_values: shape (n,), valid, in any order; n may be 0.
    Returns shape (n,), in the same order, each at least its p-value and at most 1.
    Source: Benjamini & Hochberg 1995, J R Stat Soc B 57:289; as R's p.adjust(method = "BH").

    >>> derive_adjusted_p_values([0.02, 0.01, 0.6]).round(6).tolist()
    [0.03, 0.03, 0.6]
    """
    values = check_p_values(p_values)
    n = values.size
    order = np.argsort(values, kind="stable")
    scaled = n / np.arange(1, n + 1) * values[order]
    adjusted = np.empty(n)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return adjusted


def select_discoveries(p_values: ArrayLike, *, level: float) -> NDArray[np.bool_]:
    """Select so that the expected share of false ones among the selected is at most the level.

    p_values: shape (n,), valid, in any order; n may be 0.
    level: the false discovery rate allowed, between 0 and 1.
    Returns shape (n,). Guarantee: FDR <= level × (share of tests where nothing changed), for
    independent or positively dependent (PRDS) p-values; discrete p-values only make it smaller.
    Source: Benjamini & Hochberg 1995; Benjamini & Yekutieli 2001, Ann Stat 29:1165, for PRDS.

    >>> select_discoveries([0.01, 0.2, 0.02], level=0.05).tolist()
    [True, False, True]
    """
    check_level(level)
    return derive_adjusted_p_values(p_values) <= level


def derive_count_support(
    mean: float, *, size: float = np.inf, smallest: float = 1e-12
) -> NDArray[np.float64]:
    """Derive the p-values P(X >= x) that a test of one count can take, in ascending order.

    mean: expected cases, more than 0. size: the negative binomial's, variance mean + mean²/size;
        infinite for Poisson.
    smallest: the support is infinite; it is given down to the last value not below this one.
    Returns shape (k,), ascending, ending in exactly 1.

    >>> derive_count_support(0.5, smallest=0.01).round(6).tolist()
    [0.014388, 0.090204, 0.393469, 1.0]
    """
    if not (0 < mean < np.inf and size > 0 and 0 < smallest < 1):
        raise DetectionInputError(
            f"count support: found mean {mean}, size {size}, smallest {smallest}; expected a "
            "finite mean and a size above 0, smallest between 0 and 1"
        )
    found: list[NDArray[np.float64]] = [np.ones(1)]
    start, width = 1, 64
    while found[-1][-1] >= smallest:
        counts = np.arange(start, start + width, dtype=np.float64)
        if np.isinf(size):
            tail = special.gammainc(counts, mean)
        else:
            tail = special.betainc(counts, size, mean / (size + mean))
        found.append(np.asarray(tail, dtype=np.float64))
        start, width = start + width, width * 2
    values = np.concatenate(found)
    # Deep in a long upper end neighbouring values may round to the same number.
    return np.unique(values[values >= smallest])


def select_discrete(
    p_values: ArrayLike,
    supports: Sequence[ArrayLike],
    *,
    level: float,
    rule: DiscreteRule = "step-up",
) -> NDArray[np.bool_]:
    """Select as Benjamini–Hochberg does, with what each discrete p-value could have been at all.

    p_values: shape (n,), each one of its own attainable values.
    supports: n ascending lists of the attainable p-values s with P(p <= s) = s when nothing
        changed (`derive_count_support`); equal ones may be the same object.
    rule: "step-up", the default, keeps FDR <= level for independent tests (Döhler, Durand &
        Roquain 2018, Electron J Stat 12:1867, procedure HSU). "heyse" selects a little more; its
        FDR is close to the level in practice and can exceed it in constructed cases.
    Returns shape (n,). "heyse" selects whatever Benjamini–Hochberg selects. A test that could not
    have been significant adds nothing to the number of tests paid for.
    Raises DetectionInputError when a p-value is not attainable or a support not ascending.
    Source: Heyse 2011, in Recent Advances in Biostatistics, World Scientific; Döhler et al. 2018.

    >>> could_only_be_one = [1.0]
    >>> select_discrete([0.03, 1.0], [[0.03, 1.0], could_only_be_one], level=0.05).tolist()
    [True, False]
    """
    check_level(level)
    if rule not in ("heyse", "step-up"):
        raise DetectionInputError(f"rule is {rule!r}; expected 'heyse' or 'step-up'")
    values = check_p_values(p_values)
    if len(supports) != values.size:
        raise DetectionInputError(
            f"supports: found {len(supports)}; expected one for each of {values.size} p-values"
        )
    if values.size == 0:
        return np.zeros(0, dtype=np.bool_)
    checked = [_check_support(support, i, values[i]) for i, support in enumerate(supports)]
    ordered = np.sort(values)
    budgets: NDArray[np.float64] = level * np.arange(1.0, values.size + 1)
    if rule == "heyse":
        within_budget = _sum_at(checked, [np.diff(s, prepend=0.0) for s in checked], ordered)
        is_allowed: NDArray[np.bool_] = within_budget <= budgets
    else:
        is_allowed = _allow_step_up(checked, ordered, budgets)
    if not is_allowed.any():
        return np.zeros(values.size, dtype=np.bool_)
    largest: float = ordered[is_allowed][-1]
    return values <= largest


def _check_support(support: ArrayLike, position: int, p_value: float) -> NDArray[np.float64]:
    """The support as float64 when it ascends within (0, 1] and holds the p-value."""
    values = np.asarray(support, dtype=np.float64)
    if values.ndim != 1 or values.size == 0:
        raise DetectionInputError(
            f"support {position}: found shape {values.shape}; expected a list of p-values"
        )
    if not (values[0] > 0 and values[-1] <= 1 and (np.diff(values) > 0).all()):
        raise DetectionInputError(
            f"support {position}: expected p-values above 0, at most 1, strictly ascending"
        )
    if np.abs(values - p_value).min() > _SAME_VALUE * p_value:
        raise DetectionInputError(
            f"p-value {position}: found {p_value}, which is not in its support; expected one of "
            f"the {values.size} attainable values"
        )
    return values


def _sum_at(
    supports: list[NDArray[np.float64]],
    increments: list[NDArray[np.float64]],
    at: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Sum over the tests of a step function that rises by its increment at each support value."""
    values = np.concatenate(supports)
    order = np.argsort(values, kind="stable")
    heights = np.concatenate(([0.0], np.cumsum(np.concatenate(increments)[order])))
    return heights[np.searchsorted(values[order], at * (1 + _SAME_VALUE), side="right")]


def _allow_step_up(
    supports: list[NDArray[np.float64]],
    ordered: NDArray[np.float64],
    budgets: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Which of the ordered p-values lie at or below their critical value of procedure HSU."""
    odds = []
    for support in supports:
        ratio = np.full(support.size, np.inf)
        np.divide(support, 1 - support, out=ratio, where=support < 1)
        odds.append(np.diff(ratio, prepend=0.0))
    attainable = np.unique(np.concatenate(supports))
    attainable = attainable[_sum_at(supports, odds, attainable) <= budgets[-1]]
    if attainable.size == 0:
        return np.zeros(ordered.size, dtype=np.bool_)
    largest = float(attainable[-1]) * (1 + _SAME_VALUE)
    increments = []
    for support in supports:
        n_below = int(np.searchsorted(support, largest, side="right"))
        below = support[n_below - 1] if n_below else 0.0
        increments.append(np.diff(support, prepend=0.0) / (1 - below))
    is_affordable: NDArray[np.bool_] = _sum_at(supports, increments, ordered) <= budgets
    return (ordered <= largest) & is_affordable
