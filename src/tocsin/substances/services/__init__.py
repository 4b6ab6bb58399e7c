"""All writing to the register: its files, what people add, and what they say is one and the same."""

from tocsin.substances.services.adding import add_name, add_substance
from tocsin.substances.services.identity import (
    merge_entries,
    record_identity_event,
    split_entry,
    unmerge_entry,
)
from tocsin.substances.services.loading import RegisterLoad, load_register
from tocsin.substances.services.recording import (
    Component,
    PossibleClass,
    PossibleFormula,
    UnknownDescription,
    record_product,
    record_unknown,
)
from tocsin.substances.services.state import lock_register

__all__ = [
    "Component",
    "PossibleClass",
    "PossibleFormula",
    "RegisterLoad",
    "UnknownDescription",
    "add_name",
    "add_substance",
    "load_register",
    "lock_register",
    "merge_entries",
    "record_identity_event",
    "record_product",
    "record_unknown",
    "split_entry",
    "unmerge_entry",
]
