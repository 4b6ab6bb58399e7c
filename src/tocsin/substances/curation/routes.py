"""Two routes to one structure, compared; and the line of the register that follows from it.

    python -m tocsin.substances.curation.routes CANDIDATES.csv > ROWS.csv

CANDIDATES.csv has the columns id, name, smiles, route_1, second, route_2, cas, where second is
the SMILES or the InChIKey of the second route, or empty. ROWS.csv has the columns of
``register/<class>.csv``; ``reviewed`` is true only where both routes give one structure.
"""

import argparse
import csv
import sys
from pathlib import Path
from typing import Literal

from rdkit import Chem, rdBase

from tocsin.errors import BadRegisterError
from tocsin.science.cas import parse_cas_number
from tocsin.science.chemical_forms import derive_parent
from tocsin.science.structures import Structure, is_inchikey, parse_structure
from tocsin.substances.formats.register_files import SUBSTANCE_COLUMNS
from tocsin.substances.vocabulary import SubstanceKind

CANDIDATE_COLUMNS = ["id", "name", "smiles", "route_1", "second", "route_2", "cas"]

Agreement = Literal["same", "second-states-less", "second-states-more", "differs"]

NOTES: dict[Agreement, str] = {
    "same": "",
    "second-states-less": "The second route states no configuration, or a part of it only.",
    "second-states-more": "The second route states a configuration that the name does not.",
    "differs": "gives another structure.",
}

_CONNECTIVITY_CHARACTERS = 14
_NO_CONFIGURATION = "UHFFFAOYSA"


def compare_routes(smiles: str, second: str) -> Agreement:
    """Say whether a second route gives the structure of a SMILES, a salt as its parent.

    second: a SMILES or an InChIKey. Two structures agree if their connectivity is the same and no
    centre or double bond that both state is stated differently. An InChIKey with a configuration
    of its own agrees only as a whole.
    Raises BadStructureError as parse_structure.

    >>> compare_routes("C[C@H](N)Cc1ccccc1", "CC(N)Cc1ccccc1")
    'second-states-less'
    >>> compare_routes("C[C@H](N)Cc1ccccc1", "C[C@@H](N)Cc1ccccc1")
    'differs'
    """
    first = parse_structure(smiles)
    if is_inchikey(second):
        return _compare_keys(first.inchikey, second)
    other = parse_structure(second)
    if other.inchikey != first.inchikey:
        other = derive_parent(second)
    agreement = _compare_keys(first.inchikey, other.inchikey)
    if agreement != "differs" or not _have_one_connectivity(first.inchikey, other.inchikey):
        return agreement
    return _compare_configurations(first, other)


def _have_one_connectivity(first: str, second: str) -> bool:
    return first[:_CONNECTIVITY_CHARACTERS] == second[:_CONNECTIVITY_CHARACTERS]


def _compare_keys(first: str, second: str) -> Agreement:
    if first == second:
        return "same"
    if not _have_one_connectivity(first, second):
        return "differs"
    if second[15:].startswith(_NO_CONFIGURATION):
        return "second-states-less"
    return "second-states-more" if first[15:].startswith(_NO_CONFIGURATION) else "differs"


def _compare_configurations(first: Structure, second: Structure) -> Agreement:
    """Compare two structures that both state a configuration, one perhaps only a part of it."""
    with rdBase.BlockLogs():
        one, other = Chem.MolFromSmiles(first.smiles), Chem.MolFromSmiles(second.smiles)
        if one.HasSubstructMatch(other, useChirality=True):
            return "second-states-less"
        if other.HasSubstructMatch(one, useChirality=True):
            return "second-states-more"
    return "differs"


def derive_row(candidate: dict[str, str]) -> dict[str, str]:
    """Derive the register's line for a candidate, with a note on what the second route said.

    Raises BadStructureError and BadCasNumberError for what cannot be read.
    """
    structure = parse_structure(candidate["smiles"])
    note, reviewed = "", False
    if candidate["second"] and candidate["route_1"].casefold() != candidate["route_2"].casefold():
        agreement = compare_routes(candidate["smiles"], candidate["second"])
        reviewed = agreement != "differs"
        note = NOTES[agreement] if reviewed else f"{candidate['route_2']} {NOTES[agreement]}"
    return {
        "id": candidate["id"],
        "name": candidate["name"],
        "kind": str(SubstanceKind.SUBSTANCE.value),
        "smiles": structure.smiles,
        "inchikey": structure.inchikey,
        "formula": structure.formula,
        "mass_da": f"{structure.mass_da:.3f}",
        "cas": parse_cas_number(candidate["cas"]) if candidate["cas"] else "",
        "reviewed": "true" if reviewed else "false",
        "route_1": candidate["route_1"],
        "route_2": candidate["route_2"] if reviewed else "",
        "note": note,
    }


def main(arguments: list[str] | None = None) -> None:
    """Print the register's lines for a file of candidates."""
    parser = argparse.ArgumentParser(description="Compare two routes to each structure.")
    parser.add_argument("file", type=Path)
    chosen = parser.parse_args(arguments)
    with chosen.file.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if reader.fieldnames != CANDIDATE_COLUMNS:
            raise BadRegisterError(
                f"{chosen.file.name}, line 1: found headings {reader.fieldnames}; "
                f"expected {','.join(CANDIDATE_COLUMNS)!r}"
            )
        writer = csv.DictWriter(sys.stdout, SUBSTANCE_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(derive_row(row) for row in reader)


if __name__ == "__main__":
    main()
