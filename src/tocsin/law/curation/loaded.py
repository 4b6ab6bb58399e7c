"""Say what is loaded, from which text and up to which day: the page ``law-loaded.md``.

Run as ``python -m tocsin.law.curation.loaded > docs/reference/law-loaded.md`` after data changed.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from tocsin.law.loading import load_instruments
from tocsin.law.model import Extent, Instrument, ListedSubstance

_HEAD = """# What law is loaded

Made from the data files by `python -m tocsin.law.curation.loaded`; a test holds the two together.
*Structures* counts the entries with a structure on which two routes agree: only these are found by structure.
*Unverified* counts the entries of which something had no source in front of the curator; each answer says what.
*Up to* is the day of the newest text or act read: of later days nothing is known.

"""
_EXTENTS = {Extent.WHOLE: "whole", Extent.PART: "in part", Extent.NOTHING: "not at all"}


def describe_loaded(instruments: Sequence[Instrument] | None = None) -> str:
    """Describe what is loaded of each instrument as a page of Markdown."""
    loaded = load_instruments() if instruments is None else instruments
    lines = [*_table(loaded)]
    for instrument in loaded:
        lines += ["", *_section(instrument)]
    return _HEAD + "\n".join(lines) + "\n"


def find_newest_day(instrument: Instrument) -> date | None:
    """Find the day of the newest text or act of an instrument that was read."""
    days = [
        *(one.citation.consolidated_on for one in instrument.versions),
        *(one.citation.consolidated_on for one in instrument.entries),
    ]
    return max(days, default=None)


def _table(instruments: Sequence[Instrument]) -> Iterator[str]:
    yield "| instrument | loaded | from | up to | entries | structures | unverified | definitions |"
    yield "|---|---|---|---|---|---|---|---|"
    for one in instruments:
        clauses = len({clause.key for version in one.versions for clause in version.clauses})
        cells = (
            f"{one.key}: {one.title}",
            _EXTENTS[one.extent],
            one.loaded_from or "–",
            find_newest_day(one) or "–",
            len(one.entries),
            sum(bool(entry.smiles) for entry in one.entries),
            sum(bool(entry.unverified) for entry in one.entries),
            clauses,
        )
        yield f"| {' | '.join(str(cell) for cell in cells)} |"


def _section(instrument: Instrument) -> Iterator[str]:
    yield f"## {instrument.key}"
    yield ""
    yield f"{instrument.citation}. {instrument.kind[:1].upper()}{instrument.kind[1:]}."
    yield ""
    for note in instrument.notes:
        yield f"- {note}"
    for note in instrument.unverified:
        yield f"- Unverified: {note}."
    for version in instrument.versions:
        yield f"- Definitions from {version.valid_from} on: {version.citation.publication}. {_sources(version.citation.source)}"
    for place, source, entries in _list_texts(instrument.entries):
        count = f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'}"
        yield f"- {place}: {count}. {_sources(source)}"
    steps = {(one.act, one) for entry in instrument.entries for one in entry.dates}
    if steps:
        yield ""
        yield "| act | step | day | source |"
        yield "|---|---|---|---|"
    for act, one in sorted(steps, key=lambda pair: (pair[1].on, pair[0])):
        days = f"{one.on}" if one.on == one.began_on else f"{one.began_on} to {one.on}"
        doubt = "" if one.verified else ", unverified"
        yield f"| {act} | {one.kind} | {days}{doubt} | {_sources(one.source)} |"


def _list_texts(
    entries: Sequence[ListedSubstance],
) -> Iterator[tuple[str, str, list[ListedSubstance]]]:
    """List the texts entries were read from, with the place in the instrument."""
    pairs = Counter((one.citation.place, one.citation.source) for one in entries)
    for place, source in pairs:
        yield (
            place,
            source,
            [
                one
                for one in entries
                if (one.citation.place, one.citation.source) == (place, source)
            ],
        )


def _sources(text: str) -> str:
    """A source as it stands, with addresses marked as such.

    >>> _sources("https://example.org/a (Article 3)")
    '<https://example.org/a> (Article 3)'
    """
    return " ".join(_mark(word) for word in text.split(" "))


def _mark(word: str) -> str:
    bare = word.rstrip(";,.")
    return f"<{bare}>{word[len(bare) :]}" if bare.startswith(("http://", "https://")) else word


if __name__ == "__main__":
    sys.stdout.write(describe_loaded())
