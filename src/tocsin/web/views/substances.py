"""Substances: the register, one substance with its legal status and evidence, its sheet."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tocsin.alerts.queries import list_newest_versions
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import is_permitted, require_permission
from tocsin.reports.queries import list_reports
from tocsin.science.structure_drawings import derive_drawing_url
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
)
from tocsin.substances.vocabulary import SubstanceKind
from tocsin.web.charts import ChartData, monthly_chart, series_chart
from tocsin.web.identity_view import describe_identity
from tocsin.web.legal_view import describe_legal_status, find_slider_address, read_day
from tocsin.web.likeness import list_isomers, list_same_connectivity, list_similar
from tocsin.web.lists import Column, export_list, get_search, get_sort, render_list
from tocsin.web.requests import get_request_actor
from tocsin.web.structure_classes import describe_classes
from tocsin.web.tile_map import TileMap, tile_map

MOST_WEEKS = 104
"""Evidence over a longer time is shown by month."""

MOST_NAMES_ON_SHEET = 8
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
            "may_add": is_permitted(actor, "substance.add"),
        },
        describe_page=lambda page: {"totals": count_by_substance(actor, [one.pk for one in page])},
    )


@require_safe
def show_substance(request: HttpRequest, key: str) -> HttpResponse:
    """One member of the register: what it is, what law says of it, where and when it was found."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    substance = get_substance(key)
    if substance.key != key:
        return redirect("substances-substance", substance.key)
    if address := find_slider_address(request, substance.smiles):
        return HttpResponseRedirect(address)
    day = read_day(request)
    places = list_place_totals(actor, key)
    reports = list_reports(actor, substance_key=key)
    context = {
        "substance": substance,
        "breadcrumbs": [
            {"label": _("Substances"), "url": reverse("substances")},
            {"label": substance.name},
        ],
        "drawing_url": derive_drawing_url(substance.smiles, substance.name),
        "day": day,
        "legal": describe_legal_status(substance.smiles, day),
        "is_unreviewed": bool(substance.smiles) and not substance.reviewed,
        "structure_classes": describe_classes(substance.smiles, substance),
        "same_connectivity": list_same_connectivity(substance),
        "isomers": list_isomers(substance),
        "similar": list_similar(substance.smiles, substance.inchikey) if substance.smiles else [],
        **describe_identity(actor, substance),
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
def show_status_sheet(request: HttpRequest, key: str) -> HttpResponse:
    """The legal status of a substance on a day, on one sheet of paper."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    substance = get_substance(key)
    day = read_day(request)
    context = {
        "substance": substance,
        "drawing_url": derive_drawing_url(substance.smiles, substance.name),
        "day": day,
        "legal": describe_legal_status(substance.smiles, day),
        "is_unreviewed": bool(substance.smiles) and not substance.reviewed,
        "names": list_names(substance)[:MOST_NAMES_ON_SHEET],
    }
    return render(request, "web/substances/status_sheet.html", context)


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
