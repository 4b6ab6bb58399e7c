"""What an instrument answers: precedence, exclusions, lists, days and traces."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import UnknownInstrumentError
from tocsin.law.classification import (
    _answer_between,
    classify,
    find_version,
    get_instrument,
    list_jurisdictions,
)
from tocsin.law.loading import list_medicine_rows
from tocsin.law.model import Answer, Trace, Verdict
from tocsin.law.subject import read_subject

JUNE_2024 = datetime.date(2024, 6, 30)
DECEMBER_2025 = datetime.date(2025, 12, 31)
SEPTEMBER_2026 = datetime.date(2026, 9, 1)


def _answer(smiles: str, on: datetime.date, instrument: str) -> Answer:
    return next(one for one in classify(smiles, on) if one.instrument == instrument)


def _verdict(smiles: str, on: datetime.date, instrument: str) -> str:
    return _answer(smiles, on, instrument).verdict.value


@pytest.mark.parametrize(
    ("name", "smiles"),
    [
        ("dopamine", "NCCc1ccc(O)c(O)c1"),
        ("adrenaline", "CNCC(O)c1ccc(O)c(O)c1"),
        ("noradrenaline", "NCC(O)c1ccc(O)c(O)c1"),
        ("tyramine", "NCCc1ccc(O)cc1"),
        ("phenethylamine", "NCCc1ccccc1"),
        ("serotonin", "NCCc1c[nH]c2ccc(O)cc12"),
        ("melatonin", "COc1ccc2[nH]cc(CCNC(C)=O)c2c1"),
        ("tryptamine", "NCCc1c[nH]c2ccccc12"),
        ("N-acetylserotonin", "CC(=O)NCCc1c[nH]c2ccc(O)cc12"),
        ("histamine", "NCCc1c[nH]cn1"),
        ("phenylalanine", "NC(Cc1ccccc1)C(=O)O"),
        ("tryptophan", "NC(Cc1c[nH]c2ccccc12)C(=O)O"),
        ("acetylcholine", "CC(=O)OCC[N+](C)(C)C"),
        ("gamma-aminobutyric acid", "NCCCC(=O)O"),
    ],
)
@pytest.mark.parametrize("on", [JUNE_2024, DECEMBER_2025])
def test_endogenous_amines_are_no_hits(name: str, smiles: str, on: datetime.date) -> None:
    assert _verdict(smiles, on, "DE-NpSG") in {"not-found", "excluded"}, name


def test_medicines_of_the_list_are_never_hits() -> None:
    rows = list_medicine_rows()
    hits = [
        row["name"]
        for row in rows
        if _verdict(row["smiles"], DECEMBER_2025, "DE-NpSG") in {"controlled", "arguable"}
    ]
    assert len(rows) > 140
    assert hits == []


def test_a_cage_that_closes_several_rings_is_left_to_a_chemist() -> None:
    answer = _answer("CNC12CC3CC(C1)CC(C3)C2", DECEMBER_2025, "DE-NpSG")
    assert (answer.verdict, answer.clause) == (Verdict.ARGUABLE, "1")
    assert "as in a cage" in answer.traces[0].reason


def test_a_narcotic_is_excluded_from_the_act_on_new_substances() -> None:
    etonitazene = "CCN(CC)CCn1c(Cc2ccc(OCC)cc2)nc2cc([N+](=O)[O-])ccc12"
    answer = _answer(etonitazene, DECEMBER_2025, "DE-NpSG")
    assert (answer.verdict, answer.clause) == (Verdict.EXCLUDED, "7")
    assert answer.traces[0].reason.startswith("DE-BtMG goes before: Anlage I")
    assert _verdict(etonitazene, DECEMBER_2025, "DE-BtMG") == "controlled"


def test_precedence_takes_number_one_away_where_a_special_core_fails() -> None:
    sumatriptan = "CNS(=O)(=O)Cc1ccc2[nH]cc(CCN(C)C)c2c1"
    answer = _answer(sumatriptan, DECEMBER_2025, "DE-NpSG")
    assert (answer.verdict, answer.clause) == (Verdict.EXCLUDED, "1")
    assert "core of number 5.1" in answer.traces[0].reason


def test_the_trace_names_atoms_of_every_branch() -> None:
    answer = _answer("CCNC(C)C(=O)c1ccc(C)cc1F", DECEMBER_2025, "DE-NpSG")
    trace = answer.traces[0]
    assert (answer.verdict, trace.clause, trace.scaffold) == (Verdict.CONTROLLED, "1", "phenyl")
    assert {one.position for one in trace.positions} == {"R1/R2", "R3/R4", "R5/R6", "Rn"}
    drawn = {*trace.scaffold_atoms, *(atom for one in trace.positions for atom in one.atoms)}
    assert drawn == set(range(15))


def test_a_near_miss_is_explained_by_the_failing_branch() -> None:
    # Hexyloxy is one carbon too long for number 7; its core then keeps number 1 away.
    answer = _answer("CCN(CC)CCn1c(Cc2ccc(OCCCCCC)cc2)nc2ccccc12", DECEMBER_2025, "DE-NpSG")
    assert (answer.verdict, answer.clause) == (Verdict.EXCLUDED, "1")
    near = next(one for one in answer.traces if one.clause == "7")
    assert near.reason == (
        "Rn: the group of atoms 0, 1, 2, 3, 4, 5, 6: alkyl has 6 carbon atoms; the text says up to 5"
    )
    failing = [one for one in near.positions if not one.fits]
    assert [(one.position, one.atoms) for one in failing] == [("Rn", tuple(range(7)))]


def test_since_reaches_back_over_unbroken_versions() -> None:
    desnitro = "CCN(CC)CCn1c(Cc2ccccc2)nc2ccccc12"
    assert _answer(desnitro, DECEMBER_2025, "DE-NpSG").since == datetime.date(2024, 6, 27)
    ethyleneoxy = "CCN(CC)CCn1c(Cc2ccc3OCCc3c2)nc2cc([N+](=O)[O-])ccc12"
    assert _answer(ethyleneoxy, DECEMBER_2025, "DE-NpSG").since == datetime.date(2025, 12, 17)


def test_between_two_texts_a_difference_is_arguable() -> None:
    ethyleneoxy = "CCN(CC)CCn1c(Cc2ccc3OCCc3c2)nc2cc([N+](=O)[O-])ccc12"
    answer = _answer(ethyleneoxy, datetime.date(2025, 12, 1), "DE-NpSG")
    assert answer.verdict is Verdict.ARGUABLE
    assert "the text changed between 2025-11-22 and 2025-12-17" in answer.traces[0].reason
    assert _verdict("CCNC(C)C(=O)c1ccccc1F", datetime.date(2025, 12, 1), "DE-NpSG") == "controlled"


@pytest.mark.parametrize("day", [15, 20, 26])
def test_before_the_first_text_is_certain_what_it_does_not_catch_is_not_found(day: int) -> None:
    on = datetime.date(2024, 6, day)
    # Hydroxyethoxy is longer than number 7 of 2024 allows; amfetamine is kept out by the BtMG.
    missed = "CCN(CC)CCn1c(Cc2ccc(OCCO)cc2)nc2cc([N+](=O)[O-])ccc12"
    ethyleneoxy = "CCN(CC)CCn1c(Cc2ccc3OCCc3c2)nc2cc([N+](=O)[O-])ccc12"
    for smiles in (missed, ethyleneoxy, "CC(N)Cc1ccccc1", "CCO"):
        answer = _answer(smiles, on, "DE-NpSG")
        assert (answer.verdict, answer.clause, answer.citation) == (Verdict.NOT_FOUND, "", None)
        assert answer.traces[0].reason == "no text of this instrument before 2024-06-27 is loaded"


def test_before_the_first_text_is_certain_what_it_catches_is_arguable() -> None:
    desnitro = "CCN(CC)CCn1c(Cc2ccccc2)nc2ccccc12"
    answer = _answer(desnitro, datetime.date(2024, 6, 20), "DE-NpSG")
    assert (answer.verdict, answer.clause, answer.since) == (Verdict.ARGUABLE, "7", None)
    assert answer.traces[0].reason == (
        "the text came into force between 2024-06-15 and 2024-06-27; the day is not in the copies "
        "read, and no text before it is loaded"
    )
    before = _answer(desnitro, datetime.date(2024, 6, 14), "DE-NpSG")
    assert before.verdict is Verdict.NOT_FOUND
    assert _verdict(desnitro, datetime.date(2024, 6, 27), "DE-NpSG") == "controlled"


def test_between_two_texts_that_both_miss_nothing_is_arguable() -> None:
    # Missed by the text of 2024, and kept from number 1 by its precedence in that of 2025.
    hexyloxy = "CCN(CC)CCn1c(Cc2ccc(OCCCCCC)cc2)nc2ccccc12"
    days = [datetime.date(2025, 6, 1), datetime.date(2025, 12, 1), DECEMBER_2025]
    verdicts = [_verdict(hexyloxy, day, "DE-NpSG") for day in days]
    assert verdicts == ["not-found", "not-found", "excluded"]
    assert [_verdict("CC(N)Cc1ccccc1", day, "DE-NpSG") for day in days] == ["excluded"] * 3


def _half(verdict: Verdict | None, clause: str = "7") -> Answer | None:
    if verdict is None:
        return None
    traces = (Trace(clause=clause, reason="of the half"),)
    return Answer("DE", "DE-NpSG", clause, verdict, None, None, (), (), traces)


_VERDICTS = st.sampled_from(list(Verdict))


@given(now=st.none() | _VERDICTS, later=st.none() | _VERDICTS)
def test_two_texts_are_arguable_together_only_where_one_of_them_catches(
    now: Verdict | None, later: Verdict | None
) -> None:
    first, second = get_instrument("DE-NpSG").versions
    part = read_subject("CCO").parts[0]
    joined = _answer_between(_half(now), _half(later), first, second, part)
    catching = {Verdict.CONTROLLED, Verdict.ARGUABLE}
    if now is later:
        assert (joined.verdict if joined else None) is now
    elif {now, later} & catching:
        assert joined is not None
        assert joined.verdict is Verdict.ARGUABLE
    else:
        assert joined is None or joined.verdict is Verdict.NOT_FOUND


def test_the_text_that_catches_is_shown_between_two_texts() -> None:
    first, second = get_instrument("DE-NpSG").versions
    part = read_subject("CCO").parts[0]
    now, later = _half(Verdict.CONTROLLED, "3"), _half(Verdict.NOT_FOUND, "")
    joined = _answer_between(now, later, first, second, part)
    assert joined is not None
    assert (joined.verdict, joined.clause) == (Verdict.ARGUABLE, "3")


@pytest.mark.parametrize(
    ("name", "smiles", "clause"),
    [
        ("amfetamine", "CC(N)Cc1ccccc1", "Anlage III, Amfetamin"),
        ("amfetamine sulfate", "CC(N)Cc1ccccc1.OS(O)(=O)=O", "Anlage III, Amfetamin"),
        ("dexamfetamine", "C[C@H](N)Cc1ccccc1", "Anlage III, Dexamfetamin"),
        ("levamfetamine", "C[C@@H](N)Cc1ccccc1", "Anlage II, Levamfetamin"),
        ("metamfetamine", "CNC(C)Cc1ccccc1", "Anlage II, (RS)-Metamfetamin"),
        ("methadone", "CCC(=O)C(CC(C)N(C)C)(c1ccccc1)c1ccccc1", "Anlage III, Methadon"),
        ("methadol", "CCC(O)C(CC(C)N(C)C)(c1ccccc1)c1ccccc1", "Anlage I, Dimepheptanol"),
        ("methylphenidate", "COC(=O)C(c1ccccc1)C1CCCCN1", "Anlage III, Methylphenidat"),
        (
            "moramide",
            "CC(CN1CCOCC1)C(C(=O)N1CCCC1)(c1ccccc1)c1ccccc1",
            "Anlage II, Racemoramid",
        ),
        ("methorphan", "COc1ccc2c(c1)C13CCCCC1C(C2)N(C)CC3", "Anlage I, Racemethorphan"),
        (
            "levomethorphan",
            "COc1ccc2c(c1)[C@@]13CCCC[C@H]1[C@@H](C2)N(C)CC3",
            "Anlage I, Levomethorphan",
        ),
        # The names of d-cocaine and isocodeine hold a configuration that their drawings lack.
        (
            "cocaine",
            "COC(=O)C1C(OC(=O)c2ccccc2)CC2CCC1N2C",
            "Anlage III, Cocain (Benzoylecgoninmethylester)",
        ),
        (
            "codeine",
            "COc1ccc2c3c1OC1C(O)C=CC4C(C2)N(C)CCC341",
            "Anlage III, Codein (3-Methylmorphin)",
        ),
    ],
)
def test_the_entry_of_the_same_configuration_is_cited(name: str, smiles: str, clause: str) -> None:
    assert _answer(smiles, SEPTEMBER_2026, "DE-BtMG").clause == clause, name


def test_the_exclusion_names_the_entry_of_the_same_configuration() -> None:
    answer = _answer("CC(N)Cc1ccccc1", SEPTEMBER_2026, "DE-NpSG")
    assert answer.verdict is Verdict.EXCLUDED
    assert answer.traces[0].reason == "DE-BtMG goes before: Anlage III, listed as Amfetamin"


def test_an_arguable_precedence_of_another_act_makes_the_answer_arguable() -> None:
    thc_acetate = "CCCCCc1cc(OC(C)=O)c2C3C=C(C)CCC3C(C)(C)Oc2c1"
    assert _verdict(thc_acetate, SEPTEMBER_2026, "DE-BtMG") == "arguable"
    answer = _answer(thc_acetate, SEPTEMBER_2026, "DE-NpSG")
    assert (answer.verdict, answer.clause, answer.since) == (Verdict.ARGUABLE, "2.3", None)
    assert answer.traces[0].reason.startswith("unless DE-BtMG goes before: Anlage II, ester of")


def test_a_day_before_the_texts_loaded_says_so() -> None:
    answer = _answer("CCNC(C)C(=O)c1ccccc1F", datetime.date(2020, 1, 1), "DE-NpSG")
    assert answer.verdict is Verdict.NOT_FOUND
    assert "is loaded" in answer.traces[0].reason


def test_annex_2_depends_on_form_and_quantity() -> None:
    assert _verdict("O=C1CCCO1", DECEMBER_2025, "DE-NpSG") == "not-found"
    answer = _answer("O=C1CCCO1", SEPTEMBER_2026, "DE-NpSG")
    assert (answer.verdict, answer.since) == (Verdict.CONTROLLED, datetime.date(2026, 4, 12))
    assert [(one.only_when, one.concentration_above_percent) for one in answer.exemptions] == [
        (True, 20.0)
    ]
    laughing_gas = _answer("[N-]=[N+]=O", SEPTEMBER_2026, "DE-NpSG")
    assert [(one.mass_above_g, one.most_containers) for one in laughing_gas.exemptions] == [
        (8.4, None),
        (None, 10),
    ]


@pytest.mark.parametrize(
    ("smiles", "on", "verdict"),
    [
        ("CC(C)(C)NC(C)C(=O)c1cccc(Cl)c1", DECEMBER_2025, "not-found"),
        ("COc1ccc2C[C@H]3N(C)CC[C@]4(CCCC[C@@H]34)c2c1", DECEMBER_2025, "arguable"),
        ("CC(N)C(O)c1ccccc1", DECEMBER_2025, "arguable"),
        ("C[C@H](N)[C@@H](O)c1ccccc1", DECEMBER_2025, "controlled"),
        ("CNC(C)C(=O)c1ccc(Br)cc1", JUNE_2024, "not-found"),
        ("CNC(C)C(=O)c1ccc(Br)cc1", SEPTEMBER_2026, "controlled"),
        ("CNC(C)C(=O)c1ccc(Br)cc1", datetime.date(2026, 3, 1), "arguable"),
        ("Cc1nnc2n1-c1ccc(Br)cc1C(c1ccccc1)=NC2", datetime.date(2024, 12, 4), "not-found"),
        ("Cc1nnc2n1-c1ccc(Br)cc1C(c1ccccc1)=NC2", datetime.date(2024, 12, 5), "controlled"),
    ],
)
def test_the_narcotics_act_lists_by_day_and_configuration(
    smiles: str, on: datetime.date, verdict: str
) -> None:
    assert _verdict(smiles, on, "DE-BtMG") == verdict


def test_the_union_list_starts_with_its_day() -> None:
    two_mmc = "CNC(C)C(=O)c1ccccc1C"
    assert _verdict(two_mmc, datetime.date(2026, 1, 11), "EU-FD-2004-757") == "not-found"
    assert _verdict(two_mmc, datetime.date(2026, 1, 12), "EU-FD-2004-757") == "controlled"


def test_a_mixture_gives_the_strongest_verdict_and_notes_it() -> None:
    answer = _answer("CCNC(C)C(=O)c1ccccc1F.Cn1cnc2c1c(=O)n(C)c(=O)n2C", DECEMBER_2025, "DE-NpSG")
    assert answer.verdict is Verdict.CONTROLLED
    assert "several organic parts" in answer.traces[-1].reason


def test_an_unloaded_jurisdiction_is_refused() -> None:
    assert set(list_jurisdictions()) >= {"DE", "EU", "UN"}
    assert "XX" not in list_jurisdictions()
    with pytest.raises(UnknownInstrumentError):
        classify("CCO", DECEMBER_2025, ["XX"])
    with pytest.raises(UnknownInstrumentError):
        get_instrument("XX-Act")


def test_versions_follow_each_other_without_a_gap() -> None:
    instrument = get_instrument("DE-NpSG")
    first, second = instrument.versions
    assert first.valid_to == second.valid_from - datetime.timedelta(days=1)
    assert find_version(instrument, DECEMBER_2025) is second
    assert find_version(instrument, datetime.date(2020, 1, 1)) is None
