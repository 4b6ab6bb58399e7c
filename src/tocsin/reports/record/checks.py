"""What fits together in a record: rules over several fields, against which none is taken."""

import functools
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _

from tocsin.reports.record.definition import IN_GIVEN_UNIT, get_field, list_fields
from tocsin.reports.record.kinds import Level
from tocsin.reports.record.words import Detection, Role
from tocsin.reports.vocabulary import EventType, Matrix
from tocsin.science.quantities import Dimension, derive_dimension

if TYPE_CHECKING:
    from tocsin.reports.evidence import EvidenceFinding, EvidenceReport

AMOUNTS = frozenset({Dimension.MASS, Dimension.VOLUME, Dimension.COUNT})
DIMENSIONS_OF_MATRIX: dict[str, frozenset[Dimension]] = {
    Matrix.BIOLOGICAL: frozenset({Dimension.CONCENTRATION}),
    Matrix.WASTEWATER: frozenset({Dimension.CONCENTRATION, Dimension.LOAD}),
    Matrix.SEIZED: AMOUNTS,
    Matrix.COLLECTED: AMOUNTS | {Dimension.CONCENTRATION},
    Matrix.PURCHASED: AMOUNTS | {Dimension.CONCENTRATION},
    Matrix.SITE: AMOUNTS | {Dimension.CONCENTRATION},
}
"""What an amount in a material can measure; a material that is not named can hold any."""


class Misfit(NamedTuple):
    """What does not fit: the field, a stable code, and what was expected or should be looked at.

    finding: the place of the finding from 0; None where it is about the event.
    """

    field: str
    code: str
    expected: str
    finding: int | None = None


def find_misfits(report: "EvidenceReport") -> tuple[Misfit, ...]:
    """Find what contradicts itself: a record with one of these is refused."""
    found = list(_iter_event_misfits(report))
    for place, finding in enumerate(report.findings):
        found += [one._replace(finding=place) for one in _iter_finding_misfits(report, finding)]
    return tuple(found)


def _iter_event_misfits(report: "EvidenceReport") -> Iterator[Misfit]:
    yield from _iter_presence_misfits(report, report.event_type, Level.EVENT)
    end = report.find_value("period_end")
    if end is not None and end < report.event_on:  # type: ignore[operator]
        expected = _("a day on or after {day}").format(day=report.event_on.isoformat())
        yield Misfit("period_end", "bad-period", expected)
    roles = [finding.find_value("role") for finding in report.findings]
    if Role.SOLE in roles and sum(role in (Role.SOLE, Role.CONTRIBUTORY) for role in roles) > 1:
        yield Misfit("role", "two-causes", _("no other cause beside a sole cause"))


@functools.cache
def _list_keys(event_type: str, level: Level) -> tuple[frozenset[str], tuple[str, ...]]:
    """The keys of the fields that a type of event may have, and of those that it needs."""
    fields = list_fields(event_type, level)
    needed = tuple(field.key for field in fields if field.is_required_in(event_type))
    return frozenset(field.key for field in fields), needed


def _iter_presence_misfits(
    record: "EvidenceReport | EvidenceFinding", event_type: str, level: Level
) -> Iterator[Misfit]:
    applying, needed = _list_keys(event_type, level)
    for key, _value in record.details:
        if key not in applying:
            expected = _("nothing: the field is not for events of the type {type}")
            yield Misfit(key, "not-for-this-event", expected.format(type=event_type))
    for key in needed:
        if record.find_value(key) is None:
            expected = _("a value: events of the type {type} need it").format(type=event_type)
            yield Misfit(key, "missing", expected)


def _iter_finding_misfits(report: "EvidenceReport", finding: "EvidenceFinding") -> Iterator[Misfit]:
    yield from _iter_presence_misfits(finding, report.event_type, Level.FINDING)
    if finding.unit:
        is_sum = report.event_type == EventType.AGGREGATED
        allowed = AMOUNTS if is_sum else DIMENSIONS_OF_MATRIX.get(finding.matrix)
        if allowed is not None and derive_dimension(finding.unit) not in allowed:
            units = ", ".join(unit for unit in _list_units() if derive_dimension(unit) in allowed)
            yield Misfit("unit", "wrong-dimension", _("one of {units}").format(units=units))
    has_limits = any(key in IN_GIVEN_UNIT for key, _value in finding.details)
    if has_limits and not finding.unit:
        yield Misfit("unit", "missing", _("the unit of the amount and its limits"))
    yield from _iter_limit_misfits(finding)
    if finding.find_value("detection") == Detection.NOT_DETECTED and finding.amount:
        yield Misfit("amount", "not-detected", _("no amount of what was not detected"))


def _iter_limit_misfits(finding: "EvidenceFinding") -> Iterator[Misfit]:
    lod, loq = finding.find_value("lod"), finding.find_value("loq")
    if isinstance(lod, Decimal) and isinstance(loq, Decimal) and lod > loq:
        expected = _("at most the limit of quantification, {loq}").format(loq=loq)
        yield Misfit("lod", "bad-limits", expected)
    least, most = finding.find_value("smallest_amount"), finding.find_value("largest_amount")
    if isinstance(least, Decimal) and isinstance(most, Decimal) and least > most:
        expected = _("at most the largest amount, {most}").format(most=most)
        yield Misfit("smallest_amount", "bad-limits", expected)


def _list_units() -> tuple[str, ...]:
    return get_field("unit").list_words()
