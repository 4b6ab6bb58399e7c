"""Keeping reports that are not finished yet, and letting go of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from tocsin.errors import BadValueError, RefusedError
from tocsin.journal.services import ActorName, record
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission
from tocsin.reports.formats.personal_data import find_personal_value
from tocsin.reports.models import Draft
from tocsin.reports.queries import get_draft
from tocsin.reports.record import Field, Kind, Level, list_fields
from tocsin.reports.record.values import parse_value
from tocsin.reports.services.batches import lock_owner
from tocsin.reports.vocabulary import EventType

KEPT_FOR = timedelta(days=30)
"""A draft that nobody changed for so long is removed."""

MOST_DRAFTS = 50
"""Of one organisation."""

MOST_FINDINGS = 60
MOST_VALUES = 60
LONGEST_TEXT = 2_000
_HANDLING_KEYS = ("tlp", "audience", "purposes")
_TEXT_KINDS = frozenset({Kind.TEXT, Kind.LONG_TEXT})


class Withheld(NamedTuple):
    """What was not kept of a draft: the field, the finding from 0 or None, and what it looks like."""

    field: str
    finding: int | None
    looks_like: str


class KnownDraft(NamedTuple):
    """A draft as a form knows it: its number, and when it was last changed then."""

    number: int
    changed_at: datetime

    @classmethod
    def of(cls, draft: Draft) -> "KnownDraft":
        """Return a draft as it is now."""
        return cls(draft.pk, draft.changed_at)


class KeptDraft(NamedTuple):
    """A draft as it is kept, what was left out of it, and whether it is one beside the known one."""

    draft: Draft
    withheld: tuple[Withheld, ...]
    is_beside: bool = False


@transaction.atomic
def keep_draft(
    actor: Actor, event_type: str, typed: Mapping[str, Any], *, known: KnownDraft | None = None
) -> KeptDraft:
    """Keep what stands in the form of a report; return the draft and what was left out of it.

    typed: ``event`` and a list ``findings``, by the record's keys, and ``handling``. A text that
    looks like personal data is left out, the rest is kept. known: the draft that is replaced;
    without it, and where somebody changed it meanwhile, a new one begins, which is journalled.
    Raises NotFoundError where the draft is not the organisation's, RefusedError where it has too
    many.
    """
    require_permission(actor, "report.import")
    if event_type not in EventType.values:
        raise RefusedError(
            f"draft: found the type of event {event_type[:40]!r}; expected a known one"
        )
    kept, withheld = sift_typed(event_type, typed)
    held = None if known is None else _lock_draft(actor, known.number)
    is_beside = known is not None and held is not None and held.changed_at != known.changed_at
    draft = _begin(actor, event_type) if held is None or is_beside else held
    is_new = draft.pk is None
    draft.event_type = event_type
    draft.typed = kept
    draft.changed_at = timezone.now()
    draft.save()
    if is_new:
        _record(actor.journal_name, "draft.begun", draft.pk)
    return KeptDraft(draft, withheld, is_beside)


@transaction.atomic
def discard_draft(
    actor: Actor, draft_id: int, *, unless_changed_since: datetime | None = None
) -> None:
    """Remove a draft of the actor's organisation; journals it.

    unless_changed_since: a draft that somebody changed later stays.
    """
    require_permission(actor, "report.import")
    draft = _lock_draft(actor, draft_id)
    if unless_changed_since is not None and draft.changed_at > unless_changed_since:
        return
    draft.delete()
    _record(actor.journal_name, "draft.discarded", draft_id)


@transaction.atomic
def remove_old_drafts(node: Actor, *, now: datetime) -> int:
    """Remove the drafts that nobody changed for KEPT_FOR; return how many. Journals each."""
    old = Draft.objects.filter(changed_at__lt=now - KEPT_FOR).select_for_update(skip_locked=True)
    numbers = [draft.pk for draft in old]
    for number in numbers:
        _record(node.journal_name, "draft.removed", number)
    Draft.objects.filter(pk__in=numbers).delete()
    return len(numbers)


def sift_typed(
    event_type: str, typed: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Withheld, ...]]:
    """Part what may be kept of the controls from what looks like personal data.

    Keys that the record does not ask for in events of the type are dropped.
    """
    withheld: list[Withheld] = []
    event = _sift(list_fields(event_type, Level.EVENT), typed.get("event", {}), None, withheld)
    fields = list_fields(event_type, Level.FINDING)
    findings = [
        _sift(fields, finding, number, withheld)
        for number, finding in enumerate(typed.get("findings", [])[:MOST_FINDINGS])
    ]
    handling = typed.get("handling", {})
    kept = {key: _clean(handling[key]) for key in _HANDLING_KEYS if key in handling}
    return {"event": event, "findings": findings, "handling": kept}, tuple(withheld)


def _sift(
    fields: Iterable[Field],
    values: Mapping[str, Any],
    finding: int | None,
    withheld: list[Withheld],
) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for field in fields:
        if field.key not in values:
            continue
        value = _clean(values[field.key])
        looks_like = _find_personal(field, value)
        if looks_like:
            withheld.append(Withheld(field.key, finding, looks_like))
        else:
            kept[field.key] = value
    return kept


def _find_personal(field: Field, value: str | list[str]) -> str | None:
    """Say what a value looks like; a number, a date or a word of the record is none."""
    texts = value if isinstance(value, list) else [value]
    if field.kind not in _TEXT_KINDS:
        try:
            for text in texts:
                parse_value(field, text)
        except BadValueError:
            pass
        else:
            return None
    return next(filter(None, (find_personal_value(field, text) for text in texts)), None)


def _clean(value: object) -> str | list[str]:
    """Return a text or a list of texts that the database can hold."""
    if isinstance(value, list):
        return [_clean_text(one) for one in value[:MOST_VALUES]]
    return _clean_text(value)


def _clean_text(value: object) -> str:
    text = str(value)[:LONGEST_TEXT].replace("\0", "")
    return text.encode(errors="ignore").decode()


def _lock_draft(actor: Actor, draft_id: int) -> Draft:
    get_draft(actor, draft_id)
    return Draft.objects.select_for_update().get(pk=draft_id)


def _begin(actor: Actor, event_type: str) -> Draft:
    if actor.organisation_id is None:
        raise RefusedError("draft: the actor has no organisation; expected a person")
    lock_owner(actor.organisation_id)
    if Draft.objects.filter(owner_id=actor.organisation_id).count() >= MOST_DRAFTS:
        raise RefusedError(
            f"draft: your organisation has {MOST_DRAFTS} already; expected fewer. Store or discard "
            "one of them"
        )
    return Draft(owner_id=actor.organisation_id, author=actor.name, event_type=event_type)


def _record(journal_name: ActorName, action: str, draft_id: int) -> None:
    record(
        actor=journal_name,
        action=action,
        record_type="draft",
        record_id=str(draft_id),
        details={},
    )
