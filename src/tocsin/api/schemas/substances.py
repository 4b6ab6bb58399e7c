"""Substances and what a text means, out."""

from decimal import Decimal
from typing import Any

from ninja import Schema
from pydantic import Field

from tocsin.api.schemas.words import (
    ClassReference,
    Page,
    PageParameters,
    Parameters,
    PlainText,
    ShortText,
    SubstanceReference,
    choose_from,
    write_decimal,
)
from tocsin.substances.models import Substance
from tocsin.substances.queries import ORDERS, Resolution, list_groups, list_members, list_names
from tocsin.substances.vocabulary import SubstanceKind


class SubstanceParameters(PageParameters):
    """Which substances, in which order."""

    search: ShortText = Field(
        "", description="Part of any name, a CAS number, or the start of an InChIKey."
    )
    substance_class: ShortText = Field("", description="Key of a class.", examples=["nitazenes"])
    kind: choose_from(SubstanceKind.values) | None = None  # type: ignore[valid-type]
    order: choose_from(ORDERS) = "name"  # type: ignore[valid-type]


class ResolveParameters(Parameters):
    """The text to look up."""

    text: PlainText = Field(
        max_length=2_000,
        description="A name, a CAS number, an InChIKey or a SMILES.",
        examples=["carfentanil"],
    )


class SubstanceOut(Schema):
    """A substance, or a group whose member could not be determined (which has no structure)."""

    key: str
    name: str
    kind: str
    substance_class: ClassReference
    smiles: str
    inchikey: str
    formula: str
    mass_da: Decimal | None = Field(description="Average mass in dalton.")
    cas: str
    reviewed: bool = Field(description="The structure was confirmed by two independent routes.")


class SubstancePage(Page):
    """One page of the register."""

    items: list[SubstanceOut]


class NameOut(Schema):
    """A further name; language is a language tag, empty where it has none."""

    text: str
    language: str
    kind: str
    source: str


class SubstanceDetail(SubstanceOut):
    """A substance with its names, its groups, and what a group may stand for."""

    routes: list[str] = Field(description="How the structure was confirmed.")
    note: str
    names: list[NameOut]
    groups: list[SubstanceReference]
    members: list[SubstanceReference]


class CandidateOut(SubstanceReference):
    """A substance that a text may mean."""

    score: int = Field(description="From 0 to 100.")
    reason: str


class ResolutionOut(Schema):
    """What a text means; ``substance`` is null unless that is certain."""

    text: str
    tier: str = Field(
        examples=["exact"],
        description="identifier, exact, normalised, systematic, fuzzy, no-substance or not-found.",
    )
    substance: SubstanceReference | None
    candidates: list[CandidateOut] = Field(description="Best first, for a person to choose from.")
    reason: str


def describe_substance(substance: Substance) -> SubstanceOut:
    """Lay out a substance that was read with its class."""
    return SubstanceOut(**_values_of(substance))


def describe_substance_in_full(substance: Substance) -> SubstanceDetail:
    """Lay out a substance with names, groups and members; reads them."""
    return SubstanceDetail(
        **_values_of(substance),
        routes=[route for route in (substance.route_1, substance.route_2) if route],
        note=substance.note,
        names=[
            NameOut(text=name.text, language=name.language, kind=name.kind, source=name.source)
            for name in list_names(substance)
        ],
        groups=[_refer_to(group) for group in list_groups(substance)],
        members=[_refer_to(member) for member in list_members(substance)],
    )


def describe_resolution(resolution: Resolution) -> ResolutionOut:
    """Lay out what a text was found to mean."""
    found = resolution.substance
    return ResolutionOut(
        text=resolution.text,
        tier=resolution.stage,
        substance=SubstanceReference(key=found.key, name=found.name) if found else None,
        candidates=[
            CandidateOut(key=one.key, name=one.name, score=one.score, reason=one.reason)
            for one in resolution.candidates
        ],
        reason=resolution.reason,
    )


def _values_of(substance: Substance) -> dict[str, Any]:
    held = substance.substance_class
    return {
        "key": substance.key,
        "name": substance.name,
        "kind": substance.kind,
        "substance_class": ClassReference(key=held.key, name=held.name),
        "smiles": substance.smiles,
        "inchikey": substance.inchikey,
        "formula": substance.formula,
        "mass_da": write_decimal(substance.mass_da),
        "cas": substance.cas,
        "reviewed": substance.reviewed,
    }


def _refer_to(substance: Substance) -> SubstanceReference:
    return SubstanceReference(key=substance.key, name=substance.name)
