"""From held report versions to the plain values that documents are made from."""

from collections.abc import Sequence

from django.db.models import Prefetch, QuerySet

from tocsin.notifications.documents.source import Identity, SourceReport, Subject
from tocsin.organisations.actors import Actor
from tocsin.reports.models import Finding, Report
from tocsin.reports.queries import derive_evidence
from tocsin.substances.models import Substance
from tocsin.substances.queries import list_members, list_names
from tocsin.substances.vocabulary import NameKind

MOST_NAMES = 8
"""Names of a substance that a document tells, the kinds that say most first."""
_ORDER_OF_NAMES = [
    NameKind.INN,
    NameKind.CHEMICAL,
    NameKind.COMMON,
    NameKind.CODE,
    NameKind.ABBREVIATION,
    NameKind.STREET,
]


def select_with_findings(
    reports: QuerySet[Report], actor: Actor, *, purpose: str
) -> QuerySet[Report]:
    """Return reports with what a document needs of each; three queries."""
    findings = (
        Finding.objects.visible_to(actor, purpose=purpose)
        .select_related("written_name__substance__substance_class")
        .order_by("position")
    )
    return reports.select_related("handling__owner", "owner").prefetch_related(
        Prefetch("findings", queryset=findings)
    )


def derive_sources(reports: Sequence[Report]) -> list[SourceReport]:
    """Return report versions, read with their findings, as the sources of a document."""
    return [
        SourceReport(
            number=number,
            reference=report.reference,
            version=report.version,
            owner=report.owner.name,
            sha256=bytes(report.content_digest).hex(),
            evidence=derive_evidence(report),
            identities=tuple(
                None
                if finding.written_name.substance is None
                else _derive_identity(finding.written_name.substance)
                for finding in report.findings.all()
            ),
        )
        for number, report in enumerate(reports, start=1)
    ]


def derive_subject(finding: Finding) -> Subject:
    """Return the substance of a finding with its names and members, in three queries."""
    substance = finding.written_name.substance
    text = finding.written_name.text
    if substance is None:
        return Subject(text, None)
    names = sorted(
        (name for name in list_names(substance) if name.text != substance.name),
        key=lambda name: (_ORDER_OF_NAMES.index(NameKind(name.kind)), name.text),
    )
    labels = dict(NameKind.choices)
    return Subject(
        text,
        _derive_identity(
            substance,
            names=tuple((str(labels[name.kind]), name.text) for name in names[:MOST_NAMES]),
            members=tuple(member.name for member in list_members(substance))
            if substance.is_group
            else (),
        ),
    )


def list_substance_ids(report: Report) -> list[int]:
    """Return what the findings of a report are of, in their order; 0 where a name is unknown."""
    return [finding.written_name.substance_id or 0 for finding in report.findings.all()]


def _derive_identity(
    substance: Substance,
    *,
    names: tuple[tuple[str, str], ...] = (),
    members: tuple[str, ...] = (),
) -> Identity:
    return Identity(
        key=substance.key,
        name=substance.name,
        kind=str(substance.get_kind_display()),
        class_name=substance.substance_class.name,
        smiles=substance.smiles,
        inchikey=substance.inchikey,
        formula=substance.formula,
        mass_da=substance.mass_da,
        cas=substance.cas,
        is_reviewed=substance.reviewed,
        is_group=substance.is_group,
        names=names,
        members=members,
    )
