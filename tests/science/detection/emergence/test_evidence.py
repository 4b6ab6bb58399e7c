"""Bayes factors and tail probabilities against SciPy's negative binomial."""

import numpy as np
import pytest
from scipy.stats import nbinom

from tocsin.science.detection.emergence.evidence import (
    LASTING_WINDOWS_WEEKS,
    WINDOWS_WEEKS,
    derive_weekly_thresholds,
    find_unusual_windows,
    weigh_evidence,
    weigh_outbreak,
)
from tocsin.science.detection.emergence.levels import Levels


def make_levels(*, weeks: int, level: float, dispersion: float, variance: float) -> Levels:
    shape = (1, weeks)
    return Levels(
        np.full(shape, level), np.ones(shape), np.full(shape, dispersion), np.full(shape, variance)
    )


def test_outbreak_evidence_is_the_mean_of_likelihood_ratios() -> None:
    levels = make_levels(weeks=2, level=2.0, dispersion=1.5, variance=0.1)
    counts = np.array([[5.0, 4.0]])
    dispersion = 1.5 + 2.0 * 0.1
    size, deviation = 2.0 / (dispersion - 1), np.sqrt(dispersion * 2.0)

    def compare(count: float, share: float, multiple: float) -> float:
        raised = 2.0 + multiple * share * deviation
        above = nbinom.pmf(count, size, size / (size + raised))
        return float(above / nbinom.pmf(count, size, size / (size + 2.0)))

    ratios = [
        compare(4, 0.5, multiple) + 0.5 * compare(5, 0.5, multiple) * compare(4, 0.42, multiple)
        for multiple in (1, 3, 6, 10)
    ]
    found = weigh_outbreak(counts, levels)
    assert found[0, 1] == pytest.approx(np.log(sum(ratios) / 6))


def test_lasting_evidence_is_the_mean_of_likelihood_ratios() -> None:
    levels = make_levels(weeks=4, level=0.01, dispersion=1.2, variance=2.0)
    counts = np.array([[1.0, 0.0, 1.0, 1.0]])
    expected, size = 0.04, 1 / (0.2 / 0.04 + 2.0)
    usual = nbinom.pmf(3, size, size / (size + expected))
    ratios = []
    for multiple in (2, 4, 8, 16, 32, 64):
        raised = multiple * expected
        ratios.append(nbinom.pmf(3, raised / 0.2, 1 / 1.2) / usual)
    weight = 0.7 / (1 + 26 * 0.01 / 3)
    outbreak = np.exp(weigh_outbreak(counts, levels)[0, 3])
    expected_evidence = np.log(
        (1 - weight) * outbreak + weight * np.mean(ratios) / len(LASTING_WINDOWS_WEEKS)
    )
    found = weigh_evidence(counts, levels, known_from=0)
    assert found[0, 3] == pytest.approx(expected_evidence)
    # A rise that would have begun before the level was known is none.
    late = weigh_evidence(counts, levels, known_from=1)
    assert late[0, 3] == pytest.approx(np.log((1 - weight) * outbreak))


def test_window_p_values_are_the_predictive_tail() -> None:
    levels = make_levels(weeks=8, level=0.05, dispersion=1.2, variance=0.5)
    counts = np.array([[0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0]])

    def tail(count: int, expected: float) -> float:
        size = 1 / (0.2 / expected + 0.5)
        return float(nbinom.sf(count - 1, size, size / (size + expected)))

    candidates = {1: tail(1, 0.05), 2: tail(1, 0.1), 4: tail(2, 0.2), 8: tail(3, 0.4)}
    best = min(candidates, key=lambda weeks: candidates[weeks])
    found = find_unusual_windows(counts, levels, known_from=0)
    assert found.p_values[0, 7] == pytest.approx(len(WINDOWS_WEEKS) * candidates[best])
    assert found.weeks[0, 7] == best
    assert (found.cases[0, 7], found.expected[0, 7]) == (pytest.approx(3.0), pytest.approx(0.4))
    assert found.p_values[0, 0] == 1.0


@pytest.mark.parametrize("level", [1e-3, 0.3, 4.0, 500.0])
def test_a_weeks_threshold_has_exactly_the_evidence_asked_for(level: float) -> None:
    levels = make_levels(weeks=1, level=level, dispersion=1.7, variance=0.05)
    threshold = derive_weekly_thresholds(levels, 2.75)
    assert weigh_outbreak(threshold, levels)[0, 0] == pytest.approx(2.75, abs=1e-6)
