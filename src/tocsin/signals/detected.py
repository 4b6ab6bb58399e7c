"""An emergence as it is told: the values that become a signal."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

SERIES_WEEKS_SHOWN = 104


@dataclass(frozen=True, slots=True)
class DetectedEmergence:
    """One emergence: what, where, since when, how strong, and the values of its sentence.

    rule: number of the rule that was in force, 0 for the built-in one and for first detections.
    """

    kind: str
    substance: str
    matrix: str
    country: str
    area: str
    places: tuple[str, ...]
    on: date
    last_on: date
    evidence_count: int
    facts: dict[str, Any]
    method: str
    method_version: str
    rule: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    series: dict[str, Any] = field(default_factory=dict)
