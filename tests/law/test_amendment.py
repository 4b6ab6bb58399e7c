"""The amendment of number 7 (benzimidazoles) from June 2024 to December 2025, replayed."""

import datetime

from tocsin.law.classification import classify, get_instrument
from tocsin.law.differences import diff
from tocsin.law.lint import derive_verdict
from tocsin.law.model import Verdict

JUNE_2024, DECEMBER_2025 = datetime.date(2024, 6, 30), datetime.date(2025, 12, 31)

NITAZENES = {
    "nitazene": "CCN(CC)CCn1c(Cc2ccccc2)nc2cc([N+](=O)[O-])ccc12",
    "metonitazene": "CCN(CC)CCn1c(Cc2ccc(OC)cc2)nc2cc([N+](=O)[O-])ccc12",
    "etonitazene": "CCN(CC)CCn1c(Cc2ccc(OCC)cc2)nc2cc([N+](=O)[O-])ccc12",
    "protonitazene": "CCN(CC)CCn1c(Cc2ccc(OCCC)cc2)nc2cc([N+](=O)[O-])ccc12",
    "isotonitazene": "CCN(CC)CCn1c(Cc2ccc(OC(C)C)cc2)nc2cc([N+](=O)[O-])ccc12",
    "butonitazene": "CCN(CC)CCn1c(Cc2ccc(OCCCC)cc2)nc2cc([N+](=O)[O-])ccc12",
    "sec-butonitazene": "CCN(CC)CCn1c(Cc2ccc(OC(C)CC)cc2)nc2cc([N+](=O)[O-])ccc12",
    "clonitazene": "CCN(CC)CCn1c(Cc2ccc(Cl)cc2)nc2cc([N+](=O)[O-])ccc12",
    "flunitazene": "CCN(CC)CCn1c(Cc2ccc(F)cc2)nc2cc([N+](=O)[O-])ccc12",
    "bronitazene": "CCN(CC)CCn1c(Cc2ccc(Br)cc2)nc2cc([N+](=O)[O-])ccc12",
    "etodesnitazene": "CCN(CC)CCn1c(Cc2ccc(OCC)cc2)nc2ccccc12",
    "metodesnitazene": "CCN(CC)CCn1c(Cc2ccc(OC)cc2)nc2ccccc12",
    "N-desethyl isotonitazene": "CCNCCn1c(Cc2ccc(OC(C)C)cc2)nc2cc([N+](=O)[O-])ccc12",
    "N-desethyl etonitazene": "CCNCCn1c(Cc2ccc(OCC)cc2)nc2cc([N+](=O)[O-])ccc12",
    "etonitazepyne": "CCOc1ccc(Cc2nc3cc([N+](=O)[O-])ccc3n2CCN2CCCC2)cc1",
    "metonitazepyne": "COc1ccc(Cc2nc3cc([N+](=O)[O-])ccc3n2CCN2CCCC2)cc1",
    "protonitazepyne": "CCCOc1ccc(Cc2nc3cc([N+](=O)[O-])ccc3n2CCN2CCCC2)cc1",
    "etonitazepipne": "CCOc1ccc(Cc2nc3cc([N+](=O)[O-])ccc3n2CCN2CCCCC2)cc1",
    "ethyleneoxynitazene": "CCN(CC)CCn1c(Cc2ccc3OCCc3c2)nc2cc([N+](=O)[O-])ccc12",
    "methylenedioxynitazene": "CCN(CC)CCn1c(Cc2ccc3OCOc3c2)nc2cc([N+](=O)[O-])ccc12",
    "5-methyl-etodesnitazene": "CCN(CC)CCn1c(Cc2ccc(OCC)cc2)nc2cc(C)ccc12",
}


def _caught(version: str) -> set[str]:
    rules = {one.name: one for one in get_instrument("DE-NpSG").versions}[version]
    return {
        name
        for name, smiles in NITAZENES.items()
        if derive_verdict(rules, "7", smiles) is Verdict.CONTROLLED
    }


def test_june_2024_catches_18_of_21() -> None:
    missed = {"ethyleneoxynitazene", "methylenedioxynitazene", "5-methyl-etodesnitazene"}
    assert len(NITAZENES) == 21
    assert _caught("2024") == set(NITAZENES) - missed


def test_december_2025_catches_all_21() -> None:
    assert _caught("2025") == set(NITAZENES)


def test_every_nitazene_is_caught_in_germany_in_december_2025() -> None:
    verdicts = {
        name: tuple(one.verdict.value for one in classify(smiles, DECEMBER_2025, ["DE"]))
        for name, smiles in NITAZENES.items()
    }
    # The narcotics act took it on a day between two copies: until then the other act holds.
    assert verdicts.pop("5-methyl-etodesnitazene") == ("arguable", "controlled")
    assert set(verdicts.values()) == {("controlled", "excluded"), ("not-found", "controlled")}


def test_diff_lists_the_three_the_amendment_added_and_the_one_the_narcotics_act_took() -> None:
    changes = {
        one.name: (one.before.verdict.value, one.after.verdict.value)
        for one in diff("DE-NpSG", JUNE_2024, DECEMBER_2025, NITAZENES.items())
    }
    assert changes == {
        "butonitazene": ("controlled", "excluded"),
        "ethyleneoxynitazene": ("not-found", "controlled"),
        "methylenedioxynitazene": ("not-found", "controlled"),
        "5-methyl-etodesnitazene": ("not-found", "controlled"),
    }


def test_diff_passes_over_what_cannot_be_read() -> None:
    assert list(diff("DE-NpSG", JUNE_2024, DECEMBER_2025, [("bad", "C1CC(")])) == []
