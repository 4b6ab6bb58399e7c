"""How many events each period will have had, given those reported and the delays.

With the delays learned the Bayesian way, the events of a period are Poisson with a gamma rate, and
each is reported by now with a chance that has a beta posterior. What is to come is then a mixture
of negative binomials over that beta (Höhle and an der Heiden 2014), computed by Gauss-Jacobi
quadrature: no random numbers. With a flat prior of the total it is their beta-negative-binomial.

With the delays of maximum likelihood, the total is normal around reported / chance (Lawless 1994),
above what is reported.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import MAXIMUM_COUNT, check_counts
from tocsin.science.detection.nowcast.delays import Delays, DelaySettings, estimate_delays
from tocsin.science.detection.nowcast.predictive import Floats, Mixture, Normal, Predictive
from tocsin.science.detection.nowcast.triangle import Triangle

VERSION: Final = "1"


@dataclass(frozen=True, slots=True)
class NowcastSettings:
    """How totals are derived.

    level: of the interval between lower and upper, each side missing half of the rest.
    prior_periods: what the expected rate given with the counts is worth, in periods of observation;
        small, so that it speaks where nothing is reported and is soon overruled where something is.
    as_surveillance: for ``lawless`` only, compute the spread as surveillance 1.20.3 does: without
        the error of the estimated delays (a line break in its source drops that term), and with a
        truncated normal that keeps the mass below the reported count.
    Raises DetectionInputError where one is out of range.
    """

    level: float = 0.95
    prior_periods: float = 0.25
    as_surveillance: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise DetectionInputError(
                f"nowcast: level is {self.level}; expected a number between 0 and 1"
            )
        if not (np.isfinite(self.prior_periods) and self.prior_periods > 0):
            raise DetectionInputError(
                f"nowcast: prior_periods is {self.prior_periods}; expected a finite number above 0"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Nowcast:
    """What each period will have had; arrays of shape (n_periods,) or (n_series, n_periods).

    reported: events reported now, oldest period first.
    ages: shape (n_periods,), how many periods before the one that holds "now"; 0 is that one.
    expected: mean of the total (for ``lawless``: reported / chance). Infinite only for a flat prior
        of the total with next to nothing known of the delays.
    lower, median, upper: the smallest totals whose distribution function is above the probability.
    is_complete: True for periods older than the maximum delay: their total is what is reported.
    is_estimated: False where the delays say nothing about so recent a period; there the numbers
        above are what is reported, and must not be shown as a total.
    method: ``nowcast-`` and how the delays were learned. prior_means: as given.
    """

    reported: NDArray[np.int64]
    ages: NDArray[np.int64]
    expected: Floats
    lower: NDArray[np.int64]
    median: NDArray[np.int64]
    upper: NDArray[np.int64]
    is_complete: NDArray[np.bool_]
    is_estimated: NDArray[np.bool_]
    delays: Delays
    settings: NowcastSettings
    prior_means: Floats | None
    method: str
    version: str = VERSION


def nowcast_triangle(
    triangle: Triangle,
    delay_settings: DelaySettings | None = None,
    settings: NowcastSettings | None = None,
    *,
    prior_means: NDArray[Any] | float | None = None,
) -> Nowcast:
    """Learn the delays of one triangle and derive the total of each of its periods.

    prior_means: as for ``nowcast_many``. Returns arrays of shape (n_periods,).
    """
    delays = estimate_delays(triangle, delay_settings)
    many = nowcast_many(triangle.reported[None, :], delays, settings, prior_means=prior_means)
    return Nowcast(
        many.reported[0], many.ages, many.expected[0], many.lower[0], many.median[0], many.upper[0],
        many.is_complete[0], many.is_estimated[0], delays, many.settings,
        None if many.prior_means is None else many.prior_means[0], many.method,
    )  # fmt: skip


def nowcast_many(
    reported: NDArray[Any],
    delays: Delays,
    settings: NowcastSettings | None = None,
    *,
    prior_means: NDArray[Any] | float | None = None,
    newest_age: int = 0,
) -> Nowcast:
    """Derive the totals of many series that share their delays.

    reported: shape (n_series, n_periods), events reported now, oldest period first; periods as long
        as those the delays were learned in. Either length may be 0.
    prior_means: events expected in a period before looking at it, 0 or more; a number or an array
        that broadcasts to the shape of ``reported``, mostly the mean of each series' complete past,
        shape (n_series, 1). It is given prior_periods of weight. None is a flat prior of the total,
        which expects something to come even in a series that never had a case: for one dense
        series, not for many sparse ones. ``lawless`` has no prior.
    Cost: what differs is computed once, so sparse series are cheap in any number.
    Raises DetectionInputError for counts that are none and a prior out of range.
    """
    settings = settings or NowcastSettings()
    held = check_counts(reported, name="reported")
    means = _check_means(prior_means, held)
    if newest_age < 0:
        raise DetectionInputError(f"nowcast: newest_age is {newest_age}; expected 0 or more")
    ages = newest_age + np.arange(held.shape[1])[::-1]
    index = np.broadcast_to(np.minimum(ages, delays.maximum_delay), held.shape)
    is_complete = index == delays.maximum_delay
    is_estimated = is_complete | delays.is_known[index]
    is_open = is_estimated & ~is_complete

    expected = held.astype(np.float64)
    quantiles = np.broadcast_to(held, (3, *held.shape)).copy()
    tail = (1 - settings.level) / 2
    probabilities = (tail, 0.5, 1 - tail)
    columns, inverse = _find_distinct(held, index, means, where=is_open)
    predictive = _predict(columns, delays, settings, has_prior=means is not None)
    expected[is_open] = predictive.derive_expected()[inverse]
    for place, probability in enumerate(probabilities):
        quantiles[place][is_open] = predictive.find_quantiles(probability)[inverse]
    return Nowcast(
        reported=held,
        ages=ages,
        expected=expected,
        lower=quantiles[0],
        median=quantiles[1],
        upper=quantiles[2],
        is_complete=is_complete,
        is_estimated=is_estimated,
        delays=delays,
        settings=settings,
        prior_means=means,
        method=f"nowcast-{delays.settings.method}",
    )


def apply_threshold(nowcast: Nowcast, thresholds: NDArray[Any] | float) -> Floats:
    """Return P(total > threshold) for each period, so that an alarm can count what is to come.

    thresholds: a number, or an array that broadcasts to the nowcast's shape; infinite where no
        count would be an alarm, NaN where a method did not judge, and then the answer is NaN.
    A period that is complete, or of which nothing is known, answers 0 or 1 from what is reported.
    An alarm "y > threshold" of complete counts becomes P(total > threshold) > p, and p = 0.5 asks
    whether it is more likely than not that the complete count will be one.
    """
    limits = np.broadcast_to(np.asarray(thresholds, dtype=np.float64), nowcast.reported.shape)
    found = np.where(nowcast.reported > limits, 1.0, 0.0)
    found[np.isnan(limits)] = np.nan
    is_open = nowcast.is_estimated & ~nowcast.is_complete
    is_open &= np.isfinite(limits) & (nowcast.reported <= limits)
    # Nothing is counted beyond it, and the limits stay whole numbers in a float.
    floors = np.floor(np.minimum(np.where(is_open, limits, 0.0), MAXIMUM_COUNT))
    columns, inverse = _find_distinct(
        nowcast.reported,
        np.broadcast_to(nowcast.ages, limits.shape),
        nowcast.prior_means,
        floors,
        where=is_open,
    )
    has_prior = nowcast.prior_means is not None
    predictive = _predict(columns, nowcast.delays, nowcast.settings, has_prior=has_prior)
    found[is_open] = predictive.derive_exceedance(columns[-1])[inverse]
    return found


def derive_pmf(nowcast: Nowcast, period: int, maximum: int) -> Floats:
    """Return the probability of each total from 0 to ``maximum`` for one period of one series.

    nowcast: of one series, arrays of shape (n_periods,). period: an index, -1 is the newest.
    Raises DetectionInputError for a nowcast of many series or a maximum below 0.
    """
    if nowcast.reported.ndim != 1 or maximum < 0:
        raise DetectionInputError(
            f"nowcast: found {nowcast.reported.ndim} dimension(s) and a maximum of {maximum}; "
            "expected one series and 0 or more"
        )
    limits = np.arange(maximum + 1, dtype=np.float64)
    if nowcast.is_complete[period] or not nowcast.is_estimated[period]:
        above = np.where(nowcast.reported[period] > limits, 1.0, 0.0)
    else:
        mean = None if nowcast.prior_means is None else nowcast.prior_means[period]
        cell = (nowcast.reported[period], nowcast.ages[period], mean)
        columns = [
            np.full(len(limits), value, dtype=np.float64) for value in cell if value is not None
        ]
        predictive = _predict(columns, nowcast.delays, nowcast.settings, has_prior=mean is not None)
        above = predictive.derive_exceedance(limits)
    return -np.diff(above, prepend=1.0)


def _check_means(
    prior_means: NDArray[Any] | float | None, reported: NDArray[np.int64]
) -> Floats | None:
    if prior_means is None:
        return None
    means = np.asarray(prior_means, dtype=np.float64)
    is_mean = np.isfinite(means) & (means >= 0)
    if not is_mean.all():
        raise DetectionInputError(
            f"nowcast: found {means[~is_mean][0]} in prior_means; expected finite numbers from 0"
        )
    try:
        return np.broadcast_to(means, reported.shape)
    except ValueError as error:
        raise DetectionInputError(
            f"nowcast: found prior_means of shape {means.shape}; expected one that broadcasts to "
            f"that of reported, {reported.shape}"
        ) from error


def _find_distinct(
    *columns: NDArray[Any] | None, where: NDArray[np.bool_]
) -> tuple[list[Floats], NDArray[np.intp]]:
    """The columns of distinct cells, and for each cell its place among them.

    Series of the same kind differ in little: hundreds of distinct cells stand for millions.
    """
    held = [column[where].astype(np.float64) for column in columns if column is not None]
    order = np.lexsort(held)
    is_first = np.zeros(len(order), dtype=np.bool_)
    is_first[:1] = True
    for column in held:
        is_first[1:] |= column[order][1:] != column[order][:-1]
    inverse = np.empty(len(order), dtype=np.intp)
    inverse[order] = np.cumsum(is_first) - 1
    return [column[order[is_first]] for column in held], inverse


def _predict(
    columns: list[Floats], delays: Delays, settings: NowcastSettings, *, has_prior: bool
) -> Predictive:
    """The distribution for columns of reported, age and, with a prior, its mean."""
    reported, ages = columns[0], columns[1].astype(np.int64)
    if delays.settings.method == "lawless":
        return Normal(reported, ages, delays, settings.as_surveillance)
    if not has_prior:
        return Mixture(reported, ages, np.ones(len(reported)), 0.0, delays)
    return Mixture(
        reported, ages, settings.prior_periods * columns[2], settings.prior_periods, delays
    )
