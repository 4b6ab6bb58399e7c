"""The journal, for administrators: entries, their verification, their export."""

import json
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tocsin.journal.models import JournalEntry
from tocsin.journal.queries import list_entries, verify_journal
from tocsin.journal.services import record
from tocsin.organisations.permissions import require_permission
from tocsin.web.lists import (
    Column,
    Filter,
    find_day,
    get_sort,
    make_day_filter,
    render_list,
)
from tocsin.web.requests import get_request_actor

JOURNAL_ORDERS = {"sequence": ("sequence",), "-sequence": ("-sequence",)}
MOST_ENTRIES_VERIFIED_HERE = 50_000
"""Above so many entries, reading the whole chain takes longer than a page may."""


@require_safe
def show_journal(request: HttpRequest) -> HttpResponseBase:
    """The entries, newest first."""
    actor = get_request_actor(request)
    require_permission(actor, "journal.read")
    filters = [
        _make_word_filter(request, "action", _("What (begins with)")),
        _make_word_filter(request, "person", _("Who")),
        _make_word_filter(request, "record_type", _("Kind of record")),
        _make_word_filter(request, "record_id", _("Record")),
        make_day_filter(request, "since", _("From")),
        make_day_filter(request, "until", _("To")),
    ]
    wanted = {one.name: one.value for one in filters}
    since, until = find_day(wanted.pop("since")), find_day(wanted.pop("until"))
    sort = get_sort(request, JOURNAL_ORDERS, default="-sequence")
    return render_list(
        request,
        actor,
        "web/journal/list.html",
        name="journal",
        rows=_filter_days(list_entries(**wanted), since, until).order_by(*JOURNAL_ORDERS[sort]),
        columns=[
            Column(_("Number"), lambda one: one.sequence, sort="sequence", figures=True),
            Column(_("When"), lambda one: one.at),
            Column(_("Who"), lambda one: one.person),
            Column(_("Organisation"), lambda one: one.organisation),
            Column(_("What"), lambda one: one.action),
            Column(_("Kind of record"), lambda one: one.record_type),
            Column(_("Record"), lambda one: one.record_id),
            Column(_("Details"), lambda one: json.dumps(one.details, ensure_ascii=False)),
            Column(_("Digest"), lambda one: bytes(one.digest).hex()),
        ],
        sort=sort,
        filters=filters,
        context={"is_short": is_short_journal(), "most": MOST_ENTRIES_VERIFIED_HERE},
        permission="journal.read",
    )


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Read the whole chain and say whether it holds; of a long journal, say how that is done."""
    actor = get_request_actor(request)
    require_permission(actor, "journal.read")
    context: dict[str, Any] = {
        "breadcrumbs": [
            {"label": _("Journal"), "url": reverse("journal")},
            {"label": _("Verification")},
        ],
    }
    if not is_short_journal():
        context["most"] = MOST_ENTRIES_VERIFIED_HERE
        return render(request, "web/journal/too_long.html", context, status=422)
    verification = verify_journal()
    context |= {"verification": verification, "checked_at": timezone.now()}
    with transaction.atomic():
        record(
            actor=actor.journal_name,
            action="journal.verified",
            record_type="journal",
            record_id=str(verification.entries),
            details={"intact": verification.is_intact, "head": verification.head_digest},
        )
    return render(request, "web/journal/verification.html", context)


def is_short_journal() -> bool:
    """Tell whether the journal can be verified while somebody waits for the page."""
    return not list_entries().filter(sequence__gt=MOST_ENTRIES_VERIFIED_HERE).exists()


def _make_word_filter(request: HttpRequest, name: str, label: str) -> Filter:
    """Return a filter for a word of an entry, as the database can take it."""
    return Filter(name, label, request.GET.get(name, "").replace("\0", "").strip())


def _filter_days(
    entries: QuerySet[JournalEntry], since: date | None, until: date | None
) -> QuerySet[JournalEntry]:
    if since is not None:
        entries = entries.filter(at__gte=timezone.make_aware(datetime.combine(since, time.min)))
    if until is not None and until < date.max:
        entries = entries.filter(at__lte=timezone.make_aware(datetime.combine(until, time.max)))
    return entries
