"""What is possible and stands alone, but is more often a slip."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.record.checks import find_misfits
from tocsin.reports.record.slips import find_unusual
from tocsin.reports.record.values import make_details
from tocsin.reports.vocabulary import Matrix

TODAY = date(2026, 11, 21)
POWDER = EvidenceFinding("x", Matrix.SEIZED, amount=Decimal(40), unit="g")
BLOOD = EvidenceFinding("x", Matrix.BIOLOGICAL, specimen="blood")
LOAD = EvidenceFinding("x", Matrix.WASTEWATER, amount=Decimal(300), unit="mg/day/1000")


def list_slips(
    event_type: str, finding: EvidenceFinding, *, of_finding: Any = None, **values: Any
) -> list[tuple[str, str]]:
    days = {key: values.pop(key) for key in ("received_on", "reported_on") if key in values}
    report = EvidenceReport(
        event_type,
        values.pop("event_on", date(2026, 3, 2)),
        "AT",
        (replace(finding, details=make_details(of_finding or {})),),
        details=make_details(values),
        **days,
    )
    assert find_misfits(report) == ()
    return [(one.field, one.code) for one in find_unusual(report, today=TODAY)]


def test_day_of_another_century_and_a_report_before_its_event_are_asked_about() -> None:
    assert list_slips("seizure", POWDER, event_on=date(1926, 3, 2)) == [("event_on", "long-ago")]
    assert list_slips("seizure", POWDER, event_on=date(1977, 3, 2)) == []
    assert list_slips("seizure", POWDER, reported_on=date(2026, 3, 1)) == [
        ("reported_on", "before-event")
    ]
    assert list_slips("seizure", POWDER, reported_on=date(2026, 3, 2)) == []
    week = {"period_end": date(2026, 3, 8)}
    assert list_slips("wastewater", LOAD, **week, days_sampled=7) == []
    assert list_slips("wastewater", LOAD, **week, days_sampled=8) == [
        ("days_sampled", "large-number")
    ]


def test_what_is_told_twice_of_a_poisoning_is_held_together() -> None:
    def ask(**values: Any) -> list[tuple[str, str]]:
        return list_slips("serious-adverse-event", BLOOD, **values)

    fatal, serious = ("death",), ("life-threatening",)
    assert ask(seriousness=fatal, outcome="recovered") == [("seriousness", "fatal-outcome")]
    assert ask(seriousness=serious, outcome="death") == [("seriousness", "fatal-outcome")]
    assert ask(seriousness=fatal, outcome="death") == []
    assert ask(seriousness=fatal) == []
    assert ask(naloxone_doses=2, treatments=("ventilation",)) == [("treatments", "missing")]
    assert ask(naloxone_doses=0, treatments=("none",)) == []
    assert ask(naloxone_doses=2, naloxone_mg=Decimal(20)) == []
    assert ask(naloxone_doses=2, naloxone_mg=Decimal(400)) == [("naloxone_mg", "large-number")]
    assert ask(naloxone_mg=Decimal(11)) == [("naloxone_mg", "large-number")]


def test_sample_of_a_body_that_is_said_to_be_another_material_is_asked_about() -> None:
    unsaid = replace(BLOOD, matrix=Matrix.UNSPECIFIED)
    after_death = {"sampling_context": "post-mortem"}
    assert list_slips("biological-sample", unsaid, of_finding=after_death) == [
        ("matrix", "not-biological")
    ]
    assert list_slips("biological-sample", BLOOD, of_finding=after_death) == []
    for hours, expected in ((36, []), (90_000, [("sampling_delay_hours", "large-number")])):
        of_finding = {"sampling_delay_hours": Decimal(hours)}
        assert list_slips("biological-sample", BLOOD, of_finding=of_finding) == expected


def test_amounts_that_no_body_sewer_or_form_has_are_asked_about() -> None:
    large = [("amount", "large-amount")]
    for amount, unit, expected in (
        ("12.5", "ng/ml", []),
        ("900", "mg/l", []),
        ("1100", "mg/l", large),
        ("900000", "ng/ml", []),
        ("1100000", "ng/ml", large),
        ("2", "mg/g", large),
        ("2", "ng/g", []),
    ):
        finding = replace(BLOOD, amount=Decimal(amount), unit=unit)
        assert list_slips("biological-sample", finding) == expected, (amount, unit)
    assert list_slips("wastewater", LOAD) == []
    assert list_slips("wastewater", replace(LOAD, amount=Decimal(1_000_000))) == large
    tablets = replace(POWDER, unit="tablets")
    assert list_slips("seizure", tablets, of_finding={"physical_form": "powder"}) == [
        ("unit", "other-form")
    ]
    assert list_slips("seizure", tablets, of_finding={"physical_form": "residue"}) == []


def test_nothing_at_all_is_asked_about_unless_it_was_looked_for() -> None:
    nothing = replace(POWDER, amount=Decimal(0))
    assert list_slips("seizure", nothing) == [("amount", "zero")]
    assert list_slips("seizure", nothing, of_finding={"detection": "not-detected"}) == []
    of_period = {"period_end": date(2026, 6, 30)}
    assert list_slips("aggregated-counts", nothing, **of_period) == []
    counts = {"death_count": 9, "poisoning_count": 3}
    unsaid = EvidenceFinding("x", Matrix.UNSPECIFIED)
    assert list_slips("aggregated-counts", unsaid, of_finding=counts, **of_period) == [
        ("death_count", "large-number")
    ]
