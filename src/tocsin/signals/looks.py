"""Which alarms become signals: all candidates of a week weighed together.

Each substance is looked at by itself and leaves a look: its series, and the weeks in which one of
them is a candidate for a rise, each with its p-value. What is selected of a week follows from the
looks of all substances together, and from nothing of another week, so it is the same in whatever
order they were looked at, in a replay as in the nights themselves.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np

from tocsin.science.detection.false_discoveries import select_in_hierarchy
from tocsin.signals.judging import JudgedSeries, Rules, list_runs
from tocsin.signals.rules import RiseRule, get_rule

Place = tuple[str, str]
"""Country and area, as in ``SeriesKey``."""


class Candidate(NamedTuple):
    """A week in which a series is above its threshold in a run that began with an alarm.

    p_value: to ten figures; how many series are judged at once may change the last ones.
    """

    matrix: str
    country: str
    area: str
    week_on: date
    p_value: float


Chosen = frozenset[tuple[str, str, str, date]]
"""Series of one substance (matrix, country, area) and week that were selected."""


@dataclass(frozen=True, slots=True)
class Look:
    """What looking at one substance left. begins: first week with a finding, of each series."""

    substance: str
    begins: Mapping[tuple[str, str, str], date]
    candidates: tuple[Candidate, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the look as JSON values; ``parse_look`` reads them."""
        return {
            "begins": [[*key, on.isoformat()] for key, on in self.begins.items()],
            "candidates": [[*one[:3], one.week_on.isoformat(), one[4]] for one in self.candidates],
        }


def parse_look(substance: str, held: Mapping[str, Any]) -> Look:
    """Return the look that ``as_json`` wrote."""
    return Look(
        substance,
        {
            (matrix, country, area): date.fromisoformat(on)
            for matrix, country, area, on in held["begins"]
        },
        tuple(
            Candidate(matrix, country, area, date.fromisoformat(on), p_value)
            for matrix, country, area, on, p_value in held["candidates"]
        ),
    )


def derive_looks(judged: Iterable[JudgedSeries]) -> dict[str, Look]:
    """Return the look of each substance whose series were judged, in an order of its own."""
    begins: dict[str, dict[tuple[str, str, str], date]] = defaultdict(dict)
    candidates: dict[str, list[Candidate]] = defaultdict(list)
    for one in judged:
        first_week = one.group.first_week
        first_places = (one.group.counts > 0).argmax(axis=1).tolist()
        for key, place in zip(one.group.keys, first_places, strict=True):
            begins[key.substance][key[1:]] = first_week + timedelta(weeks=place)
        for run in list_runs(one):
            key = one.group.keys[run.row]
            candidates[key.substance] += [
                Candidate(*key[1:], first_week + timedelta(weeks=week), float(f"{p_value:.9e}"))
                for week, p_value in zip(
                    run.weeks, one.p_values[run.row, list(run.weeks)].tolist(), strict=True
                )
            ]
    return {
        substance: Look(substance, dict(sorted(own.items())), tuple(sorted(candidates[substance])))
        for substance, own in sorted(begins.items())
    }


def select_candidates(looks: Sequence[Look], rules: Rules) -> dict[str, Chosen]:
    """Select, of all candidates of each week, those that become signals; by substance.

    rules: of each substance; those under one rule are weighed together, at its level. A substance
    counts from the first week in which it was found, a place and a matrix of it likewise. In any
    order of the looks the result is the same, and what is selected in a week depends on what was
    found up to that week only.
    Source: ``tocsin.science.detection.false_discoveries.hierarchy`` (TreeBH).
    """
    by_week: dict[tuple[date, RiseRule], dict[int, list[Candidate]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for number, look in enumerate(looks):
        for candidate in look.candidates:
            rule = get_rule(rules[look.substance], candidate.week_on)
            by_week[candidate.week_on, rule][number].append(candidate)
    chosen: dict[str, set[tuple[str, str, str, date]]] = {look.substance: set() for look in looks}
    beginnings = _Beginnings(looks, rules)
    for (week_on, rule), of_week in by_week.items():
        if rule.level is None:
            for number, candidates in of_week.items():
                chosen[looks[number].substance].update((*one[:3], week_on) for one in candidates)
            continue
        n_substances = beginnings.count(rule, week_on)
        for number, candidate in _select_of_week(looks, of_week, week_on, n_substances, rule.level):
            chosen[looks[number].substance].add((*candidate[:3], week_on))
    return {substance: frozenset(own) for substance, own in chosen.items()}


class _Beginnings:
    """How many substances of each rule had been found by a week."""

    def __init__(self, looks: Iterable[Look], rules: Rules) -> None:
        starts: dict[tuple[RiseRule, ...], list[date]] = defaultdict(list)
        for look in looks:
            if look.begins:
                starts[rules[look.substance]].append(min(look.begins.values()))
        self._starts = {chain: sorted(own) for chain, own in starts.items()}

    def count(self, rule: RiseRule, week_on: date) -> int:
        return sum(
            bisect_right(own, week_on)
            for chain, own in self._starts.items()
            if get_rule(chain, week_on) == rule
        )


def _select_of_week(
    looks: Sequence[Look],
    of_week: Mapping[int, Sequence[Candidate]],
    week_on: date,
    n_substances: int,
    level: float,
) -> list[tuple[int, Candidate]]:
    """Weigh the candidates of one week; what has none weighs by being there, with p-value 1."""
    p_values: list[float] = []
    labels: list[tuple[int, int, int]] = []
    held: list[tuple[int, Candidate]] = []
    for number, candidates in of_week.items():
        places: dict[Place, dict[str, float]] = defaultdict(dict)
        for (matrix, country, area), begins in looks[number].begins.items():
            if begins <= week_on:
                places[country, area][matrix] = 1.0
        for one in candidates:
            places[one.country, one.area][one.matrix] = one.p_value
        by_series = {one[:3]: one for one in candidates}
        for place, ((country, area), matrices) in enumerate(places.items()):
            for place_of_matrix, (matrix, p_value) in enumerate(matrices.items()):
                candidate = by_series.get((matrix, country, area))
                labels.append((number, place, place_of_matrix))
                p_values.append(p_value)
                if candidate is not None:
                    held.append((len(p_values) - 1, candidate))
    for other in range(n_substances - len(of_week)):
        labels.append((len(looks) + other, 0, 0))
        p_values.append(1.0)
    substances, place_labels, matrices_labels = np.array(labels, dtype=np.int64).T
    selected = select_in_hierarchy(
        p_values,
        substances=substances,
        places=place_labels,
        matrices=matrices_labels,
        level=level,
    ).selected
    return [(labels[at][0], candidate) for at, candidate in held if selected[at]]
