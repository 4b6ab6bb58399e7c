"""Drafts of reports: kept while somebody types, and let go of."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from tocsin.errors import NotFoundError, RefusedError
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission
from tocsin.reports.record import get_field
from tocsin.reports.services import KeptDraft, KnownDraft, Withheld, discard_draft, keep_draft
from tocsin.reports.vocabulary import EventType
from tocsin.web.forms.record import ReportEntry
from tocsin.web.record_entry import find_known_draft, read_handling
from tocsin.web.requests import get_request_actor


@require_POST
def autosave(request: HttpRequest, event_type: str) -> HttpResponse:
    """Keep what is typed so far; answers with the part of the page that says so."""
    actor = get_request_actor(request)
    require_permission(actor, "report.import")
    if event_type not in EventType.values:
        raise NotFoundError(f"type of event {event_type[:40]!r}: not found")
    entry = ReportEntry.from_post(event_type, request.POST)
    known = find_known_draft(request)
    context: dict[str, Any] = {"draft": known, "refusal": "", "withheld": []}
    try:
        kept = keep_typed(actor, entry, read_handling(request), known)
    except RefusedError as error:
        context["refusal"] = str(error)
    else:
        context |= {"draft": KnownDraft.of(kept.draft), "is_kept": True}
        context |= {"is_beside": kept.is_beside, "withheld": list_withheld(kept.withheld)}
    return render(request, "web/entry/draft_state.html", context)


@require_POST
def discard(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Remove a draft of one's own organisation."""
    discard_draft(get_request_actor(request), draft_id)
    messages.info(request, gettext("The draft is discarded."))
    return redirect("inbox")


def keep_typed(
    actor: Actor, entry: ReportEntry, handling: dict[str, Any], known: KnownDraft | None
) -> KeptDraft:
    """Keep what stands in the controls, right or wrong, as a draft."""
    typed = entry.read_typed()
    values = {"event": typed.event, "findings": typed.findings, "handling": handling}
    return keep_draft(actor, entry.event_type, values, known=known)


def list_withheld(withheld: tuple[Withheld, ...]) -> list[str]:
    """Say of each field that was left out what it looks like."""
    words = []
    for one in withheld:
        number = "" if one.finding is None else f"{one.finding + 1}. "
        label = capfirst(str(get_field(one.field).label))
        words.append(
            gettext("%(field)s (looks like %(what)s)")
            % {"field": f"{number}{label}", "what": one.looks_like}
        )
    return words
