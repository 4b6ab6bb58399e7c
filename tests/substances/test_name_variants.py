"""Three hundred spellings in five languages, each with what must come of it and why."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.science.names import NameIndex
from tocsin.substances.queries import load_name_index, resolve_text
from tocsin.substances.systematic_names import SystematicNameReader, find_opsin

pytestmark = pytest.mark.django_db

FILE = Path(__file__).parent / "name_variants.csv"
with FILE.open(encoding="utf-8", newline="") as stream:
    VARIANTS = list(csv.DictReader(stream))
NOT_SYSTEMATIC = [one for one in VARIANTS if one["tier"] != "systematic"]
SYSTEMATIC = [one for one in VARIANTS if one["tier"] == "systematic"]


@pytest.fixture(scope="module")
def reader() -> Iterator[SystematicNameReader]:
    command = find_opsin()
    if command is None:
        pytest.skip("neither Java nor the extra curate is installed")
    with SystematicNameReader(command) as made:
        yield made


@pytest.fixture
def index() -> NameIndex:
    return load_name_index()


def test_there_are_three_hundred_in_five_languages_once_each_with_a_reason() -> None:
    assert len({one["text"] for one in VARIANTS}) == len(VARIANTS) >= 300
    assert {one["language"] for one in VARIANTS} >= {"en", "de", "fr", "nl", "pl", "es"}
    assert [one["text"] for one in VARIANTS if not one["reason"]] == []


def test_no_variant_is_taken_silently_for_a_substance_that_is_not_meant(index: NameIndex) -> None:
    wrong = []
    for one in VARIANTS:
        found = resolve_text(one["text"], index).substance
        if found is not None and found.key != one["expected"]:
            wrong.append((one["text"], found.key, one["expected"]))
    assert wrong == []


@pytest.mark.parametrize("one", NOT_SYSTEMATIC, ids=lambda one: one["text"])
def test_a_variant_is_answered_as_it_must_be(one: dict[str, str], index: NameIndex) -> None:
    found = resolve_text(one["text"], index)
    key = found.substance.key if found.substance else ""
    # The register may come to hold a spelling that only the rules find today.
    tier = "normalised" if (found.stage, one["tier"]) == ("exact", "normalised") else found.stage
    assert (tier, key, found.form) == (one["tier"], one["expected"], one["form"])
    if one["offered"]:
        assert one["offered"] in {candidate.key for candidate in found.candidates}


@pytest.mark.parametrize("one", SYSTEMATIC, ids=lambda one: one["text"])
def test_a_systematic_name_is_read(
    one: dict[str, str], index: NameIndex, reader: SystematicNameReader
) -> None:
    found = resolve_text(one["text"], index, reader.read)
    assert found.substance is not None
    assert (found.stage, found.substance.key, found.form) == (
        "systematic",
        one["expected"],
        one["form"],
    )
