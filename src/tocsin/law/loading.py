"""The data files of the law read into values, and checked against the grammar."""

import csv
import datetime
import functools
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tocsin.errors import BadLawFileError
from tocsin.law.dates import read_dates
from tocsin.law.entries import read_entries
from tocsin.law.expressions import parse_expression
from tocsin.law.families import is_family
from tocsin.law.model import (
    Basis,
    Bridge,
    Citation,
    Example,
    Extent,
    GenericClause,
    Instrument,
    NamedException,
    Position,
    RingSystem,
    Scaffold,
    Verdict,
    Version,
)
from tocsin.law.patterns import compile_pattern

DATA = Path(__file__).parent / "data"

_CLAUSE_KEYS = frozenset(
    [
        "key",
        "versions",
        "title",
        "place",
        "mass_max_u",
        "core",
        "gate",
        "most_rings",
        "scaffold",
        "position",
        "bridge",
        "ring_system",
        "exception",
        "yields_to",
        "unverified",
        "text",
    ]
)
_SCAFFOLD_KEYS = frozenset(
    ["name", "smarts", "places", "ring_atom", "ring_position", "ring_hetero_position", "basis"]
)
_POSITION_KEYS = frozenset(
    [
        "name",
        "may",
        "second",
        "bare",
        "carrying",
        "carrying_on_rings",
        "carrying_on_nitrogen",
        "open_elements",
        "chain_max",
        "mass_max_u",
        "rest_mass_max_u",
        "rest_required",
        "required",
        "most",
        "arguable",
        "basis",
    ]
)
_BRIDGE_KEYS = frozenset(
    [
        "name",
        "between",
        "same_atom",
        "may",
        "ring_sizes",
        "ring_elements",
        "aromatic",
        "carrying",
        "carrying_on_nitrogen",
        "open_elements",
        "chain_max",
        "forbidden",
        "two_places_only",
        "arguable",
        "basis",
    ]
)


@functools.cache
def load_instruments() -> tuple[Instrument, ...]:
    """Load every instrument of the package's data folder, in the order of their keys.

    Those of which nothing but their kind is held come last.
    """
    folders = sorted(path.parent for path in DATA.glob("*/*/instrument.toml"))
    loaded = (load_instrument(folder) for folder in folders)
    return tuple(sorted(loaded, key=lambda one: (one.extent is Extent.NOTHING, one.key)))


def load_instrument(folder: Path) -> Instrument:
    """Load one instrument from a folder that holds ``instrument.toml`` and its rules.

    Raises BadLawFileError where a file contradicts the grammar.
    """
    head = _read_toml(folder / "instrument.toml")
    clause_files = sorted(path for path in folder.glob("*.toml") if path.name != "instrument.toml")
    raw_clauses = [clause for path in clause_files for clause in _read_toml(path).get("clause", [])]
    raw_versions = sorted(head.get("version", []), key=lambda one: one["valid_from"])
    versions = tuple(
        _read_version(raw, after, raw_clauses)
        for raw, after in zip(raw_versions, [*raw_versions, None][1:], strict=True)
    )
    entries = (
        read_entries(read_csv(folder / "entries.csv"), head)
        if (folder / "entries.csv").exists()
        else ()
    )
    return Instrument(
        jurisdiction=head["jurisdiction"],
        key=head["key"],
        title=head["title"],
        citation=head["citation"],
        language=head["language"],
        kind=head["kind"],
        versions=versions,
        entries=entries,
        covers_derivatives=tuple(head.get("covers_derivatives", ())),
        dates=read_dates(head.get("dates", ()), head["citation"], ""),
        extent=Extent(head.get("loaded", "whole")),
        loaded_from=head.get("loaded_from") or (versions[0].valid_from if versions else None),
        notes=tuple(head.get("notes", ())),
        unverified=tuple(head.get("unverified", ())),
    )


def load_examples(folder: Path) -> dict[tuple[str, str], list[Example]]:
    """Load the examples of an instrument, by version and clause."""
    found: dict[tuple[str, str], list[Example]] = {}
    path = folder / "examples.csv"
    if not path.exists():
        return found
    for row in read_csv(path):
        for version in row["versions"].split():
            found.setdefault((version, row["clause"]), []).append(
                Example(row["name"], row["smiles"], Verdict(row["verdict"]), row["source"])
            )
    return found


def list_folders() -> tuple[Path, ...]:
    """List the folders of the instruments loaded."""
    return tuple(sorted(path.parent for path in DATA.glob("*/*/instrument.toml")))


@functools.cache
def load_medicines() -> Mapping[str, str]:
    """Load the active substances of medicines: name by first block of the InChIKey.

    The name says so where the structure has one route only.
    """
    path = DATA / "medicines.csv"
    if not path.exists():
        return {}
    return {
        row["inchikey"].partition("-")[0]: (
            row["name"]
            if row["review"] == "two-routes"
            else f"{row['name']}, structure by one route only"
        )
        for row in read_csv(path)
    }


def list_medicine_rows() -> list[dict[str, str]]:
    """List the rows of the file of medicines as they stand."""
    return read_csv(DATA / "medicines.csv")


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise BadLawFileError(f"law file {path.name}: {problem}") from problem


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read a data file's rows as they stand."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _read_version(
    raw: Mapping[str, Any], after: Mapping[str, Any] | None, raw_clauses: Sequence[dict[str, Any]]
) -> Version:
    clauses = tuple(
        _read_clause(clause, raw) for clause in raw_clauses if raw["id"] in clause["versions"]
    )
    return Version(
        name=raw["id"],
        valid_from=raw["valid_from"],
        possible_from=raw.get("possible_from", raw["valid_from"]),
        valid_to=after["valid_from"] - datetime.timedelta(days=1) if after else None,
        citation=Citation(
            place=raw.get("clauses", ""),
            publication=raw["publication"],
            consolidated_on=raw["consolidated_on"],
            source=raw["source"],
        ),
        clauses=clauses,
        scope=tuple(raw.get("scope", ())),
        excludes_instruments=tuple(raw.get("excludes_instruments", ())),
        excludes_medicines=raw.get("excludes_medicines", ""),
        dates=read_dates(raw.get("dates", ()), raw["publication"], raw["source"]),
        unverified=tuple(raw.get("unverified", ())),
    )


def _read_clause(raw: Mapping[str, Any], version: Mapping[str, Any]) -> GenericClause:
    where = f"clause {raw.get('key', '?')} of {version['id']}"
    _check_keys(raw, _CLAUSE_KEYS, where)
    systems = tuple(
        RingSystem(one["name"], _pattern(one["smarts"]), Basis(one.get("basis", "described")))
        for one in raw.get("ring_system", ())
    )
    positions = {one["name"]: _read_position(one, where) for one in raw.get("position", ())}
    return GenericClause(
        key=raw["key"],
        title=raw["title"],
        citation=Citation(
            place=raw["place"],
            publication=version["publication"],
            consolidated_on=version["consolidated_on"],
            source=version["source"],
        ),
        scaffolds=tuple(_read_scaffold(one, systems, where) for one in raw["scaffold"]),
        positions=positions,
        bridges=tuple(_read_bridge(one, where) for one in raw.get("bridge", ())),
        mass_max_u=raw.get("mass_max_u"),
        core=tuple(_pattern(one) for one in raw.get("core", ())),
        most_rings=raw.get("most_rings"),
        gate=_pattern(raw["gate"]) if "gate" in raw else "",
        yields_to=tuple(raw.get("yields_to", ())),
        exceptions=tuple(
            NamedException(
                one["name"], tuple(one["inchikey_blocks"]), one["text"], one.get("arguable", False)
            )
            for one in raw.get("exception", ())
        ),
        unverified=tuple(raw.get("unverified", ())),
        text=raw.get("text", ""),
    )


def _read_scaffold(raw: Mapping[str, Any], systems: tuple[RingSystem, ...], where: str) -> Scaffold:
    _check_keys(raw, _SCAFFOLD_KEYS, where)
    return Scaffold(
        name=raw["name"],
        smarts=_pattern(raw["smarts"]),
        places={int(number): name for number, name in raw.get("places", {}).items()},
        ring_systems=systems if raw.get("ring_atom") else (),
        ring_atom=raw.get("ring_atom", 0),
        ring_position=raw.get("ring_position", ""),
        ring_hetero_position=raw.get("ring_hetero_position", raw.get("ring_position", "")),
        basis=Basis(raw.get("basis", "described")),
    )


def _read_position(raw: Mapping[str, Any], where: str) -> Position:
    _check_keys(raw, _POSITION_KEYS, where)
    return Position(
        name=raw["name"],
        may=_expressions(raw.get("may", ()), where),
        second=_expressions(raw.get("second", ()), where),
        bare=_expressions(raw.get("bare", ()), where),
        carrying=_expressions(raw.get("carrying", ()), where),
        carrying_on_rings=_expressions(raw.get("carrying_on_rings", ()), where),
        carrying_on_nitrogen=_expressions(raw.get("carrying_on_nitrogen", ()), where),
        open_elements=frozenset(raw.get("open_elements", "").split()),
        chain_max=raw.get("chain_max"),
        mass_max_u=raw.get("mass_max_u"),
        rest_mass_max_u=raw.get("rest_mass_max_u"),
        rest_required=raw.get("rest_required", False),
        required=raw.get("required", False),
        most=raw.get("most"),
        arguable=_expressions(raw.get("arguable", ()), where),
        basis=Basis(raw.get("basis", "described")),
    )


def _read_bridge(raw: Mapping[str, Any], where: str) -> Bridge:
    _check_keys(raw, _BRIDGE_KEYS, where)
    sizes = raw.get("ring_sizes")
    return Bridge(
        name=raw["name"],
        between=tuple(frozenset(pair) for pair in raw["between"]),
        same_atom=raw["same_atom"],
        may=tuple(_pattern(one) for one in raw.get("may", ())),
        ring_sizes=(sizes[0], sizes[1]) if sizes else None,
        ring_elements=frozenset(raw.get("ring_elements", "").split()),
        aromatic=raw.get("aromatic", False),
        carrying=_expressions(raw.get("carrying", ()), where),
        carrying_on_nitrogen=_expressions(raw.get("carrying_on_nitrogen", ()), where),
        open_elements=frozenset(raw.get("open_elements", "").split()),
        chain_max=raw.get("chain_max"),
        forbidden=raw.get("forbidden", False),
        two_places_only=raw.get("two_places_only", False),
        arguable=raw.get("arguable", ""),
        basis=Basis(raw.get("basis", "described")),
    )


def _check_keys(raw: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    strange = sorted(set(raw) - known)
    if strange:
        raise BadLawFileError(f"{where}: found {', '.join(strange)}; expected the grammar's keys")


def _pattern(smarts: str) -> str:
    compile_pattern(smarts)
    return smarts


def _expressions(texts: Sequence[str], where: str) -> tuple[str, ...]:
    for text in texts:
        for term in parse_expression(text):
            if not is_family(term.family):
                raise BadLawFileError(
                    f"{where}: found family {term.family!r} in {text!r}; expected one of the grammar"
                )
    return tuple(texts)
