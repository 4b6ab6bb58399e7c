"""Derive the entries of an instrument that lists substances by name, from a list kept by hand.

Run as ``python -m tocsin.law.curation.lists LIST --register DIR --identifiers FILE --narcotics FILE
--output FILE``. A list names annex, names and act of each entry, as the text read has them. A
structure is taken where two independent routes agree: those of the register, those of an entry of
the narcotics act under the same name, or the systematic name read by OPSIN and another source.
"""

import argparse
import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tocsin.law.curation.routes import (
    add_structures,
    is_same_name,
    read_candidates,
    read_handwritten,
)

SYSTEMATIC_NAMES = Path(__file__).with_name("systematic_names.csv")
_FLAT = "UHFFFAOYSA"
COLUMNS = [
    "key",
    "annex",
    "names",
    "systematic_name",
    "act",
    "valid_from",
    "possible_from",
    "valid_to",
    "publication",
    "smiles",
    "inchikey",
    "review",
    "routes",
    "exemption",
    "exempt_up_to_mg",
    "unverified",
]


def derive_key(annex: str, names: str) -> str:
    """Derive an entry's key from its annex and leading name.

    >>> derive_key("II", "4,4'-DMAR | para-Methyl-4-methylaminorex")
    'II-4-4-dmar'
    """
    leading = names.partition(" | ")[0].lower()
    return f"{annex}-{re.sub(r'[^a-z0-9]+', '-', leading).strip('-')}"


def read_list(path: Path) -> list[dict[str, str]]:
    """Read a list kept by hand as entries without structures."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [dict.fromkeys(COLUMNS, "") | row | {"key": _key(row)} for row in rows]


def _key(row: Mapping[str, str]) -> str:
    return derive_key(row["annex"], row["names"])


def take_from_narcotics(
    entries: Sequence[dict[str, str]], narcotics: Sequence[Mapping[str, str]]
) -> None:
    """Give entries the structure that the narcotics act's entry of the same name has.

    One that is there already gives way only if it states no configuration and the other does.
    """
    for entry in entries:
        found = {row["smiles"]: row for row in narcotics if row["smiles"] and _share(entry, row)}
        if len(found) != 1:
            continue
        row = next(iter(found.values()))
        is_same_skeleton = row["inchikey"][:14] == entry["inchikey"][:14]
        says_more = _FLAT in entry["inchikey"] and _FLAT not in row["inchikey"]
        if not entry["smiles"] or (is_same_skeleton and says_more):
            entry.update({key: row[key] for key in ("smiles", "inchikey", "review", "routes")})


def _share(entry: Mapping[str, str], row: Mapping[str, str]) -> bool:
    theirs = [name for one in row["names"].split(" | ") for name in re.split(r"[(),]", one)]
    return any(
        is_same_name(ours, other.strip())
        for ours in entry["names"].split(" | ")
        for other in theirs
        if len(other.strip()) > 2
    )


def read_systematic_names(path: Path = SYSTEMATIC_NAMES) -> dict[str, str]:
    """Read what OPSIN 2.9.0 made of systematic names: SMILES by name."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["systematic_name"]: row["opsin_smiles"] for row in csv.DictReader(lines)}


def main() -> None:
    """Read the arguments and write the entries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("list", type=Path)
    parser.add_argument("--register", type=Path, required=True)
    parser.add_argument("--identifiers", type=Path, required=True)
    parser.add_argument("--narcotics", type=Path, required=True, help="entries.csv of the BtMG")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    entries = read_list(arguments.list)
    systematic = read_systematic_names()
    add_structures(
        entries,
        {
            entry["key"].partition("-")[2]: systematic[entry["systematic_name"]]
            for entry in entries
            if entry["systematic_name"] in systematic
        },
        read_candidates(arguments.register, arguments.identifiers),
        read_handwritten(Path(__file__).with_name("handwritten.csv")),
    )
    with arguments.narcotics.open(encoding="utf-8", newline="") as lines:
        take_from_narcotics(entries, list(csv.DictReader(lines)))
    with arguments.output.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(entries)


if __name__ == "__main__":
    main()
