"""What of a record is likely a slip: fields that speak against each other, and what is seldom so."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from tocsin.reports.record.checks import Misfit
from tocsin.reports.record.words import (
    Detection,
    Outcome,
    PhysicalForm,
    SamplingContext,
    Seriousness,
    Treatment,
)
from tocsin.reports.vocabulary import EventType, Matrix, Unit
from tocsin.science.quantities import Dimension, convert, derive_dimension, is_convertible

if TYPE_CHECKING:
    from tocsin.reports.evidence import EvidenceFinding, EvidenceReport

HEAVIEST_TABLET_G = Decimal(5)
LARGEST_USUAL_SEIZURE_KG = Decimal(1_000)
MOST_USUAL_NALOXONE_DOSES = 20
COUNTED_FORMS = {
    PhysicalForm.TABLET: Unit.TABLETS,
    PhysicalForm.CAPSULE: Unit.CAPSULES,
    PhysicalForm.BLOTTER: Unit.BLOTTERS,
}

LONGEST_AGO_DAYS = 18_263
"""Fifty years, so that no report of what was really long ago is asked about."""

MOST_USUAL_NALOXONE_MG_OF_A_DOSE = 10
MOST_USUAL_SAMPLING_DELAY_HOURS = 1_000
MOST_USUAL_IN_A_BODY = {
    Unit.MILLIGRAM_PER_LITRE: Decimal(1_000),
    Unit.MILLIGRAM_PER_GRAM: Decimal(1),
}
MOST_USUAL_LOAD = Decimal(100_000)
"""In mg a day and 1,000 inhabitants."""

UNCOUNTED_FORMS = frozenset(
    {
        PhysicalForm.POWDER,
        PhysicalForm.CRYSTAL,
        PhysicalForm.LIQUID,
        PhysicalForm.VAPE_LIQUID,
        PhysicalForm.PLANT,
        PhysicalForm.RESIN,
    }
)


def find_likely_slips(report: "EvidenceReport") -> tuple[Misfit, ...]:
    """Find what may be right but is more often a slip: shown to who enters it, never refused."""
    found = list(_iter_event_contradictions(report))
    for place, finding in enumerate(report.findings):
        found += [
            one._replace(finding=place) for one in _iter_finding_contradictions(report, finding)
        ]
    return tuple(found)


def find_unusual(report: "EvidenceReport", *, today: date) -> tuple[Misfit, ...]:
    """Find what stands alone but is seldom so: shown to who enters it, never refused."""
    found = [*_iter_day_slips(report, today), *_iter_poisoning_slips(report)]
    for place, finding in enumerate(report.findings):
        slips = (*_iter_sample_slips(report, finding), *_iter_amount_slips(report, finding))
        found += [one._replace(finding=place) for one in slips]
    return tuple(found)


def _iter_day_slips(report: "EvidenceReport", today: date) -> Iterator[Misfit]:
    if report.event_on < today - timedelta(days=LONGEST_AGO_DAYS):
        yield Misfit("event_on", "long-ago", _("a day of the last fifty years"))
    reported_on = report.reported_on
    if report.received_on is None and reported_on is not None and reported_on < report.event_on:
        yield Misfit("reported_on", "before-event", _("a day on or after the event"))
    end, days = report.find_value("period_end"), report.find_value("days_sampled")
    if isinstance(end, date) and isinstance(days, int) and days > (end - report.event_on).days + 1:
        yield Misfit("days_sampled", "large-number", _("no more days than the period has"))


def _iter_poisoning_slips(report: "EvidenceReport") -> Iterator[Misfit]:
    outcome, seriousness = report.find_value("outcome"), report.find_value("seriousness")
    is_fatal = outcome == Outcome.DEATH
    is_told_twice = isinstance(seriousness, tuple) and outcome is not None
    if is_told_twice and (Seriousness.DEATH in seriousness) is not is_fatal:  # type: ignore[operator]
        expected = _("death here and as the outcome, or in neither")
        yield Misfit("seriousness", "fatal-outcome", expected)
    doses, treatments = report.find_value("naloxone_doses"), report.find_value("treatments")
    milligrams = report.find_value("naloxone_mg")
    if (
        (doses or milligrams)
        and isinstance(treatments, tuple)
        and Treatment.NALOXONE not in treatments
    ):
        yield Misfit("treatments", "missing", _("naloxone too, as doses of it were given"))
    if isinstance(milligrams, Decimal):
        given = doses if isinstance(doses, int) and doses else 1
        if milligrams > given * MOST_USUAL_NALOXONE_MG_OF_A_DOSE:
            yield Misfit("naloxone_mg", "large-number", _("milligrams, not micrograms"))


def _iter_sample_slips(report: "EvidenceReport", finding: "EvidenceFinding") -> Iterator[Misfit]:
    context = finding.find_value("sampling_context")
    if context is not None and finding.matrix != Matrix.BIOLOGICAL:
        expected = _("biological sample, as it was taken in life or after death")
        yield Misfit("matrix", "not-biological", expected)
    delay = finding.find_value("sampling_delay_hours")
    if isinstance(delay, Decimal) and delay > MOST_USUAL_SAMPLING_DELAY_HOURS:
        yield Misfit("sampling_delay_hours", "large-number", _("hours, not minutes"))
    deaths = finding.find_value("death_count")
    poisonings = finding.find_value("poisoning_count")
    if isinstance(deaths, int) and isinstance(poisonings, int) and deaths > poisonings:
        yield Misfit("death_count", "large-number", _("no more than the poisonings"))


def _iter_amount_slips(report: "EvidenceReport", finding: "EvidenceFinding") -> Iterator[Misfit]:
    amount, unit = finding.amount, finding.unit
    is_looked_for = finding.find_value("detection") == Detection.NOT_DETECTED
    if amount == 0 and not is_looked_for and report.event_type != EventType.AGGREGATED:
        yield Misfit("amount", "zero", _("more than 0, or “not detected” as the detection"))
    if amount is None or not unit:
        return
    if finding.matrix == Matrix.BIOLOGICAL:
        for most_unit, most in MOST_USUAL_IN_A_BODY.items():
            if is_convertible(unit, most_unit) and convert(amount, unit, most_unit) > most:
                expected = _("at most {most} {unit} in most cases: is the unit right?")
                yield Misfit(
                    "amount", "large-amount", expected.format(most=most, unit=most_unit.value)
                )
    if unit == Unit.MILLIGRAM_PER_DAY_PER_1000 and amount > MOST_USUAL_LOAD:
        yield Misfit("amount", "large-amount", _("a load per 1,000 inhabitants, not of the plant"))
    is_counted = unit in (Unit.TABLETS, Unit.BLOTTERS)
    if is_counted and finding.find_value("physical_form") in UNCOUNTED_FORMS:
        yield Misfit("unit", "other-form", _("a mass or a volume, as the form says"))


def _iter_event_contradictions(report: "EvidenceReport") -> Iterator[Misfit]:
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


def _iter_finding_contradictions(
    report: "EvidenceReport", finding: "EvidenceFinding"
) -> Iterator[Misfit]:
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
        yield from _iter_amount_contradictions(finding, finding.amount)


def _iter_amount_contradictions(finding: "EvidenceFinding", amount: Decimal) -> Iterator[Misfit]:
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
