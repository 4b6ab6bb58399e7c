"""How long evidence is kept: periods, legal holds, and what was erased."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.errors import NotFoundError, RefusedError
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.queries import list_organisations
from tocsin.reports.vocabulary import EventType
from tocsin.retention.queries import (
    ERASED_ORDERS,
    get_hold,
    list_erased,
    list_going,
    list_holds,
    list_period_versions,
    list_periods,
    require_keeper,
)
from tocsin.retention.services import lift_hold, place_hold, set_period
from tocsin.web.forms.retention import HoldForm, PeriodForm, ReasonedForm
from tocsin.web.lists import (
    Column,
    find_day,
    get_sort,
    make_choice_filter,
    make_day_filter,
    render_list,
)
from tocsin.web.requests import get_request_actor, journal_refusal


@require_safe
def show_retention(request: HttpRequest) -> HttpResponse:
    """The period of each type of event, what the next night erases, and the holds."""
    actor = get_request_actor(request)
    require_keeper(actor)
    today = timezone.localdate()
    periods = {one.event_type: one for one in list_periods()}
    going = list_going(actor, today=today)
    context = {
        "rows": [
            {"type": value, "words": words, "period": periods.get(value)}
            for value, words in EventType.choices
        ],
        "going": [one for one in going if not one.is_on_hold],
        "held": [one for one in going if one.is_on_hold],
        "holds": list_holds(today=today),
        "today": today,
    }
    return render(request, "web/retention/retention.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change_period(request: HttpRequest, event_type: str) -> HttpResponse:
    """Set how long a type of event is kept: first what that would erase, then the change."""
    actor = get_request_actor(request)
    require_keeper(actor)
    if event_type not in EventType.values:
        raise NotFoundError(f"event type {event_type!r}: not found")
    versions = list(list_period_versions(event_type))
    held = versions[0].days if versions else None
    form = PeriodForm(request.POST if request.method == "POST" else None, initial={"days": held})
    going = None
    if form.is_bound and form.is_valid():
        days = form.cleaned_data["days"]
        if "confirmed" not in request.POST:
            instead = {event_type: days}
            going = list_going(actor, today=timezone.localdate(), instead=instead)
            going = [one for one in going if one.event_type == event_type]
        else:
            try:
                set_period(actor, event_type, days=days, reason=form.cleaned_data["reason"])
            except RefusedError as error:
                journal_refusal(request, actor, error)
                form.add_error(None, str(error))
            else:
                messages.success(request, _("The period holds from the next night on."))
                return redirect("retention")
    words = EventType(event_type).label
    context = {
        "form": form,
        "words": words,
        "versions": versions,
        "going": going,
        "days": form.cleaned_data.get("days") if form.is_bound else None,
        "breadcrumbs": _list_breadcrumbs(str(words)),
    }
    status = 422 if form.errors else 200
    return render(request, "web/retention/period.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def add_hold(request: HttpRequest) -> HttpResponse:
    """Keep a report, or an organisation's events of a time, from being erased."""
    actor = get_request_actor(request)
    require_keeper(actor)
    form = HoldForm(
        request.POST if request.method == "POST" else None,
        organisations=[(one.key, one.name) for one in list_organisations()],
    )
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        try:
            place_hold(actor, form.get_held(), reason=values["reason"], ends_on=values["ends_on"])
        except (RefusedError, NotFoundError) as error:
            if isinstance(error, RefusedError):
                journal_refusal(request, actor, error)
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The hold stands."))
            return redirect("retention")
    return _render_step(request, form, _("New legal hold"), _("Place the hold"))


@require_http_methods(["GET", "HEAD", "POST"])
def lift(request: HttpRequest, hold_id: int) -> HttpResponse:
    """End a legal hold, with a reason."""
    actor = get_request_actor(request)
    require_keeper(actor)
    hold = get_hold(hold_id)
    form = ReasonedForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            lift_hold(actor, hold.pk, reason=form.cleaned_data["reason"])
        except RefusedError as error:
            journal_refusal(request, actor, error)
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("The hold is lifted. What is over its time goes in the next night.")
            )
            return redirect("retention")
    title = _("Lift legal hold {number}").format(number=hold.pk)
    return _render_step(request, form, title, _("Lift the hold"), hold=hold)


@require_safe
def show_erased(request: HttpRequest) -> HttpResponseBase:
    """What was erased: of all owners for administrators of the node, of one's own for others."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    sort = get_sort(request, ERASED_ORDERS, default="-on")
    event_type = make_choice_filter(request, "event_type", _("Type of event"), EventType.choices)
    since = make_day_filter(request, "since", _("Nights from"))
    until = make_day_filter(request, "until", _("Nights to"))
    rows = list_erased(
        actor,
        event_type=event_type.value,
        since=find_day(since.value),
        until=find_day(until.value),
        order=sort,
    )
    return render_list(
        request,
        actor,
        "web/retention/erased.html",
        name="erased",
        rows=rows,
        columns=[
            Column(_("Night"), lambda one: one.erasure.on, sort="on"),
            Column(_("Owner"), lambda one: one.owner.name, sort="owner"),
            Column(_("Type of event"), lambda one: str(one.get_event_type_display())),
            Column(
                _("Month of the events"),
                lambda one: one.month_on.strftime("%Y-%m") if one.month_on else "",
                sort="month_on",
            ),
            Column(_("Period, days"), lambda one: one.period.days if one.period else None),
            Column(_("Period, version"), lambda one: one.period.version if one.period else None),
            Column(_("Reports"), lambda one: one.reports, figures=True),
            Column(_("Versions"), lambda one: one.versions, figures=True),
            Column(_("Findings"), lambda one: one.findings, figures=True),
            Column(_("Files"), lambda one: one.files, figures=True),
        ],
        sort=sort,
        filters=[event_type, since, until],
        permission="evidence.read",
    )


def _render_step(
    request: HttpRequest, form: ReasonedForm, title: str, action: str, **further: Any
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "action": action,
        "breadcrumbs": _list_breadcrumbs(title),
        **further,
    }
    status = 422 if form.errors else 200
    return render(request, "web/retention/step.html", context, status=status)


def _list_breadcrumbs(label: str) -> list[dict[str, str]]:
    return [{"label": _("Retention"), "url": reverse("retention")}, {"label": label}]
