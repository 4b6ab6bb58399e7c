"""The register's file of statements that name no substance: ``no_substance_statements.csv``.

Columns: statement, language, meaning, source. The meaning is one of MEANINGS.
"""

import csv
from functools import cache
from pathlib import Path

from tocsin.errors import BadRegisterError
from tocsin.science.names import NoSubstanceStatements, normalise_statement
from tocsin.substances.formats.register_files import SEED_DIRECTORY

STATEMENT_FILE = "no_substance_statements.csv"
STATEMENT_COLUMNS = ["statement", "language", "meaning", "source"]

MEANINGS = {
    "nothing-found": "nothing was found",
    "not-analysed": "no analysis was made, or its result was not reported",
    "not-identified": "something was there, and it was not identified",
    "not-controlled": "something was there that is not controlled, and it was not named",
    "class-only": "a kind of substance is named, and no substance",
    "material": "a material or an object is named, and no substance",
}
"""What a statement means, by the word the file uses."""


@cache
def load_statements(directory: Path = SEED_DIRECTORY) -> NoSubstanceStatements:
    """Read the statements of the register's files once and hold them.

    Raises BadRegisterError naming the line, what was found and what was expected.
    """
    with (directory / STATEMENT_FILE).open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        if reader.fieldnames != STATEMENT_COLUMNS:
            raise BadRegisterError(
                f"{STATEMENT_FILE}, line 1: found headings {reader.fieldnames}; "
                f"expected {','.join(STATEMENT_COLUMNS)!r}"
            )
        held: dict[str, str] = {}
        for row in reader:
            statement = normalise_statement(row["statement"] or "")
            if not statement or row["meaning"] not in MEANINGS or statement in held:
                raise BadRegisterError(
                    f"{STATEMENT_FILE}, line {reader.line_num}: found {row['statement']!r} with "
                    f"the meaning {row['meaning']!r}; expected a statement not held before and "
                    f"one of {', '.join(MEANINGS)}"
                )
            held[statement] = MEANINGS[row["meaning"]]
    return NoSubstanceStatements(held.items())
