"""Reading what is entered by hand: an organisation's own drafts, and its files of spectra."""

from collections.abc import Collection

from django.db.models import QuerySet

from tocsin.errors import NotFoundError
from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.reports.models import Draft, Report, SpectrumFile


def list_drafts(actor: Actor) -> QuerySet[Draft]:
    """Return the drafts of the actor's organisation, the one changed last first."""
    return Draft.objects.filter(owner_id=actor.organisation_id).order_by("-changed_at", "-id")


def get_draft(actor: Actor, draft_id: int) -> Draft:
    """Return a draft of the actor's organisation; NotFoundError for any other number."""
    draft = list_drafts(actor).filter(pk=draft_id).first()
    if draft is None:
        raise NotFoundError(f"draft {draft_id}: not found")
    return draft


def find_own_report(actor: Actor, reference: str) -> Report | None:
    """Find the current version of the organisation's report with a reference; None without one."""
    own = Report.objects.visible_to(actor, purpose=Purpose.EARLY_WARNING.value)
    found: Report | None = own.filter(
        owner_id=actor.organisation_id, reference=reference, is_current=True
    ).first()
    return found


def list_own_spectra(actor: Actor, digests: Collection[str]) -> list[SpectrumFile]:
    """Return those of the files that the actor's organisation keeps; what is no digest is none."""
    known = {one for one in digests if one.isascii() and one.isalnum()}
    own = SpectrumFile.objects.filter(owner_id=actor.organisation_id, digest__in=known)
    return list(own.order_by("file_name", "id"))


def list_spectra(report: Report) -> list[SpectrumFile]:
    """Return the files of spectra that a report names and its owner keeps here.

    report: read with its findings, by somebody who may see it.
    """
    named = {
        digest for finding in report.findings.all() for digest in finding.details.get("spectra", ())
    }
    kept = SpectrumFile.objects.filter(owner_id=report.owner_id, digest__in=named)
    return list(kept.order_by("file_name", "id")) if named else []


def get_spectrum(report: Report, digest: str) -> SpectrumFile:
    """Return a file that a report names; NotFoundError where it does not, or it is not kept."""
    found = next((one for one in list_spectra(report) if one.digest == digest), None)
    if found is None:
        raise NotFoundError(f"report {report.pk}: no file of spectra {digest[:12]!r} found")
    return found
