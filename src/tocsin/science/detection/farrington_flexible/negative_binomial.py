"""Tail and quantile of the negative binomial, to full relative precision, in compiled code.

A mean m and a dispersion phi >= 1 mean a variance phi·m: size m / (phi - 1) and probability
1 / phi, and the Poisson distribution where phi is 1. Formulas are written in m and phi so that
phi -> 1 loses nothing.

Source: Loader 2000, Fast and Accurate Computation of Binomial Probabilities (probability of one
count); NIST Digital Library of Mathematical Functions, 8.17(v) (continued fraction of the
incomplete beta function).
"""

import math
from typing import Final

from tocsin.science.detection.farrington_flexible.compiling import compiled

_HALF_LOG_TWO_PI: Final = 0.9189385332046727
_EPSILON: Final = 2.0**-52
# Below this mean the quantile is found by adding up from 0.
_SMALL_MEAN: Final = 30.0


@compiled
def exp_or_infinity(x: float) -> float:
    """Return e to the x, infinity where it has no number."""
    if x > 709.7:
        return math.inf
    return math.exp(x)


@compiled
def _stirling_error(x: float) -> float:
    """Return log(x!) - log(sqrt(2πx) (x/e)^x)."""
    if x <= 15.0:
        return math.lgamma(x + 1.0) - (x + 0.5) * math.log(x) + x - _HALF_LOG_TWO_PI
    square = x * x
    return (
        1.0 / 12.0
        - (
            1.0 / 360.0
            - (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / (1188.0 * square)) / square) / square
        )
        / square
    ) / x


@compiled
def _deviance_part(x: float, mean: float, difference: float) -> float:
    """Return x·log(x / mean) - (x - mean), given the difference x - mean without cancellation."""
    if abs(difference) >= 0.1 * (x + mean):
        return x * math.log(x / mean) - difference
    ratio = difference / (x + mean)
    total = difference * ratio
    term = 2.0 * x * ratio
    odd = 1.0
    while True:
        term *= ratio * ratio
        odd += 2.0
        longer = total + term / odd
        if longer == total:
            return total
        total = longer


@compiled
def probability_of_none(mean: float, dispersion: float) -> float:
    """Return P(Y = 0)."""
    excess = dispersion - 1.0
    if excess > 0.0:
        return math.exp(-mean * math.log1p(excess) / excess)
    return math.exp(-mean)


@compiled
def probability(count: float, mean: float, dispersion: float) -> float:
    """Return P(Y = count), count a whole number from 0."""
    if count == 0.0:
        return probability_of_none(mean, dispersion)
    excess = dispersion - 1.0
    share = mean / (mean + count * excess)  # size / (size + count)
    from_counts = (mean + count * excess) / dispersion
    exponent = -_stirling_error(count) - _deviance_part(
        count, from_counts, (count - mean) / dispersion
    )
    if excess > 0.0:
        size = mean / excess
        exponent += _stirling_error(size + count) - _stirling_error(size)
        exponent -= _deviance_part(size, (size + count) / dispersion, (mean - count) / dispersion)
    return math.exp(exponent) * math.sqrt(share / (2.0 * math.pi * count))


@compiled
def _tail_ratio(count: float, mean: float, dispersion: float) -> float:
    """Return P(Y >= count) / P(Y = count), quickly where count lies above the mean."""
    failure = (dispersion - 1.0) / dispersion
    scaled = mean / dispersion
    tiny = 1e-300
    c = 1.0
    d = 1.0 - (count * failure + scaled) / (count + 1.0)
    d = 1.0 / (d if abs(d) > tiny else tiny)
    result = d
    m = 0.0
    change = 0.0
    while abs(change - 1.0) >= 4.0 * _EPSILON and m < 1e5:
        m += 1.0
        top = count + 2.0 * m
        even = m * (scaled - m * failure) / ((top - 1.0) * top)
        d = 1.0 / (1.0 + even * d)
        c = 1.0 + even / c
        result *= d * c
        odd = -(count + m) * ((count + m) * failure + scaled) / (top * (top + 1.0))
        d = 1.0 / (1.0 + odd * d)
        c = 1.0 + odd / c
        change = d * c
        result *= change
    return result


@compiled
def upper_tail(count: float, mean: float, dispersion: float) -> float:
    """Return P(Y >= count), count a whole number from 0."""
    if count <= 0.0:
        return 1.0
    if count > mean:
        first = probability(count, mean, dispersion)
        return first * _tail_ratio(count, mean, dispersion) if first > 0.0 else 0.0
    failure = (dispersion - 1.0) / dispersion
    scaled = mean / dispersion
    at = count - 1.0
    term = probability(at, mean, dispersion)
    below = term
    while at > 0.0 and term > 1e-17 * below:
        term *= at / (scaled + (at - 1.0) * failure)
        at -= 1.0
        below += term
    return max(0.0, 1.0 - below)


@compiled
def quantile(level: float, normal_quantile: float, mean: float, dispersion: float) -> float:
    """Return the smallest whole number with P(Y <= it) >= level.

    normal_quantile: that of the level, to begin the search near the answer. As in R, a probability
    that misses the level by rounding alone counts as reaching it.
    """
    target = level * (1.0 - 8.0 * _EPSILON)
    failure = (dispersion - 1.0) / dispersion
    scaled = mean / dispersion
    if mean < _SMALL_MEAN:
        at = 0.0
        term = probability_of_none(mean, dispersion)
        reached = term
        while reached < target and (at < mean or term > 1e-18):
            term *= (scaled + at * failure) / (at + 1.0)
            at += 1.0
            reached += term
        return at
    spread = math.sqrt(mean * dispersion)
    skewness = (2.0 * dispersion - 1.0) / spread
    correction = skewness * (normal_quantile * normal_quantile - 1.0) / 6.0
    at = max(0.0, math.floor(mean + spread * (normal_quantile + correction) + 0.5))
    above = upper_tail(at + 1.0, mean, dispersion)
    term = probability(at, mean, dispersion)
    allowed = 1.0 - target
    if above <= allowed:
        while at > 0.0 and above + term <= allowed:
            above += term
            term *= at / (scaled + (at - 1.0) * failure)
            at -= 1.0
        return at
    while above > allowed and (at < mean or term > 1e-18):
        term *= (scaled + at * failure) / (at + 1.0)
        at += 1.0
        above -= term
    return at
