from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.reports.world import World, make_world
from tocsin.organisations.services import ensure_handling
from tocsin.quality.measures import Delay, Step
from tocsin.quality.queries import SenderQuality, Unresolved, get_quality, list_quality
from tocsin.quality.services import measure_changes
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.models import Report
from tocsin.reports.services import correct_report, record_report, retract_report

SINCE, UNTIL = date(2026, 1, 1), date(2026, 12, 31)


def make_report(reference: str, **values: object) -> EvidenceReport:
    event = {
        "event_type": "seizure",
        "event_on": date(2026, 3, 2),
        "country": "IE",
        "findings": (EvidenceFinding(substance_text="xylazine", matrix="seized"),),
        "reference": reference,
    }
    return EvidenceReport(**{**event, **values})  # type: ignore[arg-type]


def find_row(world: World, sender: str = "nfp") -> SenderQuality:
    while measure_changes():
        pass
    return get_quality(world.analyst, sender, "seizure", since=SINCE, until=UNTIL)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def test_a_field_is_filled_in_the_reports_and_findings_that_state_it(world: World) -> None:
    two = (
        EvidenceFinding(
            substance_text="xylazine",
            matrix="seized",
            amount=Decimal("1.5"),
            unit="g",
            details=(("colour", "white"),),
        ),
        EvidenceFinding(substance_text="carfentanil", matrix="seized", purity_percent=Decimal(3)),
    )
    record_report(
        world.analyst,
        world.handling,
        make_report("A", findings=two, details=(("authority", "customs"),), region="IE06"),
    )
    record_report(world.analyst, world.handling, make_report("B", details=(("sold_as", "x"),)))
    gone = record_report(world.analyst, world.handling, make_report("C", source="lab"))
    retract_report(world.analyst, gone.pk, version=1, reason="Sample mixed up.")

    row = find_row(world)

    assert (row.reports, row.findings) == (2, 3)
    filled = {one.field.key: (one.filled, one.places) for one in row.fields if one.filled}
    assert filled == {
        "reference": (2, 2),
        "region": (1, 2),
        "authority": (1, 2),
        "sold_as": (1, 2),
        "colour": (1, 3),
        "amount": (1, 3),
        "unit": (1, 3),
        "purity_percent": (1, 3),
    }
    keys = {one.field.key for one in row.fields}
    assert {"lod", "event_on", "substance", "population_served"} & keys == set()
    assert (row.filled, row.percent) == (9, 100 * 9 // row.places)


def test_delays_are_told_by_median_and_ninetieth_of_a_hundred(world: World) -> None:
    today = timezone.localdate()
    for number, days in enumerate((1, 2, 4, 30)):
        on = today - timedelta(days=days + 3)
        dates = {"received_on": on + timedelta(days=days), "reported_on": today}
        record_report(world.analyst, world.handling, make_report(f"{number}", event_on=on, **dates))
    week = make_report("W", event_on=today - timedelta(days=90), event_precision="week")
    record_report(world.analyst, world.handling, replace(week, received_on=today))
    backwards = make_report("X", event_on=today, received_on=today - timedelta(days=1))
    record_report(world.analyst, world.handling, backwards)
    while measure_changes():
        pass

    [row] = list_quality(world.analyst, since=today - timedelta(days=99), until=today)

    assert row.imprecise == 1
    assert row.delays == {
        Step.TO_LABORATORY: Delay(4, 2, 30, backwards=1),
        Step.IN_LABORATORY: Delay(4, 3, 3),
        Step.TO_NODE: Delay(4, 0, 0),
        Step.IN_ALL: Delay(5, 5, 33),
        Step.TO_OUTPUT: Delay(0, None, None),
    }


def test_a_count_of_a_period_is_due_from_the_periods_last_day(world: World) -> None:
    today = timezone.localdate()
    ended = today - timedelta(days=9)
    counts = make_report(
        "P",
        event_type="aggregated-counts",
        event_on=ended - timedelta(days=91),
        reported_on=today,
        findings=(EvidenceFinding("xylazine", "unspecified", details=(("case_count", 4),)),),
        details=(("period_end", ended),),
    )
    record_report(world.analyst, world.handling, counts)
    while measure_changes():
        pass

    [row] = list_quality(world.analyst, since=ended - timedelta(days=99), until=today)

    assert row.delays[Step.IN_ALL] == Delay(1, 9, 9)


def test_late_versions_are_counted_with_what_they_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at(day: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: day)

    begin = datetime(2026, 3, 10, 12, tzinfo=UTC)
    at(begin)
    first = record_report(world.analyst, world.handling, make_report("A", source="lab"))
    other = record_report(world.analyst, world.handling, make_report("B"))
    at(begin + timedelta(days=30))
    correct_report(
        world.analyst, first.pk, make_report("A", source="new"), version=1, reason="Mended."
    )
    at(begin + timedelta(days=41))
    changed = make_report(
        "A",
        source="new",
        details=(("authority", "police"),),
        findings=(
            EvidenceFinding(substance_text="carfentanil", matrix="seized"),
            EvidenceFinding(substance_text="xylazine", matrix="seized"),
        ),
    )
    correct_report(world.analyst, first.pk, changed, version=2, reason="Found more.")
    retract_report(world.analyst, other.pk, version=1, reason="Sample mixed up.")

    row = find_row(world)

    assert (row.corrections, row.late) == (3, Delay(2, 41, 41))
    told = {one.key: number for one, number in row.changed}
    assert told == {"authority": 1, "substance": 1, "matrix": 1} | {
        key: 1 for key in told if key not in {"authority", "substance", "matrix"}
    }
    assert "source" not in told


def test_names_that_stand_for_nothing_are_counted_with_the_oldest(world: World) -> None:
    findings = tuple(
        EvidenceFinding(substance_text=text, matrix="seized")
        for text in ("unheard-of thing", "another thing", "xylazine")
    )
    record_report(world.analyst, world.handling, make_report("A", findings=findings))
    record_report(
        world.analyst,
        world.handling,
        make_report("B", findings=findings[:1], event_on=date(2026, 2, 1)),
    )

    assert find_row(world).unresolved == Unresolved(2, 3, date(2026, 2, 1))


def test_a_partner_reads_its_own_row_and_the_node_what_it_sees(world: World) -> None:
    shared = ensure_handling(
        owner_id=world.partner.pk, tlp="AMBER", audience=(world.own.pk,), purposes=["early-warning"]
    )
    hidden = ensure_handling(owner_id=world.partner.pk, tlp="AMBER")
    to_partner = ensure_handling(
        owner_id=world.own.pk,
        tlp="AMBER",
        audience=(world.partner.pk,),
        purposes=["early-warning"],
    )
    partner = world.partner_analyst
    for number in range(3):
        record_report(partner, shared, make_report(f"S{number}"))
    record_report(partner, hidden, make_report("H", source="secret"))
    record_report(world.analyst, to_partner, make_report("N"))
    while measure_changes():
        pass

    def read(actor: object) -> dict[str, tuple[int, int]]:
        rows = list_quality(actor, since=SINCE, until=UNTIL)  # type: ignore[arg-type]
        return {
            row.sender: (
                row.reports,
                next(one.filled for one in row.fields if one.field.key == "source"),
            )
            for row in rows
        }

    assert read(partner) == {"lab": (4, 1)}
    assert read(world.analyst) == {"lab": (3, 0), "nfp": (1, 0)}


def test_counting_a_month_again_changes_nothing(world: World) -> None:
    report = record_report(world.analyst, world.handling, make_report("A", source="lab"))
    before = find_row(world)
    correct_report(
        world.analyst, report.pk, make_report("A", source="lab", region="IE06"), version=1,
        reason="Mended.",
    )  # fmt: skip
    after = find_row(world)

    assert (before.reports, after.reports, after.corrections) == (1, 1, 1)
    assert Report.objects.for_writing().count() == 2
    assert measure_changes() == 0
