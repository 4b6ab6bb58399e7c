"""All reading of evidence, each read for an actor and a purpose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Coalesce, NullIf

from tocsin.errors import BadProfileError, NotFoundError
from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.formats.profiles import Profile, list_profiles, load_profile, parse_profile
from tocsin.reports.models import (
    EvidenceImport,
    Finding,
    ImportProblem,
    ImportProfile,
    ImportState,
    Report,
    WrittenName,
)

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

IMPORT_ORDERS: Mapping[str, tuple[str, ...]] = {
    "-needs_mending": ("-needs_mending", "-created_at", "-id"),
    "-created_at": ("-created_at", "-id"),
    "created_at": ("created_at", "id"),
    "file_name": ("file_name", "-id"),
    "-file_name": ("-file_name", "-id"),
    "-refused": ("-refused", "-created_at", "-id"),
    "refused": ("refused", "-created_at", "-id"),
    "state": ("state", "-created_at", "-id"),
    "-state": ("-state", "-created_at", "-id"),
}
"""Orders a list of imports can be sorted in; each ends in a unique column."""

UNRESOLVED_NAME_ORDERS: Mapping[str, tuple[str, ...]] = {
    "-rows": ("-rows", "written_name__text"),
    "rows": ("rows", "written_name__text"),
    "text": ("written_name__text",),
    "-text": ("-written_name__text",),
    "-last_on": ("-last_on", "written_name__text"),
    "last_on": ("last_on", "written_name__text"),
}
"""Orders a list of unknown names can be sorted in; each ends in a unique column."""

DECIDED_NAME_ORDERS: Mapping[str, tuple[str, ...]] = {
    "-decided_at": ("-decided_at", "text", "pk"),
    "decided_at": ("decided_at", "text", "pk"),
    "text": ("text", "pk"),
    "-text": ("-text", "pk"),
    "substance": ("substance__name", "text", "pk"),
    "-substance": ("-substance__name", "text", "pk"),
}
"""Orders a list of decided names can be sorted in; each ends in a unique column."""


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

    search: part of a reference, a local area or a written substance name. since and until include
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
            found = found.filter(written_name__substance__key=substance_key)
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
        reference=report.reference,
        event_type=report.event_type,
        event_on=report.event_on,
        event_precision=report.event_precision,
        received_on=report.received_on,
        reported_on=report.reported_on,
        country=report.country,
        region=report.region,
        local_area=report.local_area,
        border_post=report.border_post,
        source=report.source,
        findings=tuple(
            EvidenceFinding(
                substance_text=finding.written_name.text,
                matrix=finding.matrix,
                specimen=finding.specimen,
                amount=finding.amount,
                unit=finding.unit,
                purity_percent=finding.purity_percent,
                technique=finding.technique,
                identification_level=finding.identification_level,
                laboratory=finding.laboratory,
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


def list_imports(
    actor: Actor,
    *,
    purpose: str = EARLY_WARNING,
    search: str = "",
    state: str = "",
    order: str = "-created_at",
) -> QuerySet[EvidenceImport]:
    """Return the imports the actor may see, newest first, each with ``needs_mending``.

    An import needs mending when it failed or refused rows, and the same owner has sent no file
    with the same profile since.
    """
    visible = EvidenceImport.objects.visible_to(actor, purpose=purpose)
    later = visible.filter(
        handling__owner=OuterRef("handling__owner"),
        profile_name=OuterRef("profile_name"),
        pk__gt=OuterRef("pk"),
    )
    imports: QuerySet[EvidenceImport] = visible.select_related("handling__owner").annotate(
        needs_mending=ExpressionWrapper(
            (Q(refused__gt=0) | Q(state=ImportState.FAILED)) & ~Exists(later),
            output_field=BooleanField(),
        )
    )
    if search:
        imports = imports.filter(file_name__icontains=search)
    if state:
        imports = imports.filter(state=state)
    return imports.order_by(*IMPORT_ORDERS.get(order, IMPORT_ORDERS["-created_at"]))


def has_to_be_mended(evidence_import: EvidenceImport) -> bool:
    """Tell whether an import, read with ``list_imports``, refused rows that were not sent again."""
    return bool(getattr(evidence_import, "needs_mending", False))


def get_import(actor: Actor, import_id: int, *, purpose: str = EARLY_WARNING) -> EvidenceImport:
    """Return one import; NotFoundError where it is absent or not visible."""
    found = list_imports(actor, purpose=purpose).filter(pk=import_id).first()
    if found is None:
        raise NotFoundError(f"import {import_id}: not found")
    return found


def list_problems(
    actor: Actor, import_id: int, *, purpose: str = EARLY_WARNING
) -> QuerySet[ImportProblem]:
    """Return the problems of an import the actor may see, by row."""
    return (
        ImportProblem.objects.visible_to(actor, purpose=purpose)
        .filter(evidence_import_id=import_id)
        .order_by("row", "id")
    )


def list_written_names(actor: Actor, *, purpose: str = EARLY_WARNING) -> QuerySet[WrittenName]:
    """Return the written names that stand in at least one finding the actor may see."""
    visible = Finding.objects.visible_to(actor, purpose=purpose)
    return WrittenName.objects.filter(pk__in=visible.values("written_name_id"))


@dataclass(frozen=True, slots=True)
class UnresolvedName:
    """A spelling that stands for nothing yet: in how many rows, and when first and last."""

    text: str
    rows: int
    first_on: date
    last_on: date


def list_unresolved_names(
    actor: Actor, *, purpose: str = EARLY_WARNING, search: str = "", order: str = "-rows"
) -> list[UnresolvedName]:
    """Return the spellings that wait for a person, those in most rows first."""
    findings = Finding.objects.visible_to(actor, purpose=purpose).filter(
        written_name__substance=None, report__is_current=True, report__is_retracted=False
    )
    if search:
        findings = findings.filter(written_name__text__icontains=search)
    rows = (
        findings.values("written_name__text")
        .annotate(
            rows=Count("report_id", distinct=True),
            first_on=Min("report__event_on"),
            last_on=Max("report__event_on"),
        )
        .order_by(*UNRESOLVED_NAME_ORDERS.get(order, UNRESOLVED_NAME_ORDERS["-rows"]))
    )
    return [
        UnresolvedName(row["written_name__text"], row["rows"], row["first_on"], row["last_on"])
        for row in rows
    ]


def list_decided_names(
    actor: Actor,
    *,
    purpose: str = EARLY_WARNING,
    search: str = "",
    order: str = "-decided_at",
) -> QuerySet[WrittenName]:
    """Return the spellings a person decided, newest first."""
    decided = list_written_names(actor, purpose=purpose).filter(tier="decided")
    if search:
        decided = decided.filter(Q(text__icontains=search) | Q(substance__name__icontains=search))
    return decided.select_related("substance").order_by(
        *DECIDED_NAME_ORDERS.get(order, DECIDED_NAME_ORDERS["-decided_at"])
    )


@dataclass(frozen=True, slots=True)
class Source:
    """An organisation that sends evidence: how many imports, and when the last one came."""

    name: str
    imports: int
    last_at: date


def list_sources(actor: Actor, *, purpose: str = EARLY_WARNING) -> list[Source]:
    """Return who sent files the actor may see, longest silent first."""
    rows = (
        EvidenceImport.objects.visible_to(actor, purpose=purpose)
        .values("handling__owner__name")
        .annotate(imports=Count("pk"), last_at=Max("created_at"))
        .order_by("last_at")
    )
    return [
        Source(row["handling__owner__name"], row["imports"], row["last_at"].date()) for row in rows
    ]


def list_profile_names(actor: Actor) -> list[str]:
    """Return the names of the shipped profiles and of those of the actor's organisation."""
    own = ImportProfile.objects.filter(owner_id=actor.organisation_id)
    return [*list_profiles(), *own.values_list("name", flat=True)]


def get_profile(actor: Actor, name: str) -> Profile:
    """Return a shipped profile or one of the actor's organisation; BadProfileError where absent."""
    if name in list_profiles():
        return load_profile(name)
    own = ImportProfile.objects.filter(owner_id=actor.organisation_id, name=name).first()
    if own is None:
        known = ", ".join(list_profile_names(actor))
        raise BadProfileError(f"profile {name!r}: not found; expected one of: {known}")
    return parse_profile(own.text)


def _with_findings(reports: QuerySet[Report], actor: Actor, purpose: str) -> QuerySet[Report]:
    findings = (
        Finding.objects.visible_to(actor, purpose=purpose)
        .select_related("written_name__substance")
        .order_by("position")
    )
    return reports.select_related("handling__owner", "evidence_import").prefetch_related(
        Prefetch("findings", queryset=findings)
    )
