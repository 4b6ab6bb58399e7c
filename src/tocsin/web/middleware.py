"""What every page has in common: log-in by default, and errors of the house as pages."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tocsin.errors import (
    ErasedError,
    ImportFileError,
    InvalidAlertError,
    InvalidPackageError,
    InvalidTableError,
    NotFoundError,
    PermissionRefusedError,
    RefusedError,
    StaleReportError,
    SubstanceError,
    TocsinError,
)
from tocsin.web.requests import get_request_actor, journal_refusal

Handler = Callable[[HttpRequest], HttpResponse]

PUBLIC_PREFIXES = ("/accounts/", "/public/", "/static/", "/static-bundle/", "/api/v1/", "/healthy")
"""Addresses that need no log-in by session; the API asks for its token itself."""

MAX_PUBLIC_BODY_BYTES = 1024 * 1024
"""Nobody sends more without having logged in."""

STATUS_BY_ERROR: tuple[tuple[type[TocsinError], int], ...] = (
    (ErasedError, 410),
    (NotFoundError, 404),
    (PermissionRefusedError, 403),
    (RefusedError, 409),
    (StaleReportError, 409),
    (InvalidAlertError, 422),
    (InvalidTableError, 422),
    (InvalidPackageError, 422),
    (ImportFileError, 422),
    (SubstanceError, 422),
    (TocsinError, 500),
)


class RequireLoginMiddleware:
    """Sends visitors who are not logged in to the log-in page, unless the page is public."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(PUBLIC_PREFIXES):
            is_too_large = int(request.META.get("CONTENT_LENGTH") or 0) > MAX_PUBLIC_BODY_BYTES
            # The API has a limit and an error shape of its own.
            if is_too_large and not request.path.startswith("/api/"):
                return HttpResponse(
                    f"Too large; expected at most {MAX_PUBLIC_BODY_BYTES} bytes.\n",
                    content_type="text/plain",
                    status=413,
                )
            return self._get_response(request)
        if request.user.is_authenticated:
            response = self._get_response(request)
            # Nobody who sits down after the log-out, and no proxy, may find the evidence kept.
            response.headers.setdefault("Cache-Control", "private, no-store")
            return response
        # A part of a page must not be replaced by the log-in page.
        if request.headers.get("HX-Request"):
            return HttpResponse("Signed out.\n", content_type="text/plain", status=401)
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
            journal_refusal(request, get_request_actor(request), error)
        return render(request, "web/error.html", {"error": error, "status": status}, status=status)
