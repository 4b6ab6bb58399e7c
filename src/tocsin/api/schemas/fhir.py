"""What became of the reports of a FHIR bundle."""

from ninja import Schema
from pydantic import Field

from tocsin.api.schemas.words import ShortText, Strict
from tocsin.reports.services import FhirOutcome


class FhirParameters(Strict):
    """Where the events of a bundle were, as FHIR has no place without an address."""

    country: ShortText = Field("", description="ISO 3166-1; without it, the organisation's own.")
    region: ShortText = Field("", description="NUTS code of that country.")


class FhirProblemOut(Schema):
    """Why a DiagnosticReport was not taken."""

    place: str = Field(description="Where in the bundle.", examples=["entry[3].resource"])
    code: str
    expected: str


class FhirOutcomeOut(Schema):
    """What became of one DiagnosticReport."""

    reference: str
    result: str = Field(
        description="`accepted`, `corrected`, `retracted`, `duplicate` or `refused`."
    )
    report_id: int | None
    problems: list[FhirProblemOut]


def describe_outcome(outcome: FhirOutcome) -> FhirOutcomeOut:
    """Lay out what became of one DiagnosticReport."""
    return FhirOutcomeOut(
        reference=outcome.reference,
        result=str(outcome.result),
        report_id=outcome.report_id,
        problems=[
            FhirProblemOut(place=one.place, code=one.code, expected=one.expected)
            for one in outcome.problems
        ],
    )
