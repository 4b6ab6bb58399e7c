"""What a duty officer is told of a rise: in how many weeks so many, and how rare that is."""

from math import floor, log10

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from tocsin.science.detection.windows import sum_windows

LONGEST_WINDOW_WEEKS = 52
SHORTEST_PAST_WEEKS = 8
RAREST_WEEKS = 10_000
"""About two hundred years: no past is long enough to say more."""

# The p-value of the first four is the tail of a normal distribution, which says nothing true of
# small counts; that of the others is of no window whose length they name, so of none that is told.
METHODS_WITHOUT_RARITY = frozenset(
    {"spike-rule", "ears-c1", "ears-c2", "ears-c3", "cusum", "time-between-events"}
)

WEEKS_TESTED = {"farrington-flexible": 1, "ears-c1": 1, "ears-c2": 1, "ears-c3": 3}
"""The weeks that a p-value is of, for methods that look at a fixed number without a setting."""

SMALLEST_EXPECTED = {"farrington-flexible": 1.0}
"""These take the mean they learned for certain: where it is near 0, one case seems impossible."""


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
    tails = _derive_predictive_tails(inside, past, lengths / n_weeks)
    return int(lengths[int(np.argmin(tails))])


def derive_window_tails(counts: NDArray[np.int64], window_weeks: int) -> NDArray[np.float64]:
    """Return how probable so many cases or more are in the window that ends with each week.

    counts: shape (n_series, n_weeks), oldest first; so is the result. Expected is what all weeks
    before the window let expect, by the predictive distribution of ``derive_window_weeks``; 1 for
    a window without cases, or without weeks before it. Nothing after a week is read. Where the
    rate is the same in all weeks this stays true of counts near 0, since the rate counts as learned
    from so many cases, not as known.

    >>> derive_window_tails(np.array([[0] * 99 + [1]]), 1).round(4)[0, -1].item()
    0.005
    """
    inside = sum_windows(counts, window_weeks).astype(np.float64)
    past = np.cumsum(counts, axis=1) - inside
    n_weeks = np.arange(1, counts.shape[1] + 1)
    shares = np.minimum(window_weeks, n_weeks) / n_weeks
    return _derive_predictive_tails(inside, past, shares)


def _derive_predictive_tails(
    inside: NDArray[np.float64], past: NDArray[np.float64], shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """P(so many or more) of cases in a window, which is that share of all weeks with its past."""
    tails = np.asarray(betainc(np.maximum(inside, 1), past + 0.5, shares), dtype=np.float64)
    return np.where(inside > 0, tails, 1.0)


def derive_rare_weeks(p_value: float, *, method: str, expected: float) -> int | None:
    """Return in how many weeks something so strange is expected once, to two figures.

    expected: cases, as the method says of the week. At most RAREST_WEEKS; None where it is not
    rare, or the method's p-values do not say it.

    >>> derive_rare_weeks(1 / 1_937, method="emergence", expected=0.1)
    1900
    >>> derive_rare_weeks(0.0, method="sparse", expected=0.1)
    10000
    >>> derive_rare_weeks(1e-9, method="farrington-flexible", expected=0.1) is None
    True
    """
    is_said = method not in METHODS_WITHOUT_RARITY and expected >= SMALLEST_EXPECTED.get(method, 0)
    if not is_said or not p_value <= 0.5:
        return None
    weeks = min(1 / p_value, RAREST_WEEKS) if p_value > 0 else RAREST_WEEKS
    return int(round(weeks, 1 - floor(log10(weeks))))
