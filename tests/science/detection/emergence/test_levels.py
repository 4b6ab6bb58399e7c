"""The usual level: conjugate updates by hand, and what it learns of known series."""

import numpy as np
import pytest

from tocsin.science.detection.emergence.levels import follow_levels
from tocsin.science.detection.emergence.settings import EmergenceSettings

SETTINGS = EmergenceSettings()


def test_the_first_prediction_is_one_case_in_twenty_weeks() -> None:
    levels = follow_levels(np.array([[7.0]]), None, SETTINGS)
    assert levels.level[0, 0] == pytest.approx(0.05)
    assert levels.dispersion[0, 0] == pytest.approx(1.2)


def test_a_count_updates_the_rate_by_gamma_conjugacy() -> None:
    # Mean 0.05 and variance 4 of its logarithm: a gamma of shape 1/4 and rate 5. Two cases in a
    # week, at dispersion 1.2, make it one of shape 1/4 + 2/1.2 and rate 5 + 1/1.2.
    levels = follow_levels(np.array([[2.0, 0.0]]), None, SETTINGS)
    assert levels.variance[0, 0] == pytest.approx(4.0)
    assert levels.mean[0, 1] == pytest.approx((0.25 + 2 / 1.2) / (5 + 1 / 1.2))
    assert levels.variance[0, 1] == pytest.approx(1 / (0.25 + 2 / 1.2) / 0.99)


def test_a_constant_series_is_expected_at_its_level() -> None:
    levels = follow_levels(np.full((1, 300), 8.0), None, SETTINGS)
    assert levels.mean[0, 250:] == pytest.approx(np.full(50, 8.0), rel=0.03)
    assert levels.dispersion[0, -1] == 1.0


def test_a_yearly_pattern_is_learned() -> None:
    weeks = np.arange(520)
    truth = np.exp(2 + 0.5 * np.cos(2 * np.pi * (weeks + 1) / 52))
    levels = follow_levels(np.round(truth)[None, :].astype(np.float64), None, SETTINGS)
    assert levels.mean[0, 468:] == pytest.approx(truth[468:], rel=0.15)


def test_dispersion_is_learned_from_counts_of_known_dispersion() -> None:
    chance = np.random.default_rng(11)
    counts = chance.negative_binomial(10 / (3 - 1), 1 / 3, size=(200, 400)).astype(float)
    levels = follow_levels(counts, None, SETTINGS)
    # Capped residuals say a little less than the truth of 3.
    assert 2.4 < float(np.median(levels.dispersion[:, -1])) < 3.1


def test_one_outbreak_hardly_moves_the_level() -> None:
    counts = np.full((2, 200), 4.0)
    counts[1, 150:153] = 60.0
    levels = follow_levels(counts, None, SETTINGS)
    assert levels.mean[1, 153] < 1.4 * levels.mean[0, 153]


def test_a_week_in_which_nothing_was_examined_changes_no_rate() -> None:
    counts = np.array([[2.0, 3.0, 0.0, 2.0]])
    settings = EmergenceSettings(level_discount=1.0, trend_discount=1.0, season_discount=1.0)
    levels = follow_levels(counts, np.array([[1.0, 1.0, 0.0, 1.0]]), settings)
    assert levels.mean[0, 2] == 0.0
    assert levels.level[0, 3] == pytest.approx(levels.level[0, 2], rel=0.02)
