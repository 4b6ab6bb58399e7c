"""Triage: a person says what a signal is worth, and why."""

from django.db import transaction

from tocsin.errors import NotFoundError, RefusedError, WrongStateError
from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission
from tocsin.reports.formats.personal_data import require_impersonal
from tocsin.signals.models import Signal, SignalDecision, SignalState
from tocsin.signals.queries import get_signal, list_decisions

ALLOWED_STEPS: dict[str, tuple[str, ...]] = {
    SignalState.NEW: (SignalState.VERIFYING,),
    SignalState.VERIFYING: (
        SignalState.CONFIRMED,
        SignalState.NOT_CONFIRMED,
        SignalState.MERGED,
        SignalState.NEW,
    ),
    SignalState.CONFIRMED: (SignalState.VERIFYING,),
    SignalState.NOT_CONFIRMED: (SignalState.VERIFYING,),
    SignalState.MERGED: (SignalState.VERIFYING,),
}
"""From which state a signal may go to which."""

STATES_WITH_REASON = {SignalState.CONFIRMED, SignalState.NOT_CONFIRMED, SignalState.MERGED}


@transaction.atomic
def triage_signal(
    actor: Actor,
    signal_id: int,
    *,
    to_state: str,
    reason: str = "",
    merge_into: int | None = None,
) -> Signal:
    """Move a signal one step on and return it; journals who, from where and to where.

    Verifying claims it for the acting person. Confirming, not confirming and merging need a reason;
    merging needs another visible signal of the same substance, itself not merged.
    Raises NotFoundError, WrongStateError or RefusedError; nothing is written then.
    """
    require_permission(actor, "signal.triage")
    get_signal(actor, signal_id)
    signal = _lock(signal_id, merge_into)
    allowed = ALLOWED_STEPS[signal.state]
    if to_state not in allowed:
        raise WrongStateError(
            f"signal {signal_id}",
            held=signal.state,
            expected=f"a state from which it may become {to_state}",
        )
    if to_state in STATES_WITH_REASON and not reason.strip():
        raise RefusedError(
            f"signal {signal_id}: no reason given; expected a sentence that says why"
        )
    require_impersonal(f"signal {signal_id}, reason", reason)
    return _step(actor, signal, to_state, reason, _find_target(actor, signal, to_state, merge_into))


@transaction.atomic
def undo_last_decision(actor: Actor, signal_id: int) -> Signal:
    """Put a signal back to where it was before its last step, as a new entry of its history."""
    require_permission(actor, "signal.triage")
    get_signal(actor, signal_id)
    signal = _lock(signal_id)
    last = list_decisions(signal).first()
    if last is None or last.to_state != signal.state:
        raise WrongStateError(
            f"signal {signal_id}", held=signal.state, expected="a step that can be undone"
        )
    if last.from_state == SignalState.MERGED:
        raise RefusedError(
            f"signal {signal_id}: was merged before; expected it to be merged again by hand"
        )
    return _step(actor, signal, last.from_state, "", None)


def lock_signal(signal_id: int) -> Signal:
    """Return a signal as it is now, locked until the caller's transaction ends.

    For those who act on its state: until they are done, nobody moves it on. It is not asked whether
    the actor may see it.
    """
    return _lock(signal_id)


def _lock(signal_id: int, other_id: int | None = None) -> Signal:
    """Lock a signal, and the one it may be merged into: two must not merge into each other."""
    wanted = Signal.objects.for_writing().filter(pk__in={signal_id, other_id or signal_id})
    held = wanted.order_by("pk").select_for_update()
    locked: dict[int, Signal] = {one.pk: one for one in held}
    return locked[signal_id]


def _find_target(
    actor: Actor, signal: Signal, to_state: str, merge_into: int | None
) -> Signal | None:
    if to_state != SignalState.MERGED:
        return None
    if merge_into is None or merge_into == signal.pk:
        raise RefusedError(
            f"signal {signal.pk}: no other signal named; expected the one it is merged into"
        )
    target = get_signal(actor, merge_into)
    if target.substance_id != signal.substance_id:
        raise NotFoundError(
            f"signal {merge_into}: is of another substance; expected one of the same substance"
        )
    if target.state == SignalState.MERGED:
        raise WrongStateError(f"signal {merge_into}", held="merged", expected="not merged itself")
    return target


def _step(
    actor: Actor, signal: Signal, to_state: str, reason: str, target: Signal | None
) -> Signal:
    if actor.person_id is None:
        raise RefusedError(f"signal {signal.pk}: triage by no person; expected a person")
    from_state = signal.state
    decision = SignalDecision.objects.create(
        signal=signal,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
        decided_by_id=actor.person_id,
    )
    signal.state = to_state
    signal.merged_into = target
    if to_state == SignalState.VERIFYING:
        signal.taken_by_id = actor.person_id
    elif to_state == SignalState.NEW:
        signal.taken_by_id = None
    signal.save(update_fields=["state", "merged_into", "taken_by", "changed_at"])
    record(
        actor=actor.journal_name,
        action="signal.triaged",
        record_type="signal",
        record_id=str(signal.pk),
        details={
            "from": from_state,
            "to": to_state,
            "decision": decision.pk,
            "into": target.pk if target else None,
        },
    )
    return signal
