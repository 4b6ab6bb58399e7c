"""The patterns held against the register and against the structures of real spectra."""

import gzip
import json
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tocsin.science.structure_classes import (
    Agreement,
    derive_agreement,
    list_structure_classes,
    recognise_classes,
)
from tocsin.substances.formats.register_files import RegisterSubstance, read_register

DISAGREEMENTS = tomllib.loads(
    Path(__file__).with_name("register_disagreements.toml").read_text(encoding="utf-8")
)
# Of every hundred members of a class of the register so many must be recognised as just that class.
LEAST_RECOGNISED_PERCENT = {
    "amphetamine": 85,  # aminoindanes, phenethylamines and benzofurans are held there too
    "arylcyclohexylamine": 100,
    "benzodiazepine": 100,
    "cannabinoid": 100,
    "cathinone": 100,
    "fentanyl": 100,
    "lysergamide": 100,
    "nitazene": 100,
    "orphine": 85,
    "phenethylamine": 94,
    "piperazine": 93,
    "synthetic-cannabinoid": 95,
    "tryptamine": 98,
}


@cache
def list_register() -> tuple[RegisterSubstance, ...]:
    return read_register().substances


@cache
def recognise_register() -> dict[str, tuple[str, list[str]]]:
    """The register's class and the classes recognised, by the key of each structure."""
    return {
        one.key: (one.class_key, [found.id for found in recognise_classes(one.smiles)])
        for one in list_register()
        if one.smiles
    }


def test_examples_that_are_not_marked_unverified_are_reviewed_structures_of_the_register() -> None:
    reviewed = {(one.name, one.smiles) for one in list_register() if one.reviewed}

    assert [
        (one.id, example.name)
        for one in list_structure_classes()
        for example in (*one.belongs, *one.apart)
        if example.is_unverified is ((example.name, example.smiles) in reviewed)
    ] == []


def test_members_of_a_class_of_the_register_are_recognised_as_such() -> None:
    known = {one.id for one in list_structure_classes()}
    held: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for register_class, recognised in recognise_register().values():
        if register_class in known:
            held[register_class] += 1
            found[register_class] += register_class in recognised

    assert held.keys() == LEAST_RECOGNISED_PERCENT.keys()
    assert {
        one: f"{found[one]} of {held[one]}"
        for one, least in LEAST_RECOGNISED_PERCENT.items()
        if 100 * found[one] < least * held[one]
    } == {}


def test_every_class_of_the_register_that_does_not_fit_is_listed_with_a_reason() -> None:
    unfit = {
        key
        for key, (register_class, recognised) in recognise_register().items()
        if derive_agreement(register_class, recognised) in (Agreement.DIFFERS, Agreement.NOT_SHOWN)
    }

    assert unfit == DISAGREEMENTS["unfit"].keys()


def test_every_hit_outside_the_classes_that_hold_its_members_is_listed_with_a_reason() -> None:
    shown = {
        key
        for key, (register_class, recognised) in recognise_register().items()
        if recognised and derive_agreement(register_class, recognised) is Agreement.NOT_BY_STRUCTURE
    }

    assert shown == DISAGREEMENTS["shown"].keys()


@pytest.mark.shared
def test_structures_of_real_spectra_show_no_class_they_do_not_belong_to(shared: Path) -> None:
    structures: dict[str, str] = {}
    for name in ("massbank_drugs", "fentanyls"):
        with gzip.open(shared / f"data/spectra/{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                if record.get("smiles"):
                    structures.setdefault(record["inchikey"][:14], record["smiles"])
    found: dict[str, set[str]] = {}
    for key, smiles in structures.items():
        for one in recognise_classes(smiles):
            found.setdefault(one.id, set()).add(key)

    assert len(structures) > 150
    # Of the ketones with an amine only mephedrone and bupropion; neither photoinitiator.
    assert found["cathinone"] == {"YELGFTGWJGBAQU", "SNPPWIUOZRMYNY"}
    assert len(found["fentanyl"]) == 26
    assert found["arylcyclohexylamine"] == {"JTJMJGYZQZDUJJ", "YQEZLKZALYSWHR"}  # PCP, ketamine
    assert found["piperazine"] == {"VHFVKMTVMIZMIK", "KKIMDKMETPPURN", "IQXXEPZFOOTTBA"}
    assert found["synthetic-cannabinoid"] == {"ZWWRREXSUJTKNN"}  # CP-47,497-C8
    assert found.keys().isdisjoint({"nitazene", "orphine", "nbome", "2c", "dox"})
