"""The lock and the revision that every change of the register goes through."""

import uuid

from tocsin.substances.models import RegisterState


def lock_register() -> None:
    """Let one writer at a time change the register; the lock goes with the transaction."""
    RegisterState.objects.bulk_create([RegisterState(id=1)], ignore_conflicts=True)
    RegisterState.objects.select_for_update().get(pk=1)


def mark_register_changed() -> None:
    """Give the register a new revision, in the caller's transaction."""
    RegisterState.objects.filter(pk=1).update(revision=uuid.uuid4())
