"""What share of a laboratory's words the register answers."""

import json
from pathlib import Path

import pytest

from tocsin.errors import BadRegisterError
from tocsin.substances.curation.coverage import (
    derive_coverage,
    load_file_answers,
    main,
    read_counts,
)

# Names that laboratories report, with the entry each must lead to; chosen where a neighbour is near.
RIGHT_ENTRIES = {
    "Methamphetamine": "methamphetamine",
    "Cannabis/THC": "cannabis-unspecified",
    "Fluorofentanyl": "fluorofentanyl-isomer-undetermined",
    "para-Fluorofentanyl": "para-fluorofentanyl",
    "Methyl Acetyl Fentanyl": "methylacetylfentanyl-isomer-undetermined",
    "para-Methyl acetyl fentanyl": "para-methylacetylfentanyl",
    "Sildenafil Citrate (Viagra)": "sildenafil",
    "Tetrahydrocannabinol/tetrahydrocannabinolic acid": "thc-or-thca",
    "Delta-9-Tetrahydrocannabinol Acetate": "delta-9-tetrahydrocannabinol-acetate",
    "Magnesium Sulfate": "magnesium-sulfate",
    "Magnesium": "magnesium",
    "Phosphorus": "phosphorus",
    "Phosphorus, Red": "phosphorus-red",
    "Dexamethasone": "dexamethasone",
    "Betamethasone": "betamethasone",
    "Sorbitol": "sorbitol",
    "Phenylpropanolamine": "norephedrine",
    "Phenylephrine": "phenylephrine",
    "Nordihydrocapsaicin": "nordihydrocapsaicin",
    "Dihydrocapsaicin": "dihydrocapsaicin",
    "N-Methylephedrine": "n-methylephedrine",
    "Omeprazole": "omeprazole",
    "Esomeprazole": "esomeprazole",
    "Etiracetam": "etiracetam",
    "No Controlled Drug Identified": "",
    "No Analysis": "",
    "Unspecified Pharmacuetical Preparation": "",
}
# A misspelling or an abbreviation between two substances is for a person.
FOR_A_PERSON = ["Phenylephedrine", "Turosemide", "MBZ", "4F-AB-PINACA", "Bromoethylbenzene"]


def test_coverage_counts_names_once_and_detections_by_their_number() -> None:
    counts = {"Fentanyl": 90, "Heroin": 5, "Gray stuff": 3, "Blue stuff": 2}
    coverage = derive_coverage(counts, {"Fentanyl", "Heroin"}.__contains__)
    assert (coverage.answered_names, coverage.names) == (2, 4)
    assert (coverage.answered_detections, coverage.detections) == (95, 100)
    assert coverage.unanswered == (("Gray stuff", 3), ("Blue stuff", 2))


def test_coverage_of_nothing_is_zero() -> None:
    coverage = derive_coverage({}, lambda name: True)
    assert (coverage.share_of_names, coverage.share_of_detections) == (0.0, 0.0)


def test_counts_of_a_name_are_summed_over_the_lines(tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    file.write_text("what,many\nHeroin,2\n Heroin ,3.0\n", encoding="utf-8")
    assert read_counts(file, "what", "many") == {"Heroin": 5}


@pytest.mark.parametrize("text", ["what\nHeroin\n", "what,many\nHeroin,lots\n"])
def test_a_file_without_counts_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "counts.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadRegisterError, match=r"counts\.csv"):
        read_counts(file, "what", "many")


def test_names_lead_to_the_right_entry_and_statements_to_none() -> None:
    answer = load_file_answers()
    assert {name: answer(name) for name in RIGHT_ENTRIES} == RIGHT_ENTRIES


def test_what_may_mean_two_substances_is_left_to_a_person() -> None:
    answer = load_file_answers()
    assert {name: answer(name) for name in FOR_A_PERSON} == dict.fromkeys(FOR_A_PERSON)


@pytest.mark.shared
def test_nine_of_ten_detections_and_names_of_nflis_are_answered(shared: Path) -> None:
    counts = read_counts(
        shared / "data/seizures/nflis_annual_by_substance.csv", "SubstanceDetected", "Freq"
    )
    answer = load_file_answers()
    coverage = derive_coverage(counts, lambda name: answer(name) is not None)
    assert (coverage.names, coverage.detections) == (2_480, 17_759_878)
    assert coverage.share_of_detections >= 0.999, coverage.unanswered[:40]
    assert coverage.share_of_names >= 0.93, coverage.unanswered[:40]


@pytest.mark.shared
def test_the_command_prints_the_shares_and_the_most_frequent_unanswered_names(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(shared / "data/seizures/nflis_annual_by_substance.csv")
    main([file, "--show", "1", "--json"])
    figures = json.loads(capsys.readouterr().out)
    assert figures["unanswered"] == [["D-Tertylone", 189]]
    main([file, "--show", "1"])
    assert capsys.readouterr().out.endswith("       189  D-Tertylone\n")
