"""What everybody may read of tables without logging in: those released for everybody."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from tocsin.tables.queries import (
    derive_document,
    derive_file,
    get_public_table,
    list_forms,
    list_public_tables,
)
from tocsin.web.table_view import lay_out, list_headings
from tocsin.web.views.public import render_public

# A copy may be kept, but is shown only after asking: a withdrawal must be seen at once.
_public = cache_control(public=True, no_cache=True)


@require_safe
@_public
@conditional_page
def show_public_tables(request: HttpRequest) -> HttpResponse:
    """All public tables, the newest period first."""
    return render_public(request, "web/public/tables.html", {"tables": list_public_tables()})


@require_safe
@_public
@conditional_page
def show_public_table(request: HttpRequest, identifier: str, number: int) -> HttpResponse:
    """One version of a public table, with the version that it replaces and its files."""
    table = get_public_table(identifier, number)
    document = derive_document(table)
    context = {
        "table": table,
        "document": document,
        "headings": list_headings(),
        "rows": lay_out(document),
        "forms": list_forms(table),
    }
    return render_public(request, "web/public/table.html", context)


@require_safe
@_public
@conditional_page
def download_public_table(
    request: HttpRequest, identifier: str, number: int, form: str
) -> HttpResponse:
    """A public table as a file."""
    file = derive_file(get_public_table(identifier, number), form)
    response = HttpResponse(file.content, content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    # A released version is final; a workbook's own bytes hold the moment at which it was written.
    response["ETag"] = f'"{file.name}"'
    # Public data, meant to be read by other sites' pages.
    response["Access-Control-Allow-Origin"] = "*"
    return response
