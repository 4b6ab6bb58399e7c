"""Signals, in and out."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from tocsin.api.schemas.words import (
    Page,
    PageParameters,
    RecordNumber,
    Remark,
    ShortText,
    Strict,
    SubstanceReference,
    choose_from,
)
from tocsin.reports.vocabulary import Matrix
from tocsin.signals.models import Signal, SignalDecision, SignalKind, SignalState
from tocsin.signals.queries import SIGNAL_ORDERS
from tocsin.signals.sentences import describe_signal


class SignalParameters(PageParameters):
    """Which signals, in which order."""

    search: ShortText = Field("", description="Part of a substance's name or an area; a country.")
    state: choose_from(("open", *SignalState.values)) | None = Field(  # type: ignore[valid-type]
        None, description="`open` means new or under verification."
    )
    kind: choose_from(SignalKind.values) | None = None  # type: ignore[valid-type]
    matrix: choose_from(Matrix.values) | None = None  # type: ignore[valid-type]
    country: ShortText = Field("", description="ISO 3166-1 alpha-2.")
    substance: ShortText = Field("", description="Key of a substance or group.")
    with_backlog: bool = Field(True, description="Also what lay in older evidence.")
    since: date | None = Field(None, description="First day of the emergence, included.")
    order: choose_from(SIGNAL_ORDERS) = "-on"  # type: ignore[valid-type]


class TriageIn(Strict):
    """The next step of a signal's triage."""

    to_state: choose_from(SignalState.values)  # type: ignore[valid-type]
    reason: Remark = Field(
        "", max_length=2_000, description="Needed to confirm, not confirm or merge."
    )
    merge_into: RecordNumber | None = Field(None, description="Only when merging: the other.")


class SignalOut(Schema):
    """One emergence that deserves attention."""

    id: int
    kind: str
    substance: SubstanceReference
    matrix: str
    country: str
    area: str
    places: list[str]
    on: date = Field(description="First day of the emergence.")
    last_on: date = Field(description="Day of its newest evidence.")
    evidence_count: int = Field(description="Findings; 0 when its evidence was withdrawn.")
    state: str
    is_backlog: bool
    tlp: str
    method: str
    method_version: str
    sentence: str = Field(description="Why it is a signal.")
    created_at: datetime
    changed_at: datetime


class SignalPage(Page):
    """One page of signals."""

    items: list[SignalOut]


class DecisionOut(Schema):
    """One step of a signal's triage."""

    from_state: str
    to_state: str
    reason: str
    decided_by: str
    decided_at: datetime


class SignalDetail(SignalOut):
    """A signal with the series it was found in and the steps of its triage, newest first."""

    facts: dict[str, Any] = Field(description="The values of the sentence.")
    settings: dict[str, Any] = Field(description="The method's settings.")
    series: dict[str, Any] = Field(
        description="Weeks, counts per week, thresholds and alarms as the method saw them."
    )
    merged_into: int | None
    decisions: list[DecisionOut]


def describe_signal_row(signal: Signal) -> SignalOut:
    """Lay out a signal that was read with its substance and handling."""
    return SignalOut(**_values_of(signal))


def describe_signal_in_full(
    signal: Signal, decisions: Iterable[SignalDecision], *, merged_into: int | None
) -> SignalDetail:
    """Lay out a signal with its series and triage.

    merged_into: the number of the signal it was merged into, where the reader may see that one.
    """
    return SignalDetail(
        **_values_of(signal),
        facts=signal.facts,
        settings=signal.settings,
        series=signal.series,
        merged_into=merged_into,
        decisions=[
            DecisionOut(
                from_state=decision.from_state,
                to_state=decision.to_state,
                reason=decision.reason,
                decided_by=decision.decided_by.username,
                decided_at=decision.decided_at,
            )
            for decision in decisions
        ],
    )


def _values_of(signal: Signal) -> dict[str, Any]:
    substance = signal.substance
    return {
        "id": signal.pk,
        "kind": signal.kind,
        "substance": SubstanceReference(key=substance.key, name=substance.name),
        "matrix": signal.matrix,
        "country": signal.country,
        "area": signal.area,
        "places": signal.places,
        "on": signal.on,
        "last_on": signal.last_on,
        "evidence_count": signal.evidence_count,
        "state": signal.state,
        "is_backlog": signal.is_backlog,
        "tlp": signal.handling.tlp,
        "method": signal.method,
        "method_version": signal.method_version,
        "sentence": describe_signal(
            kind=signal.kind,
            substance_name=substance.name,
            matrix=signal.matrix,
            country=signal.country,
            area=signal.area,
            places=signal.places,
            on=signal.on,
            facts=signal.facts,
        ),
        "created_at": signal.created_at,
        "changed_at": signal.changed_at,
    }
