"""Tables: the list, one with its figures and what changed since, its files, and its steps."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.errors import DisclosureError, InvalidTableError, NotFoundError, RefusedError
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import is_permitted, require_permission
from tocsin.organisations.queries import list_audience_names
from tocsin.organisations.vocabulary import TrafficLight, derive_strictest
from tocsin.tables.models import StatisticalTable
from tocsin.tables.queries import (
    TABLE_ORDERS,
    derive_document,
    find_table_changes,
    get_table,
    list_forms,
    list_tables,
    list_versions,
)
from tocsin.tables.services import (
    discard_table,
    export_table,
    make_table,
    release_table,
    withdraw_table,
)
from tocsin.tables.vocabulary import TableKind, TableState
from tocsin.web.forms.statistics import TableForm, WithdrawForm
from tocsin.web.lists import (
    EXPORT_PERMISSION,
    Column,
    get_search,
    get_sort,
    make_choice_filter,
    render_list,
)
from tocsin.web.requests import get_request_actor, journal_refusal
from tocsin.web.table_view import describe_changes, lay_out, list_headings

MOST_TOLD = 20
"""Counts that differ, on a page."""


@require_safe
def show_tables(request: HttpRequest) -> HttpResponseBase:
    """The tables that the reader may see, newest first."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    state = make_choice_filter(request, "state", _("State"), TableState.choices)
    sort = get_sort(request, TABLE_ORDERS, default="-made_at")
    return render_list(
        request,
        actor,
        "web/statistics/list.html",
        name="tables",
        rows=list_tables(actor, search=get_search(request), state=state.value, order=sort),
        columns=_build_columns(),
        sort=sort,
        filters=[state],
        context={"may_make": is_permitted(actor, "table.make")},
    )


@require_safe
def show_table(request: HttpRequest, table_id: int) -> HttpResponse:
    """One version of a table: its figures, its files, and what changed since it was made."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    table = get_table(actor, table_id)
    lasts = table.state in (TableState.DRAFT, TableState.RELEASED)
    changes = find_table_changes(actor, table) if lasts else None
    if changes is not None and not (changes.is_outdated or changes.erased):
        changes = None
    # What changed is told in true counts, whatever everybody may read of the table.
    levels = [table.handling.tlp, *([] if changes is None else [TrafficLight.AMBER.value])]
    context = {
        **_describe(actor, table),
        "changes": changes,
        "changed_counts": [] if changes is None else describe_changes(changes.cells[:MOST_TOLD]),
        "page_tlp": derive_strictest(levels),
        "versions": list_versions(actor, table),
        "may": _list_steps(actor, table),
        "form": WithdrawForm(),
    }
    return render(request, "web/statistics/table.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """Make a draft of a table of what is held now."""
    actor = get_request_actor(request)
    require_permission(actor, "table.make")
    names = ("period", "country", "kind", "readers")
    initial: dict[str, Any] = {
        name: text[:40] for name in names if (text := request.GET.get(name, ""))
    }
    initial["audience"] = request.GET.getlist("audience")[:100]
    form = TableForm(
        request.POST if request.method == "POST" else None, actor=actor, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        made = _try(request, actor, form, lambda: make_table(actor, form.to_wish()))
        if made is not None:
            messages.success(request, _("The table is made. Another person releases it."))
            return redirect("statistics-table", made.pk)
    context = {
        "form": form,
        "breadcrumbs": [
            {"label": _("Tables"), "url": reverse("statistics")},
            {"label": _("New table")},
        ],
    }
    status = 422 if form.errors else 200
    return render(request, "web/statistics/make.html", context, status=status)


@require_safe
def download(request: HttpRequest, table_id: int, form: str) -> HttpResponse:
    """Hand out a table as a file in one of its forms; journals who took it."""
    file = export_table(get_request_actor(request), table_id, form)
    response = HttpResponse(file.content, content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


@require_POST
def release(request: HttpRequest, table_id: int) -> HttpResponse:
    """Release a draft that somebody else made."""
    release_table(get_request_actor(request), table_id)
    messages.success(request, _("The table is released."))
    return redirect("statistics-table", table_id)


@require_POST
def discard(request: HttpRequest, table_id: int) -> HttpResponse:
    """Put a draft away."""
    discard_table(get_request_actor(request), table_id)
    messages.success(request, _("The draft is discarded."))
    return redirect("statistics-table", table_id)


@require_POST
def withdraw(request: HttpRequest, table_id: int) -> HttpResponse:
    """Take a released table back, saying why."""
    actor = get_request_actor(request)
    require_permission(actor, "table.release")
    form = WithdrawForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    withdraw_table(actor, table_id, reason=reason)
    messages.success(request, _("The table is withdrawn."))
    return redirect("statistics-table", table_id)


def _try(
    request: HttpRequest, actor: Actor, form: forms.Form, step: Callable[[], StatisticalTable]
) -> StatisticalTable | None:
    """Take a step; where a rule says no, journal that and show it in the form."""
    try:
        return step()
    except (DisclosureError, InvalidTableError, NotFoundError) as error:
        form.add_error(None, str(error))
    except RefusedError as error:
        journal_refusal(request, actor, error)
        form.add_error(None, str(error))
    return None


def _describe(actor: Actor, table: StatisticalTable) -> dict[str, Any]:
    is_aggregated = table.kind == TableKind.AGGREGATED
    is_erased = table.state == TableState.ERASED
    document = derive_document(table) if is_aggregated and not is_erased else None
    return {
        "table": table,
        "document": document,
        "headings": list_headings(),
        "rows": lay_out(document) if document is not None else [],
        "cases": None if is_aggregated or is_erased else table.content,
        "is_own": table.owner_id == actor.organisation_id,
        "recipients": list_audience_names(table.audience),
        "forms": list_forms(table) if is_permitted(actor, EXPORT_PERMISSION) else {},
        "breadcrumbs": [
            {"label": _("Tables"), "url": reverse("statistics")},
            {"label": table.identifier},
        ],
    }


def _list_steps(actor: Actor, table: StatisticalTable) -> dict[str, bool]:
    """Which steps this person may take with a table now."""
    is_own = table.owner_id == actor.organisation_id
    is_draft, stands = (table.state == one for one in (TableState.DRAFT, TableState.RELEASED))
    releases = is_own and is_permitted(actor, "table.release")
    return {
        "release": releases and is_draft and table.made_by != actor.name,
        "discard": is_own and is_draft and is_permitted(actor, "table.make"),
        "replace": is_own and stands and is_permitted(actor, "table.make"),
        "withdraw": releases and stands,
    }


def _build_columns() -> list[Column]:
    return [
        Column(_("Table"), lambda one: f"{one.identifier} v{one.number}", "identifier"),
        Column(_("Kind"), lambda one: str(one.get_kind_display())),
        Column(_("Period"), lambda one: one.period.code, "starts_on"),
        Column(_("Country"), lambda one: one.place_name),
        Column(_("For everybody"), lambda one: _("yes") if one.is_public else _("no")),
        Column(_("State"), lambda one: str(one.get_state_display()), "state"),
        Column(_("Owner"), lambda one: one.owner.name),
        Column(_("Made"), lambda one: one.made_at, "made_at"),
    ]
