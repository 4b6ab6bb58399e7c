"""What becomes of tables when reports that they were made of are erased."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.utils import timezone

from tests.api.conftest import Node, open_node
from tests.tables.test_exchange import FINDING, hold
from tests.tables.test_exchange import WISH as CASES
from tocsin.errors import ErasedError, RefusedError, WrongStateError
from tocsin.journal.models import JournalEntry
from tocsin.organisations.queries import get_node_actor
from tocsin.pipeline import run_detection
from tocsin.reports.record.values import make_details
from tocsin.retention.services import erase_expired, set_period
from tocsin.tables.comparing import TableChanges
from tocsin.tables.models import StatisticalTable, TableBasis
from tocsin.tables.queries import (
    derive_document,
    derive_file,
    find_table_changes,
    get_table,
    list_forms,
)
from tocsin.tables.services import (
    TableWish,
    discard_table,
    erase_unreleased,
    make_table,
    release_table,
)

pytestmark = pytest.mark.django_db
COUNTS = TableWish("2025", country="AT")
PUBLIC = replace(COUNTS, is_public=True)
OLD_ON = date(2025, 1, 2)
TELLING = ("protonitazene", "nightlife")


@pytest.fixture(scope="module")
def module_node(module_db: Callable[[], AbstractContextManager[None]]) -> Node:
    with module_db():
        node = open_node()
        hold(node, 6, 1, event_on=date(2025, 6, 1))
        return node


@pytest.fixture
def node(module_node: Node, db: None) -> Node:
    return deepcopy(module_node)


def hold_telling_case(node: Node) -> int:
    """Hold a case of a substance that is in no other; return its number."""
    report = node.report(
        "reporter",
        event_type="serious-adverse-event",
        reference="the one",
        event_on=OLD_ON,
        region="AT130",
        findings=(replace(FINDING, substance_text="protonitazene"),),
        details=make_details({"setting": "nightlife", "age_band": "25-34"}),
    )
    return report.pk


def erase_older(node: Node, first_kept_on: date) -> date:
    """Erase the case that is older, as the node does at night; return the day."""
    run_detection()
    today = timezone.localdate() + timedelta(days=1)
    set_period(
        node.actor("administrator"),
        "serious-adverse-event",
        days=(today - first_kept_on).days,
        reason="As our act says.",
    )
    assert erase_expired(get_node_actor(), today=today) == 1
    return today


def list_telling() -> dict[str, set[str]]:
    """The words that tell of the case, with the states of the tables that still hold them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT held.state, concat(to_jsonb(held), to_jsonb(basis)) "
            "FROM tables_statisticaltable held "
            "JOIN tables_tablebasis basis ON basis.table_id = held.id"
        )
        rows = cursor.fetchall()
    return {word: {state for state, text in rows if word in text} for word in TELLING}


def test_drafts_and_discarded_tables_are_emptied_with_a_report_they_count(node: Node) -> None:
    analyst = node.actor("analyst")
    telling = hold_telling_case(node)
    discarded = [make_table(analyst, wish) for wish in (COUNTS, CASES)]
    for table in discarded:
        discard_table(analyst, table.pk)
    drafts = [make_table(analyst, wish) for wish in (COUNTS, CASES)]
    other = make_table(analyst, replace(COUNTS, period="2024"))
    assert list_telling() == {
        "protonitazene": {"draft", "discarded"},
        "nightlife": {"draft", "discarded"},
    }

    assert erase_unreleased([telling]) == 4

    assert list_telling() == {"protonitazene": set(), "nightlife": set()}
    ids = [one.pk for one in (*discarded, *drafts)]
    held = StatisticalTable.objects.for_writing().filter(pk__in=ids)
    assert {(one.state, str(one.content), one.ended_at is None) for one in held} == {
        ("erased", "{}", False)
    }
    assert telling in TableBasis.objects.for_writing().get(table=drafts[0]).sources
    assert get_table(analyst, other.pk).state == "draft"
    entries = JournalEntry.objects.filter(action="table.erased").order_by("sequence")
    assert [(one.person, one.record_id) for one in entries] == [
        ("node", one.identifier) for one in (*discarded, *drafts)
    ]
    assert erase_unreleased([telling]) == 0
    erased = get_table(analyst, drafts[0].pk)
    assert list_forms(erased) == {}
    with pytest.raises(ErasedError, match="version 2 was erased with a report"):
        derive_file(erased, "csv")
    with pytest.raises(WrongStateError):
        release_table(node.actor("releaser"), erased.pk)
    again = make_table(analyst, COUNTS)
    assert (again.number, again.state) == (3, "draft")


def test_the_pages_and_the_api_say_that_a_table_was_erased(node: Node) -> None:
    table = make_table(node.actor("analyst"), CASES)
    erase_unreleased(table.basis.sources)
    client = Client()
    client.force_login(node.people["analyst"])

    page = client.get(f"/tables/{table.pk}/")
    assert (page.status_code, "a report that it was made of was erased" in page.text) == (200, True)
    assert client.get(f"/tables/{table.pk}/files/csv/").status_code == 410
    answer = client.get(
        f"/api/v1/tables/{table.identifier}/1/csv",
        headers={"authorization": f"Bearer {node.tokens['analyst']}"},
    )
    assert (answer.status_code, answer.json()["code"]) == (410, "erased")


def test_the_database_lets_go_only_what_was_never_released(node: Node) -> None:
    table = make_table(node.actor("analyst"), COUNTS)
    release_table(node.actor("releaser"), table.pk)
    draft = make_table(node.actor("analyst"), CASES)
    tables, bases = StatisticalTable.objects.for_writing(), TableBasis.objects.for_writing()
    refused: list[tuple[Any, dict[str, Any]]] = [
        (tables.filter(pk=table.pk), {"state": "erased", "content": {}}),
        (tables.filter(pk=draft.pk), {"state": "erased"}),
        (tables.filter(pk=draft.pk), {"state": "erased", "content": {}, "made_by": "x"}),
        (bases.filter(table=draft), {"secret": {}}),
    ]
    for held, change in refused:
        with pytest.raises(ProgrammingError), transaction.atomic():
            held.update(**change)
    erase_unreleased(draft.basis.sources)
    refused = [
        (tables.filter(pk=draft.pk), {"state": "draft"}),
        (tables.filter(pk=draft.pk), {"content": {"rows": []}}),
        (bases.filter(table=draft), {"sources": []}),
    ]
    for held, change in refused:
        with pytest.raises(ProgrammingError), transaction.atomic():
            held.update(**change)


def test_the_owner_of_released_tables_is_told_what_was_erased(node: Node) -> None:
    hold_telling_case(node)
    tables = [make_table(node.actor("analyst"), wish) for wish in (COUNTS, CASES, PUBLIC)]
    for table in tables:
        release_table(node.actor("releaser"), table.pk)
    erase_older(node, date(2025, 3, 1))

    changes = [find_table_changes(node.actor("reader"), table) for table in tables]
    # What was sent of a case should be sent no longer; a sum stays right.
    nothing = TableChanges(new=0, corrected=0, gone=0, erased=1, cells=(), is_of_cases=False)
    assert changes == [nothing, replace(nothing, is_of_cases=True), nothing]
    assert [one.is_outdated for one in changes if one] == [False, True, False]
    client = Client()
    client.force_login(node.people["analyst"])
    counts, cases = (client.get(f"/tables/{table.pk}/").text for table in tables[:2])
    assert "out of date" not in counts
    assert "Its counts stay right" in counts
    assert "This table is out of date" in cases
    assert "1 report that it counts was erased since" in cases
    # A correction beside it is seen as before.
    hold(node, 1, 7, event_on=date(2025, 6, 2))
    changed = find_table_changes(node.actor("reader"), tables[0])
    assert changed == replace(nothing, new=1)
    assert changed.is_outdated


def test_what_is_for_everybody_is_not_made_of_a_period_of_which_something_was_erased(
    node: Node,
) -> None:
    analyst = node.actor("analyst")
    hold_telling_case(node)
    for wish in (COUNTS, CASES, PUBLIC):
        release_table(node.actor("releaser"), make_table(analyst, wish).pk)
    day = erase_older(node, date(2025, 3, 1))

    found = f"reports of 2025 that were erased: 1, the last on {day}"
    expected = "expected a period of which everything is held, or version 1, made before"
    with pytest.raises(RefusedError, match=f"{found}; {expected}"):
        make_table(analyst, replace(PUBLIC, reason="a late report"))
    # Of which country it was is not known any more.
    with pytest.raises(
        RefusedError, match=f"{found}; expected a period of which everything is held$"
    ):
        make_table(analyst, replace(PUBLIC, country="SK"))
    assert make_table(analyst, replace(PUBLIC, country="SK", period="2024")).number == 1
    internal = make_table(analyst, replace(COUNTS, reason="a late report"))
    assert derive_document(internal).remarks == (
        "1 report of this period, of this place or another, was erased as its time was over, and is "
        "not counted.",
    )
    exchange = make_table(analyst, replace(CASES, reason="without what was erased"))
    assert (len(internal.basis.sources), exchange.content["cases"]) == (6, 6)
