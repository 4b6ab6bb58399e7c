"""The legal status of a structure on the day a page's address names."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.errors import BadStructureError
from tocsin.law.model import Verdict
from tocsin.web.legal_pictures import TimeLine, draw_time_lines, list_change_days, verdict_map
from tocsin.web.legal_status import (
    NOT_IN_PART,
    NOT_LOADED,
    Status,
    find_subject,
    list_periods,
    list_statuses,
)
from tocsin.web.tile_map import TileMap

DAY_PARAMETER = "as-of"
SLIDER_PARAMETER = "change"
EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class ChosenDay:
    """The day a reader asks about; problem says why the day of the address was not taken."""

    on: date
    today: date
    problem: str = ""
    written: str = ""

    @property
    def is_today(self) -> bool:
        """Tell whether the day asked about is today."""
        return self.on == self.today


@dataclass(frozen=True, slots=True)
class LegalView:
    """Legal status by instrument on a day, with its map, its lines of time and its slider.

    found: instruments that say something; unfound: those whose rules, or what is loaded of them, do
    not hold the structure; unloaded: those of which no text for the day is loaded. notes: what a
    reader must know first.
    slider_at: the index in change_days of the newest change up to the day.
    """

    day: ChosenDay
    found: list[Status]
    unfound: list[Status]
    unloaded: list[Status]
    notes: tuple[str, ...]
    map: TileMap
    lines: list[TimeLine]
    change_days: list[date]
    slider_at: int

    @property
    def headlines(self) -> list[tuple[str, list[str]]]:
        """Each weighty verdict with its jurisdictions, each named once, under its weightiest."""
        told: dict[str, str] = {}
        for one in self.found:
            told.setdefault(one.jurisdiction, one.words)
        words = dict.fromkeys(told.values())
        return [(one, [place for place in told if told[place] == one]) for one in words]

    @property
    def opened(self) -> str:
        """The key of the first instrument whose reason is drawn: shown without being asked for."""
        drawn = (one for one in self.found if any(trace.drawing_url for trace in one.traces))
        return next((one.instrument.key for one in drawn), "")

    @property
    def footnotes(self) -> list[str]:
        """Everything unverified, each note once, in the order of the answers."""
        answered = (*self.found, *self.unfound)
        return list(dict.fromkeys(note for one in answered for note in one.unverified))

    @property
    def numbered(self) -> list[tuple[Status, list[int]]]:
        """What was found, with the numbers of its notes among the footnotes."""
        return self._number(self.found)

    @property
    def numbered_unfound(self) -> list[tuple[Status, list[int]]]:
        """What was not found, with the numbers of its notes among the footnotes."""
        return self._number(self.unfound)

    def _number(self, statuses: list[Status]) -> list[tuple[Status, list[int]]]:
        notes = self.footnotes
        return [(one, [1 + notes.index(note) for note in one.unverified]) for one in statuses]

    @property
    def told_loaded(self) -> list[Status]:
        """The answers whose instrument says what of it is loaded."""
        return [one for one in (*self.found, *self.unfound) if one.instrument.notes]

    @property
    def dated(self) -> list[Status]:
        """The answers with statutory dates."""
        return [one for one in (*self.found, *self.unfound) if one.dates]

    @property
    def slider_most(self) -> int:
        """The index of the last change."""
        return len(self.change_days) - 1


def read_day(request: HttpRequest) -> ChosenDay:
    """Read the day from the address; today, with a problem, where it names none."""
    today = timezone.localdate()
    written = request.GET.get(DAY_PARAMETER, "").strip()
    if not written:
        return ChosenDay(today, today)
    try:
        on = date.fromisoformat(written)
    except ValueError:
        words = _("“%(text)s” is not a day. Expected year-month-day, such as 2025-12-31.")
        return ChosenDay(today, today, words % {"text": written[:40]}, written[:40])
    if not EARLIEST <= on <= today.replace(month=1, day=1, year=today.year + 50):
        words = _("%(day)s is out of range. Expected a day from 1900 to 50 years from now.")
        return ChosenDay(today, today, words % {"day": on.isoformat()}, written[:40])
    return ChosenDay(on, today)


def describe_legal_status(smiles: str, day: ChosenDay) -> LegalView | None:
    """Say what the rules loaded answer on a day; None where there is no structure to ask about."""
    subject = find_subject(smiles)
    if subject is None:
        return None
    statuses = list_statuses(smiles, day.on)
    held = list_periods(smiles)
    changes = list_change_days(held)
    unfound = (Verdict.NOT_FOUND.value, NOT_IN_PART)
    return LegalView(
        day=day,
        found=[one for one in statuses if one.kind not in (*unfound, NOT_LOADED)],
        unfound=[one for one in statuses if one.kind in unfound],
        unloaded=[one for one in statuses if one.kind == NOT_LOADED],
        notes=subject.notes,
        map=verdict_map(statuses, title=_("Answer by country"), identifier="legal-map"),
        lines=draw_time_lines(held, on=day.on, today=day.today),
        change_days=changes,
        slider_at=max(0, sum(one <= day.on for one in changes) - 1),
    )


def find_slider_address(request: HttpRequest, smiles: str) -> str:
    """The address of the day a slider was set to; empty where none was, or it fits no change."""
    written = request.GET.get(SLIDER_PARAMETER, "")
    if not (written.isascii() and written.isdigit() and len(written) <= 4):
        return ""
    try:
        changes = list_change_days(list_periods(smiles))
    except BadStructureError:
        return ""
    if int(written) >= len(changes):
        return ""
    kept = [
        (name, value)
        for name, value in request.GET.items()
        if name not in (DAY_PARAMETER, SLIDER_PARAMETER)
    ]
    query = urlencode([*kept, (DAY_PARAMETER, changes[int(written)].isoformat())])
    return f"{request.path}?{query}#legal"
