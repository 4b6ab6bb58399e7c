"""Signals: the queue, one signal with its evidence, and its triage."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, TypedDict
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tocsin.alerts.queries import list_newest_versions
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import is_permitted, require_permission
from tocsin.organisations.queries import get_own_organisation
from tocsin.reports.countries import list_countries
from tocsin.reports.vocabulary import Matrix
from tocsin.signals.evidence_queries import (
    derive_evidence_area,
    derive_evidence_filters,
    list_signal_reports,
)
from tocsin.signals.found_with import NEW_WITHIN
from tocsin.signals.models import Signal, SignalDecision, SignalKind, SignalState
from tocsin.signals.place_levels import is_within
from tocsin.signals.queries import (
    SIGNAL_ORDERS,
    count_facet,
    find_signal,
    get_signal,
    list_decisions,
    list_merge_targets,
    list_place_totals,
    list_signals,
)
from tocsin.signals.sentences import describe_place
from tocsin.signals.services import triage_signal, undo_last_decision
from tocsin.signals.services.triage import ALLOWED_STEPS
from tocsin.web.forms.signals import TriageForm
from tocsin.web.lists import Column, export_list, get_search, get_sort, render_list
from tocsin.web.requests import get_request_actor
from tocsin.web.signal_places import draw_places
from tocsin.web.signal_series import draw_series
from tocsin.web.signal_surroundings import describe_company, describe_earlier
from tocsin.web.templatetags.tocsin_response import sentence

UNDO_SECONDS = 20
EVIDENCE_SHOWN = 10
ELSEWHERE_SHOWN = 5


@require_safe
def show_signals(request: HttpRequest) -> HttpResponseBase:
    """The queue of signals, by default what is open and no older evidence."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    state = _get_word(request, "state") or "open"
    asked: _Asked = {
        "search": get_search(request),
        "state": "" if state == "all" else state,
        "kind": _get_word(request, "kind"),
        "matrix": _get_word(request, "matrix"),
        "country": _get_word(request, "country"),
        "with_backlog": request.GET.get("older") == "1",
    }
    sort = get_sort(request, SIGNAL_ORDERS, default="attention")
    rows = list_signals(actor, order=sort, **asked)
    return render_list(
        request,
        actor,
        "web/signals/list.html",
        name="signals",
        rows=rows,
        columns=_build_columns(),
        sort=sort,
        context={
            "facets": _list_facets(request, actor, asked, state),
            "is_filtered": state != "open"
            or any(asked[name] for name in ("search", "kind", "matrix", "country")),
            "older": asked["with_backlog"],
            "is_own": actor.organisation_id == get_own_organisation().pk,
            "kept": {name: request.GET[name] for name in _KEPT if name in request.GET},
        },
    )


class _Asked(TypedDict):
    search: str
    state: str
    kind: str
    matrix: str
    country: str
    with_backlog: bool


_KEPT = ("state", "kind", "matrix", "country", "older", "sort")
"""Parameters that a new search keeps."""


@require_safe
def show_signal(request: HttpRequest, signal_id: int) -> HttpResponse:
    """One signal: what it is, why it is one, what is behind it, and what to do with it."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    signal = get_signal(actor, signal_id)
    return _render_signal(request, actor, signal, form=None)


@require_safe
def export_series(request: HttpRequest, signal_id: int) -> HttpResponseBase:
    """The figures of a signal's chart as a file."""
    actor = get_request_actor(request)
    chart = draw_series(get_signal(actor, signal_id))
    rows = chart.table_rows if chart is not None else []
    headings = chart.table_headings if chart is not None else []
    columns = [Column(heading, partial(_get_cell, place)) for place, heading in enumerate(headings)]
    return export_list(actor, "csv", name=f"signal-{signal_id}", rows=rows, columns=columns)


@require_POST
def triage(request: HttpRequest, signal_id: int) -> HttpResponse:
    """Move a signal one step on; without what the step needs, ask for it again."""
    actor = get_request_actor(request)
    require_permission(actor, "signal.triage")
    signal = get_signal(actor, signal_id)
    form = TriageForm(request.POST, targets=list_merge_targets(actor, signal))
    if not form.is_valid():
        return _render_signal(request, actor, signal, form=form)
    triage_signal(
        actor,
        signal_id,
        to_state=form.cleaned_data["to_state"],
        reason=form.cleaned_data["reason"].strip(),
        merge_into=form.cleaned_data["merge_into"],
    )
    return redirect("signals-signal", signal_id)


@require_POST
def undo(request: HttpRequest, signal_id: int) -> HttpResponse:
    """Put a signal back to where it was before its last step."""
    undo_last_decision(get_request_actor(request), signal_id)
    return redirect("signals-signal", signal_id)


def _render_signal(
    request: HttpRequest, actor: Actor, signal: Signal, *, form: TriageForm | None
) -> HttpResponse:
    may_triage = is_permitted(actor, "signal.triage")
    decisions = list(list_decisions(signal))
    evidence = list_signal_reports(actor, signal)
    others = list_signals(actor, substance_key=signal.substance.key).exclude(pk=signal.pk)
    if may_triage and form is None:
        form = TriageForm(targets=list_merge_targets(actor, signal))
    places = list_place_totals(actor, signal.substance.key)
    today = timezone.localdate()
    context = {
        "signal": signal,
        "merged_into": find_signal(actor, signal.merged_into_id),
        "page_tlp": signal.handling.tlp,
        "breadcrumbs": [
            {"label": _("Signals"), "url": reverse("signals")},
            {"label": signal.substance.name},
        ],
        "chart": draw_series(signal),
        "evidence": evidence[:EVIDENCE_SHOWN],
        "evidence_total": evidence.count(),
        "evidence_url": _derive_evidence_url(signal),
        "elsewhere": [one for one in places if _is_elsewhere(signal, one.country, one.area)][
            :ELSEWHERE_SHOWN
        ],
        "places": draw_places(actor, signal, today=today),
        "company": describe_company(actor, signal),
        "new_weeks": NEW_WITHIN.days // 7,
        "earlier": describe_earlier(actor, signal, today=today),
        "others": others[:10],
        "alerts": list_newest_versions(actor).filter(alert__signal_id=signal.pk),
        "form": form,
        "steps": ALLOWED_STEPS[signal.state] if may_triage else (),
        "may_draft": signal.state == SignalState.CONFIRMED and is_permitted(actor, "alert.draft"),
        "may_notify": is_permitted(actor, "package.make"),
        "history": _derive_history(signal, decisions, may_triage=may_triage),
        "undo": _derive_undo(actor, signal, decisions) if may_triage else None,
        "may_export": is_permitted(actor, "evidence.export"),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "web/signals/signal.html", context, status=status)


def _is_elsewhere(signal: Signal, country: str, area: str) -> bool:
    """Whether a place lies outside the one that a signal speaks of."""
    if signal.kind == SignalKind.FIRST_IN_COUNTRY or not signal.area:
        return country != signal.country
    return country != signal.country or not is_within(area, signal.area)


def _derive_evidence_url(signal: Signal) -> str:
    query = {"substance": signal.substance.key, **derive_evidence_filters(signal)}
    if area := derive_evidence_area(signal):
        query["area"] = area
    return f"{reverse('reports')}?{urlencode(query)}"


def _derive_history(
    signal: Signal, decisions: Sequence[SignalDecision], *, may_triage: bool
) -> list[dict[str, Any]]:
    entries = [
        {
            "at": one.decided_at,
            "who": one.decided_by.username,
            "words": _("%(from)s → %(to)s")
            % {"from": one.get_from_state_display(), "to": one.get_to_state_display()},
            "reason": one.reason,
        }
        for one in decisions
    ]
    if entries and may_triage and decisions[0].from_state != SignalState.MERGED:
        entries[0]["undo_url"] = reverse("signals-undo", args=[signal.pk])
    entries.append({"at": signal.created_at, "who": _("this node"), "words": _("found")})
    return entries


def _derive_undo(
    actor: Actor, signal: Signal, decisions: Sequence[SignalDecision]
) -> dict[str, Any] | None:
    """The notice to undo with, as long as the last step is one's own and seconds old."""
    if not decisions or decisions[0].decided_by_id != actor.person_id:
        return None
    last = decisions[0]
    left = UNDO_SECONDS - (timezone.now() - last.decided_at).total_seconds()
    if left <= 0 or last.from_state == SignalState.MERGED:
        return None
    return {
        "words": _("This signal is now %(state)s.") % {"state": last.get_to_state_display()},
        "url": reverse("signals-undo", args=[signal.pk]),
        "seconds": max(1, round(left)),
    }


def _list_facets(
    request: HttpRequest,
    actor: Actor,
    asked: _Asked,
    state: str,
) -> list[dict[str, Any]]:
    states = count_facet(actor, "state", **asked)
    open_count = states.get(SignalState.NEW, 0) + states.get(SignalState.VERIFYING, 0)
    state_options = [
        ("open", _("Open"), open_count),
        *((value, label, states.get(value, 0)) for value, label in SignalState.choices),
        ("all", _("All"), sum(states.values())),
    ]
    facets = [_build_facet(request, "state", _("State"), state_options, state)]
    others: tuple[tuple[Literal["kind", "matrix", "country"], str, dict[str, Any]], ...] = (
        ("kind", _("Kind"), dict(SignalKind.choices)),
        ("matrix", _("Matrix"), dict(Matrix.choices)),
        ("country", _("Country"), dict(list_countries())),
    )
    for name, title, labels in others:
        held = count_facet(actor, name, **asked)
        chosen = asked[name]
        if chosen:
            held.setdefault(chosen, 0)
        words = {value: str(labels.get(value, value)) or "–" for value in held}
        options = [
            (value, words[value], held[value]) for value in sorted(held, key=words.__getitem__)
        ]
        facets.append(
            _build_facet(
                request, name, title, [("", _("Any"), sum(held.values())), *options], chosen
            )
        )
    return facets


def _build_facet(
    request: HttpRequest, name: str, title: str, options: Sequence[tuple[Any, ...]], chosen: str
) -> dict[str, Any]:
    built = []
    for value, label, count in options:
        parameters = request.GET.copy()
        parameters.pop("page", None)
        parameters[name] = value
        built.append(
            {
                "label": label,
                "count": count,
                "url": f"?{parameters.urlencode()}",
                "current": value == chosen,
            }
        )
    return {"title": title, "options": built}


def _get_word(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "")


def _get_cell(place: int, row: Sequence[Any]) -> Any:
    return row[place]


def _build_columns() -> list[Column]:
    return [
        Column(_("Number"), lambda one: one.pk),
        Column(_("Signal"), sentence),
        Column(_("Substance"), lambda one: one.substance.name, sort="substance"),
        Column(_("Kind"), lambda one: str(one.get_kind_display())),
        Column(_("Matrix"), lambda one: str(one.get_matrix_display())),
        Column(_("Country"), lambda one: one.country),
        Column(_("Place"), lambda one: describe_place(one.country, one.area)),
        Column(_("Since"), lambda one: one.on, sort="on"),
        Column(_("Newest evidence"), lambda one: one.last_on, sort="last_on"),
        Column(_("Findings"), lambda one: one.evidence_count, sort="evidence_count", figures=True),
        Column(_("By chance once in weeks"), lambda one: one.facts.get("once_in_weeks")),
        Column("TLP", lambda one: one.handling.tlp),
        Column(_("State"), lambda one: one.state),
        Column(_("Taken by"), lambda one: one.taken_by.username if one.taken_by else ""),
    ]
