"""Substances: the register, one substance with its evidence, and "What is this?"."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tocsin.alerts.queries import list_newest_versions
from tocsin.errors import BadStructureError
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import is_permitted, require_permission
from tocsin.reports.queries import list_reports
from tocsin.science.structures import Structure, draw_structure_svg, parse_structure
from tocsin.signals.queries import (
    PlaceTotal,
    SubstanceTotal,
    count_by_country,
    count_by_substance,
    list_place_totals,
    list_signals,
    list_week_totals,
)
from tocsin.substances.models import Substance
from tocsin.substances.queries import (
    ORDERS,
    get_substance,
    list_classes,
    list_groups,
    list_members,
    list_names,
    list_substances,
    resolve_text,
)
from tocsin.substances.vocabulary import SubstanceKind
from tocsin.web.charts import ChartData, monthly_chart, series_chart
from tocsin.web.lists import Column, export_list, get_search, get_sort, render_list
from tocsin.web.requests import get_request_actor
from tocsin.web.tile_map import TileMap, tile_map

MOST_WEEKS = 104
"""Evidence over a longer time is shown by month."""

EVER = timedelta(days=200 * 365)


@require_safe
def show_substances(request: HttpRequest) -> HttpResponseBase:
    """The register, with the findings of each substance that the reader may see."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    search = get_search(request)
    substance_class = request.GET.get("class", "")
    kind = request.GET.get("kind", "")
    sort = get_sort(request, ORDERS, default="name")
    rows = list_substances(search, substance_class, kind, sort)
    totals = {}
    if request.GET.get("format"):
        totals = count_by_substance(actor, list(rows.values_list("pk", flat=True)))
    return render_list(
        request,
        actor,
        "web/substances/list.html",
        name="substances",
        rows=rows,
        columns=_build_columns(totals),
        sort=sort,
        context={
            "classes": list_classes(),
            "kinds": SubstanceKind.choices,
            "chosen_class": substance_class,
            "chosen_kind": kind,
            "is_filtered": bool(search or substance_class or kind),
        },
        describe_page=lambda page: {"totals": count_by_substance(actor, [one.pk for one in page])},
    )


@require_safe
def show_substance(request: HttpRequest, key: str) -> HttpResponse:
    """One member of the register: what it is, and where and when it was found."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    substance = get_substance(key)
    places = list_place_totals(actor, key)
    reports = list_reports(actor, substance_key=key)
    context = {
        "substance": substance,
        "breadcrumbs": [
            {"label": _("Substances"), "url": reverse("substances")},
            {"label": substance.name},
        ],
        "drawing_url": _derive_drawing_url(substance.smiles, substance.name),
        "names": list_names(substance),
        "groups": list_groups(substance),
        "members": list_members(substance) if substance.is_group else [],
        "places": places,
        "findings": sum(one.findings for one in places),
        "first_on": min((one.first_on for one in places), default=None),
        "chart": _draw_time(actor, substance),
        "map": _draw_map(actor, substance, places) if places else None,
        "signals": list_signals(actor, substance_key=key)[:10],
        "alerts": list_newest_versions(actor).filter(alert__substance=substance)[:10],
        "reports": reports[:10],
        "reports_url": f"{reverse('reports')}?substance={key}",
        "may_export": is_permitted(actor, "evidence.export"),
    }
    return render(request, "web/substances/substance.html", context)


@require_safe
def export_places(request: HttpRequest, key: str) -> HttpResponseBase:
    """Where a substance was found, as a file."""
    actor = get_request_actor(request)
    substance = get_substance(key)
    columns = [
        Column(_("Country"), lambda one: one.country),
        Column(_("Area"), lambda one: one.area),
        Column(_("Findings"), lambda one: one.findings),
        Column(_("First"), lambda one: one.first_on),
        Column(_("Newest"), lambda one: one.last_on),
    ]
    rows = list_place_totals(actor, substance.key)
    return export_list(actor, "csv", name=f"places-{substance.key}", rows=rows, columns=columns)


@require_safe
def export_weeks(request: HttpRequest, key: str) -> HttpResponseBase:
    """In which weeks a substance was found, as a file."""
    actor = get_request_actor(request)
    substance = get_substance(key)
    columns = [
        Column(_("Week from"), lambda one: one[0]),
        Column(_("Findings"), lambda one: one[1]),
    ]
    rows = list_week_totals(actor, substance.key)
    return export_list(actor, "csv", name=f"weeks-{substance.key}", rows=rows, columns=columns)


@dataclass(frozen=True, slots=True)
class _Unregistered:
    """A structure that was read but is not in the register."""

    structure: Structure
    drawing_url: str


@require_safe
def identify(request: HttpRequest) -> HttpResponse:
    """Say which substance a text means, and how surely."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    text = request.GET.get("q", "").replace("\0", "").strip()
    resolution = resolve_text(text) if text else None
    found = None
    if resolution is not None and resolution.substance is not None:
        found = get_substance(resolution.substance.key)
    unregistered = None
    if resolution is not None and found is None:
        unregistered = _read_structure(text)
    context = {
        "text": text,
        "resolution": resolution,
        "how": _describe_tier(resolution.tier) if resolution is not None else "",
        "substance": found,
        "drawing_url": _derive_drawing_url(found.smiles, found.name) if found else "",
        "unregistered": unregistered,
        "may_add": is_permitted(actor, "substance.add"),
    }
    return render(request, "web/substances/identify.html", context)


def _describe_tier(tier: str) -> str:
    return {
        "inchikey": _("by its InChIKey: certain"),
        "cas": _("by its CAS number: certain"),
        "smiles": _("by its structure: certain"),
        "exact": _("by this very name: certain"),
        "normalised": _("by this name, but for capitals, spaces or hyphens: certain"),
        "candidates": _("no certain match: candidates for a person to judge"),
        "not-found": _("not found"),
    }[tier]


def _read_structure(text: str) -> _Unregistered | None:
    """The structure a text describes; None where it is none, or could as well be a word."""
    if not any(character in text for character in "=#()[]123456789"):
        return None
    try:
        structure = parse_structure(text)
    except BadStructureError:
        return None
    url = _derive_drawing_url(structure.smiles, structure.formula)
    return _Unregistered(structure, url)


def _derive_drawing_url(smiles: str, name: str) -> str:
    """The drawing as an address that holds it, empty where there is none."""
    if not smiles:
        return ""
    try:
        drawing = draw_structure_svg(smiles, width=320, height=240, title=name)
    except BadStructureError:
        return ""
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"


def _draw_time(actor: Actor, substance: Substance) -> ChartData | None:
    weeks = list_week_totals(actor, substance.key)
    if not weeks:
        return None
    today = timezone.localdate()
    this_week = today - timedelta(days=today.weekday())
    first, last = weeks[0][0], max(weeks[-1][0], this_week)
    length = (last - first).days // 7 + 1
    if length <= MOST_WEEKS:
        held = dict(weeks)
        periods = [first + timedelta(weeks=number) for number in range(length)]
        return series_chart(
            periods,
            [held.get(week, 0) for week in periods],
            as_known_on=today,
            title=_("%(name)s: findings by week") % {"name": substance.name},
        )
    by_month: dict[date, int] = {}
    for week, total in weeks:
        month = week.replace(day=1)
        by_month[month] = by_month.get(month, 0) + total
    months = _list_months(first, last)
    return monthly_chart(
        months,
        [by_month.get(month, 0) for month in months],
        as_known_on=today,
        title=_("%(name)s: findings by month in which the week begins") % {"name": substance.name},
    )


def _list_months(first: date, last: date) -> list[date]:
    begin, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(begin, end + 1)]


def _draw_map(actor: Actor, substance: Substance, places: Sequence[PlaceTotal]) -> TileMap:
    """Findings by country; zero where anything was reported at all, else not reported."""
    reporting = count_by_country(actor, until=timezone.localdate(), days=EVER.days)
    counts: dict[str, int | None] = dict.fromkeys(reporting, 0)
    for one in places:
        counts[one.country] = (counts.get(one.country) or 0) + one.findings
    return tile_map(counts, title=_("%(name)s: findings by country") % {"name": substance.name})


def _build_columns(totals: Mapping[int, SubstanceTotal]) -> list[Column]:
    def count(one: Substance) -> int:
        return totals[one.pk].findings if one.pk in totals else 0

    return [
        Column(_("Key"), lambda one: one.key),
        Column(_("Name"), lambda one: one.name, sort="name"),
        Column(_("Class"), lambda one: one.substance_class.name, sort="class"),
        Column(_("Kind"), lambda one: str(one.get_kind_display()), sort="kind"),
        Column(_("Formula"), lambda one: one.formula),
        Column(_("Average mass (Da)"), lambda one: one.mass_da, sort="mass", figures=True),
        Column("CAS", lambda one: one.cas),
        Column("InChIKey", lambda one: one.inchikey),
        Column("SMILES", lambda one: one.smiles),
        Column(_("Reviewed"), lambda one: _("yes") if one.reviewed else _("no")),
        Column(_("Findings visible to you"), count, figures=True),
    ]
