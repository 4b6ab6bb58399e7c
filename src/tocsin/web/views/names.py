"""Unknown names: a card per spelling, one decision for all its rows, and the way back."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from tocsin.errors import BadNameError, NotFoundError, SubstanceError
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import is_permitted, require_permission
from tocsin.reports.formats.personal_data import find_personal_name
from tocsin.reports.queries import (
    DECIDED_NAME_ORDERS,
    UNRESOLVED_NAME_ORDERS,
    UnresolvedName,
    list_decided_names,
    list_unresolved_names,
    list_written_names,
)
from tocsin.reports.services import decide_name, reconsider_names, undo_name_decision
from tocsin.science.names import NameCandidate
from tocsin.substances.models import Substance
from tocsin.substances.queries import (
    Resolution,
    list_classes,
    list_substances,
    load_name_index,
    resolve_text,
)
from tocsin.substances.services import add_substance
from tocsin.web.lists import Column, get_search, get_sort, render_list
from tocsin.web.requests import get_request_actor
from tocsin.web.structure_standard import describe_tautomers

CARDS_ON_A_PAGE = 10
SUBSTANCES_FOUND = 8
_UNDO_KEY = "names-undo"


@require_safe
def show_names(request: HttpRequest) -> HttpResponseBase:
    """List the spellings that wait for a person, each with the substances it may mean."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    sort = get_sort(request, UNRESOLVED_NAME_ORDERS, default="-rows")
    return render_list(
        request,
        actor,
        "web/names/list.html",
        name="unresolved-names",
        rows=list_unresolved_names(actor, search=get_search(request), order=sort),
        columns=[
            Column(gettext("Spelling"), lambda one: one.text, "text"),
            Column(gettext("Rows"), lambda one: one.rows, "rows", figures=True),
            Column(gettext("First"), lambda one: one.first_on),
            Column(gettext("Last"), lambda one: one.last_on, "last_on"),
        ],
        sort=sort,
        rows_on_a_page=CARDS_ON_A_PAGE,
        describe_page=_describe_cards,
        context={
            **_describe_rights(actor),
            "classes": list_classes(),
            "undo": request.session.pop(_UNDO_KEY, None),
            "back": request.get_full_path(),
        },
    )


@require_safe
def show_decided_names(request: HttpRequest) -> HttpResponseBase:
    """List the spellings that a person decided, each with a way back."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    sort = get_sort(request, DECIDED_NAME_ORDERS, default="-decided_at")
    return render_list(
        request,
        actor,
        "web/names/decided.html",
        name="decided-names",
        rows=list_decided_names(actor, search=get_search(request), order=sort),
        columns=[
            Column(gettext("Spelling"), lambda one: one.text, "text"),
            Column(gettext("Substance"), lambda one: one.substance.name, "substance"),
            Column(gettext("Decided by"), lambda one: one.decided_by),
            Column(gettext("Decided"), lambda one: one.decided_at, "decided_at"),
        ],
        sort=sort,
        context={**_describe_rights(actor), "undo": request.session.pop(_UNDO_KEY, None)},
    )


@require_safe
def search_substances(request: HttpRequest) -> HttpResponse:
    """Find another substance for a spelling: part of a page for htmx, a whole page without."""
    actor = get_request_actor(request)
    require_permission(actor, "name.decide")
    search = get_search(request)
    context = {
        "text": request.GET.get("text", ""),
        "search": search,
        "found": list_substances(search=search)[:SUBSTANCES_FOUND] if search else [],
        "back": _get_back(request, request.GET.get("back", "")),
    }
    template = "web/names/found.html" if request.headers.get("HX-Request") else None
    return render(request, template or "web/names/search.html", context)


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Say which substance a spelling means, in every row that the person may see."""
    actor = get_request_actor(request)
    text = request.POST.get("text", "")
    substance = decide_name(actor, text, request.POST.get("substance", ""))
    _offer_undo(request, actor, text, substance)
    return redirect(_get_back(request, request.POST.get("back", "")))


@require_POST
def add_and_decide(request: HttpRequest) -> HttpResponse:
    """Add a substance that the register lacks, and let the spelling mean it: one step."""
    actor = get_request_actor(request)
    require_permission(actor, "substance.add")
    require_permission(actor, "name.decide")
    text = request.POST.get("text", "")
    back = _get_back(request, request.POST.get("back", ""))
    try:
        name = _require_no_person(request.POST.get("name", ""))
        with transaction.atomic():
            substance = add_substance(
                actor.journal_name,
                name=name,
                substance_class=request.POST.get("substance_class", ""),
                smiles=request.POST.get("smiles", ""),
            )
            decide_name(actor, text, substance.key)
            reconsider_names(actor)
    except (SubstanceError, NotFoundError) as error:
        return render(
            request,
            "web/names/new_substance.html",
            {
                "text": text,
                "values": request.POST,
                "classes": list_classes(),
                "back": back,
                "errors": [{"words": str(error), "url": "#new-name"}],
            },
            status=422,
        )
    _offer_undo(request, actor, text, substance)
    for one, reason in describe_tautomers(substance.smiles, but=substance.key):
        words = gettext("%(substance)s may be a tautomer of %(other)s: %(reason)s.")
        values = {"substance": substance.name, "other": one.name, "reason": reason}
        messages.warning(request, words % values)
    return redirect(back)


@require_POST
def undo_decision(request: HttpRequest, name_id: int) -> HttpResponse:
    """Put a spelling back among the unknown names."""
    actor = get_request_actor(request)
    require_permission(actor, "name.decide")
    name = list_written_names(actor).filter(pk=name_id).first()
    if name is None:
        raise NotFoundError(f"name {name_id}: not found")
    undo_name_decision(actor, name.text)
    messages.info(request, gettext("“%(text)s” is unknown again.") % {"text": name.text})
    return redirect("names")


def _require_no_person(name: str) -> str:
    if looks_like := find_personal_name(name):
        raise BadNameError(f"name: looks like {looks_like}; expected the name of a substance")
    return name


def _describe_cards(names: list[UnresolvedName]) -> dict[str, Any]:
    index = load_name_index()
    resolutions = [(name, resolve_text(name.text, index)) for name in names]
    return {
        "cards": [
            {"name": name, "reason": resolution.reason, "candidates": _list_offers(resolution)}
            for name, resolution in resolutions
        ]
    }


def _list_offers(resolution: Resolution) -> list[NameCandidate]:
    """Return what may be meant; a name the register has learnt meanwhile comes first."""
    if resolution.substance is None:
        return list(resolution.candidates)
    sure = resolution.substance
    return [NameCandidate(sure.key, sure.name, 100, resolution.reason)]


def _describe_rights(actor: Actor) -> dict[str, bool]:
    return {
        "can_decide": is_permitted(actor, "name.decide"),
        "can_add": is_permitted(actor, "substance.add"),
    }


def _offer_undo(request: HttpRequest, actor: Actor, text: str, substance: Substance) -> None:
    name = list_written_names(actor).filter(text=text, reading=None).first()
    if name is not None:
        words = gettext("“%(text)s” now means %(substance)s, in every row of it.")
        request.session[_UNDO_KEY] = {
            "words": words % {"text": text, "substance": substance.name},
            "url": reverse("names-undo", args=[name.pk]),
        }


def _get_back(request: HttpRequest, wanted: str) -> str:
    """Return the page to go back to, the list of names unless a page of this node is named."""
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if is_ours else reverse("names")
