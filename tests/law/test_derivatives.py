"""Esters and ethers of listed substances are recognised, and left to a chemist."""

import datetime

import pytest

from tocsin.law.classification import classify, get_instrument
from tocsin.law.derivatives import find_derivatives
from tocsin.law.model import Verdict
from tocsin.law.subject import read_subject

ON = datetime.date(2026, 9, 1)


@pytest.mark.parametrize(
    ("smiles", "kind", "name"),
    [
        ("CC(=O)Oc1cccc2[nH]cc(CCN(C)C)c12", "ester", "Psilocin (Psilotsin)"),
        ("COc1cccc2[nH]cc(CCN(C)C)c12", "ether", "Psilocin (Psilotsin)"),
        ("CCCCCc1cc(OC(C)=O)c2C3CC(C)CCC3C(C)(C)Oc2c1", "ester", "Hexahydrocannabinol (HHC)"),
        ("CN1CCC23C4Oc5c(OC(C)=O)ccc(CC1C2C=CC4O)c35", "ester", "Morphin"),
    ],
)
def test_esters_and_ethers_are_arguable(smiles: str, kind: str, name: str) -> None:
    part = read_subject(smiles).parts[0]
    found = {
        (one.kind, one.entry.names[0]) for one in find_derivatives(get_instrument("DE-BtMG"), part)
    }
    assert (kind, name) in found
    assert classify(smiles, ON, ["DE"])[0].verdict is Verdict.ARGUABLE


@pytest.mark.parametrize(
    "smiles",
    [
        "CCOC(=O)CCCO",  # of GHB, which the text takes out
        "CC(=O)Oc1ccccc1C(=O)O",
        "COc1ccc(cc1)C(C)C",
        "C1CCOC1",
    ],
)
def test_other_esters_and_ethers_are_not(smiles: str) -> None:
    assert classify(smiles, ON, ["DE"])[0].verdict is Verdict.NOT_FOUND


def test_a_listed_ester_stays_listed() -> None:
    heroin = "CC(=O)Oc1ccc2CC3C4C=CC(OC(C)=O)C5Oc1c2C45CCN3C"
    assert classify(heroin, ON, ["DE"])[0].verdict is Verdict.CONTROLLED


def test_an_act_without_such_words_has_no_derivatives() -> None:
    part = read_subject("CC(=O)Oc1cccc2[nH]cc(CCN(C)C)c12").parts[0]
    assert list(find_derivatives(get_instrument("EU-Precursors"), part)) == []
