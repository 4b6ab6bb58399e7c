"""Addresses of the pages about tables: for people who are logged in, and for everybody."""

from django.urls import path

from tocsin.web.views import public_tables, statistics

urlpatterns = [
    path("tables/", statistics.show_tables, name="statistics"),
    path("tables/new/", statistics.make, name="statistics-new"),
    path("tables/<int:table_id>/", statistics.show_table, name="statistics-table"),
    path(
        "tables/<int:table_id>/files/<slug:form>/", statistics.download, name="statistics-download"
    ),
    path("tables/<int:table_id>/release/", statistics.release, name="statistics-release"),
    path("tables/<int:table_id>/discard/", statistics.discard, name="statistics-discard"),
    path("tables/<int:table_id>/withdraw/", statistics.withdraw, name="statistics-withdraw"),
    path("public/tables/", public_tables.show_public_tables, name="public-tables"),
    path(
        "public/tables/<slug:identifier>/<int:number>/",
        public_tables.show_public_table,
        name="public-table",
    ),
    path(
        "public/tables/<slug:identifier>/<int:number>/<slug:form>",
        public_tables.download_public_table,
        name="public-table-file",
    ),
]
