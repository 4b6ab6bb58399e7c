"""Taking in toxicology results that came as FHIR: each becomes a report, a correction or an end."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from tocsin.errors import RefusedError
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling
from tocsin.organisations.permissions import require_permission
from tocsin.reports.evidence import EvidenceReport
from tocsin.reports.formats.fhir import FhirProblem, FhirReport, Step
from tocsin.reports.models import Report
from tocsin.reports.services.batches import lock_owner
from tocsin.reports.services.storable import find_unstorable
from tocsin.reports.services.versions import correct_report, record_report, retract_report


class FhirResult(StrEnum):
    """What became of one DiagnosticReport."""

    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    RETRACTED = "retracted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FhirOutcome:
    """What became of one DiagnosticReport, with the number of the version held, if any."""

    reference: str
    result: FhirResult
    report_id: int | None
    problems: tuple[FhirProblem, ...]


def receive_fhir(
    actor: Actor, handling: Handling, reports: Iterable[FhirReport]
) -> list[FhirOutcome]:
    """Store what the DiagnosticReports of a bundle ask for, each as a whole or not at all.

    A final one is a new report; an amended, corrected or appended one a new version of the report
    with its reference, or a new report where none is held; one that was entered in error retracts.
    What was held once, in whichever version, is a duplicate when it is sent again.
    """
    require_permission(actor, "report.import")
    return [_receive(actor, handling, one) for one in reports]


def _receive(actor: Actor, handling: Handling, incoming: FhirReport) -> FhirOutcome:
    problems = incoming.problems or _find_problems(incoming)
    if problems:
        return FhirOutcome(incoming.reference, FhirResult.REFUSED, None, problems)
    try:
        with transaction.atomic():
            result, report = _store(actor, handling, incoming)
    except RefusedError as refusal:
        problem = FhirProblem(incoming.place, refusal.code, str(refusal))
        return FhirOutcome(incoming.reference, FhirResult.REFUSED, None, (problem,))
    return FhirOutcome(incoming.reference, result, report.pk, ())


def _find_problems(incoming: FhirReport) -> tuple[FhirProblem, ...]:
    if incoming.evidence is None:
        return ()
    unstorable = find_unstorable(incoming.evidence)
    if unstorable is None and incoming.evidence.event_on > timezone.localdate():
        return (FhirProblem(incoming.place, "future-date", "a day that has come"),)
    if unstorable is None:
        return ()
    place = f"{incoming.place} ({unstorable.field})"
    return (FhirProblem(place, unstorable.code, unstorable.expected),)


def _store(actor: Actor, handling: Handling, incoming: FhirReport) -> tuple[FhirResult, Report]:
    lock_owner(handling.owner_id)
    held = Report.objects.for_writing().filter(
        owner_id=handling.owner_id, reference=incoming.reference, is_current=True
    )
    current: Report | None = held.first()
    reason = f"FHIR status: {incoming.status}"
    if incoming.step is Step.RETRACT:
        if current is None:
            raise RefusedError(
                f"report {incoming.reference!r}: not held; expected one that can be retracted"
            )
        if current.is_retracted:
            return FhirResult.DUPLICATE, current
        retracted = retract_report(actor, current.pk, version=current.version, reason=reason)
        return FhirResult.RETRACTED, retracted
    evidence = incoming.evidence
    if evidence is None:
        raise RefusedError(f"report {incoming.reference!r}: holds nothing; expected findings")
    if current is None:
        return FhirResult.ACCEPTED, record_report(actor, handling, evidence)
    if incoming.step is Step.CORRECT:
        return _correct(actor, current, evidence, reason)
    now = record_report(actor, handling, evidence)
    return (FhirResult.DUPLICATE if now.pk == current.pk else FhirResult.CORRECTED), now


def _correct(
    actor: Actor, current: Report, evidence: EvidenceReport, reason: str
) -> tuple[FhirResult, Report]:
    # Sent again, an older message must not undo what corrected it.
    versions = Report.objects.for_writing().filter(owner_id=current.owner_id, key=current.key)
    held = {bytes(digest) for digest in versions.values_list("content_digest", flat=True)}
    if evidence.derive_content_digest() in held:
        return FhirResult.DUPLICATE, current
    version = current.version
    corrected = correct_report(actor, current.pk, evidence, version=version, reason=reason)
    return FhirResult.CORRECTED, corrected
