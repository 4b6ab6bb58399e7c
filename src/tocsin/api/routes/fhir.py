"""Toxicology results as FHIR bundles."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from tocsin.api.door import get_actor
from tocsin.api.handling import get_handling
from tocsin.api.schemas.fhir import FhirOutcomeOut, FhirParameters, describe_outcome
from tocsin.api.schemas.reports import HandlingIn
from tocsin.api.schemas.words import WRITE_PROBLEMS
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.queries import get_own_organisation
from tocsin.reports.formats.fhir import read_bundle
from tocsin.reports.services import receive_fhir

router = Router(tags=["reports"])


@router.post(
    "",
    response={200: list[FhirOutcomeOut], **WRITE_PROBLEMS},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "description": "FHIR R4: a Bundle, or one DiagnosticReport.",
                        "properties": {"resourceType": {"type": "string"}},
                        "required": ["resourceType"],
                    }
                }
            },
        }
    },
)
def receive_bundle(request: HttpRequest, parameters: Query[FhirParameters]) -> Any:
    """Take a FHIR R4 bundle of DiagnosticReport and Observation as JSON; say what became of each.

    `final` is a report; `amended`, `corrected` and `appended` correct it; `entered-in-error` and
    `cancelled` retract it. Seen by the owner's organisation only.
    """
    actor = get_actor(request)
    require_permission(actor, "report.import")
    country = parameters.country.upper() or get_own_organisation().country
    region = parameters.region.upper()
    reports = read_bundle(request.body, name="bundle", country=country, region=region)
    handling = get_handling(actor, HandlingIn.model_validate({}))
    return [describe_outcome(one) for one in receive_fhir(actor, handling, reports)]
