"""Tables of findings: what was found in what and how much, and how surely it was identified."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from tocsin.notifications.documents.source import Identity, SourceReport, Subject
from tocsin.notifications.formats.document import Gap, Table
from tocsin.reports.evidence import EvidenceFinding
from tocsin.reports.identification import assess_finding, describe_level, describe_remarks
from tocsin.reports.record import get_field
from tocsin.reports.wording import describe_amount, describe_purity, describe_value

NOTHING_HELD = "–"
"""What stands in a cell for which nothing is held."""

Describe = Callable[[EvidenceFinding, Identity | None], str]


def make_findings_table(sources: Sequence[SourceReport]) -> Table:
    """List all findings of the sources: substance, material, amount, purity, role."""
    columns: list[tuple[str, Describe]] = [
        (_("Substance"), describe_substance),
        (_("Material"), _describe_material),
        (_("Amount or concentration"), lambda finding, _identity: describe_amount(finding)),
    ]
    if any(finding.purity_percent is not None for finding in _list_findings(sources)):
        columns.append((_("Purity"), lambda finding, _identity: describe_purity(finding)))
    if any(finding.find_value("role") is not None for finding in _list_findings(sources)):
        columns.append((_("Role"), lambda finding, _identity: _describe(finding, "role")))
    return _make_table(_("Findings"), sources, columns)


def make_identification_table(sources: Sequence[SourceReport]) -> Table:
    """List for all findings the level that counts, in words, and what it rests on."""
    return _make_table(
        _("Identification"),
        sources,
        [
            (_("Substance"), describe_substance),
            (_("Level that counts"), lambda finding, _identity: describe_identification(finding)),
            (_("Techniques"), lambda finding, _identity: _describe_techniques(finding)),
            (_("Evidence"), lambda finding, _identity: _describe_evidence(finding)),
        ],
    )


def list_finding_gaps(
    sources: Sequence[SourceReport], subject: Subject, keys: Sequence[str]
) -> tuple[Gap, ...]:
    """List what is missing of the findings of the substance that the package is about.

    keys: of fields of a finding, each a gap where a finding of the substance lacks it.
    """
    gaps = []
    for field in map(get_field, keys):
        lacking = tuple(
            source.number
            for source in sources
            if field.applies_to(source.evidence.event_type)
            and any(
                subject.is_of(finding, identity) and finding.find_value(field.key) is None
                for finding, identity in source.iter_findings()
            )
        )
        if lacking:
            gaps.append(Gap(field.key, str(field.label), () if len(sources) == 1 else lacking))
    return tuple(gaps)


def describe_substance(finding: EvidenceFinding, identity: Identity | None) -> str:
    """Name the substance of a finding: by the register, and as it was written where that differs."""
    if identity is None:
        return _("{text} (not in the register)").format(text=finding.substance_text)
    if identity.name.casefold() == finding.substance_text.casefold():
        return identity.name
    return _("{name} (written: {text})").format(name=identity.name, text=finding.substance_text)


def describe_identification(finding: EvidenceFinding) -> str:
    """Say how surely a substance was identified, with what must be known of it."""
    assessed = assess_finding(finding)
    return "; ".join((describe_level(assessed), *describe_remarks(assessed)))


def _make_table(
    caption: str, sources: Sequence[SourceReport], columns: Sequence[tuple[str, Describe]]
) -> Table:
    """Return a table with a row for each finding; the source stands first where there are several."""
    is_single = len(sources) == 1
    rows = []
    for source in sources:
        for finding, identity in source.iter_findings():
            cells = [describe(finding, identity) or NOTHING_HELD for _label, describe in columns]
            rows.append(tuple(cells if is_single else [str(source.number), *cells]))
    headings = tuple(label for label, _describe in columns)
    return Table(caption, headings if is_single else (_("Source"), *headings), tuple(rows))


def _list_findings(sources: Sequence[SourceReport]) -> list[EvidenceFinding]:
    return [finding for source in sources for finding in source.evidence.findings]


def _describe(finding: EvidenceFinding, key: str) -> str:
    return describe_value(get_field(key), finding.find_value(key))


def _describe_material(finding: EvidenceFinding, _identity: Identity | None) -> str:
    parts = (_describe(finding, "matrix"), finding.specimen, _describe(finding, "physical_form"))
    return ", ".join(part for part in parts if part)


def _describe_techniques(finding: EvidenceFinding) -> str:
    listed = _describe(finding, "techniques")
    if listed and finding.technique:
        return _("{techniques} (written: {text})").format(techniques=listed, text=finding.technique)
    return listed or finding.technique


def _describe_evidence(finding: EvidenceFinding) -> str:
    said = (
        _describe(finding, "mass_evidence"),
        _label_answer(finding, "reference_material"),
        _label_answer(finding, "isomer_determined"),
    )
    return "; ".join(part for part in said if part)


def _label_answer(finding: EvidenceFinding, key: str) -> str:
    answer = _describe(finding, key)
    return f"{get_field(key).label}: {answer}" if answer else ""
