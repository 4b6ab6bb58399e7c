"""The overview: what must I do today, what is new, what is rising, and how fresh all that is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from tocsin.alerts.models import VersionState
from tocsin.alerts.queries import list_versions
from tocsin.errors import NotFoundError
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import is_permitted, require_permission
from tocsin.reports.models import EvidenceImport
from tocsin.reports.queries import has_to_be_mended, list_imports
from tocsin.signals.models import Signal, SignalKind, SignalState
from tocsin.signals.queries import (
    ClassWeek,
    count_by_country,
    list_class_weeks,
    list_rising,
    list_signals,
)
from tocsin.signals.sentences import describe_place, describe_signal
from tocsin.web.charts import ChartData, timeline_chart
from tocsin.web.context import derive_source_state, get_frame
from tocsin.web.lists import Column, export_list
from tocsin.web.requests import get_request_actor
from tocsin.web.tile_map import TileMap, tile_map

RECENT_DAYS = 28
TIMELINE_WEEKS = 52
CLASSES_SHOWN = 4
NEWS_SHOWN = 6
TASKS_OF_A_KIND = 5


@dataclass(frozen=True, slots=True)
class Task:
    """One thing this person can do now; waiting_since: None where nobody knows."""

    words: str
    detail: str
    url: str
    action: str
    waiting_since: date | None


@require_safe
def show_overview(request: HttpRequest) -> HttpResponse:
    """Show the first page. Reads weekly counts and signals, never the findings themselves."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    frame = get_frame(request, actor)
    today = timezone.localdate()
    until = min(frame.newest_on or today, today)
    since = until - timedelta(days=RECENT_DAYS)
    imports = list(list_imports(actor, order="-needs_mending")[:TASKS_OF_A_KIND])
    context = {
        "tasks": _list_tasks(request, actor, imports),
        "is_empty": frame.newest_on is None,
        "is_importing": bool(imports) and frame.newest_on is None,
        "can_import": is_permitted(actor, "report.import"),
        "until": until,
        "since": since,
        "days": RECENT_DAYS,
        "news": [_describe(signal) for signal in _list_news(actor, since)],
        "rising": [_describe(signal) for signal in list_rising(actor, since=since)],
        "sources": [(one, derive_source_state(one, today=today)) for one in frame.sources],
        "figures_exported": is_permitted(actor, "evidence.export"),
    }
    if not context["is_empty"]:
        context["map"] = _draw_map(actor, until)
        context["timeline"] = _draw_timeline(
            _list_weeks(until), _count_classes(actor, until), until
        )
    return render(request, "web/overview/overview.html", context)


@require_safe
def export_figures(request: HttpRequest, figure: str) -> HttpResponseBase:
    """Hand out the figures of the map or of the timeline as CSV."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.export")
    until = min(get_frame(request, actor).newest_on or timezone.localdate(), timezone.localdate())
    if figure == "map":
        shown: TileMap | ChartData = _draw_map(actor, until)
    elif figure == "timeline":
        shown = _draw_timeline(_list_weeks(until), _count_classes(actor, until), until)
    else:
        raise NotFoundError(f"figure {figure}: not found")
    columns = [
        Column(heading, itemgetter(place)) for place, heading in enumerate(shown.table_headings)
    ]
    return export_list(actor, "csv", name=figure, rows=shown.table_rows, columns=columns)


def _list_tasks(
    request: HttpRequest, actor: Actor, imports: Sequence[EvidenceImport]
) -> list[dict[str, object]]:
    """Return what waits for this person: first what waits longest, last what has no age."""
    tasks = [
        *_list_release_tasks(actor),
        *_list_mending_tasks(actor, imports),
        *_list_signal_tasks(request, actor),
        *_list_name_tasks(request, actor),
    ]
    today = timezone.localdate()
    tasks.sort(key=lambda task: task.waiting_since or today)
    return [
        {
            "words": task.words,
            "detail": _join(task.detail, _describe_age(task.waiting_since, today)),
            "url": task.url,
            "action": task.action,
        }
        for task in tasks
    ]


def _list_release_tasks(actor: Actor) -> list[Task]:
    if not is_permitted(actor, "alert.release"):
        return []
    waiting = (
        list_versions(actor, state=VersionState.WAITING, order="drafted_at")
        .filter(alert__owner_id=actor.organisation_id)
        .exclude(drafted_by_id=actor.person_id)
        .exclude(edited_by__contains=[actor.person_id])
    )
    return [
        Task(
            gettext("Release alert %(identifier)s") % {"identifier": version.alert.identifier},
            version.alert.substance.name,
            reverse("alerts-release", args=[version.pk]),
            gettext("Review"),
            (version.asked_at or version.drafted_at).date(),
        )
        for version in waiting[:TASKS_OF_A_KIND]
    ]


def _list_mending_tasks(actor: Actor, imports: Sequence[EvidenceImport]) -> list[Task]:
    if not is_permitted(actor, "report.import"):
        return []
    tasks = []
    for one in imports:
        if not has_to_be_mended(one) or one.handling.owner_id != actor.organisation_id:
            continue
        words = ngettext("%(rows)d row refused", "%(rows)d rows refused", one.refused)
        tasks.append(
            Task(
                words % {"rows": one.refused} if one.refused else gettext("An import failed"),
                one.file_name,
                reverse("import", args=[one.pk]),
                gettext("Mend"),
                one.created_at.date(),
            )
        )
    return tasks


def _list_signal_tasks(request: HttpRequest, actor: Actor) -> list[Task]:
    count = get_frame(request, actor).states[SignalState.NEW]
    if not count or not is_permitted(actor, "signal.triage"):
        return []
    new = list_signals(actor, state=SignalState.NEW, with_backlog=False, order="on")
    oldest = new.order_by("created_at").first()
    words = ngettext("%(count)d new signal to verify", "%(count)d new signals to verify", count)
    return [
        Task(
            words % {"count": count},
            oldest.substance.name if oldest is not None and count == 1 else "",
            f"{reverse('signals')}?state={SignalState.NEW.value}",
            gettext("Verify"),
            oldest.created_at.date() if oldest is not None else None,
        )
    ]


def _list_name_tasks(request: HttpRequest, actor: Actor) -> list[Task]:
    unresolved = get_frame(request, actor).unresolved
    if not unresolved.names or not is_permitted(actor, "name.decide"):
        return []
    words = ngettext("%(names)d unknown name", "%(names)d unknown names", unresolved.names)
    found = ngettext("in %(count)d finding", "in %(count)d findings", unresolved.findings)
    return [
        Task(
            words % {"names": unresolved.names},
            found % {"count": unresolved.findings},
            reverse("names"),
            gettext("Decide"),
            None,
        )
    ]


def _describe_age(since: date | None, today: date) -> str:
    if since is None:
        return ""
    days = (today - since).days
    if days < 1:
        return gettext("since today")
    return ngettext("waits %(days)d day", "waits %(days)d days", days) % {"days": days}


def _join(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _list_news(actor: Actor, since: date) -> list[Signal]:
    recent = list_signals(actor, since=since).exclude(kind=SignalKind.SPIKE)
    open_or_confirmed = recent.exclude(state__in=[SignalState.NOT_CONFIRMED, SignalState.MERGED])
    return list(open_or_confirmed.filter(evidence_count__gt=0)[:NEWS_SHOWN])


def _describe(signal: Signal) -> dict[str, object]:
    return {
        "signal": signal,
        "place": describe_place(signal.country, signal.area),
        "count": signal.facts.get("count"),
        "expected": signal.facts.get("expected"),
        "weeks": signal.facts.get("window_weeks"),
        "sentence": describe_signal(
            kind=signal.kind,
            substance_name=signal.substance.name,
            matrix=signal.matrix,
            country=signal.country,
            area=signal.area,
            places=signal.places,
            on=signal.on,
            facts=signal.facts,
        ),
    }


def _draw_map(actor: Actor, until: date) -> TileMap:
    title = gettext("Findings by country, %(days)d days to %(day)s, as known then")
    return tile_map(
        dict(count_by_country(actor, until=until, days=RECENT_DAYS)),
        title=title % {"days": RECENT_DAYS, "day": date_format(until, "j M Y")},
    )


def _list_weeks(until: date) -> list[date]:
    """Return the Mondays of the weeks of the timeline, the last being the week of ``until``."""
    last = until - timedelta(days=until.weekday())
    return [last - timedelta(weeks=back) for back in reversed(range(TIMELINE_WEEKS))]


def _count_classes(actor: Actor, until: date) -> list[ClassWeek]:
    return list_class_weeks(actor, until=until, weeks=TIMELINE_WEEKS)


def _draw_timeline(weeks: list[date], counted: Sequence[ClassWeek], until: date) -> ChartData:
    """Draw the classes with most findings, and all others together."""
    totals: dict[str, int] = defaultdict(int)
    for one in counted:
        totals[one.class_name] += one.count
    first = sorted(totals, key=lambda name: (-totals[name], name))[:CLASSES_SHOWN]
    places = {week: place for place, week in enumerate(weeks)}
    series: dict[str, list[int | None]] = {name: [0] * len(weeks) for name in first}
    others = gettext("all other classes")
    if len(totals) > len(first):
        series[others] = [0] * len(weeks)
    for one in counted:
        if one.week_on in places:
            values = series[one.class_name if one.class_name in first else others]
            place = places[one.week_on]
            values[place] = (values[place] or 0) + one.count
    title = gettext("Findings by class of substances, %(weeks)d weeks to %(day)s")
    return timeline_chart(
        weeks,
        series,
        incomplete_from=weeks[-1] if until.weekday() < 6 else None,
        as_known_on=until,
        title=title % {"weeks": TIMELINE_WEEKS, "day": date_format(until, "j M Y")},
    )
