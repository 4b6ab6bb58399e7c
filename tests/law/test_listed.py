"""Lists of substances by name: names, exemptions, and what states are loaded."""

import datetime

import pytest

from tocsin.law.classification import get_instrument
from tocsin.law.listed import find_by_name, is_within
from tocsin.law.model import Exemption

SEPTEMBER_2026 = datetime.date(2026, 9, 1)


def test_the_narcotics_act_holds_481_entries_of_three_states() -> None:
    entries = get_instrument("DE-BtMG").entries
    days = [one.valid_from.isoformat() for one in entries]
    assert len(entries) == 481
    assert {day: days.count(day) for day in set(days)} == {
        "2024-05-24": 461,
        "2024-12-05": 4,
        "2026-01-04": 3,
        "2026-05-28": 11,
        "2026-08-19": 2,
    }


def test_structures_have_two_routes_or_are_absent() -> None:
    entries = get_instrument("DE-BtMG").entries
    assert sum(one.review == "two-routes" for one in entries) == 464
    assert all(bool(one.smiles) == (one.review == "two-routes") for one in entries)
    assert all(len(set(one.routes)) == 2 for one in entries if one.smiles)


@pytest.mark.parametrize("name", ["Heroin", "Cocain", "Fentanyl", "Zolpidem", "GHB"])
def test_entries_are_found_by_the_names_of_the_law(name: str) -> None:
    entries = get_instrument("DE-BtMG").entries
    assert any(name in written for one in entries for written in one.names)


def test_names_are_found_without_regard_to_case() -> None:
    found = find_by_name(get_instrument("DE-BtMG"), "DIAZEPAM", SEPTEMBER_2026)
    assert [(one.annex, one.exemptions[0].mass_up_to_mg) for one in found] == [("III", 10.0)]
    assert find_by_name(get_instrument("DE-BtMG"), "Zuranolon", datetime.date(2024, 6, 1)) == []


def test_unknown_cas_numbers_of_precursors_stay_empty() -> None:
    entries = get_instrument("EU-Precursors").entries
    assert len(entries) == 62
    assert sum(not one.cas for one in entries) == 15


@pytest.mark.parametrize(
    ("percent", "within"), [(None, None), (20.0, False), (20.1, True), (100.0, True)]
)
def test_a_concentration_is_compared_with_the_figure(
    percent: float | None, within: bool | None
) -> None:
    exemption = Exemption("mehr als 20 Prozent", only_when=True, concentration_above_percent=20.0)
    assert is_within(exemption, percent, None) is within


@pytest.mark.parametrize(("mass_mg", "within"), [(None, None), (10.0, True), (10.1, False)])
def test_a_dose_is_compared_with_the_figure(mass_mg: float | None, within: bool | None) -> None:
    exemption = Exemption("bis zu 10 mg", only_when=False, mass_up_to_mg=10.0)
    assert is_within(exemption, None, mass_mg) is within


def test_an_exemption_without_figures_is_undecided() -> None:
    assert is_within(Exemption("zu Zierzwecken", only_when=False), 1.0, 1.0) is None
