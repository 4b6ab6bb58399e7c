"""Give entries whose names state a configuration a drawing that states it too.

Run as ``python -m tocsin.law.curation.configurations``, after the entries were derived. A drawing
made by hand is taken only where OPSIN reads the same configuration from the systematic name: the
whole InChIKeys are compared, not their first blocks.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from tocsin.errors import BadLawFileError
from tocsin.law.curation.lists import read_systematic_names
from tocsin.law.loading import DATA, read_csv
from tocsin.law.subject import read_subject

LIST = Path(__file__).with_name("configurations.csv")
_ROUTES = "structure written by hand from the name | systematic name by OPSIN 2.9.0"


def derive_structure(row: Mapping[str, str], systematic: Mapping[str, str]) -> dict[str, str]:
    """Derive the columns of a structure on which drawing and systematic name agree.

    systematic: what OPSIN made of systematic names.
    Raises BadLawFileError where they are not of one configuration.
    """
    drawn = read_subject(row["smiles"])
    named = read_subject(systematic[row["systematic_name"]]).inchikey
    if drawn.inchikey != named:
        raise BadLawFileError(
            f"entry {row['key']}: found {named} for {row['systematic_name']!r}; expected "
            f"{drawn.inchikey} as drawn"
        )
    return {
        "smiles": drawn.smiles,
        "inchikey": drawn.inchikey,
        "review": "two-routes",
        "routes": _ROUTES,
    }


def rewrite(path: Path, structures: Mapping[str, Mapping[str, str]]) -> None:
    """Rewrite a file of entries with the structures given by their keys."""
    rows = read_csv(path)
    missing = sorted(set(structures) - {row["key"] for row in rows})
    if missing:
        raise BadLawFileError(f"{path.name}: found no entry {', '.join(missing)}; expected each")
    for row in rows:
        row.update(structures.get(row["key"], {}))
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def rewrite_all(rows: Sequence[Mapping[str, str]], data: Path) -> None:
    """Rewrite the entries of every instrument that a list of configurations names."""
    systematic = read_systematic_names()
    for instrument in sorted({row["instrument"] for row in rows}):
        structures = {
            row["key"]: derive_structure(row, systematic)
            for row in rows
            if row["instrument"] == instrument
        }
        rewrite(data / instrument / "entries.csv", structures)


if __name__ == "__main__":
    rewrite_all(read_csv(LIST), DATA)
