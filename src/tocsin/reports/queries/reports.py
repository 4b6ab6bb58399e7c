"""Reading reports: lists, single versions, and counts of a few days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from tocsin.errors import ErasedError, NotFoundError
from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.models import Finding, Report
from tocsin.reports.record import EVENT_COLUMNS, FINDING_COLUMNS
from tocsin.reports.record.values import from_plain
from tocsin.substances.queries import select_standing

EARLY_WARNING = Purpose.EARLY_WARNING.value

REPORT_ORDERS: Mapping[str, tuple[str, ...]] = {
    "-event_on": ("-event_on", "-id"),
    "event_on": ("event_on", "id"),
    "-accepted_at": ("-accepted_at", "-id"),
    "accepted_at": ("accepted_at", "id"),
    "country": ("country", "region", "local_area", "-event_on", "-id"),
    "-country": ("-country", "-region", "-local_area", "-event_on", "-id"),
    "event_type": ("event_type", "-event_on", "-id"),
    "-event_type": ("-event_type", "-event_on", "-id"),
}
"""Orders a list of reports can be sorted in; each ends in a unique column."""


def list_reports(
    actor: Actor,
    *,
    purpose: str = EARLY_WARNING,
    search: str = "",
    substance_key: str = "",
    event_type: str = "",
    country: str = "",
    area: str = "",
    matrix: str = "",
    since: date | None = None,
    until: date | None = None,
    import_id: int | None = None,
    order: str = "-event_on",
) -> QuerySet[Report]:
    """Return the current, not retracted reports the actor may see, with their findings.

    search: part of a reference, a local area or a written substance name. substance_key: of what
    was found; one that was merged means what it stands for now. since and until include
    their day. Three queries whatever the number of rows.
    """
    reports = Report.objects.visible_to(actor, purpose=purpose).filter(
        is_current=True, is_retracted=False
    )
    if search:
        named = Finding.objects.visible_to(actor, purpose=purpose).filter(
            Q(written_name__text__icontains=search)
            | Q(written_name__substance__name__icontains=search)
        )
        reports = reports.filter(
            Q(reference__icontains=search)
            | Q(local_area__icontains=search)
            | Q(pk__in=named.values("report_id"))
        )
    if substance_key or matrix:
        found = Finding.objects.visible_to(actor, purpose=purpose)
        if substance_key:
            found = found.filter(written_name__substance__in=select_standing(substance_key))
        if matrix:
            found = found.filter(matrix=matrix)
        reports = reports.filter(pk__in=found.values("report_id"))
    if event_type:
        reports = reports.filter(event_type=event_type)
    if country:
        reports = reports.filter(country=country)
    if area:
        reports = reports.filter(Q(region=area) | Q(region="", local_area=area))
    if since is not None:
        reports = reports.filter(event_on__gte=since)
    if until is not None:
        reports = reports.filter(event_on__lte=until)
    if import_id is not None:
        reports = reports.filter(evidence_import_id=import_id)
    return _with_findings(reports, actor, purpose).order_by(
        *REPORT_ORDERS.get(order, REPORT_ORDERS["-event_on"])
    )


def get_report(actor: Actor, report_id: int, *, purpose: str = EARLY_WARNING) -> Report:
    """Return one report version with its findings; NotFoundError where absent or not visible."""
    visible = Report.objects.visible_to(actor, purpose=purpose).filter(pk=report_id)
    report = _with_findings(visible, actor, purpose).first()
    if report is None:
        raise NotFoundError(f"report {report_id}: not found")
    if report.erased_on is not None:
        raise ErasedError(f"report {report_id}: was erased on {report.erased_on.isoformat()}")
    return report


def list_versions(
    actor: Actor, report: Report, *, purpose: str = EARLY_WARNING
) -> QuerySet[Report]:
    """Return all versions of a report that the actor may see, newest first."""
    return (
        Report.objects.visible_to(actor, purpose=purpose)
        .filter(owner_id=report.owner_id, key=report.key)
        .order_by("-version")
    )


def derive_evidence(report: Report) -> EvidenceReport:
    """Return a report version, read with its findings, as the plain values it was made from."""
    return EvidenceReport(
        **{name: getattr(report, name) for name in EVENT_COLUMNS},
        details=from_plain(report.details),
        findings=tuple(
            EvidenceFinding(
                substance_text=finding.written_name.text,
                **{name: getattr(finding, name) for name in FINDING_COLUMNS},
                details=from_plain(finding.details),
            )
            for finding in report.findings.all()
        ),
    )


@dataclass(frozen=True, slots=True)
class PlaceFindings:
    """How many findings of a substance in a matrix a place has, and the first day of one."""

    substance_key: str
    matrix: str
    country: str
    area: str
    count: int
    first_on: date


def count_place_findings(
    actor: Actor,
    *,
    purpose: str = EARLY_WARNING,
    since: date,
    until: date,
    substance_ids: set[int] | None = None,
) -> list[PlaceFindings]:
    """Count the current findings of resolved substances from one day to another, both included.

    For a few days only: weeks and years are read from the weekly counts of ``signals``.
    """
    findings = Finding.objects.visible_to(actor, purpose=purpose).filter(
        report__is_current=True,
        report__is_retracted=False,
        is_counted=True,
        report__event_on__range=(since, until),
        written_name__substance__isnull=False,
    )
    if substance_ids is not None:
        findings = findings.filter(written_name__substance_id__in=substance_ids)
    rows = (
        findings.annotate(area=Coalesce(NullIf("report__region", Value("")), "report__local_area"))
        .values_list("written_name__substance__key", "matrix", "report__country", "area")
        .annotate(total=Count("pk"), first=Min("report__event_on"))
        .order_by("written_name__substance__key", "matrix", "report__country", "area")
    )
    return [PlaceFindings(*row) for row in rows]


def _with_findings(reports: QuerySet[Report], actor: Actor, purpose: str) -> QuerySet[Report]:
    findings = (
        Finding.objects.visible_to(actor, purpose=purpose)
        .select_related("written_name__substance")
        .order_by("position")
    )
    return reports.select_related("handling__owner", "evidence_import").prefetch_related(
        Prefetch("findings", queryset=findings)
    )
