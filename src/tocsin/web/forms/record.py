"""The forms of one report, made from the event record: the event, its findings, and their checks."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.formats.cells import DatedPeriod
from tocsin.reports.record import IN_GIVEN_UNIT, Level, Section, get_field, list_fields
from tocsin.reports.record.checks import Misfit, find_misfits
from tocsin.reports.record.slips import find_likely_slips, find_unusual
from tocsin.reports.record.values import Value, make_details
from tocsin.reports.vocabulary import COUNTRY_OF_NUTS_PREFIX, DatePrecision, EventType
from tocsin.reports.wording import describe_value
from tocsin.web.forms.record_fields import (
    RecordField,
    Typed,
    find_usual,
    read_typed,
    show_value,
)

MOST_FINDINGS = 60
"""Of one form; a report of more comes and is corrected as a file."""

COUNT_NAME = "findings"
CONFIRMED_NAME = "confirmed"

REPORTING = "reporting"
REPORTING_KEYS = frozenset({"received_on", "reported_on", "reporter", "first_detection", "source"})
"""About the report rather than the event: asked for after the findings."""

CLOSING = (REPORTING, Section.NOTE)
"""The sections of the event that stand after the findings."""

UNMEASURED = (Section.MATERIAL, Section.MEASUREMENT)
"""What the one who treats a poisoning seldom knows, and a laboratory adds."""

SECTION_WORDS: dict[str, str | Promise] = {
    Section.EVENT: _("Event"),
    Section.PLACE: _("Place"),
    Section.SUBSTANCE: _("What was found"),
    Section.MATERIAL: _("Material"),
    Section.MEASUREMENT: _("Amount and purity"),
    Section.IDENTIFICATION: _("How surely it was identified"),
    Section.SEIZURE: _("Seizure and trade"),
    Section.COLLECTION: _("Where the sample comes from"),
    Section.POISONING: _("The person and the poisoning"),
    Section.TREATMENT: _("Treatment"),
    Section.COUNTS: _("Counts"),
    Section.WASTEWATER: _("Wastewater"),
    Section.SITE: _("Site"),
    REPORTING: _("About the report"),
    Section.NOTE: _("Anything else"),
}


@dataclass(frozen=True, slots=True)
class FormSection:
    """The fields of one section that a form asks for; is_foldable: a narrow page may fold it."""

    name: str
    words: str | Promise
    fields: list[BoundField]
    is_foldable: bool

    @property
    def is_folded(self) -> bool:
        """Tell whether a narrow page folds it: nothing in it is filled in or at fault."""
        return self.is_foldable and not any(
            field.errors or (field.value() or None) != field.field.initial for field in self.fields
        )


class Slip(NamedTuple):
    """What may be a slip: its field, in words, and whether the person said that it is so."""

    token: str
    words: str
    url: str
    is_confirmed: bool


class FormError(NamedTuple):
    """What is wrong, for the summary of a page, linked to its control."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class TypedReport:
    """What stands in the controls of a report's forms, right or wrong, as a draft keeps it."""

    event: dict[str, Typed]
    findings: list[dict[str, Typed]]


class RecordForm(forms.Form):
    """The fields of a level that are asked for in events of a type."""

    def __init__(
        self,
        event_type: str,
        level: Level,
        given: QueryDict | None,
        *,
        typed: Mapping[str, Typed],
        prefix: str | None = None,
        without: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(given, initial=dict(typed), prefix=prefix)
        self._is_poisoning = event_type == EventType.SERIOUS_ADVERSE_EVENT
        asked = (one for one in list_fields(event_type, level) if one.key not in without)
        self._record_fields = {one.key: RecordField(one, event_type) for one in asked}
        self.fields.update(self._record_fields)
        for key in ("substance", "expected_substance"):
            if key in self.fields:
                self.fields[key].widget.attrs |= {"data-suggest": "", "spellcheck": "false"}
        self._spectra: dict[str, str] = {}
        self.name_spectra({})

    def list_spectra(self) -> list[str]:
        """List the digests of the files of spectra that stand in the form."""
        value = self["spectra"].value() if "spectra" in self.fields else None
        return list(dict.fromkeys(map(str, value))) if isinstance(value, list) else []

    def name_spectra(self, names: Mapping[str, str]) -> None:
        """Offer the files that stand in the form, by their names or else the digest's beginning."""
        for digest in self.list_spectra():
            self._spectra[digest] = names.get(digest, digest[:16])
        if "spectra" in self.fields:
            self.fields["spectra"].widget.choices = list(self._spectra.items())

    def list_sections(self) -> list[FormSection]:
        """List the sections in the order in which they are asked for, each with its fields."""
        of_section: dict[str, list[BoundField]] = {}
        for key, field in self._record_fields.items():
            name = REPORTING if key in REPORTING_KEYS else field.record.section
            of_section.setdefault(name, []).append(self[key])
        return [
            FormSection(
                str(name), SECTION_WORDS[name], of_section[name], name in self._list_foldable()
            )
            for name in self._list_order()
            if name in of_section
        ]

    def _list_order(self) -> list[str]:
        names: list[str] = [one for one in SECTION_WORDS if one != Section.PLACE]
        # A poisoning is told from the person; of other events the place is part of what happened.
        before = Section.TREATMENT if self._is_poisoning else Section.EVENT
        names.insert(names.index(before) + 1, Section.PLACE)
        return names

    def _list_foldable(self) -> tuple[str, ...]:
        return (Section.IDENTIFICATION, REPORTING, *(UNMEASURED if self._is_poisoning else ()))

    def list_values(self) -> dict[str, Value]:
        """Return the values that are not empty, by the field's key."""
        return {key: value for key, value in self.cleaned_data.items() if value is not None}

    def read_typed(self) -> dict[str, Typed]:
        """Return what stands in the controls."""
        return read_typed(self._record_fields, {key: self[key].value() for key in self.fields})

    def list_errors(self, number: int | None = None) -> list[FormError]:
        """List what is wrong, each with its field; number: that of the finding, from 1."""
        before = "" if number is None else f"{number}. "
        return [
            FormError(f"{before}{field.label}: {words}", f"#{field.id_for_label or field.auto_id}")
            for field in self
            for words in field.errors
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        region, country = cleaned.get("region") or "", cleaned.get("country") or ""
        if region and country and COUNTRY_OF_NUTS_PREFIX.get(region[:2], region[:2]) != country:
            words = gettext("Expected a NUTS code of the country %(country)s.")
            self.add_error("region", words % {"country": country})
        measured = ("amount", *IN_GIVEN_UNIT)
        if cleaned.get("unit") and not any(
            cleaned.get(key) is not None or key in self.errors for key in measured
        ):
            self.add_error("amount", gettext("Expected the amount that the unit is of."))
        return cleaned


class ReportEntry:
    """All forms of one report, as they are shown, filled and checked.

    reference: of a report that is held, which a correction keeps; None where it is asked for.
    """

    def __init__(
        self,
        event_type: str,
        typed: TypedReport,
        given: QueryDict | None = None,
        *,
        reference: str | None = None,
    ) -> None:
        without = {"event_type"} if reference is None else {"event_type", "reference"}
        self.event_type = event_type
        self.reference = reference
        self.confirmed = frozenset(given.getlist(CONFIRMED_NAME)) if given is not None else ()
        self.event = RecordForm(
            event_type, Level.EVENT, given, typed=typed.event, without=frozenset(without)
        )
        self.findings = [
            RecordForm(event_type, Level.FINDING, given, typed=one, prefix=f"finding-{number}")
            for number, one in enumerate(typed.findings or [{}])
        ]
        self.further_errors: list[FormError] = []

    @classmethod
    def from_post(cls, event_type: str, given: QueryDict, *, reference: str | None = None) -> Self:
        """Return the forms with what a browser sent."""
        count = given.get(COUNT_NAME, "")
        number = int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 1
        typed = TypedReport({}, [{} for _one in range(min(max(number, 1), MOST_FINDINGS))])
        return cls(event_type, typed, given, reference=reference)

    @classmethod
    def from_report(cls, event_type: str, report: EvidenceReport) -> Self:
        """Return the forms of a type of event with what a held report says; its reference stays."""
        return cls(event_type, show_report(event_type, report), reference=report.reference)

    def name_spectra(self, names: Mapping[str, str]) -> None:
        """Show files of spectra by their names; names: by digest."""
        for finding in self.findings:
            finding.name_spectra(names)

    def read_typed(self) -> TypedReport:
        """Return what stands in the controls, right or wrong."""
        return TypedReport(
            self.event.read_typed(), [finding.read_typed() for finding in self.findings]
        )

    def has_errors(self) -> bool:
        """Tell whether something filled in cannot be stored; marks the fields at fault."""
        valid = [self.event.is_valid(), *(finding.is_valid() for finding in self.findings)]
        if not all(valid) or self.further_errors:
            return True
        report = self.derive_report()
        for misfit in find_misfits(report):
            words = gettext("Expected %(expected)s.") % {"expected": misfit.expected}
            self._get_form(misfit).add_error(misfit.field, words)
        for number, finding in enumerate(report.findings):
            if (first := report.findings.index(finding)) < number:
                words = gettext("The same as finding %(number)d. Name the specimen, or remove it.")
                self.findings[number].add_error("substance", words % {"number": first + 1})
        return bool(self.list_errors())

    def derive_report(self) -> EvidenceReport:
        """Return the report that valid forms say."""
        event = self.event.list_values()
        if self.reference:
            event["reference"] = self.reference
        findings = [finding.list_values() for finding in self.findings]
        return make_report(self.event_type, event, findings)

    def list_slips(self, held: EvidenceReport | None = None) -> list[Slip]:
        """List what may be a slip in valid forms, those confirmed marked as such.

        held: the report that is corrected; what may be a slip in it is not asked about again.
        """
        known = {} if held is None else dict(describe_slips(held))
        slips = []
        for misfit, words in describe_slips(self.derive_report()):
            token = _derive_token(misfit, words)
            is_confirmed = token in self.confirmed
            if known.get(misfit) != words:
                slips.append(Slip(token, words, self._get_address(misfit), is_confirmed))
        return slips

    @property
    def sections(self) -> list[FormSection]:
        """The event's own sections, which stand before the findings."""
        return [one for one in self.event.list_sections() if one.name not in CLOSING]

    @property
    def closing_sections(self) -> list[FormSection]:
        """The sections that stand after the findings."""
        return [one for one in self.event.list_sections() if one.name in CLOSING]

    def list_errors(self) -> list[FormError]:
        """List all that is wrong, in the order of the page."""
        found = self.event.list_errors()
        for number, finding in enumerate(self.findings, 1):
            found += finding.list_errors(number)
        return [*found, *self.further_errors]

    def _get_form(self, misfit: Misfit) -> RecordForm:
        if misfit.field in self.event.fields:
            return self.event
        return self.findings[misfit.finding or 0]

    def _get_address(self, misfit: Misfit) -> str:
        bound = self._get_form(misfit)[misfit.field]
        return f"#{bound.id_for_label or bound.auto_id}"


def describe_slips(report: EvidenceReport) -> list[tuple[Misfit, str]]:
    """List what may be a slip in a report, each with its words."""
    found = (*find_likely_slips(report), *find_unusual(report, today=timezone.localdate()))
    return [(misfit, _describe_slip(report, misfit)) for misfit in found]


def _describe_slip(report: EvidenceReport, misfit: Misfit) -> str:
    field = get_field(misfit.field)
    found, before = report.find_value, ""
    if field.level is Level.FINDING:
        number = misfit.finding or 0
        found, before = report.findings[number].find_value, f"{number + 1}. "
    return gettext("%(field)s: found %(found)s; expected %(expected)s") % {
        "field": f"{before}{capfirst(str(field.label))}",
        "found": describe_value(field, found(misfit.field)) or gettext("nothing"),
        "expected": misfit.expected,
    }


def _derive_token(misfit: Misfit, words: str) -> str:
    """Name a slip with what was found, so that saying "it is so" holds for that value only."""
    return hashlib.sha256(f"{misfit.code} {words}".encode()).hexdigest()[:20]


def make_report(
    event_type: str, event: Mapping[str, Value], findings: Sequence[Mapping[str, Value]]
) -> EvidenceReport:
    """Put a report together from the values of its fields, those that are not empty."""
    columns, details = _part(event)
    precision = str(columns.get("event_precision", DatePrecision.DAY.value))
    columns["event_on"] = DatedPeriod(columns["event_on"], "").start_of(precision)
    return EvidenceReport(
        event_type=event_type,
        details=make_details(details),
        findings=tuple(_make_finding(event_type, one) for one in findings),
        **columns,
    )


def show_report(event_type: str, report: EvidenceReport) -> TypedReport:
    """Return a held report as the controls of a type of event show it."""
    return TypedReport(
        _show(event_type, Level.EVENT, report.find_value),
        [_show(event_type, Level.FINDING, finding.find_value) for finding in report.findings],
    )


def list_left_out(report: EvidenceReport, event_type: str) -> list[str]:
    """List in words what a held report says that is not asked for in another type of event."""
    asked = {one.key for one in list_fields(event_type)}
    held = [report.details, *(finding.details for finding in report.findings)]
    return [
        f"{capfirst(str(get_field(key).label))}: {describe_value(get_field(key), value)}"
        for details in held
        for key, value in details
        if key not in asked
    ]


def _make_finding(event_type: str, values: Mapping[str, Value]) -> EvidenceFinding:
    columns, details = _part(values)
    columns.setdefault("matrix", find_usual(get_field("matrix"), event_type))
    columns["substance_text"] = columns.pop("substance")
    return EvidenceFinding(details=make_details(details), **columns)


def _part(values: Mapping[str, Value]) -> tuple[dict[str, Any], dict[str, Value]]:
    """Part what has a column of its own from what is held together."""
    columns = {key: value for key, value in values.items() if get_field(key).is_column}
    return columns, {key: value for key, value in values.items() if key not in columns}


def _show(event_type: str, level: Level, find: Callable[[str], Value | None]) -> dict[str, Typed]:
    shown = {one.key: show_value(one, find(one.key)) for one in list_fields(event_type, level)}
    return {key: typed for key, typed in shown.items() if typed}
