"""A first detection is out of date once what it claims of earlier findings is not what is held."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.api.conftest import Node
from tests.notifications.examples import SEIZURE
from tests.notifications.test_packages import correct, hold, release
from tocsin.notifications.claims import ClaimChange
from tocsin.notifications.models import Package
from tocsin.notifications.queries import (
    derive_document,
    get_package,
    is_outdated,
    list_package_changes,
    list_packages,
)
from tocsin.notifications.services import make_edas, make_first_detection, renew_draft
from tocsin.organisations.queries import get_node_actor
from tocsin.pipeline import run_detection
from tocsin.reports.evidence import EvidenceFinding
from tocsin.reports.models import Report
from tocsin.reports.record.values import make_details
from tocsin.reports.services import decide_name, retract_report
from tocsin.retention.services import erase_expired, set_period

EARLIER = replace(SEIZURE, reference="L-0", event_on=date(2026, 1, 5))

NOT_DETECTED = EvidenceFinding(
    substance_text="carfentanil",
    matrix="seized",
    details=make_details({"detection": "not-detected"}),
)


def make_draft(node: Node, report: Report) -> Package:
    return make_first_detection(node.actor("analyst"), report.pk)


def list_words(node: Node, package: Package, name: str = "reader") -> list[str]:
    """What changed, in words; the list and the changes must agree on whether something did."""
    held = get_package(node.actor(name), package.pk)
    changes = list_package_changes(node.actor(name), held)
    assert is_outdated(held) is bool(changes)
    return [one.words for one in changes if isinstance(one, ClaimChange)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param(
            {},
            ["an earlier finding in Austria (week of 2026-01-05) is held now: L-0"],
            id="in the country",
        ),
        pytest.param(
            {"country": "FR", "event_precision": "day"},
            ["an earlier finding in France (2026-01-05) is held now: L-0"],
            id="elsewhere",
        ),
        pytest.param({"event_on": date(2026, 3, 30)}, [], id="later"),
        pytest.param({"event_on": SEIZURE.event_on}, [], id="of the same week"),
        pytest.param({"findings": SEIZURE.findings[1:]}, [], id="of something else"),
        pytest.param({"findings": (NOT_DETECTED,)}, [], id="of nothing"),
    ],
)
def test_an_earlier_finding_that_arrives_later_makes_a_first_detection_out_of_date(
    node: Node, changes: dict[str, Any], said: list[str]
) -> None:
    package = release(node, make_draft(node, hold(node)))
    assert list_words(node, package) == []
    report = hold(node, replace(EARLIER, **changes))

    assert list_words(node, package) == said
    if said:
        [change] = list_package_changes(
            node.actor("reader"), get_package(node.actor("reader"), package.pk)
        )
        assert isinstance(change, ClaimChange)
        assert change.report_id == report.pk


def test_a_claim_that_allows_for_findings_elsewhere_falls_with_one_in_the_country(
    node: Node,
) -> None:
    hold(node, replace(EARLIER, reference="F-1", country="FR"))
    package = make_draft(node, hold(node))
    hold(node, replace(EARLIER, reference="D-1", country="DE"))
    assert list_words(node, package) == []
    hold(node, EARLIER)

    assert list_words(node, package) == [
        "an earlier finding in Austria (week of 2026-01-05) is held now: L-0"
    ]
    renewed = renew_draft(node.actor("analyst"), package.pk)
    section = derive_document(node.actor("reader"), renewed).get_section("first_detection")
    assert section.items[-1].text.startswith("does not hold:")
    assert list_words(node, package) == []


def test_a_claim_that_rests_on_a_finding_falls_with_it(node: Node) -> None:
    here, elsewhere = hold(node, EARLIER), hold(node, replace(EARLIER, country="FR", reference="F"))
    package = make_draft(node, hold(node))
    corrected = correct(node, here, region="AT13")
    assert list_words(node, package) == []
    retract_report(node.actor("reporter"), corrected.pk, version=2, reason="Another exhibit.")
    gone = "the earlier finding in Austria (week of 2026-01-05) is held no more: L-0"
    assert list_words(node, package) == [gone]
    renew_draft(node.actor("analyst"), package.pk)
    retract_report(node.actor("reporter"), elsewhere.pk, version=1, reason="Another exhibit.")

    assert list_words(node, package) == [gone.replace("Austria", "France").replace("L-0", "F")]


def test_a_recipient_who_sees_less_is_not_told_that_a_claim_fell(node: Node) -> None:
    shown = hold(node, replace(EARLIER, reference="L-9"), audience=[node.partner.pk])
    hold(node, replace(EARLIER, event_on=date(2026, 1, 12)))
    package = release(node, make_draft(node, hold(node)), audience=[node.partner.pk])
    retract_report(node.actor("reporter"), shown.pk, version=1, reason="Another exhibit.")

    assert (list_words(node, package), list_words(node, package, "partner-analyst")) == ([], [])


def test_a_correction_of_the_report_itself_is_no_earlier_finding(node: Node) -> None:
    report = hold(node)
    package = make_draft(node, report)
    correct(node, report, event_on=date(2026, 1, 5))

    assert list_words(node, package) == []
    assert is_outdated(get_package(node.actor("reader"), package.pk))


def test_names_that_are_decided_later_count_too(node: Node) -> None:
    unnamed = (replace(SEIZURE.findings[0], substance_text="wildnil"),)
    package = make_draft(node, hold(node))
    hold(node, replace(EARLIER, findings=unnamed))
    decide_name(node.actor("analyst"), "wildnil", "carfentanil")

    assert len(list_words(node, package)) == 1


def test_only_what_owner_and_reader_may_see_counts(node: Node) -> None:
    own = node.own.pk
    package = release(node, make_draft(node, hold(node)), audience=[node.partner.pk])
    hold(node, replace(EARLIER, reference="P-1"), by="partner-analyst")
    red = {"tlp": "RED", "audience": [own], "people": [node.people["reader"].pk]}
    hold(node, replace(EARLIER, reference="P-2"), by="partner-analyst", **red)
    assert (list_words(node, package), list_words(node, package, "partner-analyst")) == ([], [])
    hold(node, replace(EARLIER, reference="P-3"), by="partner-analyst", purposes=["research"])
    assert (list_words(node, package), list_words(node, package, "partner-analyst")) == ([], [])
    hold(node, EARLIER)
    assert (len(list_words(node, package)), list_words(node, package, "partner-analyst")) == (1, [])
    shared = hold(node, replace(EARLIER, reference="P-4"), by="partner-analyst", audience=[own])

    [change] = list_package_changes(
        node.actor("partner-analyst"), get_package(node.actor("partner-analyst"), package.pk)
    )
    assert isinstance(change, ClaimChange)
    assert change.report_id == shared.pk


def test_what_named_persons_alone_may_read_is_told_in_no_claim(node: Node) -> None:
    red = {"tlp": "RED", "audience": [node.own.pk], "people": [node.people["analyst"].pk]}
    hold(node, EARLIER, by="partner-analyst", **red)
    document = derive_document(node.actor("analyst"), make_draft(node, hold(node)))

    assert document.get_section("first_detection").items[-1].text.startswith("holds:")


def test_a_list_with_claims_takes_one_query_and_their_changes_eight(node: Node) -> None:
    package = make_draft(node, hold(node))
    make_edas(node.actor("analyst"), [hold(node, replace(SEIZURE, reference="L-2")).pk])
    hold(node, EARLIER)
    with CaptureQueriesContext(connection) as listing:
        rows = {one.pk: is_outdated(one) for one in list_packages(node.actor("reader"))}
    with CaptureQueriesContext(connection) as comparing:
        list_package_changes(node.actor("reader"), package)

    assert list(rows.values()) == [False, True]
    assert (len(listing), len(comparing)) == (1, 8)


@pytest.mark.parametrize(
    ("country", "claim", "said"),
    [
        (
            "AT",
            "not-first",
            "does not hold: counts of Carfentanil in Austria of 2025-02 are held; "
            "their reports were erased when their time was over",
        ),
        (
            "FR",
            "first-in-country",
            "holds for Austria: no earlier finding of Carfentanil there is held; counts in other "
            "countries of 2025-02 are, their reports were erased when their time was over",
        ),
    ],
)
def test_what_was_counted_before_it_was_erased_is_no_first_detection(
    node: Node, country: str, claim: str, said: str
) -> None:
    hold(node, replace(EARLIER, event_on=date(2025, 2, 5), country=country))
    run_detection()
    set_period(node.actor("administrator"), "seizure", days=365, reason="Our act.")
    erased = erase_expired(get_node_actor(), today=timezone.localdate() + timedelta(days=1))
    package = make_draft(node, hold(node, replace(SEIZURE, event_on=timezone.localdate())))
    section = derive_document(node.actor("reader"), package).get_section("first_detection")

    assert (erased, package.claim, package.earlier_id) == (1, claim, None)
    assert section.items[-1].text == said
    assert list_words(node, package) == []


def test_counts_that_others_keep_to_themselves_are_in_no_claim(node: Node) -> None:
    hold(node, replace(EARLIER, event_on=date(2025, 2, 5)), by="partner-analyst")
    run_detection()
    set_period(node.actor("administrator"), "seizure", days=365, reason="Our act.")
    assert erase_expired(get_node_actor(), today=timezone.localdate() + timedelta(days=1)) == 1

    assert make_draft(node, hold(node, replace(SEIZURE, event_on=timezone.localdate()))).claim == (
        "first"
    )


def test_a_count_of_a_report_that_still_stands_is_not_taken_for_an_erased_one(node: Node) -> None:
    report = hold(node, EARLIER)
    run_detection()
    retract_report(node.actor("reporter"), report.pk, version=1, reason="Another exhibit.")

    assert make_draft(node, hold(node)).claim == "first"
