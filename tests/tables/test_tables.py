"""Tables from their draft to their replacement: who may what, and who sees what."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from tests.api.conftest import Node, open_node
from tocsin.errors import (
    FourEyesError,
    InvalidTableError,
    NotFoundError,
    PermissionRefusedError,
    RefusedError,
    WrongStateError,
)
from tocsin.journal.models import JournalEntry
from tocsin.organisations.actors import PUBLIC
from tocsin.reports.evidence import EvidenceFinding
from tocsin.reports.record.values import make_details
from tocsin.reports.services import retract_report
from tocsin.tables.comparing import CellChange
from tocsin.tables.models import StatisticalTable, TableBasis
from tocsin.tables.queries import (
    derive_document,
    find_table_changes,
    get_public_table,
    get_table,
    list_public_tables,
    list_tables,
    list_versions,
)
from tocsin.tables.services import (
    TableWish,
    discard_table,
    make_table,
    release_table,
    withdraw_table,
)

pytestmark = pytest.mark.django_db
SEIZURE = EvidenceFinding(
    substance_text="carfentanil", matrix="seized", details=make_details({"physical_form": "powder"})
)
WISH = TableWish("2025-Q1", country="AT")
PUBLIC_WISH = replace(WISH, is_public=True)


def hold(node: Node, number: int, *, who: str = "reporter", day: int = 0, **more: Any) -> None:
    """Hold seizures of carfentanil by the police, one report each."""
    for at in range(number):
        node.report(
            who,
            **{
                "reference": f"{who}-{day}-{at}",
                "event_on": date(2025, 1, 1 + day),
                "findings": (SEIZURE,),
                "details": make_details({"authority": "police"}),
                **more,
            },
        )


@pytest.fixture(scope="module")
def module_node(module_db: Callable[[], AbstractContextManager[None]]) -> Node:
    with module_db():
        node = open_node()
        hold(node, 7)
        # What the partner does not share counts for nobody else, and what it shares does.
        hold(node, 2, who="partner-analyst", day=1)
        hold(node, 1, who="partner-analyst", day=2, to=(node.own.pk,))
        return node


@pytest.fixture
def node(module_node: Node, db: None) -> Node:
    return deepcopy(module_node)


def count(node: Node, name: str, table: StatisticalTable) -> Decimal | None:
    document = derive_document(get_table(node.actor(name), table.pk))
    found = {one.key: one.value for one in document.observations}
    return found["SEIZURES", "carfentanil", "powder", "police"]


def test_a_table_counts_what_its_maker_may_see(node: Node) -> None:
    own = make_table(node.actor("analyst"), WISH)
    partners = make_table(node.actor("partner-analyst"), WISH)

    assert [count(node, "reader", own), count(node, "partner-analyst", partners)] == [8, 3]
    assert own.identifier != partners.identifier
    with pytest.raises(NotFoundError):
        get_table(node.actor("partner-analyst"), own.pk)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        # The partner may read its own; the table for it holds nothing that it may not read.
        pytest.param(replace(WISH, audience=(2,)), 8, id="sent to the partner"),
        pytest.param(replace(WISH, is_public=True), 7, id="public: not what a partner shares"),
    ],
)
def test_a_table_for_others_counts_only_what_they_may_read(
    node: Node, wish: TableWish, expected: int
) -> None:
    wish = replace(wish, audience=(node.partner.pk,) if wish.audience else ())
    table = make_table(node.actor("analyst"), wish)

    assert count(node, "reader", table) == expected


def test_what_named_persons_alone_read_is_in_no_table_for_others(node: Node) -> None:
    hold(node, 5, day=5, tlp="RED")

    totals = [
        count(node, "reader", make_table(node.actor("analyst"), wish))
        for wish in (WISH, PUBLIC_WISH)
    ]

    assert totals == [13, 7]


def test_a_second_person_releases_and_the_recipients_alone_read(node: Node) -> None:
    table = make_table(node.actor("releaser"), replace(WISH, audience=(node.partner.pk,)))

    with pytest.raises(FourEyesError):
        release_table(node.actor("releaser"), table.pk)
    with pytest.raises(PermissionRefusedError):
        release_table(node.actor("analyst"), table.pk)
    with pytest.raises(NotFoundError):
        get_table(node.actor("partner-analyst"), table.pk)
    table = make_table(node.actor("analyst"), replace(WISH, audience=(node.partner.pk,)))
    released = release_table(node.actor("releaser"), table.pk)

    assert (released.state, released.number, released.handling.tlp) == ("released", 2, "AMBER")
    assert get_table(node.actor("partner-analyst"), table.pk).pk == table.pk
    assert not list_tables(PUBLIC).exists()
    assert find_table_changes(node.actor("partner-analyst"), released) is None
    basis = TableBasis.objects.visible_to(node.actor("partner-analyst"), purpose="early-warning")
    assert not basis.exists()
    actions = JournalEntry.objects.filter(record_type="table").values_list("action", flat=True)
    assert sorted(actions) == ["table.made", "table.made", "table.released"]


def test_a_public_table_is_read_by_everybody_and_replaced_by_name(node: Node) -> None:
    first = make_table(node.actor("analyst"), PUBLIC_WISH)
    release_table(node.actor("releaser"), first.pk)
    hold(node, 6, day=8)

    changes = find_table_changes(node.actor("reader"), first)
    assert changes is not None
    assert (changes.new, changes.corrected, changes.gone) == (6, 0, 0)
    assert changes.cells == (CellChange("carfentanil", "powder", "police", "seizures", 7, 13),)
    with pytest.raises(RefusedError, match="no reason of the correction"):
        make_table(node.actor("analyst"), PUBLIC_WISH)
    second = make_table(node.actor("analyst"), replace(PUBLIC_WISH, reason="late reports"))
    assert [one.number for one in list_public_tables()] == [1]
    release_table(node.actor("releaser"), second.pk)

    states = [(one.number, one.state) for one in list_versions(PUBLIC, second)]
    assert states == [(2, "released"), (1, "replaced")]
    document = derive_document(get_public_table(second.identifier, 2))
    assert (document.replaces, document.reason, document.threshold) == (1, "late reports", 5)
    assert [count(node, "reader", one) for one in (second, first)] == [13, 7]


def test_a_draft_that_is_out_of_date_is_not_released(node: Node) -> None:
    table = make_table(node.actor("analyst"), PUBLIC_WISH)
    report = node.report(event_on=date(2025, 3, 1), reference="late", findings=(SEIZURE,))

    with pytest.raises(WrongStateError, match="out of date"):
        release_table(node.actor("releaser"), table.pk)

    retract_report(node.actor("reporter"), report.pk, version=1, reason="entered twice")
    assert release_table(node.actor("releaser"), table.pk).state == "released"


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        pytest.param(replace(PUBLIC_WISH, period="2025"), "do not overlap", id="a longer period"),
        pytest.param(replace(PUBLIC_WISH, country=""), "do not overlap", id="a larger area"),
        pytest.param(replace(PUBLIC_WISH, period="2999-Q1"), "has not ended", id="the future"),
        pytest.param(replace(PUBLIC_WISH, audience=(1,)), "for everybody", id="with recipients"),
        pytest.param(
            replace(PUBLIC_WISH, kind="toxicology-exchange"), "for everybody", id="cases of persons"
        ),
    ],
)
def test_a_public_table_that_could_tell_more_is_refused(
    node: Node, wish: TableWish, message: str
) -> None:
    table = make_table(node.actor("analyst"), PUBLIC_WISH)
    other = make_table(node.actor("analyst"), replace(PUBLIC_WISH, period="2025"))
    release_table(node.actor("releaser"), table.pk)
    wish = replace(wish, audience=(node.partner.pk,) if wish.audience else ())

    with pytest.raises(RefusedError, match=message):
        make_table(node.actor("analyst"), wish)
    # A draft of before is looked at again.
    with pytest.raises(RefusedError, match="do not overlap"):
        release_table(node.actor("releaser"), other.pk)
    make_table(node.actor("analyst"), replace(PUBLIC_WISH, country="FR"))
    make_table(node.actor("analyst"), replace(PUBLIC_WISH, period="2025-Q2"))


def test_partners_publish_nothing_and_readers_make_nothing(node: Node) -> None:
    with pytest.raises(RefusedError, match="the organisation that runs the node"):
        make_table(node.actor("partner-analyst"), PUBLIC_WISH)
    with pytest.raises(PermissionRefusedError):
        make_table(node.actor("reader"), WISH)
    with pytest.raises(NotFoundError):
        make_table(node.actor("analyst"), replace(WISH, audience=(999_999,)))
    for wish in (replace(WISH, kind="x"), replace(WISH, country="XX"), replace(WISH, period="x")):
        with pytest.raises(InvalidTableError):
            make_table(node.actor("analyst"), wish)


def test_a_withdrawn_table_says_why_and_still_counts_as_told(node: Node) -> None:
    table = make_table(node.actor("analyst"), PUBLIC_WISH)
    release_table(node.actor("releaser"), table.pk)
    with pytest.raises(RefusedError, match="no reason"):
        withdraw_table(node.actor("releaser"), table.pk, reason=" ")
    withdraw_table(node.actor("releaser"), table.pk, reason="wrong country")

    told = get_public_table(table.identifier, 1)
    assert (told.state, told.ending) == ("withdrawn", "wrong country")
    again = make_table(node.actor("analyst"), PUBLIC_WISH)
    assert (again.number, again.replaces, again.reason) == (2, None, "")
    assert discard_table(node.actor("analyst"), again.pk).state == "discarded"
    with pytest.raises(WrongStateError):
        release_table(node.actor("releaser"), again.pk)


def test_a_reason_that_everybody_will_read_names_nobody(node: Node) -> None:
    table = make_table(node.actor("analyst"), PUBLIC_WISH)
    release_table(node.actor("releaser"), table.pk)
    reason = "Patient: Anna Berg, geb. 12.03.1985"

    with pytest.raises(RefusedError, match="reason of the correction: looks like"):
        make_table(node.actor("analyst"), replace(PUBLIC_WISH, reason=reason))
    with pytest.raises(RefusedError, match="reason of the withdrawal: looks like"):
        withdraw_table(node.actor("releaser"), table.pk, reason=reason)
    assert get_table(node.actor("reader"), table.pk).state == "released"


def test_the_database_itself_keeps_released_tables(node: Node) -> None:
    table = make_table(node.actor("analyst"), WISH)
    release_table(node.actor("releaser"), table.pk)
    held = StatisticalTable.objects.for_writing().filter(pk=table.pk)

    changes: list[dict[str, Any]] = [{"content": {}}, {"state": "draft"}, {"released_by": "x"}]
    for change in changes:
        with pytest.raises(ProgrammingError), transaction.atomic():
            held.update(**change)
    with pytest.raises((ProgrammingError, IntegrityError)), transaction.atomic():
        held.delete()
    with pytest.raises(ProgrammingError), transaction.atomic():
        TableBasis.objects.for_writing().filter(table=table).update(sources=[])
