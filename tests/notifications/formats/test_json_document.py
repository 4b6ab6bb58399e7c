"""A package as JSON: in the published schema, and read back as it was."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from tests.notifications.examples import (
    CARFENTANIL,
    POISONING,
    POISONING_SOURCE,
    SEIZURE_SOURCE,
    make_document,
)
from tocsin.notifications.documents.source import Subject
from tocsin.notifications.formats.document import PackageDocument, Replaced
from tocsin.notifications.formats.json_document import (
    SCHEMA,
    build_json_schema,
    derive_json,
    parse_json,
)
from tocsin.notifications.formats.record import derive_record
from tocsin.notifications.vocabulary import PackageKind, PackageState

REPLACED = Replaced(1, datetime(2026, 3, 10, 8, 0, tzinfo=UTC), "The amount was wrong.")


def make_validator() -> Any:
    schema = build_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


DOCUMENTS = {
    "poisoning": make_document("edas", POISONING_SOURCE, SEIZURE_SOURCE),
    "seizure": make_document("ews-first-detection", SEIZURE_SOURCE, replaces=REPLACED),
    "unknown": make_document("ews-event", SEIZURE_SOURCE, subject=Subject("thing", None)),
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_package_is_in_the_published_schema(document: PackageDocument) -> None:
    problems = [error.message for error in make_validator().iter_errors(derive_json(document))]

    assert problems == []


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_package_is_read_back_as_it_was(document: PackageDocument) -> None:
    held = json.loads(json.dumps(derive_json(document)))

    assert parse_json(held, state="draft", state_note="") == document


def test_the_schema_refuses_what_is_no_package() -> None:
    whole = derive_json(DOCUMENTS["seizure"])
    without = {key: value for key, value in whole.items() if key != "sections"}

    assert [error.message for error in make_validator().iter_errors(without)] == [
        "'sections' is a required property"
    ]


def test_the_schema_names_the_kinds_and_states_there_are() -> None:
    properties = build_json_schema()["properties"]

    assert properties["schema"]["const"] == SCHEMA
    assert properties["kind"]["enum"] == PackageKind.values
    assert properties["state"]["enum"] == [
        state for state in PackageState.values if state != PackageState.ERASED
    ]


def test_head_of_a_package_that_replaces_another() -> None:
    content = derive_json(replace(DOCUMENTS["seizure"], state="released", sections=(), sources=()))

    assert content == {
        "schema": "urn:tocsin:package:1.0",
        "kind": "ews-first-detection",
        "identifier": "EWS-AT-2026-0001",
        "version": 2,
        "state": "released",
        "state_note": "",
        "title": "Formal notification of a first detection",
        "legal_basis": "Regulation (EU) 2023/1322, Article 8",
        "language": "en-GB",
        "tlp": "TLP:AMBER",
        "exercise": False,
        "sender": {"name": "Focal Point", "country": "AT"},
        "made_at": "2026-03-09T10:00:00+00:00",
        "replaces": {
            "version": 1,
            "released_at": "2026-03-10T08:00:00+00:00",
            "reason": "The amount was wrong.",
        },
        "substance": {
            "name": "carfentanil",
            "key": "carfentanil",
            "inchikey": CARFENTANIL.inchikey,
            "cas": "59708-52-0",
        },
        "sources": [],
        "sections": [],
    }


def test_a_source_carries_its_record_as_the_event_schema_writes_it() -> None:
    assert derive_record(POISONING) == {
        "reference": "T-7",
        "event_type": "serious-adverse-event",
        "event_on": "2026-03-02",
        "event_precision": "day",
        "country": "AT",
        "region": "AT13",
        "source": "Poison centre",
        "exposure": "confirmed",
        "seriousness": ["life-threatening"],
        "severity": "3",
        "outcome": "recovered",
        "age_band": "25-34",
        "route_of_use": "nasal",
        "believed_substance": "heroin",
        "signs": ["respiratory-depression", "miosis"],
        "treatments": ["naloxone", "ventilation"],
        "naloxone_doses": 2,
        "naloxone_response": "partial",
        "findings": [
            {
                "substance": "Carfentanil",
                "matrix": "biological",
                "specimen": "blood",
                "amount": "0.5",
                "unit": "ng/ml",
                "technique": "LC-MS/MS",
                "identification_level": "schymanski-1",
                "laboratory": "Institute of Forensic Chemistry",
                "role": "sole",
                "sampling_context": "ante-mortem",
                "loq": "0.1",
                "techniques": ["mass-spectrometry", "liquid-chromatography"],
                "mass_evidence": "library",
                "reference_material": "no",
            }
        ],
    }
