"""Scheduled precursors derived from a compiled table."""

from tocsin.law.curation.precursors import derive_entries
from tocsin.law.curation.routes import Candidate

ROW = {
    "name": "Anthranilic acid",
    "category": "2B",
    "cn_code": "2922 43 00",
    "cas": "118-92-3",
    "annual_threshold": "1 kg",
    "eu_act_if_added_later": "",
    "cn_confidence": "HS6 seen",
    "cas_confidence": "seen",
}
SMILES = "Nc1ccccc1C(=O)O"
BLOCK = "RWZYAGGXGHYGMB"


def test_a_structure_needs_a_second_source() -> None:
    structures = {"118-92-3": (SMILES, ("anthranilic acid",))}
    register = {BLOCK: [Candidate(("Anthranilic acid",), "register, structure written by hand")]}
    (alone,) = derive_entries([ROW], structures, {}, {})
    (confirmed,) = derive_entries([ROW], structures, register, {})
    (by_hand,) = derive_entries([ROW], structures, {}, {"Anthranilic acid": "OC(=O)c1ccccc1N"})
    assert (alone["review"], "smiles" in alone) == ("name-only", False)
    assert (confirmed["review"], confirmed["smiles"]) == ("two-routes", SMILES)
    assert by_hand["routes"].endswith("structure written by hand from the name")


def test_days_come_from_the_adding_act_and_are_marked() -> None:
    later = ROW | {"eu_act_if_added_later": "1258/2013", "cas": "", "cas_confidence": "none"}
    first, second = derive_entries([ROW, later], {}, {}, {})
    assert (first["valid_from"], first["possible_from"]) == ("2005-08-18", "2005-08-18")
    assert (second["valid_from"], second["possible_from"]) == ("2014-12-31", "2013-01-01")
    assert second["cas"] == ""
    assert "CAS: none" in second["unverified"]
    assert "CN code: HS6 seen" in first["unverified"]
