"""Entries of lists kept by hand, their configurations, and the page that says what is loaded."""

import csv
from pathlib import Path

import pytest

from tocsin.errors import BadLawFileError
from tocsin.law.classification import get_instrument
from tocsin.law.curation.configurations import LIST, derive_structure, rewrite, rewrite_all
from tocsin.law.curation.lists import (
    COLUMNS,
    derive_key,
    read_list,
    read_systematic_names,
    take_from_narcotics,
)
from tocsin.law.curation.loaded import describe_loaded
from tocsin.law.loading import DATA, read_csv
from tocsin.substances.systematic_names import SystematicNameReader, find_opsin

BY_NAME = LIST.with_name("by_name")
LISTS = {
    "un-sc1961.csv": "UN-1961",
    "un-ps1971.csv": "UN-1971",
    "eu-fd2004-757.csv": "EU-FD-2004-757",
}
COCAINE = {
    "names": "Cocain (Benzoylecgoninmethylester)",
    "smiles": "COC(=O)[C@H]1[C@@H](OC(=O)c2ccccc2)C[C@@H]2CC[C@H]1N2C",
    "inchikey": "ZPUCINDJVBIVPJ-LJISPDSOSA-N",
    "review": "two-routes",
    "routes": "a | b",
}


@pytest.mark.parametrize(("file", "key"), LISTS.items())
def test_shipped_entries_are_those_of_the_list(file: str, key: str) -> None:
    rows = read_list(BY_NAME / file)
    entries = get_instrument(key).entries
    assert [(one["key"], one["names"]) for one in rows] == [
        (one.key, " | ".join(one.names)) for one in entries
    ]
    assert set(rows[0]) == set(COLUMNS)


def test_structure_of_the_narcotics_act_is_taken_where_there_is_none_or_it_says_more() -> None:
    flat = {"smiles": "flat", "inchikey": "ZPUCINDJVBIVPJ-UHFFFAOYSA-N"}
    other = {"smiles": "kept", "inchikey": "ZPUCINDJVBIVPJ-XGUBFFRZSA-N"}
    names = {"names": "Cocaine | Benzoylecgonine methyl ester", "review": "", "routes": ""}
    entries = [
        names | {"smiles": "", "inchikey": ""},
        names | flat,
        names | other,
        {"names": "Codeine", "smiles": "", "inchikey": ""},
    ]
    take_from_narcotics(entries, [COCAINE, {"names": "Codein", "smiles": ""}])
    assert [one["smiles"] for one in entries] == [COCAINE["smiles"], COCAINE["smiles"], "kept", ""]


def test_keys_hold_annex_and_leading_name() -> None:
    assert derive_key("IV", "N-Benzylpiperazine | BZP") == "IV-n-benzylpiperazine"


def test_configurations_shipped_are_those_drawn_and_named() -> None:
    systematic = read_systematic_names()
    for row in read_csv(LIST):
        shipped = next(
            one
            for one in read_csv(DATA / row["instrument"] / "entries.csv")
            if one["key"] == row["key"]
        )
        structure = derive_structure(row, systematic)
        assert {key: shipped[key] for key in structure} == structure, row["key"]


def test_drawing_of_another_configuration_is_refused(tmp_path: Path) -> None:
    row = read_csv(LIST)[0]
    with pytest.raises(BadLawFileError):
        derive_structure(row | {"smiles": "CN[C@H](C)[C@@H](Cl)c1ccccc1"}, read_systematic_names())
    path = tmp_path / "entries.csv"
    path.write_text("key,smiles\none,C\n", encoding="utf-8")
    rewrite(path, {"one": {"smiles": "CC"}})
    assert path.read_text(encoding="utf-8") == "key,smiles\none,CC\n"
    with pytest.raises(BadLawFileError):
        rewrite(path, {"two": {"smiles": "CC"}})


def test_every_instrument_of_the_list_is_rewritten(tmp_path: Path) -> None:
    rows = read_csv(LIST)
    for row in rows:
        (tmp_path / row["instrument"]).mkdir(parents=True, exist_ok=True)
    for folder in {row["instrument"] for row in rows}:
        header = "key,smiles,inchikey,review,routes\n"
        keys = "".join(f"{row['key']},,,,\n" for row in rows if row["instrument"] == folder)
        (tmp_path / folder / "entries.csv").write_text(header + keys, encoding="utf-8")
    rewrite_all(rows, tmp_path)
    written = read_csv(tmp_path / "eu/precursors/entries.csv")
    assert len({row["inchikey"] for row in written}) == 4


def test_systematic_names_are_what_opsin_reads() -> None:
    command = find_opsin()
    if command is None:
        pytest.skip("OPSIN is not installed: the extra curate and Java are needed")
    with LIST.with_name("systematic_names.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    with SystematicNameReader(command) as reader:
        read = {row["systematic_name"]: reader.read(row["systematic_name"]) for row in rows[-6:]}
    assert read == {row["systematic_name"]: row["opsin_smiles"] for row in rows[-6:]}


def test_page_says_what_the_data_files_hold() -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "law-loaded.md"
    assert page.read_text(encoding="utf-8") == describe_loaded(), (
        "run python -m tocsin.law.curation.loaded > docs/reference/law-loaded.md"
    )
