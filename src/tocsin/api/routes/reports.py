"""Reports: read them, hand one in, correct it, take it back."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from tocsin.api.door import get_actor
from tocsin.api.handling import get_handling
from tocsin.api.reading import (
    journal_reading,
    open_reading,
    require_no_parameters,
    take_page,
)
from tocsin.api.schemas.reports import (
    CorrectionIn,
    ReportIn,
    ReportOut,
    ReportPage,
    ReportParameters,
    RetractionIn,
    describe_report,
)
from tocsin.api.schemas.words import PROBLEMS, WRITE_PROBLEMS, Parameters, RecordNumber
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission
from tocsin.reports.models import Report
from tocsin.reports.queries import get_report, list_reports
from tocsin.reports.record.json_schema import build_json_schema
from tocsin.reports.services import correct_report, record_report, retract_report
from tocsin.reports.services.batches import lock_owner

router = Router(tags=["reports"])


@router.get("", response={200: ReportPage, **PROBLEMS})
def show_reports(request: HttpRequest, parameters: Query[ReportParameters]) -> Any:
    """List reports with their findings."""
    actor = open_reading(request, parameters)
    rows = list_reports(
        actor,
        purpose=parameters.purpose,
        search=parameters.search,
        substance_key=parameters.substance,
        event_type=parameters.event_type or "",
        country=parameters.country,
        area=parameters.area,
        matrix=parameters.matrix or "",
        since=parameters.since,
        until=parameters.until,
        import_id=parameters.import_id,
        order=parameters.order,
    )
    page = take_page(rows, parameters, describe_report)
    journal_reading(request, parameters, rows=len(page["items"]))
    return page


@router.get("/schema", response={200: dict[str, Any], **PROBLEMS})
def show_record_schema(request: HttpRequest, parameters: Query[Parameters]) -> Any:
    """Show the JSON Schema of the event record, with an example of each type of event."""
    open_reading(request, parameters)
    return build_json_schema()


@router.get("/{report_id}", response={200: ReportOut, **PROBLEMS})
def show_report(
    request: HttpRequest, report_id: RecordNumber, parameters: Query[Parameters]
) -> Any:
    """Show one version of a report with its findings."""
    actor = open_reading(request, parameters)
    report = get_report(actor, report_id, purpose=parameters.purpose)
    journal_reading(request, parameters, rows=1, record_id=str(report_id))
    return describe_report(report)


@router.post("", response={200: ReportOut, 201: ReportOut, **WRITE_PROBLEMS})
def receive_report(request: HttpRequest, body: ReportIn) -> Any:
    """Take one report with its findings: 201 when it is stored, 200 when it was held already.

    With a reference that is held, another content becomes a new version of that report.
    """
    require_no_parameters(request)
    actor = get_actor(request)
    require_permission(actor, "report.import")
    with transaction.atomic():
        handling = get_handling(actor, body.handling)
        lock_owner(handling.owner_id)
        began_at = timezone.now()
        report = record_report(actor, handling, body.derive_evidence())
    return Status(201 if report.accepted_at >= began_at else 200, _describe_own(actor, report))


@router.post("/{report_id}/corrections", response={201: ReportOut, **WRITE_PROBLEMS})
def receive_correction(request: HttpRequest, report_id: RecordNumber, body: CorrectionIn) -> Any:
    """Replace a report of one's own organisation by a new version; its reference stays."""
    require_no_parameters(request)
    actor = get_actor(request)
    evidence = body.report.derive_evidence()
    report = correct_report(actor, report_id, evidence, version=body.version, reason=body.reason)
    return Status(201, _describe_own(actor, report))


@router.post("/{report_id}/retractions", response={201: ReportOut, **WRITE_PROBLEMS})
def receive_retraction(request: HttpRequest, report_id: RecordNumber, body: RetractionIn) -> Any:
    """Take a report back: it counts no longer, and stays on record with the reason."""
    require_no_parameters(request)
    actor = get_actor(request)
    report = retract_report(actor, report_id, version=body.version, reason=body.reason)
    return Status(201, _describe_own(actor, report))


def _describe_own(actor: Actor, report: Report) -> ReportOut:
    return describe_report(get_report(actor, report.pk))
