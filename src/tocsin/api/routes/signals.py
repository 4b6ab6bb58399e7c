"""Signals: read them, and move one a step on."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from tocsin.api.door import get_actor
from tocsin.api.reading import journal_reading, open_reading, require_no_parameters, take_page
from tocsin.api.schemas.signals import (
    SignalDetail,
    SignalPage,
    SignalParameters,
    TriageIn,
    describe_signal_in_full,
    describe_signal_row,
)
from tocsin.api.schemas.words import PROBLEMS, WRITE_PROBLEMS, Parameters, RecordNumber
from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.signals.queries import find_signal, get_signal, list_decisions, list_signals
from tocsin.signals.services import triage_signal

router = Router(tags=["signals"])


@router.get("", response={200: SignalPage, **PROBLEMS})
def show_signals(request: HttpRequest, parameters: Query[SignalParameters]) -> Any:
    """List signals."""
    actor = open_reading(request, parameters)
    rows = list_signals(
        actor,
        purpose=parameters.purpose,
        search=parameters.search,
        state=parameters.state or "",
        kind=parameters.kind or "",
        matrix=parameters.matrix or "",
        country=parameters.country,
        substance_key=parameters.substance,
        with_backlog=parameters.with_backlog,
        since=parameters.since,
        order=parameters.order,
    )
    page = take_page(rows, parameters, describe_signal_row)
    journal_reading(request, parameters, rows=len(page["items"]))
    return page


@router.get("/{signal_id}", response={200: SignalDetail, **PROBLEMS})
def show_signal(
    request: HttpRequest, signal_id: RecordNumber, parameters: Query[Parameters]
) -> Any:
    """Show one signal with its series, the sentence that says why, and its triage."""
    actor = open_reading(request, parameters)
    detail = _describe(actor, signal_id, parameters.purpose)
    journal_reading(request, parameters, rows=1, record_id=str(signal_id))
    return detail


@router.post("/{signal_id}/triage", response={200: SignalDetail, **WRITE_PROBLEMS})
def triage(request: HttpRequest, signal_id: RecordNumber, body: TriageIn) -> Any:
    """Move a signal one step on: new, verifying, then confirmed, not-confirmed or merged."""
    require_no_parameters(request)
    actor = get_actor(request)
    triage_signal(
        actor,
        signal_id,
        to_state=body.to_state,
        reason=body.reason,
        merge_into=body.merge_into,
    )
    return _describe(actor, signal_id, Purpose.EARLY_WARNING.value)


def _describe(actor: Actor, signal_id: int, purpose: str) -> SignalDetail:
    signal = get_signal(actor, signal_id, purpose=purpose)
    other = find_signal(actor, signal.merged_into_id, purpose=purpose)
    merged_into = None if other is None else other.pk
    return describe_signal_in_full(signal, list_decisions(signal), merged_into=merged_into)
