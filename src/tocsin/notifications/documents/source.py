"""What documents are made from: record versions with what their substances are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tocsin.notifications.vocabulary import Claim
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport


@dataclass(frozen=True, slots=True)
class Identity:
    """What the register says of a substance.

    names: pairs of the kind of name and the name. members: of a group. mass_da: average mass.
    """

    key: str
    name: str
    kind: str
    class_name: str
    smiles: str = ""
    inchikey: str = ""
    formula: str = ""
    mass_da: Decimal | None = None
    cas: str = ""
    is_reviewed: bool = False
    is_group: bool = False
    names: tuple[tuple[str, str], ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One record version: its place among the sources, whose it is, and what it says.

    identities: of its findings in their order, None where a name stands for nothing.
    """

    number: int
    reference: str
    version: int
    owner: str
    sha256: str
    evidence: EvidenceReport
    identities: tuple[Identity | None, ...]

    def iter_findings(self) -> Iterator[tuple[EvidenceFinding, Identity | None]]:
        """Yield the findings with what their substances are."""
        yield from zip(self.evidence.findings, self.identities, strict=True)


@dataclass(frozen=True, slots=True)
class Subject:
    """The substance that a package is about: as written, and what the register says of it."""

    text: str
    identity: Identity | None

    @property
    def name(self) -> str:
        """The register's name, or the name as written where it stands for nothing."""
        return self.identity.name if self.identity is not None else self.text

    def is_of(self, finding: EvidenceFinding, identity: Identity | None) -> bool:
        """Tell whether a finding is of this substance."""
        if self.identity is None or identity is None:
            return (
                self.identity is None and identity is None and finding.substance_text == self.text
            )
        return identity.key == self.identity.key


@dataclass(frozen=True, slots=True)
class Novelty:
    """Whether a substance was found before the sources, in what the sender may see.

    claim: None where the name stands for no substance, so that none can be looked for.
    earliest_id: of the report with the earliest finding that the claim rests on. counted_on: day of
    the earliest count that it rests on instead, where the reports were erased.
    """

    claim: Claim | None = None
    earliest_id: int | None = None
    counted_on: date | None = None
