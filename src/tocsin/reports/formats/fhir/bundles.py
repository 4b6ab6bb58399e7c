"""A FHIR DiagnosticReport as a report of the record, with what its status asks for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from tocsin.errors import BadValueError
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.formats.fhir.resources import Bundle, Resource, list_maps, read_resources
from tocsin.reports.formats.fhir.values import read_value
from tocsin.reports.record.values import Value, make_details
from tocsin.reports.record.words import Outcome, SamplingContext, Sex
from tocsin.reports.vocabulary import EventType, Matrix

LONGEST_REFERENCE = 100
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})")
_MONTH = re.compile(r"(\d{4}-\d{2})\Z")
_LOINC = "http://loinc.org"
_SEXES = {"male": Sex.MALE, "female": Sex.FEMALE, "other": Sex.OTHER, "unknown": Sex.UNKNOWN}


class Step(StrEnum):
    """What a report's status asks for."""

    RECORD = "record"
    CORRECT = "correct"
    RETRACT = "retract"


STEPS = {
    "final": Step.RECORD,
    "amended": Step.CORRECT,
    "corrected": Step.CORRECT,
    "appended": Step.CORRECT,
    "entered-in-error": Step.RETRACT,
    "cancelled": Step.RETRACT,
}
"""Of a DiagnosticReport (FHIR R4, value set diagnostic-report-status); the others are not results."""


class FhirProblem(NamedTuple):
    """Why a DiagnosticReport cannot be taken: where, a stable code, and what was expected."""

    place: str
    code: str
    expected: str


@dataclass(frozen=True, slots=True)
class FhirReport:
    """One DiagnosticReport: what to do with which report.

    reference: what the sender calls it. evidence: None for a retraction, and where there are
    problems. status: as the sender wrote it.
    """

    place: str
    reference: str
    step: Step | None
    status: str
    evidence: EvidenceReport | None
    problems: tuple[FhirProblem, ...]


def read_bundle(text: bytes, *, name: str, country: str, region: str = "") -> list[FhirReport]:
    """Read every DiagnosticReport of a FHIR R4 bundle.

    country, region: of the laboratory's district, as FHIR has no place of the event without an
    address. Raises as ``read_resources``; what is wrong with one report stands in its problems.
    """
    bundle = read_resources(text, name)
    return [
        _read_report(bundle, report, country, region)
        for report in bundle.list_kind("DiagnosticReport")
    ]


def _read_report(bundle: Bundle, report: Resource, country: str, region: str) -> FhirReport:
    status = report.get_text("status")
    step = STEPS.get(status)
    reference = report.get_text("identifier", "value") or report.get_text("id")
    problems: list[FhirProblem] = []
    if step is None:
        expected = f"one of {', '.join(STEPS)}; a report that is not final is no result"
        problems.append(FhirProblem(f"{report.place}.status", "unknown-status", expected))
    if not reference or len(reference) > LONGEST_REFERENCE:
        expected = f"the laboratory's own number of the report, at most {LONGEST_REFERENCE} signs"
        problems.append(FhirProblem(f"{report.place}.identifier", "missing", expected))
    evidence = None
    if step is not Step.RETRACT and not problems:
        evidence = _read_evidence(bundle, report, reference, country, region, problems)
    return FhirReport(report.place, reference, step, status, evidence, tuple(problems))


def _read_evidence(
    bundle: Bundle,
    report: Resource,
    reference: str,
    country: str,
    region: str,
    problems: list[FhirProblem],
) -> EvidenceReport | None:
    event_on, precision = _read_day(
        report.get_text("effectiveDateTime") or report.get_text("effectivePeriod", "start")
    )
    if event_on is None:
        expected = "effectiveDateTime with a day or a month"
        problems.append(FhirProblem(f"{report.place}.effectiveDateTime", "bad-date", expected))
    subject = bundle.find(report.get_text("subject", "reference"), report)
    details = _read_person(subject)
    findings = _read_findings(bundle, report, details, problems)
    if not findings and not problems:
        problems.append(FhirProblem(f"{report.place}.result", "missing", "an Observation"))
    if problems or event_on is None:
        return None
    return EvidenceReport(
        event_type=EventType.BIOLOGICAL_SAMPLE.value,
        event_on=event_on,
        event_precision=precision,
        country=country,
        region=region,
        reference=reference,
        reported_on=_read_day(report.get_text("issued"))[0],
        findings=tuple(dict.fromkeys(findings)),
        details=make_details(details),
    )


def _read_person(subject: Resource | None) -> dict[str, Value | None]:
    """What may be told of the person: sex as recorded, and whether the person died."""
    if subject is None:
        return {}
    sex = _SEXES.get(subject.get_text("gender"))
    died = subject.values.get("deceasedBoolean") is True or "deceasedDateTime" in subject.values
    return {
        "sex": sex.value if sex else None,
        "outcome": Outcome.DEATH.value if died else None,
    }


def _read_findings(
    bundle: Bundle,
    report: Resource,
    person: Mapping[str, Value | None],
    problems: list[FhirProblem],
) -> list[EvidenceFinding]:
    findings: list[EvidenceFinding] = []
    for one in report.list_maps("result"):
        bundle.count_results(1)
        reference = str(one.get("reference", ""))
        observation = bundle.find(reference, report)
        if observation is None or observation.kind != "Observation":
            expected = "a reference to an Observation of the bundle"
            problems.append(FhirProblem(f"{report.place}.result", "missing", expected))
            continue
        if observation.get_text("status") in ("entered-in-error", "cancelled"):
            continue
        parts = observation.list_maps("component") or [observation.values]
        bundle.count_results(len(parts))
        for part in parts:
            try:
                finding = _read_finding(bundle, observation, part, report, person)
            except BadValueError as problem:
                place = observation.place
                problems.append(FhirProblem(place, problem.problem, problem.expected))
                continue
            findings += [finding] if finding else []
    return findings


def _read_finding(
    bundle: Bundle,
    observation: Resource,
    part: Mapping[str, Any],
    report: Resource,
    person: Mapping[str, Value | None],
) -> EvidenceFinding | None:
    measured = read_value(observation, part)
    if measured is None:
        return None
    substance = _read_analyte(part.get("code"))
    if not substance:
        raise BadValueError("missing", "the substance in code.text or code.coding.display")
    specimen = bundle.find(observation.get_text("specimen", "reference"), observation)
    if specimen is None:
        specimen = bundle.find(report.get_text("specimen", "reference"), report)
    died = person.get("outcome") == Outcome.DEATH.value
    return EvidenceFinding(
        substance_text=substance,
        matrix=Matrix.BIOLOGICAL.value,
        specimen=_read_specimen(specimen),
        amount=measured.amount,
        unit=measured.unit,
        technique=_read_concept(observation.values.get("method"))[:120],
        details=make_details(
            {
                "detection": measured.detection,
                "loq": measured.loq,
                "sampling_context": SamplingContext.POST_MORTEM.value if died else None,
            }
        ),
    )


def _read_analyte(code: Any) -> str:
    """The substance an Observation is about: what LOINC measures stands before its brackets."""
    if not isinstance(code, Mapping):
        return ""
    text = code.get("text")
    if isinstance(text, str) and text.strip():
        return " ".join(text.partition(" [")[0].split())
    for coding in list_maps(code.get("coding")):
        if isinstance(coding.get("display"), str):
            name = coding["display"].partition(" [")[0]
            if coding.get("system") == _LOINC:
                name = name.partition(" in ")[0]
            return " ".join(name.split())
    return ""


def _read_specimen(specimen: Resource | None) -> str:
    return "" if specimen is None else _read_concept(specimen.values.get("type"))[:80]


def _read_concept(concept: Any) -> str:
    if not isinstance(concept, Mapping):
        return ""
    texts = [concept.get("text")]
    texts += [one.get("display") for one in list_maps(concept.get("coding"))]
    return next((" ".join(text.split()) for text in texts if isinstance(text, str)), "")


def _read_day(text: str) -> tuple[date | None, str]:
    found = _DAY.match(text)
    month = _MONTH.match(text)
    try:
        if found:
            return date.fromisoformat(found[1]), "day"
        return (date.fromisoformat(f"{month[1]}-01"), "month") if month else (None, "day")
    except ValueError:
        return None, "day"
