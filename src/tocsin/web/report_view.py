"""One report as its page shows it: every field in words, how sure it is, expected against found."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.identification import assess_finding, describe_level, describe_remarks
from tocsin.reports.models import Finding, Report, SpectrumFile, WrittenName
from tocsin.reports.record import EVENT_FIELDS, FINDING_FIELDS, Field, Section, get_field
from tocsin.reports.record.values import Value
from tocsin.reports.vocabulary import EventType
from tocsin.reports.wording import describe_amount, describe_purity, describe_value
from tocsin.substances.queries import resolve_text
from tocsin.web.forms.record import SECTION_WORDS

SHOWN_APART = frozenset(
    {
        "reference",
        "event_type",
        "event_on",
        "event_precision",
        "received_on",
        "reported_on",
        "country",
        "region",
        "local_area",
        "border_post",
        "substance",
        "matrix",
        "specimen",
        "amount",
        "unit",
        "purity_percent",
        "technique",
        "identification_level",
        "laboratory",
        "spectra",
    }
)
"""Fields that have a place of their own on the page."""

EXPECTATIONS = ("expected_substance", "believed_substance", "sold_as")


class Row(NamedTuple):
    """A field in words."""

    label: str
    words: str


class SectionView(NamedTuple):
    """The fields of one section that are held."""

    words: str | Promise
    rows: list[Row]


class FindingView(NamedTuple):
    """One finding in words; level and remarks: how surely it was identified, and why."""

    finding: Finding
    name: str
    amount: str
    purity: str
    level: str
    remarks: tuple[str, ...]
    sections: list[SectionView]
    spectra: list[SpectrumFile]


class Expectation(NamedTuple):
    """What something was taken for, against what was found in it; tone: done, late or quiet."""

    label: str
    text: str
    verdict: str
    tone: str


def describe_event_sections(evidence: EvidenceReport) -> list[SectionView]:
    """List the sections of the event that hold more than the page's head says."""
    return _list_sections(EVENT_FIELDS, evidence.find_value)


def describe_name(name: WrittenName) -> str:
    """Return the substance that a written name stands for, with its form; else the text itself."""
    if name.substance is None:
        return name.text
    return f"{name.substance.name} ({name.form})" if name.form else name.substance.name


def describe_findings(
    report: Report, evidence: EvidenceReport, spectra: Iterable[SpectrumFile]
) -> list[FindingView]:
    """Say each finding in words.

    report: read with its findings, from which the evidence was derived. spectra: kept files.
    """
    files = {one.digest: one for one in spectra}
    return [
        _describe_finding(finding, found, files)
        for finding, found in zip(report.findings.all(), evidence.findings, strict=True)
    ]


def compare_expected(report: Report, evidence: EvidenceReport) -> list[Expectation]:
    """Hold what a sample or substance was taken for against what was found."""
    if evidence.event_type == EventType.AGGREGATED:
        return []
    detected = [
        finding.written_name
        for finding, found in zip(report.findings.all(), evidence.findings, strict=True)
        if evidence.is_counted(found)
    ]
    keys = {name.substance.key for name in detected if name.substance is not None}
    texts = {name.text.casefold() for name in detected}
    compared = []
    for key in EXPECTATIONS:
        text = evidence.find_value(key)
        if isinstance(text, str):
            verdict, tone = _judge(text, keys, texts)
            compared.append(Expectation(_label(get_field(key)), text, verdict, tone))
    return compared


def _judge(text: str, keys: set[str], texts: set[str]) -> tuple[str, str]:
    substance = resolve_text(text).substance
    if text.casefold() in texts or (substance is not None and substance.key in keys):
        return _("found"), "done"
    if substance is None:
        return _("not compared: the register does not know this name"), "quiet"
    return _("not found"), "late"


def _describe_finding(
    finding: Finding, found: EvidenceFinding, files: dict[str, SpectrumFile]
) -> FindingView:
    assessed = assess_finding(found)
    named = found.find_value("spectra")
    digests: Sequence[str] = named if isinstance(named, tuple) else ()
    sections = _list_sections(FINDING_FIELDS, found.find_value)
    if missing := [digest for digest in digests if digest not in files]:
        # Named by a sender who keeps the file himself.
        rows = [Row(_("Spectra, SHA-256"), digest) for digest in missing]
        sections.append(SectionView(_("Spectra that are not kept here"), rows))
    return FindingView(
        finding,
        describe_name(finding.written_name),
        describe_amount(found),
        describe_purity(found),
        describe_level(assessed) if assessed.level or assessed.swgdrug else "",
        describe_remarks(assessed),
        sections,
        [files[digest] for digest in digests if digest in files],
    )


def _list_sections(
    fields: Sequence[Field], find: Callable[[str], Value | None]
) -> list[SectionView]:
    rows: dict[Section, list[Row]] = {}
    for field in fields:
        words = describe_value(field, find(field.key))
        if words and field.key not in SHOWN_APART:
            rows.setdefault(field.section, []).append(Row(_label(field), words))
    return [SectionView(SECTION_WORDS[one], rows[one]) for one in Section if one in rows]


def _label(field: Field) -> str:
    return str(capfirst(str(field.label)))
