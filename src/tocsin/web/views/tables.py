"""Whole records as tables: the templates to fill, and an organisation's own reports."""

import tempfile

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.views.decorators.http import require_safe

from tocsin.errors import NotFoundError
from tocsin.organisations.permissions import require_permission
from tocsin.reports.formats.record_tables import list_template_names, write_template
from tocsin.reports.services import export_records
from tocsin.web.lists import EXPORT_PERMISSION, WRITERS
from tocsin.web.requests import get_request_actor


@require_safe
def download_template(request: HttpRequest, event_type: str) -> FileResponse:
    """Hand out the workbook for events of a type: it imports without a profile."""
    require_permission(get_request_actor(request), "report.import")
    if event_type not in list_template_names():
        raise NotFoundError(f"template {event_type[:40]!r}: not found")
    stream = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    write_template(event_type, stream)
    stream.seek(0)
    name = f"tocsin-{event_type}.xlsx"
    return FileResponse(stream, as_attachment=True, filename=name, content_type=WRITERS["xlsx"][1])


@require_safe
def export_own(request: HttpRequest, form: str) -> FileResponse:
    """Hand out the current reports of one's own organisation, whole; journals it."""
    actor = get_request_actor(request)
    require_permission(actor, EXPORT_PERMISSION)
    if form not in WRITERS:
        raise NotFoundError(f"form {form[:20]!r}: not found")
    stream = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    export_records(actor, stream, as_xlsx=form == "xlsx")
    stream.seek(0)
    return FileResponse(
        stream,
        as_attachment=True,
        filename=f"tocsin-records-{timezone.localdate():%Y-%m-%d}.{form}",
        content_type=WRITERS[form][1],
    )
