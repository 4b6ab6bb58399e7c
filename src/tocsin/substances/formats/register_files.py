"""The register's seed files: CSV that a chemist can read and change, checked when they are read.

``classes.csv``, ``groups.csv``, ``group_members.csv``, ``register/<class>.csv`` and
``names/<class>.csv``, ``names/groups.csv``: UTF-8, comma-separated, with one heading line.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from tocsin.errors import BadCasNumberError, BadRegisterError, BadStructureError
from tocsin.science.cas import parse_cas_number
from tocsin.science.names import (
    LONGEST_NAME_CHARACTERS,
    is_name_shaped,
    normalise_name,
)
from tocsin.science.structures import parse_structure
from tocsin.substances.vocabulary import NameKind, SubstanceKind

SEED_DIRECTORY = Path(__file__).resolve().parent.parent / "data"

CLASS_COLUMNS = ["id", "name"]
SUBSTANCE_COLUMNS = [
    *("id", "name", "kind", "smiles", "inchikey", "formula", "mass_da", "cas", "reviewed"),
    *("route_1", "route_2", "note"),
]
NAME_COLUMNS = ["substance", "name", "language", "kind", "source"]
GROUP_COLUMNS = ["id", "name", "kind", "class", "formula", "note"]
MEMBER_COLUMNS = ["group", "substance"]

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?")
_MASS_TOLERANCE_DA = Decimal("0.01")
_REVIEWED = {"true": True, "false": False}
_NAME_KINDS = tuple(str(kind) for kind in NameKind.values)


@dataclass(frozen=True, slots=True)
class RegisterClass:
    """One class of the files."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class RegisterSubstance:
    """One substance or group of the files; a group has no structure and no routes."""

    key: str
    name: str
    kind: str
    class_key: str
    smiles: str = ""
    inchikey: str = ""
    formula: str = ""
    mass_da: Decimal | None = None
    cas: str = ""
    reviewed: bool = False
    route_1: str = ""
    route_2: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RegisterName:
    """One further name of a substance of the files."""

    substance_key: str
    text: str
    language: str
    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class RegisterMember:
    """One membership of a substance in a group."""

    group_key: str
    substance_key: str


@dataclass(frozen=True, slots=True)
class Register:
    """Everything the seed files say, checked against itself."""

    classes: tuple[RegisterClass, ...]
    substances: tuple[RegisterSubstance, ...]
    names: tuple[RegisterName, ...]
    members: tuple[RegisterMember, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a file, which can say where it stands when it is wrong.

    trusted: what is slow to check, structures and the shape of names, was checked before.
    """

    file: str
    line: int
    cells: dict[str, str]
    trusted: bool = False

    def refuse(self, column: str, found: str, expected: str) -> BadRegisterError:
        return BadRegisterError(
            f"{self.file}, line {self.line}, column {column}: found {found[:80]!r}; "
            f"expected {expected}"
        )


def read_register(directory: Path = SEED_DIRECTORY, *, verify: bool = False) -> Register:
    """Read the seed files below a folder and check them against each other.

    verify: read every structure of the package's own files, too; without it their structures and
    the shape of their names are taken as curation left them, which is several times as fast. The
    files of every other folder are always checked whole.

    Checked: headings, unique keys, names and InChIKeys, known classes and kinds, CAS check digits,
    InChIKey, formula and mass against the SMILES (mass within 0.01 Da), two different routes for
    every reviewed structure, names and members that point to a substance.
    Raises BadRegisterError naming file, line, what was found and what was expected.
    """
    files = _Files(directory, trusted=directory == SEED_DIRECTORY and not verify)
    classes = tuple(
        RegisterClass(key=_parse_key(row, "id"), name=_require(row, "name"))
        for row in files.list_rows("classes.csv", CLASS_COLUMNS)
    )
    class_keys = {known.key for known in classes}
    held = _Held()
    substances: list[RegisterSubstance] = []
    for file in files.list_names("register"):
        class_key = file.removesuffix(".csv")
        if class_key not in class_keys:
            raise BadRegisterError(
                f"register/{file}: found no class {class_key!r} in classes.csv; expected one "
                "file for each class"
            )
        for row in files.list_rows(f"register/{file}", SUBSTANCE_COLUMNS):
            substances.append(held.take(row, _parse_substance(row, class_key)))
    for row in files.list_rows("groups.csv", GROUP_COLUMNS):
        substances.append(held.take(row, _parse_group(row, class_keys)))
    kinds = {substance.key: substance.kind for substance in substances}
    return Register(
        classes=classes,
        substances=tuple(substances),
        names=tuple(_list_names(files, kinds)),
        members=tuple(_list_members(files, kinds)),
    )


class _Held:
    """What the rows before have taken, so that nothing is held twice."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], str] = {}

    def take(self, row: _Row, substance: RegisterSubstance) -> RegisterSubstance:
        for column, value in (
            ("id", substance.key),
            ("name", normalise_name(substance.name)),
            ("inchikey", substance.inchikey),
            ("cas", substance.cas),
        ):
            if not value:
                continue
            place = self._places.setdefault((column, value), f"{row.file}, line {row.line}")
            if place != f"{row.file}, line {row.line}":
                raise row.refuse(column, row.cells.get(column, value), f"one not held in {place}")
        return substance


@dataclass(frozen=True, slots=True)
class _Files:
    """The files below a folder; trusted as in _Row."""

    directory: Path
    trusted: bool

    def list_names(self, folder: str) -> list[str]:
        return sorted(file.name for file in (self.directory / folder).glob("*.csv"))

    def list_rows(self, name: str, columns: list[str]) -> Iterator[_Row]:
        try:
            with (self.directory / name).open(encoding="utf-8", newline="") as stream:
                reader = csv.reader(stream, strict=True)
                heading = next(reader, [])
                if heading != columns:
                    raise BadRegisterError(
                        f"{name}, line 1: found headings {','.join(heading)[:200]!r}; "
                        f"expected {','.join(columns)!r}"
                    )
                for cells in reader:
                    if len(cells) != len(columns):
                        raise BadRegisterError(
                            f"{name}, line {reader.line_num}: found {len(cells)} cells; "
                            f"expected {len(columns)}"
                        )
                    named = {
                        column: cell.strip() for column, cell in zip(columns, cells, strict=True)
                    }
                    yield _Row(name, reader.line_num, named, self.trusted)
        except FileNotFoundError as error:
            raise BadRegisterError(f"{name}: found no such file; expected one") from error
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadRegisterError(f"{name}: found {error}; expected CSV in UTF-8") from error


def _require(row: _Row, column: str) -> str:
    text = row.cells[column]
    if not text:
        raise row.refuse(column, text, "a text")
    return text


def _parse_key(row: _Row, column: str) -> str:
    key = row.cells[column]
    if not _KEY.fullmatch(key) or len(key) > 120:
        raise row.refuse(column, key, "small letters, digits and single hyphens")
    return key


def _parse_name(row: _Row) -> str:
    name = _require(row, "name")
    if not row.trusted and not is_name_shaped(name):
        raise row.refuse("name", name, f"a name of at most {LONGEST_NAME_CHARACTERS} characters")
    return name


def _parse_substance(row: _Row, class_key: str) -> RegisterSubstance:
    cells = row.cells
    if cells["kind"] != SubstanceKind.SUBSTANCE:
        raise row.refuse("kind", cells["kind"], "substance (groups belong in groups.csv)")
    reviewed = _REVIEWED.get(cells["reviewed"])
    if reviewed is None:
        raise row.refuse("reviewed", cells["reviewed"], "true or false")
    if reviewed and (not cells["route_1"] or not cells["route_2"]):
        raise row.refuse("route_2", cells["route_2"], "two routes for a reviewed structure")
    if reviewed and cells["route_1"].casefold() == cells["route_2"].casefold():
        raise row.refuse("route_2", cells["route_2"], "a route that differs from the first")
    substance = RegisterSubstance(
        key=_parse_key(row, "id"),
        name=_parse_name(row),
        kind=cells["kind"],
        class_key=class_key,
        smiles=cells["smiles"],
        inchikey=cells["inchikey"],
        formula=cells["formula"],
        mass_da=_parse_mass(row),
        cas=_parse_cas(row),
        reviewed=reviewed,
        route_1=cells["route_1"],
        route_2=cells["route_2"],
        note=cells["note"],
    )
    _check_structure(row, substance)
    return substance


def _parse_mass(row: _Row) -> Decimal | None:
    text = row.cells["mass_da"]
    if not text:
        return None
    try:
        mass_da = Decimal(text)
    except InvalidOperation:
        mass_da = Decimal("NaN")
    if not mass_da.is_finite() or not 0 < mass_da < 100_000:
        raise row.refuse("mass_da", text, "an average mass in Da with a decimal point")
    return mass_da.quantize(Decimal("0.001"))


def _parse_cas(row: _Row) -> str:
    text = row.cells["cas"]
    try:
        return parse_cas_number(text) if text else ""
    except BadCasNumberError as error:
        raise row.refuse("cas", text, f"a CAS number or nothing ({error})") from error


def _check_structure(row: _Row, substance: RegisterSubstance) -> None:
    if not substance.smiles:
        if substance.inchikey or substance.reviewed:
            raise row.refuse("smiles", "", "a SMILES where there is an InChIKey or a review")
        return
    if row.trusted:
        return
    try:
        structure = parse_structure(substance.smiles)
    except BadStructureError as error:
        raise row.refuse("smiles", substance.smiles, f"a structure ({error})") from error
    for column, expected in (("inchikey", structure.inchikey), ("formula", structure.formula)):
        if row.cells[column] != expected:
            raise row.refuse(column, row.cells[column], f"{expected}, which the SMILES gives")
    expected_mass_da = Decimal(str(structure.mass_da))
    if substance.mass_da is None or abs(substance.mass_da - expected_mass_da) > _MASS_TOLERANCE_DA:
        raise row.refuse("mass_da", row.cells["mass_da"], f"{expected_mass_da} Da")


def _parse_group(row: _Row, class_keys: set[str]) -> RegisterSubstance:
    cells = row.cells
    if cells["kind"] not in (SubstanceKind.ISOMER_GROUP, SubstanceKind.CLASS_GROUP):
        raise row.refuse("kind", cells["kind"], "isomer-group or class-group")
    if cells["class"] not in class_keys:
        raise row.refuse("class", cells["class"], "a class of classes.csv")
    return RegisterSubstance(
        key=_parse_key(row, "id"),
        name=_parse_name(row),
        kind=cells["kind"],
        class_key=cells["class"],
        formula=cells["formula"],
        note=cells["note"],
    )


def _list_names(files: _Files, kinds: dict[str, str]) -> Iterator[RegisterName]:
    held: set[tuple[str, str, str]] = set()
    for file in files.list_names("names"):
        for row in files.list_rows(f"names/{file}", NAME_COLUMNS):
            cells = row.cells
            name = RegisterName(
                substance_key=cells["substance"],
                text=_parse_name(row),
                language=cells["language"],
                kind=cells["kind"],
                source=cells["source"],
            )
            if name.substance_key not in kinds:
                raise row.refuse("substance", name.substance_key, "a substance of the register")
            if name.kind not in _NAME_KINDS:
                raise row.refuse("kind", name.kind, f"one of {', '.join(_NAME_KINDS)}")
            if name.language and not _LANGUAGE.fullmatch(name.language):
                raise row.refuse("language", name.language, "a language code such as en, or none")
            if (once := (name.substance_key, name.text, name.language)) in held:
                raise row.refuse("name", name.text, "each name once for a substance and language")
            held.add(once)
            yield name


def _list_members(files: _Files, kinds: dict[str, str]) -> Iterator[RegisterMember]:
    held: set[RegisterMember] = set()
    for row in files.list_rows("group_members.csv", MEMBER_COLUMNS):
        member = RegisterMember(row.cells["group"], row.cells["substance"])
        if kinds.get(member.group_key, SubstanceKind.SUBSTANCE) == SubstanceKind.SUBSTANCE:
            raise row.refuse("group", member.group_key, "a group of groups.csv")
        if member.substance_key not in kinds or member.substance_key == member.group_key:
            raise row.refuse("substance", member.substance_key, "another member of the register")
        if member in held:
            raise row.refuse("substance", member.substance_key, "each member once")
        held.add(member)
        yield member
