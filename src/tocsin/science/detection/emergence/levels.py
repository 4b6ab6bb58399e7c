"""The usual level of each series, followed week by week: a robust dynamic count model.

A dynamic generalised linear model (West, Harrison & Migon 1985, Journal of the American Statistical
Association 80:73–83) with logarithmic link: level, trend and a yearly pattern of two harmonics.
Each week's rate has a gamma distribution whose mean and variance are those of the linear predictor;
the count updates it by conjugacy and the state by linear Bayes (their equations 3.5–3.7).
Discounts of the information take the place of evolution variances (Harvey & Fernandes 1989, Journal
of Business & Economic Statistics 7:407–417, for counts). Two additions of our own: a count far
above its prediction counts only up to a cap, so that an outbreak does not become the usual level at
once; and the dispersion beyond Poisson is learned from squared residuals, capped too.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.science.detection.emergence.settings import EmergenceSettings

Floats = NDArray[np.float64]

WEEKS_IN_YEAR: Final = 52
_HARMONICS: Final = 2
_STATES: Final = 2 + 2 * _HARMONICS

# Before anything is known: a rate around one case in twenty weeks, within a factor of e² either way.
_START_LEVEL: Final = float(np.log(0.05))
_START_VARIANCES: Final = np.array([4.0, 0.04, 0.1, 0.1, 0.05, 0.05])
# Logarithms of rates between one case in 150 years and the greatest count there is.
_LEAST_LEVEL: Final = -9.0
_GREATEST_LEVEL: Final = 28.0
_LEAST_LOG_RATE: Final = -14.0
# So long only the level is learned; a first count far from the start would else make a false trend.
_LEVEL_ONLY_WEEKS: Final = 13

_COUNT_CAP_SD: Final = 2.5
_RESIDUAL_CAP: Final = 7.0
_START_DISPERSION: Final = 1.2
_START_DISPERSION_WEEKS: Final = 20.0
_DISPERSION_DISCOUNT: Final = 0.995
# Until the level is known, residuals say more of it than of the dispersion.
_LEARNING_WEEKS: Final = 26


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """What was usual, as known before each week; arrays of shape (n_series, n_weeks).

    level: rate without the yearly pattern, cases a week and unit of exposure.
    pattern: factor of the yearly pattern times the week's exposure; level * pattern is the mean.
    dispersion: variance over mean of the counts about their rate, 1 or more.
    variance: of the logarithm of the rate; what is not known about it.
    """

    level: Floats
    pattern: Floats
    dispersion: Floats
    variance: Floats

    @property
    def mean(self) -> Floats:
        """Expected cases in each week."""
        return self.level * self.pattern


def follow_levels(counts: Floats, exposures: Floats | None, settings: EmergenceSettings) -> Levels:
    """Predict each week from the weeks before it.

    counts: shape (n_series, n_weeks). exposures: same shape, samples examined in units of the
    series' own usual number, 0 where none was; None for 1 throughout.
    Nothing of a week or after it enters its prediction.
    """
    n_series, n_weeks = counts.shape
    levels = Levels(*(np.empty((n_series, n_weeks)) for _each in range(4)))
    state = np.zeros((n_series, _STATES))
    state[:, 0] = _START_LEVEL
    spread = np.zeros((n_series, _STATES, _STATES))
    spread[:, 0, 0] = _START_VARIANCES[0]
    dispersion = _Dispersion(n_series)
    inflation = _derive_inflation(settings)
    for week in range(n_weeks):
        regressors = _build_regressors(week)
        if week == _LEVEL_ONLY_WEEKS:
            spread[:, range(1, _STATES), range(1, _STATES)] = _START_VARIANCES[1:]
        _evolve(state, spread, inflation)
        log_rate = np.clip(state @ regressors, _LEAST_LOG_RATE, _GREATEST_LEVEL)
        covariance = spread @ regressors
        variance = np.maximum(covariance @ regressors, 1e-9)
        exposure = np.ones(n_series) if exposures is None else exposures[:, week]
        mean = np.exp(log_rate) * exposure
        phi = dispersion.value
        levels.level[:, week] = np.exp(state[:, 0])
        levels.pattern[:, week] = np.exp(np.clip(log_rate - state[:, 0], -3.0, 3.0)) * exposure
        levels.dispersion[:, week] = phi
        levels.variance[:, week] = variance
        total_variance = phi * mean + mean**2 * variance
        count = counts[:, week]
        if week >= _LEARNING_WEEKS:
            dispersion.learn(count, mean, variance, total_variance)
            count = np.minimum(count, mean + _COUNT_CAP_SD * np.sqrt(total_variance) + 0.5)
        _update(state, spread, covariance, variance, log_rate, (count, exposure / phi, phi))
    return levels


def _derive_inflation(settings: EmergenceSettings) -> Floats:
    """Factors that widen the spread of the states from one week to the next."""
    discounts = np.array(
        [settings.level_discount, settings.trend_discount]
        + [settings.season_discount] * (2 * _HARMONICS)
    )
    root = discounts**-0.5
    return np.outer(root, root)


def _build_regressors(week: int) -> Floats:
    angles = 2 * np.pi * np.arange(1, _HARMONICS + 1) * (week + 1) / WEEKS_IN_YEAR
    return np.concatenate([[1.0, 0.0], np.stack([np.cos(angles), np.sin(angles)], axis=1).ravel()])


def _evolve(state: Floats, spread: Floats, inflation: Floats) -> None:
    """Carry state and spread one week on, in place; the level moves by its trend, a year's share.

    No state becomes less certain than it was before the first week.
    """
    step = 1 / WEEKS_IN_YEAR
    state[:, 0] = np.clip(state[:, 0] + step * state[:, 1], _LEAST_LEVEL, _GREATEST_LEVEL)
    spread[:, 0, :] += step * spread[:, 1, :]
    spread[:, :, 0] += step * spread[:, :, 1]
    spread *= inflation
    variances = np.einsum("nii->ni", spread)
    scale = np.sqrt(np.minimum(1.0, _START_VARIANCES / np.maximum(variances, 1e-12)))
    spread *= scale[:, :, None] * scale[:, None, :]


def _update(
    state: Floats,
    spread: Floats,
    covariance: Floats,
    variance: Floats,
    log_rate: Floats,
    observed: tuple[Floats, Floats, Floats],
) -> None:
    """Bring in a week's count, in place: conjugate gamma update, then linear Bayes."""
    count, exposure, phi = observed
    shape = 1 / variance
    new_shape = shape + count / phi
    new_rate = shape * np.exp(-log_rate) + exposure
    new_log_rate = np.log(new_shape / new_rate)
    gain = covariance / variance[:, None]
    state += gain * (new_log_rate - log_rate)[:, None]
    shrink = (variance - 1 / new_shape)[:, None, None]
    spread -= gain[:, :, None] * gain[:, None, :] * shrink


class _Dispersion:
    """Variance over mean about the rate, a discounted average of capped squared residuals."""

    def __init__(self, n_series: int) -> None:
        self._weight = np.full(n_series, _START_DISPERSION_WEEKS)
        self._sum = np.full(n_series, _START_DISPERSION * _START_DISPERSION_WEEKS)

    @property
    def value(self) -> Floats:
        value: Floats = np.maximum(1.0, self._sum / self._weight)
        return value

    def learn(self, count: Floats, mean: Floats, variance: Floats, total_variance: Floats) -> None:
        """Bring in a week; weeks in which hardly a case was expected say little."""
        square = np.minimum((count - mean) ** 2, _RESIDUAL_CAP * np.maximum(total_variance, 0.3))
        share = np.maximum(square - mean**2 * variance, 0.0) / np.maximum(mean, 0.02)
        weight = np.minimum(1.0, 5 * mean)
        self._sum = self._sum * _DISPERSION_DISCOUNT + share * weight
        self._weight = self._weight * _DISPERSION_DISCOUNT + weight
        missing = np.maximum(0.0, _START_DISPERSION_WEEKS - self._weight)
        self._weight += missing
        self._sum += missing * _START_DISPERSION
