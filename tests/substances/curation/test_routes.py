"""When two routes give one structure, and what the register's line says of it."""

from pathlib import Path

import pytest

from tocsin.errors import BadCasNumberError, BadRegisterError
from tocsin.substances.curation.routes import Agreement, compare_routes, derive_row, main

LEVOMETHORPHAN = "COc1ccc2C[C@@H]3[C@@H]4CCCC[C@]4(CCN3C)c2c1"
DEXTROMETHORPHAN = "COc1ccc2C[C@H]3[C@H]4CCCC[C@@]4(CCN3C)c2c1"
PARTLY = "COc1ccc2CC3C4CCCC[C@]4(CCN3C)c2c1"
FLAT = "COc1ccc2CC3C4CCCCC4(CCN3C)c2c1"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (LEVOMETHORPHAN, LEVOMETHORPHAN, "same"),
        (LEVOMETHORPHAN, f"{LEVOMETHORPHAN}.Br", "same"),
        (LEVOMETHORPHAN, FLAT, "second-states-less"),
        (LEVOMETHORPHAN, PARTLY, "second-states-less"),
        (FLAT, LEVOMETHORPHAN, "second-states-more"),
        (LEVOMETHORPHAN, DEXTROMETHORPHAN, "differs"),
        (DEXTROMETHORPHAN, PARTLY, "differs"),
        ("CC(N)Cc1ccccc1F", "CC(N)Cc1cccc(F)c1", "differs"),
        ("CC(N)Cc1ccccc1", "KWTSXDURSIMDCE-UHFFFAOYSA-N", "same"),
        ("C[C@H](N)Cc1ccccc1", "KWTSXDURSIMDCE-UHFFFAOYSA-N", "second-states-less"),
        ("C[C@@H](N)Cc1ccccc1", "KWTSXDURSIMDCE-QMMMGPOBSA-N", "differs"),
    ],
)
def test_routes_agree_where_nothing_that_both_state_differs(
    first: str, second: str, expected: Agreement
) -> None:
    assert compare_routes(first, second) == expected


def candidate(**changes: str) -> dict[str, str]:
    return {
        "id": "2-aminoindane",
        "name": "2-Aminoindane",
        "smiles": "NC1Cc2ccccc2C1",
        "route_1": "structure written by hand",
        "second": "C1C(CC2=CC=CC=C21)N",
        "route_2": "PsychonautWiki by psymol",
        "cas": "",
    } | changes


def test_a_line_is_reviewed_where_the_second_route_gives_the_same_structure() -> None:
    assert derive_row(candidate()) == {
        "id": "2-aminoindane",
        "name": "2-Aminoindane",
        "kind": "substance",
        "smiles": "NC1Cc2ccccc2C1",
        "inchikey": "LMHHFZAXSANGGM-UHFFFAOYSA-N",
        "formula": "C9H11N",
        "mass_da": "133.194",
        "cas": "",
        "reviewed": "true",
        "route_1": "structure written by hand",
        "route_2": "PsychonautWiki by psymol",
        "note": "",
    }


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"second": ""}, ""),
        ({"second": "NC1CCc2ccccc21"}, "PsychonautWiki by psymol gives another structure."),
        ({"route_2": "Structure written by hand"}, ""),
    ],
)
def test_a_line_is_not_reviewed_without_an_independent_route_that_agrees(
    changes: dict[str, str], note: str
) -> None:
    row = derive_row(candidate(**changes))
    assert (row["reviewed"], row["route_2"], row["note"]) == ("false", "", note)


def test_a_cas_number_with_a_wrong_check_digit_is_refused() -> None:
    with pytest.raises(BadCasNumberError):
        derive_row(candidate(cas="2975-41-3"))


def test_the_command_prints_lines_of_the_register(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "candidates.csv"
    file.write_text(
        "id,name,smiles,route_1,second,route_2,cas\nwater,Water,O,by hand,[OH2],another,\n",
        encoding="utf-8",
    )
    main([str(file)])
    assert capsys.readouterr().out == (
        "id,name,kind,smiles,inchikey,formula,mass_da,cas,reviewed,route_1,route_2,note\n"
        "water,Water,substance,O,XLYOFNOQVPJJNP-UHFFFAOYSA-N,H2O,18.015,,true,by hand,another,\n"
    )


def test_the_command_refuses_a_file_with_other_columns(tmp_path: Path) -> None:
    file = tmp_path / "candidates.csv"
    file.write_text("id,smiles\n", encoding="utf-8")
    with pytest.raises(BadRegisterError, match="found headings"):
        main([str(file)])
