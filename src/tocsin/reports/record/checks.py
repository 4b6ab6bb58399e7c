"""What fits together in a record, and what is likely a slip: rules over several fields."""

import functools
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _

from tocsin.reports.record.definition import IN_GIVEN_UNIT, get_field, list_fields
from tocsin.reports.record.kinds import Level
from tocsin.reports.record.words import Detection, Outcome, PhysicalForm, Role, SamplingContext
from tocsin.reports.vocabulary import EventType, Matrix, Unit
from tocsin.science.quantities import Dimension, convert, derive_dimension

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

HEAVIEST_TABLET_G = Decimal(5)
LARGEST_USUAL_SEIZURE_KG = Decimal(1_000)
MOST_USUAL_NALOXONE_DOSES = 20
COUNTED_FORMS = {
    PhysicalForm.TABLET: Unit.TABLETS,
    PhysicalForm.CAPSULE: Unit.CAPSULES,
    PhysicalForm.BLOTTER: Unit.BLOTTERS,
}


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


def find_likely_slips(report: "EvidenceReport") -> tuple[Misfit, ...]:
    """Find what may be right but is more often a slip: shown to who enters it, never refused."""
    found = list(_iter_event_slips(report))
    for place, finding in enumerate(report.findings):
        found += [one._replace(finding=place) for one in _iter_finding_slips(report, finding)]
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


def _iter_event_slips(report: "EvidenceReport") -> Iterator[Misfit]:
    if report.received_on is not None and report.received_on < report.event_on:
        yield Misfit("received_on", "before-event", _("a day on or after the event"))
    received_on, reported_on = report.received_on, report.reported_on
    if received_on is not None and reported_on is not None and reported_on < received_on:
        yield Misfit("reported_on", "before-receipt", _("a day on or after the receipt"))
    severity, outcome = report.find_value("severity"), report.find_value("outcome")
    if severity == "4" and outcome not in (None, Outcome.DEATH):
        yield Misfit("outcome", "fatal-outcome", _("death, as the severity is fatal"))
    if outcome == Outcome.DEATH and severity not in (None, "4"):
        yield Misfit("severity", "fatal-outcome", _("fatal, as the outcome is death"))
    doses, response = report.find_value("naloxone_doses"), report.find_value("naloxone_response")
    if response is not None and doses is None:
        yield Misfit("naloxone_doses", "missing", _("the number of doses of naloxone"))
    if isinstance(doses, int) and doses > MOST_USUAL_NALOXONE_DOSES:
        yield Misfit("naloxone_doses", "large-number", _("doses, not milligrams"))


def _iter_finding_slips(report: "EvidenceReport", finding: "EvidenceFinding") -> Iterator[Misfit]:
    if report.event_type == EventType.BIOLOGICAL_SAMPLE and not finding.specimen:
        yield Misfit("specimen", "missing", _("what the sample is, such as blood or urine"))
    context = finding.find_value("sampling_context")
    if context == SamplingContext.POST_MORTEM:
        if not finding.specimen and finding.find_value("sampling_site") is None:
            yield Misfit("specimen", "missing", _("what was sampled after death, and where"))
        if report.find_value("outcome") not in (None, Outcome.DEATH):
            yield Misfit(
                "sampling_context", "fatal-outcome", _("in life, as the outcome is not death")
            )
    if finding.amount is not None and not finding.unit:
        yield Misfit("unit", "missing", _("the unit of the amount"))
    if finding.amount is not None and finding.unit:
        yield from _iter_amount_slips(finding, finding.amount)


def _iter_amount_slips(finding: "EvidenceFinding", amount: Decimal) -> Iterator[Misfit]:
    dimension = derive_dimension(finding.unit)
    form = finding.find_value("physical_form")
    if dimension is Dimension.MASS:
        grams = convert(amount, finding.unit, "g")
        if grams > LARGEST_USUAL_SEIZURE_KG * 1_000:
            expected = _("more than {kg} kg is rare: is the unit right?")
            yield Misfit("amount", "large-amount", expected.format(kg=LARGEST_USUAL_SEIZURE_KG))
        elif form in COUNTED_FORMS and HEAVIEST_TABLET_G < grams < 100:
            expected = _("a count, or the unit of the mass: {grams} g of counted units is little")
            yield Misfit("amount", "small-amount", expected.format(grams=grams))
    if dimension is Dimension.COUNT and amount != int(amount):
        yield Misfit("amount", "broken-count", _("a whole number of them"))
    counted = COUNTED_FORMS.get(form) if isinstance(form, str) else None  # type: ignore[call-overload]
    if counted and dimension is Dimension.COUNT and finding.unit not in (counted, Unit.ITEMS):
        yield Misfit("unit", "other-form", _("{unit}, as the form says").format(unit=counted))


def _list_units() -> tuple[str, ...]:
    return get_field("unit").list_words()
