"""A drug alert notification, whole, and what becomes of every field of the record."""

from collections import Counter

from tests.notifications.examples import (
    POISONING_SOURCE,
    SEIZURE,
    SEIZURE_SOURCE,
    make_document,
    make_source,
)
from tocsin.notifications.documents.drug_alert import ALERT_ITEMS, IN_TABLES, NOT_ASKED
from tocsin.notifications.formats.document import Section
from tocsin.reports.record import RECORD


def lay_out(section: Section) -> tuple[str, list[str], list[tuple[str, ...]], list[str]]:
    """A section as a reader goes through it: heading, items, rows, gaps."""
    return (
        f"({section.key}) {section.heading}",
        [f"{item.label}: {item.text}" for item in section.items]
        + [section.note] * bool(section.note),
        [] if section.table is None else [section.table.headings, *section.table.rows],
        [gap.label for gap in section.gaps],
    )


def test_a_poisoning_answers_the_ten_items_and_names_what_is_missing() -> None:
    document = make_document(
        "edas", POISONING_SOURCE, statements={"measures_health": "Warned on 3 March."}
    )

    assert document.legal_basis == "Regulation (EU) 2023/1322, Article 13(2)"
    assert [lay_out(section) for section in document.sections] == [
        (
            "(a) Type and origin of the risk",
            [
                "substance: carfentanil; CAS 59708-52-0; InChIKey YDSDEBIZUNNPOB-UHFFFAOYSA-N",
                "class: Fentanyls",
                "type of event: serious adverse event",
                "source: Poison centre",
            ],
            [],
            [],
        ),
        (
            "(b) Date and place of the event",
            ["date of the event: 2026-03-02", "country: Austria", "region: AT13"],
            [],
            ["received by the laboratory", "reported on", "local area", "border post"],
        ),
        (
            "(c) Means of exposure, transmission or dissemination",
            [
                "exposure: confirmed: found in a biological sample",
                "route of use: sniffed",
                "believed to be: heroin",
            ],
            [],
            ["setting", "intention"],
        ),
        (
            "(d) Analytical and toxicological data",
            ["taken in life or after death: ante-mortem", "limit of quantification: 0.1 ng/ml"],
            [
                ("Substance", "Material", "Amount or concentration", "Role"),
                ("carfentanil", "biological sample, blood", "0.5 ng/ml", "sole cause"),
            ],
            ["sampling site", "delay until sampling (hours)", "limit of detection"],
        ),
        (
            "(e) Identification methods",
            ["laboratory: Institute of Forensic Chemistry"],
            [
                ("Substance", "Level that counts", "Techniques", "Evidence"),
                (
                    "carfentanil",
                    "level 2a: library spectrum match; SWGDRUG minimum met; stated as “level 1: "
                    "confirmed by reference standard”, which the evidence does not bear",
                    "mass spectrometry; liquid chromatography (retention time) (written: LC-MS/MS)",
                    "library spectrum matches; reference material: no",
                ),
            ],
            [
                "isomers excluded",
                "reviewed by a second person",
                "accreditation",
                "spectra (SHA-256)",
                "isomer determined",
            ],
        ),
        (
            "(f) Health risks",
            [
                "what makes it serious: life-threatening",
                "severity: 3, severe",
                "outcome: recovered",
                "signs: slow or no breathing; small pupils",
                "treatment: naloxone; ventilation",
                "naloxone, doses given: 2",
                "response to naloxone: partial",
                "age band: 25 to 34",
            ],
            [],
            ["naloxone, all doses together (mg)", "sex"],
        ),
        (
            "(g) Social, safety and security risks",
            [],
            [],
            ["social, safety and security risks"],
        ),
        (
            "(h) Health measures implemented or intended at national level",
            ["health measures implemented or intended: Warned on 3 March."],
            [],
            [],
        ),
        (
            "(i) Measures other than health measures",
            [],
            [],
            ["measures other than health measures"],
        ),
        ("(j) Other information", [], [], ["reporting as", "other information"]),
    ]


def test_of_several_sources_each_item_names_those_that_say_it() -> None:
    other = make_source(SEIZURE, *SEIZURE_SOURCE.identities, number=2)
    section = make_document("edas", POISONING_SOURCE, other).get_section("b")

    assert [(item.label, item.text, item.sources) for item in section.items] == [
        ("date of the event", "2026-03-02", (1,)),
        ("date of the event", "week of 2026-02-23", (2,)),
        ("country", "Austria", (1, 2)),
        ("region", "AT13", (1,)),
    ]
    assert [(gap.key, gap.sources) for gap in section.gaps] == [
        ("received_on", (1, 2)),
        ("reported_on", (1, 2)),
        ("region", (2,)),
        ("local_area", (1, 2)),
        ("border_post", (1, 2)),
    ]


def test_every_field_of_the_record_has_its_letter_once() -> None:
    asked = Counter(key for item in ALERT_ITEMS for key in (*item.fields, *item.of_findings))

    assert max(asked.values()) == 1
    assert {field.key for field in RECORD} == {*asked, *NOT_ASKED, *IN_TABLES}


def test_an_item_that_a_type_of_event_does_not_ask_for_says_so() -> None:
    section = make_document("edas", SEIZURE_SOURCE).get_section("f")

    assert lay_out(section) == (
        "(f) Health risks",
        ["Not asked for in events of this type."],
        [],
        [],
    )
