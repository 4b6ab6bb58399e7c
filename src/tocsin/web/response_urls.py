"""Addresses of the pages about what evidence means: substances, signals, alerts, people, journal."""

from django.urls import path

from tocsin.web.views import account, alerts, compose, journal, people, public, signals, substances

urlpatterns = [
    path("signals/", signals.show_signals, name="signals"),
    path("signals/<int:signal_id>/", signals.show_signal, name="signals-signal"),
    path("signals/<int:signal_id>/series.csv", signals.export_series, name="signals-series"),
    path("signals/<int:signal_id>/triage/", signals.triage, name="signals-triage"),
    path("signals/<int:signal_id>/undo/", signals.undo, name="signals-undo"),
    path("substances/", substances.show_substances, name="substances"),
    path("substances/<slug:key>/", substances.show_substance, name="substances-substance"),
    path("substances/<slug:key>/weeks.csv", substances.export_weeks, name="substances-weeks"),
    path("substances/<slug:key>/places.csv", substances.export_places, name="substances-places"),
    path("what-is-this/", substances.identify, name="substance-identify"),
    path("alerts/", alerts.show_alerts, name="alerts"),
    path("alerts/new/", compose.start, name="alerts-new"),
    path("alerts/preview/", compose.preview, name="alerts-preview"),
    path("alerts/drafts/<int:version_id>/", compose.compose, name="alerts-compose"),
    path("alerts/drafts/<int:version_id>/ask/", compose.ask, name="alerts-ask"),
    path("alerts/drafts/<int:version_id>/discard/", compose.discard, name="alerts-discard"),
    path("alerts/drafts/<int:version_id>/release/", alerts.release, name="alerts-release"),
    path("alerts/<slug:identifier>/", alerts.show_alert, name="alerts-alert"),
    path("alerts/<slug:identifier>/cap.xml", alerts.show_cap, name="alerts-cap"),
    path("alerts/<slug:identifier>/update/", alerts.update, name="alerts-update"),
    path("alerts/<slug:identifier>/withdraw/", alerts.cancel, name="alerts-cancel"),
    path("people/", people.show_people, name="people"),
    path("people/add/", people.add_person, name="people-add"),
    path("people/<int:person_id>/", people.change, name="people-person"),
    path("people/organisations/", people.show_organisations, name="people-organisations"),
    path("people/organisations/add/", people.add_organisation, name="people-organisations-add"),
    path("journal/", journal.show_journal, name="journal"),
    path("journal/verify/", journal.verify, name="journal-verify"),
    path("account/", account.show_account, name="account"),
    path("account/tokens/<int:token_id>/revoke/", account.revoke, name="account-revoke"),
    path("public/alerts/", public.show_public_alerts, name="public-alerts"),
    path("public/alerts/feed.atom", public.show_feed, name="public-feed"),
    path("public/alerts/<slug:identifier>", public.show_public_alert, name="public-alert"),
    path("public/alerts/<slug:identifier>.json", public.show_public_json, name="public-json"),
    path("public/alerts/<slug:identifier>/cap.xml", public.show_public_cap, name="public-cap"),
]
