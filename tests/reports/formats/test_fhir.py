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
                "deceasedBoolean": True,
            }
        },
        {
            "fullUrl": "urn:uuid:blood",
            "resource": {"resourceType": "Specimen", "type": {"text": "femoral blood"}},
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
        ({"valueQuantity": [2]}, "bad-result"),
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
        ("F1", "not-detected"),
    ]


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


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"a": 1}', b"\xff", b"[" * 100_000])
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
