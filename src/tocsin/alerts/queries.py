"""All reading of alerts, each read for an actor and a purpose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, F, Prefetch, Q, QuerySet, Value, When
from django.db.models.expressions import OrderBy

from tocsin.alerts.documents import derive_document
from tocsin.alerts.formats.cap import parse_cap
from tocsin.alerts.formats.document import AlertDocument, Reference
from tocsin.alerts.identification import Bearing, WeighedEvidence
from tocsin.alerts.models import (
    AlertVersion,
    AlertWording,
    MessageType,
    Severity,
    VersionState,
)
from tocsin.errors import NotFoundError
from tocsin.organisations.actors import PUBLIC, Actor
from tocsin.organisations.models import Handling
from tocsin.organisations.permissions import is_permitted
from tocsin.organisations.visibility import derive_handling_condition
from tocsin.organisations.vocabulary import STRICTNESS, Purpose
from tocsin.reports.evidence import EvidenceFinding
from tocsin.reports.identification import assess_finding
from tocsin.reports.models import EvidenceImport, Finding, Report
from tocsin.reports.record.values import Plain, from_plain
from tocsin.science.identification import Remark
from tocsin.signals.evidence_queries import list_signal_reports
from tocsin.signals.models import Signal
from tocsin.substances.models import Substance
from tocsin.substances.queries import select_standing

EARLY_WARNING = Purpose.EARLY_WARNING.value
_WEIGHED_DETAILS = ("techniques", "mass_evidence", "reference_material", "isomer_determined")
OPEN_STATES = (VersionState.DRAFT, VersionState.WAITING)

_WAITING_FIRST = Case(
    When(state=VersionState.WAITING, then=Value(0)),
    When(state=VersionState.DRAFT, then=Value(1)),
    default=Value(2),
)
_SEVERITY = Case(
    *(
        When(severity=level, then=Value(place))
        for place, level in enumerate(
            (Severity.UNKNOWN, Severity.MINOR, Severity.MODERATE, Severity.SEVERE)
        )
    ),
    default=Value(4),
)

ALERT_ORDERS: Mapping[str, tuple[str | Case | OrderBy, ...]] = {
    "waiting": (_WAITING_FIRST, "-drafted_at", "-id"),
    "-drafted_at": ("-drafted_at", "-id"),
    "drafted_at": ("drafted_at", "id"),
    "-released_at": (F("released_at").desc(nulls_last=True), "-id"),
    "released_at": (F("released_at").asc(nulls_last=True), "id"),
    "-expires_at": ("-expires_at", "-id"),
    "expires_at": ("expires_at", "id"),
    "substance": ("alert__substance__name", "-id"),
    "-substance": ("-alert__substance__name", "-id"),
    "-severity": (_SEVERITY.desc(), "-id"),
    "severity": (_SEVERITY.asc(), "-id"),
}
"""Orders a list of alert versions can be sorted in; each ends in a unique column."""


def list_versions(
    actor: Actor,
    *,
    purpose: str = EARLY_WARNING,
    search: str = "",
    state: str = "",
    substance_key: str = "",
    order: str = "-drafted_at",
) -> QuerySet[AlertVersion]:
    """Return the alert versions the actor may see, with their texts; two queries.

    Only the owner sees what is not released.
    """
    versions = AlertVersion.objects.visible_to(actor, purpose=purpose)
    if search:
        worded = AlertWording.objects.visible_to(actor, purpose=purpose).filter(
            headline__icontains=search
        )
        versions = versions.filter(
            Q(alert__identifier__icontains=search)
            | Q(alert__substance__name__icontains=search)
            | Q(pk__in=worded.values("version_id"))
        )
    if state:
        versions = versions.filter(state=state)
    if substance_key:
        versions = versions.filter(alert__substance__key=substance_key)
    return _with_texts(versions, actor, purpose).order_by(
        *ALERT_ORDERS.get(order, ALERT_ORDERS["-drafted_at"])
    )


def list_newest_versions(
    actor: Actor, *, purpose: str = EARLY_WARNING, search: str = "", order: str = "-drafted_at"
) -> QuerySet[AlertVersion]:
    """Return of each alert the newest version the actor may see that was not discarded."""
    newest = (
        AlertVersion.objects.visible_to(actor, purpose=purpose)
        .exclude(state=VersionState.DISCARDED)
        .order_by("alert_id", "-number")
        .distinct("alert_id")
        .values("pk")
    )
    return list_versions(actor, purpose=purpose, search=search, order=order).filter(pk__in=newest)


def get_version(actor: Actor, version_id: int, *, purpose: str = EARLY_WARNING) -> AlertVersion:
    """Return one version with its texts; NotFoundError where it is absent or not visible."""
    version = list_versions(actor, purpose=purpose).filter(pk=version_id).first()
    if version is None:
        raise NotFoundError(f"alert version {version_id}: not found")
    return version


def list_history(
    actor: Actor, identifier: str, *, purpose: str = EARLY_WARNING
) -> list[AlertVersion]:
    """Return the versions of an alert the actor may see, newest first; NotFoundError for none."""
    versions = list(
        list_versions(actor, purpose=purpose)
        .filter(alert__identifier=identifier)
        .exclude(state=VersionState.DISCARDED)
        .order_by("-number")
    )
    if not versions:
        raise NotFoundError(f"alert {identifier}: not found")
    return versions


def get_document(actor: Actor, identifier: str, *, purpose: str = EARLY_WARNING) -> AlertDocument:
    """Return the newest released message of an alert; NotFoundError where none is visible."""
    return _derive_documents(list_history(actor, identifier, purpose=purpose))[0]


def find_cap(actor: Actor, identifier: str, *, purpose: str = EARLY_WARNING) -> bytes:
    """Return the newest released message of an alert as the CAP that was sent."""
    for version in list_history(actor, identifier, purpose=purpose):
        if version.state == VersionState.RELEASED and version.cap is not None:
            return bytes(version.cap)
    raise NotFoundError(f"alert {identifier}: not found")


def list_public_documents(limit: int = 100) -> list[AlertDocument]:
    """Return the newest message of each public alert, newest first; cancelled ones stay listed."""
    newest = list_newest_versions(PUBLIC, order="-released_at")[:limit]
    histories = list_released(PUBLIC, [version.alert_id for version in newest])
    return [_derive_documents(histories[version.alert_id])[0] for version in newest]


def weigh_evidence(
    actor: Actor,
    substance: Substance,
    *,
    signal: Signal | None,
    country: str,
    purpose: str = EARLY_WARNING,
) -> WeighedEvidence:
    """Weigh how surely a substance was identified in the findings the actor may see.

    Those behind the signal. Without one, all current, not retracted ones in the alert's country: a
    finding from elsewhere says nothing of what is found there. Counts over a period and what was
    looked for and not found are left out. One query, whatever the number of findings.
    """
    findings = Finding.objects.visible_to(actor, purpose=purpose).filter(
        written_name__substance__in=select_standing(substance.key),
        report__is_current=True,
        report__is_retracted=False,
        is_counted=True,
    )
    if signal is not None:
        reports = list_signal_reports(actor, signal, purpose=purpose)
        findings = findings.filter(matrix=signal.matrix, report__in=reports.order_by().values("pk"))
    else:
        findings = findings.filter(report__country=country)
    rows = (
        findings.order_by()
        .values_list("identification_level", *(f"details__{key}" for key in _WEIGHED_DETAILS))
        .annotate(total=Count("pk"))
    )
    return WeighedEvidence(tuple(_weigh(level, values, total) for level, *values, total in rows))


def find_fallen_level(actor: Actor, version: AlertVersion) -> str | None:
    """Say what the evidence bears by now, in words, where a version says more; None otherwise."""
    alert = version.alert
    weighed = weigh_evidence(actor, alert.substance, signal=alert.signal, country=version.country)
    if weighed.bears(version.identification_level, is_isomer_open=version.is_isomer_open):
        return None
    return weighed.describe(weighed.level)


def count_waiting_for(actor: Actor) -> int:
    """Count the drafts that wait for this person's release: not those they worked on themselves."""
    if not is_permitted(actor, "alert.release"):
        return 0
    return (
        AlertVersion.objects.visible_to(actor, purpose=EARLY_WARNING)
        .filter(state=VersionState.WAITING, alert__owner_id=actor.organisation_id)
        .exclude(drafted_by_id=actor.person_id)
        .exclude(edited_by__contains=[actor.person_id])
        .count()
    )


def find_strictest_level(actor: Actor, *, purpose: str = EARLY_WARNING) -> str:
    """Return the strictest TLP level of the records the actor may see, or "" where there are none.

    Asks from the strictest level down, so that one look at an index answers for a million records.
    """
    levels: dict[str, list[int]] = {}
    for pk, tlp in Handling.objects.filter(derive_handling_condition(actor, purpose)).values_list(
        "pk", "tlp"
    ):
        levels.setdefault(tlp, []).append(pk)
    for tlp in sorted(levels, key=lambda level: STRICTNESS[level], reverse=True):
        for model in (Report, EvidenceImport, Signal, AlertVersion):
            held = model.objects.visible_to(actor, purpose=purpose)
            if held.filter(handling_id__in=levels[tlp]).exists():
                return tlp
    return ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an alert stands for its reader: in force, expired, cancelled, or not released."""

    word: str
    is_in_force: bool


def derive_standing(version: AlertVersion, *, now: datetime) -> Standing:
    """Say whether a version is in force at a moment: draft, waiting, live, expired, cancelled."""
    if version.state != VersionState.RELEASED:
        return Standing(version.state, False)
    if version.message_type == MessageType.CANCEL:
        return Standing("cancelled", False)
    if version.expires_at <= now:
        return Standing("expired", False)
    return Standing("live", True)


def list_released(actor: Actor, alert_ids: list[int]) -> dict[int, list[AlertVersion]]:
    """Return of each of these alerts the released versions the actor may see, newest first."""
    versions = (
        list_versions(actor, state=VersionState.RELEASED)
        .filter(alert_id__in=alert_ids)
        .order_by("alert_id", "-number")
    )
    held: dict[int, list[AlertVersion]] = {}
    for version in versions:
        held.setdefault(version.alert_id, []).append(version)
    return held


def _weigh(level: str, values: Sequence[Plain | None], findings: int) -> Bearing:
    details = {key: value for key, value in zip(_WEIGHED_DETAILS, values, strict=True) if value}
    finding = EvidenceFinding("", "", identification_level=level, details=from_plain(details))
    assessed = assess_finding(finding)
    return Bearing(assessed.level, Remark.ISOMER_OPEN in assessed.remarks, findings)


def _derive_documents(versions: list[AlertVersion]) -> list[AlertDocument]:
    """Documents of the released ones among an alert's versions, newest first."""
    released = [version for version in versions if version.state == VersionState.RELEASED]
    if not released:
        raise NotFoundError(f"alert {versions[0].alert.identifier}: not found")
    return [
        derive_document(
            version,
            version.wordings.all(),
            sent=version.released_at,
            earlier=released[place + 1 :],
            references=_find_references(version, len(released) - place),
        )
        for place, version in enumerate(released)
        if version.released_at is not None
    ]


def _find_references(version: AlertVersion, visible: int) -> tuple[Reference, ...] | None:
    """Read which messages a version replaces from its CAP, where the reader may not see them all.

    visible: how many released versions up to this one the reader sees.
    """
    if version.message_type == MessageType.ALERT or visible >= version.number or not version.cap:
        return None
    return parse_cap(bytes(version.cap)).references


def _with_texts(
    versions: QuerySet[AlertVersion], actor: Actor, purpose: str
) -> QuerySet[AlertVersion]:
    wordings = AlertWording.objects.visible_to(actor, purpose=purpose).order_by("id")
    return versions.select_related(
        "alert__owner",
        "alert__substance",
        "alert__signal__substance",
        "handling__owner",
        "drafted_by",
        "released_by",
    ).prefetch_related(Prefetch("wordings", queryset=wordings))
