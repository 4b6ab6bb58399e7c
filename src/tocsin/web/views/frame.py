"""What the frame of the pages needs beside the pages: the chart library, the sign of life."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tocsin.web.charts import chart_bundle


@require_safe
def show_chart_bundle(request: HttpRequest) -> HttpResponse:
    """Serve the chart library, which comes with a dependency and is the same for everybody."""
    response = HttpResponse(chart_bundle(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=86400"
    return response


@require_safe
def show_health(request: HttpRequest) -> HttpResponse:
    """Answer "ok" when the web and its database work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def show_forgotten_password(request: HttpRequest) -> HttpResponse:
    """Say who can help with a forgotten password."""
    return render(request, "web/forgotten_password.html")
