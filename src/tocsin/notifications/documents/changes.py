"""What changed between the record version a package was made from and the one held now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tocsin.notifications.documents.source import Identity, SourceReport
from tocsin.notifications.documents.tables import describe_substance
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.record import EVENT_FIELDS, FINDING_FIELDS
from tocsin.reports.wording import describe_value

Found = tuple[EvidenceFinding, Identity | None]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field whose value changed, in words; empty where nothing is held. finding: of which one."""

    label: str
    before: str
    after: str
    finding: str = ""


def list_field_changes(before: SourceReport, after: SourceReport) -> tuple[FieldChange, ...]:
    """List what differs between two versions, in the order of the record.

    Findings are matched by what was written and in which specimen; what is left over, by its place.
    """
    changes = list(_iter_event_changes(before.evidence, after.evidence))
    for old, new in _match_findings(list(before.iter_findings()), list(after.iter_findings())):
        changes += _list_finding_changes(old, new)
    return tuple(changes)


def _iter_event_changes(before: EvidenceReport, after: EvidenceReport) -> Iterator[FieldChange]:
    for field in EVENT_FIELDS:
        old, new = before.find_value(field.key), after.find_value(field.key)
        if old != new:
            yield FieldChange(
                str(field.label), describe_value(field, old), describe_value(field, new)
            )


def _match_findings(
    before: Sequence[Found], after: Sequence[Found]
) -> list[tuple[Found | None, Found | None]]:
    left = list(after)
    pairs: list[tuple[Found | None, Found | None]] = []
    unmatched: list[int] = []
    for place, old in enumerate(before):
        same = next((new for new in left if _name(new) == _name(old)), None)
        if same is None:
            unmatched.append(place)
        else:
            left.remove(same)
        pairs.append((old, same))
    for place in unmatched:
        if left:
            pairs[place] = (pairs[place][0], left.pop(0))
    return [*pairs, *((None, new) for new in left)]


def _name(found: Found) -> tuple[str, str, str]:
    finding, _identity = found
    return finding.substance_text, finding.matrix, finding.specimen


def _list_finding_changes(old: Found | None, new: Found | None) -> list[FieldChange]:
    if old is None or new is None:
        return [
            FieldChange(
                _("finding"),
                describe_substance(*old) if old is not None else "",
                describe_substance(*new) if new is not None else "",
            )
        ]
    title = describe_substance(*new)
    return [
        FieldChange(
            str(field.label),
            describe_value(field, old[0].find_value(field.key)),
            describe_value(field, new[0].find_value(field.key)),
            title,
        )
        for field in FINDING_FIELDS
        if old[0].find_value(field.key) != new[0].find_value(field.key)
    ]
