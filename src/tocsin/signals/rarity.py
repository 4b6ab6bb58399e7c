"""What a duty officer is told of a rise: in how many weeks so many, and how rare that is."""

from math import floor, log10

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

LONGEST_WINDOW_WEEKS = 52
SHORTEST_PAST_WEEKS = 8
RAREST_WEEKS = 10_000
"""About two hundred years: no past is long enough to say more."""

# Their p-value is the tail of a normal distribution, which says nothing true of small counts.
METHODS_WITHOUT_RARITY = frozenset({"spike-rule", "ears-c1", "ears-c2", "ears-c3"})


def derive_window_weeks(counts: NDArray[np.int64]) -> int:
    """Return how many of the last weeks are told as the rise: those least like the weeks before.

    counts: shape (n_weeks,), oldest first; the last week is the one in which the rise was seen.
    Compared are the counts of the last 1, 2, … 52 weeks, each with the weeks before it, as a
    negative binomial draw: what a Poisson rate learned from m cases in T weeks, with Jeffreys'
    prior, leaves to expect. Of equals the shorter.
    Source: Jeffreys' prior for a Poisson rate, Gamma(1/2, 0); the predictive distribution is
    negative binomial, Gelman et al. 2013, Bayesian Data Analysis, 3rd ed., section 2.6.

    >>> derive_window_weeks(np.array([0] * 300 + [1, 0, 1, 1]))
    4
    """
    n_weeks = counts.size
    longest = min(LONGEST_WINDOW_WEEKS, n_weeks - SHORTEST_PAST_WEEKS)
    if longest < 1:
        return max(n_weeks, 1)
    lengths = np.arange(1, longest + 1)
    totals = np.cumsum(counts[::-1])
    inside = totals[:longest].astype(np.float64)
    past = totals[-1] - inside
    weeks_before = n_weeks - lengths
    tails = betainc(np.maximum(inside, 1), past + 0.5, lengths / n_weeks * np.ones(longest))
    tails = np.where((inside > 0) & (weeks_before > 0), tails, 1.0)
    return int(lengths[int(np.argmin(tails))])


def derive_rare_weeks(p_value: float, *, method: str) -> int | None:
    """Return in how many weeks something so strange is expected once, to two figures.

    At most RAREST_WEEKS; None where it is not rare, or the method's p-values do not say it.

    >>> derive_rare_weeks(1 / 1_937, method="emergence")
    1900
    >>> derive_rare_weeks(0.7, method="emergence"), derive_rare_weeks(0.0, method="sparse")
    (None, 10000)
    """
    if method in METHODS_WITHOUT_RARITY or not p_value <= 0.5:
        return None
    weeks = min(1 / p_value, RAREST_WEEKS) if p_value > 0 else RAREST_WEEKS
    return int(round(weeks, 1 - floor(log10(weeks))))
