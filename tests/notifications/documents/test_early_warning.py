"""First detections and event packages, whole."""

from dataclasses import replace
from datetime import date

import pytest

from tests.notifications.documents.test_drug_alert import lay_out
from tests.notifications.examples import (
    POISONING_SOURCE,
    SEIZURE,
    SEIZURE_SOURCE,
    make_document,
    make_source,
)
from tocsin.notifications.documents.source import Novelty, Subject
from tocsin.notifications.vocabulary import Claim


def test_a_first_detection_in_a_seizure_has_all_headings_with_their_gaps() -> None:
    document = make_document("ews-first-detection", SEIZURE_SOURCE)

    assert [lay_out(section)[0] for section in document.sections] == [
        "(first_detection) First detection",
        "(substance) Substance",
        "(event) Event",
        "(seizure) Circumstances of the seizure",
        "(findings) Findings",
        "(identification) Identification",
        "(legal_status) Status in law on 2026-03-09",
        "(initial_report) Further headings of an initial report",
        "(manufacture) Methods and precursors used to manufacture",
    ]
    told = [lay_out(one)[1:] for one in document.sections if one.key != "legal_status"]
    assert told == [
        (
            [
                "checked against what this organisation holds: "
                "holds: no earlier finding of carfentanil is held, in Austria or elsewhere",
                "Not confirmed: SWGDRUG minimum not met (a technique of category A, or a third "
                "technique, is missing).",
            ],
            [],
            ["first detection in the country"],
        ),
        (
            [
                "name: carfentanil",
                "as written: Carfentanil",
                "kind: substance",
                "class: Fentanyls",
                "formula: C24H30N2O3",
                "average mass (Da): 394.515",
                "CAS number: 59708-52-0",
                "InChIKey: YDSDEBIZUNNPOB-UHFFFAOYSA-N",
                "SMILES: CCC(=O)N(c1ccccc1)C1(C(=O)OC)CCN(CCc2ccccc2)CC1",
                "common name: carfentanyl",
                "structure: by two independent routes",
            ],
            [],
            [],
        ),
        (
            [
                "reference: L-1",
                "type of event: seizure",
                "date of the event: week of 2026-02-23",
                "country: Austria",
            ],
            [],
            [
                "received by the laboratory",
                "reported on",
                "reporting as",
                "source",
                "region",
                "local area",
                "border post",
            ],
        ),
        (
            [
                "authority: customs",
                "country of origin: China",
                "countries of transit: Netherlands; Germany",
            ],
            [],
            [
                "number of seizures",
                "sold as",
                "country of destination",
                "concealment",
                "price in euro",
            ],
        ),
        (
            [],
            [
                ("Substance", "Material", "Amount or concentration", "Purity"),
                ("carfentanil", "seized material, powder", "12.5 g", "1.2 %"),
                ("unheard-of thing (not in the register)", "seized material", "–", "–"),
            ],
            ["colour", "logo or imprint", "dimensions", "packaging and label"],
        ),
        (
            [],
            [
                ("Substance", "Level that counts", "Techniques", "Evidence"),
                (
                    "carfentanil",
                    "SWGDRUG minimum not met (a technique of category A, or a third technique, "
                    "is missing)",
                    "colour test",
                    "–",
                ),
                ("unheard-of thing (not in the register)", "not stated", "–", "–"),
            ],
            [
                "isomers excluded",
                "reviewed by a second person",
                "laboratory",
                "accreditation",
                "spectra (SHA-256)",
                "evidence of mass spectra",
                "reference material",
                "isomer determined",
                "level of identification",
            ],
        ),
        (
            [],
            [],
            [
                "pharmacology and toxicology",
                "involvement of criminal groups",
                "use as a medicine",
                "commercial, industrial or scientific use",
            ],
        ),
        (
            ["Held by the Agency / Europol; not part of this package."],
            [],
            ["reference no."],
        ),
    ]


def test_the_heading_on_manufacture_holds_a_reference_and_nothing_else() -> None:
    section = make_document(
        "ews-event", SEIZURE_SOURCE, statements={"manufacture_reference": "EDOC-1234567"}
    ).get_section("manufacture")

    assert lay_out(section) == (
        "(manufacture) Methods and precursors used to manufacture",
        ["reference no.: EDOC-1234567", "Held by the Agency / Europol; not part of this package."],
        [],
        [],
    )


@pytest.mark.parametrize(
    ("novelty", "said"),
    [
        pytest.param(
            Novelty(),
            "cannot be checked: the name stands for no substance of the register",
            id="unknown name",
        ),
        pytest.param(
            Novelty(Claim.NOT_FIRST),
            "does not hold: an earlier finding of carfentanil in Austria is held",
            id="earlier in the country",
        ),
        pytest.param(
            Novelty(Claim.FIRST_IN_COUNTRY),
            "holds for Austria: no earlier finding of carfentanil there is held; "
            "earlier ones in other countries are",
            id="earlier elsewhere",
        ),
        pytest.param(
            Novelty(Claim.NOT_FIRST, counted_on=date(2025, 2, 3)),
            "does not hold: counts of carfentanil in Austria of 2025-02 are held; "
            "their reports were erased when their time was over",
            id="counted in the country",
        ),
        pytest.param(
            Novelty(Claim.FIRST_IN_COUNTRY, counted_on=date(2025, 2, 3)),
            "holds for Austria: no earlier finding of carfentanil there is held; counts in other "
            "countries of 2025-02 are, their reports were erased when their time was over",
            id="counted elsewhere",
        ),
    ],
)
def test_whether_it_is_the_first_is_said_as_far_as_it_is_known(novelty: Novelty, said: str) -> None:
    document = make_document("ews-first-detection", SEIZURE_SOURCE, novelty=novelty)

    assert document.get_section("first_detection").items[-1].text == said


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("", "Not confirmed: not stated."),
        (
            "schymanski-2a",
            "Not confirmed: level 2a: library spectrum match; stated by the laboratory, without "
            "evidence in the record.",
        ),
        ("schymanski-1", ""),
        ("swgdrug-met", ""),
    ],
)
def test_a_first_detection_that_is_not_confirmed_says_so(level: str, said: str) -> None:
    [finding, other] = SEIZURE.findings
    finding = replace(finding, identification_level=level, details=())
    other = replace(other, identification_level="schymanski-1")
    evidence = replace(SEIZURE, findings=(finding, other))
    document = make_document(
        "ews-first-detection", make_source(evidence, *SEIZURE_SOURCE.identities)
    )

    assert document.get_section("first_detection").note == said


def test_evidence_that_meets_the_minimum_of_swgdrug_confirms_a_first_detection() -> None:
    document = make_document("ews-first-detection", POISONING_SOURCE)

    assert document.get_section("first_detection").note == ""


@pytest.mark.parametrize(
    ("event_types", "heading"),
    [
        (["seizure"], "Circumstances of the seizure"),
        (["seizure", "site"], "Circumstances of the seizure"),
        (["collected-sample"], "How it was offered"),
        (["online-purchase", "collected-sample"], "How it was offered"),
        (["seizure", "online-purchase"], "Circumstances"),
        (["site"], "Circumstances"),
    ],
)
def test_nothing_is_called_a_seizure_that_was_none(event_types: list[str], heading: str) -> None:
    sources = [
        make_source(replace(SEIZURE, event_type=one), *SEIZURE_SOURCE.identities, number=number)
        for number, one in enumerate(event_types, 1)
    ]

    assert make_document("ews-event", *sources).get_section("seizure").heading == heading


def test_an_event_package_of_a_poisoning_has_its_circumstances_and_no_claim_to_be_first() -> None:
    document = make_document("ews-event", POISONING_SOURCE)

    assert [section.key for section in document.sections] == [
        "substance",
        "event",
        "poisoning",
        "treatment",
        "findings",
        "identification",
        "legal_status",
        "initial_report",
        "manufacture",
    ]


def test_a_name_that_stands_for_nothing_is_a_gap() -> None:
    subject = Subject("unheard-of thing", None)
    section = make_document("ews-event", SEIZURE_SOURCE, subject=subject).get_section("substance")

    assert lay_out(section)[1:] == (
        ["as written: unheard-of thing"],
        [],
        ["entry of the register: the name stands for nothing yet"],
    )
