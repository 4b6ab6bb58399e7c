"""Disclosure control for published tables of counts.

``tables``       counts with margins, what of them is hidden, and what is published
``links``        which cells of several publications are one quantity
``moves``        other tables that look the same: the proof that a hidden cell holds
``suppression``  hiding small cells, and enough others
``attack``       the linear program of an attacker

``suppress`` makes a publication, ``audit`` attacks one. See docs/explanation/disclosure-control.md.
"""

from tocsin.science.disclosure.attack import RecoveredCell, audit
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
    "suppress",
]
