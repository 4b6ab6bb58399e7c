"""What every page's frame shows: who reads, the rooms open to them, and how old the data are."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from tocsin.alerts.queries import count_waiting_for, find_strictest_level
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Person
from tocsin.organisations.permissions import is_permitted
from tocsin.organisations.queries import find_own_organisation
from tocsin.organisations.vocabulary import Role
from tocsin.reports.queries import Source, list_sources
from tocsin.signals.models import SignalState
from tocsin.signals.queries import (
    UnresolvedTotal,
    count_by_state,
    count_unresolved,
    find_newest_day,
)
from tocsin.web.requests import PURPOSE, get_request_actor

LATE_AFTER = timedelta(days=30)
"""A source that sent nothing for so long is shown as late."""
SILENT_AFTER = timedelta(days=60)
"""A source that sent nothing for so long is shown as silent."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame of a page tells, read once a request, for the page itself to use as well.

    tlp: the strictest level of what the reader may see, empty where nothing is held.
    """

    sources: list[Source]
    states: dict[str, int]
    unresolved: UnresolvedTotal
    waiting_releases: int
    newest_on: date | None
    tlp: str

    def list_late_sources(self, *, today: date) -> list[Source]:
        """Return the sources that are late or silent, longest silent first."""
        return [one for one in self.sources if derive_source_state(one, today=today) != "on-time"]


@dataclass(frozen=True, slots=True)
class Room:
    """One entry of the navigation; count is how much of it waits for this person."""

    label: str
    view: str
    permission: str
    count: int = 0


def node(request: HttpRequest) -> dict[str, Any]:
    """Give every template the frame of the page, read when the template first asks for it.

    Public pages get only the node's name; parts of pages ask for nothing and cost nothing.
    """
    return {
        "node": SimpleLazyObject(lambda: _derive_node(request)),
        "page_tlp": SimpleLazyObject(lambda: _derive_page_tlp(request)),
    }


def get_frame(request: HttpRequest, actor: Actor) -> Frame:
    """Return the frame's facts for a request, read at the first call."""
    held = getattr(request, "tocsin_frame", None)
    if isinstance(held, Frame):
        return held
    frame = _read_frame(actor)
    request.tocsin_frame = frame  # type: ignore[attr-defined]
    return frame


def derive_source_state(source: Source, *, today: date) -> str:
    """Say how punctual a source is: on-time, late or silent."""
    if source.last_at < today - SILENT_AFTER:
        return "silent"
    return "late" if source.last_at < today - LATE_AFTER else "on-time"


def _derive_node(request: HttpRequest) -> dict[str, Any]:
    actor = get_request_actor(request)
    if actor.organisation_id is None or not isinstance(request.user, Person):
        own = find_own_organisation()
        name = own.name if own is not None else ""
        return {"organisation_name": name, "is_demo": settings.IS_DEMO, "navigation": []}
    view = request.resolver_match.view_name if request.resolver_match else ""
    frame = get_frame(request, actor)
    return {
        "organisation_name": request.user.organisation.name,
        "role_words": ", ".join(str(Role(role).label) for role in sorted(actor.roles)),
        "navigation": [
            {
                "label": room.label,
                "url": reverse(room.view),
                "count": room.count,
                "current": _derive_room(view) == room.view.rstrip("s"),
            }
            for room in _list_rooms(actor, frame)
            if is_permitted(actor, room.permission)
        ],
        "data_age": frame.newest_on,
        "sources_total": len(frame.sources),
        "late_sources": frame.list_late_sources(today=timezone.localdate()),
        "is_demo": settings.IS_DEMO,
    }


def _derive_room(view: str) -> str:
    """Return the room a page belongs to: ``report-correct`` and ``reports`` to ``report``."""
    first = view.split("-")[0].rstrip("s")
    return {"import": "inbox", "person": "people", "detection": "signal"}.get(first, first)


def _derive_page_tlp(request: HttpRequest) -> str:
    actor = get_request_actor(request)
    return get_frame(request, actor).tlp if actor.organisation_id is not None else ""


def _read_frame(actor: Actor) -> Frame:
    return Frame(
        sources=list_sources(actor),
        states=count_by_state(actor),
        unresolved=count_unresolved(actor),
        waiting_releases=count_waiting_for(actor),
        newest_on=find_newest_day(actor),
        tlp=find_strictest_level(actor, purpose=PURPOSE),
    )


def _list_rooms(actor: Actor, frame: Frame) -> list[Room]:
    decides = is_permitted(actor, "name.decide")
    triages = is_permitted(actor, "signal.triage")
    return [
        Room(gettext("Overview"), "overview", "evidence.read"),
        Room(gettext("Inbox"), "inbox", "evidence.read"),
        Room(gettext("Names"), "names", "evidence.read", decides * frame.unresolved.names),
        Room(gettext("Reports"), "reports", "evidence.read"),
        Room(
            gettext("Signals"), "signals", "evidence.read", triages * frame.states[SignalState.NEW]
        ),
        Room(gettext("Substances"), "substances", "evidence.read"),
        Room(gettext("Alerts"), "alerts", "evidence.read", frame.waiting_releases),
        Room(gettext("Notifications"), "packages", "evidence.read"),
        Room(gettext("Tables"), "statistics", "evidence.read"),
        Room(gettext("Quality"), "quality", "evidence.read"),
        Room(gettext("People"), "people", "people.manage"),
        Room(gettext("Retention"), "retention", "retention.manage"),
        Room(gettext("Journal"), "journal", "journal.read"),
    ]
