"""Packages: the list, one with its document and what changed since, and its files."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tocsin.notifications.formats.document import PackageDocument
from tocsin.notifications.formats.files import WRITERS
from tocsin.notifications.formats.lines import derive_gaps, derive_heading, describe_item
from tocsin.notifications.models import Package
from tocsin.notifications.queries import (
    PACKAGE_ORDERS,
    derive_document,
    get_package,
    is_outdated,
    list_package_changes,
    list_packages,
    list_source_reports,
    list_versions,
)
from tocsin.notifications.services import export_package
from tocsin.notifications.vocabulary import PackageKind, PackageState
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import is_permitted, require_permission
from tocsin.organisations.queries import list_audience_names
from tocsin.web.lists import (
    EXPORT_PERMISSION,
    Column,
    get_search,
    get_sort,
    make_choice_filter,
    render_list,
)
from tocsin.web.requests import get_request_actor


@require_safe
def show_packages(request: HttpRequest) -> HttpResponseBase:
    """The packages that the reader may see, newest first."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    kind = make_choice_filter(request, "kind", _("Kind"), PackageKind.choices)
    state = make_choice_filter(request, "state", _("State"), PackageState.choices)
    sort = get_sort(request, PACKAGE_ORDERS, default="-made_at")
    rows = list_packages(
        actor, search=get_search(request), kind=kind.value, state=state.value, order=sort
    )
    return render_list(
        request,
        actor,
        "web/packages/list.html",
        name="packages",
        rows=rows,
        columns=_build_columns(),
        sort=sort,
        filters=[kind, state],
        context={"may_make": is_permitted(actor, "package.make")},
    )


@require_safe
def show_package(request: HttpRequest, package_id: int) -> HttpResponse:
    """One version of a package: its document, its sources, and what changed since it was made."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    package = get_package(actor, package_id)
    versions = list(list_versions(actor, package))
    context = {
        **describe_package(actor, package),
        "changes": list_package_changes(actor, package) if is_outdated(package) else [],
        "sources": list_source_reports(actor, package),
        "versions": versions,
        "may": _list_steps(actor, package, versions),
    }
    return render(request, "web/packages/package.html", context)


@require_safe
def download(request: HttpRequest, package_id: int, form: str) -> HttpResponse:
    """Hand out a package as a file in one of its forms; journals who took it."""
    actor = get_request_actor(request)
    file = export_package(actor, package_id, form)
    response = HttpResponse(file.content, content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


def describe_package(actor: Actor, package: Package) -> dict[str, Any]:
    """Return what every page about a package shows: its document and where it stands."""
    document = derive_document(actor, package)
    return {
        "package": package,
        "document": document,
        "sections": _lay_out(document),
        "is_own": package.owner_id == actor.organisation_id,
        "is_outdated": is_outdated(package),
        "recipients": list_audience_names(package.handling.audience),
        "page_tlp": package.handling.tlp,
        "forms": WRITERS if is_permitted(actor, EXPORT_PERMISSION) else {},
        "breadcrumbs": [
            {"label": _("Notifications"), "url": reverse("packages")},
            {"label": package.identifier},
        ],
    }


def _lay_out(document: PackageDocument) -> list[dict[str, Any]]:
    """The sections of a document as the template shows them, every cell with its heading."""
    return [
        {
            "key": section.key,
            "heading": derive_heading(document, section),
            "note": section.note,
            "items": [(item.label, describe_item(item)) for item in section.items],
            "table": section.table,
            "rows": []
            if section.table is None
            else [
                list(zip(section.table.headings, row, strict=True)) for row in section.table.rows
            ],
            "gaps": derive_gaps(section.gaps),
        }
        for section in document.sections
    ]


def _list_steps(actor: Actor, package: Package, versions: list[Package]) -> dict[str, bool]:
    """Which steps this person may take with a package now."""
    is_own = package.owner_id == actor.organisation_id
    is_draft, stands = (package.state == one for one in ("draft", "released"))
    may_make = is_own and is_permitted(actor, "package.make")
    has_draft = any(one.state == PackageState.DRAFT for one in versions)
    return {
        "edit": may_make and is_draft,
        "release": is_own and is_draft and is_permitted(actor, "package.release"),
        "replace": may_make and stands and not has_draft,
        "withdraw": is_own and stands and is_permitted(actor, "package.withdraw"),
    }


def _build_columns() -> list[Column]:
    return [
        Column(_("Package"), lambda one: f"{one.identifier} v{one.number}", "identifier"),
        Column(_("Kind"), lambda one: str(one.get_kind_display()), "kind"),
        Column(_("Substance"), lambda one: one.substance.name if one.substance else ""),
        Column(_("State"), lambda one: str(one.get_state_display()), "state"),
        Column(_("Out of date"), lambda one: _("yes") if is_outdated(one) else _("no")),
        Column(_("TLP"), lambda one: one.handling.tlp),
        Column(_("Owner"), lambda one: one.handling.owner.name),
        Column(_("Made"), lambda one: one.made_at, "made_at"),
        Column(_("Released"), lambda one: one.released_at, "released_at"),
    ]
