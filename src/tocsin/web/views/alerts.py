"""Alerts: the list, one alert with its versions, its release by a second person, its end."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.alerts.documents import derive_text
from tocsin.alerts.formats.cap import MIME_TYPE
from tocsin.alerts.identification import describe_basis, describe_identification
from tocsin.alerts.models import AlertVersion, MessageType, VersionState
from tocsin.alerts.queries import (
    ALERT_ORDERS,
    OPEN_STATES,
    derive_standing,
    find_cap,
    find_fallen_level,
    get_version,
    list_history,
    list_newest_versions,
    list_released,
)
from tocsin.alerts.services import cancel_alert, draft_update, release_alert
from tocsin.errors import InvalidAlertError, NotFoundError
from tocsin.journal.services import record
from tocsin.notifications.queries import list_reports_of_signal
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import is_permitted, require_permission
from tocsin.organisations.queries import list_organisations
from tocsin.organisations.vocabulary import PUBLIC_AUDIENCE, PUBLIC_AUDIENCE_NAME, TrafficLight
from tocsin.signals.models import Signal
from tocsin.signals.queries import find_signal
from tocsin.web.alert_difference import list_changes
from tocsin.web.alert_shapes import AlertShapes, derive_shapes
from tocsin.web.forms.alerts import CancelForm
from tocsin.web.lists import Column, get_search, get_sort, render_list
from tocsin.web.requests import get_request_actor
from tocsin.web.templatetags.tocsin_response import headline


@require_safe
def show_alerts(request: HttpRequest) -> HttpResponseBase:
    """The newest version of each alert the reader may see; what waits for release first."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    search = get_search(request)
    sort = get_sort(request, ALERT_ORDERS, default="waiting")
    rows = list_newest_versions(actor, search=search, order=sort)
    return render_list(
        request,
        actor,
        "web/alerts/list.html",
        name="alerts",
        rows=rows,
        columns=_build_columns(),
        sort=sort,
        context={
            "may_draft": is_permitted(actor, "alert.draft"),
        },
        describe_page=lambda page: {"in_force": _list_in_force(actor, page)},
    )


@require_safe
def show_alert(request: HttpRequest, identifier: str) -> HttpResponse:
    """One alert: its newest message, and every version the reader may see."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    history = list_history(actor, identifier)
    released = [one for one in history if one.state == VersionState.RELEASED]
    newest = released[0] if released else None
    draft = history[0] if history[0].state != VersionState.RELEASED else None
    is_own = history[0].alert.owner_id == actor.organisation_id
    stands = newest is not None and newest.message_type != MessageType.CANCEL
    recipients = _name_recipients()
    version = newest or history[0]
    signal = find_signal(actor, version.alert.signal_id) if is_own else None
    may_update = is_own and stands and draft is None and is_permitted(actor, "alert.draft")
    may_cancel = is_own and stands and is_permitted(actor, "alert.cancel")
    standing = derive_standing(version, now=timezone.now())
    is_watched = standing.is_in_force and (may_update or may_cancel)
    context = {
        "alert": version.alert,
        "version": version,
        "texts": [derive_text(version, one) for one in version.wordings.all()],
        "identified": _describe_identified(version),
        "draft": draft,
        "standing": standing.word,
        "page_tlp": version.tlp,
        "breadcrumbs": [{"label": _("Alerts"), "url": reverse("alerts")}, {"label": identifier}],
        "recipients": [recipients.get(one, "?") for one in version.audience],
        "history": _derive_history(history, is_own=is_own),
        "is_own": is_own,
        "signal": signal,
        "may_notify": stands and _may_notify(actor, signal),
        "is_public": newest is not None and newest.tlp == TrafficLight.CLEAR,
        "fallen": find_fallen_level(actor, version) if is_watched else None,
        "may_update": may_update,
        "may_cancel": may_cancel,
    }
    return render(request, "web/alerts/alert.html", context)


@require_safe
def show_cap(request: HttpRequest, identifier: str) -> HttpResponse:
    """The newest released message as CAP, for everybody it was released to."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    response = HttpResponse(find_cap(actor, identifier), content_type=MIME_TYPE)
    with transaction.atomic():
        record(
            actor=actor.journal_name,
            action="alert.exported",
            record_type="alert",
            record_id=identifier,
            details={"format": "cap"},
        )
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, version_id: int) -> HttpResponse:
    """Show a second person what they would stand behind; release it when they do."""
    actor = get_request_actor(request)
    version = get_version(actor, version_id)
    if version.alert.owner_id != actor.organisation_id:
        raise NotFoundError(f"alert version {version_id}: not found")
    if request.method == "POST":
        release_alert(actor, version_id)
        return redirect("alerts-alert", version.alert.identifier)
    if version.state not in OPEN_STATES:
        return redirect("alerts-alert", version.alert.identifier)
    released = list_released(actor, [version.alert_id]).get(version.alert_id, [])
    recipients = _name_recipients()
    shapes, problem = _try_shapes(version, released)
    context = {
        "version": version,
        "alert": version.alert,
        "page_tlp": version.handling.tlp,
        "breadcrumbs": [
            {"label": _("Alerts"), "url": reverse("alerts")},
            {
                "label": version.alert.identifier,
                "url": reverse("alerts-alert", args=[version.alert.identifier]),
            },
            {"label": _("Release")},
        ],
        "before": released[0] if released else None,
        "changes": list_changes(released[0] if released else None, version, recipients=recipients),
        "recipients": [recipients.get(one, "?") for one in version.audience],
        "signal": find_signal(actor, version.alert.signal_id),
        "identified": _describe_identified(version),
        "shapes": shapes,
        "problem": problem,
        "reason": _find_obstacle(actor, version) if problem is None else problem,
        "consequence": _describe_consequence(version),
        "may_edit": is_permitted(actor, "alert.draft"),
    }
    return render(request, "web/alerts/release.html", context)


@require_POST
def update(request: HttpRequest, identifier: str) -> HttpResponse:
    """Start a new version of a released alert."""
    version = draft_update(get_request_actor(request), identifier)
    return redirect("alerts-compose", version.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, identifier: str) -> HttpResponse:
    """Take a released alert back in every form, saying why."""
    actor = get_request_actor(request)
    require_permission(actor, "alert.cancel")
    released = [
        one for one in list_history(actor, identifier) if one.state == VersionState.RELEASED
    ]
    if not released or released[0].alert.owner_id != actor.organisation_id:
        raise NotFoundError(f"alert {identifier}: not found")
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        cancel_alert(actor, identifier, reason=form.cleaned_data["reason"])
        return redirect("alerts-alert", identifier)
    recipients = _name_recipients()
    context = {
        "form": form,
        "version": released[0],
        "alert": released[0].alert,
        "page_tlp": released[0].tlp,
        "breadcrumbs": [
            {"label": _("Alerts"), "url": reverse("alerts")},
            {"label": identifier, "url": reverse("alerts-alert", args=[identifier])},
            {"label": _("Withdraw")},
        ],
        "recipients": [recipients.get(one, "?") for one in released[0].audience],
        "is_public": released[0].tlp == TrafficLight.CLEAR,
    }
    status = 422 if form.errors else 200
    return render(request, "web/alerts/cancel.html", context, status=status)


def _list_in_force(actor: Actor, page: list[AlertVersion]) -> dict[int, AlertVersion]:
    """Of the alerts on a page that are being updated: the version that is released meanwhile."""
    updated = [one.alert_id for one in page if one.state != VersionState.RELEASED]
    released = list_released(actor, updated) if updated else {}
    return {alert_id: versions[0] for alert_id, versions in released.items()}


def _try_shapes(
    version: AlertVersion, released: list[AlertVersion]
) -> tuple[AlertShapes | None, str | None]:
    now = timezone.now()
    try:
        return derive_shapes(version, version.wordings.all(), sent=now, earlier=released), None
    except InvalidAlertError as error:
        return None, str(error)


def _find_obstacle(actor: Actor, version: AlertVersion) -> str | None:
    """Why this person cannot release this version, None where they can."""
    if not is_permitted(actor, "alert.release"):
        return _("Only a releaser can release an alert; your roles are others.")
    if actor.person_id in {version.drafted_by_id, *version.edited_by}:
        return _("You wrote this version: another releaser must release it.")
    if version.state != VersionState.WAITING:
        return _("Its author has not asked for its release yet.")
    fallen = find_fallen_level(actor, version)
    if fallen is None:
        return None
    return _("Its evidence bears less by now: %(level)s. Its release must be asked for anew.") % {
        "level": fallen
    }


def _describe_identified(version: AlertVersion) -> dict[str, str]:
    """On what a version's level of identification stands, and from what it was lowered."""
    before = describe_identification(version.evidence_level, is_isomer_open=False)
    return {
        "basis": describe_basis(version.findings_bearing, version.findings_weighed),
        "lowered_from": before if version.lowered_to else "",
    }


def _may_notify(actor: Actor, signal: Signal | None) -> bool:
    """Whether the actor can make a notification from the reports behind a signal."""
    return (
        signal is not None
        and is_permitted(actor, "package.make")
        and bool(list_reports_of_signal(actor, signal.pk))
    )


def _describe_consequence(version: AlertVersion) -> str:
    """What releasing does, as the words of its button."""
    if version.tlp == TrafficLight.CLEAR:
        return _("Release to everybody: public page, feed")
    count = len([one for one in version.audience if one != PUBLIC_AUDIENCE])
    if version.tlp == TrafficLight.RED or not count:
        return _("Release inside your organisation only")
    return ngettext(
        "Release to %(count)d organisation", "Release to %(count)d organisations", count
    ) % {"count": count}


def _name_recipients() -> dict[int, str]:
    names = {one.pk: one.name for one in list_organisations()}
    return {PUBLIC_AUDIENCE: str(PUBLIC_AUDIENCE_NAME), **names}


def _derive_history(history: list[AlertVersion], *, is_own: bool) -> list[dict[str, Any]]:
    """The steps of an alert; recipients read which organisation took them, not which person."""
    entries = []
    for version in history:
        words = {
            VersionState.DRAFT: _("version %(number)d drafted"),
            VersionState.WAITING: _("version %(number)d waits for release"),
        }.get(VersionState(version.state), _("version %(number)d released"))
        if version.message_type == MessageType.CANCEL:
            words = _("version %(number)d: withdrawn")
        elif version.message_type == MessageType.UPDATE and version.released_at:
            words = _("version %(number)d released as an update")
        people = [version.drafted_by.username]
        if version.released_by and version.released_by_id != version.drafted_by_id:
            people.append(version.released_by.username)
        entries.append(
            {
                "at": version.released_at or version.asked_at or version.drafted_at,
                "who": " → ".join(people) if is_own else version.alert.owner.name,
                "words": words % {"number": version.number},
                "reason": version.note,
            }
        )
    return entries


def _build_columns() -> list[Column]:
    now = timezone.now()
    return [
        Column(_("Identifier"), lambda one: one.alert.identifier),
        Column(_("Version"), lambda one: one.number),
        Column(_("Headline"), headline),
        Column(_("Substance"), lambda one: one.alert.substance.name, sort="substance"),
        Column(_("Standing"), lambda one: derive_standing(one, now=now).word),
        Column(_("Severity"), lambda one: one.severity, sort="severity"),
        Column("TLP", lambda one: one.tlp),
        Column(_("Country"), lambda one: one.country),
        Column(_("Valid until"), lambda one: one.expires_at, sort="expires_at"),
        Column(_("Released"), lambda one: one.released_at, sort="released_at"),
        Column(_("Owner"), lambda one: one.alert.owner.name),
    ]
