"""From evidence to signals: which weeks a person is told of."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.science.detection.counts import check_counts, check_denominators
from tocsin.science.detection.emergence.evidence import (
    WINDOWS_WEEKS,
    derive_weekly_thresholds,
    find_unusual_windows,
    weigh_evidence,
)
from tocsin.science.detection.emergence.levels import Floats, follow_levels
from tocsin.science.detection.emergence.settings import METHOD, VERSION, EmergenceSettings
from tocsin.science.detection.judgements import Judgements
from tocsin.science.detection.windows import sum_windows

_RECENT_WEEKS = 13
_COMMON_CASES_A_WEEK = 0.1

# Farther below 0 than evidence that is new ever lies.
_OLD_NEWS = 100.0

# So many series at once keep the arrays of one step small beside the input.
_SERIES_PER_CHUNK = 1024


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class EmergenceJudgements(Judgements):
    """What was found of every series in every week; arrays of shape (n_series, n_weeks).

    alarms: weeks in which a signal comes out, a first detection or a rise; the evidence of a rise
        lies in windows of up to a year, so that alarms is not counts > thresholds.
    statistics: the counts. thresholds: cases that would be a rise in that week on their own.
    scores: new evidence of a rise, as natural logarithm of a Bayes factor; below 0 where the
        evidence is no stronger than it was in the weeks just before.
    p_values: e to the minus score, 1 at most: so probable, at most, is new evidence of this strength
        when nothing changed (Markov's inequality). In the order of the scores.
    first_detections, rises: which of the two the signal is; a week may be both.
    evidence: all evidence of a rise, told before or not, as natural logarithm of a Bayes factor.
    window_weeks: length of the most unusual window that ends at the week.
    window_counts, window_expected: cases in that window, found and expected.
    window_p_values: probability of so many cases or more in it when nothing changed, by the negative
        binomial as known before it began, times the number of windows looked at; 1 / p is "as rare
        as once in so many weeks". Discrete, and for rare events far from uniform.
    """

    first_detections: NDArray[np.bool_]
    rises: NDArray[np.bool_]
    evidence: Floats
    window_weeks: NDArray[np.int64]
    window_counts: NDArray[np.int64]
    window_expected: Floats
    window_p_values: Floats


def detect_emergences(
    counts: NDArray[Any],
    settings: EmergenceSettings | None = None,
    *,
    denominators: NDArray[Any] | None = None,
) -> EmergenceJudgements:
    """Find in each series its first detection, and each rise once.

    counts: shape (n_series, n_weeks), cases a week, consecutive weeks, oldest first, from the week
        in which one began to look; whole numbers. Either length may be 0.
    settings: the defaults when left out.
    denominators: same shape, samples examined, each at least the count; weeks in which nothing was
        examined say nothing.
    A series is judged from its minimum_past_weeks on; a first detection is told at any time. Nothing
    later than a week enters its judgement.
    Raises DetectionInputError naming the series and week of the first value that is not a count.
    Source: own method; see ``levels`` and ``evidence`` for what it is made of.

    >>> quiet_then_three = np.zeros((1, 220), dtype=int)
    >>> quiet_then_three[0, [200, 204, 209]] = 1
    >>> found = detect_emergences(quiet_then_three)
    >>> found.first_detections.nonzero()[1].tolist(), found.rises.nonzero()[1].tolist()
    ([200], [209])
    """
    settings = settings or EmergenceSettings()
    checked = check_counts(counts)
    examined = check_denominators(denominators, checked)
    parts = [
        _detect_chunk(
            checked[start : start + _SERIES_PER_CHUNK],
            None if examined is None else examined[start : start + _SERIES_PER_CHUNK],
            settings,
        )
        for start in range(0, max(1, checked.shape[0]), _SERIES_PER_CHUNK)
    ]
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return EmergenceJudgements(**arrays, method=METHOD, version=VERSION, settings=settings)


def _detect_chunk(
    counts: NDArray[np.int64], examined: NDArray[np.int64] | None, settings: EmergenceSettings
) -> dict[str, NDArray[Any]]:
    """The arrays of EmergenceJudgements for some of the series."""
    cases = counts.astype(np.float64)
    levels = follow_levels(cases, _derive_exposures(examined), settings)
    known_from = settings.minimum_past_weeks
    evidence = weigh_evidence(cases, levels, known_from=known_from)
    windows = find_unusual_windows(cases, levels, known_from=known_from)
    is_judged = np.zeros(counts.shape, dtype=np.bool_)
    is_judged[:, settings.minimum_past_weeks :] = True
    if examined is not None:
        is_judged &= examined > 0
    needed = settings.rise_score + settings.common_score * np.minimum(
        1.0, levels.mean / _COMMON_CASES_A_WEEK
    )
    candidates = (
        is_judged
        & (counts > 0)
        & (evidence >= needed)
        & (sum_windows(counts, WINDOWS_WEEKS[-1]) >= settings.minimum_count)
        & (windows.cases >= settings.minimum_ratio * windows.expected)
    )
    rises = _tell_once(candidates, counts, windows.weeks, settings)
    first_detections = (counts > 0) & (np.cumsum(counts, axis=1) == counts)
    thresholds = derive_weekly_thresholds(levels, needed)
    scores = _keep_news(evidence, settings.novelty_weeks)
    blank = np.where(is_judged, 0.0, np.nan)
    return {
        "is_judged": is_judged,
        "alarms": first_detections | rises,
        "expected": levels.mean + blank,
        "thresholds": np.maximum(thresholds, settings.minimum_count - 1) + blank,
        "statistics": cases + blank,
        "scores": scores + blank,
        "p_values": np.exp(-np.maximum(scores, 0.0)) + blank,
        "first_detections": first_detections,
        "rises": rises,
        "evidence": evidence + blank,
        "window_weeks": windows.weeks,
        "window_counts": windows.cases.astype(np.int64),
        "window_expected": windows.expected,
        "window_p_values": windows.p_values,
    }


def _derive_exposures(examined: NDArray[np.int64] | None) -> Floats | None:
    """Samples examined in units of the first number that was not 0, so that rates compare."""
    if examined is None:
        return None
    if not examined.shape[1]:
        return examined.astype(np.float64)
    began = np.argmax(examined > 0, axis=1)
    unit = np.maximum(np.take_along_axis(examined, began[:, None], axis=1), 1)
    exposures: Floats = examined / unit
    return exposures


def _keep_news(evidence: Floats, novelty_weeks: int) -> Floats:
    """Evidence that exceeds that of the weeks before; otherwise by how much it falls short.

    An alarm at any threshold that the weeks before had reached already would tell the same again.
    """
    news = evidence.copy()
    if novelty_weeks and evidence.shape[1] > 1:
        before = np.full_like(evidence, -np.inf)
        for lag in range(1, min(novelty_weeks, evidence.shape[1] - 1) + 1):
            np.maximum(before[:, lag:], evidence[:, :-lag], out=before[:, lag:])
        known = evidence <= before
        news[known] = evidence[known] - before[known] - _OLD_NEWS
    return news


def _tell_once(
    candidates: NDArray[np.bool_],
    counts: NDArray[np.int64],
    window_weeks: NDArray[np.int64],
    settings: EmergenceSettings,
) -> NDArray[np.bool_]:
    """Choose among the weeks with evidence those that are told: one for each rise.

    After a quiet time a rise is new where its window lies after the one told before.
    """
    told = np.zeros_like(candidates)
    for series in np.flatnonzero(candidates.any(axis=1)).tolist():
        told_on, newest = None, 0
        for week in np.flatnonzero(candidates[series]).tolist():
            if (
                told_on is None
                or (
                    week - newest > settings.quiet_weeks
                    and week - window_weeks[series, week] >= told_on
                )
                or _has_risen_again(counts[series], told_on, week, settings)
            ):
                told[series, week] = True
                told_on = week
            newest = week
    return told


def _has_risen_again(
    counts: NDArray[np.int64], told_on: int, week: int, settings: EmergenceSettings
) -> bool:
    """Tell whether a rise has gone to a new level since it was told."""
    if week - told_on < settings.renewal_weeks:
        return False
    recent = counts[week - _RECENT_WEEKS + 1 : week + 1].sum()
    since = counts[told_on : week - _RECENT_WEEKS + 1]
    usual = max(since.sum(), 1) * _RECENT_WEEKS / since.size
    return bool(
        recent >= settings.renewal_ratio * usual
        and recent >= settings.renewal_ratio * settings.minimum_count
    )
