"""Distances from a mean in standard deviations."""

import numpy as np
import pytest

from tocsin.science.detection.standardised import (
    SMALLEST_P,
    derive_normal_tail,
    derive_standard_scores,
)


def test_constant_past_gives_large_finite_scores() -> None:
    values, means = np.array([7, 4, 3, 6]), np.array([4.0, 4.0, 4.0, 4.0])
    scores = derive_standard_scores(values, means, np.array([1.5, 0.0, 0.0, 0.0]))
    assert scores == pytest.approx([2.0, 0.0, -1000.0, 2000.0])


def test_normal_tail_is_never_zero() -> None:
    # Printed tables: 0.15866 above 1 and 0.99865 above −3.
    tail = derive_normal_tail(np.array([1.0, -3.0, 1e12]))
    assert tail[:2] == pytest.approx([0.15866, 0.99865], abs=5e-6)
    assert tail[2] == SMALLEST_P
