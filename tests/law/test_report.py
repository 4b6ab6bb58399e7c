"""Answers as JSON: the shape programs rely on."""

import datetime
import json

from tocsin.law.report import derive_records

ON = datetime.date(2025, 12, 31)


def test_a_line_becomes_a_record_with_a_result_of_each_instrument() -> None:
    (record,) = derive_records(["CCNC(C)C(=O)c1ccccc1F  2-FEC racemate"], ON, ["DE"])
    assert set(record) == {"name", "smiles", "inchikey", "classes", "results"}
    assert record["name"] == "2-FEC racemate"
    assert [
        (one["jurisdiction"], one["instrument"], one["clause"], one["verdict"], one["since"])
        for one in record["results"]
    ] == [
        ("DE", "DE-BtMG", None, "not-found", None),
        ("DE", "DE-NpSG", "1", "controlled", "2024-06-27"),
    ]
    trace = record["results"][1]["trace"][0]
    assert trace["clause"] == "1"
    assert trace["positions"][0].keys() == {"position", "atoms", "fits", "reason"}
    assert json.loads(json.dumps(record)) == record


def test_bad_lines_are_answered_in_their_place() -> None:
    records = derive_records(["", "C1CC( broken", "CCO", "C" * 10_000 + " polymer"], ON)
    assert [one.get("error", {}).get("code") for one in records] == [
        "bad-structure",
        "bad-structure",
        None,
        "bad-structure",
    ]
    assert [one["name"] for one in records] == ["", "broken", "CCO", "polymer"]


def test_record_names_the_classes_of_every_part_once() -> None:
    salt, mixture, ethanol = derive_records(
        [
            "C[NH2+]C(C)C(=O)c1ccc(C)cc1.[Cl-] salt",
            "CC(N)Cc1ccccc1.CC(N)Cc1ccccc1.CNC(C)C(=O)c1ccc(C)cc1 mixture",
            "CCO ethanol",
        ],
        ON,
        ["DE"],
    )
    assert salt["classes"] == ["cathinone"]
    assert sorted(mixture["classes"]) == ["amphetamine", "cathinone", "phenethylamine"]
    assert ethanol["classes"] == []


def test_no_answer_says_that_a_substance_is_permitted() -> None:
    written = json.dumps(derive_records(["CCO ethanol", "O water", "[Na+].[Cl-] salt"], ON))
    assert '"legal"' not in written
    assert "permitted" not in written
    assert "not found in the rules loaded" in written


def test_statutory_dates_come_with_a_result_and_count_down() -> None:
    (record,) = derive_records(["CNC(C)C(=O)c1ccccc1C 2-MMC"], datetime.date(2026, 6, 1), ["EU"])
    dates = record["results"][0]["dates"]
    assert dates[0] == {
        "kind": "risk-assessment",
        "on": "2025-05-21",
        "began_on": "2025-05-20",
        "act": "Delegated Directive (EU) 2025/2062",
        "source": "https://eur-lex.europa.eu/eli/dir_del/2025/2062/oj",
        "verified": True,
        "days_left": None,
    }
    assert [(one["kind"], one["on"], one["days_left"]) for one in dates[-2:]] == [
        ("in-force", "2026-01-12", None),
        ("transposition-deadline", "2026-07-12", 41),
    ]
    assert record["results"][1]["dates"] == []
