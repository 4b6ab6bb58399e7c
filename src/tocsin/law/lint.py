"""The law's data files checked: what a reader of the answers must be able to rely on."""

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import BadStructureError
from tocsin.law.dates import list_date_problems
from tocsin.law.loading import (
    list_folders,
    list_medicine_rows,
    load_examples,
    load_instrument,
)
from tocsin.law.model import Citation, Example, Extent, GenericClause, Instrument, Verdict, Version
from tocsin.law.patterns import map_numbers
from tocsin.law.subject import read_subject
from tocsin.law.versions import examine_version
from tocsin.science.cas import is_cas_number

FEWEST_EXAMPLES = 15
_FEWEST_COUNTED_UP = 4
_CN_CODE = re.compile(r"(ex )?\d{4} \d{2} \d{2}")


@dataclass(frozen=True, slots=True)
class LawFinding:
    """Something wrong in a data file: the instrument, a stable code, and what was found."""

    instrument: str
    code: str
    message: str


def lint_law(folders: Sequence[Path] | None = None) -> tuple[LawFinding, ...]:
    """Check every data file of the law, or those of the folders given.

    Codes: ``citation``, ``extent``, ``validity``, ``cas``, ``structure``, ``route``, ``grammar``,
    ``too-few-examples``, ``verdict``, ``dates``, ``cn-code``, ``counting-up``.
    """
    findings = [] if folders is not None else list(_check_medicines())
    for folder in list_folders() if folders is None else folders:
        instrument = load_instrument(folder)
        examples = load_examples(folder)
        for code, message in (
            *_check_citations(instrument),
            *_check_extent(instrument),
            *_check_validity(instrument),
            *_check_entries(instrument),
            *_check_grammar(instrument),
            *_check_examples(instrument, examples),
            *_check_dates(instrument),
            *_check_cn_codes(instrument),
            *_check_counting_up(instrument),
        ):
            findings.append(LawFinding(instrument.key, code, message))
    return tuple(findings)


def _check_medicines() -> Iterator[LawFinding]:
    for row in list_medicine_rows():
        if read_subject(row["smiles"]).inchikey != row["inchikey"]:
            message = f"{row['name']}: SMILES and InChIKey are of two structures"
            yield LawFinding("medicines", "structure", message)


def _check_citations(instrument: Instrument) -> Iterator[tuple[str, str]]:
    cited: list[tuple[str, Citation]] = [
        *((f"version of {one.valid_from}", one.citation) for one in instrument.versions),
        *(
            (f"clause {clause.key}", clause.citation)
            for one in instrument.versions
            for clause in one.clauses
        ),
        *((entry.names[0], entry.citation) for entry in instrument.entries),
    ]
    for what, citation in cited:
        if not (citation.place and citation.publication and citation.source):
            yield "citation", f"{what}: place, publication or source is missing"


def _check_extent(instrument: Instrument) -> Iterator[tuple[str, str]]:
    """Find instruments that are not loaded whole and do not say what is missing."""
    if instrument.extent is Extent.WHOLE:
        return
    if not instrument.notes:
        yield "extent", f"loaded: {instrument.extent}; no notes say what is missing"
    if instrument.extent is Extent.NOTHING and (instrument.versions or instrument.entries):
        yield "extent", "loaded: nothing; found versions or entries"


def _check_validity(instrument: Instrument) -> Iterator[tuple[str, str]]:
    for version in instrument.versions:
        if version.possible_from > version.valid_from:
            yield "validity", f"version of {version.valid_from}: possible_from is later"
    spans: dict[str, list[tuple[datetime.date, datetime.date]]] = {}
    for entry in instrument.entries:
        end = entry.valid_to or datetime.date.max
        if not entry.possible_from <= entry.valid_from <= end:
            yield "validity", f"{entry.key}: its days are out of order"
        for first, last in spans.get(entry.key, ()):
            if first <= end and entry.valid_from <= last:
                yield "validity", f"{entry.key}: two entries overlap"
        spans.setdefault(entry.key, []).append((entry.valid_from, end))


def _check_entries(instrument: Instrument) -> Iterator[tuple[str, str]]:
    for entry in instrument.entries:
        if entry.cas and not is_cas_number(entry.cas):
            yield "cas", f"{entry.names[0]}: {entry.cas} is no CAS number"
        if not entry.smiles:
            continue
        try:
            subject = read_subject(entry.smiles)
        except BadStructureError as problem:
            yield "structure", f"{entry.names[0]}: {problem}"
            continue
        if subject.inchikey != entry.inchikey:
            yield "structure", f"{entry.names[0]}: SMILES and InChIKey are of two structures"
        if entry.review != "two-routes" or len(set(entry.routes)) < 2:
            yield "route", f"{entry.names[0]}: has a structure without two routes"


def _check_dates(instrument: Instrument) -> Iterator[tuple[str, str]]:
    dated = (
        instrument.dates,
        *(version.dates for version in instrument.versions),
        *{entry.dates: None for entry in instrument.entries},
    )
    for dates in dated:
        for problem in list_date_problems(dates):
            yield "dates", problem
    for entry in instrument.entries:
        begins = [one for one in entry.dates if one.kind in ("in-force", "applies")]
        for date in begins:
            if not entry.possible_from <= date.on <= entry.valid_from:
                yield (
                    "dates",
                    f"{entry.key}: {date.kind} {date.on} is outside its days, "
                    f"{entry.possible_from} to {entry.valid_from}",
                )


def _check_cn_codes(instrument: Instrument) -> Iterator[tuple[str, str]]:
    """Find codes that are not eight digits in groups of four, two and two, after ``ex`` or not."""
    for entry in instrument.entries:
        for code in entry.cn_code.split("; ") if entry.cn_code else ():
            if not _CN_CODE.fullmatch(code):
                yield "cn-code", f"{entry.names[0]}: {code!r} has not the form of a CN code"


def _check_grammar(instrument: Instrument) -> Iterator[tuple[str, str]]:
    for version in instrument.versions:
        for clause in version.clauses:
            for problem in _check_places(clause):
                yield "grammar", f"clause {clause.key} of {version.valid_from}: {problem}"


def _check_places(clause: GenericClause) -> Iterator[str]:
    ruled = set(clause.positions)
    joined = {name for bridge in clause.bridges for pair in bridge.between for name in pair}
    used: set[str] = set()
    for scaffold in clause.scaffolds:
        numbers = set(map_numbers(scaffold.smarts).values())
        for number in set(scaffold.places) - numbers:
            yield f"scaffold {scaffold.name!r} has no atom numbered {number}"
        named = set(scaffold.places.values()) | {
            name for name in (scaffold.ring_position, scaffold.ring_hetero_position) if name
        }
        used |= named
        for name in sorted(named - ruled - joined):
            yield f"position {name!r} has no rule"
        if scaffold.ring_systems and scaffold.ring_atom not in numbers:
            yield f"scaffold {scaffold.name!r} has no ring atom {scaffold.ring_atom}"
    for name in sorted((ruled | joined) - used):
        yield f"rule {name!r} stands at no place"


def _check_examples(
    instrument: Instrument, examples: dict[tuple[str, str], list[Example]]
) -> Iterator[tuple[str, str]]:
    for version in instrument.versions:
        for clause in version.clauses:
            listed = examples.get((version.name, clause.key), [])
            counts = Counter(one.verdict for one in listed)
            # Where no drawing was seen there is no certain hit, and the arguable ones count.
            hits = counts[Verdict.ARGUABLE if clause.is_unseen else Verdict.CONTROLLED]
            misses = counts[Verdict.NOT_FOUND] + counts[Verdict.EXCLUDED]
            if min(hits, misses) < FEWEST_EXAMPLES:
                yield (
                    "too-few-examples",
                    f"clause {clause.key} of {version.valid_from}: {hits} positive and {misses} "
                    f"negative examples; expected at least {FEWEST_EXAMPLES} each",
                )
            for example in listed:
                found = derive_verdict(version, clause.key, example.smiles)
                if found is not example.verdict:
                    yield (
                        "verdict",
                        f"clause {clause.key} of {version.valid_from}, {example.name}: found "
                        f"{found.value}; expected {example.verdict.value}",
                    )


def derive_verdict(version: Version, key: str, smiles: str) -> Verdict:
    """Derive what one clause of a version says of a structure, with exceptions and precedence.

    Narcotics and medicines are not looked at. Raises BadStructureError for an unreadable SMILES.
    """
    part = read_subject(smiles).parts[0]
    for finding in examine_version(version, part):
        if finding.clause.key == key:
            return finding.verdict
    return Verdict.NOT_FOUND


def _check_counting_up(instrument: Instrument) -> Iterator[tuple[str, str]]:
    """Find runs of codes that rise by one heading a row, as a spreadsheet's fill-down makes them."""
    run: list[str] = []
    headings = [_heading(entry.cn_code) for entry in instrument.entries]
    for before, here, entry in zip([None, *headings], headings, instrument.entries, strict=False):
        rises = before is not None and here is not None and here[0] == before[0] + 1
        if rises and before is not None and here is not None and here[1] == before[1]:
            run.append(entry.names[0])
        else:
            if len(run) >= _FEWEST_COUNTED_UP - 1:
                yield "counting-up", f"CN codes rise row by row up to {run[-1]}"
            run = []
    if len(run) >= _FEWEST_COUNTED_UP - 1:
        yield "counting-up", f"CN codes rise row by row up to {run[-1]}"


def _heading(cn_code: str) -> tuple[int, str] | None:
    digits = cn_code.removeprefix("ex").replace(" ", "")
    if not digits[:4].isdigit():
        return None
    return int(digits[:4]), digits[4:]
