"""Addresses of the pages."""

from django.urls import include, path

from tocsin.web.views.frame import show_chart_bundle, show_health

urlpatterns = [
    path("static-bundle/vega.js", show_chart_bundle, name="chart-bundle"),
    path("healthy", show_health, name="healthy"),
    path("", include("tocsin.web.evidence_urls")),
    path("", include("tocsin.web.response_urls")),
    path("", include("tocsin.web.table_urls")),
    path("", include("tocsin.web.keeping_urls")),
]
