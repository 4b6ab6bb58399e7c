"""Deaths behind what is told: those of its days and its place, visible to who tells."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest

from tests.reports.world import World, make_world
from tocsin.organisations.services import ensure_handling
from tocsin.pipeline import run_detection
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.models import Report
from tocsin.reports.services import correct_report, record_report
from tocsin.signals.death_queries import with_deaths
from tocsin.signals.detected import DetectedEmergence
from tocsin.signals.models import Signal
from tocsin.signals.queries import list_signals

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def make_evidence(
    reference: str,
    on: date,
    *,
    outcome: str = "death",
    area: str = "Cork",
    country: str = "IE",
    findings: tuple[str, ...] = ("xylazine",),
    event_type: str = "serious-adverse-event",
    matrix: str = "biological",
) -> EvidenceReport:
    return EvidenceReport(
        reference=reference,
        event_type=event_type,
        event_on=on,
        country=country,
        local_area=area,
        details=(("outcome", outcome),) if outcome else (),
        findings=tuple(
            EvidenceFinding(name, matrix, specimen=f"{place}")
            for place, name in enumerate(findings)
        ),
    )


def make_emergence(**changes: Any) -> DetectedEmergence:
    """A rise in Cork in the two weeks from 2 to 15 March 2026."""
    values: dict[str, Any] = {
        "kind": "spike",
        "substance": "xylazine",
        "matrix": "biological",
        "country": "IE",
        "area": "Cork",
        "places": ("Cork",),
        "on": date(2026, 3, 9),
        "last_on": date(2026, 3, 9),
        "evidence_count": 4,
        "facts": {"count": 4, "window_weeks": 2},
        "method": "emergence",
        "method_version": "1",
    }
    return DetectedEmergence(**values | changes)


def test_deaths_of_the_window_and_the_place_are_added_with_one_query(
    world: World, django_assert_num_queries: Callable[[int], AbstractContextManager[None]]
) -> None:
    for evidence in (
        make_evidence("first day", date(2026, 3, 2), findings=("xylazine", "xylazine", "heroin")),
        make_evidence("last day", date(2026, 3, 15)),
        make_evidence("before", date(2026, 3, 1)),
        make_evidence("after", date(2026, 3, 16)),
        make_evidence("elsewhere", date(2026, 3, 9), area="Galway"),
        make_evidence("abroad", date(2026, 3, 9), country="FR"),
        make_evidence("survived", date(2026, 3, 9), outcome="recovered"),
        make_evidence("not said", date(2026, 3, 9), outcome=""),
        make_evidence("another", date(2026, 3, 9), findings=("heroin",)),
    ):
        record_report(world.analyst, world.handling, evidence)
    hidden = ensure_handling(owner_id=world.partner.pk, tlp="RED")
    record_report(world.partner_analyst, hidden, make_evidence("hidden", date(2026, 3, 9)))
    rise = make_emergence()
    wide = make_emergence(area="", places=("Cork", "Galway"))
    first = make_emergence(kind="first-in-region", on=date(2026, 3, 15), facts={})
    unfatal = make_emergence(on=date(2026, 6, 1))
    seized = make_emergence(matrix="seized")
    with django_assert_num_queries(1):
        told = with_deaths(world.analyst, [rise, wide, first, unfatal, seized])
    assert [one.facts for one in told] == [
        {"count": 4, "window_weeks": 2, "findings_of_deaths": 3, "deaths": 2},
        {"count": 4, "window_weeks": 2, "findings_of_deaths": 4, "deaths": 3},
        {"findings_of_deaths": 1, "deaths": 1},
        {"count": 4, "window_weeks": 2},
        {"count": 4, "window_weeks": 2},
    ]
    with django_assert_num_queries(0):
        assert with_deaths(world.analyst, [seized]) == [seized]


def test_a_signal_with_deaths_comes_first_until_a_correction_takes_them_away(world: World) -> None:
    day = date(2026, 3, 2)
    for evidence in (
        make_evidence("A", day, findings=("xylazine",), outcome="death"),
        make_evidence("B", day, findings=("fentanyl",), outcome="recovered"),
        make_evidence(
            "C", day, findings=("heroin",), outcome="", event_type="seizure", matrix="seized"
        ),
        make_evidence(
            "D",
            day,
            findings=("cocaine",),
            outcome="",
            event_type="collected-sample",
            matrix="collected",
        ),
    ):
        record_report(world.analyst, world.handling, evidence)
    run_detection()

    def list_keys() -> list[str]:
        signals = list_signals(world.analyst, order="attention")
        return [one.substance.key for one in signals]

    assert list_keys() == ["xylazine", "fentanyl", "cocaine", "heroin"]
    held = Report.objects.for_writing().get(reference="B")
    corrected = make_evidence("B", day, findings=("fentanyl",), outcome="death")
    correct_report(world.analyst, held.pk, corrected, version=1, reason="Died later.")
    held = Report.objects.for_writing().get(reference="A")
    corrected = make_evidence("A", day, findings=("xylazine",), outcome="unknown")
    correct_report(world.analyst, held.pk, corrected, version=1, reason="Mixed up.")
    run_detection()
    assert list_keys() == ["fentanyl", "xylazine", "cocaine", "heroin"]
    facts = {one.substance.key: one.facts.get("deaths") for one in Signal.objects.for_writing()}
    assert facts == {"fentanyl": 1, "xylazine": None, "cocaine": None, "heroin": None}
