"""The words that frame a package in every form made for people, in the language in force."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.notifications.formats.document import Gap, Item, PackageDocument, Section
from tocsin.notifications.vocabulary import LASTING_STATES, PackageKind, PackageState
from tocsin.reports.countries import name_country


@dataclass(frozen=True, slots=True)
class Head:
    """The lines above a package: who, what, when, and what a reader must know of its standing."""

    sender: str
    title: str
    identifier: str
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


def derive_head(document: PackageDocument) -> Head:
    """Return the lines that stand above a package."""
    warnings = []
    if document.is_exercise:
        warnings.append(_("EXERCISE: this is not about a real event."))
    if document.state == PackageState.DRAFT:
        warnings.append(_("Draft: not released, not to be sent."))
    elif document.state == PackageState.DISCARDED:
        warnings.append(_("Discarded: this draft was never released."))
    elif document.state == PackageState.REPLACED:
        warnings.append(_("Replaced: {note}").format(note=document.state_note))
    elif document.state == PackageState.WITHDRAWN:
        warnings.append(_("Withdrawn: {note}").format(note=document.state_note))
    if document.state in LASTING_STATES and document.state_note:
        warnings.append(_("Out of date: {note}").format(note=document.state_note))
    facts = [
        (_("Substance"), document.substance.name),
        (_("Handling"), f"TLP:{document.tlp}"),
        (_("Made"), f"{document.made_at:%Y-%m-%d %H:%M} UTC"),
        (_("Basis"), document.legal_basis),
    ]
    if document.replaces is not None:
        words = _("version {version} of {day}: {reason}").format(
            version=document.replaces.version,
            day=document.replaces.released_at.date().isoformat(),
            reason=document.replaces.reason,
        )
        facts.append((_("Replaces"), words))
    country = f" ({name_country(document.country)})" if document.country else ""
    return Head(
        sender=f"{document.sender}{country}",
        title=document.title,
        identifier=_("{identifier}, version {version}").format(
            identifier=document.identifier, version=document.version
        ),
        facts=tuple(facts),
        warnings=tuple(warnings),
    )


def derive_heading(document: PackageDocument, section: Section) -> str:
    """Return the heading of a section; of a drug alert notification with its letter."""
    if document.kind == PackageKind.DRUG_ALERT:
        return f"({section.key}) {section.heading}"
    return section.heading


def derive_gaps(gaps: Sequence[Gap]) -> str:
    """Name what is not held, or return an empty text where nothing is missing."""
    if not gaps:
        return ""
    named = "; ".join(f"{gap.label}{describe_sources(gap.sources)}" for gap in gaps)
    return _("Not held: {named}").format(named=named)


def describe_sources(numbers: Sequence[int]) -> str:
    """Say which sources a statement is from, or return an empty text for the only one.

    >>> describe_sources((1, 3, 4, 5))
    ' [1, 3–5]'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return f" [{', '.join(map(_write_run, runs))}]" if runs else ""


def _write_run(run: Sequence[int]) -> str:
    """Write numbers that follow each other, three and more as a range."""
    return f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run))


def describe_item(item: Item) -> str:
    """Return the text of an item with its sources."""
    return f"{item.text}{describe_sources(item.sources)}"


def list_source_lines(document: PackageDocument) -> list[str]:
    """Say of each source whose record it is, which version, and the digest of its content."""
    return [
        _("[{number}] {owner}, {reference}, version {version}, SHA-256 {digest}").format(
            number=source.number,
            owner=source.owner,
            reference=source.reference or _("without a reference"),
            version=source.version,
            digest=source.sha256,
        )
        for source in document.sources
    ]


def name_sources(document: PackageDocument) -> str:
    """Return the heading of the list of sources."""
    count = len(document.sources)
    return ngettext("Made from this record", "Made from these records", count)
