"""What a released alert may hold."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.alerts.formats.example_documents import (
    BULGARIAN,
    ENGLISH,
    make_cancellation,
    make_document,
)
from tocsin.alerts.formats.document import AlertText, Reference, format_moment
from tocsin.errors import InvalidAlertError


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"identifier": "IE 17"}, "identifier"),
        ({"identifier": "IE,17"}, "identifier"),
        ({"identifier": "IE<17"}, "identifier"),
        ({"identifier": "IE&17"}, "identifier"),
        ({"identifier": "IE\u00a017"}, "identifier"),
        ({"identifier": ""}, "identifier"),
        ({"sender": "focal point"}, "sender"),
        ({"sender_name": " "}, "sender_name"),
        ({"substance_name": ""}, "substance_name"),
        ({"substance_name": "a\x00b"}, "substance_name"),
        ({"note": "a\x1bb"}, "note"),
        ({"note": "a\x85b"}, "note"),
        ({"note": "\ud800"}, "note"),
        ({"status": "Draft"}, "status"),
        ({"message_type": "Ack"}, "message_type"),
        ({"tlp": "WHITE"}, "tlp"),
        ({"severity": "severe"}, "severity"),
        ({"urgency": ""}, "urgency"),
        ({"certainty": "Sure"}, "certainty"),
        ({"country": "Ireland"}, "country"),
        ({"region_code": "ie061"}, "region_code"),
        ({"geocodes": (("ISO3166-2", ""),)}, "geocodes"),
        ({"web_address": "javascript:alert(1)"}, "web_address"),
        ({"web_address": "/a/17"}, "web_address"),
        ({"cap_address": "https://example.org/a b"}, "cap_address"),
        ({"expires": make_document().sent}, "expires"),
        ({"texts": ()}, "texts"),
        ({"texts": (ENGLISH, ENGLISH)}, "texts"),
        ({"texts": (AlertText("", "h", "w", "", "", "", "a"),)}, "language"),
        ({"texts": (AlertText("en_GB", "h", "w", "", "", "", "a"),)}, "language"),
        ({"texts": (AlertText("en", " ", "w", "", "", "", "a"),)}, "headline"),
        ({"texts": (AlertText("en", "h", "", "", "", "", "a"),)}, "what_was_seen"),
        ({"texts": (AlertText("en", "h", "w", "", "", "", ""),)}, "area_description"),
        ({"texts": (AlertText("en", "h", "w", "\x07", "", "", "a"),)}, "hazard"),
        ({"version": 0}, "version"),
        ({"message_type": "Update", "note": "more seen"}, "references"),
        ({"addresses": ('a"b',)}, "addresses"),
    ],
)
def test_value_that_cannot_stand_is_refused_by_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidAlertError, match=field):
        make_document(**changes)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"note": " "}, "note"),
        ({"references": ()}, "references"),
        ({"references": (Reference("a b", "IE.1", make_document().sent),)}, "references"),
        (
            {"references": (Reference("a", "IE-2026-0017", make_document().sent),)},
            "identifier of an earlier message",
        ),
        (
            {"references": (Reference("a", "IE-2026-0017.2", make_document().sent),)},
            "identifier of an earlier message",
        ),
    ],
)
def test_cancellation_names_an_earlier_message_and_says_why(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidAlertError, match=field):
        make_cancellation(**changes)


def test_moment_without_an_offset_is_refused() -> None:
    naive = make_document().sent.replace(tzinfo=None)
    with pytest.raises(InvalidAlertError, match="offset"):
        make_document(sent=naive)


def test_offset_that_cap_cannot_write_is_refused() -> None:
    odd = timezone(timedelta(minutes=53, seconds=28))
    with pytest.raises(InvalidAlertError, match="whole minutes"):
        format_moment(datetime(1890, 1, 1, tzinfo=odd))


def test_alert_that_has_run_out_can_still_be_cancelled() -> None:
    assert make_cancellation(expires=make_document().sent).is_cancelled


def test_text_is_found_by_language() -> None:
    assert make_document().get_text("bg") == BULGARIAN
    with pytest.raises(InvalidAlertError, match="no text in language 'fr'; has en, bg"):
        make_document().get_text("fr")
