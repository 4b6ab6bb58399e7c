"""How well alarms hit outbreaks: the measures of Noufaily 2013 and Bédubourg & Le Strat 2017.

An outbreak is the weeks that hold a case of it, in the judged period; a series whose outbreak has
no case there has none. All arrays have the shape (n_series, n_judged_weeks).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Outbreaks:
    """The truth: which weeks hold cases of the outbreak, and how large it was made (k)."""

    is_outbreak: Bools
    sizes: NDArray[np.int64]

    @property
    def has_outbreak(self) -> Bools:
        has: Bools = np.any(self.is_outbreak, axis=1)
        return has

    @property
    def first_weeks(self) -> NDArray[np.intp]:
        firsts: NDArray[np.intp] = np.argmax(self.is_outbreak, axis=1)
        return firsts

    @property
    def is_between(self) -> Bools:
        """The weeks from the outbreak's first case to its last."""
        begun = np.maximum.accumulate(self.is_outbreak, axis=1)
        not_over = np.maximum.accumulate(self.is_outbreak[:, ::-1], axis=1)[:, ::-1]
        return np.asarray(begun & not_over)

    def take(self, series: NDArray[np.intp]) -> "Outbreaks":
        return Outbreaks(self.is_outbreak[series], self.sizes[series])


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What one method said with (full) and without (base) outbreaks; NaN: not judged."""

    full_alarms: Bools
    base_alarms: Bools
    full_scores: Floats
    base_scores: Floats
    is_judged: Bools

    def take(self, series: NDArray[np.intp]) -> "Evidence":
        return Evidence(
            self.full_alarms[series],
            self.base_alarms[series],
            self.full_scores[series],
            self.base_scores[series],
            self.is_judged[series],
        )

    def at_rate(self, false_positive_rate: float) -> "Evidence":
        """Alarms where the score exceeds the least threshold that keeps ``base`` at the rate.

        The threshold is a score of base itself; with tied scores the rate may lie below.
        """
        scores = np.sort(np.where(np.isnan(self.base_scores), -np.inf, self.base_scores), None)
        allowed = int(false_positive_rate * scores.size)
        threshold = scores[scores.size - 1 - allowed]
        return Evidence(
            self.full_scores > threshold,
            self.base_scores > threshold,
            self.full_scores,
            self.base_scores,
            self.is_judged,
        )


@dataclass(frozen=True, slots=True)
class Measures:
    """Shares from 0 to 1.

    false_positive_rate: alarms a judged week where there is no outbreak at all (base).
    detection, first_week: outbreaks with an alarm between first and last case; in the first week.
    sensitivity, specificity, predictive_value, f1: over the judged weeks.
    by_size: detection of outbreaks made with k = 3, 5, 8.
    """

    false_positive_rate: float
    detection: float
    first_week: float
    sensitivity: float
    specificity: float
    predictive_value: float
    f1: float
    by_size: tuple[float, ...]


SIZES = (3, 5, 8)


def measure(evidence: Evidence, truth: Outbreaks) -> Measures:
    """Count alarms against the truth; the definitions reproduce the table of R's results."""
    alarms, judged, outbreak = evidence.full_alarms, evidence.is_judged, truth.is_outbreak
    has = truth.has_outbreak
    detected: Bools = np.any(alarms & truth.is_between, axis=1)
    in_first = alarms[np.arange(len(alarms)), truth.first_weeks]
    hits = int((alarms & outbreak).sum())
    sensitivity = hits / max(1, int((outbreak & judged).sum()))
    predictive = hits / max(1, int(alarms.sum()))
    return Measures(
        false_positive_rate=float(evidence.base_alarms.sum() / max(1, judged.sum())),
        detection=float(detected[has].mean()),
        first_week=float(in_first[has].mean()),
        sensitivity=sensitivity,
        specificity=1 - int((alarms & ~outbreak).sum()) / max(1, int((~outbreak & judged).sum())),
        predictive_value=predictive,
        f1=2 * sensitivity * predictive / max(1e-12, sensitivity + predictive),
        by_size=tuple(
            float(detected[has & (truth.sizes == size)].sum())
            / max(1, int((has & (truth.sizes == size)).sum()))
            for size in SIZES
        ),
    )
