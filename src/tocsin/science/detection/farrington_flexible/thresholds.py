"""Threshold, score and p-value of a count from the predicted mean, in compiled code.

Source: "delta" is the threshold of Farrington et al. 1996, Journal of the Royal Statistical Society A
159:547; "nb_plugin" and "muan" are the negative binomial thresholds of Noufaily et al. 2013,
Statistics in Medicine 32:1206, at the mean and at the upper confidence limit of the mean.
"""

import math
from typing import Any, Final

from numpy.typing import NDArray

from tocsin.science.detection.farrington_flexible.compiling import compiled
from tocsin.science.detection.farrington_flexible.forms import (
    BASELINE_MEAN,
    DELTA,
    DISPERSION,
    EXPECTED,
    FITTED,
    LOG_MEAN,
    MUAN,
    P_VALUE,
    SCORE,
    STATE,
    TOO_DISPERSED,
    UPPER,
    Rules,
)
from tocsin.science.detection.farrington_flexible.negative_binomial import (
    exp_or_infinity,
    quantile,
    upper_tail,
)
from tocsin.science.detection.farrington_flexible.sums import LEAST_MEAN

Floats = NDArray[Any]

GREATEST_VARIANCE: Final = 1e7

_HALF_SQRT: Final = math.sqrt(0.5)


@compiled
def _score(count: float, centre: float, upper: float) -> float:
    reach = upper - centre
    if reach == 0.0:
        return math.copysign(math.inf, count - centre)
    return (count - centre) / reach


@compiled
def _judge_delta(
    count: float, log_mean: float, error: float, dispersion: float, rules: Rules
) -> tuple[float, float, float, float, float]:
    """Return expected, upper bound, score, p-value and R's mu0Vector."""
    mean = max(exp_or_infinity(log_mean), LEAST_MEAN)
    response_error = error * mean
    exponent = rules.exponent
    # The variance of a power of the count, by its derivative at the mean.
    spread = exponent * math.sqrt(
        mean ** (2.0 * exponent - 1.0) * (dispersion + response_error * error)
    )
    centre = mean**exponent
    reach = abs(rules.normal_quantile) * spread
    upper = (centre + reach) ** (1.0 / exponent)
    p_value = 0.5 * math.erfc((count**exponent - centre) / spread * _HALF_SQRT)
    baseline = exp_or_infinity(mean + rules.normal_quantile * response_error)
    return mean, upper, _score(count, mean, upper), p_value, baseline


@compiled
def judge_count(
    count: float, log_mean: float, error: float, dispersion: float, rules: Rules, result: Floats
) -> None:
    """Fill a column of the result from the predicted log mean and its standard error."""
    result[STATE] = FITTED
    result[DISPERSION] = dispersion
    result[LOG_MEAN] = log_mean
    if rules.method == DELTA:
        mean, upper, score, p_value, baseline = _judge_delta(
            count, log_mean, error, dispersion, rules
        )
        result[EXPECTED], result[UPPER], result[SCORE] = mean, upper, score
        result[P_VALUE], result[BASELINE_MEAN] = p_value, baseline
        return
    result[EXPECTED] = exp_or_infinity(log_mean)
    shift = rules.normal_quantile * error if rules.method == MUAN else 0.0
    mean = exp_or_infinity(log_mean + shift)
    result[BASELINE_MEAN] = mean
    if math.isinf(mean):
        # As R: no threshold, hence no expected count either, once the mean is beyond all numbers.
        result[EXPECTED] = result[UPPER] = result[SCORE] = result[P_VALUE] = math.nan
    elif mean * dispersion > GREATEST_VARIANCE:
        result[STATE] = TOO_DISPERSED
    else:
        upper = quantile(rules.level, rules.normal_quantile, mean, dispersion)
        result[UPPER] = upper
        result[P_VALUE] = upper_tail(count, mean, dispersion)
        result[SCORE] = _score(count, log_mean, upper)
