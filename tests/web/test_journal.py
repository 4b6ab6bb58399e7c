from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.web.response_examples import count_queries, read, release
from tocsin.journal.queries import list_entries, verify_journal
from tocsin.web.views import journal

Enter = Callable[[str], Client]


@pytest.mark.parametrize("name", ["reader", "reporter", "analyst", "releaser", "partner-analyst"])
def test_only_administrators_read_it(enter: Enter, name: str) -> None:
    client = enter(name)

    assert client.get("/journal/").status_code == 403
    assert client.get("/journal/?format=csv").status_code == 403
    assert client.post("/journal/verify/").status_code == 403
    assert list_entries(action="refused.permission-refused", person=name).count() == 3


def test_entries_are_shown_newest_first_and_filtered(enter: Enter, network: Any) -> None:
    identifier = release(network.actor("analyst"), network.actor("releaser"))
    client = enter("administrator")

    text = read(client, "/journal/")
    assert text.index("alert.released") < text.index("alert.drafted")
    assert identifier in text
    one = read(client, f"/journal/?action=alert.&person=releaser&record_id={identifier}")
    assert one.count("<tr data-row>") == 1
    assert "Nothing matches" in read(client, "/journal/?until=2020-01-01")
    assert "alert.drafted" in read(client, "/journal/?since=2020-01-01&until=nonsense")
    assert "Nothing matches" in read(client, "/journal/?person=%00x")
    assert "alert.drafted" in read(client, "/journal/?since=0001-01-01&until=9999-12-31")


def test_list_needs_as_many_queries_for_more_entries(enter: Enter, network: Any) -> None:
    client = enter("administrator")
    release(network.actor("analyst"), network.actor("releaser"))
    read(client, "/journal/")
    before = count_queries(client, "/journal/")
    release(network.actor("analyst"), network.actor("releaser"))

    assert count_queries(client, "/journal/") == before


def test_verification_says_intact_and_shows_the_digest(enter: Enter, network: Any) -> None:
    digest = verify_journal().head_digest

    text = enter("administrator").post("/journal/verify/").content.decode()

    assert "The journal is intact" in text
    assert digest in text
    assert list_entries(action="journal.verified").count() == 1


def test_long_journal_is_not_verified_while_somebody_waits(
    enter: Enter, network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MOST_ENTRIES_VERIFIED_HERE", 3)
    client = enter("administrator")

    page = read(client, "/journal/")
    answer = client.post("/journal/verify/")

    assert "tocsin journal verify" in page
    assert "/journal/verify/" not in page
    assert answer.status_code == 422
    assert "more than 3 entries" in answer.content.decode()
    assert not list_entries(action="journal.verified").exists()


def test_export_is_itself_journalled(enter: Enter, network: Any) -> None:
    text = read(enter("administrator"), "/journal/?format=csv")

    assert "organisation.added" in text
    assert list_entries(action="list.exported").get().record_id == "journal"


def test_last_day_of_the_calendar_is_a_day(enter: Callable[[str], Client]) -> None:
    page = enter("administrator").get("/journal/?since=2026-01-01&until=9999-12-31")
    assert page.status_code == 200
