"""The register's file of forms: salts, hydrates and others with an InChIKey of their own.

``forms.csv``: UTF-8, comma-separated, one heading line; a folder without it has no forms.
"""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import BadCasNumberError, BadRegisterError
from tocsin.science.cas import parse_cas_number
from tocsin.science.names import is_name_shaped
from tocsin.science.structures import is_inchikey
from tocsin.substances.vocabulary import FormKind

FORM_FILE = "forms.csv"
FORM_COLUMNS = ["substance", "kind", "form", "name", "smiles", "inchikey", "cas", "source"]


@dataclass(frozen=True, slots=True)
class RegisterForm:
    """One form of a substance of the files."""

    substance_key: str
    kind: str
    form: str
    name: str
    smiles: str
    inchikey: str
    cas: str
    source: str


def read_forms(directory: Path, substance_keys: Collection[str]) -> tuple[RegisterForm, ...]:
    """Read the forms below a folder and check each against the keys of the substances.

    Checked: heading, known substances and kinds, names, each InChIKey and CAS number once, CAS
    check digits. That a structure gives its InChIKey and is that form of its substance takes long
    to compute and is held by a test. Raises BadRegisterError naming line, found and expected.
    """
    path = directory / FORM_FILE
    if not path.is_file():
        return ()
    forms: list[RegisterForm] = []
    held: set[str] = set()
    for line, cells in _list_rows(path):
        form = _parse_form(line, cells, substance_keys)
        for column, value in (("inchikey", form.inchikey), ("cas", form.cas)):
            if value in held:
                raise _refuse(line, column, value, "one that no other form has")
            held.update({value} - {""})
        forms.append(form)
    return tuple(forms)


def _list_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            heading = next(reader, [])
            if heading != FORM_COLUMNS:
                raise _refuse(1, "headings", ",".join(heading), ",".join(FORM_COLUMNS))
            for cells in reader:
                if len(cells) != len(FORM_COLUMNS):
                    found, expected = f"{len(cells)} cells", f"{len(FORM_COLUMNS)} cells"
                    raise _refuse(reader.line_num, "all", found, expected)
                yield reader.line_num, dict(zip(FORM_COLUMNS, cells, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadRegisterError(f"{FORM_FILE}: found {error}; expected CSV in UTF-8") from error


def _parse_form(line: int, cells: dict[str, str], substance_keys: Collection[str]) -> RegisterForm:
    cells = {column: text.strip() for column, text in cells.items()}
    if cells["substance"] not in substance_keys:
        raise _refuse(line, "substance", cells["substance"], "a substance of the register")
    if cells["kind"] not in FormKind.values:
        raise _refuse(line, "kind", cells["kind"], f"one of {', '.join(FormKind.values)}")
    if not is_name_shaped(cells["name"]):
        raise _refuse(line, "name", cells["name"], "a name")
    if not is_inchikey(cells["inchikey"]):
        raise _refuse(line, "inchikey", cells["inchikey"], "an InChIKey")
    for column in ("form", "smiles", "source"):
        if not cells[column]:
            raise _refuse(line, column, "", "a text")
    try:
        cas = parse_cas_number(cells["cas"]) if cells["cas"] else ""
    except BadCasNumberError as error:
        raise _refuse(line, "cas", cells["cas"], f"a CAS number or nothing ({error})") from error
    return RegisterForm(
        substance_key=cells["substance"],
        kind=cells["kind"],
        form=cells["form"],
        name=cells["name"],
        smiles=cells["smiles"],
        inchikey=cells["inchikey"],
        cas=cas,
        source=cells["source"],
    )


def _refuse(line: int, column: str, found: str, expected: str) -> BadRegisterError:
    return BadRegisterError(
        f"{FORM_FILE}, line {line}, column {column}: found {found[:80]!r}; expected {expected}"
    )
