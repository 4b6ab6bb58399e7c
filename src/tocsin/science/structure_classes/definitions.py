"""The classes of the data files: their words, patterns and examples."""

import functools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rdkit import Chem, rdBase

from tocsin.errors import BadStructureClassError

DATA = Path(__file__).parent / "data"
_KEYS = frozenset(
    ("id", "name", "parent", "definition", "basis", "patterns", "gate", "except")
) | frozenset(("most_heavy_atoms", "register", "belongs", "apart"))


@dataclass(frozen=True, slots=True)
class Example:
    """A structure that belongs to a class, or one near it that does not and why.

    is_unverified: the name of the structure is general knowledge, not confirmed by two routes.
    """

    name: str
    smiles: str
    reason: str = ""
    is_unverified: bool = False


@dataclass(frozen=True, slots=True)
class StructureClass:
    """One class that structure defines.

    patterns: SMARTS of which one must be found; none where the class is what its children are.
    gate: a simple SMARTS that each of them includes, looked for first as it costs less; or empty.
    exceptions: SMARTS; an occurrence of a pattern that shares an atom with one does not count.
    parent: class of which this is a part, or empty. most_heavy_atoms: 0 where there is no limit.
    register: classes of a register in which members of this class are held.
    basis: where the definition comes from.
    """

    id: str
    name: str
    definition: str
    basis: str
    patterns: tuple[str, ...]
    gate: str
    exceptions: tuple[str, ...]
    parent: str
    most_heavy_atoms: int
    register: tuple[str, ...]
    belongs: tuple[Example, ...]
    apart: tuple[Example, ...]


@functools.cache
def list_structure_classes() -> tuple[StructureClass, ...]:
    """List the classes of the data files, in their order.

    Raises BadStructureClassError where a file contradicts itself.
    """
    return read_structure_classes(DATA)


def get_structure_class(key: str) -> StructureClass:
    """Return one class by its id; raises KeyError where there is none.

    >>> get_structure_class("nitazene").parent
    '2-benzylbenzimidazole'
    """
    return _by_id()[key]


def read_structure_classes(folder: Path) -> tuple[StructureClass, ...]:
    """Read the classes of a folder of TOML files; ``fragments.toml`` holds parts of patterns.

    Raises BadStructureClassError for a pattern that is not a SMARTS, a key that is not known, an
    id used twice or a parent that no file holds.
    """
    fragments = _read_fragments(folder / "fragments.toml")
    found: dict[str, StructureClass] = {}
    for path in sorted(folder.glob("*.toml")):
        for raw in _read_toml(path).get("class", ()):
            one = _read_class(raw, fragments)
            if one.id in found:
                raise BadStructureClassError(f"class {one.id!r}: found twice; expected once")
            found[one.id] = one
    for one in found.values():
        if one.parent and one.parent not in found:
            raise BadStructureClassError(
                f"class {one.id!r}: found parent {one.parent!r}; expected a class of the files"
            )
    return tuple(found.values())


def compile_pattern(smarts: str, where: str) -> Chem.Mol:
    """Read a SMARTS; where: the class it belongs to. Raises BadStructureClassError."""
    with rdBase.BlockLogs():
        pattern = Chem.MolFromSmarts(smarts)
    if pattern is None:
        raise BadStructureClassError(f"class {where!r}: found {smarts!r}; expected a SMARTS")
    return pattern


@functools.cache
def _by_id() -> Mapping[str, StructureClass]:
    return {one.id: one for one in list_structure_classes()}


def _read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _read_fragments(path: Path) -> dict[str, str]:
    """Read the parts of patterns; a part may name those before it."""
    known: dict[str, str] = {}
    for name, fragment in _read_toml(path)["fragments"].items():
        known[name] = _put_in(fragment["pattern"], known)
    return known


def _put_in(pattern: str, fragments: Mapping[str, str]) -> str:
    for name, text in fragments.items():
        pattern = pattern.replace(f"{{{name}}}", text)
    return pattern


def _read_class(raw: Mapping[str, Any], fragments: Mapping[str, str]) -> StructureClass:
    if strange := sorted(set(raw) - _KEYS):
        raise BadStructureClassError(
            f"class {raw.get('id')!r}: found {', '.join(strange)}; expected {', '.join(_KEYS)}"
        )
    patterns = tuple(_put_in(one, fragments) for one in raw["patterns"])
    exceptions = tuple(_put_in(one, fragments) for one in raw.get("except", ()))
    gate = raw.get("gate", "")
    for smarts in (*patterns, *exceptions, gate):
        compile_pattern(smarts, raw["id"])
    return StructureClass(
        id=raw["id"],
        name=raw["name"],
        definition=raw["definition"],
        basis=raw["basis"],
        patterns=patterns,
        gate=gate,
        exceptions=exceptions,
        parent=raw.get("parent", ""),
        most_heavy_atoms=raw.get("most_heavy_atoms", 0),
        register=tuple(raw["register"]),
        belongs=tuple(_list_examples(raw["belongs"])),
        apart=tuple(_list_examples(raw["apart"])),
    )


def _list_examples(rows: list[dict[str, Any]]) -> Iterator[Example]:
    for row in rows:
        yield Example(
            name=row["name"],
            smiles=row["smiles"],
            reason=row.get("reason", ""),
            is_unverified=row.get("unverified", False),
        )
