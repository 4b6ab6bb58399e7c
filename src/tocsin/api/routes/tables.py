"""Tables: read them and their files; they are made and released by people on the pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from tocsin.api.reading import journal_reading, open_reading, take_page
from tocsin.api.schemas.tables import (
    TableDetail,
    TablePage,
    TableParameters,
    describe_table,
)
from tocsin.api.schemas.words import PROBLEMS, Parameters, RecordNumber, ShortText
from tocsin.tables.formats.files import FORMS
from tocsin.tables.queries import (
    find_table_changes,
    get_version,
    list_forms,
    list_tables,
    list_versions,
)
from tocsin.tables.services import export_table
from tocsin.tables.vocabulary import TableState

router = Router(tags=["tables"])


@router.get("", response={200: TablePage, **PROBLEMS})
def show_tables(request: HttpRequest, parameters: Query[TableParameters]) -> Any:
    """List aggregated tables and toxicology exchanges, each version by itself."""
    actor = open_reading(request, parameters)
    rows = list_tables(
        actor,
        purpose=parameters.purpose,
        search=parameters.search,
        state=parameters.state,
        order=parameters.order,
    )
    page = take_page(rows, parameters, describe_table)
    journal_reading(request, parameters, rows=len(page["items"]))
    return page


@router.get("/{table}", response={200: TableDetail, **PROBLEMS})
def show_table(request: HttpRequest, table: ShortText, parameters: Query[Parameters]) -> Any:
    """Show the newest version of a table, whether it is out of date, and its other versions."""
    actor = open_reading(request, parameters)
    newest = get_version(actor, table, purpose=parameters.purpose)
    lasts = newest.state in (TableState.DRAFT, TableState.RELEASED)
    changes = find_table_changes(actor, newest) if lasts else None
    versions = list_versions(actor, newest, purpose=parameters.purpose)
    journal_reading(request, parameters, rows=1, record_id=table)
    return {
        **describe_table(newest).dict(),
        "is_outdated": None if changes is None else changes.is_outdated,
        "forms": list(list_forms(newest)),
        "versions": [describe_table(one) for one in versions],
    }


@router.get(
    "/{table}/{version}/{form}",
    response=PROBLEMS,
    openapi_extra={
        "responses": {
            200: {
                "description": "The table in one of its forms",
                "content": {form.content_type: {} for form in FORMS.values()},
            },
        }
    },
)
def show_table_file(
    request: HttpRequest,
    table: ShortText,
    version: RecordNumber,
    form: ShortText,
    parameters: Query[Parameters],
) -> HttpResponse:
    """Hand out a version of a table as a file; journalled as an export."""
    actor = open_reading(request, parameters)
    found = get_version(actor, table, version, purpose=parameters.purpose)
    file = export_table(actor, found.pk, form, purpose=parameters.purpose)
    response = HttpResponse(file.content, content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["Cache-Control"] = "private, no-store"
    return response
