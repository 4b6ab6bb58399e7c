"""What is measured about evidence, and how counts of days become medians."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tocsin.reports.record import Field, Level, list_fields

LATE_AFTER_DAYS = 30
"""A version that comes more than so many days after the report's first one is late."""


class Step(StrEnum):
    """One stretch of the way from an event to what is made of it."""

    TO_LABORATORY = "event-received"
    IN_LABORATORY = "received-reported"
    TO_NODE = "reported-accepted"
    IN_ALL = "event-accepted"
    TO_OUTPUT = "accepted-output"


Histogram = Mapping[int, int]
"""How many reports took how many days."""


@dataclass(frozen=True, slots=True)
class Delay:
    """How many days a step took, over the reports that state both its ends.

    backwards: reports whose dates stand in an order that cannot be; they are in no other figure.
    median_days, ninetieth_days: None where no report states both ends.
    """

    count: int
    median_days: int | None
    ninetieth_days: int | None
    backwards: int = 0


def derive_delay(histogram: Histogram) -> Delay:
    """Return the median and the 90th percentile of days, each by nearest rank.

    The nearest rank of a share p of n values is the one at place ceil(p n) in their order.

    >>> derive_delay({2: 3, 5: 1, 40: 1, -1: 2})
    Delay(count=5, median_days=2, ninetieth_days=40, backwards=2)
    >>> derive_delay({})
    Delay(count=0, median_days=None, ninetieth_days=None, backwards=0)
    """
    forward = {days: number for days, number in histogram.items() if days >= 0}
    count = sum(forward.values())
    return Delay(
        count,
        _find_rank(forward, -(-count * 5 // 10)),
        _find_rank(forward, -(-count * 9 // 10)),
        backwards=sum(number for days, number in histogram.items() if days < 0),
    )


def keep_late(histogram: Histogram) -> dict[int, int]:
    """Keep the versions that came late.

    >>> keep_late({0: 4, 30: 2, 31: 1})
    {31: 1}
    """
    return {days: number for days, number in histogram.items() if days > LATE_AFTER_DAYS}


def list_measured_fields(event_type: str) -> list[Field]:
    """List the fields whose filling tells something: those a sender may leave out.

    >>> "event_type" in [field.key for field in list_measured_fields("seizure")]
    False
    """
    return [
        field
        for field in list_fields(event_type)
        if not field.is_required_in(event_type) and field.key not in _ALWAYS_HELD
    ]


def count_places(field: Field, *, reports: int, findings: int) -> int:
    """Return in how many places a field could have been stated.

    >>> from tocsin.reports.record import get_field
    >>> count_places(get_field("purity_percent"), reports=3, findings=5)
    5
    """
    return reports if field.level is Level.EVENT else findings


_ALWAYS_HELD = frozenset({"event_precision", "matrix"})
"""The node fills these by itself where the sender says nothing."""


def _find_rank(histogram: Histogram, rank: int) -> int | None:
    passed = 0
    for days in sorted(histogram):
        passed += histogram[days]
        if passed >= rank:
            return days
    return None
