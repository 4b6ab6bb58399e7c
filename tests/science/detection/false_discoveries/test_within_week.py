"""Benjamini–Hochberg within a week, against published and hand-worked numbers."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import DetectionInputError
from tocsin.science.detection.false_discoveries import (
    derive_adjusted_p_values,
    derive_count_support,
    select_discoveries,
    select_discrete,
)

# Benjamini & Hochberg 1995: 15 ordered p-values of a study of thrombolysis.
BENJAMINI_HOCHBERG = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip
P_VALUES = st.lists(st.floats(0, 1), max_size=30)


def test_paper_example_selects_the_four_smallest_at_5_percent() -> None:
    assert select_discoveries(BENJAMINI_HOCHBERG, level=0.05).tolist() == [True] * 4 + [False] * 11


def test_adjusted_p_values_are_those_of_r() -> None:
    # R 4.2.2: print(p.adjust(p, "BH"), digits = 17)
    assert derive_adjusted_p_values(BENJAMINI_HOCHBERG).tolist() == pytest.approx(
        [
            0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.0638571428571428623, 0.0638571428571428623,
            0.0645, 0.0765, 0.486, 0.5811818181818181328, 0.7148749999999999272,
            0.7532307692307692593, 0.8132142857142856673, 1.0,
        ],
        rel=1e-15,
    )  # fmt: skip


@given(P_VALUES, st.randoms(use_true_random=False))
def test_order_of_the_tests_does_not_matter(values: list[float], random: object) -> None:
    order = np.arange(len(values))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = np.array(values)[order]
    expected = derive_adjusted_p_values(values)[order]
    assert derive_adjusted_p_values(shuffled).tolist() == expected.tolist()


@given(P_VALUES.filter(bool), st.floats(0.001, 0.5), st.floats(0, 1))
def test_smaller_p_value_or_higher_level_never_selects_fewer(
    values: list[float], level: float, factor: float
) -> None:
    selected = select_discoveries(values, level=level)
    smaller = [values[0] * factor, *values[1:]]
    assert (selected <= select_discoveries(smaller, level=level)).all()
    assert (selected <= select_discoveries(values, level=min(0.9, level * 1.5))).all()


@given(P_VALUES)
def test_adjusted_p_values_keep_the_order_and_lie_between_p_and_1(values: list[float]) -> None:
    adjusted = derive_adjusted_p_values(values)
    assert ((adjusted >= np.array(values) * (1 - 1e-12)) & (adjusted <= 1)).all()
    by_value = adjusted[np.argsort(values)]
    assert all(a <= b for a, b in pairwise(by_value))


def test_share_of_false_discoveries_stays_below_the_level() -> None:
    # 200 tests, 160 of them null: Benjamini–Hochberg keeps FDR at level × 0.8 = 0.08 exactly.
    random = np.random.default_rng(3)
    p_values = random.random((400, 200))
    p_values[:, 160:] *= 1e-3
    shares = []
    for row in p_values:
        selected = select_discoveries(row, level=0.1)
        shares.append(selected[:160].sum() / max(1, selected.sum()))
    assert np.mean(shares) == pytest.approx(0.08, abs=4 * np.std(shares) / math.sqrt(400))


def test_nothing_to_judge_selects_nothing() -> None:
    assert select_discoveries([], level=0.05).tolist() == []
    assert derive_adjusted_p_values([]).tolist() == []
    assert select_discrete([], [], level=0.05).tolist() == []


# Two-sided Fisher tests of nine 2×2 tables with margins 148 and 132; the toy example of the
# R package DiscreteFDR (Junge, Döhler, Durand; vignette "A Toy Example"), which gives the raw
# p-values, the adjusted ones of Benjamini–Hochberg and two rejections of the discrete procedure.
TOY_TABLES = list(zip([4, 2, 2, 14, 6, 9, 4, 0, 1], [0, 0, 1, 3, 2, 1, 2, 2, 2], strict=True))
TOY_P_VALUES = [
    0.12476691, 0.49984639, 1.0, 0.01243145, 0.28849298, 0.02126871, 0.68723229, 0.22135177,
    0.60329543,
]  # fmt: skip


def _fisher(first: int, second: int) -> tuple[float, list[float]]:
    total = first + second
    probabilities = [
        math.comb(148, x) * math.comb(132, total - x) / math.comb(280, total)
        for x in range(total + 1)
    ]
    two_sided = [
        min(1.0, sum(q for q in probabilities if q <= p * (1 + 1e-7))) for p in probabilities
    ]
    return two_sided[first], sorted(set(two_sided))


def test_discrete_selection_finds_the_two_of_the_toy_example_that_plain_misses() -> None:
    p_values, supports = zip(*(_fisher(*table) for table in TOY_TABLES), strict=True)
    assert p_values == pytest.approx(TOY_P_VALUES, abs=5e-9)
    # R: p.adjust(raw.pvalues, "BH") starts 0.37430072 0.74976959 1.00000000 0.09570921.
    assert derive_adjusted_p_values(p_values)[:4].tolist() == pytest.approx(
        [0.37430072, 0.74976959, 1.0, 0.09570921], abs=5e-9
    )
    found = [False] * 3 + [True, False, True] + [False] * 3
    assert not select_discoveries(p_values, level=0.05).any()
    assert select_discrete(p_values, supports, level=0.05).tolist() == found
    assert select_discrete(p_values, supports, level=0.05, rule="heyse").tolist() == found


def test_discrete_selection_keeps_the_level_and_finds_more_than_plain() -> None:
    # 120 Poisson tests of sparse counts, means .05 to 1; the last 20 have five times their mean.
    random = np.random.default_rng(7)
    means = np.tile(np.geomspace(0.05, 1.0, 10), 12)
    supports = [derive_count_support(mean, smallest=1e-60) for mean in means]
    true_means = np.where(np.arange(120) < 100, means, 5 * means)
    shares: dict[str, list[float]] = {"plain": [], "step-up": [], "heyse": []}
    found = dict.fromkeys(shares, 0)
    for _ in range(60):
        counts = random.poisson(true_means)
        p_values = [s[-1 - n] for s, n in zip(supports, counts, strict=True)]
        chosen = {
            "plain": select_discoveries(p_values, level=0.1),
            "step-up": select_discrete(p_values, supports, level=0.1),
            "heyse": select_discrete(p_values, supports, level=0.1, rule="heyse"),
        }
        for rule, selected in chosen.items():
            shares[rule].append(selected[:100].sum() / max(1, selected.sum()))
            found[rule] += int(selected[100:].sum())
    assert found["plain"] < found["step-up"] <= found["heyse"]
    assert max(np.mean(shares["step-up"]), np.mean(shares["heyse"])) < 0.1


SUPPORTS = [[0.01, 0.2, 1.0], [0.04, 0.5, 1.0], [0.3, 1.0]]


@pytest.mark.parametrize(
    ("level", "rule", "selected"),
    [
        # Heyse: sum of F at 0.01 is 0.01 <= level; at 0.04 it is 0.01 + 0.04 = 0.05 <= 2 level.
        pytest.param(0.025, "heyse", [True, True, False], id="second exactly at its budget"),
        pytest.param(0.0249, "heyse", [True, False, False], id="second just above"),
        pytest.param(0.0099, "heyse", [False, False, False], id="first just above"),
        # Step-up, level 0.026: the largest t with sum F/(1-F) <= 0.078 is 0.04, where it is
        # 0.01/0.99 + 0.04/0.96 = 0.0518; that is <= 2 × 0.026, so both are selected.
        pytest.param(0.026, "step-up", [True, True, False], id="step-up, both"),
        pytest.param(0.0258, "step-up", [True, False, False], id="step-up, second above"),
        # 0.01/0.99 = 0.0101 is more than 0.01, but with t up to 0.01 allowed by 3 × 0.005.
        pytest.param(0.005, "step-up", [False, False, False], id="step-up, none"),
        pytest.param(0.002, "step-up", [False, False, False], id="no attainable value allowed"),
    ],
)
def test_discrete_rules_by_hand(level: float, rule: str, selected: list[bool]) -> None:
    found = select_discrete([0.01, 0.04, 1.0], SUPPORTS, level=level, rule=rule)  # type: ignore[arg-type]
    assert found.tolist() == selected


@st.composite
def discrete_tests(draw: st.DrawFn) -> tuple[list[float], list[list[float]]]:
    supports = draw(
        st.lists(
            st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True),
            min_size=1,
            max_size=8,
        )
    )
    as_values = [[*(v / 100 for v in sorted(support)), 1.0] for support in supports]
    return [draw(st.sampled_from(support)) for support in as_values], as_values


def _select_by_definition(values: list[float], supports: list[list[float]], level: float) -> int:
    """How many HSU selects, from the critical values of Döhler et al. 2018 one by one."""

    def at(support: list[float], t: float) -> float:
        return max((s for s in support if s <= t), default=0.0)

    n = len(values)
    attainable = sorted({s for support in supports for s in support})

    def odds(t: float) -> float:
        return sum(math.inf if at(s, t) == 1 else at(s, t) / (1 - at(s, t)) for s in supports)

    largest = max((t for t in attainable if odds(t) <= level * n + 1e-12), default=0.0)
    best = 0
    for k, value in enumerate(sorted(values), start=1):
        allowed = [
            t
            for t in attainable
            if t <= largest
            and sum(at(s, t) / (1 - at(s, largest)) for s in supports) <= level * k + 1e-12
        ]
        if allowed and value <= max(allowed):
            best = k
    return sum(v <= sorted(values)[best - 1] for v in values) if best else 0


@given(discrete_tests(), st.sampled_from([0.0513, 0.1017, 0.2519, 0.5003]))
def test_step_up_is_its_definition_and_heyse_selects_at_least_as_much(
    tests: tuple[list[float], list[list[float]]], level: float
) -> None:
    values, supports = tests
    strict = select_discrete(values, supports, level=level)
    heyse = select_discrete(values, supports, level=level, rule="heyse")
    assert int(strict.sum()) == _select_by_definition(values, supports, level)
    assert (strict <= heyse).all()
    assert (select_discoveries(values, level=level) <= heyse).all()


def test_count_support_is_the_upper_tail_of_the_counts() -> None:
    # Poisson with mean 2: P(X >= 1) = 1 - e^-2, P(X >= 2) = 1 - 3 e^-2, P(X >= 3) = 1 - 5 e^-2.
    e2 = math.exp(-2)
    assert derive_count_support(2.0)[-4:].tolist() == pytest.approx(
        [1 - 5 * e2, 1 - 3 * e2, 1 - e2, 1.0]
    )
    # Negative binomial with mean 1 and size 1 is geometric with one half.
    assert derive_count_support(1.0, size=1.0, smallest=0.1).tolist() == [0.125, 0.25, 0.5, 1.0]
    # More than one stretch of counts is needed; below about 330 cases P(X >= x) rounds to 1.
    assert 1e-12 <= derive_count_support(500.0)[0] < 2e-12
    assert derive_count_support(500.0).size > 300


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[0.1]], "found 2 dimension"),
        (["a"], "found type"),
        ([0.1, 1.5], "p-value 1: found 1.5"),
        ([0.1, float("nan")], "p-value 1: found nan"),
        ([-0.1], "p-value 0: found -0.1"),
    ],
)
def test_no_probability_is_refused(values: list[object], message: str) -> None:
    with pytest.raises(DetectionInputError, match=message):
        select_discoveries(values, level=0.05)  # type: ignore[arg-type]


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0, float("nan")])
def test_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(DetectionInputError, match="level is"):
        select_discoveries([0.5], level=level)


@pytest.mark.parametrize(
    ("values", "supports", "rule", "message"),
    [
        ([0.5], [[0.5, 1.0]], "other", "rule is 'other'"),
        ([0.5], [], "heyse", "found 0; expected one for each of 1"),
        ([0.5], [[]], "heyse", "support 0: found shape"),
        ([0.5], [[1.0, 0.5]], "heyse", "strictly ascending"),
        ([0.5], [[0.0, 0.5]], "heyse", "above 0"),
        ([0.5], [[0.4, 1.0]], "heyse", "p-value 0: found 0.5, which is not in its support"),
    ],
)
def test_contradictory_supports_are_refused(
    values: list[float], supports: list[list[float]], rule: str, message: str
) -> None:
    with pytest.raises(DetectionInputError, match=message):
        select_discrete(values, supports, level=0.05, rule=rule)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mean", "size", "smallest"), [(0.0, 1.0, 0.1), (1.0, 0.0, 0.1), (1.0, 1.0, 0.0)]
)
def test_count_support_of_no_distribution_is_refused(
    mean: float, size: float, smallest: float
) -> None:
    with pytest.raises(DetectionInputError, match="count support"):
        derive_count_support(mean, size=size, smallest=smallest)
