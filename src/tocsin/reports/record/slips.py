"""What of a record is possible but unusual, and so more often a slip: sizes, days, and gaps."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from tocsin.reports.record.checks import Misfit
from tocsin.reports.record.words import Detection, Outcome, PhysicalForm, Seriousness, Treatment
from tocsin.reports.vocabulary import EventType, Matrix, Unit
from tocsin.science.quantities import convert, is_convertible

if TYPE_CHECKING:
    from tocsin.reports.evidence import EvidenceFinding, EvidenceReport

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
