"""A FHIR DiagnosticReport as a report of the record, with what its status asks for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from tocsin.errors import BadValueError, UnreadableFileError
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

RESULTS = frozenset({"final", "amended", "corrected"})
WITHOUT_RESULT = frozenset({"entered-in-error", "cancelled", "registered"})
"""Of an Observation (value set observation-status): taken, and passed over. Others are refused."""

MOST_PANELS = 5
"""Observations that stand in one another, as the members of a panel do."""


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
    address. Raises as ``read_resources``, and UnreadableFileError where there are resources, but no
    DiagnosticReport; what is wrong with one report stands in its problems.
    """
    bundle = read_resources(text, name)
    reports = bundle.list_kind("DiagnosticReport")
    if bundle.resources and not reports:
        raise UnreadableFileError(f"{name}: no DiagnosticReport; expected one for each result")
    return [_read_report(bundle, report, country, region) for report in reports]


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
    findings = _read_findings(bundle, report, subject, problems)
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
        details=make_details(_read_person(subject)),
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
    subject: Resource | None,
    problems: list[FhirProblem],
) -> list[EvidenceFinding]:
    findings: list[EvidenceFinding] = []
    for observation, holder in _iter_observations(bundle, report, problems):
        specimen = bundle.find(observation.get_text("specimen", "reference"), holder)
        if specimen is None:
            specimen = bundle.find(report.get_text("specimen", "reference"), report)
        context = _find_context(specimen, subject)
        parts = _list_parts(observation)
        bundle.count_results(len(parts))
        for part in parts:
            try:
                finding = _read_finding(observation, part, specimen, context)
            except BadValueError as problem:
                place = observation.place
                problems.append(FhirProblem(place, problem.problem, problem.expected))
                continue
            findings += [finding] if finding else []
    return findings


def _iter_observations(
    bundle: Bundle, report: Resource, problems: list[FhirProblem]
) -> Iterator[tuple[Resource, Resource]]:
    """Yield each Observation with a result that the report names, in its order, panels opened.

    With it comes the resource that its references to contained ones are about.
    """
    waiting = [(one, report, report, 0) for one in reversed(report.list_maps("result"))]
    while waiting:
        named, namer, holder, depth = waiting.pop()
        bundle.count_results(1)
        reference = str(named.get("reference", ""))
        observation = bundle.find(reference, holder)
        if observation is None or observation.kind != "Observation" or depth > MOST_PANELS:
            element = "hasMember" if depth else "result"
            expected = "a reference to an Observation of the bundle"
            problems.append(FhirProblem(f"{namer.place}.{element}", "missing", expected))
            continue
        status = observation.get_text("status")
        if status in WITHOUT_RESULT:
            continue
        if status not in RESULTS:
            expected = f"one of {', '.join(sorted(RESULTS | WITHOUT_RESULT))}"
            problems.append(FhirProblem(f"{observation.place}.status", "unknown-status", expected))
            continue
        inner = holder if reference.startswith("#") else observation
        members = observation.list_maps("hasMember")
        waiting += [(one, observation, inner, depth + 1) for one in reversed(members)]
        if not members or _has_value(observation.values) or observation.list_maps("component"):
            yield observation, inner


def _list_parts(observation: Resource) -> list[Mapping[str, Any]]:
    """The components of an Observation, and itself where it has a value or no component."""
    components = observation.list_maps("component")
    if components and not _has_value(observation.values):
        return components
    return [observation.values, *components]


def _has_value(values: Mapping[str, Any]) -> bool:
    return any(name.startswith("value") for name in values)


def _find_context(specimen: Resource | None, subject: Resource | None) -> str | None:
    """Whether a sample was taken in life; None where the times do not say it.

    By the moments of collection and death where both have a time zone, else by their days or months.
    """
    if specimen is None or subject is None:
        return None
    texts = (
        specimen.get_text("collection", "collectedDateTime"),
        subject.get_text("deceasedDateTime"),
    )
    days = [_read_day(text) for text in texts]
    held = [day for day, _precision in days if day is not None]
    if any(precision == "month" for _day, precision in days):
        held = [day.replace(day=1) for day in held]
    moments = [moment for moment in map(_find_moment, texts) if moment is not None]
    times: Sequence[date] = moments if len(moments) == len(texts) else held
    if len(times) < len(texts) or times[0] == times[1]:
        return None
    is_after = times[0] > times[1]
    return (SamplingContext.POST_MORTEM if is_after else SamplingContext.ANTE_MORTEM).value


def _find_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _read_finding(
    observation: Resource,
    part: Mapping[str, Any],
    specimen: Resource | None,
    context: str | None,
) -> EvidenceFinding | None:
    measured = read_value(observation, part)
    if measured is None:
        return None
    substance = _read_analyte(part.get("code"))
    if not substance:
        raise BadValueError("missing", "the substance in code.text or code.coding.display")
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
                "sampling_context": context,
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
