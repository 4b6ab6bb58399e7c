"""The register's structures, each read and standardised, and pairs that may be tautomers.

    python -m tocsin.substances.curation.structures

Printed is each structure that is not written as standardising writes it or is not its own parent,
and each pair for a person to look at. Exit code 1 where a structure is wrong.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tocsin.science.chemical_forms import find_form
from tocsin.science.tautomers import list_tautomer_pairs
from tocsin.substances.formats.register_files import (
    SEED_DIRECTORY,
    RegisterSubstance,
    read_register,
)


def list_structure_faults(substances: Iterable[RegisterSubstance]) -> Iterator[str]:
    """List in a sentence each structure that is not standardised or is a form of another.

    Raises BadStructureError as parse_structure.
    """
    for one in substances:
        if not one.smiles:
            continue
        part = find_form(one.smiles)
        if part is None:
            yield f"{one.key}: is a mixture"
        elif part.form:
            yield f"{one.key}: is the {part.form} of {part.parent.smiles}"
        elif part.parent.smiles != one.smiles:
            yield f"{one.key}: found {one.smiles}; expected {part.parent.smiles}"


def main(directory: Path = SEED_DIRECTORY) -> None:
    """Print what is wrong with the register's structures, and what may be tautomers.

    Raises BadRegisterError as read_register does, which reads every structure here.
    """
    substances = read_register(directory, verify=True).substances
    faults = list(list_structure_faults(substances))
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    pairs = list_tautomer_pairs(
        (one.key, one.smiles, one.formula) for one in substances if one.smiles
    )
    for first, second, reason in pairs:
        sys.stdout.write(f"{first} and {second} may be tautomers: {reason}\n")
    sys.stdout.write(f"{len(faults)} structures to mend, {len(pairs)} pairs to look at\n")
    if faults:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
