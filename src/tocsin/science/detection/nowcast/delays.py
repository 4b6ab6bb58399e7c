"""How long reports take: the distribution of delays, by the reverse-time hazard.

The hazard of delay x is the chance that a report came after x periods, given that it came after x
or fewer. It can be estimated without bias from events whose later reports are still out, because
it conditions on what is complete: events old enough to have had x periods (Kalbfleisch and Lawless
1991; Lawless 1994). P(delay <= x) is then the product of 1 - hazard over longer delays (Höhle and an
der Heiden 2014, eq. 2).

A Bayesian reading gives each hazard a beta posterior: a generalised Dirichlet over the delays
(Höhle and an der Heiden 2014; ``bayes.trunc`` of R's surveillance). Without regard to the
truncation it is an ordinary Dirichlet (``bayes.notrunc``), which takes delays for shorter than they
are while an outbreak grows; it is here for comparison.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import DetectionInputError
from tocsin.science.detection.nowcast.triangle import Triangle

DelayMethod = Literal["lawless", "bayes-trunc", "bayes-notrunc"]
WindowBy = Literal["report", "event"]

VERSION: Final = "1"

# A chance this small was never observed, only extrapolated, and nothing can be divided by it.
_SMALLEST_CHANCE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class DelaySettings:
    """How delays are learned.

    method: ``bayes-trunc`` (posterior of the hazards), ``lawless`` (maximum likelihood) or
        ``bayes-notrunc`` (ordinary Dirichlet, no regard to truncation).
    window_periods: periods that are looked at, the present one included; all where None.
    window_by: ``report`` takes for each delay the events whose reports of that delay came within
        the window, so that the newest practice counts and each delay has as many periods behind it
        (Lawless 1994); ``event`` takes the events of the window (Höhle and an der Heiden 2014).
    prior_reports: weight of the prior of each delay, in reports; only for the Bayesian methods.
    Raises DetectionInputError where one is out of range.
    """

    method: DelayMethod = "bayes-trunc"
    window_periods: int | None = None
    window_by: WindowBy = "report"
    prior_reports: float = 0.1

    def __post_init__(self) -> None:
        for name, choices in (("method", DelayMethod), ("window_by", WindowBy)):
            value: Any = getattr(self, name)
            if value not in get_args(choices):
                raise DetectionInputError(
                    f"nowcast: {name} is {value!r}; expected {' or '.join(get_args(choices))}"
                )
        if self.window_periods is not None and self.window_periods < 1:
            raise DetectionInputError(
                f"nowcast: window_periods is {self.window_periods}; expected 1 or more, or none"
            )
        if not (np.isfinite(self.prior_reports) and self.prior_reports > 0):
            raise DetectionInputError(
                f"nowcast: prior_reports is {self.prior_reports}; expected a finite number above 0"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Delays:
    """How long reports take; arrays of shape (maximum_delay + 1,), by delay in periods.

    reported: reports of exactly this delay within the window.
    at_risk: reports of this delay or a shorter one, of the same events.
    cdf: probability that a report that comes within maximum_delay has come after this delay; the
        estimate, or the mean of the posterior. The last is 1.
    cdf_variances: of that estimate, or of the posterior.
    is_known: False where some longer delay could not be observed at all, or next to no report has
        come after this one: nothing can be said of a period that is so many periods old.
    """

    reported: NDArray[np.int64]
    at_risk: NDArray[np.int64]
    cdf: NDArray[np.float64]
    cdf_variances: NDArray[np.float64]
    is_known: NDArray[np.bool_]
    settings: DelaySettings
    version: str = VERSION

    @property
    def maximum_delay(self) -> int:
        """The longest delay counted, in periods."""
        return len(self.cdf) - 1


def estimate_delays(triangle: Triangle, settings: DelaySettings | None = None) -> Delays:
    """Estimate the distribution of delays from a reporting triangle.

    triangle: of all series that share their delays, summed. Any size and content will do; what
        cannot be known from it is said in ``is_known``.
    settings: the defaults when left out.
    Source: see the module.

    >>> from datetime import date
    >>> held = Triangle(np.array([[6, 2], [3, 1], [3, 0]]), last_on=date(2026, 3, 15))
    >>> estimate_delays(held, DelaySettings(method="lawless")).cdf.tolist()
    [0.75, 1.0]
    """
    settings = settings or DelaySettings()
    reported, at_risk = _count_reverse_time(triangle.counts, settings)
    cdf, variances = {
        "lawless": _estimate_lawless,
        "bayes-trunc": _estimate_truncated,
        "bayes-notrunc": _estimate_untruncated,
    }[settings.method](reported, at_risk, settings.prior_reports)
    is_observed = np.append(at_risk[1:] > 0, True)
    is_known = np.logical_and.accumulate(is_observed[::-1])[::-1] & (cdf > _SMALLEST_CHANCE)
    return Delays(reported, at_risk, cdf, variances, is_known, settings)


def _count_reverse_time(
    counts: NDArray[np.int64], settings: DelaySettings
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Reports of each delay, and of that or a shorter one, over the events of its window."""
    n_periods, n_delays = counts.shape
    reported = np.zeros(n_delays, dtype=np.int64)
    at_risk = np.zeros(n_delays, dtype=np.int64)
    cumulated = counts.cumsum(axis=1)
    window = settings.window_periods or n_periods
    for delay in range(min(n_delays, n_periods)):
        shift = delay if settings.window_by == "report" else 0
        first = max(0, n_periods - window - shift)
        events = slice(first, max(first, n_periods - delay))
        reported[delay] = counts[events, delay].sum()
        at_risk[delay] = cumulated[events, delay].sum()
    return reported, at_risk


def _estimate_lawless(
    reported: NDArray[np.int64], at_risk: NDArray[np.int64], _prior_reports: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Maximum likelihood and its variance by the delta method (Lawless 1994)."""
    hazards = reported / np.maximum(at_risk, 1)
    cdf = _multiply_longer(1 - hazards)
    # Where a hazard is 1 nothing came earlier: the product is 0, whatever its variance.
    terms = hazards / (np.maximum(at_risk, 1) * np.where(hazards < 1, 1 - hazards, 1))
    return cdf, cdf**2 * _sum_longer(terms)


def _estimate_truncated(
    reported: NDArray[np.int64], at_risk: NDArray[np.int64], prior_reports: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and variance of a product of independent betas, the complements of the hazards.

    The prior is symmetric over the delays: of the hazard of delay x, Beta(k, k·x).
    """
    delays = np.arange(len(reported))
    came = prior_reports + reported
    earlier = prior_reports * delays + (at_risk - reported)
    total = came + earlier
    cdf = _multiply_longer(earlier / total)
    # In logarithms: the second moment over the squared mean may be far beyond any float.
    ratios, log_means = np.zeros(len(reported)), np.zeros(len(reported))
    ratios[1:] = np.log1p(came[1:] / (earlier[1:] * (total[1:] + 1)))
    log_means[1:] = np.log(earlier[1:] / total[1:])
    ratio = _sum_longer(ratios)
    return cdf, np.exp(2 * _sum_longer(log_means) + ratio) * -np.expm1(-ratio)


def _estimate_untruncated(
    reported: NDArray[np.int64], _at_risk: NDArray[np.int64], prior_reports: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and variance of a cumulated Dirichlet, which is a beta."""
    weights = prior_reports + reported.astype(np.float64)
    total = weights.sum()
    later = _sum_longer(weights)
    cdf = (total - later) / total
    return cdf, cdf * (later / total) / (total + 1)


def _multiply_longer(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The product over all longer delays; 1 at the longest."""
    return np.append(np.cumprod(values[:0:-1])[::-1], 1.0)


def _sum_longer(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum over all longer delays; 0 at the longest."""
    return np.append(np.cumsum(values[:0:-1])[::-1], 0.0)
