"""All writing of alerts: draft, ask for release, release, update, cancel."""

from tocsin.alerts.content import AlertContent, Wording
from tocsin.alerts.services.drafting import discard_draft, draft_alert, draft_update, edit_draft
from tocsin.alerts.services.releasing import ask_release, cancel_alert, release_alert

__all__ = [
    "AlertContent",
    "Wording",
    "ask_release",
    "cancel_alert",
    "discard_draft",
    "draft_alert",
    "draft_update",
    "edit_draft",
    "release_alert",
]
