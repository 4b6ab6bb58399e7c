"""Structures by two independent routes: what a name says, and what another source has."""

import csv
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rdkit import Chem

from tocsin.errors import BadStructureError
from tocsin.law.subject import read_subject

_LIKENESS = 0.72
_HAND = "structure written by hand from the name"
_OPSIN = "systematic name by OPSIN 2.9.0"


@dataclass(frozen=True)
class Candidate:
    """A structure by an independent route: its names, and the source's name."""

    names: tuple[str, ...]
    source: str
    smiles: str = ""
    second_source: str = ""


def read_handwritten(path: Path) -> dict[str, str]:
    """Read structures a curator wrote by hand from the names: SMILES by name."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {line["name"]: line["smiles"] for line in csv.DictReader(lines)}


def read_candidates(registers: Path, identifiers: Path) -> dict[str, list[Candidate]]:
    """Read independent structures: candidates by the first block of their InChIKey."""
    found: dict[str, list[Candidate]] = {}
    names: dict[str, list[str]] = {}
    for path in sorted((registers / "names").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for line in csv.DictReader(lines):
                names.setdefault(line["substance"], []).append(line["name"])
    for path in sorted((registers / "register").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for line in csv.DictReader(lines):
                if line["inchikey"]:
                    written = (line["name"], *names.get(line["id"], ()))
                    found.setdefault(line["inchikey"][:14], []).append(
                        Candidate(
                            written,
                            "register, structure written by hand",
                            line["smiles"] if line["reviewed"] == "true" else "",
                            line["route_2"],
                        )
                    )
    with identifiers.open(encoding="utf-8") as lines:
        for text in lines:
            cells = text.rstrip("\n").split("\t")
            found.setdefault(cells[6][:14], []).append(
                Candidate(tuple(cells[7:60]), "chemicals 1.5.2")
            )
    return found


def add_structures(
    entries: Sequence[dict[str, str]],
    named: Mapping[str, str],
    candidates: Mapping[str, Sequence[Candidate]],
    handwritten: Mapping[str, str],
) -> None:
    """Give each entry the structure on which two independent routes agree, or none."""
    for entry in entries:
        entry.update({"smiles": "", "inchikey": "", "review": "name-only", "routes": ""})
        _take_from_register(entry, candidates)
        written = _written_names(entry)
        by_hand = [handwritten[name] for name in written if name in handwritten]
        named_smiles = named.get(entry["key"].partition("-")[2])
        for smiles, route in (
            *((one, _HAND) for one in by_hand),
            *(((named_smiles, _OPSIN),) if named_smiles else ()),
        ):
            _take_if_confirmed(entry, smiles, route, candidates, by_hand)


def _take_if_confirmed(
    entry: dict[str, str],
    smiles: str,
    route: str,
    candidates: Mapping[str, Sequence[Candidate]],
    by_hand: Sequence[str],
) -> None:
    """Take a structure if an independent source has it under a like name."""
    try:
        subject = read_subject(smiles)
    except BadStructureError:
        return
    # Wrongly read ester words come out as ions; a neutral substance has none.
    if len(subject.parts) != 1 or "." in smiles or _is_ion(smiles):
        return
    nearby = list(candidates.get(subject.inchikey[:14], ()))
    if route == _OPSIN:
        nearby.extend(
            Candidate((entry["systematic_name"],), _HAND)
            for one in by_hand
            if read_subject(one).inchikey[:14] == subject.inchikey[:14]
        )
    for candidate in nearby:
        if any(
            is_alike(ours, theirs) for ours in _written_names(entry) for theirs in candidate.names
        ):
            entry.update(
                {
                    "smiles": subject.smiles,
                    "inchikey": subject.inchikey,
                    "review": "two-routes",
                    "routes": f"{route} | {candidate.source}",
                }
            )
            return


def _is_ion(smiles: str) -> bool:
    molecule = Chem.MolFromSmiles(smiles)
    return molecule is None or Chem.GetFormalCharge(molecule) != 0


def _take_from_register(
    entry: dict[str, str], candidates: Mapping[str, Sequence[Candidate]]
) -> None:
    """Take a structure the register holds by two routes of its own, if the name is the same."""
    ours = {_plain(name) for name in _written_names(entry)} - {""}
    found = {
        candidate.smiles: candidate
        for group in candidates.values()
        for candidate in group
        if candidate.smiles and ours & {_plain(name) for name in candidate.names}
    }
    if len(found) != 1:
        return
    candidate = next(iter(found.values()))
    subject = read_subject(candidate.smiles)
    entry.update(
        {
            "smiles": subject.smiles,
            "inchikey": subject.inchikey,
            "review": "two-routes",
            "routes": f"{candidate.source} | {candidate.second_source}",
        }
    )


def _written_names(entry: Mapping[str, str]) -> list[str]:
    """List the whole names, what stands before a bracket, and the names inside it."""
    found = [entry["systematic_name"]]
    for name in entry["names"].split(" | "):
        found.append(name)
        front, bracket, inside = name.partition(" (")
        if bracket:
            found.append(front)
            found.extend(inside.rstrip(")* ").split(","))
    return [name for name in (one.strip() for one in found) if len(name) > 2]


def is_alike(ours: str, theirs: str) -> bool:
    """Tell whether two names are the same but for German and English spelling; digits count."""
    first, second = _plain(ours), _plain(theirs)
    if not first or not second:
        return False
    if first == second:
        return True
    if min(len(first), len(second)) < 5 or re.sub(r"\D", "", first) != re.sub(r"\D", "", second):
        return False
    return difflib.SequenceMatcher(None, first, second).ratio() >= _LIKENESS


def is_same_name(ours: str, theirs: str) -> bool:
    """Tell whether two names are one but for spelling and a silent last letter.

    >>> is_same_name("Acetylmethadol", "acetylmethadol"), is_same_name("Codeine", "Codein")
    (True, True)
    >>> is_same_name("Codeine", "Codeinone")
    False
    """
    first, second = (_plain(name).removesuffix("e") for name in (ours, theirs))
    return bool(first) and first == second


def _plain(name: str) -> str:
    lowered = name.lower().replace("α", "alpha").replace("β", "beta").replace("γ", "gamma")
    for german, english in (("ph", "f"), ("th", "t"), ("k", "c"), ("z", "c"), ("y", "i")):
        lowered = lowered.replace(german, english)
    return re.sub(r"[^a-z0-9]+", "", lowered)
