"""Derive the scheduled precursors from a compiled table, with structures by two routes.

Run as ``python -m tocsin.law.curation.precursors TABLE --register DIR --identifiers FILE
--names FILE --output FILE``. A CAS number or CN code the table does not hold stays empty.
"""

import argparse
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tocsin.law.curation.routes import (
    Candidate,
    is_alike,
    read_candidates,
    read_handwritten,
)
from tocsin.law.subject import read_subject

COLUMNS = [
    "key",
    "annex",
    "names",
    "state",
    "act",
    "valid_from",
    "possible_from",
    "valid_to",
    "cas",
    "cn_code",
    "threshold",
    "smiles",
    "inchikey",
    "review",
    "routes",
    "exemption",
    "exempt_up_to_mg",
    "unverified",
]
_DATED_ACTS = ("2018/729", "2020/1737", "2023/196", "2024/1331", "2025/1475")
"""Acts whose days stand in ``instrument.toml`` with their sources."""
_GATHERED_ON = "2026-11-01"
_APPLIED_ON = "2005-08-18"
"""Regulation (EC) No 273/2004 applies from this day; rows without an adding act stood in it."""


def read_structures(path: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Read SMILES and names by CAS number from a table of identifiers."""
    found = {}
    with path.open(encoding="utf-8") as lines:
        for text in lines:
            cells = text.rstrip("\n").split("\t")
            found[cells[1]] = (cells[4], tuple(cells[7:40]))
    return found


def derive_entries(
    rows: Sequence[Mapping[str, str]],
    structures: Mapping[str, tuple[str, tuple[str, ...]]],
    candidates: Mapping[str, Sequence[Candidate]],
    handwritten: Mapping[str, str],
) -> Iterator[dict[str, str]]:
    """Derive an entry of each row; a structure only where a second source has it too."""
    for row in rows:
        act = row["eu_act_if_added_later"]
        days, doubts = _derive_days(act)
        for column, confidence in (("CN code", "cn_confidence"), ("CAS", "cas_confidence")):
            if row[confidence] not in {"seen", "n/a"}:
                doubts.append(f"{column}: {row[confidence]}")
        if "memory" in act:
            doubts.append(f"adding act: {act}")
        entry = {
            "key": re.sub(r"[^a-z0-9]+", "-", row["name"].lower()).strip("-"),
            "annex": row["category"],
            "names": row["name"],
            "state": _GATHERED_ON,
            **days,
            "valid_to": "",
            "cas": row["cas"],
            "cn_code": row["cn_code"],
            "threshold": row["annual_threshold"],
            "review": "name-only",
            "unverified": " | ".join(doubts),
        }
        smiles, names = structures.get(row["cas"], ("", ()))
        source = "CAS number by chemicals 1.5.2"
        if not smiles and row["name"] in handwritten:
            smiles, names = handwritten[row["name"]], (row["name"],)
            source = "structure written by hand from the name"
        if smiles:
            route = _find_second_route(row["name"], smiles, names, candidates, handwritten)
            if route and route != source:
                subject = read_subject(smiles)
                entry |= {
                    "smiles": subject.smiles,
                    "inchikey": subject.inchikey,
                    "review": "two-routes",
                    "routes": f"{source} | {route}",
                }
        yield entry


def _derive_days(act: str) -> tuple[dict[str, str], list[str]]:
    """Derive the days of an entry from the act that added it, and what is not certain of them."""
    dated = next((one for one in _DATED_ACTS if act.startswith(one)), "")
    if dated:
        return {"act": dated, "valid_from": "", "possible_from": ""}, []
    year = re.search(r"20\d\d", act)
    if year:
        # An act is taken to apply by the end of the year after its own at the latest.
        days = {
            "valid_from": min(f"{int(year[0]) + 1}-12-31", _GATHERED_ON),
            "possible_from": f"{year[0]}-01-01",
        }
        return days, [f"first day: the day is not in the table; added by {act}"]
    doubt = "first day: the day Regulation (EC) No 273/2004 applied, not in the table"
    return {"valid_from": _APPLIED_ON, "possible_from": _APPLIED_ON}, [doubt]


def _find_second_route(
    name: str,
    smiles: str,
    names: Sequence[str],
    candidates: Mapping[str, Sequence[Candidate]],
    handwritten: Mapping[str, str],
) -> str:
    """Find the source that has the same structure independently; empty where there is none."""
    block = read_subject(smiles).inchikey[:14]
    by_hand = handwritten.get(name, "")
    if by_hand and by_hand != smiles and read_subject(by_hand).inchikey[:14] == block:
        return "structure written by hand from the name"
    if any(is_alike(name, other) for other in names):
        for candidate in candidates.get(block, ()):
            if candidate.source != "chemicals 1.5.2":
                return candidate.source
    return ""


def read_named(path: Path) -> dict[str, list[Candidate]]:
    """Read a table of names with InChIKeys as candidates by first block."""
    found: dict[str, list[Candidate]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            found.setdefault(line["inchikey"][:14], []).append(
                Candidate((line["laboratory_name"], line["massbank_name"]), "MassBank identifiers")
            )
    return found


def main() -> None:
    """Read the arguments and write the entries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--register", type=Path, required=True)
    parser.add_argument("--identifiers", type=Path, required=True)
    parser.add_argument("--more-identifiers", type=Path, help="a second table of this layout")
    parser.add_argument("--names", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    with arguments.table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    candidates = read_candidates(arguments.register, arguments.identifiers)
    for block, found in read_named(arguments.names).items():
        candidates.setdefault(block, []).extend(found)
    with arguments.output.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n", restval="")
        writer.writeheader()
        handwritten = read_handwritten(Path(__file__).with_name("handwritten_precursors.csv"))
        structures = read_structures(arguments.identifiers)
        if arguments.more_identifiers:
            structures |= read_structures(arguments.more_identifiers)
        writer.writerows(derive_entries(rows, structures, candidates, handwritten))


if __name__ == "__main__":
    main()
