"""Entering a report by hand: which type of event, its forms, and what is stored."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.errors import NotFoundError, RefusedError
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.queries import list_organisations
from tocsin.reports.models import Report
from tocsin.reports.queries import find_own_report, get_draft, list_drafts
from tocsin.reports.services import KnownDraft, discard_draft, record_report
from tocsin.reports.vocabulary import EventType
from tocsin.substances.queries import list_substances
from tocsin.web.forms.handling import HandlingForm
from tocsin.web.forms.record import FormError, ReportEntry, TypedReport
from tocsin.web.lists import get_search
from tocsin.web.record_entry import (
    Step,
    find_known_draft,
    name_spectra,
    read_handling,
    take_step,
)
from tocsin.web.requests import get_request_actor, journal_refusal
from tocsin.web.views.drafts import keep_typed, list_withheld

SUBSTANCES_LOOKED_AT = 50
SUBSTANCES_SUGGESTED = 8

EVENT_SENTENCES: dict[str, str | Promise] = {
    EventType.SEIZURE: _("Customs or police took something: a parcel, tablets, a powder."),
    EventType.COLLECTED_SAMPLE: _("A sample was brought in or collected, as in drug checking."),
    EventType.BIOLOGICAL_SAMPLE: _("Blood, urine or hair was analysed, in life or after death."),
    EventType.SERIOUS_ADVERSE_EVENT: _("Somebody was poisoned, or died of it."),
    EventType.ONLINE_PURCHASE: _("Something was bought as a test, on any part of the internet."),
    EventType.SITE: _("A laboratory, a store or a dump was found."),
    EventType.WASTEWATER: _("A load was measured in wastewater over some days."),
    EventType.AGGREGATED: _("Only counts of a period are known, no single events."),
}


@require_safe
def choose_event_type(request: HttpRequest) -> HttpResponse:
    """Ask what happened: each type of event has forms of its own."""
    actor = get_request_actor(request)
    require_permission(actor, "report.import")
    types = [
        {"value": value, "words": words, "sentence": EVENT_SENTENCES[value]}
        for value, words in EventType.choices
    ]
    context = {"types": types, "drafts": list(list_drafts(actor))}
    return render(request, "web/entry/choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, event_type: str) -> HttpResponse:
    """Take the forms of a type of event a step further; store the report when all is checked."""
    actor = get_request_actor(request)
    require_permission(actor, "report.import")
    if event_type not in EventType.values:
        raise NotFoundError(f"type of event {event_type[:40]!r}: not found")
    if request.method != "POST":
        return _open(request, actor, event_type)
    entry, step = take_step(request, actor, event_type)
    draft = _find_draft(request, actor, entry)
    if step is Step.KEEP:
        return _keep(request, actor, entry, draft)
    if step is not Step.STORE:
        handling = HandlingForm(actor, initial=read_handling(request))
        return _render(request, entry, handling, draft, errors=entry.further_errors)
    handling = HandlingForm(actor, request.POST)
    # Both are checked, so that all that is wrong is said at once.
    if entry.has_errors() | (not handling.is_valid()):
        return _render(request, entry, handling, draft, errors=entry.list_errors(), status=422)
    slips = entry.list_slips()
    if not all(slip.is_confirmed for slip in slips):
        return _render(request, entry, handling, draft, slips=slips, status=422)
    report = _store(request, actor, entry, handling, draft)
    if report is None:
        return _render(request, entry, handling, draft, errors=entry.list_errors(), status=422)
    messages.success(request, gettext("The report is stored."))
    return redirect("reports-report", report.pk)


@require_safe
def suggest_substances(request: HttpRequest) -> HttpResponse:
    """List names of the register for what is typed, those that begin with it first."""
    require_permission(get_request_actor(request), "report.import")
    typed = get_search(request)
    found = list(list_substances(search=typed)[:SUBSTANCES_LOOKED_AT]) if typed else []
    found.sort(key=lambda one: not one.name.casefold().startswith(typed.casefold()))
    context = {"found": found[:SUBSTANCES_SUGGESTED]}
    return render(request, "web/entry/suggestions.html", context)


def _open(request: HttpRequest, actor: Actor, event_type: str) -> HttpResponse:
    """Show empty forms, or those of a draft."""
    number = request.GET.get("draft", "")
    draft: KnownDraft | None = None
    typed: dict[str, Any] = {"event": _list_usual(actor)}
    if number.isascii() and number.isdigit() and len(number) < 16:
        held = get_draft(actor, int(number))
        draft, typed = KnownDraft.of(held), held.typed
    entry = ReportEntry(event_type, TypedReport(typed.get("event", {}), typed.get("findings", [])))
    name_spectra(entry, actor)
    handling = HandlingForm(actor, initial=typed.get("handling") or None)
    return _render(request, entry, handling, draft)


def _list_usual(actor: Actor) -> dict[str, Any]:
    """What a new report most often says: it is of the organisation's own country."""
    own = list_organisations().filter(key=actor.organisation_key).first()
    return {"country": own.country} if own is not None and own.country else {}


def _find_draft(request: HttpRequest, actor: Actor, entry: ReportEntry) -> KnownDraft | None:
    """Return the draft that the forms were opened from; one that is gone meanwhile is told of."""
    known = find_known_draft(request)
    if known is None:
        return None
    try:
        get_draft(actor, known.number)
    except NotFoundError:
        words = gettext(
            "The draft was stored or discarded meanwhile. See the reports before you store it again."
        )
        entry.further_errors.append(FormError(words, reverse("reports")))
        return None
    return known


def _keep(
    request: HttpRequest, actor: Actor, entry: ReportEntry, draft: KnownDraft | None
) -> HttpResponse:
    handling = read_handling(request)
    try:
        kept = keep_typed(actor, entry, handling, draft)
    except RefusedError as error:
        journal_refusal(request, actor, error)
        errors = [*entry.further_errors, FormError(str(error), reverse("inbox"))]
        form = HandlingForm(actor, initial=handling)
        return _render(request, entry, form, draft, errors=errors, status=422)
    if kept.withheld:
        words = gettext("Kept as a draft, without what looks like personal data:")
        messages.warning(request, f"{words} {'; '.join(list_withheld(kept.withheld))}")
    elif kept.is_beside:
        messages.warning(
            request, gettext("Kept as a second draft: the first was changed meanwhile.")
        )
    else:
        messages.success(request, gettext("Kept as a draft for 30 days."))
    return redirect("inbox")


def _store(
    request: HttpRequest,
    actor: Actor,
    entry: ReportEntry,
    handling: HandlingForm,
    draft: KnownDraft | None,
) -> Report | None:
    """Store what the forms say, and let go of its draft; None where it is refused, said there."""
    evidence = entry.derive_report()
    held = find_own_report(actor, evidence.reference) if evidence.reference else None
    if held is not None:
        words = gettext("A report with the reference %(reference)s is held. Correct it there.")
        address = reverse("reports-report", args=[held.pk])
        entry.further_errors.append(FormError(words % {"reference": evidence.reference}, address))
        return None
    try:
        with transaction.atomic():
            report = record_report(actor, handling.ensure_handling(actor), evidence)
            if draft is not None:
                discard_draft(actor, draft.number, unless_changed_since=draft.changed_at)
    except RefusedError as error:
        journal_refusal(request, actor, error)
        entry.further_errors.append(FormError(str(error), ""))
        return None
    return report


def _render(
    request: HttpRequest,
    entry: ReportEntry,
    handling: HandlingForm,
    draft: KnownDraft | None,
    *,
    errors: Any = (),
    slips: Any = (),
    status: int = 200,
) -> HttpResponse:
    context: Mapping[str, Any] = {
        "entry": entry,
        "event_type": entry.event_type,
        "event_words": EventType(entry.event_type).label,
        "sentence": EVENT_SENTENCES[entry.event_type],
        "handling": handling,
        "draft": draft,
        "errors": errors,
        "slips": slips,
    }
    return render(request, "web/entry/enter.html", context, status=status)
