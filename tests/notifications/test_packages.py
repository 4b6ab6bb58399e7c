"""From a report to a released package, out of date, replaced or withdrawn."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.api.conftest import Node
from tests.notifications.examples import POISONING, SEIZURE
from tocsin.errors import (
    FourEyesError,
    InvalidPackageError,
    NotFoundError,
    PermissionRefusedError,
    RefusedError,
    WrongStateError,
)
from tocsin.journal.queries import list_entries
from tocsin.notifications.documents.changes import FieldChange
from tocsin.notifications.formats.lines import derive_head
from tocsin.notifications.models import Package, PackageSource
from tocsin.notifications.queries import (
    derive_document,
    get_package,
    is_outdated,
    list_package_changes,
    list_packages,
    list_packages_of_report,
    list_source_reports,
)
from tocsin.notifications.services import (
    discard_package,
    make_edas,
    make_event_package,
    make_first_detection,
    make_package,
    release_package,
    renew_draft,
    replace_package,
    withdraw_package,
)
from tocsin.notifications.source_changes import SourceChange, UnseenChange
from tocsin.organisations.services import SETUP, ensure_handling, record_organisation
from tocsin.reports.evidence import EvidenceReport
from tocsin.reports.models import Report
from tocsin.reports.queries import derive_evidence, get_report
from tocsin.reports.services import correct_report, decide_name, record_report, retract_report


def hold(
    node: Node, evidence: EvidenceReport = SEIZURE, *, by: str = "reporter", **handling: Any
) -> Report:
    """Hold a report of the named person's organisation; nobody else sees it unless said."""
    actor = node.actor(by)
    assert actor.organisation_id is not None
    rules = {"tlp": "AMBER", **handling}
    return record_report(actor, ensure_handling(owner_id=actor.organisation_id, **rules), evidence)


def correct(node: Node, report: Report, **changes: Any) -> Report:
    held = get_report(node.actor("reporter"), report.pk)
    return correct_report(
        node.actor("reporter"),
        report.pk,
        replace(derive_evidence(held), **changes),
        version=held.version,
        reason="The laboratory measured again.",
    )


def release(node: Node, package: Package, **options: Any) -> Package:
    return release_package(node.actor("releaser"), package.pk, **options)


def make_released(node: Node, report: Report, **options: Any) -> Package:
    return release(node, make_edas(node.actor("analyst"), [report.pk]), **options)


def list_actions() -> list[str]:
    actions = [entry.action for entry in list_entries() if entry.record_type == "package"]
    return actions[::-1]


def test_a_package_keeps_its_document_its_sources_and_who_made_it(node: Node) -> None:
    report = hold(node)
    package = make_first_detection(
        node.actor("analyst"), report.pk, statements={"medicinal_use": " None known. "}
    )
    document = derive_document(node.actor("reader"), package)
    [source] = PackageSource.objects.for_writing().all()

    assert (package.identifier, package.number, package.state) == ("EWS-AT-2026-0001", 1, "draft")
    assert package.substance is not None
    assert package.substance.key == "carfentanil"
    assert (document.identifier, document.tlp, document.sender) == (
        "EWS-AT-2026-0001",
        "AMBER",
        "Focal Point",
    )
    assert document.substance.inchikey == "YDSDEBIZUNNPOB-UHFFFAOYSA-N"
    assert document.get_section("first_detection").items[0].text == (
        "holds: no earlier finding of Carfentanil is held, in Austria or elsewhere"
    )
    assert document.get_section("initial_report").items[0].text == "None known."
    assert (source.report_id, bytes(source.digest)) == (report.pk, bytes(report.content_digest))
    assert source.substances == [package.substance.pk, 0]
    assert document.sources[0].sha256 == bytes(report.content_digest).hex()
    assert list_actions() == ["package.made"]


def test_an_earlier_finding_in_the_country_is_told(node: Node) -> None:
    hold(node, replace(SEIZURE, reference="L-0", event_on=date(2026, 1, 5)))
    package = make_first_detection(node.actor("analyst"), hold(node).pk)
    section = derive_document(node.actor("reader"), package).get_section("first_detection")

    assert section.items[0].text == (
        "does not hold: an earlier finding of Carfentanil in Austria is held"
    )


def test_the_finding_that_is_chosen_names_the_substance(node: Node) -> None:
    package = make_edas(node.actor("analyst"), [hold(node).pk], place=1)

    assert package.substance is None
    assert derive_document(node.actor("reader"), package).substance.name == "unheard-of thing"


def test_a_package_is_released_by_somebody_who_did_not_work_on_it(node: Node) -> None:
    package = make_edas(node.actor("releaser"), [hold(node).pk])
    with pytest.raises(FourEyesError):
        release(node, package)
    other = make_edas(node.actor("analyst"), [hold(node, POISONING).pk])
    released = release(node, other)

    assert (released.state, released.identifier) == ("released", "EDAS-AT-2026-0002")
    assert released.released_by == node.people["releaser"]
    assert list_actions() == ["package.made", "package.made", "package.released"]


@pytest.mark.parametrize("name", ["reader", "reporter", "administrator", "nobody"])
def test_who_may_not_make_or_release_packages_is_refused(node: Node, name: str) -> None:
    report = hold(node)
    package = make_edas(node.actor("analyst"), [report.pk])
    steps: list[Callable[[], object]] = [
        lambda: make_edas(node.actor(name), [report.pk]),
        lambda: renew_draft(node.actor(name), package.pk),
        lambda: replace_package(node.actor(name), package.pk, reason="x"),
        lambda: discard_package(node.actor(name), package.pk),
        lambda: release_package(node.actor(name), package.pk),
        lambda: withdraw_package(node.actor(name), package.pk, reason="x"),
    ]
    for step in steps:
        with pytest.raises(PermissionRefusedError):
            step()


def test_after_a_correction_a_package_is_out_of_date_and_says_what_changed(node: Node) -> None:
    report = hold(node)
    package = make_released(node, report)
    assert not is_outdated(get_package(node.actor("reader"), package.pk))
    [first, second] = derive_evidence(get_report(node.actor("reader"), report.pk)).findings
    corrected = correct(
        node, report, region="AT13", findings=(replace(first, purity_percent=None), second)
    )
    found = get_package(node.actor("reader"), package.pk)

    assert is_outdated(found)
    assert list_package_changes(node.actor("reader"), found) == [
        SourceChange(
            number=1,
            reference="L-1",
            held_version=1,
            newest_version=2,
            report_id=corrected.pk,
            is_retracted=False,
            reason="The laboratory measured again.",
            fields=(
                FieldChange("region", "", "AT13"),
                FieldChange("purity (%)", "1.2", "", "Carfentanil"),
            ),
        )
    ]


def test_after_a_retraction_a_package_is_out_of_date_and_cannot_be_replaced(node: Node) -> None:
    report = hold(node)
    package = make_released(node, report)
    retract_report(node.actor("reporter"), report.pk, version=1, reason="Another exhibit.")
    found = get_package(node.actor("reader"), package.pk)
    [change] = list_package_changes(node.actor("reader"), found)
    assert isinstance(change, SourceChange)

    assert is_outdated(found)
    assert (change.is_retracted, change.reason, change.fields) == (True, "Another exhibit.", ())
    with pytest.raises(InvalidPackageError, match="none of its reports stands"):
        replace_package(node.actor("analyst"), package.pk, reason="Retracted.")
    withdrawn = withdraw_package(node.actor("releaser"), package.pk, reason="Another exhibit.")
    document = derive_document(node.actor("reader"), withdrawn)
    assert (document.state, document.state_note) == ("withdrawn", "Another exhibit.")
    assert not is_outdated(get_package(node.actor("reader"), package.pk))


def test_a_name_decided_anew_makes_a_package_out_of_date(node: Node) -> None:
    package = make_released(node, hold(node))
    decide_name(node.actor("analyst"), "unheard-of thing", "xylazine")
    found = get_package(node.actor("reader"), package.pk)
    [change] = list_package_changes(node.actor("reader"), found)
    assert isinstance(change, SourceChange)

    assert is_outdated(found)
    note = derive_document(node.actor("reader"), found).state_note
    assert note == "what was held when it was made is not what is held now"
    assert (change.held_version, change.newest_version) == (1, 1)
    assert change.fields == (
        FieldChange(
            "what the name stands for", "(not in the register)", "Xylazine", "unheard-of thing"
        ),
    )


def test_a_corrected_package_names_the_one_it_replaces(node: Node) -> None:
    report = hold(node)
    package = make_released(node, report, audience=[node.partner.pk])
    correct(node, report, region="AT13")
    draft = replace_package(node.actor("analyst"), package.pk, reason="Region added.")
    with pytest.raises(WrongStateError, match="in work already"):
        replace_package(node.actor("analyst"), package.pk, reason="Again.")
    assert get_package(node.actor("reader"), package.pk).state == "released"
    corrected = release(node, draft)
    document = derive_document(node.actor("reader"), corrected)
    before = derive_document(node.actor("reader"), get_package(node.actor("reader"), package.pk))

    assert (corrected.identifier, corrected.number) == (package.identifier, 2)
    assert corrected.replaces == package
    assert document.replaces is not None
    assert (document.replaces.version, document.replaces.reason) == (1, "Region added.")
    assert [source.version for source in document.sources] == [2]
    assert (before.state, before.state_note) == ("replaced", "by version 2: Region added.")
    # Who had the first learns of the second, without being named again.
    assert [(one.number, one.state) for one in list_packages(node.actor("partner-analyst"))] == [
        (2, "released"),
        (1, "replaced"),
    ]


def test_a_draft_is_made_anew_from_what_is_held_now(node: Node) -> None:
    report, other = hold(node), hold(node, POISONING)
    package = make_event_package(node.actor("analyst"), [report.pk, other.pk])
    correct(node, report, region="AT13")
    with pytest.raises(WrongStateError, match="is out of date; expected made anew"):
        release(node, package)
    retract_report(node.actor("reporter"), other.pk, version=1, reason="Not ours.")
    renewed = renew_draft(
        node.actor("analyst"), package.pk, statements={"manufacture_reference": "EDOC-12"}
    )
    document = derive_document(node.actor("reader"), renewed)

    assert renewed.pk == package.pk
    assert [(one.reference, one.version) for one in document.sources] == [("L-1", 2)]
    assert document.get_section("manufacture").items[0].text == "EDOC-12"
    assert release(node, renewed).state == "released"
    assert list_actions() == ["package.made", "package.renewed", "package.released"]


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        ({"methods": "x"}, "statement methods: found unknown"),
        ({"measures_health": "x" * 2_001}, "found 2001 characters; expected at most 2000"),
        ({"other": "a\x00b"}, "found a control character"),
        ({"other": "call anna@example.org"}, "expected nothing about a person"),
        ({"other": "44051401359"}, "found a national number; expected nothing about a person"),
    ],
)
def test_statements_that_cannot_be_held_are_refused(
    node: Node, statements: dict[str, str], found: str
) -> None:
    with pytest.raises(InvalidPackageError, match=found):
        make_edas(node.actor("analyst"), [hold(node).pk], statements=statements)


def test_a_reference_to_manufacture_is_a_number_and_no_content(node: Node) -> None:
    with pytest.raises(InvalidPackageError, match="found more than a reference"):
        make_event_package(
            node.actor("analyst"),
            [hold(node).pk],
            statements={"manufacture_reference": "made from 2 things in a kettle"},
        )


def test_a_first_detection_is_made_of_one_report_and_a_kind_is_one_that_exists(node: Node) -> None:
    reports = [hold(node).pk, hold(node, POISONING).pk]
    with pytest.raises(InvalidPackageError, match="2 reports; expected 1 to 1"):
        make_package(node.actor("analyst"), "ews-first-detection", reports)
    with pytest.raises(InvalidPackageError, match="kind 'letter'"):
        make_package(node.actor("analyst"), "letter", reports)
    with pytest.raises(InvalidPackageError, match="has no finding 10"):
        make_package(node.actor("analyst"), "edas", reports, place=9)
    with pytest.raises(InvalidPackageError, match="0 reports"):
        make_package(node.actor("analyst"), "edas", [])


def test_what_was_released_never_changes_and_nothing_is_deleted(node: Node) -> None:
    package = make_released(node, hold(node))
    [source] = PackageSource.objects.for_writing().all()
    packages = Package.objects.for_writing().filter(pk=package.pk)
    changes: list[Callable[[], object]] = [
        lambda: packages.update(content={}),
        lambda: packages.update(state="draft"),
        lambda: packages.delete(),
        lambda: PackageSource.objects.for_writing().update(number=2),
        lambda: PackageSource.objects.for_writing().all().delete(),
        lambda: PackageSource.objects.create(
            package=package, number=2, report=source.report, digest=b"", substances=[]
        ),
    ]
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_discarded_draft_stays_and_another_can_be_made(node: Node) -> None:
    package = make_released(node, hold(node))
    draft = replace_package(node.actor("analyst"), package.pk, reason="First try.")
    discarded = discard_package(node.actor("analyst"), draft.pk)
    second = replace_package(node.actor("analyst"), package.pk, reason="Second try.")
    withdraw_package(node.actor("releaser"), package.pk, reason="All wrong.")

    assert (discarded.state, second.number) == ("discarded", 3)
    assert get_package(node.actor("reader"), second.pk).state == "discarded"
    with pytest.raises(RefusedError, match="no reason given"):
        replace_package(node.actor("analyst"), make_released(node, hold(node)).pk, reason=" ")


def test_a_list_takes_one_query_and_changes_six_whatever_their_number(node: Node) -> None:
    actor = node.actor("reader")
    counts: list[tuple[int, int]] = []
    for total in (1, 3):
        reports = [hold(node, replace(SEIZURE, reference=f"{total}-{n}")) for n in range(total)]
        package = make_event_package(node.actor("analyst"), [one.pk for one in reports])
        for report in reports:
            correct(node, report, region="AT13")
        with CaptureQueriesContext(connection) as listing:
            rows = list(list_packages(actor))
        with CaptureQueriesContext(connection) as comparing:
            changes = list_package_changes(actor, rows[0])
        assert [is_outdated(one) for one in rows] == [True] * len(rows)
        assert len(changes) == total
        counts.append((len(listing), len(comparing)))

    assert counts == [(1, 6), (1, 6)]
    assert [one.pk for one in list_packages_of_report(actor, reports[2])] == [package.pk]
    assert [number for number, _report in list_source_reports(actor, package)] == [1, 2, 3]


def test_a_package_is_invisible_to_others_until_it_is_released_to_them(node: Node) -> None:
    package = make_edas(node.actor("analyst"), [hold(node).pk])
    partner = node.actor("partner-analyst")
    with pytest.raises(NotFoundError):
        get_package(partner, package.pk)
    steps: list[Callable[[], object]] = [
        lambda: renew_draft(partner, package.pk),
        lambda: discard_package(partner, package.pk),
        lambda: replace_package(partner, package.pk, reason="x"),
    ]
    for step in steps:
        with pytest.raises(NotFoundError):
            step()
    release(node, package, audience=[node.partner.pk])

    assert get_package(partner, package.pk).state == "released"
    with pytest.raises(NotFoundError):
        get_package(node.actor("nobody"), package.pk + 999)


def test_recipients_learn_that_a_report_they_may_not_see_does_not_hold_and_no_more(
    node: Node,
) -> None:
    shown = hold(node, audience=[node.partner.pk])
    hidden, kept = hold(node, POISONING), hold(node, replace(SEIZURE, reference="L-2"))
    package = make_event_package(node.actor("analyst"), [shown.pk, hidden.pk, kept.pk])
    release(node, package, audience=[node.partner.pk])
    partner, today = node.actor("partner-analyst"), timezone.localdate().isoformat()
    assert not is_outdated(get_package(partner, package.pk))
    corrected = correct(node, hidden, region="AT12")
    seen = get_package(partner, package.pk)
    assert is_outdated(seen)
    assert list_package_changes(partner, seen) == [UnseenChange(2, f"corrected on {today}")]
    retract_report(
        node.actor("reporter"), corrected.pk, version=corrected.version, reason="Another case."
    )
    correct(node, shown, region="AT13")
    seen = get_package(partner, package.pk)
    with CaptureQueriesContext(connection) as comparing:
        [first, second] = list_package_changes(partner, seen)

    assert isinstance(first, SourceChange)
    assert (first.number, first.fields) == (1, (FieldChange("region", "", "AT13"),))
    assert second == UnseenChange(2, f"retracted on {today}")
    assert len(comparing) == 7
    assert [number for number, _report in list_source_reports(partner, seen)] == [1]
    document = derive_document(partner, seen)
    note = f"source 1 was corrected on {today}; source 2 was retracted on {today}"
    assert (document.state, document.state_note) == ("released", note)
    assert derive_head(document).warnings == (f"Out of date: {note}",)


def test_a_package_goes_to_nobody_who_may_not_see_each_report_of_others(node: Node) -> None:
    shared = hold(node, by="partner-analyst", audience=[node.own.pk])
    package = make_edas(node.actor("analyst"), [shared.pk])
    with pytest.raises(RefusedError, match="expected organisations of this node"):
        release(node, package, audience=[node.partner.pk + 999])
    released = release(node, package, audience=[node.partner.pk])

    assert released.handling.audience == [node.partner.pk]
    other = hold(
        node, replace(SEIZURE, reference="L-9"), by="partner-analyst", audience=[node.own.pk]
    )
    outsider = record_organisation(SETUP, key="outside", name="Outside Office").pk
    second = make_edas(node.actor("analyst"), [other.pk])
    with pytest.raises(RefusedError, match="source 1 is not shared with"):
        release(node, second, audience=[outsider])


def test_a_partner_makes_packages_of_its_own_reports_only(node: Node) -> None:
    shared = hold(node, audience=[node.partner.pk])
    own = hold(node, POISONING, by="partner-analyst")
    partner = node.actor("partner-analyst")
    assert get_report(partner, shared.pk).pk == shared.pk
    with pytest.raises(NotFoundError):
        make_edas(partner, [shared.pk])
    with pytest.raises(NotFoundError):
        make_edas(partner, [own.pk, shared.pk])

    assert make_edas(partner, [own.pk]).identifier == "EDAS-CUSTOMS-2026-0001"
    with pytest.raises(NotFoundError):
        make_edas(node.actor("analyst"), [own.pk])


def test_what_named_persons_alone_may_read_goes_into_no_package_of_others(node: Node) -> None:
    secret = hold(
        node,
        by="partner-analyst",
        tlp="RED",
        audience=[node.own.pk],
        people=[node.people["analyst"].pk],
    )
    assert get_report(node.actor("analyst"), secret.pk).pk == secret.pk
    with pytest.raises(RefusedError, match="TLP:RED"):
        make_edas(node.actor("analyst"), [secret.pk])


def test_the_level_of_a_package_is_the_strictest_of_its_reports(node: Node) -> None:
    reports = [hold(node, tlp="GREEN").pk, hold(node, POISONING, tlp="AMBER+STRICT").pk]

    assert make_edas(node.actor("analyst"), reports).handling.tlp == "AMBER+STRICT"
