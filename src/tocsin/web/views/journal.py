"""The journal, for administrators: entries, their verification, their export."""

import json
import tempfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tocsin.journal.models import JournalEntry
from tocsin.journal.queries import list_entries, verify_journal
from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission
from tocsin.web.lists import WRITERS, Column, get_sort, render_list
from tocsin.web.requests import get_request_actor

JOURNAL_ORDERS = {"sequence": ("sequence",), "-sequence": ("-sequence",)}


@require_safe
def show_journal(request: HttpRequest) -> HttpResponseBase:
    """The entries, newest first."""
    actor = get_request_actor(request)
    require_permission(actor, "journal.read")
    chosen = {
        name: request.GET.get(name, "").replace("\0", "").strip()
        for name in ("action", "person", "record_type", "record_id")
    }
    days = {name: request.GET.get(name, "").strip() for name in ("since", "until")}
    sort = get_sort(request, JOURNAL_ORDERS, default="-sequence")
    entries = _filter_days(list_entries(**chosen), days).order_by(*JOURNAL_ORDERS[sort])
    columns = [
        Column(_("Number"), lambda one: one.sequence, sort="sequence", figures=True),
        Column(_("When"), lambda one: one.at),
        Column(_("Who"), lambda one: one.person),
        Column(_("Organisation"), lambda one: one.organisation),
        Column(_("What"), lambda one: one.action),
        Column(_("Kind of record"), lambda one: one.record_type),
        Column(_("Record"), lambda one: one.record_id),
        Column(_("Details"), lambda one: json.dumps(one.details, ensure_ascii=False)),
        Column(_("Digest"), lambda one: bytes(one.digest).hex()),
    ]
    return export_rows(
        request, actor, name="journal", rows=entries, columns=columns
    ) or render_list(
        request,
        actor,
        "web/journal/list.html",
        name="journal",
        rows=entries,
        columns=columns,
        sort=sort,
        context={
            "chosen": {**chosen, **days},
            "is_filtered": any(chosen.values()) or any(days.values()),
        },
    )


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Read the whole chain and say whether it holds."""
    actor = get_request_actor(request)
    require_permission(actor, "journal.read")
    verification = verify_journal()
    checked_at = timezone.now()
    with transaction.atomic():
        record(
            actor=actor.journal_name,
            action="journal.verified",
            record_type="journal",
            record_id=str(verification.entries),
            details={"intact": verification.is_intact, "head": verification.head_digest},
        )
    context = {
        "verification": verification,
        "checked_at": checked_at,
        "breadcrumbs": [
            {"label": _("Journal"), "url": reverse("journal")},
            {"label": _("Verification")},
        ],
    }
    return render(request, "web/journal/verification.html", context)


def export_rows(
    request: HttpRequest,
    actor: Actor,
    *,
    name: str,
    rows: QuerySet[Any],
    columns: Sequence[Column],
) -> FileResponse | None:
    """Hand out a list of the administration as a file where one is asked for; journals it.

    Administrators need no right to export evidence for it, and get none by it.
    """
    form = request.GET.get("format", "")
    if form not in WRITERS:
        return None
    write, content_type = WRITERS[form]
    stream = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    count = write(
        ([column.value(row) for column in columns] for row in rows.iterator(chunk_size=2_000)),
        [column.label for column in columns],
        stream,
    )
    stream.seek(0)
    with transaction.atomic():
        record(
            actor=actor.journal_name,
            action="list.exported",
            record_type="list",
            record_id=name,
            details={"rows": count, "format": form},
        )
    file_name = f"tocsin-{name}-{timezone.localdate():%Y-%m-%d}.{form}"
    return FileResponse(stream, as_attachment=True, filename=file_name, content_type=content_type)


def _filter_days(entries: QuerySet[JournalEntry], days: dict[str, str]) -> QuerySet[JournalEntry]:
    since, until = _read_day(days["since"]), _read_day(days["until"])
    if since is not None:
        entries = entries.filter(at__gte=_begin_of(since))
    if until is not None:
        entries = entries.filter(at__lt=_begin_of(until + timedelta(days=1)))
    return entries


def _read_day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _begin_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
