"""Which earlier emergences were like this one, and how they went on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import log
from typing import NamedTuple

from django.db.models import Case, Sum, Value, When

from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.signals.models import Signal, SignalKind, SignalState, WeeklyCount
from tocsin.signals.place_levels import is_within
from tocsin.signals.queries import list_signals
from tocsin.signals.series import week_of

EARLY_WARNING = Purpose.EARLY_WARNING.value

COMPARED_WEEKS = 26
"""Growth is compared over so many weeks, or over the age of the emergence where it is younger."""

FOLLOWED_WEEKS = (26, 52)
"""The ages at which an earlier emergence is looked at again."""

LIKE_FACTOR = 3
"""Growth is alike where neither count, plus one, is more than so many times the other."""

SETTLING_WEEKS = 26
"""What was first found so soon after a node's evidence begins may be old: it is no emergence."""

MOST_COMPARED = 200
MOST_SHOWN = 8
MOST_OF_CLASS_ALONE = 4
CLOSEST_SHOWN = 3
"""So many of the closest in growth are shown even where none is alike."""


@dataclass(frozen=True, slots=True)
class EarlierEmergence:
    """A signal of another substance that began before, and its findings since then.

    count_at_age: findings in as many weeks as the present emergence is old. after_weeks: findings
    by each age of FOLLOWED_WEEKS; None where it is not that old yet.
    """

    signal: Signal
    is_same_class: bool
    is_alike_in_growth: bool
    count_at_age: int
    after_weeks: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How old the present emergence is, its findings by then, and those that were like it.

    compared: how many earlier emergences were looked at; faster: how many of them had more
    findings at that age.
    """

    age_weeks: int
    count_at_age: int
    compared: int
    faster: int
    emergences: tuple[EarlierEmergence, ...]


class _Week(NamedTuple):
    country: str
    area: str
    week_on: date
    findings: int


def compare_with_earlier(
    actor: Actor, signal: Signal, *, today: date, purpose: str = EARLY_WARNING
) -> Comparison:
    """Compare a signal with earlier ones of the same kind and matrix that the actor may see.

    Like it are signals of substances of the same class, and those whose findings grew alike: at
    the same age in weeks (at most 26), as far as the place of each signal reaches, neither count
    plus one is more than three times the other. Those alike in both come first, then some of the
    class, then those alike in growth, at least the three closest; each in the order of closeness,
    and at most one per substance. Two queries.
    """
    candidates = _list_candidates(actor, signal, purpose)
    weeks = _list_weeks(actor, [signal, *candidates], signal.matrix, purpose)
    age = min(COMPARED_WEEKS, max(1, (today - week_of(signal.on)).days // 7 + 1))
    count = _count_since(signal, weeks, age)
    described = [_describe(one, signal, weeks, age, count, today) for one in candidates]
    described.sort(key=lambda one: (_derive_distance(one, count), -one.signal.on.toordinal()))
    return Comparison(
        age_weeks=age,
        count_at_age=count,
        compared=len(described),
        faster=sum(one.count_at_age > count for one in described),
        emergences=_choose(described),
    )


def _describe(
    one: Signal,
    present: Signal,
    weeks: Mapping[int, list[_Week]],
    age_weeks: int,
    count: int,
    today: date,
) -> EarlierEmergence:
    own = _count_since(one, weeks, age_weeks)
    return EarlierEmergence(
        signal=one,
        is_same_class=one.substance.substance_class_id == present.substance.substance_class_id,
        is_alike_in_growth=max(own, count) + 1 <= LIKE_FACTOR * (min(own, count) + 1),
        count_at_age=own,
        after_weeks=tuple(
            _count_since(one, weeks, followed)
            if week_of(one.on) + timedelta(weeks=followed) <= today
            else None
            for followed in FOLLOWED_WEEKS
        ),
    )


def _derive_distance(one: EarlierEmergence, count: int) -> float:
    return abs(log((one.count_at_age + 1) / (count + 1)))


def _choose(closest_first: Sequence[EarlierEmergence]) -> tuple[EarlierEmergence, ...]:
    ranked = _keep_one_per_substance(closest_first)
    both = [one for one in ranked if one.is_same_class and one.is_alike_in_growth]
    of_class = [one for one in ranked if one.is_same_class and not one.is_alike_in_growth]
    others = [one for one in ranked if not one.is_same_class]
    alike = [one for one in others if one.is_alike_in_growth]
    in_growth = alike if len(alike) >= CLOSEST_SHOWN else others[:CLOSEST_SHOWN]
    return (*both, *of_class[:MOST_OF_CLASS_ALONE], *in_growth)[:MOST_SHOWN]


def _list_candidates(actor: Actor, signal: Signal, purpose: str) -> list[Signal]:
    """The newest comparable signals, those of the same class before all others."""
    same_class = When(
        substance__substance_class_id=signal.substance.substance_class_id, then=Value(0)
    )
    earlier = (
        list_signals(actor, purpose=purpose, kind=signal.kind, matrix=signal.matrix)
        .filter(on__lt=signal.on, evidence_count__gt=0)
        .exclude(substance_id=signal.substance_id)
        .exclude(state=SignalState.MERGED)
        .order_by(Case(same_class, default=Value(1)), "-on", "-id")
    )
    return [one for one in earlier[:MOST_COMPARED] if not _may_be_old(one)]


def _may_be_old(signal: Signal) -> bool:
    """Whether it is a first detection only because the evidence held begins there."""
    since = signal.facts.get("held_since")
    if signal.kind == SignalKind.SPIKE or since is None:
        return False
    return not since or signal.on < date.fromisoformat(since) + timedelta(weeks=SETTLING_WEEKS)


def _list_weeks(
    actor: Actor, signals: Sequence[Signal], matrix: str, purpose: str
) -> dict[int, list[_Week]]:
    first = min(week_of(one.on) for one in signals)
    last = max(week_of(one.on) for one in signals) + timedelta(weeks=max(FOLLOWED_WEEKS))
    rows = (
        WeeklyCount.objects.visible_to(actor, purpose=purpose)
        .filter(
            written_name__substance_id__in={one.substance_id for one in signals},
            matrix=matrix,
            week_on__range=(first, last),
            count__gt=0,
        )
        .order_by()
        .values_list("written_name__substance_id", "country", "area", "week_on")
        .annotate(total=Sum("count"))
    )
    weeks: dict[int, list[_Week]] = defaultdict(list)
    for substance_id, *rest in rows:
        weeks[substance_id].append(_Week(*rest))
    return weeks


def _count_since(signal: Signal, weeks: Mapping[int, list[_Week]], age_weeks: int) -> int:
    """Findings at the place of a signal in its first weeks."""
    begins = week_of(signal.on)
    ends = begins + timedelta(weeks=age_weeks)
    return sum(
        week.findings
        for week in weeks.get(signal.substance_id, ())
        if begins <= week.week_on < ends and _reaches(signal, week.country, week.area)
    )


def _reaches(signal: Signal, country: str, area: str) -> bool:
    if signal.kind == SignalKind.FIRST_DETECTION:
        return True
    if signal.kind == SignalKind.FIRST_IN_COUNTRY:
        return country == signal.country
    return country == signal.country and is_within(area, signal.area)


def _keep_one_per_substance(ranked: Sequence[EarlierEmergence]) -> list[EarlierEmergence]:
    kept: dict[int, EarlierEmergence] = {}
    for one in ranked:
        kept.setdefault(one.signal.substance_id, one)
    return list(kept.values())
