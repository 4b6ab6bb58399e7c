"""The notification to the European drug alert system, items (a) to (j).

Source: Regulation (EU) 2023/1322, Article 13(2); headings shortened from its list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.notifications.documents.collecting import Collected, collect, join
from tocsin.notifications.documents.source import SourceReport, Subject
from tocsin.notifications.documents.statements import list_statements
from tocsin.notifications.documents.tables import (
    list_finding_gaps,
    make_findings_table,
    make_identification_table,
)
from tocsin.notifications.formats.document import Gap, Item, Section
from tocsin.notifications.vocabulary import PackageKind
from tocsin.reports.record.kinds import Words

LEGAL_BASIS = "Regulation (EU) 2023/1322, Article 13(2)"


@dataclass(frozen=True, slots=True)
class AlertItem:
    """One letter of the law: the fields of the record that answer it, and what a person may add.

    of_findings: fields that the table of findings or of identification shows, each a gap where a
    finding of the substance lacks it. statement: a key, empty where nothing is added.
    """

    letter: str
    heading: Words
    fields: tuple[str, ...] = ()
    of_findings: tuple[str, ...] = ()
    statement: str = ""


ALERT_ITEMS: tuple[AlertItem, ...] = (
    AlertItem(
        "a",
        gettext_lazy("Type and origin of the risk"),
        (
            "event_type",
            "source",
            "physical_form",
            "colour",
            "logo",
            "dimensions",
            "packaging",
            "sold_as",
            "origin_country",
            "transit_countries",
            "site_kind",
        ),
    ),
    AlertItem(
        "b",
        gettext_lazy("Date and place of the event"),
        (
            "event_on",
            "period_end",
            "received_on",
            "reported_on",
            "country",
            "region",
            "local_area",
            "border_post",
        ),
    ),
    AlertItem(
        "c",
        gettext_lazy("Means of exposure, transmission or dissemination"),
        (
            "exposure",
            "route_of_use",
            "setting",
            "intention",
            "believed_substance",
            "expected_substance",
            "collection_source",
            "market",
            "concealment",
            "destination_country",
        ),
    ),
    AlertItem(
        "d",
        gettext_lazy("Analytical and toxicological data"),
        (
            "sampling_context",
            "sampling_site",
            "sampling_delay_hours",
            "lod",
            "loq",
            "population_served",
            "days_sampled",
        ),
        of_findings=("amount", "purity_percent"),
    ),
    AlertItem(
        "e",
        gettext_lazy("Identification methods"),
        ("isomers_excluded", "second_reviewer", "laboratory", "accreditation", "spectra"),
        of_findings=(
            "techniques",
            "mass_evidence",
            "reference_material",
            "isomer_determined",
            "identification_level",
        ),
    ),
    AlertItem(
        "f",
        gettext_lazy("Health risks"),
        (
            "seriousness",
            "severity",
            "outcome",
            "cause_of_death",
            "signs",
            "treatments",
            "naloxone_doses",
            "naloxone_mg",
            "naloxone_response",
            "age_band",
            "sex",
            "poisoning_count",
            "death_count",
        ),
    ),
    AlertItem(
        "g",
        gettext_lazy("Social, safety and security risks"),
        (
            "seizure_count",
            "case_count",
            "smallest_amount",
            "largest_amount",
            "price_eur",
            "hazards",
            "waste_kg",
        ),
        statement="risks_social",
    ),
    AlertItem(
        "h",
        gettext_lazy("Health measures implemented or intended at national level"),
        statement="measures_health",
    ),
    AlertItem(
        "i",
        gettext_lazy("Measures other than health measures"),
        ("authority", "clearing_cost_eur"),
        statement="measures_other",
    ),
    AlertItem("j", gettext_lazy("Other information"), ("reporter", "note"), statement="other"),
)

NOT_ASKED = frozenset({"event_precision", "first_detection", "reference"})
"""Fields that no letter asks for: said with the sources, or with the day."""
IN_TABLES = frozenset({"detection", "matrix", "role", "specimen", "substance", "technique", "unit"})
"""Fields that the tables of (d) and (e) show beside those whose gaps are named."""
NEVER_A_GAP = frozenset({"cause_of_death", "note"})


def list_sections(
    sources: Sequence[SourceReport], subject: Subject, statements: Mapping[str, str]
) -> tuple[Section, ...]:
    """List the ten items of a drug alert notification, each with its gaps."""
    labels = {one.key: str(one.label) for one in list_statements(PackageKind.DRUG_ALERT)}
    return tuple(_tell(item, sources, subject, statements, labels) for item in ALERT_ITEMS)


def _tell(
    item: AlertItem,
    sources: Sequence[SourceReport],
    subject: Subject,
    statements: Mapping[str, str],
    labels: Mapping[str, str],
) -> Section:
    of_findings: Collected = ((), list_finding_gaps(sources, subject, item.of_findings))
    items, gaps = join(
        _name_substance(subject) if item.letter == "a" else ((), ()),
        collect(sources, item.fields),
        of_findings,
        _take_statement(item.statement, statements, labels),
    )
    table = None
    if item.letter == "d":
        table = make_findings_table(sources)
    elif item.letter == "e":
        table = make_identification_table(sources)
    gaps = tuple(gap for gap in gaps if gap.key not in NEVER_A_GAP)
    is_empty = not (items or gaps or table)
    note = _("Not asked for in events of this type.") if is_empty else ""
    return Section(item.letter, str(item.heading), items, table, gaps, note)


def _name_substance(subject: Subject) -> Collected:
    identity = subject.identity
    if identity is None:
        gap = Gap("substance", _("entry of the register: the name stands for nothing yet"))
        return (Item(_("substance"), subject.text),), (gap,)
    marks = (
        f"CAS {identity.cas}" if identity.cas else "",
        f"InChIKey {identity.inchikey}" if identity.inchikey else "",
    )
    told = "; ".join((identity.name, *(mark for mark in marks if mark)))
    return (Item(_("substance"), told), Item(_("class"), identity.class_name)), ()


def _take_statement(
    key: str, statements: Mapping[str, str], labels: Mapping[str, str]
) -> Collected:
    if not key:
        return (), ()
    if key in statements:
        return (Item(labels[key], statements[key]),), ()
    return (), (Gap(key, labels[key]),)
