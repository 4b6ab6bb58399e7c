"""One document of any kind: its title, its legal basis, and the sections of the kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from tocsin.notifications.documents import drug_alert, early_warning
from tocsin.notifications.documents.legal import tell_legal_status
from tocsin.notifications.documents.source import Novelty, SourceReport, Subject
from tocsin.notifications.formats.document import (
    NamedSubstance,
    PackageDocument,
    Replaced,
    Section,
    Source,
)
from tocsin.notifications.formats.record import derive_record
from tocsin.notifications.vocabulary import PackageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands on a package beside its content: who makes it, when, and what it replaces."""

    kind: str
    identifier: str
    version: int
    language: str
    tlp: str
    sender: str
    country: str
    made_at: datetime
    replaces: Replaced | None = None
    is_exercise: bool = False


def build_document(
    frame: Frame,
    sources: Sequence[SourceReport],
    subject: Subject,
    statements: Mapping[str, str],
    novelty: Novelty,
) -> PackageDocument:
    """Build the document of a package from its sources, in the language in force.

    sources: at least one, numbered from 1. novelty: asked of a first detection only.
    """
    identity = subject.identity
    return PackageDocument(
        kind=frame.kind,
        identifier=frame.identifier,
        version=frame.version,
        title=_name_kind(frame.kind),
        legal_basis=_find_basis(frame.kind),
        language=frame.language,
        tlp=frame.tlp,
        sender=frame.sender,
        country=frame.country,
        made_at=frame.made_at,
        replaces=frame.replaces,
        is_exercise=frame.is_exercise,
        substance=NamedSubstance(
            name=subject.name,
            key=identity.key if identity is not None else "",
            inchikey=identity.inchikey if identity is not None else "",
            cas=identity.cas if identity is not None else "",
        ),
        sources=tuple(
            Source(
                number=one.number,
                reference=one.reference,
                version=one.version,
                owner=one.owner,
                sha256=one.sha256,
                record=derive_record(one.evidence),
            )
            for one in sources
        ),
        sections=_list_sections(frame, sources, subject, statements, novelty),
    )


def _list_sections(
    frame: Frame,
    sources: Sequence[SourceReport],
    subject: Subject,
    statements: Mapping[str, str],
    novelty: Novelty,
) -> tuple[Section, ...]:
    if frame.kind == PackageKind.DRUG_ALERT:
        return drug_alert.list_sections(sources, subject, statements)
    legal_status = tell_legal_status(subject, frame.country, frame.made_at.date(), statements)
    return early_warning.list_sections(
        frame.kind, sources, subject, statements, novelty, legal_status
    )


def _find_basis(kind: str) -> str:
    is_alert = kind == PackageKind.DRUG_ALERT
    return drug_alert.LEGAL_BASIS if is_alert else early_warning.LEGAL_BASIS


def _name_kind(kind: str) -> str:
    titles = {
        PackageKind.FIRST_DETECTION: _("Formal notification of a first detection"),
        PackageKind.EVENT: _("Event package of the early warning system"),
        PackageKind.DRUG_ALERT: _("Notification to the European drug alert system"),
    }
    return titles[PackageKind(kind)]
