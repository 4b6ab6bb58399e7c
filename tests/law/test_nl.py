"""The Netherlands: what three decrees list by name, and the groups whose words were not read."""

import datetime

import pytest

from tocsin.law.classification import classify, get_instrument
from tocsin.law.lint import derive_verdict
from tocsin.law.loading import DATA, load_examples
from tocsin.law.model import Answer, Verdict

FOLDER = DATA / "nl" / "opiumwet"
ON = datetime.date(2026, 9, 1)
THREE_MMC = "CNC(C)C(=O)c1cccc(C)c1"


def _answer(smiles: str, on: datetime.date = ON) -> Answer:
    return next(iter(classify(smiles, on, ["NL"])))


@pytest.mark.parametrize("key", ["2-fenethylamine", "4-aminopiperidine"])
def test_examples_give_their_verdicts_and_are_fifteen_on_either_side(key: str) -> None:
    version = get_instrument("NL-Opiumwet").versions[0]
    examples = load_examples(FOLDER)["2025", key]
    wrong = [
        (one.name, found.value)
        for one in examples
        if (found := derive_verdict(version, key, one.smiles)) is not one.verdict
    ]
    hits = [one for one in examples if one.verdict is Verdict.ARGUABLE]
    assert wrong == []
    assert min(len(hits), len(examples) - len(hits)) >= 15


def test_the_groups_never_answer_controlled_because_their_words_were_not_read() -> None:
    clauses = get_instrument("NL-Opiumwet").versions[0].clauses
    assert [one.key for one in clauses] == ["2-fenethylamine", "4-aminopiperidine"]
    assert all(one.is_unseen and one.unverified for one in clauses)
    answer = _answer("CNC(C)C(=O)c1ccc(Br)cc1")
    assert (answer.verdict, answer.clause) == (Verdict.ARGUABLE, "2-fenethylamine")
    assert answer.traces[0].reason == "the words that define it were not read"
    assert "the text that was enacted was not read, only the bill" in answer.traces[0].unverified


def test_the_groups_begin_on_1_july_2025() -> None:
    four_bmc = "CNC(C)C(=O)c1ccc(Br)cc1"
    assert _answer(four_bmc, datetime.date(2025, 6, 30)).verdict is Verdict.NOT_FOUND
    assert _answer(four_bmc, datetime.date(2025, 7, 1)).verdict is Verdict.ARGUABLE


def test_a_decree_whose_day_of_force_was_not_read_is_arguable_until_the_end_of_its_year() -> None:
    verdicts = [
        _answer(THREE_MMC, day).verdict
        for day in (
            datetime.date(2024, 4, 9),
            datetime.date(2024, 4, 10),
            datetime.date(2024, 12, 30),
            datetime.date(2024, 12, 31),
        )
    ]
    assert verdicts == [
        Verdict.NOT_FOUND,
        Verdict.ARGUABLE,
        Verdict.ARGUABLE,
        Verdict.CONTROLLED,
    ]
    assert _answer(THREE_MMC).clause == "Lijst I, 3-MMC"


@pytest.mark.parametrize(
    "smiles",
    [
        "CC(NC(C)(C)C)C(=O)c1cccc(Cl)c1",  # bupropion
        "CCN(CC)C(C)C(=O)c1ccccc1",  # amfepramone
        "CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1",  # fentanyl
    ],
)
def test_medicines_are_taken_out_by_article_2a(smiles: str) -> None:
    answer = _answer(smiles)
    assert answer.verdict is Verdict.EXCLUDED
    assert "artikel 2a, tweede lid, onder a" in answer.traces[0].reason


def test_the_cannabimimetics_are_said_not_to_be_loaded() -> None:
    instrument = get_instrument("NL-Opiumwet")
    assert any("the cannabimimetics are not loaded" in note for note in instrument.notes)
    jwh_018 = _answer("CCCCCn1cc(C(=O)c2cccc3ccccc23)c2ccccc12")
    assert jwh_018.verdict is Verdict.NOT_FOUND
    assert jwh_018.traces[0].reason.startswith("not found in the part of this instrument")
