"""A structure classified: what each instrument loaded says of it on a day, and why."""

import datetime
import functools
from collections.abc import Collection, Sequence
from dataclasses import replace

from tocsin.errors import UnknownInstrumentError
from tocsin.law.listed import ListedFinding, find_listed, find_pending
from tocsin.law.loading import load_instruments, load_medicines
from tocsin.law.model import Answer, Extent, Instrument, Trace, Verdict, Version
from tocsin.law.subject import Part, Subject, read_subject
from tocsin.law.versions import ClauseFinding, examine_version, find_since

_MOST_OTHER_TRACES = 3
_RANK = {Verdict.CONTROLLED: 0, Verdict.ARGUABLE: 1, Verdict.EXCLUDED: 2, Verdict.NOT_FOUND: 3}
_SILENCE = {
    Extent.WHOLE: "not found in the rules loaded",
    Extent.PART: "not found in the part of this instrument that is loaded; the rest was not looked at",
    Extent.NOTHING: "no entries of this instrument are loaded, so it was not looked at: {kind}",
}


def classify(
    smiles: str,
    on: datetime.date,
    jurisdictions: Collection[str] = (),
    instruments: Sequence[Instrument] | None = None,
) -> tuple[Answer, ...]:
    """Say what each instrument says of a structure on a day; one answer per instrument.

    jurisdictions: codes such as ``DE``; empty for all. instruments: by default all loaded.
    Raises BadStructureError for an unreadable structure, UnknownInstrumentError for a
    jurisdiction of which nothing is loaded.

    >>> answers = classify("CCN(CC)CCn1c(Cc2ccccc2)nc2ccccc12", datetime.date(2024, 7, 1), ["DE"])
    >>> [(one.instrument, one.clause, one.verdict.value) for one in answers]
    [('DE-BtMG', '', 'not-found'), ('DE-NpSG', '7', 'controlled')]
    """
    return classify_subject(read_subject(smiles), on, jurisdictions, instruments)


def classify_subject(
    subject: Subject,
    on: datetime.date,
    jurisdictions: Collection[str] = (),
    instruments: Sequence[Instrument] | None = None,
) -> tuple[Answer, ...]:
    """Say what each instrument says of a structure that was read before; as classify does."""
    loaded = load_instruments() if instruments is None else tuple(instruments)
    wanted = [one for one in loaded if not jurisdictions or one.jurisdiction in set(jurisdictions)]
    missing = set(jurisdictions) - {one.jurisdiction for one in loaded}
    if missing:
        raise UnknownInstrumentError(
            f"jurisdiction {', '.join(sorted(missing))}: nothing is loaded; expected one of "
            f"{', '.join(sorted({one.jurisdiction for one in loaded}))}"
        )
    return tuple(_answer(one, subject, on, loaded) for one in wanted)


def classify_under(instrument: Instrument, subject: Subject, on: datetime.date) -> Answer:
    """Say what one instrument says of a structure; the others loaded count where it defers."""
    return _answer(instrument, subject, on, load_instruments())


def get_instrument(key: str) -> Instrument:
    """Get a loaded instrument by its key; raises UnknownInstrumentError where there is none."""
    for instrument in load_instruments():
        if instrument.key == key:
            return instrument
    raise UnknownInstrumentError(
        f"instrument {key!r}: not loaded; expected one of "
        f"{', '.join(one.key for one in load_instruments())}"
    )


def find_version(instrument: Instrument, on: datetime.date) -> Version | None:
    """Find the state of an instrument's generic definitions known to apply on a day."""
    for version in instrument.versions:
        if version.valid_from <= on and (version.valid_to is None or on <= version.valid_to):
            return version
    return None


def _answer(
    instrument: Instrument,
    subject: Subject,
    on: datetime.date,
    loaded: Sequence[Instrument],
) -> Answer:
    candidates = [
        candidate
        for part, full_key in zip(subject.parts, subject.full_inchikeys, strict=True)
        for candidate in _answer_part(instrument, part, full_key, on, loaded)
    ]
    best = min(candidates, key=lambda one: _RANK[one.verdict], default=None)
    if best is None or best.verdict is Verdict.NOT_FOUND:
        near = best.traces if best is not None else ()
        return _not_found(instrument, subject, on, near)
    also = [one for one in candidates if one is not best and _is_listed_too(best, one)]
    best = replace(best, traces=(*best.traces, *(trace for one in also for trace in one.traces)))
    if subject.notes:
        note = Trace(clause=best.clause, reason="; ".join(subject.notes), smiles=subject.smiles)
        return replace(best, traces=(*best.traces, note))
    return best


def _is_listed_too(best: Answer, other: Answer) -> bool:
    """Tell whether another annex lists the same substance under the same name."""
    if best.citation is None or other.citation is None or best.verdict is not other.verdict:
        return False
    name = best.clause.removeprefix(best.citation.place)
    return bool(name) and other.clause == other.citation.place + name


@functools.cache
def _silence(extent: Extent, kind: str) -> str:
    return _SILENCE[extent].format(kind=kind)


def _not_found(
    instrument: Instrument, subject: Subject, on: datetime.date, near: tuple[Trace, ...]
) -> Answer:
    reason = _silence(instrument.extent, instrument.kind)
    if instrument.loaded_from is not None and on < instrument.loaded_from:
        reason = f"no text of this instrument before {instrument.loaded_from} is loaded"
    pending = [entry for part in subject.parts for entry in find_pending(instrument, part, on)]
    for entry in pending[:1]:
        reason += f"; {entry.names[0]} is listed from {entry.valid_from} on"
    notes = f"; {'; '.join(subject.notes)}" if subject.notes else ""
    trace = Trace(clause="", reason=reason + notes, smiles=subject.smiles)
    return Answer(
        jurisdiction=instrument.jurisdiction,
        instrument=instrument.key,
        clause="",
        verdict=Verdict.NOT_FOUND,
        since=None,
        citation=None,
        scope=(),
        exemptions=(),
        traces=(trace, *near),
        dates=pending[0].dates if pending else (),
    )


def _answer_part(
    instrument: Instrument,
    part: Part,
    full_key: str,
    on: datetime.date,
    loaded: Sequence[Instrument],
) -> list[Answer]:
    answers = [
        _listed_answer(instrument, finding)
        for finding in find_listed(instrument, part, full_key, on)
    ]
    generic = _generic_answer(instrument, part, full_key, on, loaded)
    if generic is not None:
        answers.append(generic)
    return answers


def _listed_answer(instrument: Instrument, finding: ListedFinding) -> Answer:
    entry = finding.entry
    trace = Trace(
        clause=entry.citation.place,
        reason=finding.reason,
        smiles=finding.smiles,
        scaffold=entry.names[0],
        scaffold_atoms=finding.atoms,
        unverified=entry.unverified,
    )
    return Answer(
        jurisdiction=instrument.jurisdiction,
        instrument=instrument.key,
        clause=f"{entry.citation.place}, {entry.names[0]}",
        verdict=finding.verdict,
        since=entry.valid_from,
        citation=entry.citation,
        scope=entry.scope,
        exemptions=entry.exemptions,
        traces=(trace,),
        dates=(*instrument.dates, *entry.dates),
    )


def _generic_answer(
    instrument: Instrument,
    part: Part,
    full_key: str,
    on: datetime.date,
    loaded: Sequence[Instrument],
) -> Answer | None:
    version = find_version(instrument, on)
    following = next(
        (one for one in instrument.versions if one.possible_from <= on < one.valid_from), None
    )
    if version is None and following is None:
        return None
    now = _version_answer(instrument, version, part, full_key, on, loaded)
    if following is None:
        return now
    later = _version_answer(instrument, following, part, full_key, on, loaded)
    return _answer_between(now, later, version, following, part)


def _answer_between(
    now: Answer | None,
    later: Answer | None,
    version: Version | None,
    following: Version,
    part: Part,
) -> Answer | None:
    """Join what two texts say on a day on which either may apply; arguable where they differ."""
    answers = [one for one in (now, later) if one is not None]
    if now is not None and later is not None and now.verdict is later.verdict:
        return now
    shown = min(answers, key=lambda one: _RANK[one.verdict], default=None)
    if shown is None or shown.verdict in (Verdict.EXCLUDED, Verdict.NOT_FOUND):
        # Neither text catches the structure, whatever keeps it out.
        return shown and replace(shown, verdict=Verdict.NOT_FOUND)
    days = f"between {following.possible_from} and {following.valid_from}"
    reason = (
        f"the text changed {days}; the day is not in the copies read, and the two texts differ on "
        "this structure"
        if version is not None
        else f"the text came into force {days}; the day is not in the copies read, and no text "
        "before it is loaded"
    )
    doubt = Trace(clause=shown.clause, reason=reason, smiles=part.smiles)
    return replace(shown, verdict=Verdict.ARGUABLE, since=None, traces=(doubt, *shown.traces))


def _version_answer(
    instrument: Instrument,
    version: Version | None,
    part: Part,
    full_key: str,
    on: datetime.date,
    loaded: Sequence[Instrument],
) -> Answer | None:
    if version is None:
        return None
    findings = examine_version(version, part)
    # Of clauses that agree the particular one is cited, not the general one that yields to it.
    best = min(
        findings, key=lambda one: (_RANK[one.verdict], bool(one.clause.yields_to)), default=None
    )
    if best is None:
        return None
    verdict = best.verdict
    extra: tuple[Trace, ...] = ()
    if verdict in (Verdict.CONTROLLED, Verdict.ARGUABLE):
        verdict, extra = _apply_exclusions(version, best, part, full_key, on, loaded)
    since = None
    if verdict is Verdict.CONTROLLED:
        since = find_since(instrument, version, best.clause.key, part)
    others = sorted(
        (one for one in findings if one is not best), key=lambda one: _RANK[one.verdict]
    )
    traces = tuple(one.trace for one in others[:_MOST_OTHER_TRACES])
    return Answer(
        jurisdiction=instrument.jurisdiction,
        instrument=instrument.key,
        clause=best.clause.key if verdict is not Verdict.NOT_FOUND else "",
        verdict=verdict,
        since=since,
        citation=best.clause.citation if verdict is not Verdict.NOT_FOUND else None,
        scope=version.scope if verdict is not Verdict.NOT_FOUND else (),
        exemptions=(),
        traces=(
            *extra,
            replace(best.trace, unverified=(*best.trace.unverified, *version.unverified)),
            *traces,
        ),
        dates=(*instrument.dates, *version.dates) if verdict is not Verdict.NOT_FOUND else (),
    )


def _apply_exclusions(
    version: Version,
    best: ClauseFinding,
    part: Part,
    full_key: str,
    on: datetime.date,
    loaded: Sequence[Instrument],
) -> tuple[Verdict, tuple[Trace, ...]]:
    notes: tuple[Trace, ...] = ()
    verdict = best.verdict
    for other in loaded:
        if other.key not in version.excludes_instruments:
            continue
        for listed in find_listed(other, part, full_key, on):
            place = listed.entry.citation.place
            if listed.verdict is Verdict.CONTROLLED:
                reason = f"{other.key} goes before: {place}, {listed.reason}"
                return Verdict.EXCLUDED, (Trace(best.clause.key, reason, part.smiles),)
            reason = f"unless {other.key} goes before: {place}, {listed.reason}"
            notes = (*notes, Trace(best.clause.key, reason, part.smiles))
            # Only the day is in doubt of an entry not yet known to apply: one act or the other holds.
            if listed.entry.valid_from <= on:
                verdict = Verdict.ARGUABLE
    name = load_medicines().get(part.skeleton)
    if name and version.excludes_medicines:
        reason = (
            f"active substance of medicines ({name}): {version.excludes_medicines}, as far as it "
            "is used in a medicine"
        )
        return Verdict.EXCLUDED, (Trace(best.clause.key, reason, part.smiles), *notes)
    return verdict, notes


@functools.cache
def list_jurisdictions() -> tuple[str, ...]:
    """List the jurisdictions of which an instrument is known, be its rules loaded or not."""
    return tuple(sorted({one.jurisdiction for one in load_instruments()}))
