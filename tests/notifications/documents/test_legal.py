"""The status in law of a substance, as the rules loaded of a day say it."""

from dataclasses import replace
from datetime import date

import pytest

from tests.notifications.documents.test_drug_alert import lay_out
from tests.notifications.examples import CARFENTANIL
from tocsin.law.classification import classify
from tocsin.notifications.documents.legal import tell_legal_status
from tocsin.notifications.documents.source import Identity, Subject

DAY = date(2026, 3, 9)
NOT_ALL_RULES = (
    "Found in the rules loaded, which are not all rules there are: recognition, not legal advice."
)


def tell(smiles: str, country: str, on: date = DAY, **stated: str) -> list[str]:
    """What is found and stated on a structure of a reviewed substance."""
    subject = Subject("x", replace(CARFENTANIL, smiles=smiles))
    section = tell_legal_status(subject, country, on, stated)
    return [f"{item.label}: {item.text}" for item in section.items]


def test_a_listed_substance_is_told_with_clause_citation_and_what_is_unverified() -> None:
    section = tell_legal_status(Subject("x", CARFENTANIL), "DE", DAY, {})

    assert lay_out(section) == (
        "(legal_status) Status in law on 2026-03-09",
        [
            "Betäubungsmittelgesetz: controlled; Anlage I, Carfentanil; BGBl. I 2001, 1180 - 1186, "
            "as amended; text of 2026-08-19; known since 2024-05-24 (unverified: first day: listed "
            "since before the first copy read)",
            "Neue-psychoaktive-Stoffe-Gesetz: excluded; Anlage 1 Nummer 1; DE-BtMG goes before: "
            "Anlage I, listed as Carfentanil; BGBl. 2025 I Nr. 292, S. 3 - 21; text of 2025-12-17",
            "Single Convention on Narcotic Drugs, 1961: controlled; Schedule I, Carfentanil; "
            "decisions of the Commission on Narcotic Drugs, 61st session, 12 to 16 March 2018; text "
            "of 2018-03-16; known since 2019-03-16 (unverified: the decision itself was not read, "
            "only the recommendation before it; first day: a year after the decision is taken; the "
            "day of its communication to the parties was not read)",
            "not found in the rules loaded: Annex to Council Framework Decision 2004/757/JHA; "
            "Scheduled drug precursors",
            "not found in the part loaded: Convention on Psychotropic Substances, 1971",
            NOT_ALL_RULES,
        ],
        [],
        [],
    )


def test_a_precursor_is_not_called_a_controlled_drug() -> None:
    # 1-phenyl-2-propanone, category 1 of Regulation (EC) No 273/2004.
    [said] = [one for one in tell("CC(=O)Cc1ccccc1", "AT") if one.startswith("Scheduled drug")]

    assert "controlled as a precursor" in said


def test_what_needs_a_chemist_is_said_with_the_clause_and_the_reason() -> None:
    # rilmazafone, an example of that clause in its data file.
    smiles = "CN(C)C(=O)c1nc(CNC(=O)CN)n(-c2ccc(Cl)cc2C(=O)c2ccccc2Cl)n1"
    [said] = [one for one in tell(smiles, "DE") if one.startswith("Neue-psychoaktive")]
    [answer] = [one for one in classify(smiles, DAY, ["DE"]) if one.instrument == "DE-NpSG"]

    assert said.startswith(
        "Neue-psychoaktive-Stoffe-Gesetz: arguable, needs a chemist; Anlage 1 Nummer 3"
    )
    assert answer.traces[0].reason in said


def test_the_text_of_the_day_counts() -> None:
    before = tell(CARFENTANIL.smiles, "DE", date(2018, 1, 1))

    assert not any("1961: controlled" in one for one in before)
    assert any(one.startswith("no text loaded for this day: Betäubungs") for one in before)


def test_a_country_without_rules_loaded_is_a_gap_until_somebody_says_it() -> None:
    subject = Subject("x", CARFENTANIL)
    silent = tell_legal_status(subject, "AT", DAY, {})
    stated = tell_legal_status(subject, "AT", DAY, {"national_restrictions": "Act of 1 May."})

    assert [one.key for one in silent.gaps] == ["national_restrictions"]
    assert stated.gaps == ()
    assert stated.items[-1].text == "Act of 1 May."
    assert [one.key for one in tell_legal_status(subject, "", DAY, {}).gaps] == [
        "national_restrictions"
    ]


@pytest.mark.parametrize(
    "identity",
    [
        pytest.param(None, id="no entry of the register"),
        pytest.param(replace(CARFENTANIL, smiles=""), id="no structure"),
        pytest.param(replace(CARFENTANIL, smiles="C1CC"), id="a structure that cannot be read"),
    ],
)
def test_without_a_structure_nothing_can_be_asked(identity: Identity | None) -> None:
    stated = {"international_status": "Under review."}
    section = tell_legal_status(Subject("x", identity), "DE", DAY, stated)

    assert [one.text for one in section.items] == ["Under review."]
    assert [one.key for one in section.gaps] == ["structure", "national_restrictions"]


def test_answers_on_a_structure_that_is_not_reviewed_say_so() -> None:
    section = tell_legal_status(
        Subject("x", replace(CARFENTANIL, is_reviewed=False)), "DE", DAY, {}
    )

    assert section.note.endswith(
        "The structure is not reviewed, and so is no answer that rests on it."
    )
