"""The first detection and the event package of the early warning system.

Headings: the event record reconstructed from the forms of the early warning system, and those of an
initial report (Regulation (EU) 2023/1322, Article 9(2)). What was manufactured how is never said:
the heading holds a reference to who holds it.
"""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from tocsin.notifications.documents.collecting import Collected, collect, join
from tocsin.notifications.documents.source import Novelty, SourceReport, Subject
from tocsin.notifications.documents.statements import (
    LEGAL_STATEMENTS,
    MANUFACTURE_REFERENCE,
    list_statements,
)
from tocsin.notifications.documents.tables import (
    describe_identification,
    list_finding_gaps,
    make_findings_table,
    make_identification_table,
)
from tocsin.notifications.formats.document import Gap, Item, Section
from tocsin.notifications.vocabulary import Claim, PackageKind
from tocsin.reports.countries import name_country
from tocsin.reports.evidence import EvidenceFinding
from tocsin.reports.identification import assess_finding
from tocsin.reports.record import EVENT_FIELDS, FINDING_FIELDS
from tocsin.reports.record.kinds import COLLECTED, SEIZED
from tocsin.reports.record.kinds import Section as Part
from tocsin.science.identification import SCHYMANSKI, SWGDRUG_MET

LEGAL_BASIS = "Regulation (EU) 2023/1322, Article 8"

_IN_TABLES = frozenset(
    {
        "amount",
        "detection",
        "identification_level",
        "isomer_determined",
        "mass_evidence",
        "matrix",
        "physical_form",
        "purity_percent",
        "reference_material",
        "role",
        "specimen",
        "substance",
        "technique",
        "techniques",
        "unit",
    }
)
"""Fields of a finding that a row of a table says."""

_SAID_ELSEWHERE = frozenset({"event_precision", "first_detection"})
"""Fields of an event that stand with the day, or under a heading of their own."""

CONFIRMED = frozenset({SCHYMANSKI[0], SWGDRUG_MET})
"""Levels at which a substance counts as confirmed, besides evidence that meets SWGDRUG's minimum."""

GAPS_OF_FINDINGS = ("physical_form", "amount", "purity_percent")
GAPS_OF_IDENTIFICATION = (
    "techniques",
    "mass_evidence",
    "reference_material",
    "isomer_determined",
    "identification_level",
)


def list_sections(
    kind: str,
    sources: Sequence[SourceReport],
    subject: Subject,
    statements: Mapping[str, str],
    novelty: Novelty,
    legal_status: Section,
) -> tuple[Section, ...]:
    """List the sections of a package of the early warning system.

    novelty: asked of a first detection only. legal_status: as ``legal`` tells it.
    """
    return (
        *([_tell_first(sources, subject, novelty)] if kind == PackageKind.FIRST_DETECTION else []),
        tell_substance(subject),
        _tell_event(sources),
        *_tell_circumstances(sources),
        _tell_findings(sources, subject),
        _tell_identification(sources, subject),
        legal_status,
        _tell_statements(kind, statements),
        _tell_manufacture(statements),
    )


def tell_substance(subject: Subject) -> Section:
    """Describe the substance as the register holds it, with what the register lacks."""
    heading = _("Substance")
    identity = subject.identity
    written = Item(_("as written"), subject.text)
    if identity is None:
        gap = Gap("substance", _("entry of the register: the name stands for nothing yet"))
        return Section("substance", heading, (written,), gaps=(gap,))
    facts = [
        ("name", _("name"), identity.name),
        ("substance_text", _("as written"), subject.text if subject.text != identity.name else ""),
        ("kind", _("kind"), identity.kind),
        ("class", _("class"), identity.class_name),
        ("formula", _("formula"), identity.formula),
        ("mass_da", _("average mass (Da)"), str(identity.mass_da or "")),
        ("cas", _("CAS number"), identity.cas),
        ("inchikey", _("InChIKey"), identity.inchikey),
        ("smiles", _("SMILES"), identity.smiles),
        ("members", _("stands for"), "; ".join(identity.members)),
    ]
    items = [Item(label, text) for _key, label, text in facts if text]
    items += [Item(label, name) for label, name in identity.names]
    if identity.smiles:
        reviewed = _("by two independent routes") if identity.is_reviewed else _("not reviewed")
        items.append(Item(_("structure"), reviewed))
    wanted = () if identity.is_group else ("formula", "cas", "inchikey", "smiles")
    gaps = tuple(Gap(key, label) for key, label, text in facts if key in wanted and not text)
    return Section("substance", heading, tuple(items), gaps=gaps)


def _tell_first(sources: Sequence[SourceReport], subject: Subject, novelty: Novelty) -> Section:
    items, gaps = collect(sources, ["first_detection"])
    checked = Item(
        _("checked against what this organisation holds"),
        _describe_novelty(novelty).format(
            substance=subject.name,
            country=name_country(sources[0].evidence.country),
            month="" if novelty.counted_on is None else f"{novelty.counted_on:%Y-%m}",
        ),
    )
    return Section(
        "first_detection",
        _("First detection"),
        (*items, checked),
        gaps=gaps,
        note=_describe_doubt(sources, subject),
    )


def _describe_novelty(novelty: Novelty) -> str:
    """Say whether a first detection is one, with places for substance, country and month."""
    is_counted = novelty.counted_on is not None
    if novelty.claim is None:
        return _("cannot be checked: the name stands for no substance of the register")
    if novelty.claim is Claim.FIRST:
        return _("holds: no earlier finding of {substance} is held, in {country} or elsewhere")
    if novelty.claim is Claim.NOT_FIRST and is_counted:
        return _(
            "does not hold: counts of {substance} in {country} of {month} are held; "
            "their reports were erased when their time was over"
        )
    if novelty.claim is Claim.NOT_FIRST:
        return _("does not hold: an earlier finding of {substance} in {country} is held")
    if is_counted:
        return _(
            "holds for {country}: no earlier finding of {substance} there is held; counts in other "
            "countries of {month} are, their reports were erased when their time was over"
        )
    return _(
        "holds for {country}: no earlier finding of {substance} there is held; "
        "earlier ones in other countries are"
    )


def _describe_doubt(sources: Sequence[SourceReport], subject: Subject) -> str:
    """Warn where no finding of the substance is confirmed on either scale; empty where one is."""
    findings = [
        finding
        for source in sources
        for finding, identity in source.iter_findings()
        if subject.is_of(finding, identity)
    ]
    if any(map(_is_confirmed, findings)):
        return ""
    levels = dict.fromkeys(map(describe_identification, findings))
    return _("Not confirmed: {levels}.").format(levels="; ".join(levels))


def _is_confirmed(finding: EvidenceFinding) -> bool:
    assessed = assess_finding(finding)
    meets_minimum = assessed.swgdrug is not None and assessed.swgdrug.is_met
    return assessed.level in CONFIRMED or meets_minimum


def _tell_event(sources: Sequence[SourceReport]) -> Section:
    keys = [
        field.key
        for field in EVENT_FIELDS
        if field.section in (Part.EVENT, Part.PLACE) and field.key not in _SAID_ELSEWHERE
    ]
    items, gaps = collect(sources, keys)
    return Section("event", _("Event") if len(sources) == 1 else _("Events"), items, gaps=gaps)


def _tell_circumstances(sources: Sequence[SourceReport]) -> tuple[Section, ...]:
    """Sections that only some types of event have, each as far as one of the sources has it."""
    headings = {
        Part.SEIZURE: _name_circumstances(sources),
        Part.COLLECTION: _("Circumstances of the collection"),
        Part.POISONING: _("Poisoning"),
        Part.TREATMENT: _("Treatment"),
        Part.WASTEWATER: _("Wastewater"),
        Part.SITE: _("Site"),
        Part.NOTE: _("Note"),
    }
    sections = []
    for part, heading in headings.items():
        found = collect(sources, [one.key for one in EVENT_FIELDS if one.section is part])
        if part is Part.NOTE:
            found = (found[0], ())
        if any(found):
            sections.append(Section(part.value, heading, found[0], gaps=found[1]))
    return tuple(sections)


def _name_circumstances(sources: Sequence[SourceReport]) -> str:
    """Name what is asked of things seized, of things collected or bought, and of some of each."""
    types = {source.evidence.event_type for source in sources}
    is_seized, is_offered = bool(types & SEIZED), bool(types & COLLECTED)
    if is_seized == is_offered:
        return _("Circumstances")
    return _("Circumstances of the seizure") if is_seized else _("How it was offered")


def _tell_findings(sources: Sequence[SourceReport], subject: Subject) -> Section:
    parts = (Part.MATERIAL, Part.MEASUREMENT, Part.COUNTS)
    further = collect(sources, _list_further(*parts))
    lacking: Collected = ((), list_finding_gaps(sources, subject, GAPS_OF_FINDINGS))
    items, gaps = join(further, lacking)
    return Section("findings", _("Findings"), items, make_findings_table(sources), gaps)


def _tell_identification(sources: Sequence[SourceReport], subject: Subject) -> Section:
    further = collect(sources, _list_further(Part.IDENTIFICATION))
    lacking: Collected = ((), list_finding_gaps(sources, subject, GAPS_OF_IDENTIFICATION))
    items, gaps = join(further, lacking)
    return Section(
        "identification", _("Identification"), items, make_identification_table(sources), gaps
    )


def _list_further(*parts: Part) -> list[str]:
    """Keys of the fields of findings in these parts that no table says."""
    return [
        field.key
        for field in FINDING_FIELDS
        if field.section in parts and field.key not in _IN_TABLES
    ]


def _tell_statements(kind: str, statements: Mapping[str, str]) -> Section:
    elsewhere = (*LEGAL_STATEMENTS, MANUFACTURE_REFERENCE)
    wanted = [one for one in list_statements(kind) if one.key not in elsewhere]
    return Section(
        "initial_report",
        _("Further headings of an initial report"),
        tuple(Item(str(one.label), statements[one.key]) for one in wanted if one.key in statements),
        gaps=tuple(Gap(one.key, str(one.label)) for one in wanted if one.key not in statements),
    )


def _tell_manufacture(statements: Mapping[str, str]) -> Section:
    label = _("reference no.")
    reference = statements.get(MANUFACTURE_REFERENCE, "")
    return Section(
        "manufacture",
        _("Methods and precursors used to manufacture"),
        (Item(label, reference),) if reference else (),
        gaps=() if reference else (Gap(MANUFACTURE_REFERENCE, label),),
        note=_("Held by the Agency / Europol; not part of this package."),
    )
