"""The Annex to Framework Decision 2004/757/JHA and the scheduled precursors."""

import datetime

import pytest

from tocsin.law.classification import classify, get_instrument
from tocsin.law.dates import count_days_left
from tocsin.law.model import Answer

TWO_MMC = "CNC(C)C(=O)c1ccccc1C"
NEP = "CCCC(NCC)C(=O)c1ccccc1"
FOUR_BMC = "CNC(C)C(=O)c1ccc(Br)cc1"


def _answer(smiles: str, on: str, key: str = "EU-FD-2004-757") -> Answer:
    answers = classify(smiles, datetime.date.fromisoformat(on), ["EU"])
    return next(one for one in answers if one.instrument == key)


def _days(answer: Answer) -> list[tuple[str, str]]:
    return [(one.kind, one.on.isoformat()) for one in answer.dates]


@pytest.mark.parametrize("smiles", [TWO_MMC, NEP, FOUR_BMC])
@pytest.mark.parametrize(
    ("on", "verdict", "left"),
    [
        ("2026-01-11", "not-found", (1, 182)),
        ("2026-01-12", "controlled", (None, 181)),
        ("2026-07-11", "controlled", (None, 1)),
        ("2026-07-12", "controlled", (None, None)),
    ],
)
def test_three_cathinones_follow_the_timeline_of_directive_2025_2062(
    smiles: str, on: str, verdict: str, left: tuple[int | None, int | None]
) -> None:
    answer = _answer(smiles, on)
    assert answer.verdict.value == verdict
    assert answer.since == (datetime.date(2026, 1, 12) if verdict == "controlled" else None)
    assert _days(answer) == [
        ("risk-assessment", "2025-05-21"),
        ("submitted", "2025-05-27"),
        ("adopted", "2025-10-14"),
        ("published", "2025-12-23"),
        ("in-force", "2026-01-12"),
        ("transposition-deadline", "2026-07-12"),
    ]
    assert answer.dates[0].began_on == datetime.date(2025, 5, 20)
    day = datetime.date.fromisoformat(on)
    assert tuple(count_days_left(one, day) for one in answer.dates[-2:]) == left
    assert all(one.verified and one.source for one in answer.dates)


def test_what_is_on_its_way_is_told_from_its_first_step_on() -> None:
    before, after = _answer(TWO_MMC, "2025-05-19"), _answer(TWO_MMC, "2025-05-20")
    assert (before.dates, before.traces[0].reason) == ((), "not found in the rules loaded")
    assert after.verdict.value == "not-found"
    assert after.traces[0].reason.endswith("2-MMC is listed from 2026-01-12 on")


def test_annex_holds_what_each_directive_added() -> None:
    entries = get_instrument("EU-FD-2004-757").entries
    acts = [one.dates[0].act for one in entries]
    assert {act: acts.count(act) for act in acts} == {
        "Directive (EU) 2017/2103": 19,
        "Delegated Directive (EU) 2019/369": 5,
        "Delegated Directive (EU) 2020/1687": 1,
        "Delegated Directive (EU) 2021/802": 2,
        "Delegated Directive (EU) 2022/1326": 2,
        "Delegated Directive (EU) 2025/2062": 3,
    }
    assert all(one.smiles for one in entries)


@pytest.mark.parametrize(
    ("name", "smiles", "before", "after"),
    [
        ("mephedrone", "CNC(C)C(=O)c1ccc(C)cc1", "2017-11-21", "2017-11-22"),
        ("furanylfentanyl", "O=C(N(c1ccccc1)C1CCN(CCc2ccccc2)CC1)c1ccco1", "", "2019-03-27"),
        ("3-MMC", "CNC(C)C(=O)c1cccc(C)c1", "2022-07-29", "2022-08-18"),
    ],
)
def test_entries_begin_with_their_directive(
    name: str, smiles: str, before: str, after: str
) -> None:
    assert _answer(smiles, after).verdict.value == "controlled", name
    if before:
        assert _answer(smiles, before).verdict.value == "not-found", name


def test_day_no_article_was_read_for_is_arguable_and_reckoned_dates_say_so() -> None:
    answer = _answer("CNC(C)C(=O)c1cccc(C)c1", "2022-08-01")
    assert answer.verdict.value == "arguable"
    assert [one.kind for one in answer.dates if not one.verified] == [
        "in-force",
        "transposition-deadline",
    ]
    assert any("was not read" in note for note in answer.traces[0].unverified)


def test_chloroephedrines_are_four_drawings_and_a_flat_one_is_any_of_them() -> None:
    entries = [one for one in get_instrument("EU-Precursors").entries if "chloro" in one.key]
    assert {one.names[0]: one.inchikey for one in entries} == {
        "(1R,2S)-(-)-chloroephedrine": "HZCQDJZPLJOGQS-WPRPVWTQSA-N",
        "(1S,2R)-(+)-chloroephedrine": "HZCQDJZPLJOGQS-PSASIEDQSA-N",
        "(1S,2S)-(+)-chloropseudoephedrine": "HZCQDJZPLJOGQS-WCBMZHEXSA-N",
        "(1R,2R)-(-)-chloropseudoephedrine": "HZCQDJZPLJOGQS-SCZZXKLOSA-N",
    }
    # Chlorine ranks as oxygen does at the first carbon, so that the letters are ephedrine's.
    for entry in entries:
        found = _answer(entry.smiles, "2026-11-01", "EU-Precursors")
        assert found.clause == f"Category 1, {entry.names[0]}"
    flat = _answer("CNC(C)C(Cl)c1ccccc1", "2026-11-01", "EU-Precursors")
    assert flat.verdict.value == "controlled"


@pytest.mark.parametrize(
    ("name", "smiles", "day", "verdict"),
    [
        ("4-piperidone", "O=C1CCNCC1", "2025-08-13", "not-found"),
        ("4-piperidone", "O=C1CCNCC1", "2025-08-14", "controlled"),
        ("norfentanyl", "CCC(=O)N(c1ccccc1)C1CCNCC1", "2023-02-19", "not-found"),
        ("norfentanyl", "CCC(=O)N(c1ccccc1)C1CCNCC1", "2023-02-20", "controlled"),
        ("MAPA", "COC(=O)C(C(C)=O)c1ccccc1", "2020-12-20", "arguable"),
        ("MAPA", "COC(=O)C(C(C)=O)c1ccccc1", "2021-01-13", "controlled"),
    ],
)
def test_precursors_begin_on_the_day_of_their_regulation(
    name: str, smiles: str, day: str, verdict: str
) -> None:
    assert _answer(smiles, day, "EU-Precursors").verdict.value == verdict, name
