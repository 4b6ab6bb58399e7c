"""An alert as JSON."""

import json

from hypothesis import given

from tests.alerts.formats.example_documents import (
    ENGLISH,
    documents,
    make_cancellation,
    make_document,
)
from tocsin.alerts.formats.document import AlertDocument
from tocsin.alerts.formats.json_document import derive_json


def test_alert_is_laid_out_with_every_key() -> None:
    assert derive_json(make_document(texts=(ENGLISH,), isomer_open=True)) == {
        "schema_version": 1,
        "identifier": "IE-2026-0017",
        "version": 1,
        "message_identifier": "IE-2026-0017.1",
        "message_type": "Alert",
        "status": "Actual",
        "tlp": "TLP:CLEAR",
        "sender": "ews@example.org",
        "sender_name": "Example focal point",
        "sent": "2026-11-21T09:30:00+00:00",
        "effective": None,
        "expires": "2026-12-21T09:30:00+00:00",
        "cancelled": False,
        "note": None,
        "severity": "Severe",
        "urgency": "Immediate",
        "certainty": "Observed",
        "substance": {
            "name": "protonitazene",
            "inchikey": None,
            "cas": None,
            "isomer_group": False,
        },
        "identification": {"level": "schymanski-2a", "isomer_open": True},
        "place": {"country": "IE", "nuts": "IE061", "geocodes": []},
        "texts": [
            {
                "language": "en",
                "headline": "Nitazene in tablets sold as oxycodone",
                "area_description": "Region X",
                "what_was_seen": "Protonitazene and no oxycodone in 3 of 3 tablets.",
                "identification": "Schymanski level 2a: library spectrum match",
                "identification_public": "Identified by a library match; not confirmed.",
                "hazard": "It can stop your breathing.",
                "advice_public": "Do not use alone. Carry naloxone.",
                "advice_practitioners": "Repeated naloxone may be needed.",
            }
        ],
        "references": [],
        "web": "https://example.org/a/17",
        "cap": "https://example.org/a/17.cap",
    }


def test_cancellation_says_why_and_drops_the_advice() -> None:
    held = derive_json(make_cancellation())
    assert (held["cancelled"], held["version"]) == (True, 2)
    assert held["note"] == "A second laboratory found oxycodone only."
    assert held["references"] == [
        {
            "sender": "ews@example.org",
            "identifier": "IE-2026-0017.1",
            "sent": "2026-11-21T09:30:00+00:00",
        }
    ]
    assert "naloxone" not in json.dumps(held)


@given(document=documents())
def test_keys_never_change_and_values_survive_json(document: AlertDocument) -> None:
    held = derive_json(document)
    assert json.loads(json.dumps(held)) == held
    assert held.keys() == derive_json(make_document()).keys()
    assert [text["headline"] for text in held["texts"]] == [
        text.headline for text in document.texts
    ]
