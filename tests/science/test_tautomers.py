"""Tautomers are alerted to, whichever way InChI or RDKit sees them; others are not."""

import pytest

from tocsin.science.tautomers import TautomerAlert, list_tautomer_alerts, list_tautomer_pairs


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        pytest.param("O=c1cc[nH]cc1", "Oc1ccncc1", "mobile-hydrogen", id="pyridone"),
        pytest.param("CC(O)=NC", "CC(=O)NC", "mobile-hydrogen", id="imidic acid"),
        pytest.param(
            "CC1OC(N)=NC1c1ccccc1", "CC1OC(=N)NC1c1ccccc1", "mobile-hydrogen", id="aminorex"
        ),
        pytest.param("CC(=O)Cc1ccccc1", "CC(O)=Cc1ccccc1", "keto-enol", id="enol of a ketone"),
        pytest.param(
            "CC(O)C(=O)c1ccccc1", "CC(=O)C(O)c1ccccc1", "keto-enol", id="two ketols, one enediol"
        ),
        pytest.param("CN=C(C)C", "CNC(C)=C", "hetero-atoms", id="imine and enamine"),
        pytest.param("C[C@H](N)CC", "CC(N)CC", None, id="stereochemistry only"),
        pytest.param("[2H]C(N)CC", "CC(N)C", None, id="an isotope, and another skeleton"),
        pytest.param("[2H]CCN", "CCN", None, id="an isotope only"),
        pytest.param("C1=CCCCC1C", "C1CCCC=C1C", None, id="double bonds without hetero atoms"),
        pytest.param("CC(N)C(=O)c1ccccc1", "CC(=O)C(N)c1ccccc1", None, id="aminoketones"),
        pytest.param("Cc1ccccc1O", "Cc1cccc(O)c1", None, id="positions"),
    ],
)
def test_a_pair_is_alerted_to_in_both_directions(one: str, other: str, reason: str | None) -> None:
    expected = (TautomerAlert("it", reason),) if reason else ()  # type: ignore[arg-type]
    assert list_tautomer_alerts(one, [("it", other)]) == expected
    assert list_tautomer_alerts(other, [("it", one)]) == expected


def test_pairs_are_looked_for_among_entries_of_one_formula() -> None:
    entries = [
        ("enol", "CC(O)=CC(C)=O", "C5H8O2"),
        ("ester", "COC(=O)C=CC", "C5H8O2"),
        ("ketone", "CC(=O)CC(C)=O", "C5H8O2"),
        ("water", "O", "H2O"),
    ]
    assert list_tautomer_pairs(entries) == [("enol", "ketone", "keto-enol")]
