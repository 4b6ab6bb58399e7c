"""The schedules of the 1961 and 1971 conventions, with later decisions and their days."""

import datetime

import pytest

from tocsin.law.classification import classify, get_instrument
from tocsin.law.model import Answer

NOW = datetime.date(2026, 11, 22)
COCAINE = "COC(=O)[C@H]1[C@@H](OC(=O)c2ccccc2)C[C@@H]2CC[C@H]1N2C"


def _answer(smiles: str, key: str, on: datetime.date = NOW) -> Answer:
    return next(one for one in classify(smiles, on, ["UN"]) if one.instrument == key)


@pytest.mark.parametrize(
    ("smiles", "key", "clause"),
    [
        (COCAINE, "UN-1961", "Schedule I, Cocaine"),
        ("CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1", "UN-1961", "Schedule I, Fentanyl"),
        (
            "CCN(CC)CCn1c(Cc2ccc(OC(C)C)cc2)nc2cc([N+](=O)[O-])ccc12",
            "UN-1961",
            "Schedule I, Isotonitazene",
        ),
        ("CNC(C)C(=O)c1ccc(C)cc1", "UN-1971", "Schedule II, Mephedrone"),
        ("CNC(C)C(=O)c1cccc(C)c1", "UN-1971", "Schedule II, 3-Methylmethcathinone"),
        ("CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21", "UN-1971", "Schedule IV, Diazepam"),
        ("CN[C@@H](C)Cc1ccccc1", "UN-1971", "Schedule II, Metamfetamine"),
        ("CN[C@H](C)Cc1ccccc1", "UN-1971", "Schedule II, Levomethamphetamine"),
    ],
)
def test_scheduled_substances_are_found_in_their_schedule(
    smiles: str, key: str, clause: str
) -> None:
    answer = _answer(smiles, key)
    assert (answer.verdict.value, answer.clause) == ("controlled", clause)


def test_decision_is_arguable_until_it_has_surely_reached_the_parties() -> None:
    brorphine = "CC(c1ccc(Br)cc1)N1CCC(n2c(=O)[nH]c3ccccc32)CC1"
    days = ["2022-03-13", "2022-03-14", "2023-03-17", "2023-03-18"]
    answers = [_answer(brorphine, "UN-1961", datetime.date.fromisoformat(day)) for day in days]
    assert [one.verdict.value for one in answers] == [
        "not-found",
        "arguable",
        "arguable",
        "controlled",
    ]
    assert [(one.kind, one.act) for one in answers[-1].dates] == [
        ("adopted", "Commission on Narcotic Drugs, 65th session, 14 to 18 March 2022")
    ]
    assert any("was not read" in note for note in answers[-1].traces[0].unverified)


def test_second_schedule_of_a_substance_is_told_too() -> None:
    carfentanil = "CCC(=O)N(c1ccccc1)C1(C(=O)OC)CCN(CCc2ccccc2)CC1"
    answer = _answer(carfentanil, "UN-1961")
    assert [one.clause for one in answer.traces] == ["Schedule I", "Schedule IV"]


def test_cathine_is_not_the_other_norephedrines() -> None:
    cathine, norephedrine = "C[C@H](N)[C@@H](O)c1ccccc1", "C[C@H](N)[C@H](O)c1ccccc1"
    assert _answer(cathine, "UN-1971").clause == "Schedule III, Cathine"
    assert _answer(cathine, "UN-1971").verdict.value == "controlled"
    assert _answer(norephedrine, "UN-1971").verdict.value == "arguable"


def test_every_entry_names_its_act_and_most_have_a_structure() -> None:
    counts = {}
    for key in ("UN-1961", "UN-1971"):
        entries = get_instrument(key).entries
        counts[key] = (len(entries), sum(not one.smiles for one in entries))
        assert all(one.citation.source.startswith("http") for one in entries)
        assert len({one.key for one in entries}) == len(entries)
    assert counts == {"UN-1961": (141, 6), "UN-1971": (176, 0)}


def test_pseudococaine_and_isocodeine_are_told_from_what_they_differ_from() -> None:
    def clause(smiles: str) -> str:
        (found,) = (one for one in classify(smiles, NOW, ["DE"]) if one.instrument == "DE-BtMG")
        return found.clause

    assert clause(COCAINE) == "Anlage III, Cocain (Benzoylecgoninmethylester)"
    assert clause("COC(=O)C1C(OC(=O)c2ccccc2)CC2CCC1N2C") == clause(COCAINE)
    assert clause(COCAINE.replace("COC(=O)[C@H]1", "COC(=O)[C@@H]1")) == "Anlage II, d-Cocain"
    isocodeine = "COc1ccc2c3c1O[C@H]1[C@H](O)C=C[C@H]4[C@@H](C2)N(C)CC[C@@]341"
    assert clause(isocodeine) == "Anlage II, Isocodein"
    codeine = "COc1ccc2c3c1O[C@H]1[C@@H](O)C=C[C@H]4[C@@H](C2)N(C)CC[C@@]341"
    assert clause(codeine) == "Anlage III, Codein (3-Methylmorphin)"
