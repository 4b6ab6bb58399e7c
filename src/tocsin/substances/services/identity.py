"""What people decide about identities in the register: merge, take a merge back, split.

Evidence follows only through ``reports.services.identity``, which every door calls; these are its
halves. Each runs in the caller's transaction under the register's lock and journals once.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tocsin.errors import NotFoundError, RefusedError, WrongStateError
from tocsin.journal.services import ActorName, record
from tocsin.organisations.models import Organisation
from tocsin.science.names import normalise_name
from tocsin.substances.models import IdentityEffect, IdentityEvent, Substance, SubstanceName
from tocsin.substances.queries import get_entry, get_substance
from tocsin.substances.services.state import lock_register, mark_register_changed
from tocsin.substances.vocabulary import IdentityEventKind, NameKind, Origin, SubstanceKind

ACTIONS = {
    IdentityEventKind.MERGED: "substance.merged",
    IdentityEventKind.SPLIT: "substance.split",
    IdentityEventKind.UNKNOWN_RESOLVED: "substance.unknown-resolved",
    IdentityEventKind.GROUP_RESOLVED: "substance.group-resolved",
}
"""How the journal names each kind of event."""


@transaction.atomic
def merge_entries(
    actor: ActorName, former_key: str, into_key: str, *, reason: str
) -> IdentityEvent:
    """Let one entry of the register stand for another from now on; return the event.

    The former entry stays as a row; its names move and its forms and places in groups are read
    under the other. An unknown feature may become anything that is none; everything else is merged
    with its own kind only. Journals ``substance.merged`` or ``substance.unknown-resolved``.
    Raises NotFoundError, RefusedError without a reason or for two that cannot be one,
    WrongStateError where the former is merged already.
    """
    lock_register()
    former, into = get_entry(former_key), get_substance(into_key)
    _require_standing(former)
    _require_mergeable(former, into)
    is_resolution = former.kind == SubstanceKind.UNKNOWN and into.kind != SubstanceKind.UNKNOWN
    kind = IdentityEventKind.UNKNOWN_RESOLVED if is_resolution else IdentityEventKind.MERGED
    event = record_identity_event(actor, kind, former, into, reason=reason)
    _name_as_before(former)
    names = list(SubstanceName.objects.filter(substance=former).order_by("pk"))
    _move_names(event, names, before=former, after=into)
    entries = Substance.including_merged
    entries.filter(merged_into=former).update(merged_into=into)
    entries.filter(pk=former.pk).update(merged_into=into, merged_by=event)
    mark_register_changed()
    return event


@transaction.atomic
def unmerge_entry(actor: ActorName, key: str, *, reason: str) -> IdentityEvent:
    """Let a merged entry stand for itself again, with the names it brought; return the event.

    A name that was given to another substance since stays there. Journals ``substance.split``.
    Raises NotFoundError, RefusedError without a reason, WrongStateError where it is not merged.
    """
    lock_register()
    entry = get_entry(key)
    merge, held_by = entry.merged_by, entry.merged_into
    if merge is None or held_by is None:
        raise WrongStateError(f"substance {key}", held="not merged", expected="one that is")
    Substance.including_merged.filter(pk=entry.pk).update(merged_into=None, merged_by=None)
    entry = get_entry(key)
    event = record_identity_event(
        actor, IdentityEventKind.SPLIT, held_by, entry, reason=reason, undoes=merge
    )
    own = _point_to_ends(entry)
    brought = merge.effects.values("number")
    moved = IdentityEffect.objects.values("number")
    names = SubstanceName.objects.filter(substance=held_by).filter(
        Q(pk__in=brought) | (Q(registered_under__in=own) & ~Q(pk__in=moved))
    )
    _move_names(event, list(names.order_by("pk")), before=held_by, after=entry)
    mark_register_changed()
    return event


@transaction.atomic
def split_entry(
    actor: ActorName, from_key: str, into_key: str, *, name_ids: Collection[int], reason: str
) -> IdentityEvent:
    """Give some names of one substance to another that is held; return the event.

    Splitting the same names back undoes it. Journals ``substance.split``. Raises NotFoundError for
    an unknown key or a name that is not the substance's, RefusedError without a reason or from a
    substance to itself.
    """
    lock_register()
    subject, into = get_entry(from_key), get_substance(into_key)
    _require_standing(subject)
    if subject.pk == into.pk:
        raise RefusedError(f"substance {from_key}: found a split into itself; expected another")
    names = list(SubstanceName.objects.filter(substance=subject, pk__in=name_ids).order_by("pk"))
    if len(names) != len(set(name_ids)):
        raise NotFoundError(
            f"substance {from_key}: {len(set(name_ids)) - len(names)} of the names are not its own"
        )
    event = record_identity_event(actor, IdentityEventKind.SPLIT, subject, into, reason=reason)
    _move_names(event, names, before=subject, after=into)
    mark_register_changed()
    return event


def record_identity_event(
    actor: ActorName,
    kind: IdentityEventKind,
    subject: Substance,
    into: Substance,
    *,
    reason: str,
    undoes: IdentityEvent | None = None,
    owner: Organisation | None = None,
) -> IdentityEvent:
    """Append an event of identity and its entry in the journal, in the caller's transaction.

    owner: whose findings alone it is about. Raises RefusedError without a reason.
    """
    wanted = reason.replace("\0", "").strip()
    if not wanted:
        raise RefusedError(
            f"substance {subject.key}: no reason given; expected a sentence that says why"
        )
    event = IdentityEvent.objects.create(
        kind=kind,
        subject=subject,
        into=into,
        undoes=undoes,
        owner=owner,
        reason=wanted,
        decided_by=actor.person,
        decided_at=timezone.now(),
    )
    details: dict[str, object] = {"into": into.key, "event": event.pk}
    if undoes is not None:
        details["undoes"] = undoes.pk
    record(
        actor=actor,
        action=ACTIONS[kind],
        record_type="substance",
        record_id=subject.key,
        details=details,
    )
    return event


def _require_standing(entry: Substance) -> None:
    if entry.merged_into is not None:
        raise WrongStateError(
            f"substance {entry.key}",
            held=f"merged into {entry.merged_into.key}",
            expected="one that stands for itself",
        )


def _require_mergeable(former: Substance, into: Substance) -> None:
    if former.pk == into.pk:
        raise RefusedError(f"substance {former.key}: found itself to merge into; expected another")
    if former.kind not in (into.kind, SubstanceKind.UNKNOWN):
        raise RefusedError(
            f"substance {former.key}: is {former.kind} and {into.key} is {into.kind}; expected two "
            "of one kind, or an unknown feature that became known"
        )


def _name_as_before(former: Substance) -> None:
    """Keep the name under which an entry was shown, where none of its names says it."""
    if not SubstanceName.objects.filter(substance=former, text=former.name).exists():
        SubstanceName.objects.get_or_create(
            registered_under=former,
            text=former.name,
            language="",
            defaults={
                "substance": former,
                "normalised": normalise_name(former.name),
                "kind": NameKind.COMMON,
                "origin": Origin.ADDED,
            },
        )


def _move_names(
    event: IdentityEvent, names: list[SubstanceName], *, before: Substance, after: Substance
) -> None:
    for name in names:
        home = name.home_id
        name.substance = after
        name.registered_under_id = None if home == after.pk else home
    SubstanceName.objects.bulk_update(names, ["substance", "registered_under"])
    IdentityEffect.objects.bulk_create(
        IdentityEffect(
            event=event,
            number=name.pk,
            text=name.text,
            language=name.language,
            before=before,
            after=after,
        )
        for name in names
    )


def _point_to_ends(entry: Substance) -> set[int]:
    """Let everything merged into an entry stand for it again; return it and them."""
    merged = list(
        Substance.including_merged.exclude(merged_by=None).values_list("pk", "merged_by__into")
    )
    own = {entry.pk}
    while found := {pk for pk, into in merged if into in own} - own:
        own |= found
    Substance.including_merged.filter(pk__in=own - {entry.pk}).update(merged_into=entry)
    return own
