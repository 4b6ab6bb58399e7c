from datetime import timedelta

from django.test import Client
from django.utils import timezone

from tests.api.conftest import open_node
from tests.notifications.test_packages import hold, make_released
from tocsin.notifications.queries import (
    derive_document,
    get_package,
    is_outdated,
    list_package_changes,
    list_source_reports,
)
from tocsin.organisations.queries import get_node_actor
from tocsin.pipeline import run_detection
from tocsin.quality.measures import Delay, Step
from tocsin.quality.queries import list_quality
from tocsin.retention.services import erase_expired, set_period


def test_a_released_package_outlives_its_reports_and_says_when_they_went(db: None) -> None:
    node = open_node()
    report = hold(node)
    package = make_released(node, report)
    run_detection()
    analyst, today = node.actor("analyst"), timezone.localdate()
    before = derive_document(analyst, get_package(analyst, package.pk))
    [row] = list_quality(analyst, since=report.event_on, until=report.event_on)
    assert row.delays[Step.TO_OUTPUT] == Delay(1, 0, 0)

    set_period(node.actor("administrator"), report.event_type, days=1, reason="Our act.")
    tonight = today + timedelta(days=1)
    assert erase_expired(get_node_actor(), today=tonight) == 1

    held = get_package(analyst, package.pk)
    assert derive_document(analyst, held) == before
    assert (is_outdated(held), list_package_changes(analyst, held)) == (False, [])
    assert [one.erased_on for _number, one in list_source_reports(analyst, held)] == [tonight]
    client = Client()
    client.force_login(node.people["analyst"])
    page = client.get(f"/packages/{package.pk}/").content.decode()
    assert "the report was erased on" in page
    assert f'href="/reports/{report.pk}/"' not in page
