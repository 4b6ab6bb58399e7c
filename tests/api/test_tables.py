"""Tables over the API: listed, shown and handed out to who may see them."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client
from lxml import etree
from openpyxl import load_workbook

from tests.api.conftest import Caller, Node
from tocsin.journal.models import JournalEntry
from tocsin.reports.evidence import EvidenceFinding
from tocsin.tables.models import StatisticalTable
from tocsin.tables.queries import derive_document, derive_file
from tocsin.tables.services import TableWish, make_table, release_table, withdraw_table

Call = Callable[[str], Caller]
PUBLIC = TableWish("2025", country="AT", is_public=True)


@pytest.fixture
def table(node: Node) -> StatisticalTable:
    """A public table, released, of 7 seizures of carfentanil and 2 of xylazine."""
    for at in range(9):
        name = "carfentanil" if at < 7 else "xylazine"
        node.report(
            reference=f"L-{at}",
            event_on=date(2025, 2, 1),
            findings=(EvidenceFinding(substance_text=name, matrix="seized"),),
        )
    made = make_table(node.actor("analyst"), PUBLIC)
    return release_table(node.actor("releaser"), made.pk)


def test_a_table_is_listed_and_shown_with_its_versions(
    node: Node, call: Call, table: StatisticalTable
) -> None:
    listed = call("reader").get("/tables", search="pub-", state="released").json()
    shown = call("partner-analyst").get(f"/tables/{table.identifier}").json()
    own = call("reader").get(f"/tables/{table.identifier}").json()
    entry = JournalEntry.objects.order_by("-sequence").first()

    [item] = listed["items"]
    assert item | {"made_at": "", "released_at": ""} == {
        "identifier": "PUB-focal-point-AT-2025",
        "version": 1,
        "kind": "aggregated-table",
        "state": "released",
        "period": "2025",
        "frequency": "year",
        "country": "AT",
        "is_public": True,
        "threshold": 5,
        "owner": {"key": "focal-point", "name": "Focal Point"},
        "tlp": "CLEAR",
        "replaces": None,
        "reason": "",
        "made_at": "",
        "released_at": "",
        "ended_at": None,
        "ending": "",
    }
    forms = ["csv", "xlsx", "json", "sdmx-csv", "structure"]
    # Whether it is out of date is told in true counts: its owner alone may know.
    assert shown == item | {"is_outdated": None, "forms": forms, "versions": [item]}
    assert own == shown | {"is_outdated": False}
    assert entry is not None
    assert (entry.action, entry.details["record"]) == ("api.read", table.identifier)


def test_its_versions_come_one_after_the_other(
    node: Node, call: Call, table: StatisticalTable
) -> None:
    node.report(reference="late", event_on=date(2025, 3, 1))
    outdated = call("reader").get(f"/tables/{table.identifier}").json()
    draft = make_table(node.actor("analyst"), replace(PUBLIC, reason="late"))
    before = call("partner-analyst").get(f"/tables/{table.identifier}").json()
    own = call("reader").get(f"/tables/{table.identifier}").json()
    release_table(node.actor("releaser"), draft.pk)
    withdraw_table(node.actor("releaser"), draft.pk, reason="wrong country")
    after = call("partner-analyst").get(f"/tables/{table.identifier}").json()

    assert outdated["is_outdated"] is True
    assert [one["version"] for one in before["versions"]] == [1]
    assert [one["version"] for one in own["versions"]] == [2, 1]
    assert "corrections" in own["forms"]
    states = [(one["version"], one["state"], one["replaces"]) for one in after["versions"]]
    assert states == [(2, "withdrawn", 1), (1, "replaced", None)]
    assert (after["ending"], after["is_outdated"]) == ("wrong country", None)


def test_its_files_are_those_of_the_pages_and_hide_small_counts(
    node: Node, call: Call, table: StatisticalTable
) -> None:
    def take(form: str, name: str = "analyst") -> Any:
        return call(name).get(f"/tables/{table.identifier}/1/{form}", purpose="early-warning")

    for form in ("csv", "sdmx-csv", "structure", "json"):
        answer, file = take(form), derive_file(table, form)
        assert (answer.content, answer["Content-Type"]) == (file.content, file.content_type)
        assert answer["Cache-Control"] == "private, no-store"
    entry = JournalEntry.objects.order_by("-sequence").first()
    assert entry is not None
    assert (entry.person, entry.action, entry.details["form"], entry.details["purpose"]) == (
        "analyst",
        "table.exported",
        "json",
        "early-warning",
    )
    rows = list(csv.DictReader(io.StringIO(take("csv").content.decode("utf-8-sig"))))
    whole = {
        row["substance"]: (row["value"], row["status"])
        for row in rows
        if (row["indicator"], row["form"], row["authority"]) == ("SEIZURES", "_T", "_T")
    }
    assert (whole["carfentanil"], whole["xylazine"]) == (("7", "value"), ("", "suppressed"))
    assert {row["country_words"] for row in rows} == {"Austria"}
    held = take("json").json()
    at = {name: held["columns"].index(name) for name in held["columns"]}
    told = {tuple(one[:4]): one[at["value"]] for one in held["observations"]}
    assert (told["SEIZURES", "carfentanil", "_T", "_T"], held["schema"]) == ("7", "tocsin-table-1")
    assert len(told) == len(derive_document(table).observations)
    book = load_workbook(io.BytesIO(take("xlsx").content))
    assert len(list(book.worksheets[0].rows)) == len(rows) + 1
    assert etree.fromstring(take("structure").content).tag.endswith("}Structure")
    assert [take(form).status_code for form in ("corrections", "pdf")] == [404, 404]
    assert [take("csv", name).status_code for name in ("reader", "partner-analyst")] == [403, 200]
    # Who has no token reads the same files where everybody does.
    public = Client().get(f"/public/tables/{table.identifier}/1/json")
    assert public.content == take("json").content


def test_a_table_for_recipients_is_theirs_alone(node: Node, call: Call) -> None:
    node.report(event_on=date(2025, 2, 1))
    wish = TableWish("2025", audience=(node.partner.pk,))
    made = make_table(node.actor("analyst"), wish)
    hidden = call("partner-analyst").get(f"/tables/{made.identifier}/1/csv")
    release_table(node.actor("releaser"), made.pk)

    taken = call("partner-analyst").get(f"/tables/{made.identifier}/1/csv")

    assert (hidden.status_code, taken.status_code) == (404, 200)
    assert Client().get(f"/public/tables/{made.identifier}/1/json").status_code == 404
    other = call("partner-analyst").get(f"/tables/{made.identifier}/1/csv", purpose="research")
    assert other.status_code == 404
    assert call("partner-analyst").get("/tables").json()["total"] == 1
