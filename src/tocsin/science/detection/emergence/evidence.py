"""How strongly the counts speak for a rise: Bayes factors against "nothing changed".

Two kinds of rise are weighed against the predictive distribution of the usual level, a negative
binomial. An *outbreak* began this week or last week and adds cases; its sizes are multiples of the
standard deviation, half of its cases come in its first week and most others in the second (the
shape used to compare detectors by Noufaily et al. 2013, Statistics in Medicine 32:1206–1222). A
*lasting* rise began up to two years ago and multiplies the rate; it is what a new substance looks like
whose cases come weeks apart. The evidence is the mean of all these likelihood ratios, weighted; the
mean of likelihood ratios has expectation 1 or less when nothing changed, so that the probability of
evidence above e^s is at most e^-s (Markov's inequality; Kass & Raftery 1995, Journal of the American
Statistical Association 90:773–795, for the scale).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaln, logsumexp

from tocsin.science.detection.emergence.levels import Floats, Levels

LASTING_WINDOWS_WEEKS: Final = (4, 8, 13, 26, 52, 104)
WINDOWS_WEEKS: Final = (1, 2, *LASTING_WINDOWS_WEEKS)

_NOTHING: Final = -50.0

_OUTBREAK_SIZES_SD: Final = (1.0, 3.0, 6.0, 10.0)
_FIRST_WEEK_SHARE: Final = 0.5
_SECOND_WEEK_SHARE: Final = 0.42
_BEGAN_LAST_WEEK_WEIGHT: Final = 0.5
_OUTBREAK_WEIGHTS: Final = len(_OUTBREAK_SIZES_SD) * (1 + _BEGAN_LAST_WEEK_WEIGHT)

_LASTING_RATIOS: Final = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
_LASTING_WEIGHT: Final = 0.7
# Where so many cases are expected in half a year, the weight of lasting rises has fallen to half:
# what comes daily is followed by its level, what is new comes weeks apart.
_LASTING_FEW_CASES: Final = 3.0

# The smallest excess of the variance over the mean that the formulas below divide by.
_LEAST_EXCESS: Final = 0.01


def weigh_evidence(counts: Floats, levels: Levels, *, known_from: int) -> Floats:
    """Logarithm of the Bayes factor of a rise, every week; shape (n_series, n_weeks).

    known_from: first week whose usual level has some past; no lasting rise begins before it.
    """
    mean = levels.mean
    lasting_weight = _LASTING_WEIGHT / (1 + 26 * mean / _LASTING_FEW_CASES)
    lasting = logsumexp(
        [_weigh_lasting(counts, levels, weeks, known_from) for weeks in LASTING_WINDOWS_WEEKS],
        axis=0,
    ) - np.log(len(LASTING_WINDOWS_WEEKS))
    evidence: Floats = np.logaddexp(
        weigh_outbreak(counts, levels) + np.log1p(-lasting_weight),
        lasting + np.log(lasting_weight),
    )
    return evidence


def weigh_outbreak(counts: Floats, levels: Levels) -> Floats:
    """Logarithm of the Bayes factor of an outbreak that began this week or the week before."""
    mean, size, deviation = _derive_weekly_distribution(levels)
    terms = []
    for multiple in _OUTBREAK_SIZES_SD:
        first = _compare(counts, mean, mean + multiple * _FIRST_WEEK_SHARE * deviation, size)
        second = _compare(counts, mean, mean + multiple * _SECOND_WEEK_SHARE * deviation, size)
        began_before = np.full_like(first, _NOTHING)
        began_before[:, 1:] = first[:, :-1] + second[:, 1:]
        terms += [first, began_before + np.log(_BEGAN_LAST_WEEK_WEIGHT)]
    total: Floats = logsumexp(terms, axis=0) - np.log(_OUTBREAK_WEIGHTS)
    return total


def derive_weekly_thresholds(levels: Levels, needed: Floats | float) -> Floats:
    """Cases in a week that would, on their own, be as much evidence of an outbreak as is needed.

    needed: logarithm of the Bayes factor, one number or one for every week. Newton's iteration from above on a convex increasing function; shape (n_series, n_weeks).
    """
    mean, size, deviation = _derive_weekly_distribution(levels)
    slopes, offsets = [], []
    for multiple in _OUTBREAK_SIZES_SD:
        raised = mean + multiple * _FIRST_WEEK_SHARE * deviation
        slopes.append(np.log1p((raised - mean) * size / (mean * (size + raised))))
        offsets.append(size * np.log1p((raised - mean) / (size + mean)))
    constant = np.log(_OUTBREAK_WEIGHTS) + needed
    # Where the largest outbreak alone would do, all together surely do.
    count: Floats = (constant + offsets[-1]) / slopes[-1]
    for _iteration in range(8):
        terms = np.stack([a * count - b for a, b in zip(slopes, offsets, strict=True)])
        height = logsumexp(terms, axis=0)
        slope = np.sum(np.exp(terms - height) * np.stack(slopes), axis=0)
        count = count - (height - constant) / slope
    return count


@dataclass(frozen=True, slots=True, eq=False)
class UnusualWindows:
    """The most unusual window that ends at each week; arrays of shape (n_series, n_weeks).

    p_values: probability of so many cases or more, from the negative binomial predictive
        distribution as known before the window began, times the number of windows (Bonferroni),
        1 at most. weeks: its length; 1 where no window held more than expected. cases, expected:
        found and expected in it.
    """

    p_values: Floats
    weeks: NDArray[np.int64]
    cases: Floats
    expected: Floats


def find_unusual_windows(counts: Floats, levels: Levels, *, known_from: int) -> UnusualWindows:
    """Find the window with the smallest tail probability; known_from: as for the evidence."""
    smallest = np.ones_like(counts)
    lengths = np.ones(counts.shape, dtype=np.int64)
    cases, expected = counts.copy(), _Window(counts, levels, 1).expected
    for weeks in WINDOWS_WEEKS:
        found = _Window(counts, levels, weeks)
        unusual = found.cases > found.expected
        if weeks in LASTING_WINDOWS_WEEKS:
            unusual[:, :known_from] = False
        p_values = np.ones_like(found.cases)
        size, usual = found.size[unusual], found.expected[unusual]
        p_values[unusual] = betainc(found.cases[unusual], size, usual / (size + usual))
        ended = slice(weeks - 1, None)
        is_smaller = p_values < smallest[:, ended]
        smallest[:, ended][is_smaller] = p_values[is_smaller]
        lengths[:, ended][is_smaller] = weeks
        cases[:, ended][is_smaller] = found.cases[is_smaller]
        expected[:, ended][is_smaller] = found.expected[is_smaller]
    return UnusualWindows(np.minimum(1.0, smallest * len(WINDOWS_WEEKS)), lengths, cases, expected)


class _Window:
    """Cases in windows that end at week weeks-1 and later, and what was expected of them.

    expected: with the level as known before the window began and the yearly pattern of its weeks.
    size: of the negative binomial, from the dispersion of single weeks and the uncertain level.
    excess: dispersion less 1, as known before the window began.
    """

    def __init__(self, counts: Floats, levels: Levels, weeks: int) -> None:
        n_weeks = counts.shape[1]
        begun = slice(0, max(0, n_weeks - weeks + 1))
        self.cases = _sum_windows(counts, weeks)
        pattern = np.maximum(_sum_windows(levels.pattern, weeks), 1e-9)
        self.expected = levels.level[:, begun] * pattern
        self.excess = np.maximum(levels.dispersion[:, begun] - 1, _LEAST_EXCESS)
        self.size = 1 / (self.excess / self.expected + levels.variance[:, begun])


def _sum_windows(values: Floats, weeks: int) -> Floats:
    totals = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=totals[:, 1:])
    sums: Floats = totals[:, weeks:] - totals[:, : max(0, totals.shape[1] - weeks)]
    return sums


def _weigh_lasting(counts: Floats, levels: Levels, weeks: int, known_from: int) -> Floats:
    """Logarithm of the Bayes factor of a rise that has lasted so many weeks."""
    found = _Window(counts, levels, weeks)
    evidence = np.full_like(counts, _NOTHING)
    # Well below the smallest rise in question the likelihood ratio is far below one.
    speaks = found.cases > 1.25 * found.expected
    speaks[:, :known_from] = False
    cases, expected = found.cases[speaks], found.expected[speaks]
    usual = _log_probability(cases, expected, found.size[speaks])
    ratios = [
        _log_probability(cases, ratio * expected, ratio * expected / found.excess[speaks]) - usual
        for ratio in _LASTING_RATIOS
    ]
    evidence[:, weeks - 1 :][speaks] = _mean_of_logs(ratios)
    return evidence


def _mean_of_logs(terms: Sequence[Floats]) -> Floats:
    mean: Floats = logsumexp(terms, axis=0) - np.log(len(terms))
    return mean


def _derive_weekly_distribution(levels: Levels) -> tuple[Floats, Floats, Floats]:
    """Mean, size and standard deviation of each week's negative binomial."""
    mean = np.maximum(levels.mean, 1e-9)
    dispersion = np.maximum(levels.dispersion + mean * levels.variance, 1 + _LEAST_EXCESS)
    return mean, mean / (dispersion - 1), np.sqrt(dispersion * mean)


def _compare(counts: Floats, mean: Floats, raised: Floats, size: Floats) -> Floats:
    """Log likelihood ratio of two negative binomials of one size: a raised mean over the usual."""
    gap = raised - mean
    ratio: Floats = counts * np.log1p(gap * size / (mean * (size + raised))) - size * np.log1p(
        gap / (size + mean)
    )
    return ratio


def _log_probability(counts: Floats, mean: Floats, size: Floats) -> Floats:
    """Negative binomial by mean and size, without the term of the count alone."""
    probability: Floats = (
        gammaln(counts + size)
        - gammaln(size)
        - size * np.log1p(mean / size)
        - counts * np.log1p(size / mean)
    )
    return probability
