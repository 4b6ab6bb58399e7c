"""What packages can be made of, which version is meant, and packages as files."""

from dataclasses import replace
from datetime import date

import pytest

from tests.api.conftest import Node
from tests.notifications.examples import POISONING, SEIZURE
from tests.notifications.test_packages import correct, hold, make_released, release
from tocsin.errors import NotFoundError, PermissionRefusedError
from tocsin.notifications.queries import (
    derive_document,
    get_package,
    get_package_version,
    is_usable,
    list_alike,
    list_reports_of_signal,
)
from tocsin.notifications.services import export_package, make_first_detection, replace_package
from tocsin.pipeline import run_detection
from tocsin.reports.queries import get_report
from tocsin.signals.queries import list_signals


def test_a_package_is_made_of_the_reports_a_signal_is_about(node: Node) -> None:
    seizures = [
        hold(node, replace(SEIZURE, reference=f"L-{day}", event_on=date(2026, 3, day)))
        for day in (2, 9)
    ]
    hold(node, POISONING)
    hold(node, replace(SEIZURE, reference="L-DE", country="DE", event_on=date(2026, 3, 16)))
    run_detection()
    [signal] = [
        one
        for one in list_signals(node.actor("analyst"))
        if (one.substance.key, one.matrix, one.kind) == ("carfentanil", "seized", "first-detection")
    ]
    reports = list_reports_of_signal(node.actor("analyst"), signal.pk)

    assert {one.pk for one in seizures} <= {one.pk for one in reports}
    assert {finding.matrix for one in reports for finding in one.findings.all()} == {"seized"}


def test_reports_of_the_same_substance_and_country_are_offered_beside_one(node: Node) -> None:
    report = hold(node)
    other = hold(node, POISONING)
    hold(node, replace(SEIZURE, reference="L-DE", country="DE"))
    unknown = hold(node, replace(SEIZURE, reference="L-2", findings=SEIZURE.findings[1:]))
    analyst = node.actor("analyst")

    assert [one.pk for one in list_alike(analyst, get_report(analyst, report.pk))] == [other.pk]
    assert list_alike(analyst, get_report(analyst, unknown.pk)) == []


def test_reports_that_may_go_into_packages_are_told_apart(node: Node) -> None:
    own, analyst, partner = hold(node), node.actor("analyst"), node.actor("partner-analyst")
    people = [node.people["analyst"].pk]
    shared = hold(node, POISONING, by="partner-analyst", audience=[node.own.pk])
    secret = hold(node, by="partner-analyst", tlp="RED", people=people)
    passed_on = hold(node, replace(SEIZURE, reference="L-7"), audience=[node.partner.pk])
    corrected = correct(node, own, region="AT13")

    assert not is_usable(analyst, get_report(analyst, own.pk))
    assert is_usable(analyst, get_report(analyst, corrected.pk))
    assert is_usable(analyst, get_report(analyst, shared.pk))
    assert not is_usable(analyst, get_report(analyst, secret.pk))
    assert is_usable(partner, get_report(partner, secret.pk))
    assert not is_usable(partner, get_report(partner, passed_on.pk))


def test_a_version_is_found_by_its_identifier(node: Node) -> None:
    report = hold(node)
    package = make_released(node, report)
    correct(node, report, region="AT13")
    draft = replace_package(node.actor("analyst"), package.pk, reason="Region added.")
    reader = node.actor("reader")

    assert get_package_version(reader, package.identifier) == draft
    assert get_package_version(reader, package.identifier, 1) == package
    with pytest.raises(NotFoundError, match="EDAS-AT-2026-0001, version 9: not found"):
        get_package_version(reader, package.identifier, 9)
    with pytest.raises(NotFoundError):
        get_package_version(node.actor("partner-analyst"), package.identifier)


def test_a_file_is_the_same_each_time_it_is_taken(node: Node) -> None:
    package = make_first_detection(node.actor("analyst"), hold(node).pk)
    released = release(node, package)
    first, again = (export_package(node.actor("analyst"), released.pk, "pdf") for _time in range(2))

    assert first == again
    assert first.name == "EWS-AT-2026-0001-v1.pdf"
    with pytest.raises(PermissionRefusedError):
        export_package(node.actor("reader"), released.pk, "pdf")


def test_a_replaced_package_does_not_name_a_replacement_that_its_reader_may_not_see(
    node: Node,
) -> None:
    report = hold(node)
    package = make_released(node, report)
    later = release(node, replace_package(node.actor("analyst"), package.pk, reason="One word."))
    before = get_package(node.actor("reader"), package.pk)

    assert derive_document(node.actor("reader"), before).state_note == "by version 2: One word."
    assert derive_document(node.actor("partner-analyst"), before).state_note == "by a later version"
    assert later.replaces == package
