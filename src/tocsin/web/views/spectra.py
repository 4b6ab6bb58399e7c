"""Files of spectra: handed out with a report that names them."""

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

from tocsin.reports.services import open_spectrum
from tocsin.web.requests import get_request_actor


@require_safe
def download_spectrum(request: HttpRequest, report_id: int, digest: str) -> FileResponse:
    """Hand out a file of spectra as an attachment, to one who may see the report."""
    held, path = open_spectrum(get_request_actor(request), report_id, digest)
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=held.file_name,
        content_type="application/octet-stream",
    )
