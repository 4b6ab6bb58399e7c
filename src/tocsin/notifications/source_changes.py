"""What became of the record versions that a package was made from, in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.notifications.documents.changes import FieldChange, list_field_changes
from tocsin.notifications.models import PackageSource
from tocsin.notifications.reading import derive_sources
from tocsin.reports.models import Report
from tocsin.reports.services.successions import Succession, find_successions


@dataclass(frozen=True, slots=True)
class SourceChange:
    """A record version that is no longer what is held, and what is.

    number: of the source in the document. report_id: of the newest version. retracted: it does not
    hold any more; reason: of the correction or retraction. fields: what changed.
    """

    number: int
    reference: str
    held_version: int
    newest_version: int
    report_id: int
    is_retracted: bool
    reason: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class UnseenChange:
    """A source that no longer holds, for who may not see it: its number, and in words how."""

    number: int
    how: str


def describe_change(
    source: PackageSource, old: Report, new: Report, names: Mapping[int, str]
) -> SourceChange:
    """Say what differs between a source and what is held now; names: of substances, by number."""
    [before], [after] = derive_sources([old]), derive_sources([new])
    is_same_version = new.pk == old.pk
    return SourceChange(
        number=source.number,
        reference=old.reference,
        held_version=old.version,
        newest_version=new.version,
        report_id=new.pk,
        is_retracted=new.is_retracted,
        reason=_("a name stands for something else now") if is_same_version else new.reason,
        fields=tuple(_iter_identity_changes(source, new, names))
        if is_same_version
        else list_field_changes(before, after),
    )


def _iter_identity_changes(
    source: PackageSource, report: Report, names: Mapping[int, str]
) -> Iterator[FieldChange]:
    """Say what the written names of a version stood for when the package was made, and now."""
    unknown = _("(not in the register)")
    for before, finding in zip(source.substances, report.findings.all(), strict=True):
        name = finding.written_name
        if before != (name.substance_id or 0):
            after = name.substance.name if name.substance is not None else unknown
            yield FieldChange(
                _("what the name stands for"), names.get(before, unknown), after, name.text
            )


def list_unseen_changes(sources: Sequence[PackageSource]) -> list[UnseenChange]:
    """Say which sources were corrected or retracted, without what their owners alone may tell."""
    successions = find_successions([source.report_id for source in sources])
    return [
        UnseenChange(source.number, _describe_succession(successions[source.report_id]))
        for source in sources
        if source.report_id in successions
    ]


def _describe_succession(succession: Succession) -> str:
    words = _("retracted on {day}") if succession.is_retracted else _("corrected on {day}")
    return words.format(day=timezone.localdate(succession.accepted_at).isoformat())
