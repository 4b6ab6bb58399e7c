"""What the rules of law loaded say of a structure on a day, ready to be shown."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tocsin.errors import BadStructureError
from tocsin.law.classification import classify_subject, list_jurisdictions
from tocsin.law.dates import count_days_left
from tocsin.law.loading import load_instruments
from tocsin.law.model import (
    Answer,
    Citation,
    Exemption,
    Extent,
    Instrument,
    StatutoryDate,
    Trace,
    Verdict,
    describe_clause,
)
from tocsin.law.subject import Subject, read_subject
from tocsin.reports.countries import name_country
from tocsin.science.structure_drawings import (
    FAILING,
    FITTING,
    SCAFFOLD,
    Mark,
    derive_marked_drawing_url,
    list_atom_numbers,
)

NOT_LOADED = "not-loaded"
"""No text of the instrument for the day is loaded: nothing can be said."""

NOT_IN_PART = "not-in-part"
"""Not found in what is loaded of the instrument, which is a part of it: the rest is unknown."""

SHOWN_ORDER = (
    Verdict.CONTROLLED.value,
    Verdict.ARGUABLE.value,
    Verdict.EXCLUDED.value,
    Verdict.NOT_FOUND.value,
    NOT_IN_PART,
    NOT_LOADED,
)
_ONE_DAY = timedelta(days=1)
_MOST_DRAWINGS = 2
_STRUCTURES_KEPT = 2_000
_DAYS_KEPT = 4_000
_WORDS: dict[str, tuple[str | Promise, str]] = {
    Verdict.CONTROLLED: (gettext_lazy("Controlled"), "strong"),
    Verdict.ARGUABLE: (gettext_lazy("Arguable: needs a chemist"), "late"),
    Verdict.EXCLUDED: (gettext_lazy("Excluded"), "active"),
    Verdict.NOT_FOUND: (gettext_lazy("Not found in the rules loaded"), "quiet"),
    NOT_IN_PART: (gettext_lazy("Not found in the part loaded"), "quiet"),
    NOT_LOADED: (gettext_lazy("No text loaded for this day"), "quiet"),
}
_STEPS: dict[str, str | Promise] = {
    "risk-assessment": gettext_lazy("Risk assessment"),
    "recommended": gettext_lazy("Recommended by the World Health Organization"),
    "submitted": gettext_lazy("Report submitted"),
    "adopted": gettext_lazy("Adopted"),
    "objection-period-end": gettext_lazy("End of the period for objections"),
    "published": gettext_lazy("Published"),
    "communicated": gettext_lazy("Communicated to the parties"),
    "in-force": gettext_lazy("In force"),
    "applies": gettext_lazy("Applies"),
    "transposition-deadline": gettext_lazy("To be transposed by"),
}
_JURISDICTIONS: dict[str, str | Promise] = {
    "UN": gettext_lazy("United Nations"),
    "EU": gettext_lazy("European Union"),
    "GB": gettext_lazy("United Kingdom (not EU)"),
}


@dataclass(frozen=True, slots=True)
class TracePart:
    """A group of atoms a clause looked at: numbers as in the drawing, and what was found."""

    label: str
    atoms: str
    kind: str
    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShownTrace:
    """Why a clause answers as it does; drawing_url is empty where there is nothing to mark.

    leads: whether this is the first trace of its answer that is drawn.
    """

    clause: str
    reason: str
    scaffold: str
    drawing_url: str
    leads: bool
    parts: tuple[TracePart, ...]


@dataclass(frozen=True, slots=True)
class ShownDate:
    """A statutory date in words; left is the countdown to one ahead, empty otherwise."""

    words: str
    step: StatutoryDate
    left: str


@dataclass(frozen=True, slots=True)
class Status:
    """What one instrument says on the day, in words."""

    instrument: Instrument
    jurisdiction: str
    kind: str
    words: str
    tone: str
    clause: str
    since: date | None
    citation: Citation | None
    scope: tuple[str, ...]
    exemptions: tuple[Exemption, ...]
    unverified: tuple[str, ...]
    reason: str
    traces: tuple[ShownTrace, ...] = field(default=())
    dates: tuple[ShownDate, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days on which an instrument says the same; until is None where it goes on."""

    since: date | None
    until: date | None
    kind: str
    words: str
    clause: str


def describe_verdict(kind: str) -> str:
    """The words of a verdict, or of NOT_LOADED, in the reader's language."""
    return str(_WORDS[kind][0])


def describe_answer(kind: str, instrument: Instrument) -> str:
    """The words of an instrument's answer.

    A scheduled precursor is not called a controlled drug, and of an instrument without any rule
    loaded the kind of its control is told.
    """
    if kind == Verdict.CONTROLLED and "precursor" in instrument.kind:
        return _("Controlled as a precursor")
    if kind == NOT_LOADED and instrument.extent is Extent.NOTHING:
        return _("Nothing loaded: %(kind)s") % {"kind": instrument.kind}
    return describe_verdict(kind)


def describe_jurisdiction(code: str) -> str:
    """The name of a jurisdiction in the reader's language; the code where none is known."""
    return str(_JURISDICTIONS.get(code) or name_country(code))


def find_subject(smiles: str) -> Subject | None:
    """Read a structure for the rules; None where there is none or it cannot be held against them."""
    try:
        return _read(smiles) if smiles else None
    except BadStructureError:
        return None


@functools.lru_cache(maxsize=_STRUCTURES_KEPT)
def _read(smiles: str) -> Subject:
    return read_subject(smiles)


@functools.lru_cache(maxsize=_STRUCTURES_KEPT)
def list_rule_days(smiles: str, jurisdiction: str) -> tuple[date, ...]:
    """List the days on which some rule that could concern a structure begins or ends.

    Between two of them no answer of the jurisdiction changes. Raises BadStructureError for an
    unreadable structure.
    """
    skeletons = {part.skeleton for part in _read(smiles).parts}
    days: set[date] = set()
    for instrument in load_instruments():
        if instrument.jurisdiction != jurisdiction:
            continue
        if instrument.loaded_from is not None:
            days.add(instrument.loaded_from)
        for version in instrument.versions:
            days |= {version.possible_from, version.valid_from}
            if version.valid_to is not None:
                days.add(version.valid_to + _ONE_DAY)
        for skeleton in skeletons:
            for entry in instrument.entries_by_skeleton.get(skeleton, ()):
                days |= {entry.possible_from, entry.valid_from}
                days |= {min(one.began_on for one in entry.dates)} if entry.dates else set()
                if entry.valid_to is not None:
                    days.add(entry.valid_to + _ONE_DAY)
    return tuple(sorted(days))


def get_answers(smiles: str, on: date) -> dict[str, Answer]:
    """Return what each instrument loaded answers on a day, by its key; remembered by period.

    Raises BadStructureError for an unreadable structure.
    """
    found: dict[str, Answer] = {}
    for jurisdiction in list_jurisdictions():
        begun = [day for day in list_rule_days(smiles, jurisdiction) if day <= on]
        found |= _classify(smiles, jurisdiction, begun[-1] if begun else date.min)
    return found


@functools.lru_cache(maxsize=_DAYS_KEPT)
def _classify(smiles: str, jurisdiction: str, on: date) -> dict[str, Answer]:
    answers = classify_subject(_read(smiles), on, (jurisdiction,))
    return {answer.instrument: answer for answer in answers}


def list_statuses(smiles: str, on: date) -> list[Status]:
    """List what each instrument says of a structure on a day, the weightiest answer first.

    Raises BadStructureError for an unreadable structure.
    """
    answers = get_answers(smiles, on)
    statuses = [_describe_answer(answers[one.key], one, on) for one in load_instruments()]
    return sorted(statuses, key=lambda one: (SHOWN_ORDER.index(one.kind), one.instrument.key))


def list_periods(smiles: str) -> list[tuple[Instrument, list[Period]]]:
    """List for each instrument the periods in which it says the same of a structure.

    Raises BadStructureError for an unreadable structure.
    """
    return [(one, _list_periods(smiles, one)) for one in load_instruments()]


def _list_periods(smiles: str, instrument: Instrument) -> list[Period]:
    periods: list[Period] = []
    for day in (None, *list_rule_days(smiles, instrument.jurisdiction)):
        answer = _classify(smiles, instrument.jurisdiction, day or date.min)[instrument.key]
        kind = _derive_kind(answer, instrument, day or date.min)
        clause = describe_clause(answer.clause, answer.citation)
        if periods and (periods[-1].kind, periods[-1].clause) == (kind, clause):
            continue
        if periods and day is not None:
            periods[-1] = _end(periods[-1], day - _ONE_DAY)
        periods.append(Period(day, None, kind, describe_answer(kind, instrument), clause))
    return periods


def _end(period: Period, until: date) -> Period:
    return Period(period.since, until, period.kind, period.words, period.clause)


def _derive_kind(answer: Answer, instrument: Instrument, on: date) -> str:
    if answer.verdict is not Verdict.NOT_FOUND:
        return answer.verdict.value
    if not instrument.is_loaded_on(on):
        return NOT_LOADED
    return NOT_IN_PART if instrument.extent is Extent.PART else Verdict.NOT_FOUND.value


def _describe_answer(answer: Answer, instrument: Instrument, on: date) -> Status:
    kind = _derive_kind(answer, instrument, on)
    is_before_text = kind == NOT_LOADED and instrument.extent is not Extent.NOTHING
    unverified = [
        *(note for trace in answer.traces[:_MOST_DRAWINGS] for note in trace.unverified),
        *instrument.unverified,
    ]
    return Status(
        instrument=instrument,
        jurisdiction=describe_jurisdiction(answer.jurisdiction),
        kind=kind,
        words=describe_answer(kind, instrument),
        tone=_WORDS[kind][1],
        clause=describe_clause(answer.clause, answer.citation),
        since=answer.since,
        citation=answer.citation,
        scope=answer.scope,
        exemptions=answer.exemptions,
        unverified=() if is_before_text else tuple(dict.fromkeys(unverified)),
        reason=answer.traces[0].reason if answer.traces else "",
        traces=_describe_traces(answer.traces),
        dates=tuple(_describe_date(one, on) for one in answer.dates),
    )


def _describe_date(step: StatutoryDate, on: date) -> ShownDate:
    days = count_days_left(step, on)
    left = ngettext("%(days)d day left", "%(days)d days left", days or 0) % {"days": days or 0}
    return ShownDate(str(_STEPS[step.kind]), step, left if days else "")


def _describe_traces(traces: Sequence[Trace]) -> tuple[ShownTrace, ...]:
    shown: list[ShownTrace] = []
    drawn = 0
    for trace in traces:
        parts = _list_parts(trace)
        draws = bool(parts) and drawn < _MOST_DRAWINGS
        drawn += draws
        shown.append(
            ShownTrace(
                clause=trace.clause,
                reason=trace.reason,
                scaffold=trace.scaffold,
                drawing_url=_draw(trace) if draws else "",
                leads=draws and drawn == 1,
                parts=parts,
            )
        )
    return tuple(shown)


def _list_parts(trace: Trace) -> tuple[TracePart, ...]:
    """The groups of atoms of a generic clause; a listed substance is the whole structure."""
    is_whole = trace.scaffold_atoms == tuple(range(len(trace.scaffold_atoms)))
    if is_whole and not trace.positions:
        return ()
    core = TracePart(
        _("Core"), list_atom_numbers(trace.scaffold_atoms), SCAFFOLD, _("core"), trace.scaffold
    )
    return (
        core,
        *(
            TracePart(
                label=one.position,
                atoms=list_atom_numbers(one.atoms),
                kind=FITTING if one.fits else FAILING,
                words=_("fits the text") if one.fits else _("does not fit the text"),
                reason=one.reason,
            )
            for one in trace.positions
        ),
    )


def _draw(trace: Trace) -> str:
    marks = (
        Mark(trace.scaffold_atoms, SCAFFOLD),
        *(Mark(one.atoms, FITTING if one.fits else FAILING) for one in trace.positions),
    )
    return derive_marked_drawing_url(trace.smiles, marks, width=480, height=320, numbered=True)
