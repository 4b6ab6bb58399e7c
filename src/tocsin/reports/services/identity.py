"""What people decide about identities, followed by every finding: merge, split, resolve.

A finding keeps what was written and follows what its written name stands for. Where an event is
about single reports, these get a new version whose finding has the same text in another reading.
"""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tocsin.errors import NotFoundError, PermissionRefusedError, RefusedError, WrongStateError
from tocsin.journal.services import JournalEvent, record_many
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Organisation
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.queries import get_own_organisation, list_organisations
from tocsin.reports.formats.personal_data import require_impersonal
from tocsin.reports.models import (
    ChangeKind,
    EvidenceChange,
    Finding,
    IdentityConsequence,
    Report,
    WrittenName,
)
from tocsin.reports.queries import list_written_names
from tocsin.reports.services.batches import lock_owner
from tocsin.reports.services.versions import store_copy
from tocsin.substances.models import IdentityEvent, Substance
from tocsin.substances.queries import (
    get_identity_event,
    get_substance,
    list_members,
    load_name_index,
    resolve_text,
)
from tocsin.substances.services import (
    lock_register,
    merge_entries,
    record_identity_event,
    split_entry,
    unmerge_entry,
)
from tocsin.substances.vocabulary import GROUP_KINDS, IdentityEventKind, SubstanceKind

RESOLVED_LATER = "resolved-later"
"""Tier of a reading that a later analysis gave to some reports of a group."""

MOST_REPORTS_RESOLVED = 1_000
"""That one event may resolve."""


@transaction.atomic
def merge_substances(actor: Actor, former_key: str, into_key: str, *, reason: str) -> IdentityEvent:
    """Let one substance, group, unknown or product stand for another; return the event.

    Everything found as the former counts as the other, of every owner; what was written stays. Only
    the organisation that runs the node may. Errors as ``merge_entries``.
    """
    _require_curator(actor)
    require_impersonal("reason", reason)
    _lock_evidence()
    event = merge_entries(actor.journal_name, former_key, into_key, reason=reason)
    _move(actor, event, WrittenName.objects.filter(substance=event.subject))
    return event


@transaction.atomic
def undo_merge(actor: Actor, key: str, *, reason: str) -> IdentityEvent:
    """Let a merged substance stand for itself again, with its findings; return the event.

    Back go the written names that the merge moved and nobody decided otherwise since, and those
    that came later and that the register now reads as it. Errors as ``unmerge_entry``.
    """
    _require_curator(actor)
    require_impersonal("reason", reason)
    _lock_evidence()
    event = unmerge_entry(actor.journal_name, key, reason=reason)
    held = WrittenName.objects.filter(substance=event.subject)
    moved = set(held.filter(consequences__event=event.undoes).values_list("pk", flat=True))
    _move(actor, event, held.filter(pk__in=moved | _find_read_as(event.into, held)))
    return event


@transaction.atomic
def split_substance(
    actor: Actor,
    from_key: str,
    into_key: str,
    *,
    name_ids: Collection[int] = (),
    written_name_ids: Collection[int] = (),
    reason: str,
) -> IdentityEvent:
    """Give some names of a substance to another, and the findings written so; return the event.

    name_ids: rows of the register's names. written_name_ids: spellings in reports that the actor
    sees, which follow as well; those that the register reads as the other follow by themselves.
    Splitting back the same undoes it. Errors as ``split_entry``, and NotFoundError for a spelling
    that is not visible or does not stand for the substance.
    """
    _require_curator(actor)
    require_impersonal("reason", reason)
    if not name_ids and not written_name_ids:
        raise RefusedError(
            f"substance {from_key}: found no name to split off; expected one or more"
        )
    _lock_evidence()
    event = split_entry(actor.journal_name, from_key, into_key, name_ids=name_ids, reason=reason)
    held = WrittenName.objects.filter(substance=event.subject)
    chosen = set(
        list_written_names(actor)
        .filter(pk__in=written_name_ids, substance=event.subject)
        .values_list("pk", flat=True)
    )
    if missing := set(written_name_ids) - chosen:
        raise NotFoundError(
            f"written name {min(missing)}: not found among the spellings of {from_key} you can see"
        )
    _move(actor, event, held.filter(pk__in=chosen | _find_read_as(event.into, held)))
    return event


@transaction.atomic
def resolve_group(
    actor: Actor,
    group_key: str,
    member_key: str,
    *,
    report_ids: Collection[int],
    reason: str,
) -> IdentityEvent:
    """Say which member a group stands for in some reports, as a later analysis found it.

    Each report gets a new version with the reason: its findings of the group keep their text, in a
    reading of it that stands for the member. What the sender corrects later sets that aside, and
    says so. Raises NotFoundError for a report that is not the actor's own and current or has no
    finding of the group, RefusedError where the substance cannot be what the group stands for, or
    without reports or a reason.
    """
    require_permission(actor, "report.correct")
    require_impersonal("reason", reason)
    owner = _lock_own(actor)
    lock_register()
    group, member = get_substance(group_key), get_substance(member_key)
    _require_member(group, member)
    if not 1 <= len(set(report_ids)) <= MOST_REPORTS_RESOLVED:
        raise RefusedError(
            f"substance {group.key}: found {len(set(report_ids))} reports to resolve; expected 1 to "
            f"{MOST_REPORTS_RESOLVED}"
        )
    event = record_identity_event(
        actor.journal_name,
        IdentityEventKind.GROUP_RESOLVED,
        group,
        member,
        reason=reason,
        owner=owner,
    )
    reports = _list_own_current(owner, report_ids)
    found = WrittenName.objects.filter(findings__report__in=reports, substance=group).distinct()
    readings = {name.pk: _write_reading(actor, event, name) for name in found}
    _write_versions(actor, event, reports, readings)
    return event


@transaction.atomic
def undo_group_resolution(actor: Actor, event_id: int, *, reason: str) -> IdentityEvent:
    """Take back what ``resolve_group`` said, in the reports that still say it; return the event.

    Raises NotFoundError for an event that is not of the actor's organisation, WrongStateError where
    it is another kind of event or was taken back before.
    """
    require_permission(actor, "report.correct")
    require_impersonal("reason", reason)
    owner = _lock_own(actor)
    lock_register()
    held = get_identity_event(actor, event_id)
    if held.owner_id != owner.pk or held.undoes_id is not None:
        raise WrongStateError(
            f"event {event_id}", held=held.kind, expected="a resolution of your own reports"
        )
    if IdentityEvent.objects.filter(undoes=held).exists():
        raise WrongStateError(f"event {event_id}", held="undone", expected="one that holds")
    event = record_identity_event(
        actor.journal_name,
        IdentityEventKind.GROUP_RESOLVED,
        held.into,
        held.subject,
        reason=reason,
        undoes=held,
        owner=owner,
    )
    readings = WrittenName.objects.filter(owner=owner, reading=held)
    plain = {
        name.text: name
        for name in WrittenName.objects.filter(
            owner=owner, reading=None, text__in=readings.values("text")
        )
    }
    carrying = Finding.objects.for_writing().filter(
        written_name__in=readings, report__is_current=True, report__is_retracted=False
    )
    reports = _list_own_current(owner, set(carrying.values_list("report_id", flat=True)))
    _write_versions(actor, event, reports, {name.pk: plain[name.text] for name in readings})
    return event


def _require_curator(actor: Actor) -> None:
    require_permission(actor, "substance.curate")
    if actor.organisation_id != get_own_organisation().pk:
        raise PermissionRefusedError(
            "substance.curate: your organisation does not run this node; expected one that does, "
            "because the register is everybody's"
        )


def _lock_evidence() -> None:
    """Let no owner's evidence come in meanwhile, which could still be read the old way."""
    for owner_id in sorted(list_organisations().values_list("pk", flat=True)):
        lock_owner(owner_id)


def _lock_own(actor: Actor) -> Organisation:
    if actor.organisation_id is None:
        raise NotFoundError("report: not found; expected an actor with an organisation")
    lock_owner(actor.organisation_id)
    return list_organisations().get(pk=actor.organisation_id)


def _find_read_as(substance: Substance, held: QuerySet[WrittenName]) -> set[int]:
    """Which of these spellings, that nobody decided, the register reads as the substance now."""
    index = load_name_index()
    found = set()
    for pk, text in held.filter(decided_at=None, reading=None).values_list("pk", "text"):
        resolution = resolve_text(text, index)
        if resolution.substance is not None and resolution.substance.key == substance.key:
            found.add(pk)
    return found


def _move(actor: Actor, event: IdentityEvent, names: QuerySet[WrittenName]) -> None:
    """Let written names stand for what the event says, and hand that to the next stage."""
    ids = sorted(names.values_list("pk", flat=True))
    WrittenName.objects.filter(pk__in=ids).update(substance=event.into)
    if not ids:
        return
    IdentityConsequence.objects.bulk_create(
        IdentityConsequence(
            event=event,
            written_name_id=pk,
            substance_before=event.subject,
            substance_after=event.into,
        )
        for pk in ids
    )
    record_many(
        actor.journal_name,
        [
            JournalEvent(
                "name.followed",
                "written-name",
                str(pk),
                {"before": event.subject_id, "after": event.into_id, "event": event.pk},
            )
            for pk in ids
        ],
    )
    EvidenceChange.objects.create(
        kind=ChangeKind.NAME_DECIDED, ids=ids, former_substances=[event.subject_id]
    )


def _require_member(group: Substance, member: Substance) -> None:
    if group.kind not in GROUP_KINDS:
        raise RefusedError(f"substance {group.key}: is {group.kind}; expected a group to resolve")
    if member.kind != SubstanceKind.SUBSTANCE:
        raise RefusedError(f"substance {member.key}: is {member.kind}; expected a substance")
    members = set(list_members(group).values_list("pk", flat=True))
    has_its_formula = bool(group.formula) and member.formula == group.formula
    if members and member.pk not in members and not has_its_formula:
        raise RefusedError(
            f"substance {member.key}: is no member of {group.key} and has another formula; "
            "expected what the group may stand for"
        )


def _list_own_current(owner: Organisation, report_ids: Iterable[int]) -> list[Report]:
    wanted = set(report_ids)
    own = Report.objects.for_writing().filter(owner=owner, is_current=True, is_retracted=False)
    reports = list(own.filter(pk__in=wanted).select_related("handling").order_by("pk"))
    if missing := wanted - {report.pk for report in reports}:
        raise NotFoundError(
            f"report {min(missing)}: not found among your organisation's current reports"
        )
    return reports


def _write_reading(actor: Actor, event: IdentityEvent, name: WrittenName) -> WrittenName:
    return WrittenName.objects.create(
        owner_id=name.owner_id,
        text=name.text,
        reading=event,
        substance=event.into,
        form=name.form,
        tier=RESOLVED_LATER,
        decided_by=actor.name,
        decided_at=timezone.now(),
    )


def _write_versions(
    actor: Actor, event: IdentityEvent, reports: list[Report], readings: dict[int, WrittenName]
) -> None:
    """Write a version of each report in which these written names are read otherwise."""
    numbers = {before: after.pk for before, after in readings.items()}
    held = Finding.objects.for_writing().filter(report__in=reports, written_name__in=readings)
    names = dict[int, set[int]]()
    for report_id, name_id in held.values_list("report_id", "written_name_id"):
        names.setdefault(report_id, set()).add(name_id)
    if missing := {report.pk for report in reports} - names.keys():
        raise NotFoundError(
            f"report {min(missing)}: has no finding of {event.subject.key}; expected one"
        )
    consequences, events, written = [], [], []
    for report in reports:
        copy = store_copy(actor, report, reason=event.reason, readings=numbers)
        written.append(copy.pk)
        consequences += [
            IdentityConsequence(
                event=event,
                written_name_id=numbers[name_id],
                substance_before=event.subject,
                substance_after=event.into,
                report=copy,
            )
            for name_id in sorted(names[report.pk])
        ]
        details = {"version": copy.version, "predecessor": report.pk, "event": event.pk}
        events.append(JournalEvent("report.resolved", "report", str(copy.pk), details))
    IdentityConsequence.objects.bulk_create(consequences)
    record_many(actor.journal_name, events)
    superseded = [report.pk for report in reports]
    if reports:
        EvidenceChange.objects.bulk_create(
            [
                EvidenceChange(kind=ChangeKind.ACCEPTED, ids=written),
                EvidenceChange(kind=ChangeKind.SUPERSEDED, ids=superseded),
            ]
        )
