"""Substances listed by name: found by structure, with what the text says of stereoisomers."""

import datetime
import re
from dataclasses import dataclass

from tocsin.law.derivatives import find_derivatives
from tocsin.law.model import Exemption, Instrument, ListedSubstance, Verdict
from tocsin.law.subject import Part

_FLAT = "UHFFFAOYSA"
# The law writes a racemate with both letters at each centre: (RS), (9RS,13RS,14RS), (RS;SR).
# International names of racemates begin with "Racem", or end with the word.
_RACEMATE = re.compile(r"\d*a?\s*(RS|SR)\b|\bRacem|\bracemate\b")
# A configuration in words that the drawing may lack: 6ß-ol, 2alpha-carboxylat.
_CONFIGURATION = re.compile(r"\d(α|β|ß|alpha|beta)")
# What a name carries before that of the stereoisomer that is usually meant.
_DESCRIPTOR = re.compile(r"\(|[dl]-|iso|pseudo|levo|dextro", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListedFinding:
    """A listed substance a part was found to be, and how surely."""

    entry: ListedSubstance
    verdict: Verdict
    reason: str
    smiles: str
    atoms: tuple[int, ...]


def find_listed(
    instrument: Instrument, part: Part, full_inchikey: str, on: datetime.date
) -> list[ListedFinding]:
    """Find the entries of an instrument that list a part on a day, the surest and nearest first.

    full_inchikey: of the part with its stereochemistry. Among entries equally sure, the one of
    the same configuration comes first, then the racemate or parent, then other stereoisomers.
    """
    entries = [
        entry
        for entry in instrument.entries_by_skeleton.get(part.skeleton, ())
        if entry.possible_from <= on and (entry.valid_to is None or on <= entry.valid_to)
    ]
    if entries:
        found = [_judge(entry, part, full_inchikey, on) for entry in entries]
    elif instrument.covers_derivatives:
        found = _find_derived(instrument, part, on)
    else:
        return []
    # What is left of a derivative when a bond is cut is compared without configuration.
    asked_stereo = _stereo(full_inchikey) if entries else _FLAT
    found.sort(
        key=lambda one: (one.verdict is not Verdict.CONTROLLED, _distance(one.entry, asked_stereo))
    )
    if found and found[0].verdict is Verdict.CONTROLLED:
        return [one for one in found if one.verdict is Verdict.CONTROLLED]
    return found


def find_pending(instrument: Instrument, part: Part, on: datetime.date) -> list[ListedSubstance]:
    """Find the entries that will list a part after a day on which a step towards them was taken."""
    return [
        entry
        for entry in instrument.entries_by_skeleton.get(part.skeleton, ())
        if on < entry.possible_from and any(date.began_on <= on for date in entry.dates)
    ]


def _find_derived(instrument: Instrument, part: Part, on: datetime.date) -> list[ListedFinding]:
    """Find the listed substances of which a part is an ester or ether."""
    return [
        ListedFinding(
            one.entry,
            Verdict.ARGUABLE,
            f"{one.kind} of {one.entry.names[0]}; the text covers {one.kind}s of what it lists",
            part.smiles,
            one.atoms,
        )
        for one in find_derivatives(instrument, part)
        if one.entry.possible_from <= on
        and (one.entry.valid_to is None or on <= one.entry.valid_to)
    ]


def find_by_name(instrument: Instrument, name: str, on: datetime.date) -> list[ListedSubstance]:
    """Find the entries that write a name, on a day; letters' case and spacing do not count."""
    wanted = _plain(name)
    return [
        entry
        for entry in instrument.entries
        if entry.possible_from <= on
        and (entry.valid_to is None or on <= entry.valid_to)
        and wanted in {_plain(one) for one in entry.names}
    ]


def _judge(
    entry: ListedSubstance, part: Part, full_inchikey: str, on: datetime.date
) -> ListedFinding:
    listed_stereo, asked_stereo = _stereo(entry.inchikey), _stereo(full_inchikey)
    racemate = _is_racemate(entry)
    if on < entry.valid_from:
        verdict = Verdict.ARGUABLE
        reason = (
            f"{entry.names[0]} came onto the list between {entry.possible_from} and "
            f"{entry.valid_from}; the day is not in the copies read"
        )
    elif listed_stereo == asked_stereo:
        verdict, reason = Verdict.CONTROLLED, f"listed as {entry.names[0]}"
    elif asked_stereo == _FLAT and not entry.is_distinct:
        verdict = Verdict.CONTROLLED
        reason = f"listed as {entry.names[0]}; the structure asked for states no configuration"
    elif asked_stereo == _FLAT:
        verdict = Verdict.ARGUABLE
        listed = "the racemate" if racemate else "one stereoisomer"
        reason = f"{entry.names[0]} lists {listed}; the configuration is not stated"
    elif listed_stereo == _FLAT and not racemate:
        verdict = Verdict.CONTROLLED
        reason = f"listed as {entry.names[0]}, which states no configuration"
    else:
        verdict = Verdict.ARGUABLE
        reason = (
            f"another stereoisomer of {entry.names[0]}; the text covers it on conditions a "
            "structure does not show"
        )
    return ListedFinding(
        entry, verdict, reason, part.smiles, tuple(range(part.molecule.GetNumAtoms()))
    )


def _distance(entry: ListedSubstance, asked_stereo: str) -> tuple[int, bool, bool]:
    """How far an entry is from the configuration asked for; the nearest entry sorts first.

    Then entries with a drawn configuration, and names that need no descriptor, go before.
    """
    listed_stereo, racemate = _stereo(entry.inchikey), _is_racemate(entry)
    flat = listed_stereo == _FLAT
    if flat and not racemate and _CONFIGURATION.search(entry.systematic_name):
        step = 2
    elif listed_stereo == asked_stereo and (flat or not racemate):
        step = 0
    else:
        step = 1 if flat or racemate else 2
    return step, flat, bool(_DESCRIPTOR.match(entry.names[0]))


def _is_racemate(entry: ListedSubstance) -> bool:
    return any(_RACEMATE.search(name) for name in (*entry.names, entry.systematic_name))


def _stereo(inchikey: str) -> str:
    return inchikey.split("-")[1] if inchikey.count("-") == 2 else _FLAT


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def is_within(exemption: Exemption, percent: float | None, mass_mg: float | None) -> bool | None:
    """Tell whether a form meets an exemption's figures; None where a figure is missing.

    percent: content by mass. mass_mg: content of one dose, in mg.
    """
    if exemption.concentration_above_percent is not None:
        return None if percent is None else percent > exemption.concentration_above_percent
    if exemption.mass_up_to_mg is not None:
        return None if mass_mg is None else mass_mg <= exemption.mass_up_to_mg
    return None
