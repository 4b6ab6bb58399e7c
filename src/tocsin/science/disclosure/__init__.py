"""Disclosure control for published tables of counts.

``tables``       counts with margins, what of them is hidden, and what is published
``links``        which cells of several publications are one quantity
``moves``        other tables that look the same: the proof that a hidden cell holds
``suppression``  hiding small cells, and enough others
``proofs``       moves written out as whole tables
``attack``       the equations and the linear program of an attacker, who believes no proof
``dominance``    sums that tell their largest part

``suppress`` makes a publication, ``audit`` attacks one. See docs/explanation/disclosure-control.md.
"""

from tocsin.science.disclosure.attack import RecoveredCell, audit
from tocsin.science.disclosure.dominance import is_dominated
from tocsin.science.disclosure.suppression import DEFAULT_THRESHOLD, suppress
from tocsin.science.disclosure.tables import (
    CountTable,
    Dimension,
    InnerMark,
    Mark,
    PublishedCell,
    PublishedTable,
    Suppression,
)

__all__ = [
    "DEFAULT_THRESHOLD",
    "CountTable",
    "Dimension",
    "InnerMark",
    "Mark",
    "PublishedCell",
    "PublishedTable",
    "RecoveredCell",
    "Suppression",
    "audit",
    "is_dominated",
    "suppress",
]
