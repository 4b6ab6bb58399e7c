"""Packages: read them; they are made and released by people on the pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from tocsin.api.reading import journal_reading, open_reading, take_page
from tocsin.api.schemas.packages import PackagePage, PackageParameters, describe_package
from tocsin.api.schemas.words import PROBLEMS, Parameters, RecordNumber
from tocsin.notifications.formats.files import write_json
from tocsin.notifications.formats.json_document import SCHEMA, build_json_schema
from tocsin.notifications.queries import derive_document, get_package, list_packages

router = Router(tags=["packages"])


@router.get("", response={200: PackagePage, **PROBLEMS})
def show_packages(request: HttpRequest, parameters: Query[PackageParameters]) -> Any:
    """List packages: first detections, event packages and drug alert notifications."""
    actor = open_reading(request, parameters)
    rows = list_packages(
        actor,
        purpose=parameters.purpose,
        search=parameters.search,
        kind=parameters.kind,
        state=parameters.state,
        order=parameters.order,
    )
    page = take_page(rows, parameters, describe_package)
    journal_reading(request, parameters, rows=len(page["items"]))
    return page


@router.get("/schema", response={200: dict[str, Any], **PROBLEMS})
def show_package_schema(request: HttpRequest, parameters: Query[Parameters]) -> Any:
    """Show the JSON Schema of packages, with that of the event record within."""
    open_reading(request, parameters)
    return build_json_schema()


@router.get(
    "/{package_id}",
    response=PROBLEMS,
    openapi_extra={
        "responses": {
            200: {
                "description": f"The package in its published schema, {SCHEMA}",
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
        }
    },
)
def show_package(
    request: HttpRequest, package_id: RecordNumber, parameters: Query[Parameters]
) -> HttpResponse:
    """Show one version of a package as its document, with the records it was made from."""
    actor = open_reading(request, parameters)
    package = get_package(actor, package_id, purpose=parameters.purpose)
    document = derive_document(actor, package, purpose=parameters.purpose)
    journal_reading(request, parameters, rows=1, record_id=package.identifier)
    response = HttpResponse(write_json(document), content_type="application/json")
    response["Cache-Control"] = "private, no-store"
    return response
