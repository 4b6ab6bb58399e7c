from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from tests.api.conftest import open_node
from tests.notifications.examples import POISONING, SEIZURE
from tests.notifications.test_packages import hold, make_released
from tests.retention.test_erasing import list_everything_held
from tocsin.errors import ErasedError
from tocsin.journal.queries import list_entries
from tocsin.notifications.models import Package, PackageSource
from tocsin.notifications.queries import (
    derive_document,
    get_package,
    is_outdated,
    list_package_changes,
    list_source_reports,
)
from tocsin.notifications.services import (
    discard_package,
    make_edas,
    make_event_package,
    replace_package,
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


def test_what_was_never_released_goes_with_a_report_it_was_made_from(db: None) -> None:
    node = open_node()
    analyst = node.actor("analyst")
    telling = replace(SEIZURE, source="a telling teddy")
    report, kept = hold(node, telling), hold(node, POISONING)
    released = make_released(node, report)
    drafts = [
        make_event_package(analyst, [kept.pk, report.pk], statements={"other_use": "telling"}),
        make_edas(analyst, [report.pk]),
        replace_package(analyst, released.pk, reason="a telling reason"),
    ]
    discard_package(analyst, drafts[1].pk)
    untouched = make_edas(analyst, [kept.pk])
    run_detection()
    assert "telling" in list_everything_held()
    packages = Package.objects.for_writing()
    with pytest.raises(DatabaseError), transaction.atomic():
        packages.filter(pk=drafts[0].pk).update(state="erased", content={}, statements={})

    set_period(node.actor("administrator"), "seizure", days=1, reason="Our act.")
    tonight = timezone.localdate() + timedelta(days=1)
    assert erase_expired(get_node_actor(), today=tonight) == 1

    rows = packages.filter(pk__in=[one.pk for one in drafts])
    assert {
        (one.state, one.substance, str(one.content), str(one.statements), one.reason)
        for one in rows
    } == {("erased", None, "{}", "{}", "")}
    sources = PackageSource.objects.for_writing().filter(package__in=rows)
    assert [(bytes(one.digest), one.substances) for one in sources] == [(b"", [])] * 4
    assert packages.get(pk=untouched.pk).state == "draft"
    assert packages.get(pk=released.pk).state == "released"
    # What was sent still says what it said; nothing else does.
    sent = str(packages.get(pk=released.pk).content)
    assert list_everything_held().count("telling") == sent.count("telling") > 0
    actions = [one.record_id for one in list_entries(action="package.erased")]
    assert sorted(actions) == sorted(one.identifier for one in drafts)
    with pytest.raises(ErasedError, match="was erased with a report it was made from"):
        derive_document(analyst, get_package(analyst, drafts[0].pk))
    client = Client()
    client.force_login(node.people["analyst"])
    assert client.get(f"/packages/{drafts[0].pk}/").status_code == 410
    assert "Erased" in client.get("/packages/").content.decode()


def test_nothing_is_made_from_a_report_that_was_erased(db: None) -> None:
    node = open_node()
    report = hold(node)
    package = make_edas(node.actor("analyst"), [hold(node, POISONING).pk])
    run_detection()
    set_period(node.actor("administrator"), "seizure", days=1, reason="Our act.")
    erase_expired(get_node_actor(), today=timezone.localdate() + timedelta(days=1))

    with pytest.raises(DatabaseError, match="was erased"), transaction.atomic():
        PackageSource.objects.create(
            package=package, number=2, report=report, digest=b"", substances=[]
        )
