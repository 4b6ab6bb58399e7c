"""Addresses of the pages about evidence: overview, inbox, reports, names."""

from django.urls import URLPattern, path

from tocsin.web.views.drafts import autosave, discard
from tocsin.web.views.entry import choose_event_type, enter, suggest_substances
from tocsin.web.views.imports import (
    accept_import,
    check_import,
    discard_import,
    download_marked_import,
    download_marked_upload,
    show_import,
    show_import_status,
    start_import,
    stop_import,
)
from tocsin.web.views.inbox import show_inbox
from tocsin.web.views.names import (
    add_and_decide,
    decide,
    search_substances,
    show_decided_names,
    show_names,
    undo_decision,
)
from tocsin.web.views.overview import export_figures, show_overview
from tocsin.web.views.profiles import match_columns
from tocsin.web.views.reports import correct, retract, show_report, show_reports
from tocsin.web.views.spectra import download_spectrum
from tocsin.web.views.tables import download_template, export_own

urlpatterns: list[URLPattern] = [
    path("", show_overview, name="overview"),
    path("figures/<slug:figure>.csv", export_figures, name="overview-figures"),
    path("inbox/", show_inbox, name="inbox"),
    path("inbox/import/template/<slug:event_type>/", download_template, name="import-template"),
    path("inbox/import/", start_import, name="import-new"),
    path("inbox/import/<str:token>/match/", match_columns, name="import-match"),
    path("inbox/import/<str:token>/check/", check_import, name="import-check"),
    path("inbox/import/<str:token>/marked/", download_marked_upload, name="import-upload-marked"),
    path("inbox/import/<str:token>/accept/", accept_import, name="import-accept"),
    path("inbox/import/<str:token>/discard/", discard_import, name="import-discard"),
    path("inbox/<int:import_id>/", show_import, name="import"),
    path("inbox/<int:import_id>/status/", show_import_status, name="import-status"),
    path("inbox/<int:import_id>/stop/", stop_import, name="import-stop"),
    path("inbox/<int:import_id>/marked/", download_marked_import, name="import-marked"),
    path("names/", show_names, name="names"),
    path("names/decided/", show_decided_names, name="names-decided"),
    path("names/search/", search_substances, name="names-search"),
    path("names/decide/", decide, name="names-decide"),
    path("names/new-substance/", add_and_decide, name="names-new-substance"),
    path("names/<int:name_id>/undo/", undo_decision, name="names-undo"),
    path("reports/", show_reports, name="reports"),
    path("reports/suggestions/", suggest_substances, name="reports-suggest"),
    path("reports/own.<slug:form>", export_own, name="reports-own"),
    path("reports/new/", choose_event_type, name="reports-new"),
    path("reports/new/<slug:event_type>/", enter, name="reports-enter"),
    path("reports/new/<slug:event_type>/draft/", autosave, name="reports-autosave"),
    path("reports/drafts/<int:draft_id>/discard/", discard, name="reports-discard-draft"),
    path(
        "reports/<int:report_id>/spectra/<slug:digest>/",
        download_spectrum,
        name="reports-spectrum",
    ),
    path("reports/<int:report_id>/", show_report, name="reports-report"),
    path("reports/<int:report_id>/correct/", correct, name="reports-correct"),
    path("reports/<int:report_id>/retract/", retract, name="reports-retract"),
]
