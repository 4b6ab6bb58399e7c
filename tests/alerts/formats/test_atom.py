"""The public feed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.alerts.formats.example_documents import documents, make_cancellation, make_document
from tocsin.alerts.formats.atom import AtomFeed, write_atom
from tocsin.alerts.formats.document import AlertDocument
from tocsin.errors import InvalidAlertError

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = AtomFeed(
    identifier="tag:example.org,2026:alerts",
    title="Alerts",
    author="Example focal point",
    language="en",
    web_address="https://example.org/alerts",
    feed_address="https://example.org/alerts.atom",
    updated=datetime(2026, 1, 1, tzinfo=UTC),
)


def list_entries(xml: bytes) -> list[dict[str, str]]:
    """Texts of each entry by element name."""
    return [
        {etree.QName(child).localname: child.text or "" for child in entry}
        for entry in etree.fromstring(xml).iterfind(f"{ATOM}entry")
    ]


def test_entry_tells_what_was_seen_and_leads_to_the_page_and_the_cap_file() -> None:
    xml = write_atom(FEED, [make_document()])
    (entry,) = etree.fromstring(xml).iterfind(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == "tag:example.org,2026:alerts#IE-2026-0017"
    assert entry.findtext(f"{ATOM}title") == "Nitazene in tablets sold as oxycodone"
    assert entry.findtext(f"{ATOM}updated") == "2026-11-21T09:30:00Z"
    assert entry.findtext(f"{ATOM}summary") == (
        "Protonitazene and no oxycodone in 3 of 3 tablets.\n\n"
        "Identified by a library match; not confirmed.\n\n"
        "It can stop your breathing.\n\nDo not use alone. Carry naloxone."
    )
    assert [(link.get("type"), link.get("href")) for link in entry.iterfind(f"{ATOM}link")] == [
        ("text/html", "https://example.org/a/17"),
        ("application/cap+xml", "https://example.org/a/17.cap"),
    ]


@pytest.mark.parametrize("turned", [False, True])
def test_cancelled_alert_stays_as_one_entry_that_says_when_and_why(turned: bool) -> None:
    history = [make_document(), make_cancellation()]
    xml = write_atom(FEED, reversed(history) if turned else history)
    (entry,) = list_entries(xml)
    assert entry["id"] == "tag:example.org,2026:alerts#IE-2026-0017"
    assert entry["title"] == "Cancelled: Nitazene in tablets sold as oxycodone"
    assert entry["published"] == "2026-11-21T09:30:00Z"
    assert entry["updated"] == "2026-11-25T11:00:00Z"
    assert entry["summary"] == (
        "Cancelled, 2026-11-25T12:00:00+01:00: A second laboratory found oxycodone only."
    )
    assert b"naloxone" not in xml


def test_newest_alert_comes_first_and_dates_the_feed() -> None:
    later = make_document(identifier="IE-2026-0018", sent=datetime(2026, 11, 22, tzinfo=UTC))
    xml = write_atom(FEED, [make_document(), later])
    assert [entry["id"][-4:] for entry in list_entries(xml)] == ["0018", "0017"]
    assert etree.fromstring(xml).findtext(f"{ATOM}updated") == "2026-11-22T00:00:00Z"


def test_empty_feed_has_its_own_date() -> None:
    xml = write_atom(FEED, [])
    assert list_entries(xml) == []
    assert etree.fromstring(xml).findtext(f"{ATOM}updated") == "2026-01-01T00:00:00Z"


def test_exercise_is_called_one() -> None:
    (entry,) = list_entries(write_atom(FEED, [make_document(status="Exercise")]))
    assert entry["title"].startswith("EXERCISE: ")


@pytest.mark.parametrize("tlp", ["GREEN", "AMBER", "AMBER+STRICT", "RED"])
def test_alert_that_is_not_public_never_enters_the_feed(tlp: str) -> None:
    with pytest.raises(InvalidAlertError, match="TLP:CLEAR only"):
        write_atom(FEED, [make_document(), make_document(identifier="IE-18", tlp=tlp)])


def test_alert_without_a_page_cannot_enter_the_feed() -> None:
    with pytest.raises(InvalidAlertError, match="no page"):
        write_atom(FEED, [make_document(web_address="")])


@pytest.mark.parametrize(
    ("feed", "message"),
    [
        (replace(FEED, title=" "), "feed, title"),
        (replace(FEED, author="a\x00"), "feed, name"),
        (replace(FEED, updated=FEED.updated.replace(tzinfo=None)), "offset from UTC"),
    ],
)
def test_feed_that_cannot_stand_is_refused(feed: AtomFeed, message: str) -> None:
    with pytest.raises(InvalidAlertError, match=message):
        write_atom(feed, [])


@given(alerts=st.lists(documents(tlp="CLEAR"), max_size=4), language=st.sampled_from(["en", "el"]))
def test_every_feed_is_well_formed_with_each_alert_once(
    alerts: list[AlertDocument], language: str
) -> None:
    feed = replace(FEED, title="α ]]> & <", language=language)
    entries = list_entries(write_atom(feed, alerts))
    assert len({entry["id"] for entry in entries}) == len(entries)
    assert len(entries) == len({alert.identifier for alert in alerts})
    headlines = {text.headline for alert in alerts for text in alert.texts}
    assert all(any(entry["title"].endswith(one) for one in headlines) for entry in entries)
    for entry in entries:
        assert entry["updated"].endswith("Z")
        assert entry["summary"]
