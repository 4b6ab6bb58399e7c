"""Statutory dates: the steps by which a rule comes about, and the deadlines it sets."""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from tocsin.law.model import StatutoryDate

KINDS = (
    "risk-assessment",
    "recommended",
    "submitted",
    "adopted",
    "objection-period-end",
    "published",
    "communicated",
    "in-force",
    "applies",
    "transposition-deadline",
)
"""Kinds of dates, in the order in which the steps of one act follow each other."""

_WORDS = {
    "risk-assessment": "risk assessment",
    "recommended": "recommended by the World Health Organization",
    "submitted": "report submitted",
    "adopted": "adopted",
    "objection-period-end": "end of the period for objections",
    "published": "published",
    "communicated": "communicated to the parties",
    "in-force": "in force",
    "applies": "applies",
    "transposition-deadline": "to be transposed by",
}


def read_dates(
    raw: Iterable[Mapping[str, Any]], act: str, source: str
) -> tuple[StatutoryDate, ...]:
    """Read the dates of a data file's table; where one names no source, the act's is taken."""
    return tuple(
        StatutoryDate(
            kind=one["kind"],
            on=one["on"],
            began_on=one.get("from", one["on"]),
            act=one.get("act", act),
            source=one.get("source", source),
            verified=one.get("verified", True),
        )
        for one in raw
    )


def count_days_left(date: StatutoryDate, on: datetime.date) -> int | None:
    """Count the days from a day to a date that lies ahead of it; None for one that does not.

    >>> day = datetime.date(2026, 7, 12)
    >>> deadline = StatutoryDate("transposition-deadline", day, day, "act", "source")
    >>> count_days_left(deadline, datetime.date(2026, 6, 1))
    41
    """
    left = (date.on - on).days
    return left if left > 0 else None


def describe_date(date: StatutoryDate, on: datetime.date) -> str:
    """Say a date in one line, with the days left where it lies ahead of the day asked about."""
    days = f"{date.on}" if date.began_on == date.on else f"{date.began_on} to {date.on}"
    left = count_days_left(date, on)
    ahead = f" ({left} day{'s' if left > 1 else ''} left)" if left else ""
    doubt = "" if date.verified else "; unverified"
    return f"{_WORDS.get(date.kind, date.kind)} {days}{ahead}: {date.act}{doubt}"


def list_date_problems(dates: Sequence[StatutoryDate]) -> Iterator[str]:
    """List what is wrong with dates: an unknown kind, no source, or steps out of order."""
    for date in dates:
        if date.kind not in KINDS:
            yield f"{date.act}: unknown kind of date {date.kind!r}"
        if date.began_on > date.on:
            yield f"{date.act}, {date.kind}: begins on {date.began_on}, after {date.on}"
        if not (date.act and date.source):
            yield f"{date.kind} {date.on}: act or source is missing"
    by_act: dict[str, list[StatutoryDate]] = {}
    for date in dates:
        if date.kind in KINDS:
            by_act.setdefault(date.act, []).append(date)
    for act, steps in by_act.items():
        steps.sort(key=lambda one: KINDS.index(one.kind))
        for before, after in pairwise(steps):
            if before.kind == after.kind:
                yield f"{act}: {before.kind} is dated twice"
            elif before.on > after.on:
                yield f"{act}: {before.kind} {before.on} is after {after.kind} {after.on}"
