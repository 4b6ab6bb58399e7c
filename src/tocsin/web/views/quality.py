"""The board of quality: how complete, timely and settled the evidence of each sender is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tocsin.organisations.permissions import require_permission
from tocsin.quality.measures import LATE_AFTER_DAYS, Delay, Step
from tocsin.quality.queries import SenderQuality, get_quality, list_quality, list_senders
from tocsin.reports.record import Level
from tocsin.reports.vocabulary import EventType
from tocsin.web.lists import (
    Column,
    Filter,
    find_day,
    get_sort,
    make_choice_filter,
    make_day_filter,
    render_list,
)
from tocsin.web.requests import get_request_actor

Key = Callable[[SenderQuality], Any]

SORTS: dict[str, Key] = {
    "sender": lambda row: (row.sender_name, row.event_type),
    "reports": lambda row: row.reports,
    "filled": lambda row: -1 if row.percent is None else row.percent,
    "delay": lambda row: _median(row.delays[Step.IN_ALL]),
    "output": lambda row: _median(row.delays[Step.TO_OUTPUT]),
    "unresolved": lambda row: row.unresolved.findings,
    "late": lambda row: row.late.count,
}
"""What the list can be sorted by."""

ORDERS = tuple(sign + name for name in SORTS for sign in ("", "-"))


@dataclass(frozen=True, slots=True)
class Months:
    """The months looked at, from the first day of one to the end of another."""

    since: date
    until: date


@require_safe
def show_quality(request: HttpRequest) -> HttpResponseBase:
    """List the senders that the reader may read of, each type of event by itself."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    sort = get_sort(request, ORDERS, default="sender")
    event_type = make_choice_filter(request, "event_type", _("Type of event"), EventType.choices)
    sender = make_choice_filter(request, "sender", _("Sender"), list_senders(actor))
    since = make_day_filter(request, "since", _("From the month of"))
    until = make_day_filter(request, "until", _("To the month of"))
    months = derive_months(since.value, until.value, today=timezone.localdate())
    rows = list_quality(
        actor,
        since=months.since,
        until=months.until,
        event_type=event_type.value,
        sender=sender.value,
    )
    rows.sort(key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))
    return render_list(
        request,
        actor,
        "web/quality/list.html",
        name="quality",
        rows=rows,
        columns=list_columns(),
        sort=sort,
        filters=[event_type, sender, since, until],
        context={
            "months": months,
            "late_after": LATE_AFTER_DAYS,
            "period": write_period([since, until]),
        },
    )


@require_safe
def show_sender(request: HttpRequest, sender: str, event_type: str) -> HttpResponse:
    """Show one sender's evidence of one type: each field, each step of the way, late versions."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    since = make_day_filter(request, "since", "")
    until = make_day_filter(request, "until", "")
    months = derive_months(since.value, until.value, today=timezone.localdate())
    row = get_quality(actor, sender, event_type, since=months.since, until=months.until)
    fields = sorted(row.fields, key=lambda one: 101 if one.percent is None else one.percent)
    context = {
        "row": row,
        "type_words": EventType(row.event_type).label,
        "months": months,
        "late_after": LATE_AFTER_DAYS,
        "levels": [
            (_("Of the event"), [one for one in fields if one.field.level is Level.EVENT]),
            (_("Of each finding"), [one for one in fields if one.field.level is Level.FINDING]),
        ],
        "steps": [(words, row.delays[step]) for step, words in describe_steps()],
        "breadcrumbs": [
            {"label": _("Quality"), "url": reverse("quality") + write_period([since, until])},
            {"label": f"{row.sender_name}, {EventType(row.event_type).label}"},
        ],
    }
    return render(request, "web/quality/sender.html", context)


def derive_months(since: str, until: str, *, today: date) -> Months:
    """Return the months that two days of an address name; by itself the twelve up to now.

    >>> derive_months("", "", today=date(2026, 11, 22))
    Months(since=datetime.date(2025, 12, 1), until=datetime.date(2026, 11, 22))
    """
    last = find_day(until) or today
    place = last.year * 12 + last.month - 12
    a_year = date(place // 12, place % 12 + 1, 1) if place >= 12 else date(1, 1, 1)
    return Months((find_day(since) or a_year).replace(day=1), last)


def describe_steps() -> list[tuple[Step, str]]:
    """Name each step of the way from an event to what is made of it."""
    return [
        (Step.TO_LABORATORY, _("event → received by the laboratory")),
        (Step.IN_LABORATORY, _("received → reported")),
        (Step.TO_NODE, _("reported → accepted here")),
        (Step.IN_ALL, _("event → accepted here")),
        (Step.TO_OUTPUT, _("accepted → first package released")),
    ]


def list_columns() -> list[Column]:
    """The columns of the list, and of its file: there with every step and its counts."""
    columns = [
        Column(_("Sender"), lambda row: row.sender_name, sort="sender"),
        Column(_("Type of event"), lambda row: str(EventType(row.event_type).label)),
        Column(_("Reports"), lambda row: row.reports, sort="reports", figures=True),
        Column(_("Findings"), lambda row: row.findings, figures=True),
        Column(_("Fields filled"), lambda row: row.filled, sort="filled", figures=True),
        Column(_("Of places"), lambda row: row.places, figures=True),
    ]
    for step, words in describe_steps():
        columns += [
            Column(f"{words}, {_('reports')}", _read(step, "count")),
            Column(f"{words}, {_('median days')}", _read(step, "median_days")),
            Column(f"{words}, {_('90 % within days')}", _read(step, "ninetieth_days")),
            Column(f"{words}, {_('in an order that cannot be')}", _read(step, "backwards")),
        ]
    return [
        *columns,
        Column(_("Known to the week or month only"), lambda row: row.imprecise),
        Column(_("Unknown names"), lambda row: row.unresolved.names),
        Column(_("Findings with one"), lambda row: row.unresolved.findings, sort="unresolved"),
        Column(_("Oldest of them"), lambda row: row.unresolved.oldest_on),
        Column(_("Later versions"), lambda row: row.corrections),
        Column(_("Late versions"), lambda row: row.late.count, sort="late"),
        Column(_("Late versions, median days"), lambda row: row.late.median_days),
        Column(
            _("Fields that late versions changed"),
            lambda row: "; ".join(f"{one.key} {number}" for one, number in row.changed),
        ),
    ]


def write_period(filters: list[Filter]) -> str:
    """Return the period's part of an address, empty for the one that is shown by itself."""
    parts = [f"{one.name}={one.value}" for one in filters if one.value]
    return f"?{'&'.join(parts)}" if parts else ""


def _read(step: Step, figure: str) -> Callable[[SenderQuality], Any]:
    return lambda row: getattr(row.delays[step], figure)


def _median(delay: Delay) -> int:
    return -1 if delay.median_days is None else delay.median_days
