"""CAP 1.2: written, checked, read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.alerts.formats.example_documents import (
    ENGLISH,
    documents,
    make_cancellation,
    make_document,
)
from tocsin.alerts.formats.cap import MAXIMUM_BYTES, parse_cap, validate_cap, write_cap
from tocsin.alerts.formats.document import AlertDocument, AlertText, Reference
from tocsin.errors import InvalidAlertError


def join(*paragraphs: str) -> str:
    return "\n\n".join(one for one in paragraphs if one.strip())


@given(document=documents())
def test_every_alert_validates_and_reads_back_the_same(document: AlertDocument) -> None:
    xml = write_cap(document)
    validate_cap(xml)
    message = parse_cap(xml)
    second = timedelta(seconds=1)
    assert message.identifier == f"{document.identifier}.{document.version}"
    assert (message.sender, message.status) == (document.sender, document.status)
    assert (message.message_type, message.incidents) == (document.message_type, document.identifier)
    assert message.note == document.note
    assert timedelta(0) <= document.sent - message.sent < second
    assert [one[:2] for one in message.references] == [one[:2] for one in document.references]
    assert (message.scope == "Public") is (document.tlp == "CLEAR")
    assert len(message.infos) == len(document.texts)
    for info, text in zip(message.infos, document.texts, strict=True):
        assert info.language == text.language
        assert info.headline == text.headline
        assert info.area_descriptions == (text.area_description,)
        assert info.sender_name == document.sender_name
        assert info.event == document.substance_name
        assert info.geocodes[-len(document.geocodes) :] == document.geocodes or (
            not document.geocodes
        )
        if document.message_type == "Cancel":
            assert (info.description, info.instruction) == (document.note, "")
        else:
            assert info.description == join(text.what_was_seen, text.hazard)
            assert info.instruction == join(text.advice_public, text.advice_practitioners)


def test_alert_is_written_with_every_element_in_its_place() -> None:
    document = make_document(
        texts=(ENGLISH,),
        substance_inchikey="AAAAAAAAAAAAAA-BBBBBBBBBB-N",
        substance_cas="119276-01-6",
        geocodes=(("ISO3166-2", "IE-D"),),
    )
    xml = write_cap(document)
    root = etree.fromstring(xml)
    assert root.tag == "{urn:oasis:names:tc:emergency:cap:1.2}alert"
    assert [
        (etree.QName(element).localname, element.text)
        for element in root.iter()
        if element.text and element.text.strip()
    ] == [
        ("identifier", "IE-2026-0017.1"),
        ("sender", "ews@example.org"),
        ("sent", "2026-11-21T09:30:00-00:00"),
        ("status", "Actual"),
        ("msgType", "Alert"),
        ("scope", "Public"),
        ("incidents", "IE-2026-0017"),
        ("language", "en"),
        ("category", "Health"),
        ("event", "protonitazene"),
        ("urgency", "Immediate"),
        ("severity", "Severe"),
        ("certainty", "Observed"),
        ("expires", "2026-12-21T09:30:00-00:00"),
        ("senderName", "Example focal point"),
        ("headline", "Nitazene in tablets sold as oxycodone"),
        (
            "description",
            "Protonitazene and no oxycodone in 3 of 3 tablets.\n\nIt can stop your breathing.",
        ),
        (
            "instruction",
            "Do not use alone. Carry naloxone.\n\nRepeated naloxone may be needed.",
        ),
        ("web", "https://example.org/a/17"),
        ("valueName", "substance"),
        ("value", "protonitazene"),
        ("valueName", "inchikey"),
        ("value", "AAAAAAAAAAAAAA-BBBBBBBBBB-N"),
        ("valueName", "cas"),
        ("value", "119276-01-6"),
        ("valueName", "isomer-group"),
        ("value", "false"),
        ("valueName", "identification"),
        ("value", "Identified by a library match; not confirmed."),
        ("valueName", "identification-level"),
        ("value", "schymanski-2a"),
        ("valueName", "isomer-open"),
        ("value", "false"),
        ("valueName", "tlp"),
        ("value", "TLP:CLEAR"),
        ("valueName", "version"),
        ("value", "1"),
        ("areaDesc", "Region X"),
        ("valueName", "ISO3166-1"),
        ("value", "IE"),
        ("valueName", "NUTS"),
        ("value", "IE061"),
        ("valueName", "ISO3166-2"),
        ("value", "IE-D"),
    ]


def test_cancellation_names_what_it_ends_says_why_and_drops_the_advice() -> None:
    xml = write_cap(make_cancellation())
    message = parse_cap(xml)
    assert message.message_type == "Cancel"
    assert message.references == (
        Reference("ews@example.org", "IE-2026-0017.1", datetime(2026, 11, 21, 9, 30, tzinfo=UTC)),
    )
    assert b"<references>ews@example.org,IE-2026-0017.1,2026-11-21T09:30:00-00:00</" in xml
    assert b"<sent>2026-11-25T12:00:00+01:00</sent>" in xml
    assert message.note == "A second laboratory found oxycodone only."
    assert [info.description for info in message.infos] == [message.note, message.note]
    assert b"naloxone" not in xml
    assert b"instruction" not in xml


@pytest.mark.parametrize(
    ("changes", "scope", "restriction", "addresses"),
    [
        ({"tlp": "CLEAR"}, "Public", "", ""),
        ({"tlp": "CLEAR", "addresses": ("a@example.org",)}, "Public", "", ""),
        ({"tlp": "AMBER+STRICT"}, "Restricted", "TLP:AMBER+STRICT", ""),
        (
            {"tlp": "RED", "addresses": ("a@example.org", "Poison centre X")},
            "Private",
            "",
            'a@example.org "Poison centre X"',
        ),
    ],
)
def test_scope_follows_the_handling(
    changes: dict[str, Any], scope: str, restriction: str, addresses: str
) -> None:
    message = parse_cap(write_cap(make_document(**changes)))
    assert (message.scope, message.restriction, message.addresses) == (
        scope,
        restriction,
        addresses,
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("IE-2026-0017.1<", "IE 17<", "identifier: found 'IE 17'"),
        ("ews@example.org<", "ews,x<", "sender: found 'ews,x'"),
        ("09:30:00-00:00</sent", "09:30:00Z</sent", "not valid CAP 1.2"),
        ("09:30:00-00:00</sent", "09:30:00+00:00</sent", "sent: found"),
        ("09:30:00-00:00</expires", "09:30:00+00:00</expires", "expires: found"),
        ("2026-11-21T", "2026-13-21T", "not valid CAP 1.2"),
        ("<status>Actual", "<status>Real", "not valid CAP 1.2"),
        ("<scope>Public", "<scope>Restricted", "restriction: found ''"),
        ("<scope>Public", "<scope>Private", "addresses: found ''"),
        ("<msgType>Alert", "<msgType>Update", "references: found ''"),
        ("<msgType>Alert", "<msgType>Cancel", "references: found ''"),
        ("<incidents>", "<references>only-one</references><incidents>", "references: found"),
        ("<incidents>", "<references>a,b,2026-01-01</references><incidents>", "numeric offset"),
        ("<language>en</language>", "", "language: found ''"),
        ("<event>protonitazene", "<event> ", "event: found ' '"),
        ("https://example.org/a/17", "a/17", "web: found 'a/17'"),
        ("cap:1.2", "cap:1.1", "not valid CAP 1.2"),
    ],
)
def test_message_that_breaks_the_standard_is_refused(old: str, new: str, message: str) -> None:
    xml = write_cap(make_document(texts=(ENGLISH,))).decode()
    assert old in xml
    with pytest.raises(InvalidAlertError, match=message):
        validate_cap(xml.replace(old, new).encode())


def test_message_of_another_system_is_read_even_where_it_is_lax() -> None:
    xml = (
        write_cap(make_document(texts=(ENGLISH,)))
        .decode()
        .replace("-00:00", "+00:00")
        .replace("<language>en</language>", "")
    )
    message = parse_cap(xml.encode())
    assert message.sent == datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    assert message.infos[0].language == "en-US"


ENTITY = '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
BOMB = (
    '<!DOCTYPE alert [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    ("prolog", "entity"), [(ENTITY, "&x;"), (BOMB, "&i;"), ("<!DOCTYPE a>", "")]
)
def test_entities_are_refused_and_never_opened(prolog: str, entity: str, encoding: str) -> None:
    xml = write_cap(make_document()).decode().split("?>\n", maxsplit=1)[1]
    hostile = prolog + xml.replace("<event>", f"<event>{entity}")
    with pytest.raises(InvalidAlertError):
        parse_cap(hostile.encode(encoding))


def test_oversized_message_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(InvalidAlertError, match="bytes"):
        parse_cap(b" " * (MAXIMUM_BYTES + 1))


@given(xml=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda t: t.encode())))
def test_what_is_no_message_gets_an_error_of_ours(xml: bytes) -> None:
    with pytest.raises(InvalidAlertError):
        parse_cap(xml)


@given(data=st.data())
def test_damaged_message_is_read_or_refused(data: st.DataObject) -> None:
    xml = write_cap(make_document(texts=(ENGLISH,)))
    at = data.draw(st.integers(0, len(xml) - 1))
    damage = data.draw(st.binary(max_size=3))
    damaged = xml[:at] + damage + xml[at + len(damage) :]
    try:
        parse_cap(damaged)
    except InvalidAlertError:
        return


def test_hour_that_no_clock_of_ours_shows_is_refused() -> None:
    xml = write_cap(make_document()).replace(b"T09:30:00-00:00</sent", b"T24:00:00-01:00</sent")
    with pytest.raises(InvalidAlertError, match="a moment that exists"):
        parse_cap(xml)


def test_markup_in_a_text_stays_text() -> None:
    hostile = "]]><script>alert('&amp;')</script><![CDATA["
    text = AlertText("en", hostile, hostile, "", "", "", hostile)
    message = parse_cap(write_cap(make_document(texts=(text,))))
    assert message.infos[0].headline == hostile
    assert message.infos[0].area_descriptions == (hostile,)
