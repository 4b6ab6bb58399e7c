"""FHIR bundles: what becomes a report, and what is refused with its place."""

import contextlib
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import FileTooLargeError, PersonalDataError, TocsinError, UnreadableFileError
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.formats.fhir import FhirProblem, FhirReport, Step, read_bundle


def observation(key: str, **values: Any) -> dict[str, Any]:
    return {
        "fullUrl": f"urn:uuid:{key}",
        "resource": {
            "resourceType": "Observation",
            "id": key,
            "status": "final",
            "specimen": {"reference": "urn:uuid:blood"},
            "method": {"text": "LC-MS/MS"},
            **values,
        },
    }


def bundle(*observations: dict[str, Any], status: str = "final", **report: Any) -> bytes:
    """A post-mortem toxicology result as a laboratory's system writes it."""
    entries = [
        {
            "resource": {
                "resourceType": "DiagnosticReport",
                "id": "r1",
                "identifier": [{"value": "TOX-2026-17"}],
                "status": status,
                "subject": {"reference": "Patient/p1"},
                "effectiveDateTime": "2026-03-02T10:15:00+01:00",
                "issued": "2026-03-20T08:00:00Z",
                "result": [{"reference": one["fullUrl"]} for one in observations],
                **report,
            }
        },
        {
            "resource": {
                "resourceType": "Patient",
                "id": "p1",
                "gender": "female",
                "deceasedDateTime": "2026-03-01",
                "meta": {"lastUpdated": "2026-03-20T08:00:00Z"},
            }
        },
        {
            "fullUrl": "urn:uuid:blood",
            "resource": {
                "resourceType": "Specimen",
                "type": {"text": "femoral blood"},
                "collection": {"collectedDateTime": "2026-03-02T09:00:00+01:00"},
            },
        },
        *observations,
    ]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def read(text: bytes) -> FhirReport:
    (report,) = read_bundle(text, name="bundle", country="AT")
    return report


FENTANYL = observation(
    "o1",
    code={"coding": [{"system": "http://loinc.org", "display": "Fentanyl [Mass/volume] in Blood"}]},
    valueQuantity={"value": 1.50, "unit": "ug/dL", "code": "ug/dL"},
)
NORFENTANYL = observation(
    "o2",
    code={"text": "Norfentanyl"},
    valueQuantity={"value": 0.5, "comparator": "<", "code": "ng/mL"},
)
XYLAZINE = observation(
    "o3",
    code={"text": "Xylazine"},
    valueCodeableConcept={"coding": [{"code": "260415000", "display": "Not detected"}]},
)


def found(name: str, *details: tuple[str, Any], **values: Any) -> EvidenceFinding:
    held = sorted([*details, ("sampling_context", "post-mortem")])
    return EvidenceFinding(
        name,
        "biological",
        specimen="femoral blood",
        technique="LC-MS/MS",
        details=tuple(held),
        **values,
    )


def test_a_final_result_becomes_a_whole_report() -> None:
    assert read(bundle(FENTANYL, NORFENTANYL, XYLAZINE)) == FhirReport(
        "entry[0].resource",
        "TOX-2026-17",
        Step.RECORD,
        "final",
        EvidenceReport(
            "biological-sample",
            date(2026, 3, 2),
            "AT",
            (
                found("Fentanyl", ("detection", "quantified"), amount=Decimal(15), unit="µg/l"),
                found(
                    "Norfentanyl", ("detection", "below-loq"), ("loq", Decimal("0.5")), unit="ng/ml"
                ),
                found("Xylazine", ("detection", "not-detected")),
            ),
            reference="TOX-2026-17",
            reported_on=date(2026, 3, 20),
            details=(("outcome", "death"), ("sex", "female")),
        ),
        (),
    )


@pytest.mark.parametrize(
    ("status", "step"),
    [
        ("amended", Step.CORRECT),
        ("corrected", Step.CORRECT),
        ("appended", Step.CORRECT),
        ("entered-in-error", Step.RETRACT),
        ("cancelled", Step.RETRACT),
    ],
)
def test_a_status_asks_for_a_correction_or_a_retraction(status: str, step: Step) -> None:
    report = read(bundle(FENTANYL, status=status))
    assert (report.step, report.problems) == (step, ())
    assert (report.evidence is None) == (step is Step.RETRACT)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"valueQuantity": {"value": 2, "code": "mmol/L"}}, "unknown-unit"),
        ({"valueQuantity": {"value": 2, "comparator": ">", "code": "ng/mL"}}, "bad-number"),
        ({"valueQuantity": {"value": -2, "code": "ng/mL"}}, "bad-number"),
        ({"valueQuantity": {"value": True, "code": "ng/mL"}}, "bad-number"),
        ({"valueQuantity": {"code": "ng/mL"}}, "bad-number"),
        ({"valueQuantity": {"value": 2, "comparator": "~", "code": "ng/mL"}}, "bad-number"),
        ({"valueQuantity": {"value": 2, "code": "{titer}"}}, "unknown-unit"),
        ({"valueQuantity": [2]}, "bad-result"),
        ({"valueRange": {"low": {"value": 1, "code": "ng/mL"}}}, "bad-result"),
        ({"valueRatio": {"numerator": {"value": 1}}}, "bad-result"),
        ({"dataAbsentReason": {"coding": [{"code": "as-text"}]}}, "bad-result"),
        (
            {
                "valueQuantity": {"value": 2, "code": "ng/mL"},
                "interpretation": [{"coding": [{"code": "NEG"}]}],
            },
            "bad-result",
        ),
        ({"valueString": "see comment"}, "bad-result"),
        ({}, "bad-result"),
        ({"valueBoolean": True, "code": {}}, "missing"),
        ({"valueBoolean": True, "code": "fentanyl"}, "missing"),
    ],
)
def test_a_result_that_cannot_be_held_refuses_the_report_and_names_its_place(
    values: dict[str, Any], code: str
) -> None:
    report = read(bundle(FENTANYL, observation("o9", **{"code": {"text": "Fentanyl"}, **values})))
    assert report.evidence is None
    assert [(one.place, one.code) for one in report.problems] == [("entry[4].resource", code)]


def test_words_for_found_and_not_found_are_taken_from_several_vocabularies() -> None:
    report = read(
        bundle(
            observation("a", code={"text": "A"}, valueString="None Detected"),
            observation("b", code={"text": "B"}, valueBoolean=True),
            observation("c", code={"text": "C"}, interpretation=[{"coding": [{"code": "POS"}]}]),
            observation("d", code={"text": "D"}, dataAbsentReason={"coding": [{"code": "error"}]}),
            observation("e", code={"text": "E"}, status="entered-in-error", valueBoolean=True),
            observation("h", code={"text": "H"}, valueQuantity={"value": 0, "code": "ng/mL"}),
            observation("i", code={"text": "I"}, status="registered"),
            observation(
                "f",
                code={"text": "panel"},
                component=[{"code": {"text": "F1"}, "valueBoolean": False}],
            ),
        )
    )
    assert report.evidence is not None
    assert [(one.substance_text, one.details[0][1]) for one in report.evidence.findings] == [
        ("A", "not-detected"),
        ("B", "detected"),
        ("C", "detected"),
        ("H", "not-detected"),
        ("F1", "not-detected"),
    ]


@pytest.mark.parametrize(
    ("quantity", "interpretation", "expected"),
    [
        ({"value": 3, "unit": "ug/l"}, "", ("quantified", Decimal(3), "µg/l", None)),
        ({"value": 3, "unit": "\u00b5g/L"}, "", ("quantified", Decimal(3), "µg/l", None)),
        ({"value": 3, "unit": "\u03bcg/dl"}, "", ("quantified", Decimal(30), "µg/l", None)),
        ({"value": 3, "code": "ng/mL"}, "H", ("quantified", Decimal(3), "ng/ml", None)),
        (
            {"value": 3, "comparator": "<=", "code": "ng/mL"},
            "",
            ("below-loq", None, "ng/ml", Decimal(3)),
        ),
        (
            {"value": 3, "comparator": "<", "code": "ng/mL"},
            "ND",
            ("not-detected", None, "ng/ml", Decimal(3)),
        ),
    ],
)
def test_a_quantity_is_read_with_what_the_laboratory_says_of_it(
    quantity: dict[str, Any], interpretation: str, expected: tuple[Any, ...]
) -> None:
    said = [{"coding": [{"code": interpretation}]}]
    one = observation("o", code={"text": "X"}, valueQuantity=quantity, interpretation=said)
    evidence = read(bundle(one)).evidence
    assert evidence is not None
    (finding,) = evidence.findings
    held = (finding.find_value("detection"), finding.amount, finding.unit)
    assert (*held, finding.find_value("loq")) == expected


def test_the_members_of_a_panel_are_read_and_one_that_holds_itself_is_refused() -> None:
    panel = observation(
        "panel",
        code={"text": "Opioids"},
        hasMember=[{"reference": "urn:uuid:o1"}, {"reference": "Observation/o2/_history/3"}],
    )
    named = [{"reference": "urn:uuid:panel"}, {"reference": "urn:uuid:o3"}]
    report = read(bundle(panel, FENTANYL, NORFENTANYL, XYLAZINE, result=named))
    assert report.evidence is not None
    names = [one.substance_text for one in report.evidence.findings]
    assert names == ["Fentanyl", "Norfentanyl", "Xylazine"]
    panel["resource"]["hasMember"] = [{"reference": "urn:uuid:panel"}]
    endless = read(bundle(panel))
    assert [(one.place, one.code) for one in endless.problems] == [
        ("entry[3].resource.hasMember", "missing")
    ]


def test_an_observation_and_a_specimen_may_stand_within_the_report() -> None:
    contained = [
        {
            "resourceType": "Observation",
            "id": "o",
            "status": "final",
            "code": {"text": "MDMA"},
            "valueBoolean": True,
            "specimen": {"reference": "#s"},
        },
        {"resourceType": "Specimen", "id": "s", "type": {"text": "urine"}},
    ]
    evidence = read(bundle(contained=contained, result=[{"reference": "#o"}])).evidence
    assert evidence is not None
    assert [(one.substance_text, one.specimen) for one in evidence.findings] == [("MDMA", "urine")]


@pytest.mark.parametrize("status", ["preliminary", "unknown", ""])
def test_a_value_that_is_no_result_yet_refuses_the_report(status: str) -> None:
    report = read(bundle(FENTANYL, observation("o", code={"text": "X"}, status=status)))
    assert report.problems == (
        FhirProblem(
            "entry[4].resource.status",
            "unknown-status",
            "one of amended, cancelled, corrected, entered-in-error, final, registered",
        ),
    )


@pytest.mark.parametrize(
    ("collected", "died", "context"),
    [
        ("2026-03-02", "2026-03-01T23:00:00Z", "post-mortem"),
        ("2026-03-01", "2026-03-02", "ante-mortem"),
        ("2026-03-02T00:10:00+01:00", "2026-03-01T23:30:00Z", "ante-mortem"),
        ("2026-03-02", "2026-03-02", None),
        ("2026-03-02", "2026-03", None),
        ("2026-03-02", "2026-02", "post-mortem"),
        ("2026-03-02", "", None),
        ("", "2026-03-02", None),
    ],
)
def test_whether_a_sample_was_taken_in_life_is_said_only_where_the_days_say_it(
    collected: str, died: str, context: str | None
) -> None:
    document = json.loads(bundle(FENTANYL))
    patient, specimen = document["entry"][1]["resource"], document["entry"][2]["resource"]
    patient |= {"deceasedBoolean": True, "deceasedDateTime": died}
    specimen["collection"] = {"collectedDateTime": collected}
    evidence = read(json.dumps(document).encode()).evidence
    assert evidence is not None
    assert evidence.findings[0].find_value("sampling_context") == context
    assert evidence.find_value("outcome") == "death"


def test_a_report_without_day_number_or_final_status_says_all_of_it() -> None:
    report = read(bundle(FENTANYL, status="preliminary", identifier=None, id=None))
    assert [one.code for one in report.problems] == ["unknown-status", "missing"]
    undated = read(bundle(FENTANYL, effectiveDateTime="2026-02-31"))
    assert undated.problems == (
        FhirProblem(
            "entry[0].resource.effectiveDateTime",
            "bad-date",
            "effectiveDateTime with a day or a month",
        ),
    )
    assert [one.code for one in read(bundle()).problems] == ["missing"]
    lost = read(bundle(FENTANYL, result=[{"reference": "Observation/none"}]))
    assert [one.code for one in lost.problems] == ["missing"]


def test_a_month_is_the_precision_where_no_day_is_given() -> None:
    evidence = read(bundle(FENTANYL, effectiveDateTime="2026-03")).evidence
    assert evidence is not None
    assert (evidence.event_on, evidence.event_precision) == (date(2026, 3, 1), "month")


@pytest.mark.parametrize(
    ("patient", "place"),
    [
        ({"name": [{"family": "X"}]}, "entry[0].resource.name"),
        ({"birthDate": "1990-01-01"}, "entry[0].resource.birthDate"),
        ({"identifier": [{"value": "1"}]}, "entry[0].resource.identifier"),
        ({"text": {"div": "<div>X</div>"}}, "entry[0].resource.text"),
        ({"maritalStatus": {"text": "S"}}, "entry[0].resource.maritalStatus"),
        ({"_birthDate": {"extension": []}}, "entry[0].resource._birthDate"),
    ],
)
def test_who_a_patient_is_is_refused_with_the_element_named(
    patient: dict[str, Any], place: str
) -> None:
    resource = {"resourceType": "Patient", "id": "p", **patient}
    text = json.dumps({"resourceType": "Bundle", "entry": [{"resource": resource}]}).encode()
    with pytest.raises(PersonalDataError) as caught:
        read_bundle(text, name="bundle", country="AT")
    assert caught.value.column == place
    assert "1990" not in str(caught.value)


def test_a_contained_patient_and_free_text_are_looked_at_too() -> None:
    contained = [{"resourceType": "Patient", "id": "p", "birthDate": "1990-01-01"}]
    with pytest.raises(PersonalDataError, match=r"contained\[0\]\.birthDate"):
        read_bundle(bundle(FENTANYL, contained=contained), name="bundle", country="AT")
    with pytest.raises(PersonalDataError, match="conclusion"):
        read_bundle(bundle(FENTANYL, conclusion="mail a.b@c.example"), name="b", country="AT")
    person = {"resourceType": "RelatedPerson"}
    with pytest.raises(PersonalDataError, match="a person"):
        read_bundle(
            json.dumps({"resourceType": "Bundle", "entry": [{"resource": person}]}).encode(),
            name="b",
            country="AT",
        )


@pytest.mark.parametrize("element", ["display", "identifier"])
def test_a_subject_named_in_the_reference_is_refused(element: str) -> None:
    subject = {"reference": "Patient/p1", element: "Jane"}
    with pytest.raises(PersonalDataError, match=rf"subject\.{element}") as caught:
        read_bundle(bundle(FENTANYL, subject=subject), name="bundle", country="AT")
    assert "Jane" not in str(caught.value)


def test_a_bundle_may_be_empty_but_not_without_a_report_or_a_history() -> None:
    nothing = json.dumps({"resourceType": "Bundle", "type": "searchset"}).encode()
    assert read_bundle(nothing, name="bundle", country="AT") == []
    for text in (
        json.dumps(FENTANYL["resource"]).encode(),
        json.dumps({"resourceType": "Bundle", "entry": [FENTANYL]}).encode(),
    ):
        with pytest.raises(UnreadableFileError, match="bundle: no DiagnosticReport"):
            read_bundle(text, name="bundle", country="AT")
    history = bundle(FENTANYL).replace(b'"collection"', b'"history"')
    with pytest.raises(UnreadableFileError, match="bundle: is a history"):
        read_bundle(history, name="bundle", country="AT")


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{", b'{"a": 1}', b"\xff", b"[" * 100_000, b'{"resourceType": "Bundle"}\n{}'],
)
def test_what_is_no_bundle_is_refused(text: bytes) -> None:
    with pytest.raises(UnreadableFileError, match="bundle: "):
        read_bundle(text, name="bundle", country="AT")


def test_a_bundle_has_its_limits() -> None:
    with pytest.raises(FileTooLargeError):
        read_bundle(b" " * (5 * 1024 * 1024 + 1), name="bundle", country="AT")
    deep: Any = {"text": "x"}
    for _ in range(60):
        deep = {"extension": [deep]}
    resource = {"resourceType": "DiagnosticReport", **deep}
    with pytest.raises(UnreadableFileError, match="nested too deeply"):
        read_bundle(json.dumps(resource).encode(), name="bundle", country="AT")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("resourceType", "status", "code", "text", "coding", "valueQuantity", "value"),
                    *(
                        "result",
                        "reference",
                        "identifier",
                        "subject",
                        "component",
                        "contained",
                        "id",
                    ),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON, JSON)
def test_whatever_stands_in_a_bundle_is_read_or_refused_by_the_house(one: Any, other: Any) -> None:
    for value in (one, other):
        if isinstance(value, dict):
            value["resourceType"] = "DiagnosticReport" if value is one else "Observation"
    document = {"resourceType": "Bundle", "entry": [{"resource": one}, {"resource": other}]}
    with contextlib.suppress(TocsinError):
        read_bundle(json.dumps(document).encode(), name="bundle", country="AT")


@pytest.mark.parametrize("value", ["1e31", "1e-31", "9" * 32])
def test_value_that_nobody_measures_is_refused(value: str) -> None:
    [report] = read_bundle(
        bundle(
            observation(
                "o1", code={"text": "MDMA"}, valueQuantity={"value": value, "code": "ng/mL"}
            )
        ),
        name="bundle",
        country="AT",
    )

    assert [(one.code, one.expected) for one in report.problems] == [
        ("bad-number", "a value of at most 30 digits")
    ]


def test_observations_named_again_and_again_are_not_read_for_ever() -> None:
    parts = [{"code": {"text": "MDMA"}, "valueBoolean": True}] * 300
    once = observation("o1", component=parts)
    again = [{"reference": once["fullUrl"]}] * 100

    with pytest.raises(FileTooLargeError, match="20,000 results"):
        read_bundle(bundle(once, result=again), name="bundle", country="AT")
