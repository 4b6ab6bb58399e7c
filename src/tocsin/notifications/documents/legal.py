"""What the rules of law loaded say of a substance on the day a package is made."""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from tocsin.errors import BadStructureError
from tocsin.law.classification import classify_subject, get_instrument, list_jurisdictions
from tocsin.law.model import Answer, Extent, Instrument, Verdict, describe_clause
from tocsin.law.subject import Subject as Structure
from tocsin.law.subject import read_subject
from tocsin.notifications.documents.collecting import Collected
from tocsin.notifications.documents.source import Subject
from tocsin.notifications.documents.statements import LEGAL_STATEMENTS, list_statements
from tocsin.notifications.formats.document import Gap, Item, Section
from tocsin.notifications.vocabulary import PackageKind

INTERNATIONAL = ("UN", "EU")
"""Whose rules are asked beside those of the sender's country."""


def tell_legal_status(
    subject: Subject, country: str, on: date, statements: Mapping[str, str]
) -> Section:
    """Say what the rules loaded of the United Nations, the Union and a country say on a day.

    country: of the sender, ISO 3166-1 alpha-2, or empty. What people stated stands beneath as an
    addition. Where the structure is not known nothing can be asked, which is a gap.
    """
    heading = _("Status in law on {day}").format(day=on.isoformat())
    structure = _find_structure(subject)
    if structure is None:
        unknown = Gap("structure", _("structure, without which the rules loaded cannot be asked"))
        said, lacking = _list_stated(statements, LEGAL_STATEMENTS)
        return Section("legal_status", heading, said, gaps=(unknown, *lacking))
    wanted = [one for one in (*INTERNATIONAL, country) if one in list_jurisdictions()]
    answers = classify_subject(structure, on, wanted)
    is_country_asked = any(
        one.jurisdiction == country and get_instrument(one.instrument).is_loaded_on(on)
        for one in answers
    )
    said, lacking = _list_stated(statements, () if is_country_asked else ("national_restrictions",))
    return Section(
        "legal_status",
        heading,
        (*_list_found(answers), *_list_silent(answers, on), *said),
        gaps=lacking,
        note=_write_note(subject),
    )


def _write_note(subject: Subject) -> str:
    identity = subject.identity
    note = _(
        "Found in the rules loaded, which are not all rules there are: recognition, not legal advice."
    )
    if identity is not None and not identity.is_reviewed:
        note += " " + _("The structure is not reviewed, and so is no answer that rests on it.")
    return note


def _find_structure(subject: Subject) -> Structure | None:
    identity = subject.identity
    try:
        return read_subject(identity.smiles) if identity is not None and identity.smiles else None
    except BadStructureError:
        return None


def _list_found(answers: tuple[Answer, ...]) -> list[Item]:
    """One item for each instrument that says something of the substance."""
    found = [one for one in answers if one.verdict is not Verdict.NOT_FOUND]
    return [
        Item(get_instrument(one.instrument).title, _describe(one, get_instrument(one.instrument)))
        for one in found
    ]


def _describe(answer: Answer, instrument: Instrument) -> str:
    """Say what an instrument answers, by which clause, in which text, and what is not verified."""
    words = {
        Verdict.CONTROLLED: _("controlled as a precursor")
        if "precursor" in instrument.kind
        else _("controlled"),
        Verdict.ARGUABLE: _("arguable, needs a chemist"),
        Verdict.EXCLUDED: _("excluded"),
    }
    parts = [words[answer.verdict], describe_clause(answer.clause, answer.citation)]
    if answer.verdict is not Verdict.CONTROLLED and answer.traces:
        parts.append(answer.traces[0].reason)
    if (citation := answer.citation) is not None:
        parts += [
            citation.publication,
            _("text of {day}").format(day=citation.consolidated_on.isoformat()),
        ]
    if answer.since is not None:
        parts.append(_("known since {day}").format(day=answer.since.isoformat()))
    told = "; ".join(part for part in parts if part)
    notes = [note for trace in answer.traces[:1] for note in trace.unverified]
    if not notes:
        return told
    return _("{told} (unverified: {notes})").format(told=told, notes="; ".join(notes))


def _list_silent(answers: tuple[Answer, ...], on: date) -> list[Item]:
    """The instruments that say nothing of the substance, by what that means."""
    silent: dict[str, list[str]] = {}
    for answer in answers:
        if answer.verdict is Verdict.NOT_FOUND:
            instrument = get_instrument(answer.instrument)
            silent.setdefault(_describe_silence(instrument, on), []).append(instrument.title)
    return [Item(words, "; ".join(titles)) for words, titles in silent.items()]


def _describe_silence(instrument: Instrument, on: date) -> str:
    if not instrument.is_loaded_on(on):
        return _("no text loaded for this day")
    if instrument.extent is Extent.PART:
        return _("not found in the part loaded")
    return _("not found in the rules loaded")


def _list_stated(statements: Mapping[str, str], wanted: tuple[str, ...]) -> Collected:
    """What people stated on the status in law, and what of it is wanted and missing."""
    labels = {one.key: str(one.label) for one in list_statements(PackageKind.EVENT)}
    said = tuple(
        Item(labels[key], statements[key]) for key in LEGAL_STATEMENTS if key in statements
    )
    return said, tuple(Gap(key, labels[key]) for key in wanted if key not in statements)
