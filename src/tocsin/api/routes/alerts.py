"""Alerts: read them; they are written and released by people on the pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from tocsin.alerts.formats.json_document import derive_json
from tocsin.alerts.queries import find_cap, get_document, list_newest_versions
from tocsin.api.reading import journal_reading, open_reading, take_page
from tocsin.api.schemas.alerts import AlertMessage, AlertPage, AlertParameters, describe_alert
from tocsin.api.schemas.words import PROBLEMS, Parameters, ShortText

router = Router(tags=["alerts"])


@router.get("", response={200: AlertPage, **PROBLEMS})
def show_alerts(request: HttpRequest, parameters: Query[AlertParameters]) -> Any:
    """List alerts, each by its newest version."""
    actor = open_reading(request, parameters)
    now = timezone.now()
    rows = list_newest_versions(
        actor, purpose=parameters.purpose, search=parameters.search, order=parameters.order
    )
    page = take_page(rows, parameters, lambda version: describe_alert(version, now=now))
    journal_reading(request, parameters, rows=len(page["items"]))
    return page


@router.get("/{identifier}", response={200: AlertMessage, **PROBLEMS})
def show_alert(request: HttpRequest, identifier: ShortText, parameters: Query[Parameters]) -> Any:
    """Show the newest released message of an alert."""
    actor = open_reading(request, parameters)
    document = derive_json(get_document(actor, identifier, purpose=parameters.purpose))
    journal_reading(request, parameters, rows=1, record_id=identifier)
    return document


@router.get(
    "/{identifier}/cap.xml",
    response=PROBLEMS,
    openapi_extra={
        "responses": {
            200: {"description": "CAP 1.2", "content": {"application/cap+xml": {}}},
        }
    },
)
def show_alert_cap(
    request: HttpRequest, identifier: ShortText, parameters: Query[Parameters]
) -> HttpResponse:
    """Show the newest released message of an alert as the CAP 1.2 that was sent."""
    actor = open_reading(request, parameters)
    cap = find_cap(actor, identifier, purpose=parameters.purpose)
    journal_reading(request, parameters, rows=1, record_id=identifier)
    response = HttpResponse(cap, content_type="application/cap+xml; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response
