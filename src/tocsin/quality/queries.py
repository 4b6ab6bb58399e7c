"""All reading of the quality of evidence, each read for an actor."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from tocsin.errors import NotFoundError
from tocsin.notifications.models import PackageSource
from tocsin.organisations.actors import Actor
from tocsin.organisations.queries import find_own_organisation
from tocsin.organisations.vocabulary import Purpose
from tocsin.quality.measures import (
    Delay,
    Step,
    count_places,
    derive_delay,
    keep_late,
    list_measured_fields,
)
from tocsin.quality.models import MeasuredMonth
from tocsin.reports.models import ERASED_PREFIX, Finding, Report
from tocsin.reports.record import Field, find_field

EARLY_WARNING = Purpose.EARLY_WARNING.value


@dataclass(frozen=True, slots=True)
class FieldCount:
    """In how many of the places where a field could stand it does."""

    field: Field
    filled: int
    places: int

    @property
    def percent(self) -> int | None:
        """Rounded down, so that 100 means all; None where there is no place."""
        return 100 * self.filled // self.places if self.places else None


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Spellings that stand for no substance yet: how many, in how many findings, since when."""

    names: int = 0
    findings: int = 0
    oldest_on: date | None = None


@dataclass(slots=True)
class SenderQuality:
    """What one sender's evidence of one type of event is like, in what the reader may see.

    sender: the key of the organisation. late: how many days after the first version late ones came.
    changed: fields that late versions changed, in how many of them, most often first.
    """

    sender: str
    sender_name: str
    event_type: str
    reports: int = 0
    findings: int = 0
    imprecise: int = 0
    fields: list[FieldCount] = field(default_factory=list)
    delays: dict[Step, Delay] = field(default_factory=dict)
    corrections: int = 0
    late: Delay = field(default_factory=lambda: derive_delay({}))
    changed: list[tuple[Field, int]] = field(default_factory=list)
    unresolved: Unresolved = Unresolved()

    @property
    def filled(self) -> int:
        """How many places of all fields are filled."""
        return sum(one.filled for one in self.fields)

    @property
    def places(self) -> int:
        """How many places all fields have."""
        return sum(one.places for one in self.fields)

    @property
    def percent(self) -> int | None:
        """The filled share of all places, rounded down."""
        return 100 * self.filled // self.places if self.places else None


def list_quality(
    actor: Actor,
    *,
    since: date,
    until: date,
    event_type: str = "",
    sender: str = "",
) -> list[SenderQuality]:
    """Return what each sender's evidence is like, by sender and type of event.

    since, until: months of events, each as a whole. The organisation that runs the node reads of
    all senders whose evidence it sees, any other of its own alone. Four queries whatever is held;
    evidence that came within the last minutes may not be counted yet.
    """
    first, last = since.replace(day=1), until.replace(day=1)
    months = _select_own(actor, MeasuredMonth.objects.visible_to(actor, purpose=EARLY_WARNING))
    months = months.filter(month_on__gte=first, month_on__lte=last)
    after = _find_next_month(last)
    if event_type:
        months = months.filter(event_type=event_type)
    if sender:
        months = months.filter(handling__owner__key=sender)
    groups: dict[tuple[str, str], list[MeasuredMonth]] = {}
    for month in months.select_related("handling__owner"):
        groups.setdefault((month.handling.owner.key, month.event_type), []).append(month)
    unresolved = _count_unresolved(actor, first, after)
    outputs = _count_outputs(actor, first, after)
    rows = [
        _derive_quality(key, held, unresolved.get(key, Unresolved()), outputs.get(key, Counter()))
        for key, held in groups.items()
    ]
    return sorted(rows, key=lambda row: (row.sender_name, row.event_type))


def get_quality(
    actor: Actor, sender: str, event_type: str, *, since: date, until: date
) -> SenderQuality:
    """Return one sender's row; NotFoundError where nothing of it is held or visible."""
    rows = list_quality(actor, since=since, until=until, event_type=event_type, sender=sender)
    if not rows or not sender or not event_type:
        raise NotFoundError(f"quality of {event_type} of {sender}: not found")
    return rows[0]


def list_senders(actor: Actor) -> list[tuple[str, str]]:
    """Return the key and name of each sender of whom the actor may read."""
    months = _select_own(actor, MeasuredMonth.objects.visible_to(actor, purpose=EARLY_WARNING))
    pairs = months.order_by("handling__owner__name").values_list(
        "handling__owner__key", "handling__owner__name"
    )
    return list(dict.fromkeys(pairs.distinct()))


def _select_own(actor: Actor, months: QuerySet[MeasuredMonth]) -> QuerySet[MeasuredMonth]:
    own = find_own_organisation()
    if own is not None and actor.organisation_id == own.pk:
        return months
    return months.filter(handling__owner_id=actor.organisation_id)


def _derive_quality(
    key: tuple[str, str],
    months: list[MeasuredMonth],
    unresolved: Unresolved,
    outputs: Mapping[int, int],
) -> SenderQuality:
    owner = months[0].handling.owner
    reports, findings = sum(one.reports for one in months), sum(one.findings for one in months)
    filled = _add(one.filled for one in months)
    delays = {
        step: derive_delay(_as_histogram(_add(one.delays.get(step, {}) for one in months)))
        for step in Step
    }
    delays[Step.TO_OUTPUT] = derive_delay(outputs)
    corrections = _as_histogram(_add(one.corrections for one in months))
    changed = _add(one.changed for one in months)
    return SenderQuality(
        sender=owner.key,
        sender_name=owner.name,
        event_type=key[1],
        reports=reports,
        findings=findings,
        imprecise=sum(one.imprecise for one in months),
        fields=[
            FieldCount(one, filled[one.key], count_places(one, reports=reports, findings=findings))
            for one in list_measured_fields(key[1])
        ],
        delays=delays,
        corrections=sum(corrections.values()),
        late=derive_delay(keep_late(corrections)),
        changed=[
            (found, number)
            for one, number in sorted(changed.items(), key=lambda pair: (-pair[1], pair[0]))
            if (found := find_field(one)) is not None
        ],
        unresolved=unresolved,
    )


def _count_unresolved(actor: Actor, first: date, after: date) -> dict[tuple[str, str], Unresolved]:
    rows = (
        Finding.objects.visible_to(actor, purpose=EARLY_WARNING)
        .filter(
            written_name__substance=None,
            report__is_current=True,
            report__is_retracted=False,
            report__event_on__gte=first,
            report__event_on__lt=after,
        )
        .order_by()
        .values_list("report__owner__key", "report__event_type")
        .annotate(
            names=Count("written_name_id", distinct=True),
            findings=Count("pk"),
            oldest=Min("report__event_on"),
        )
    )
    return {(row[0], row[1]): Unresolved(*row[2:]) for row in rows}


def _count_outputs(actor: Actor, first: date, after: date) -> dict[tuple[str, str], Counter[int]]:
    """How many days after its acceptance a report was first named in a released package.

    Each report once, whatever versions of it packages name; only packages the actor may see.
    """
    versions = Report.objects.visible_to(actor, purpose=EARLY_WARNING).filter(
        event_on__gte=first, event_on__lt=after
    )
    sources = (
        PackageSource.objects.visible_to(actor, purpose=EARLY_WARNING)
        .exclude(package__released_at=None)
        .exclude(report__key__startswith=ERASED_PREFIX)
        .filter(report__in=versions)
        .values_list(
            "report__owner__key",
            "report__event_type",
            "report__key",
            "report__accepted_at",
            "package__released_at",
        )
    )
    moments: dict[tuple[str, str, str], tuple[datetime, datetime]] = {}
    for owner, event_type, key, accepted_at, released_at in sources:
        held = moments.get((owner, event_type, key), (accepted_at, released_at))
        moments[owner, event_type, key] = (
            min(held[0], accepted_at),
            min(held[1], released_at),
        )
    outputs: dict[tuple[str, str], Counter[int]] = {}
    for (owner, event_type, _key), (accepted_at, released_at) in moments.items():
        days = (timezone.localdate(released_at) - timezone.localdate(accepted_at)).days
        outputs.setdefault((owner, event_type), Counter())[days] += 1
    return outputs


def _add(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return total


def _as_histogram(counts: Mapping[str, int]) -> dict[int, int]:
    return {int(days): number for days, number in counts.items()}


def _find_next_month(month_on: date) -> date:
    if month_on.month == 12:
        return date(min(month_on.year + 1, date.max.year), 1, 1)
    return month_on.replace(month=month_on.month + 1)
