"""Series judged by the rules in force: alarms week by week, and which of them belong together."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from json import dumps, loads
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.science.detection.emergence import EmergenceJudgements
from tocsin.science.detection.judgements import Judgements
from tocsin.science.detection.methods import SeriesBlock, get_method, run_method
from tocsin.science.detection.sparse import SparseJudgements
from tocsin.science.detection.spike_rule import SpikeRuleSettings
from tocsin.signals.rarity import WEEKS_TESTED, derive_window_tails
from tocsin.signals.rules import RiseRule, get_rule
from tocsin.signals.series import SeriesCell, SeriesGroup, SeriesKey, Totals, group_series

QUIET_WEEKS = 26
"""So many weeks without an alarm end a rise; a later alarm is a new one."""

VALUES_AT_ONCE = 2**19
"""So many series-weeks are judged at once: some 300 MB with all that a method says of them."""

MINIMUM_PAST_WEEKS = 8
"""In the first weeks in which a country reports in a matrix, everything is new: nothing rises."""

Rules = Mapping[str, tuple[RiseRule, ...]]
"""The rules of each substance, by its key, in the order of ``since``."""


@dataclass(frozen=True, slots=True, eq=False)
class JudgedSeries:
    """A group of series under the same rules; arrays of shape (n_series, n_weeks).

    rules: the rule of each week. is_single: for each week whether its method tells a rise once
    (``emergence``) instead of alarming in every week of it. alarms: of the method; for one that
    tells a rise once, the weeks in which it does. is_above: weeks that speak for the rise, told or
    not. p_values: of the week, 1 where it was not judged; never below what the whole past of the
    series lets expect, for methods whose own are not true of rare counts. window_weeks: of the
    window the p-value is of; 0 where the method names none. The others are those of ``Judgements``, NaN where a week
    was not judged.
    """

    group: SeriesGroup
    rules: tuple[RiseRule, ...]
    is_single: NDArray[np.bool_]
    alarms: NDArray[np.bool_]
    is_above: NDArray[np.bool_]
    expected: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    statistics: NDArray[np.float64]
    p_values: NDArray[np.float64]
    window_weeks: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class AlarmRun:
    """Alarms of one series that belong together: its row, and its weeks in order."""

    row: int
    weeks: tuple[int, ...]


def judge_series(
    cells: Iterable[SeriesCell],
    totals: Totals,
    rules: Rules,
    *,
    until: date,
    wanted: Container[SeriesKey] | None = None,
) -> Iterator[JudgedSeries]:
    """Judge the series of some cells, those under the same rules and over the same weeks at once.

    Yields parts of at most VALUES_AT_ONCE series-weeks, so that whoever keeps none of them needs
    memory for one. wanted: only these series; all where it is None. until: later findings are not
    read. The count of a country is judged as it is, that of an area, by the methods that can, as a
    share of all findings from there. The judgement of a week reads nothing later. Raises
    DetectionInputError where a rule names a method or a setting that does not exist.
    """
    by_rules: dict[tuple[RiseRule, ...], list[SeriesCell]] = defaultdict(list)
    for cell in cells:
        if cell.first_on <= until:
            by_rules[rules[cell.substance]].append(cell)
    for chain, own in by_rules.items():
        for group in group_series(own, totals, until=until):
            kept = group if wanted is None else group.keep(lambda key: key in wanted)
            countries = kept.keep(lambda key: not key.area)
            areas = kept.keep(lambda key: bool(key.area))
            for part in countries.split(VALUES_AT_ONCE):
                yield _judge_group(part, None, chain)
            for part in areas.split(VALUES_AT_ONCE):
                yield _judge_group(part, totals.count_examined(part), chain)


def list_runs(judged: JudgedSeries) -> list[AlarmRun]:
    """Return the alarms that belong together, ordered by series and week.

    A run begins with an alarm and goes on while fewer than QUIET_WEEKS weeks lie between weeks
    above the threshold. A method that tells a rise once begins a new run with each alarm: the
    level changed again.
    """
    runs = []
    rows = np.flatnonzero(judged.alarms.any(axis=1))
    for row in rows.tolist():
        weeks = np.flatnonzero(judged.is_above[row])
        alarms = judged.alarms[row, weeks]
        runs += [AlarmRun(row, own) for own in _split_weeks(weeks, alarms, judged.is_single)]
    return runs


def _split_weeks(
    weeks: NDArray[np.intp], alarms: NDArray[np.bool_], is_single: NDArray[np.bool_]
) -> list[tuple[int, ...]]:
    found: list[list[int]] = []
    is_open = False
    last = 0
    for week, is_alarm in zip(weeks.tolist(), alarms.tolist(), strict=True):
        is_open = is_open and week - last - 1 < QUIET_WEEKS
        last = week
        if is_alarm and (not is_open or is_single[week]):
            found.append([week])
            is_open = True
        elif is_open:
            found[-1].append(week)
    return [tuple(own) for own in found]


def _judge_group(
    group: SeriesGroup, examined: NDArray[np.int64] | None, rules: Sequence[RiseRule]
) -> JudgedSeries:
    block = SeriesBlock(
        names=tuple(" ".join(filter(None, key)) for key in group.keys),
        counts=group.counts,
        dates=group.weeks,
        by_date=True,
        denominators=examined,
    )
    shape = group.counts.shape
    judged = JudgedSeries(
        group=group,
        rules=tuple(get_rule(rules, week_on) for week_on in group.weeks),
        is_single=np.zeros(shape[1], dtype=np.bool_),
        alarms=np.zeros(shape, dtype=np.bool_),
        is_above=np.zeros(shape, dtype=np.bool_),
        expected=np.full(shape, np.nan),
        thresholds=np.full(shape, np.nan),
        statistics=np.full(shape, np.nan),
        p_values=np.ones(shape),
        window_weeks=np.zeros(shape, dtype=np.int64),
    )
    for rule in dict.fromkeys(judged.rules):
        columns = np.array([one == rule for one in judged.rules])
        _fill(judged, columns, run_method(rule.method, block, parse_rule_settings(rule)))
    judged.alarms[:, :MINIMUM_PAST_WEEKS] = False
    return judged


def _fill(judged: JudgedSeries, columns: NDArray[np.bool_], result: Judgements) -> None:
    """Take over what a method said of the weeks that its rule judges."""
    with np.errstate(invalid="ignore"):
        is_above = result.is_judged & (result.statistics > result.thresholds)
    alarms, p_values = result.alarms, result.p_values
    if isinstance(result, EmergenceJudgements):
        judged.is_single[columns] = True
        alarms, p_values = result.rises, result.window_p_values
        is_above |= (judged.group.counts > 0) & (result.evidence >= result.settings.rise_score)
        judged.window_weeks[:, columns] = result.window_weeks[:, columns]
    elif isinstance(result, SparseJudgements):
        judged.window_weeks[:, columns] = result.windows_weeks[:, columns]
    elif weeks_tested := _find_weeks_tested(result):
        judged.window_weeks[:, columns] = weeks_tested
        p_values = np.maximum(p_values, derive_window_tails(judged.group.counts, weeks_tested))
    judged.alarms[:, columns] = alarms[:, columns]
    judged.is_above[:, columns] = (is_above | alarms)[:, columns]
    judged.p_values[:, columns] = np.where(result.is_judged, p_values, 1.0)[:, columns]
    for name in ("expected", "thresholds", "statistics"):
        getattr(judged, name)[:, columns] = getattr(result, name)[:, columns]


def _find_weeks_tested(result: Judgements) -> int | None:
    """The weeks a p-value is of, for methods whose p-values are not exact for rare counts.

    The normal distribution, or a mean that is taken for certain, makes one case where next to none
    is expected all but impossible; any chance case would then be selected as a rise.
    """
    if isinstance(result.settings, SpikeRuleSettings):
        return result.settings.window_weeks
    return WEEKS_TESTED.get(result.method)


def parse_rule_settings(rule: RiseRule) -> Any:
    """Return the settings of a rule as its method takes them; DetectionInputError where it cannot.

    >>> rule = RiseRule(method="spike-rule", settings={"minimum_count": 4})
    >>> parse_rule_settings(rule).minimum_count
    4
    """
    return _parse(rule.method, dumps(dict(rule.settings), sort_keys=True))


@cache
def _parse(method: str, settings: str) -> Any:
    return get_method(method).parse(loads(settings))
