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


def test_no_answer_says_that_a_substance_is_permitted() -> None:
    written = json.dumps(derive_records(["CCO ethanol", "O water", "[Na+].[Cl-] salt"], ON))
    assert '"legal"' not in written
    assert "permitted" not in written
    assert "not found in the rules loaded" in written
