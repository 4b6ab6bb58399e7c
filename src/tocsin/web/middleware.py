"""What every page has in common: log-in by default, and errors of the house as pages."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tocsin.errors import (
    ImportFileError,
    InvalidAlertError,
    NotFoundError,
    PermissionRefusedError,
    RefusedError,
    StaleReportError,
    SubstanceError,
    TocsinError,
)
from tocsin.journal.services import record_refusal
from tocsin.web.requests import get_request_actor

Handler = Callable[[HttpRequest], HttpResponse]

PUBLIC_PREFIXES = ("/accounts/", "/public/", "/static/", "/static-bundle/", "/api/v1/", "/healthy")
"""Addresses that need no log-in by session; the API asks for its token itself."""

STATUS_BY_ERROR: tuple[tuple[type[TocsinError], int], ...] = (
    (NotFoundError, 404),
    (PermissionRefusedError, 403),
    (RefusedError, 409),
    (StaleReportError, 409),
    (InvalidAlertError, 422),
    (ImportFileError, 422),
    (SubstanceError, 422),
    (TocsinError, 500),
)


class RequireLoginMiddleware:
    """Sends visitors who are not logged in to the log-in page, unless the page is public."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(PUBLIC_PREFIXES) or request.user.is_authenticated:
            return self._get_response(request)
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)


class HouseErrorsMiddleware:
    """Shows an error of the house as a page that says what was found and what was expected.

    A refusal is journalled. Absent and not visible look the same.
    """

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, TocsinError) or request.path.startswith("/api/"):
            return None
        status = next(code for kind, code in STATUS_BY_ERROR if isinstance(error, kind))
        if isinstance(error, RefusedError):
            record_refusal(
                get_request_actor(request).journal_name,
                action=f"refused.{error.code}",
                record_type="page",
                record_id=request.resolver_match.view_name if request.resolver_match else "",
            )
        return render(request, "web/error.html", {"error": error, "status": status}, status=status)
