"""Addresses of the pages about evidence as a whole: how good it is, and how long it is kept."""

from django.urls import path

from tocsin.web.views import quality, retention

urlpatterns = [
    path("quality/", quality.show_quality, name="quality"),
    path("quality/<slug:sender>/<slug:event_type>/", quality.show_sender, name="quality-sender"),
    path("retention/", retention.show_retention, name="retention"),
    path("retention/erased/", retention.show_erased, name="retention-erased"),
    path("retention/holds/new/", retention.add_hold, name="retention-hold-new"),
    path("retention/holds/<int:hold_id>/lift/", retention.lift, name="retention-lift"),
    path("retention/periods/<slug:event_type>/", retention.change_period, name="retention-period"),
]
