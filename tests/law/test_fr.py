"""France: the cathinones of 2012, and the families of 2024 whose words were read in part."""

import datetime

import pytest

from tocsin.law.classification import classify, get_instrument
from tocsin.law.lint import derive_verdict
from tocsin.law.loading import DATA, load_examples
from tocsin.law.model import Answer, Verdict

FOLDER = DATA / "fr" / "stupefiants"
ON = datetime.date(2026, 9, 1)
CLAUSES = ["cathinones", "2-aminopropan-1-one", "benzo[c]chromenes", "nitazenes"]


def _answer(smiles: str, on: datetime.date = ON) -> Answer:
    return next(iter(classify(smiles, on, ["FR"])))


@pytest.mark.parametrize("key", CLAUSES)
def test_examples_give_their_verdicts_and_are_fifteen_on_either_side(key: str) -> None:
    version = get_instrument("FR-Stupefiants").versions[-1]
    examples = load_examples(FOLDER)[version.name, key]
    wrong = [
        (one.name, found.value)
        for one in examples
        if (found := derive_verdict(version, key, one.smiles)) is not one.verdict
    ]
    hits = [one for one in examples if one.verdict in (Verdict.CONTROLLED, Verdict.ARGUABLE)]
    assert wrong == []
    assert min(len(hits), len(examples) - len(hits)) >= 15


def test_bupropion_is_taken_out_of_both_entries() -> None:
    answer = _answer("CC(NC(C)(C)C)C(=O)c1cccc(Cl)c1")
    assert answer.verdict is Verdict.EXCLUDED
    assert [one.clause for one in answer.traces[:2]] == ["cathinones", "2-aminopropan-1-one"]
    assert answer.traces[0].reason == "bupropion is taken out by name: à l'exception du bupropion"


def test_its_hydroxylated_relative_is_not_taken_out_by_that_name() -> None:
    hydroxybupropion_open_form = _answer("CC(NC(C)(C)CO)C(=O)c1cccc(Cl)c1")
    assert hydroxybupropion_open_form.verdict is not Verdict.EXCLUDED


def test_cathinones_begin_the_day_after_publication_and_are_arguable_on_that_day() -> None:
    mephedrone = "CNC(C)C(=O)c1ccc(C)cc1"
    verdicts = [_answer(mephedrone, datetime.date(2012, 8, day)).verdict.value for day in (1, 2, 3)]
    assert verdicts == ["not-found", "arguable", "controlled"]
    assert _answer(mephedrone).since == datetime.date(2012, 8, 3)


def test_families_of_2024_begin_on_their_days_and_stay_arguable() -> None:
    thcp = "CCCCCCCc1cc(O)c2C3C=C(C)CCC3C(C)(C)Oc2c1"
    nitazene = "CCN(CC)CCn1c(Cc2ccccc2)nc2cc([N+](=O)[O-])ccc12"
    for smiles, day, clause in (
        (thcp, datetime.date(2024, 6, 3), "benzo[c]chromenes"),
        (nitazene, datetime.date(2024, 7, 9), "nitazenes"),
    ):
        before = _answer(smiles, day - datetime.timedelta(days=1))
        assert before.verdict is Verdict.NOT_FOUND
        assert (_answer(smiles, day).verdict, _answer(smiles, day).clause) == (
            Verdict.ARGUABLE,
            clause,
        )


def test_nitazenes_the_recital_names_are_controlled_by_name() -> None:
    isotonitazene = _answer("CCN(CC)CCn1c(Cc2ccc(OC(C)C)cc2)nc2cc([N+](=O)[O-])ccc12")
    assert (isotonitazene.verdict, isotonitazene.clause) == (
        Verdict.CONTROLLED,
        "Annexe I, Isotonitazène",
    )


@pytest.mark.parametrize(
    "smiles",
    [
        "NCCc1ccc(O)c(O)c1",
        "CNCC(O)c1ccc(O)c(O)c1",
        "NCCc1ccccc1",
        "NCCc1c[nH]c2ccccc12",
        "NCCc1c[nH]c2ccc(O)cc12",
        "COc1ccc2[nH]cc(CCNC(C)=O)c2c1",
        "NCCc1c[nH]cn1",
    ],
)
@pytest.mark.parametrize("jurisdiction", ["FR", "GB", "NL"])
def test_endogenous_amines_are_no_hits(jurisdiction: str, smiles: str) -> None:
    verdicts = {one.verdict for one in classify(smiles, ON, [jurisdiction])}
    assert verdicts == {Verdict.NOT_FOUND}
