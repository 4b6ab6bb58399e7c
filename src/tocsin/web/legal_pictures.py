"""Legal status as pictures: a map of Europe by verdict, and a line of time for each instrument."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.utils.translation import gettext as _

from tocsin.law.model import Instrument, Verdict
from tocsin.web.charts import KeyEntry
from tocsin.web.legal_status import (
    NOT_IN_PART,
    NOT_LOADED,
    SHOWN_ORDER,
    Period,
    Status,
    describe_jurisdiction,
    describe_verdict,
)
from tocsin.web.tile_map import TILES, Place, TileFace, TileMap, draw_tiles

WIDTH = 1_000
"""Length of a line of time, in its own units; it is stretched to the page."""

_NO_RULES = "none"
_SILENT = frozenset({Verdict.NOT_FOUND.value, NOT_IN_PART, NOT_LOADED})
_FACES = {
    Verdict.CONTROLLED.value: ("step-5", "§"),
    Verdict.ARGUABLE.value: ("step-3", "§?"),
    Verdict.EXCLUDED.value: ("step-1", "×"),
    Verdict.NOT_FOUND.value: ("zero", "∅"),
    NOT_IN_PART: ("none", "∅?"),
    NOT_LOADED: ("none", "…"),
}
_HEIGHTS = {
    Verdict.CONTROLLED.value: 20,
    Verdict.ARGUABLE.value: 14,
    Verdict.EXCLUDED.value: 8,
    Verdict.NOT_FOUND.value: 2,
    NOT_IN_PART: 1,
    NOT_LOADED: 0,
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """One period on a line of time, with its place in the line's own units."""

    period: Period
    left: int
    width: int
    height: int
    is_shown_day: bool

    @property
    def top(self) -> int:
        """The upper edge: stretches stand on the line."""
        return 20 - self.height


@dataclass(frozen=True, slots=True)
class TimeLine:
    """One instrument's line of time."""

    instrument: Instrument
    jurisdiction: str
    stretches: list[Stretch]
    day_at: int


def verdict_map(statuses: Sequence[Status], *, title: str, identifier: str) -> TileMap:
    """A map of Europe by the weightiest verdict of each country's instruments.

    Countries of which no rule is loaded are marked as such: nothing is known of them here.
    """
    by_code: dict[str, Status] = {}
    for status in sorted(statuses, key=lambda one: SHOWN_ORDER.index(one.kind)):
        by_code.setdefault(status.instrument.jurisdiction, status)
    faces = {code: _face(by_code.get(code)) for code in TILES}
    outside = sorted(code for code in by_code if code not in TILES)
    inside = sorted((code for code in by_code if code in TILES), key=describe_jurisdiction)
    return TileMap(
        svg=draw_tiles(faces, title=title, description=_describe(by_code), identifier=identifier),
        title=title,
        key=_key({by_code[code].kind if code in by_code else _NO_RULES for code in TILES}),
        elsewhere=[
            Place(f"{describe_jurisdiction(code)}:", by_code[code].words) for code in outside
        ],
        table_headings=[_("Country"), _("Answer")],
        table_rows=[
            [describe_jurisdiction(code), by_code[code].words] for code in [*inside, *outside]
        ],
    )


def _face(status: Status | None) -> TileFace:
    if status is None:
        return TileFace("none", "–", _("no rules loaded"))
    mark, sign = _FACES[status.kind]
    return TileFace(mark, sign, status.words)


def _describe(by_code: dict[str, Status]) -> str:
    told = [
        f"{status.jurisdiction}: {status.words}"
        for code, status in by_code.items()
        if code in TILES
    ]
    return _("%(told)s. No rules are loaded of the %(others)d other countries.") % {
        "told": "; ".join(told) or "–",
        "others": len(TILES) - len(told),
    }


def _key(kinds: set[str]) -> list[KeyEntry]:
    entries = [
        KeyEntry(*_FACES[kind], describe_verdict(kind)) for kind in SHOWN_ORDER if kind in kinds
    ]
    if _NO_RULES in kinds:
        entries.append(KeyEntry("none", "–", _("no rules loaded")))
    return entries


def list_change_days(held: Sequence[tuple[Instrument, Sequence[Period]]]) -> list[date]:
    """List the days on which some instrument begins, ceases or changes to say something, in order.

    That a text was loaded which does not hold the structure is no such day.
    """
    return sorted(
        {
            one.since
            for _instrument, periods in held
            for before, one in pairwise([None, *periods])
            if one is not None and one.since is not None
            if one.kind not in _SILENT or (before is not None and before.kind not in _SILENT)
        }
    )


def draw_time_lines(
    held: Sequence[tuple[Instrument, Sequence[Period]]], *, on: date, today: date
) -> list[TimeLine]:
    """Place each instrument's periods on a line from before the first change to the last day.

    Instruments that never say anything but that they do not find it are left out.
    """
    changes = list_change_days(held)
    if not changes:
        return []
    last = max(today, on, changes[-1]) + timedelta(days=1)
    first = min(changes[0], on)
    first -= timedelta(days=max(1, (last - first).days // 20))
    return [
        TimeLine(
            instrument=instrument,
            jurisdiction=describe_jurisdiction(instrument.jurisdiction),
            stretches=[
                _stretch(one, first, last, on)
                for one in periods
                if one.until is None or one.until >= first
            ],
            day_at=_place(on, first, last),
        )
        for instrument, periods in held
        if not _SILENT.issuperset(one.kind for one in periods)
    ]


def _stretch(period: Period, first: date, last: date, on: date) -> Stretch:
    left = _place(max(period.since or first, first), first, last)
    right = _place(period.until or last, first, last)
    begun = period.since is None or period.since <= on
    return Stretch(
        period=period,
        left=left,
        width=max(right - left, 2),
        height=_HEIGHTS[period.kind],
        is_shown_day=begun and (period.until is None or on <= period.until),
    )


def _place(day: date, first: date, last: date) -> int:
    return round(WIDTH * (day - first).days / max(1, (last - first).days))
