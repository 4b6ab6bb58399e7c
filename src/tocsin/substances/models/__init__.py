"""Tables of the register: what a substance is, what it is called, and what became of it."""

from tocsin.substances.models.forms import SubstanceForm
from tocsin.substances.models.identity import IdentityEffect, IdentityEvent
from tocsin.substances.models.products import Product, ProductComponent
from tocsin.substances.models.register import (
    GroupMember,
    RegisterState,
    Substance,
    SubstanceClass,
    SubstanceName,
)
from tocsin.substances.models.unknowns import ClassHypothesis, FormulaHypothesis, UnknownFeature

__all__ = [
    "ClassHypothesis",
    "FormulaHypothesis",
    "GroupMember",
    "IdentityEffect",
    "IdentityEvent",
    "Product",
    "ProductComponent",
    "RegisterState",
    "Substance",
    "SubstanceClass",
    "SubstanceForm",
    "SubstanceName",
    "UnknownFeature",
]
