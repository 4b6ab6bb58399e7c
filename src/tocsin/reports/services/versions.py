"""Writing single reports: record, correct, retract."""

from collections.abc import Mapping

from django.db import transaction
from django.forms.models import model_to_dict
from django.utils import timezone

from tocsin.errors import ErasedError, NotFoundError, RefusedError, StaleReportError
from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling
from tocsin.organisations.permissions import require_permission
from tocsin.reports.evidence import EvidenceReport
from tocsin.reports.formats.personal_data import require_reason
from tocsin.reports.models import ChangeKind, EvidenceChange, Finding, Report
from tocsin.reports.record import FINDING_COLUMNS
from tocsin.reports.services.batches import (
    IncomingReport,
    derive_key,
    lock_owner,
    store_batch,
    store_correction,
)
from tocsin.reports.services.erasing import describe_erased, find_erased
from tocsin.reports.services.name_book import NameBook
from tocsin.reports.services.storable import require_storable

COPIED = ("written_name_id", *FINDING_COLUMNS, "details", "is_counted")
"""What a finding of the next version has of the one before."""


@transaction.atomic
def record_report(actor: Actor, handling: Handling, evidence: EvidenceReport) -> Report:
    """Store one report that came in by hand or through the API; return its current version.

    With a reference that is held already, a different content becomes a new version and an equal
    one changes nothing. Journals ``report.accepted`` or ``report.corrected``. Raises RefusedError
    where the report is not the actor's own, lies in the future, cannot be held, or was erased.
    """
    require_permission(actor, "report.import")
    _require_own(actor, handling.owner_id)
    require_storable(evidence, today=timezone.localdate())
    lock_owner(handling.owner_id)
    digest = evidence.derive_content_digest()
    key = derive_key(evidence, digest, 1)
    for on in find_erased(handling.owner_id, [key]).values():
        raise RefusedError(f"report: was held before; expected {describe_erased(on)}")
    incoming = IncomingReport(evidence, key, digest)
    store_batch(actor, handling, [incoming], NameBook(handling.owner_id))
    return _get_current(handling.owner_id, key)


@transaction.atomic
def correct_report(
    actor: Actor, report_id: int, evidence: EvidenceReport, *, version: int, reason: str
) -> Report:
    """Store a new version that names the one it replaces, and why; return it.

    version: the number the person saw. Raises StaleReportError where a newer one is held,
    NotFoundError where the report is not the actor's, RefusedError without a reason, with another
    reference than the report has, or where it says what is held already.
    """
    require_permission(actor, "report.correct")
    require_storable(evidence, today=timezone.localdate())
    held = _lock_current(actor, report_id, version)
    require_reason(f"report {held}", reason)
    if evidence.reference != held.reference:
        raise RefusedError(
            f"report {held}: the correction has the reference {evidence.reference!r}; expected the "
            "report's own, which tells it from others in the sender's next file"
        )
    incoming = IncomingReport(evidence, held.key, evidence.derive_content_digest())
    if incoming.digest == bytes(held.content_digest):
        raise RefusedError(f"report {held}: the correction changes nothing; expected a change")
    store_correction(actor, held, incoming, NameBook(held.owner_id), reason=reason)
    return _get_current(held.owner_id, held.key)


@transaction.atomic
def retract_report(actor: Actor, report_id: int, *, version: int, reason: str) -> Report:
    """Store a last version that says the report does not hold, and why; return it.

    Its findings stay with it for the record, and count no longer. Errors as ``correct_report``.
    """
    require_permission(actor, "report.retract")
    held = _lock_current(actor, report_id, version)
    require_reason(f"report {held}", reason)
    retraction = store_copy(actor, held, reason=reason, is_retracted=True)
    EvidenceChange.objects.create(kind=ChangeKind.SUPERSEDED, ids=[held.pk])
    record(
        actor=actor.journal_name,
        action="report.retracted",
        record_type="report",
        record_id=str(retraction.pk),
        # Not the reason: it goes with the report when that is erased, the journal stays.
        details={"version": retraction.version, "predecessor": held.pk},
    )
    return retraction


def store_copy(
    actor: Actor,
    held: Report,
    *,
    reason: str,
    is_retracted: bool = False,
    readings: Mapping[int, int] | None = None,
) -> Report:
    """Write the current version once more, with its findings, as the next version; return it.

    readings: written names that findings point to instead, by the one they pointed to. Runs in the
    caller's transaction, which holds the owner's lock; the caller journals it and hands it on.
    """
    instead = readings or {}
    findings = list(Finding.objects.for_writing().filter(report=held))
    Report.objects.for_writing().filter(pk=held.pk).update(is_current=False)
    values = model_to_dict(
        held, exclude=["id", "handling", "owner", "predecessor", "evidence_import"]
    )
    values |= {
        "version": held.version + 1,
        "is_current": True,
        "is_retracted": is_retracted,
        "reason": reason,
        "content_digest": held.content_digest,
        "accepted_at": timezone.now(),
        "reported_by": actor.name,
    }
    copy: Report = Report.objects.create(
        handling=held.handling, owner_id=held.owner_id, predecessor=held, **values
    )
    Finding.objects.bulk_create(
        [
            Finding(
                report=copy,
                position=finding.position,
                **{
                    **{name: getattr(finding, name) for name in COPIED},
                    "written_name_id": instead.get(
                        finding.written_name_id, finding.written_name_id
                    ),
                },
            )
            for finding in findings
        ]
    )
    return copy


def _get_current(owner_id: int, key: str) -> Report:
    current: Report = Report.objects.for_writing().get(owner_id=owner_id, key=key, is_current=True)
    return current


def _lock_current(actor: Actor, report_id: int, version: int) -> Report:
    if actor.organisation_id is None:
        raise NotFoundError(f"report {report_id}: not found")
    lock_owner(actor.organisation_id)
    own = Report.objects.for_writing().filter(owner_id=actor.organisation_id)
    named = own.filter(pk=report_id).first()
    if named is None:
        raise NotFoundError(f"report {report_id}: not found among your organisation's reports")
    if named.erased_on is not None:
        raise ErasedError(f"report {report_id}: was erased on {named.erased_on.isoformat()}")
    held = _get_current(named.owner_id, named.key)
    if held.version != version:
        raise StaleReportError(held.reference or str(held.pk), held=held.version, received=version)
    if held.is_retracted:
        raise RefusedError(f"report {held}: was retracted; expected a report that still holds")
    return held


def _require_own(actor: Actor, owner_id: int) -> None:
    if owner_id != actor.organisation_id:
        raise RefusedError("report: its owner is another organisation; expected the reporter's own")
