"""How long a CUSUM of counts runs until its first false alarm, and the limit for a wished length.

The reference value is a whole number of steps of a lattice on which the sum moves, so that its
Markov chain is exact.

Source: Brook and Evans (1972), "An approach to the probability distribution of CUSUM run length",
Biometrika 59, 539–549; for Poisson counts Lucas (1985), "Counted data CUSUM's", Technometrics 27,
129–144; reference value of the negative binomial: Rogerson and Yamada (2004), "Approaches to
syndromic surveillance when data consist of small regional counts", MMWR 53 (Suppl), 79–85, and
Höhle and Paul (2008), Computational Statistics & Data Analysis 52, 4357–4368, section 2.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaincc, gammaln

_Floats = NDArray[np.float64]

# Neighbouring reference values of the table of limits differ by this factor.
_FACTOR: Final = 1.3
# The lattice has at most 20 steps a case; eighths above one case a week; above eight whole cases.
_FINEST: Final = 20
_EIGHTHS: Final = 8
# A negative binomial chain needs ever more states; there the table ends.
_MOST_STATES: Final = 300


def derive_increment(
    means: _Floats, *, rate_ratio: float, size: float | None
) -> tuple[_Floats, _Floats]:
    """Weight of a case and deduction of a week in ln of the likelihood ratio: y·weight − deduction.

    means: cases expected in a week while nothing changed. rate_ratio: how many times as many to
        look for. size: of the negative binomial (variance μ + μ²/size); None is Poisson.
    Source: Lucas (1985), Höhle and Paul (2008), see the module.

    >>> weight, deduction = derive_increment(np.array([3.0]), rate_ratio=2.0, size=None)
    >>> weight.round(6).tolist(), deduction.tolist()
    ([0.693147], [3.0])
    """
    if size is None:
        return np.full_like(means, np.log(rate_ratio)), means * (rate_ratio - 1)
    raised = np.log1p(means * (rate_ratio - 1) / (size + means))
    return np.log(rate_ratio) - raised, size * raised


def derive_run_length(
    mean: float, *, reference: int, limit: int, steps_per_case: int, size: float | None = None
) -> float:
    """Return the weeks expected until S = max(0, S + y − reference) is above limit, from S = 0.

    mean: cases expected a week; above 0. reference, limit: whole steps of 1 / steps_per_case of a
        case; reference 1 or more, limit 0 or more. size: see derive_increment.
    Nothing above 10¹⁰ weeks is told apart.
    Source: Brook and Evans (1972), see the module.

    >>> # An alarm at the first case: 1 / (1 − exp(−0.1)).
    >>> round(derive_run_length(0.1, reference=1, limit=0, steps_per_case=20), 4)
    10.5083
    """
    states = np.arange(limit + 1)
    # Cases that lead from one state (row) to another, where they are a whole number.
    steps = states[None, :] - states[:, None] + reference
    cases, rest = np.divmod(steps, steps_per_case)
    possible = (rest == 0) & (cases >= 0)
    moves = np.where(possible, _derive_probabilities(np.maximum(cases, 0), mean, size), 0.0)
    moves[:, 0] = _derive_cumulative(
        np.floor_divide(reference - states, steps_per_case), mean, size
    )
    # So small an end of each week keeps an all but endless chain solvable.
    leaving = np.eye(limit + 1) - moves * (1 - 1e-10)
    return float(np.linalg.solve(leaving, np.ones(limit + 1))[0])


def _derive_probabilities(cases: NDArray[np.int64], mean: float, size: float | None) -> _Floats:
    if size is None:
        logarithms = cases * np.log(mean) - mean - gammaln(cases + 1)
    else:
        logarithms = (
            gammaln(cases + size)
            - gammaln(size)
            - gammaln(cases + 1)
            + size * np.log(size / (size + mean))
            + cases * np.log(mean / (size + mean))
        )
    return np.asarray(np.exp(logarithms), dtype=np.float64)


def _derive_cumulative(cases: NDArray[np.int64], mean: float, size: float | None) -> _Floats:
    above = np.maximum(cases, 0) + 1.0
    if size is None:
        below = gammaincc(above, mean)
    else:
        below = 1 - betainc(above, size, mean / (size + mean))
    return np.where(cases >= 0, below, 0.0)


@lru_cache(maxsize=64)
def derive_limit_table(
    *, rate_ratio: float, in_control_weeks: float, size: float | None
) -> tuple[_Floats, _Floats]:
    """Means, ascending, and for each the limit in ln of the likelihood ratio.

    The limit is the smallest on the lattice with a run length of in_control_weeks or more. It is 0
    below the first mean. Above the last mean the last limit holds: for Poisson counts 0, a sum
    above it being rare enough; for the negative binomial one that hardly changes any more.
    Below a reference value of 1/20 case a week hardly ever holds two, and only the number of cases
    in the run length matters: there it is the limit of 1/20 for as many cases.
    """
    means, limits = [0.0], [0.0]
    guess, is_last = 0.0, False
    references = _list_references(in_control_weeks)
    while not is_last:
        value, steps, steps_per_case = next(references)
        mean = _find_mean(value, rate_ratio=rate_ratio, size=size)
        mean_on_lattice = _find_mean(steps / steps_per_case, rate_ratio=rate_ratio, size=size)
        limit = _find_limit(
            mean_on_lattice,
            reference=steps,
            steps_per_case=steps_per_case,
            size=size,
            in_control_weeks=in_control_weeks * mean / mean_on_lattice,
            guess=round(guess * steps_per_case),
        )
        guess = limit / steps_per_case
        weight = derive_increment(np.array([mean]), rate_ratio=rate_ratio, size=size)[0][0]
        means.append(mean)
        # The week of a case deducts a smaller part of it than on the lattice.
        is_rarer = limit > 0 and value < 1 / _FINEST
        limits.append((guess + is_rarer / _FINEST) * float(weight))
        is_last = (limit == 0 and mean > 1) or (size is not None and limit > _MOST_STATES)
    return np.array(means), np.array(limits)


def _list_references(in_control_weeks: float) -> Iterator[tuple[float, int, int]]:
    """Reference values from a case in the whole run length on; each as steps of so many a case."""
    value, last = 1 / in_control_weeks, 0.0
    while True:
        steps, steps_per_case, on_lattice = 1, _FINEST, value
        if value >= 1 / _FINEST:
            if value < 1:
                steps_per_case = round(1 / value)
            elif value < _EIGHTHS:
                steps, steps_per_case = round(value * _EIGHTHS), _EIGHTHS
            else:
                steps, steps_per_case = round(value), 1
            on_lattice = steps / steps_per_case
        if on_lattice > last:
            yield on_lattice, steps, steps_per_case
            last = on_lattice
        value *= _FACTOR


def _find_mean(reference: float, *, rate_ratio: float, size: float | None) -> float:
    """The mean whose reference value it is: deduction / weight grows with the mean."""
    low, high = np.log(reference) - 20, np.log(reference) + 20
    for _step in range(80):
        middle = (low + high) / 2
        weight, deduction = derive_increment(
            np.exp(np.array([middle])), rate_ratio=rate_ratio, size=size
        )
        if deduction[0] < reference * weight[0]:
            low = middle
        else:
            high = middle
    return float(np.exp(middle))


def _find_limit(
    mean: float,
    *,
    reference: int,
    steps_per_case: int,
    size: float | None,
    in_control_weeks: float,
    guess: int,
) -> int:
    """The smallest limit with a run length of in_control_weeks or more, sought from a guess on."""

    def is_enough(limit: int) -> bool:
        length = derive_run_length(
            mean, reference=reference, limit=limit, steps_per_case=steps_per_case, size=size
        )
        return length >= in_control_weeks

    # Below low no limit is enough, high is.
    stride = max(1, steps_per_case // 4)
    low, high = 0, guess
    while not is_enough(high):
        low, high, stride = high + 1, high + stride, stride * 2
    while low < high:
        middle = max(low, high - stride) if low == 0 else (low + high) // 2
        if is_enough(middle):
            high, stride = middle, stride * 2
        else:
            low = middle + 1
    return high
