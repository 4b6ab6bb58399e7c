"""What is one and the same: the history of an identity, and its merge, split and resolution."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.alerts.queries import list_newest_versions
from tocsin.errors import NotFoundError, PermissionRefusedError, RefusedError, SubstanceError
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission
from tocsin.reports.identity_queries import (
    count_what_follows,
    list_resolvable_reports,
    list_spellings,
)
from tocsin.reports.services import (
    MOST_REPORTS_RESOLVED,
    merge_substances,
    resolve_group,
    split_substance,
    undo_group_resolution,
    undo_merge,
)
from tocsin.signals.queries import list_signals
from tocsin.substances.models import Substance
from tocsin.substances.queries import (
    get_entry,
    get_identity_event,
    get_substance,
    list_classes,
    list_members,
    list_names,
    list_substances,
)
from tocsin.substances.services import (
    Component,
    PossibleClass,
    PossibleFormula,
    UnknownDescription,
    record_product,
    record_unknown,
)
from tocsin.substances.vocabulary import GROUP_KINDS
from tocsin.web.forms.identity import (
    ComponentFormSet,
    MergeForm,
    ProductForm,
    ResolveForm,
    SplitForm,
    UnknownForm,
    WhyForm,
)
from tocsin.web.identity_view import list_told_events, may_curate
from tocsin.web.requests import get_request_actor, journal_refusal

MOST_OFFERED = 200
"""Spellings or reports that a page offers for choice."""

Changed = Callable[[], HttpResponse]


@require_safe
def show_identity(request: HttpRequest, key: str) -> HttpResponse:
    """What a key stands for now, and every event that made it so."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    entry = get_entry(key)
    context = {
        "entry": entry,
        "events": list_told_events(actor, entry),
        "may_curate": may_curate(actor),
        "breadcrumbs": _list_breadcrumbs(entry, gettext("History of identity")),
    }
    return render(request, "web/identity/history.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, key: str) -> HttpResponse:
    """Let an entry stand for another; the page says beforehand how much follows."""
    actor = _get_curator(request)
    entry = get_entry(key)
    form = MergeForm(request.POST if request.method == "POST" else None)

    def change() -> HttpResponse:
        into = form.cleaned_data["into"]
        event = merge_substances(actor, key, into.key, reason=form.cleaned_data["reason"])
        words = gettext("%(former)s stands for %(into)s from now on.")
        messages.success(request, words % {"former": entry.name, "into": event.into.name})
        return redirect("substances-identity", key)

    context = {
        **_describe_extent(actor, entry),
        "title": gettext("Merge %(name)s into another") % {"name": entry.name},
        "explanation": gettext(
            "Everything written so far stays as it was written and counts as the other from now "
            "on, in every organisation's evidence. A merge can be taken back."
        ),
        "button": gettext("Merge"),
    }
    return _answer(request, actor, entry, form, change, context)


@require_http_methods(["GET", "HEAD", "POST"])
def take_merge_back(request: HttpRequest, key: str) -> HttpResponse:
    """Let a merged entry stand for itself again."""
    actor = _get_curator(request)
    entry = get_entry(key)
    form = WhyForm(request.POST if request.method == "POST" else None)

    def change() -> HttpResponse:
        undo_merge(actor, key, reason=form.cleaned_data["reason"])
        words = gettext("%(name)s stands for itself again.")
        messages.success(request, words % {"name": entry.name})
        return redirect("substances-substance", key)

    context = {
        "title": gettext("Take the merge of %(name)s back") % {"name": entry.name},
        "explanation": gettext(
            "Its names come back, and the findings written with them; what a person decided "
            "otherwise since stays."
        ),
        "button": gettext("Take back"),
    }
    return _answer(request, actor, entry, form, change, context)


@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, key: str) -> HttpResponse:
    """Give names of a substance to another, and the findings written so."""
    actor = _get_curator(request)
    entry = get_substance(key)
    form = SplitForm(request.POST if request.method == "POST" else None)
    form.offer(list(list_names(entry)), list(list_spellings(actor, entry)[:MOST_OFFERED]))

    def change() -> HttpResponse:
        into = form.cleaned_data["into"]
        split_substance(
            actor,
            entry.key,
            into.key,
            name_ids=[int(pk) for pk in form.cleaned_data["names"]],
            written_name_ids=[int(pk) for pk in form.cleaned_data["spellings"]],
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, gettext("The names went to %(into)s.") % {"into": into.name})
        return redirect("substances-substance", entry.key)

    context = {
        **_describe_extent(actor, entry),
        "title": gettext("Split %(name)s") % {"name": entry.name},
        "explanation": gettext(
            "The names chosen mean the other from now on; findings written so follow. Splitting "
            "them back undoes it."
        ),
        "button": gettext("Split"),
    }
    return _answer(request, actor, entry, form, change, context)


@require_http_methods(["GET", "HEAD", "POST"])
def resolve(request: HttpRequest, key: str) -> HttpResponse:
    """Say which member a group stood for in some of one's own reports."""
    actor = get_request_actor(request)
    require_permission(actor, "report.correct")
    entry = get_substance(key)
    if entry.kind not in GROUP_KINDS:
        raise NotFoundError(f"group {key[:120]!r}: not found")
    members = list_members(entry)
    if entry.formula:
        members = list_substances(kind="substance").filter(formula=entry.formula)
    form = ResolveForm(request.POST if request.method == "POST" else None)
    reports = list_resolvable_reports(actor, entry)[: min(MOST_OFFERED, MOST_REPORTS_RESOLVED)]
    form.offer(list(members), list(reports))

    def change() -> HttpResponse:
        chosen = [int(pk) for pk in form.cleaned_data["reports"]]
        resolve_group(
            actor,
            entry.key,
            form.cleaned_data["member"],
            report_ids=chosen,
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, gettext("The reports have a new version."))
        return redirect("substances-substance", entry.key)

    context = {
        "title": gettext("Resolve %(name)s") % {"name": entry.name},
        "explanation": gettext(
            "Each report chosen gets a new version: what was written stays, and counts as what a "
            "later analysis found. A later correction by the sender sets that aside."
        ),
        "button": gettext("Resolve"),
    }
    return _answer(request, actor, entry, form, change, context)


@require_http_methods(["GET", "HEAD", "POST"])
def take_resolution_back(request: HttpRequest, event_id: int) -> HttpResponse:
    """Take back what one's own organisation said of a group, where reports still say it."""
    actor = get_request_actor(request)
    require_permission(actor, "report.correct")
    event = get_identity_event(actor, event_id)
    if event.owner_id is None:
        raise NotFoundError(f"resolution {event_id}: not found")
    form = WhyForm(request.POST if request.method == "POST" else None)

    def change() -> HttpResponse:
        undo_group_resolution(actor, event_id, reason=form.cleaned_data["reason"])
        messages.success(request, gettext("The resolution is taken back."))
        return redirect("substances-substance", event.subject.key)

    context = {
        "title": gettext("Take the resolution as %(name)s back") % {"name": event.into.name},
        "explanation": event.reason,
        "button": gettext("Take back"),
    }
    return _answer(request, actor, event.subject, form, change, context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_unknown(request: HttpRequest) -> HttpResponse:
    """Hold an unknown feature until somebody knows what it is."""
    actor = get_request_actor(request)
    require_permission(actor, "substance.add")
    given = request.POST if request.method == "POST" else None
    form = UnknownForm(given)
    form.offer([(one.key, one.name) for one in list_classes()])
    if given is not None and form.is_valid():
        try:
            entry = record_unknown(
                actor.journal_name,
                name=form.cleaned_data["name"],
                description=_read_unknown(form.cleaned_data),
                note=form.cleaned_data["note"],
            )
        except (RefusedError, SubstanceError) as error:
            form.add_error("name", str(error))
        else:
            return redirect("substances-substance", entry.key)
    context = {"form": form, "title": gettext("Hold an unknown feature")}
    return render(request, "web/identity/new.html", context, status=_find_status(given))


@require_http_methods(["GET", "HEAD", "POST"])
def add_product(request: HttpRequest) -> HttpResponse:
    """Hold a product: what it claims to be, and what was found in it."""
    actor = get_request_actor(request)
    require_permission(actor, "substance.add")
    given = request.POST if request.method == "POST" else None
    form, components = ProductForm(given), ComponentFormSet(given)
    if given is not None and form.is_valid() and components.is_valid():
        try:
            entry = record_product(
                actor.journal_name, components=_read_components(components), **form.cleaned_data
            )
        except (RefusedError, SubstanceError) as error:
            form.add_error("name", str(error))
        else:
            return redirect("substances-substance", entry.key)
    context = {"form": form, "components": components, "title": gettext("Hold a product")}
    return render(request, "web/identity/new.html", context, status=_find_status(given))


def _answer(
    request: HttpRequest,
    actor: Actor,
    entry: Substance,
    form: forms.Form,
    change: Changed,
    context: dict[str, Any],
) -> HttpResponse:
    """Do what a valid form asks for, or show it with what is wrong."""
    is_given = request.method == "POST"
    if is_given and form.is_valid():
        try:
            return change()
        except RefusedError as error:
            journal_refusal(request, actor, error)
            form.add_error(None, str(error))
    context |= {
        "entry": entry,
        "form": form,
        "breadcrumbs": _list_breadcrumbs(entry, context["title"]),
    }
    return render(request, "web/identity/change.html", context, status=422 if is_given else 200)


def _get_curator(request: HttpRequest) -> Actor:
    actor = get_request_actor(request)
    if not may_curate(actor):
        require_permission(actor, "substance.curate")
        raise PermissionRefusedError(
            "substance.curate: your organisation does not run this node; expected one that does"
        )
    return actor


def _describe_extent(actor: Actor, entry: Substance) -> dict[str, Any]:
    return {
        "follows": count_what_follows(actor, entry),
        "signals": list_signals(actor, substance_key=entry.key).count(),
        "alerts": list_newest_versions(actor).filter(alert__substance=entry).count(),
    }


def _list_breadcrumbs(entry: Substance, title: str) -> list[dict[str, str]]:
    return [
        {"label": gettext("Substances"), "url": reverse("substances")},
        {"label": entry.name, "url": reverse("substances-substance", args=[entry.key])},
        {"label": title},
    ]


def _read_unknown(given: dict[str, Any]) -> UnknownDescription:
    formula, likely = given["formula"].strip(), given["likely_class"]
    probability: Decimal | None = given["probability"]
    return UnknownDescription(
        precursor_mz=given["precursor_mz"],
        polarity=given["polarity"],
        adduct=given["adduct"],
        collision=given["collision"],
        retention=given["retention"],
        formulas=(PossibleFormula(formula, given["error_ppm"]),) if formula else (),
        classes=(PossibleClass(likely, probability),) if likely and probability is not None else (),
    )


def _read_components(components: "forms.BaseFormSet[Any]") -> list[Component]:
    given = [form.cleaned_data for form in components if form.cleaned_data.get("substance")]
    return [
        Component(
            substance_key=one["substance"].key,
            role=one["role"],
            amount=one["amount"],
            percent=one["percent"],
            technique=one["technique"],
        )
        for one in given
    ]


def _find_status(given: object) -> int:
    return 200 if given is None else 422
