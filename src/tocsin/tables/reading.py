"""What a period holds, read from the evidence: events and given counts, as the actor may see them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from tocsin.organisations.actors import PUBLIC, Actor
from tocsin.organisations.visibility import derive_handling_condition
from tocsin.organisations.vocabulary import TrafficLight
from tocsin.reports.models import ERASED_PREFIX, Finding, Report
from tocsin.reports.queries.planning import joining_by_hash
from tocsin.reports.record.words import Outcome, SamplingContext
from tocsin.reports.vocabulary import EventType
from tocsin.substances.models import Substance
from tocsin.tables.counting import CaseRow, Counts, GivenCount, ReportAmounts, count_period
from tocsin.tables.periods import Period

POISONING_EVENTS = (EventType.SERIOUS_ADVERSE_EVENT, EventType.BIOLOGICAL_SAMPLE)
_FATAL_SEVERITY = "4"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which evidence a table may be made of.

    country: empty for all places. is_public: everybody will read it; recipients: organisations
    that will. Others' evidence counts where all of them may see it, the owner's own always; what
    is TLP:RED counts for nobody but its owner.
    """

    actor: Actor
    purpose: str
    country: str = ""
    is_public: bool = False
    recipients: tuple[int, ...] = ()


def read_counts(scope: Scope, period: Period) -> Counts:
    """Count a period from the current, not retracted evidence of a scope; three queries."""
    return _count(select_findings(scope), period)


def read_amounts(scope: Scope, period: Period, report_ids: Collection[int]) -> ReportAmounts:
    """Return what these versions of reports give of amounts, whether they count now or not."""
    findings = Finding.objects.visible_to(scope.actor, purpose=scope.purpose)
    return _count(findings.filter(report_id__in=report_ids), period).amounts


def _count(findings: QuerySet[Finding], period: Period) -> Counts:
    standing = _read_standing()
    events = findings.filter(
        report__event_type__in=(EventType.SEIZURE, *POISONING_EVENTS),
        report__event_on__range=(period.starts_on, period.ends_on),
        is_counted=True,
    )
    with joining_by_hash():
        return count_period(
            _read_rows(events, standing),
            list(_read_given(findings, period, standing)),
            since=period.starts_on,
            until=period.ends_on,
        )


@dataclass(frozen=True, slots=True)
class ErasedEvidence:
    """How many reports of a period were erased, and when the last of them was."""

    reports: int
    last_on: date


def find_erased(scope: Scope, period: Period) -> ErasedEvidence | None:
    """Find what was erased of the evidence of a period that a scope may count; None for nothing.

    Of an erased report the type, the month, and who might see it are known, and no country: it may
    have been of any.
    """
    reports = Report.objects.visible_to(scope.actor, purpose=scope.purpose).filter(
        _derive_sharing(scope, "handling", Q(owner_id=scope.actor.organisation_id)),
        key__startswith=ERASED_PREFIX,
        event_type__in=(EventType.SEIZURE, *POISONING_EVENTS, EventType.AGGREGATED),
        event_on__range=(period.starts_on, period.ends_on),
    )
    found = reports.aggregate(
        # A digest of owner and key: one for all versions of a report, and of no other.
        number=Count("key", distinct=True),
        last_on=Max(KeyTextTransform("erased_on", "details")),
    )
    if not found["number"]:
        return None
    return ErasedEvidence(found["number"], date.fromisoformat(found["last_on"]))


def read_names(keys: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """Return of each substance its name, and the key and name of its class."""
    rows = Substance.objects.filter(key__in=keys).values_list(
        "key", "name", "substance_class__key", "substance_class__name"
    )
    return {key: (name, class_key, class_name) for key, name, class_key, class_name in rows}


def select_findings(scope: Scope) -> QuerySet[Finding]:
    """Return the findings of current reports that a table of the scope may be made of."""
    findings = Finding.objects.visible_to(scope.actor, purpose=scope.purpose).filter(
        _derive_sharing(scope, "report__handling", Q(report__owner_id=scope.actor.organisation_id)),
        report__is_current=True,
        report__is_retracted=False,
    )
    return findings.filter(report__country=scope.country) if scope.country else findings


def _derive_sharing(scope: Scope, handling: str, own: Q) -> Q:
    """Which reports all readers may know of. handling: the path to it; own: the actor's reports."""
    readers = [PUBLIC] if scope.is_public else [_make_reader(one) for one in scope.recipients]
    red = Q(**{f"{handling}__tlp": TrafficLight.RED})
    condition = ~red if readers else own | ~red
    for reader in readers:
        condition &= own | derive_handling_condition(reader, scope.purpose, path=handling)
    return condition


def _make_reader(organisation_id: int) -> Actor:
    return Actor(name="reader", organisation_id=organisation_id, organisation_key="")


def _read_standing() -> dict[int, str]:
    """What each entry of the register stands for now, by its number."""
    rows = Substance.including_merged.values_list("pk", Coalesce("merged_into__key", "key"))
    return dict(rows)


def _read_rows(events: QuerySet[Finding], standing: dict[int, str]) -> Iterator[CaseRow]:
    """One row for each event, substance, form and unit."""
    rows = (
        events.order_by()
        .values(
            "report_id",
            "report__owner_id",
            "report__event_type",
            "report__event_on",
            "report__country",
            "report__region",
            "written_name__substance_id",
            "unit",
            form=KeyTextTransform("physical_form", "details"),
            authority=KeyTextTransform("authority", "report__details"),
            seizure_count=KeyTextTransform("seizure_count", "report__details"),
            outcome=KeyTextTransform("outcome", "report__details"),
            severity=KeyTextTransform("severity", "report__details"),
        )
        .annotate(
            total=Sum("amount"),
            low=Min("purity_percent"),
            high=Max("purity_percent"),
            context=Max(KeyTextTransform("sampling_context", "details")),
        )
        .order_by("report_id")
    )
    for _report, of_event in groupby(rows.iterator(chunk_size=20_000), key=itemgetter("report_id")):
        yield from _derive_rows(list(of_event), standing)


def _derive_rows(
    of_event: Sequence[Mapping[str, Any]], standing: dict[int, str]
) -> Iterator[CaseRow]:
    """The rows of one event; a biological sample counts as a poisoning where it is of a death."""
    event = of_event[0]
    is_seizure = event["report__event_type"] == EventType.SEIZURE
    is_death = not is_seizure and any(map(_is_death, of_event))
    if event["report__event_type"] == EventType.BIOLOGICAL_SAMPLE and not is_death:
        return
    for one in of_event:
        yield CaseRow(
            report_id=one["report_id"],
            owner_id=one["report__owner_id"],
            is_seizure=is_seizure,
            is_death=is_death,
            on=one["report__event_on"],
            country=one["report__country"],
            region=one["report__region"],
            substance=standing.get(one["written_name__substance_id"], ""),
            form=one["form"] or "",
            authority=one["authority"] or "",
            cases=int(one["seizure_count"] or 1),
            unit=one["unit"],
            amount=one["total"],
            purity_low=one["low"],
            purity_high=one["high"],
        )


def _is_death(one: Mapping[str, Any]) -> bool:
    return bool(
        one["outcome"] == Outcome.DEATH
        or one["severity"] == _FATAL_SEVERITY
        or one["context"] == SamplingContext.POST_MORTEM
    )


def _read_given(
    findings: QuerySet[Finding], period: Period, standing: dict[int, str]
) -> Iterator[GivenCount]:
    """Counts that senders gave of a time that overlaps the period."""
    given = findings.filter(
        report__event_type=EventType.AGGREGATED,
        report__event_on__lte=period.ends_on,
        # A text of ISO 8601 sorts as its date does.
        report__details__period_end__gte=period.starts_on.isoformat(),
    )
    for one in given.select_related("report", "written_name").order_by("pk"):
        event, found = one.report.details, one.details
        yield GivenCount(
            report_id=one.report_id,
            owner_id=one.report.owner_id,
            since=one.report.event_on,
            until=date.fromisoformat(event["period_end"]),
            country=one.report.country,
            region=one.report.region,
            substance=standing.get(one.written_name.substance_id or 0, ""),
            form=found.get("physical_form", ""),
            authority=event.get("authority", ""),
            cases=found.get("case_count"),
            poisonings=found.get("poisoning_count"),
            deaths=found.get("death_count"),
            unit=one.unit,
            amount=one.amount,
        )
