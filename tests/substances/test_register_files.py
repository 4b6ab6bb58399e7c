"""The seed register as files: what a chemist may break when changing them in a spreadsheet."""

import csv
import gzip
import re
import unicodedata
from collections import Counter, defaultdict
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import pytest
from rdkit import Chem
from rdkit.Chem import Descriptors
from rdkit.Chem.rdinchi import MolToInchiKey
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from tocsin.science.cas import is_cas_number
from tocsin.science.names import normalise_name

DATA = files("tocsin.substances") / "data"
DEATHS = Path(__file__).parents[3] / "shared/data/deaths/connecticut_2012_2022.csv.gz"

HAND = "structure written by hand"
NAME_KINDS = {"abbreviation", "INN", "common", "chemical", "street", "code"}

# A name that is held for two substances on purpose, with the reason.
SHARED_NAMES: dict[str, str] = {}


def read(file: Traversable) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def read_folder(name: str) -> list[dict[str, str]]:
    return [row for file in sorted((DATA / name).iterdir(), key=str) for row in read(file)]


CLASSES = read(DATA / "classes.csv")
SUBSTANCES = read_folder("register")
NAMES = read_folder("names")
GROUPS = read(DATA / "groups.csv")
MEMBERS = read(DATA / "group_members.csv")
STRUCTURED = [row for row in SUBSTANCES if row["smiles"]]
INORGANIC = {row["id"] for row in read(DATA / "register" / "inorganic.csv")}


def list_repeated(values: list[str]) -> list[str]:
    return sorted(value for value, times in Counter(values).items() if times > 1)


def test_every_file_is_utf_8_with_the_headings_that_the_register_reads() -> None:
    headings = {
        "classes.csv": "id,name",
        "forms.csv": "substance,kind,form,name,smiles,inchikey,cas,source",
        "groups.csv": "id,name,kind,class,formula,note",
        "group_members.csv": "group,substance",
        "no_substance_statements.csv": "statement,language,meaning,source",
        "register": "id,name,kind,smiles,inchikey,formula,mass_da,cas,reviewed,route_1,route_2,note",
        "names": "substance,name,language,kind,source",
    }
    for entry in DATA.iterdir():
        for file in [entry] if entry.is_file() else list(entry.iterdir()):
            first_line = file.read_text(encoding="utf-8").split("\n", 1)[0]
            assert first_line == headings[entry.name], file


def test_every_class_has_a_register_file_and_a_names_file() -> None:
    expected = {f"{row['id']}.csv" for row in CLASSES}
    assert {file.name for file in (DATA / "register").iterdir()} == expected
    assert {file.name for file in (DATA / "names").iterdir()} == expected | {"groups.csv"}


def test_identifiers_are_slugs_and_unique_over_all_files() -> None:
    identifiers = [row["id"] for row in SUBSTANCES + GROUPS]
    assert list_repeated(identifiers) == []
    assert [each for each in identifiers if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", each)] == []


def test_the_register_holds_more_than_two_thousand_substances() -> None:
    assert len(SUBSTANCES) >= 2_200
    assert sum(row["reviewed"] == "true" for row in SUBSTANCES) >= 1_700
    assert {row["kind"] for row in SUBSTANCES} == {"substance"}


def test_inchikey_formula_and_mass_are_those_of_the_smiles() -> None:
    for row in STRUCTURED:
        molecule = Chem.MolFromSmiles(row["smiles"])
        found = (row["id"], row["inchikey"], row["formula"], row["mass_da"])
        assert found == (
            row["id"],
            MolToInchiKey(molecule),
            CalcMolFormula(molecule),
            f"{Descriptors.MolWt(molecule):.3f}",  # type: ignore[attr-defined]
        )


def test_what_has_no_structure_says_so_and_claims_nothing_of_one() -> None:
    for row in SUBSTANCES:
        if not row["smiles"]:
            assert (row["inchikey"], row["formula"], row["mass_da"]) == ("", "", ""), row["id"]
            assert (row["reviewed"], row["route_1"], row["note"] != "") == ("false", "", True), row


def test_organic_structures_are_single_molecules_without_counter_ion() -> None:
    for row in STRUCTURED:
        molecule = Chem.MolFromSmiles(row["smiles"])
        assert {atom.GetIsotope() for atom in molecule.GetAtoms()} == {0}, row["id"]
        if row["id"] in INORGANIC:
            assert Chem.GetFormalCharge(molecule) == 0, row["id"]
            continue
        assert len(Chem.GetMolFrags(molecule)) == 1, row["id"]
        # A charge is left only where no hydrogen ion can be given away: quaternary ammonium.
        assert Chem.GetFormalCharge(molecule) == 0 or not any(
            atom.GetFormalCharge() > 0 and atom.GetTotalNumHs() for atom in molecule.GetAtoms()
        ), row["id"]


def test_no_structure_and_no_cas_number_is_held_twice() -> None:
    assert list_repeated([row["inchikey"] for row in STRUCTURED]) == []
    assert list_repeated([row["cas"] for row in SUBSTANCES if row["cas"]]) == []


def test_cas_numbers_have_their_check_digit() -> None:
    assert [row["id"] for row in SUBSTANCES if row["cas"] and not is_cas_number(row["cas"])] == []


def test_reviewed_means_two_different_routes_and_unreviewed_has_no_second() -> None:
    for row in SUBSTANCES:
        if row["reviewed"] == "true":
            assert row["route_1"] and row["route_2"], row["id"]
            assert row["route_1"] != row["route_2"], row["id"]
        else:
            assert (row["reviewed"], row["route_2"]) == ("false", ""), row["id"]


def test_every_group_member_exists_and_is_listed_once() -> None:
    groups = {row["id"] for row in GROUPS}
    substances = {row["id"] for row in SUBSTANCES}
    assert {row["group"] for row in MEMBERS} == groups
    assert {row["substance"] for row in MEMBERS} - substances == set()
    assert list_repeated([f"{row['group']} {row['substance']}" for row in MEMBERS]) == []


def test_the_members_of_an_isomer_group_have_its_formula() -> None:
    formulas = {row["id"]: row["formula"] for row in SUBSTANCES}
    kinds = {row["id"]: row["kind"] for row in GROUPS}
    members = defaultdict(set)
    for row in MEMBERS:
        members[row["group"]].add(row["substance"])
    assert set(kinds.values()) == {"isomer-group", "class-group"}
    for group in GROUPS:
        if group["kind"] == "class-group":
            assert group["formula"] == "", group["id"]
            continue
        found = {formulas[member] for member in members[group["id"]]}
        assert (group["id"], found) == (group["id"], {group["formula"]})


def test_groups_belong_to_a_class() -> None:
    assert {row["class"] for row in GROUPS} - {row["id"] for row in CLASSES} == set()


def test_names_point_to_an_entry_of_their_own_file_and_are_of_a_known_kind() -> None:
    for file in (DATA / "names").iterdir():
        source = DATA / "groups.csv" if file.name == "groups.csv" else DATA / "register" / file.name
        entries = {row["id"] for row in read(source)}
        assert {row["substance"] for row in read(file)} == entries, file
    assert {row["kind"] for row in NAMES} <= NAME_KINDS
    assert [row for row in NAMES if not re.fullmatch("([a-z]{2})?", row["language"])] == []


def test_names_are_not_empty_and_free_of_control_characters() -> None:
    for row in NAMES:
        name = row["name"]
        assert name and name == name.strip() and "  " not in name, row
        assert not any(unicodedata.category(each) in {"Cc", "Cf"} for each in name), row
        assert row["source"], row


def test_every_preferred_name_is_repeated_among_the_names() -> None:
    held = {(row["substance"], row["name"]) for row in NAMES}
    assert {(row["id"], row["name"]) for row in SUBSTANCES + GROUPS} - held == set()


def test_a_name_other_than_a_street_name_never_points_to_two_entries() -> None:
    owners = defaultdict(set)
    for row in NAMES:
        if row["kind"] != "street":
            owners[normalise_name(row["name"])].add(row["substance"])
    shared = {name: sorted(owner) for name, owner in owners.items() if len(owner) > 1}
    assert set(shared) == set(SHARED_NAMES), shared


def test_a_street_name_is_never_also_a_name_that_decides() -> None:
    deciding = {normalise_name(row["name"]) for row in NAMES if row["kind"] != "street"}
    street = {normalise_name(row["name"]) for row in NAMES if row["kind"] == "street"}
    assert street & deciding == set()


@pytest.mark.shared
@pytest.mark.skipif(not DEATHS.exists(), reason=f"needs {DEATHS.name} beside the checkout")
def test_every_substance_of_the_connecticut_deaths_has_one_entry() -> None:
    with gzip.open(DEATHS, "rt", encoding="utf-8") as stream:
        codes = {
            code for row in csv.DictReader(stream) for code in row["substances"].split(";") if code
        }
    deciding = {normalise_name(row["name"]) for row in NAMES if row["kind"] != "street"}
    assert len(codes) == 67
    assert {code for code in codes if normalise_name(code) not in deciding} == set()
