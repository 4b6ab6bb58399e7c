"""All reading of the register, and the one way from a text to the substance it means."""

from tocsin.substances.queries.identity import (
    find_product,
    get_identity_event,
    list_forms,
    list_identity_events,
    list_merged,
    list_products,
    list_unknowns,
)
from tocsin.substances.queries.name_index import load_name_index
from tocsin.substances.queries.register import (
    ORDERS,
    find_inchikeys,
    find_substance_ids,
    get_entry,
    get_substance,
    list_classes,
    list_groups,
    list_members,
    list_names,
    list_substances,
    select_standing,
)
from tocsin.substances.queries.resolving import (
    ReadSystematicName,
    Resolution,
    ResolvedSubstance,
    Stage,
    Tier,
    resolve_text,
)
from tocsin.substances.queries.tautomers import PossibleTautomer, list_possible_tautomers

__all__ = [
    "ORDERS",
    "PossibleTautomer",
    "ReadSystematicName",
    "Resolution",
    "ResolvedSubstance",
    "Stage",
    "Tier",
    "find_inchikeys",
    "find_product",
    "find_substance_ids",
    "get_entry",
    "get_identity_event",
    "get_substance",
    "list_classes",
    "list_forms",
    "list_groups",
    "list_identity_events",
    "list_members",
    "list_merged",
    "list_names",
    "list_possible_tautomers",
    "list_products",
    "list_substances",
    "list_unknowns",
    "load_name_index",
    "resolve_text",
    "select_standing",
]
