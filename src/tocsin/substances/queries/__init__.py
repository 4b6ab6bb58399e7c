"""All reading of the register, and the one way from a text to the substance it means."""

from tocsin.substances.queries.name_index import load_name_index
from tocsin.substances.queries.register import (
    ORDERS,
    find_inchikeys,
    find_substance_ids,
    get_substance,
    list_classes,
    list_groups,
    list_members,
    list_names,
    list_substances,
)
from tocsin.substances.queries.resolving import (
    ReadSystematicName,
    Resolution,
    ResolvedSubstance,
    Stage,
    Tier,
    resolve_text,
)

__all__ = [
    "ORDERS",
    "ReadSystematicName",
    "Resolution",
    "ResolvedSubstance",
    "Stage",
    "Tier",
    "find_inchikeys",
    "find_substance_ids",
    "get_substance",
    "list_classes",
    "list_groups",
    "list_members",
    "list_names",
    "list_substances",
    "load_name_index",
    "resolve_text",
]
