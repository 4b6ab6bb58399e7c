"""A package as plain values: what every form of it is made from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """One statement of a section: what it is about, what is said, and which sources say it."""

    label: str
    text: str
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """What a section asks for and nothing held says: the field's key and label, of which sources."""

    key: str
    label: str
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts beneath headings; every row has as many cells as there are headings."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of a package with what is held, in a table or as items, and what is missing.

    key: stable, for programs; for a drug alert notification the letter of the law. note: a sentence
    that stands whatever is held.
    """

    key: str
    heading: str
    items: tuple[Item, ...] = ()
    table: Table | None = None
    gaps: tuple[Gap, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A record version that a package was made from.

    sha256: of the version's content, 64 hexadecimal digits. record: the event as the published
    schema of the event record writes it.
    """

    number: int
    reference: str
    version: int
    owner: str
    sha256: str
    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Replaced:
    """The package that this one replaces, and why."""

    version: int
    released_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class NamedSubstance:
    """The substance a package is about; key, InChIKey and CAS are empty where there is none."""

    name: str
    key: str = ""
    inchikey: str = ""
    cas: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageDocument:
    """One version of a package, as it is sent.

    state: of the package when the document is handed out; state_note: what a reader must know of
    it. legal_basis: the act and article that ask for it. language: of the texts (BCP 47). tlp: a
    level of the Traffic Light Protocol 2.0. country: ISO 3166-1 alpha-2 of the sender, or empty.
    """

    kind: str
    identifier: str
    version: int
    title: str
    legal_basis: str
    language: str
    tlp: str
    sender: str
    country: str
    made_at: datetime
    substance: NamedSubstance
    sources: tuple[Source, ...]
    sections: tuple[Section, ...]
    replaces: Replaced | None = None
    is_exercise: bool = False
    state: str = "draft"
    state_note: str = ""

    def get_section(self, key: str) -> Section:
        """Get a section that the document has."""
        return next(section for section in self.sections if section.key == key)
