"""Reports, in and out."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

from django.utils import timezone
from pydantic import ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from tocsin.api.schemas.record import (
    EventDetailsIn,
    EventDetailsOut,
    FindingDetailsIn,
    FindingDetailsOut,
    read_details,
    write_details,
)
from tocsin.api.schemas.words import (
    EvidenceText,
    OrganisationReference,
    Page,
    PageParameters,
    RecordNumber,
    ReferenceText,
    Sentence,
    ShortText,
    Strict,
    SubstanceReference,
    VersionNumber,
    choose_from,
    write_decimal,
)
from tocsin.organisations.vocabulary import Purpose, TrafficLight
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.formats.cells import DatedPeriod
from tocsin.reports.models import Finding, Report
from tocsin.reports.queries import REPORT_ORDERS
from tocsin.reports.record import EVENT_FIELDS, FINDING_FIELDS, IN_GIVEN_UNIT
from tocsin.reports.vocabulary import (
    COUNTRY_CODES,
    COUNTRY_OF_NUTS_PREFIX,
    MATRIX_OF_EVENT,
    DatePrecision,
    EventType,
    IdentificationLevel,
    Matrix,
    Unit,
)

EARLIEST_DAY = date(1900, 1, 1)
MOST_FINDINGS = 100
EVERYBODY = "everybody"

EvidenceDay = Annotated[date, Field(ge=EARLIEST_DAY)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6)]
Percentage = Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4)]


class ReportParameters(PageParameters):
    """Which reports, in which order: current versions that were not retracted."""

    search: ShortText = Field("", description="Part of a reference, local area or written name.")
    substance: ShortText = Field("", description="Key of a substance or group.")
    event_type: choose_from(EventType.values) | None = None  # type: ignore[valid-type]
    matrix: choose_from(Matrix.values) | None = None  # type: ignore[valid-type]
    country: ShortText = Field("", description="ISO 3166-1 alpha-2.", examples=["AT"])
    area: ShortText = Field("", description="NUTS code or name of a local area.")
    since: date | None = Field(None, description="First day of the event, included.")
    until: date | None = Field(None, description="Last day of the event, included.")
    import_id: RecordNumber | None = Field(None, description="Number of the import it came with.")
    order: choose_from(REPORT_ORDERS) = "-event_on"  # type: ignore[valid-type]


class FindingIn(FindingDetailsIn):  # type: ignore[misc]
    """One substance found in one material."""

    substance: Annotated[EvidenceText, Field(min_length=1, max_length=500)] = Field(
        description="Name, CAS number or InChIKey as the laboratory writes it.",
        examples=["carfentanil"],
    )
    matrix: choose_from(Matrix.values) | None = Field(  # type: ignore[valid-type]
        None, description="Kind of material; without it, the one that goes with the event."
    )
    specimen: Annotated[EvidenceText, Field(max_length=80)] = ""
    amount: Amount | None = Field(None, description="In the unit given.", examples=["12.5"])
    unit: choose_from(Unit.values) = ""  # type: ignore[valid-type]
    purity_percent: Percentage | None = Field(None, description="Mass fraction in percent.")
    technique: Annotated[EvidenceText, Field(max_length=120)] = ""
    identification_level: choose_from(IdentificationLevel.values) = ""  # type: ignore[valid-type]
    laboratory: Annotated[EvidenceText, Field(max_length=120)] = ""

    @model_validator(mode="after")
    def _require_amount_with_unit(self) -> Self:
        measured = ("amount", *IN_GIVEN_UNIT)
        if self.unit and all(getattr(self, key) is None for key in measured):
            raise PydanticCustomError("unit-without-amount", "a unit without an amount")
        return self

    def derive_evidence(self, event_type: str) -> EvidenceFinding:
        """Return the finding as the plain value that is stored."""
        return EvidenceFinding(
            substance_text=self.substance,
            matrix=self.matrix or str(MATRIX_OF_EVENT.get(event_type, Matrix.UNSPECIFIED)),
            specimen=self.specimen,
            amount=write_decimal(self.amount),
            unit=self.unit,
            purity_percent=write_decimal(self.purity_percent),
            technique=self.technique,
            identification_level=self.identification_level,
            laboratory=self.laboratory,
            details=read_details(self, FINDING_FIELDS),
        )


class EvidenceIn(EventDetailsIn):  # type: ignore[misc]
    """One event with its findings. No name, address or number of a person belongs in any text."""

    event_type: choose_from(EventType.values)  # type: ignore[valid-type]
    event_on: EvidenceDay = Field(description="Day of the event, or a day of its week or month.")
    event_precision: choose_from(DatePrecision.values) = "day"  # type: ignore[valid-type]
    country: choose_from(sorted(COUNTRY_CODES)) = Field(  # type: ignore[valid-type]
        description="ISO 3166-1 alpha-2.", examples=["AT"]
    )
    region: Annotated[str, Field(pattern=r"^([A-Z]{2}[A-Z0-9]{1,3})?$")] = Field(
        "", description="NUTS code.", examples=["AT13"]
    )
    local_area: Annotated[EvidenceText, Field(max_length=120)] = ""
    border_post: Annotated[EvidenceText, Field(max_length=120)] = ""
    reference: Annotated[ReferenceText, Field(max_length=100)] = Field(
        "", description="The sender's own, a pseudonym; a report with one can be sent again."
    )
    received_on: EvidenceDay | None = None
    reported_on: EvidenceDay | None = None
    source: Annotated[EvidenceText, Field(max_length=120)] = ""
    findings: list[FindingIn] = Field(min_length=1, max_length=MOST_FINDINGS)

    @field_validator("event_on", "received_on", "reported_on")
    @classmethod
    def _require_past(cls, day: date | None) -> date | None:
        if day is not None and day > timezone.localdate():
            raise PydanticCustomError("future-date", "lies in the future")
        return day

    @model_validator(mode="after")
    def _require_region_of_country(self) -> Self:
        prefix = self.region[:2]
        if prefix and COUNTRY_OF_NUTS_PREFIX.get(prefix, prefix) != self.country:
            raise PydanticCustomError("bad-region", "region: not a NUTS code of the country")
        return self

    def derive_evidence(self) -> EvidenceReport:
        """Return the report as the plain value that is stored; repeated findings once."""
        found = [finding.derive_evidence(self.event_type) for finding in self.findings]
        return EvidenceReport(
            event_type=self.event_type,
            event_on=DatedPeriod(self.event_on, "").start_of(self.event_precision),
            event_precision=self.event_precision,
            country=self.country,
            region=self.region,
            local_area=self.local_area,
            border_post=self.border_post,
            reference=self.reference,
            received_on=self.received_on,
            reported_on=self.reported_on,
            source=self.source,
            details=read_details(self, EVENT_FIELDS),
            findings=tuple(dict.fromkeys(found)),
        )


class HandlingIn(Strict):
    """Who may see it besides the organisation that reports it; by default nobody."""

    tlp: choose_from(TrafficLight.values) = Field(  # type: ignore[valid-type]
        TrafficLight.AMBER.value, description="Level of the Traffic Light Protocol 2.0."
    )
    audience: list[ShortText] = Field(
        [],
        max_length=200,
        description=f"Keys of organisations, or `{EVERYBODY}`; empty means nobody.",
    )
    purposes: list[choose_from(Purpose.values)] = Field(  # type: ignore[valid-type]
        [Purpose.EARLY_WARNING.value], max_length=len(Purpose.values)
    )


class ReportIn(EvidenceIn):
    """A report with its handling."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "reference": "L-2026-0113",
                    "event_type": "seizure",
                    "event_on": "2026-03-02",
                    "country": "AT",
                    "region": "AT13",
                    "findings": [
                        {
                            "substance": "carfentanil",
                            "amount": "12.5",
                            "unit": "g",
                            "purity_percent": "1.2",
                            "technique": "GC-MS",
                            "identification_level": "schymanski-1",
                        }
                    ],
                    "handling": {"tlp": "AMBER", "audience": [], "purposes": ["early-warning"]},
                }
            ]
        },
    )

    handling: HandlingIn = Field(default_factory=lambda: HandlingIn.model_validate({}))


class CorrectionIn(Strict):
    """What replaces a version: the whole report as it should be, and why."""

    version: VersionNumber = Field(description="The version that was seen; a later one wins.")
    reason: Sentence
    report: EvidenceIn


class RetractionIn(Strict):
    """Why a report does not hold."""

    version: VersionNumber = Field(description="The version that was seen; a later one wins.")
    reason: Sentence


class FindingOut(FindingDetailsOut):  # type: ignore[misc]
    """One substance found in one material; ``substance`` is null while the name is unknown."""

    substance_text: str = Field(description="The name as it was written.")
    substance: SubstanceReference | None
    form: str = Field(
        description="Form of the substance that the written name states; empty where none.",
        examples=["hydrochloride"],
    )
    matrix: str
    specimen: str
    amount: Decimal | None = Field(description="In ``unit``, as a decimal text.")
    unit: str
    purity_percent: Decimal | None
    technique: str
    identification_level: str
    laboratory: str


class ReportOut(EventDetailsOut):  # type: ignore[misc]
    """One version of a report."""

    id: int
    version: int
    is_current: bool
    is_retracted: bool
    reason: str = Field(description="Why this version was made; empty for the first.")
    owner: OrganisationReference
    tlp: str
    purposes: list[str]
    reference: str
    event_type: str
    event_on: date
    event_precision: str
    received_on: date | None
    reported_on: date | None
    country: str
    region: str
    local_area: str
    border_post: str
    source: str
    accepted_at: datetime
    import_id: int | None
    source_row: int | None = Field(description="Row of the imported file.")
    findings: list[FindingOut]


class ReportPage(Page):
    """One page of reports."""

    items: list[ReportOut]


def describe_report(report: Report) -> ReportOut:
    """Lay out a report that was read with its findings, handling and owner."""
    owner = report.handling.owner
    return ReportOut(
        id=report.pk,
        version=report.version,
        is_current=report.is_current,
        is_retracted=report.is_retracted,
        reason=report.reason,
        owner=OrganisationReference(key=owner.key, name=owner.name),
        tlp=report.handling.tlp,
        purposes=report.handling.purposes,
        reference=report.reference,
        event_type=report.event_type,
        event_on=report.event_on,
        event_precision=report.event_precision,
        received_on=report.received_on,
        reported_on=report.reported_on,
        country=report.country,
        region=report.region,
        local_area=report.local_area,
        border_post=report.border_post,
        source=report.source,
        **write_details(report.details),
        accepted_at=report.accepted_at,
        import_id=report.evidence_import_id,
        source_row=report.source_row,
        findings=[_describe_finding(finding) for finding in report.findings.all()],
    )


def _describe_finding(finding: Finding) -> FindingOut:
    substance = finding.written_name.substance
    return FindingOut(
        substance_text=finding.written_name.text,
        substance=(
            SubstanceReference(key=substance.key, name=substance.name) if substance else None
        ),
        form=finding.written_name.form,
        matrix=finding.matrix,
        specimen=finding.specimen,
        amount=write_decimal(finding.amount),
        unit=finding.unit,
        purity_percent=write_decimal(finding.purity_percent),
        technique=finding.technique,
        identification_level=finding.identification_level,
        laboratory=finding.laboratory,
        **write_details(finding.details),
    )
