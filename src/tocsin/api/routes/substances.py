"""The register. Reference data, open to every reader: its consultation is not journalled."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from tocsin.api.reading import open_reading, take_page
from tocsin.api.schemas.substances import (
    ResolutionOut,
    ResolveParameters,
    SubstanceDetail,
    SubstancePage,
    SubstanceParameters,
    describe_resolution,
    describe_substance,
    describe_substance_in_full,
)
from tocsin.api.schemas.words import PROBLEMS, Parameters
from tocsin.substances.queries import get_substance, list_substances, resolve_text

router = Router(tags=["substances"])
resolve_router = Router(tags=["substances"])


@router.get("", response={200: SubstancePage, **PROBLEMS})
def show_substances(request: HttpRequest, parameters: Query[SubstanceParameters]) -> Any:
    """List substances and groups of the register."""
    open_reading(request, parameters)
    rows = list_substances(
        search=parameters.search,
        substance_class=parameters.substance_class,
        kind=parameters.kind or "",
        order=parameters.order,
    )
    return take_page(rows, parameters, describe_substance)


@router.get("/{key}", response={200: SubstanceDetail, **PROBLEMS})
def show_substance(request: HttpRequest, key: str, parameters: Query[Parameters]) -> Any:
    """Show one substance or group with its names."""
    open_reading(request, parameters)
    return describe_substance_in_full(get_substance(key))


@resolve_router.get("", response={200: ResolutionOut, **PROBLEMS})
def resolve(request: HttpRequest, parameters: Query[ResolveParameters]) -> Any:
    """Find the substance behind a name, CAS number, InChIKey or SMILES; never guesses."""
    open_reading(request, parameters)
    return describe_resolution(resolve_text(parameters.text))
