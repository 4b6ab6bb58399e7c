"""Where a substance was found around an emergence."""

from datetime import date

import pytest

from tests.reports.world import World, make_world
from tocsin.organisations.actors import Actor
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.services import record_report
from tocsin.signals.places import list_places_between, list_reporting_countries
from tocsin.signals.queries import PlaceTotal
from tocsin.signals.services import count_changes

pytestmark = pytest.mark.django_db

SINCE, UNTIL = date(2026, 3, 4), date(2026, 3, 17)
"""A Wednesday, and a Tuesday two weeks later."""


@pytest.fixture
def world(db: None) -> World:
    held = make_world()
    rows = [
        ("xylazine", date(2026, 3, 2), "IE", "Cork", "seized"),
        ("xylazine", date(2026, 3, 18), "IE", "Cork", "seized"),
        ("xylazine", date(2026, 3, 10), "IE", "Kerry", "seized"),
        ("heroin", date(2026, 3, 10), "FR", "Lille", "seized"),
        ("xylazine", date(2026, 3, 1), "ES", "", "seized"),
        ("xylazine", date(2026, 3, 23), "ES", "", "seized"),
        ("xylazine", date(2026, 3, 10), "PT", "", "biological"),
    ]
    for substance, on, country, area, matrix in rows:
        record_report(
            held.analyst,
            held.handling,
            EvidenceReport(
                event_type="seizure",
                event_on=on,
                country=country,
                local_area=area,
                findings=(EvidenceFinding(substance, matrix),),
            ),
        )
    while count_changes():
        pass
    return held


def test_places_hold_the_whole_weeks_of_both_days_and_no_other_material(world: World) -> None:
    assert list_places_between(
        world.analyst, "xylazine", matrix="seized", since=SINCE, until=UNTIL
    ) == [
        PlaceTotal("IE", "Cork", 2, date(2026, 3, 2), date(2026, 3, 18)),
        PlaceTotal("IE", "Kerry", 1, date(2026, 3, 10), date(2026, 3, 10)),
    ]


def test_countries_that_reported_anything_are_named(world: World) -> None:
    def read(actor: Actor) -> list[str]:
        return list_reporting_countries(actor, matrix="seized", since=SINCE, until=UNTIL)

    assert read(world.analyst) == ["FR", "IE"]
    assert read(world.partner_analyst) == []
