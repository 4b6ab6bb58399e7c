"""Items and gaps of a section, gathered from all sources."""

from collections.abc import Iterable, Sequence
from itertools import chain

from tocsin.notifications.documents.source import SourceReport
from tocsin.notifications.formats.document import Gap, Item
from tocsin.reports.record import Field, Level, get_field
from tocsin.reports.vocabulary import Unit
from tocsin.reports.wording import describe_day, describe_value

Collected = tuple[tuple[Item, ...], tuple[Gap, ...]]


def collect(sources: Sequence[SourceReport], keys: Iterable[str]) -> Collected:
    """Gather what sources say in fields of the record, and which say nothing.

    keys: of fields, in the order wanted. Equal statements of several sources become one item that
    names them all; of one source alone, no number is given. A field that does not apply to the type
    of an event is no gap of it.
    """
    items: dict[tuple[str, str], list[int]] = {}
    gaps: dict[tuple[str, str], list[int]] = {}
    for field in map(get_field, keys):
        for source in sources:
            if not field.applies_to(source.evidence.event_type):
                continue
            said = _list_said(source, field)
            for label, text in said:
                items.setdefault((label, text), []).append(source.number)
            if not said:
                gaps.setdefault((field.key, str(field.label)), []).append(source.number)
    is_single = len(sources) == 1
    return (
        tuple(
            Item(label, text, () if is_single else tuple(numbers))
            for (label, text), numbers in items.items()
        ),
        tuple(
            Gap(key, label, () if is_single else tuple(numbers))
            for (key, label), numbers in gaps.items()
        ),
    )


def join(*parts: Collected) -> Collected:
    """Put what was gathered one after the other.

    >>> join(((Item("colour", "blue"),), ()), ((), (Gap("logo", "logo"),)))
    ((Item(label='colour', text='blue', sources=()),), (Gap(key='logo', label='logo', sources=()),))
    """
    return (
        tuple(chain.from_iterable(items for items, _gaps in parts)),
        tuple(chain.from_iterable(gaps for _items, gaps in parts)),
    )


def _list_said(source: SourceReport, field: Field) -> list[tuple[str, str]]:
    """Labels and texts of what one source says in a field, each once."""
    label = str(field.label)
    if field.level is Level.EVENT:
        text = _describe_of_event(source, field)
        return [(label, text)] if text else []
    said: dict[tuple[str, str], None] = {}
    findings = source.evidence.findings
    for finding, identity in source.iter_findings():
        text = describe_value(field, finding.find_value(field.key))
        if text and finding.unit and field.is_in_given_unit:
            text = f"{text} {Unit(finding.unit).label}"
        name = identity.name if identity is not None else finding.substance_text
        is_of_all = field.is_shared or len(findings) == 1
        if text:
            said[(label if is_of_all else f"{label}, {name}", text)] = None
    return list(said)


def _describe_of_event(source: SourceReport, field: Field) -> str:
    evidence = source.evidence
    if field.key == "event_on":
        return describe_day(evidence.event_on, evidence.event_precision)
    return describe_value(field, evidence.find_value(field.key))
