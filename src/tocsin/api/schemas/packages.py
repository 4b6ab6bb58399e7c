"""Packages, out."""

from datetime import datetime

from ninja import Schema
from pydantic import Field

from tocsin.api.schemas.words import (
    OrganisationReference,
    Page,
    PageParameters,
    ShortText,
    SubstanceReference,
    choose_from,
)
from tocsin.notifications.models import Package
from tocsin.notifications.queries import PACKAGE_ORDERS, is_outdated
from tocsin.notifications.vocabulary import PackageKind, PackageState


class PackageParameters(PageParameters):
    """Which packages, in which order."""

    search: ShortText = Field("", description="Part of an identifier or of a substance's name.")
    kind: choose_from(("", *PackageKind.values)) = ""  # type: ignore[valid-type]
    state: choose_from(("", *PackageState.values)) = ""  # type: ignore[valid-type]
    order: choose_from(PACKAGE_ORDERS) = "-made_at"  # type: ignore[valid-type]


class PackageOut(Schema):
    """One version of a package that the reader may see."""

    id: int
    identifier: str = Field(examples=["EDAS-AT-2026-0017"])
    version: int
    kind: str
    state: str
    is_outdated: bool = Field(
        description="What is held is not what it was made from, or claims, any more."
    )
    owner: OrganisationReference
    tlp: str
    substance: SubstanceReference | None
    replaces: int | None = Field(description="The id of the version it replaces.")
    reason: str = Field(description="Why it replaces that one.")
    made_at: datetime
    released_at: datetime | None
    ended_at: datetime | None


class PackagePage(Page):
    """One page of packages."""

    items: list[PackageOut]


def describe_package(package: Package) -> PackageOut:
    """Lay out a package that was read with its owner and substance."""
    owner, substance = package.handling.owner, package.substance
    return PackageOut(
        id=package.pk,
        identifier=package.identifier,
        version=package.number,
        kind=package.kind,
        state=package.state,
        is_outdated=is_outdated(package),
        owner=OrganisationReference(key=owner.key, name=owner.name),
        tlp=package.handling.tlp,
        substance=None
        if substance is None
        else SubstanceReference(key=substance.key, name=substance.name),
        replaces=package.replaces_id,
        reason=package.reason,
        made_at=package.made_at,
        released_at=package.released_at,
        ended_at=package.ended_at,
    )
