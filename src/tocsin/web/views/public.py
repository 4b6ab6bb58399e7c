"""What everybody may read without logging in: released alerts of TLP:CLEAR, in every form."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from tocsin.alerts.documents import derive_text
from tocsin.alerts.formats.atom import AtomFeed, write_atom
from tocsin.alerts.formats.cap import MIME_TYPE
from tocsin.alerts.formats.json_document import derive_json
from tocsin.alerts.models import AlertVersion, AlertWording, MessageType
from tocsin.alerts.queries import (
    derive_standing,
    find_cap,
    get_document,
    list_history,
    list_newest_versions,
    list_public_documents,
)
from tocsin.organisations.actors import PUBLIC
from tocsin.organisations.queries import find_own_organisation
from tocsin.web.forms.alerts import LANGUAGE_CHOICES

FEED_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
"""The date of a feed that holds nothing yet."""

# A copy may be kept, but is shown only after asking: a withdrawal must be seen at once.
_public = cache_control(public=True, no_cache=True)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One alert of the public list."""

    version: AlertVersion
    text: AlertWording | None
    standing: str


@require_safe
@_public
@conditional_page
def show_public_alerts(request: HttpRequest) -> HttpResponse:
    """All public alerts: those in force, then those that ended."""
    now = timezone.now()
    language = request.GET.get("lang", "")
    entries = [
        _Entry(version, _choose_text(version, language), derive_standing(version, now=now).word)
        for version in list_newest_versions(PUBLIC, order="-released_at")
    ]
    context = {
        "in_force": [one for one in entries if one.standing == "live"],
        "ended": [one for one in entries if one.standing != "live"],
    }
    return render_public(request, "web/public/list.html", context)


@require_safe
@_public
@conditional_page
def show_public_alert(request: HttpRequest, identifier: str) -> HttpResponse:
    """One public alert: what to do first; when withdrawn, when and why instead."""
    history = list_history(PUBLIC, identifier)
    version = history[0]
    wordings = list(version.wordings.all())
    chosen = _choose_text(version, request.GET.get("lang", ""))
    names = dict(LANGUAGE_CHOICES)
    context = {
        "version": version,
        "alert": version.alert,
        "text": derive_text(version, chosen) if chosen else None,
        "standing": derive_standing(version, now=timezone.now()).word,
        "languages": [
            {
                "code": one.language,
                "label": names.get(one.language, one.language),
                "current": one == chosen,
            }
            for one in wordings
        ]
        if len(wordings) > 1
        else [],
        "history": [
            {"at": one.released_at, "words": _name_step(one), "reason": one.note} for one in history
        ],
        "first_released_at": history[-1].released_at,
        "is_exercise": settings.IS_DEMO,
    }
    return render_public(request, "web/public/alert.html", context)


@require_safe
@_public
@conditional_page
def show_public_cap(request: HttpRequest, identifier: str) -> HttpResponse:
    """The newest public message of an alert as CAP 1.2."""
    return HttpResponse(find_cap(PUBLIC, identifier), content_type=MIME_TYPE)


@require_safe
@_public
@conditional_page
def show_public_json(request: HttpRequest, identifier: str) -> HttpResponse:
    """The newest public message of an alert as JSON."""
    response = JsonResponse(
        derive_json(get_document(PUBLIC, identifier)), json_dumps_params={"ensure_ascii": False}
    )
    # Public data, meant to be read by other sites' pages.
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
@_public
@conditional_page
def show_feed(request: HttpRequest) -> HttpResponse:
    """The public alerts as an Atom feed."""
    own = find_own_organisation()
    name = own.name if own is not None else "Tocsin"
    address = f"{settings.ADDRESS}{reverse('public-feed')}"
    feed = AtomFeed(
        identifier=address,
        title=_("Drug alerts of %(name)s") % {"name": name},
        author=name,
        language=(get_language() or "en").split("-")[0],
        web_address=f"{settings.ADDRESS}{reverse('public-alerts')}",
        feed_address=address,
        updated=FEED_BEGAN,
        cancelled_word=_("Withdrawn"),
    )
    content = write_atom(feed, list_public_documents())
    return HttpResponse(content, content_type="application/atom+xml; charset=utf-8")


def render_public(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Render the same page for everybody, whoever is logged in, so that it can be kept and shared."""
    own = find_own_organisation()
    frame = {
        "user": AnonymousUser(),
        "csrf_token": "",
        "node": {
            "is_demo": settings.IS_DEMO,
            "navigation": [],
            "organisation_name": own.name if own is not None else "",
        },
    }
    return render(request, template, {**frame, **context})


def _choose_text(version: AlertVersion, language: str) -> AlertWording | None:
    """The text in the language asked for, else in the page's, else the first one written."""
    wordings = list(version.wordings.all())
    for wanted in (language, (get_language() or "").split("-")[0]):
        for one in wordings:
            if one.language == wanted:
                return one
    return wordings[0] if wordings else None


def _name_step(version: AlertVersion) -> str:
    if version.message_type == MessageType.CANCEL:
        return _("withdrawn")
    return _("updated") if version.message_type == MessageType.UPDATE else _("released")
