"""Time between events: events follow an earlier one sooner than the rate so far says.

In a week with an event the exposure (weeks, or samples examined) since an earlier week with one is
looked at. That the n-th event comes within an exposure e is the same as n or more events in e, so
that its probability under a rate known from x events in exposure T is a tail of the negative
binomial (see uncertain_rates). The g-chart and its kin; weeks without an event cost nothing.

Source: Kaminsky, Benneyan, Davis, Burke (1992), "Statistical control charts based on a geometric
distribution", Journal of Quality Technology 24, 63–69; Benneyan (2001), Health Care Management
Science 4, 305–318; several events at once: Xie, Goh, Kuralmani (2002), "Statistical Models and
Control Charts for High-Quality Processes", on the t-chart with r events.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import check_counts, check_denominators
from tocsin.science.detection.judgements import Judgements
from tocsin.science.detection.sparse import correct_for_tests
from tocsin.science.detection.standardised import SMALLEST_P
from tocsin.science.detection.uncertain_rates import (
    VAGUE_PRIOR,
    GammaPrior,
    check_past_settings,
    derive_limit,
    derive_past,
    derive_tail,
)

METHOD: Final = "time-between-events"
VERSION: Final = "1"


@dataclass(frozen=True, slots=True)
class TimeBetweenEventsSettings:
    """Which waits are looked at, and what they are compared with.

    waits: 1 is the wait since the last earlier week with an event, 2 since the second last, and so
        on; ascending.
    maximum_events: more events in a wait count as so many. Three by default: the chart is for rare
        events, and then silent on dense series, whose slow rises other methods tell apart better.
    alpha: a week alarms when its p-value, corrected for the number of waits, is at most this. A
        false alarm can only come in a week with an event, so that the default is less strict than
        elsewhere.
    minimum_past_weeks: a wait that starts with fewer weeks behind it is not looked at.
    maximum_past_weeks: no more than this up to the start of the wait is its past.
    prior: of the rate per week, or per sample examined; learn_prior finds it for a class of series.
    Raises DetectionInputError for a setting outside its range.
    """

    waits: tuple[int, ...] = (1, 2, 3)
    maximum_events: int = 3
    alpha: float = 0.01
    minimum_past_weeks: int = 13
    maximum_past_weeks: int = 364
    prior: GammaPrior = VAGUE_PRIOR

    def __post_init__(self) -> None:
        if not self.waits or self.waits[0] < 1 or list(self.waits) != sorted(set(self.waits)):
            raise DetectionInputError(
                f"time between events: waits is {self.waits}; "
                "expected whole numbers from 1, ascending"
            )
        if self.maximum_events < 1:
            raise DetectionInputError(
                f"time between events: maximum_events is {self.maximum_events}; expected 1 or more"
            )
        check_past_settings(METHOD, self.alpha, self.minimum_past_weeks, self.maximum_past_weeks)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TimeBetweenEventsJudgements(Judgements):
    """Judgements of the most surprising wait that ends with each week.

    statistics: events in the wait, at most maximum_events; 0 in a week without one, in which the
        wait since the last event goes on.
    expected, thresholds: events in the exposure of the wait.
    exposures: weeks, or samples examined, from after the week that started the wait to the judged
        week; NaN where that was not judged.
    """

    exposures: NDArray[np.float64]


def detect_time_between_events(
    counts: NDArray[Any],
    settings: TimeBetweenEventsSettings | None = None,
    *,
    denominators: NDArray[Any] | None = None,
) -> TimeBetweenEventsJudgements:
    """Test how soon the last events followed the earlier weeks with one.

    counts: shape (n_series, n_weeks), events a week, consecutive weeks, oldest first; whole numbers
        from 0 to MAXIMUM_COUNT. Either length may be 0.
    denominators: samples examined, of the same shape; the wait is then counted in samples, so that
        more testing alone brings no event closer.
    The past of a wait ends with the week that starts it. A series is first judged after its first
    event.
    p_values: P(as many events within the exposure of the wait), of the most surprising wait,
        corrected for the m waits that were looked at by Šidák's 1 − (1 − p)^m, which is cautious
        for waits that overlap; 1 in a week without an event. scores: −log10 of the p-value.
    Raises DetectionInputError naming the series and week of the first value that is no count, or
    below the count found.
    Source: see the module.

    >>> judged = detect_time_between_events(np.array([[0] * 99 + [1, 0, 1, 1, 1]]))
    >>> judged.alarms[0].nonzero()[0].tolist(), judged.exposures[0, 103].item()
    ([102, 103], 4.0)
    """
    settings = settings or TimeBetweenEventsSettings()
    checked = check_counts(counts)
    examined = check_denominators(denominators, checked)
    past_cases, past_exposures = derive_past(
        checked, examined, maximum_weeks=settings.maximum_past_weeks
    )
    reached = np.cumsum(np.ones_like(checked) if examined is None else examined, axis=1)
    best_p = np.full(checked.shape, np.inf)
    statistics = np.full(checked.shape, np.nan)
    parameters = np.full((3, *checked.shape), np.nan)
    n_tests = np.zeros(checked.shape)
    totals = np.cumsum(checked, axis=1)
    for starts in _find_starts(checked, settings):
        is_waiting = starts >= settings.minimum_past_weeks - 1
        at = np.maximum(starts, 0)
        since = totals - np.take_along_axis(totals, at, axis=1)
        events = np.where(checked > 0, np.minimum(since, settings.maximum_events), 0)
        offered = np.stack(
            [
                settings.prior.shape + np.take_along_axis(past_cases, at, axis=1),
                settings.prior.rate + np.take_along_axis(past_exposures, at, axis=1),
                (reached - np.take_along_axis(reached, at, axis=1)).astype(np.float64),
            ]
        )
        p_values = derive_tail(events, *offered, mid_p=False)
        n_tests += is_waiting
        is_better = is_waiting & (p_values < best_p)
        best_p[is_better] = p_values[is_better]
        statistics[is_better] = events[is_better]
        parameters[:, is_better] = offered[:, is_better]
    return _judge(best_p, statistics, parameters, n_tests, settings)


def _find_starts(
    counts: NDArray[np.int64], settings: TimeBetweenEventsSettings
) -> list[NDArray[np.int64]]:
    """For each wait the week that starts it, of the counts' shape; −1 for none."""
    n_series, n_weeks = counts.shape
    # The latest weeks with an event, newest first.
    weeks = np.full((n_series, settings.waits[-1]), -1, dtype=np.int64)
    starts = [np.full(counts.shape, -1, dtype=np.int64) for _wait in settings.waits]
    for week in range(n_weeks):
        for wait, found in zip(settings.waits, starts, strict=True):
            found[:, week] = weeks[:, wait - 1]
        is_event = counts[:, week] > 0
        weeks[is_event, 1:] = weeks[is_event, :-1]
        weeks[is_event, 0] = week
    return starts


def _judge(
    best_p: NDArray[np.float64],
    statistics: NDArray[np.float64],
    parameters: NDArray[np.float64],
    n_tests: NDArray[np.float64],
    settings: TimeBetweenEventsSettings,
) -> TimeBetweenEventsJudgements:
    is_judged = n_tests > 0
    expected, thresholds = np.full_like(best_p, np.nan), np.full_like(best_p, np.nan)
    p_values = np.full_like(best_p, np.nan)
    shapes, rates, exposures = parameters[:, is_judged]
    expected[is_judged] = shapes * exposures / rates
    levels = -np.expm1(np.log1p(-settings.alpha) / n_tests[is_judged])
    thresholds[is_judged] = derive_limit(levels, shapes, rates, exposures, mid_p=False)
    corrected = correct_for_tests(best_p[is_judged], n_tests[is_judged])
    p_values[is_judged] = np.maximum(corrected, SMALLEST_P)
    return TimeBetweenEventsJudgements(
        is_judged=is_judged,
        alarms=statistics > thresholds,
        expected=expected,
        thresholds=thresholds,
        statistics=statistics,
        scores=-np.log10(p_values),
        p_values=p_values,
        method=METHOD,
        version=VERSION,
        settings=settings,
        exposures=parameters[2],
    )
