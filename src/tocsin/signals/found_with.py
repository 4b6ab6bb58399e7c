"""What else was in the samples in which a substance was found."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Min

from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.reports.models import Finding, Report
from tocsin.science.detection.combinations import (
    MAXIMUM_SUBSTANCES,
    Combination,
    CombinationSettings,
    find_combinations,
)
from tocsin.substances.models import Substance

EARLY_WARNING = Purpose.EARLY_WARNING.value

MOST_REPORTS = 10_000
"""At most so many of the newest reports are read, so that a page stays quick on any node."""

MOST_SHOWN = 10
MOST_MARKED = 6

PAIRS = CombinationSettings(largest_size=2)

NEW_WITHIN = timedelta(weeks=12)
"""A combination first seen so shortly before the newest evidence is marked as new."""


@dataclass(frozen=True, slots=True)
class FoundWith:
    """One substance found together with another, and how often that was to be expected.

    together: samples with both. expected: as many as if each came without regard to the other.
    ic025, eb05: lower limits of how much more often it was (log2, and times); None below the
    minimum count of ``CombinationSettings``. first_on: the first day ever with both. is_new: that
    day is recent, and the substance was known before it.
    """

    key: str
    name: str
    together: int
    expected: float
    ic025: float | None
    eb05: float | None
    first_on: date
    is_new: bool

    @property
    def is_more_often(self) -> bool:
        """Whether both measures say that this is more often than by chance."""
        return (self.ic025 or 0) > 0 and (self.eb05 or 0) > 1


@dataclass(frozen=True, slots=True)
class Company:
    """What stood beside a substance, and in which samples that was counted.

    samples: those of the matrix with a decided name; with_substance: those of them with the substance; since,
    until: the days of the first and the last of them. partners: how many different substances
    stood beside it; shown: the most telling of them.
    """

    samples: int
    with_substance: int
    since: date
    until: date
    partners: int
    shown: tuple[FoundWith, ...]


def list_found_with(
    actor: Actor,
    substance_id: int,
    *,
    matrix: str,
    since: date,
    until: date,
    purpose: str = EARLY_WARNING,
) -> Company:
    """Return what was found together with a substance in samples the actor may see.

    A sample is one specimen of a report, or the whole report where no specimen is named. Read are
    the newest reports between two days, both included, at most MOST_REPORTS of them; names that
    nobody has decided yet are left out, and so are samples of more than 100 substances. Shown are
    the new and the unusual combinations before the frequent ones, in the order of how many samples
    held them. Three queries.
    Source of the measures: ``tocsin.science.detection.combinations``.
    """
    rows = _list_rows(actor, purpose, matrix, since, until)
    samples = _group_samples(rows)
    totals = Counter(found for present in samples for found in present)
    together = Counter(
        found
        for present in samples
        if substance_id in present
        for found in present
        if found != substance_id
    )
    held = Substance.including_merged.filter(pk__in=[*together, substance_id])
    names = {one.pk: one for one in held}
    first_days = _find_first_days(actor, purpose, matrix, substance_id, together)
    pairs = _measure_pairs(samples, substance_id)
    partners = [
        FoundWith(
            key=names[one].key,
            name=names[one].name,
            together=count,
            expected=totals[substance_id] * totals[one] / len(samples),
            ic025=pairs[one].ic025 if one in pairs else None,
            eb05=pairs[one].eb05 if one in pairs else None,
            first_on=first_days[one],
            is_new=first_days[substance_id] < first_days[one]
            and first_days[one] > until - NEW_WITHIN,
        )
        for one, count in together.items()
        # What was corrected between the queries is left out.
        if {one, substance_id} <= first_days.keys()
    ]
    days = [on for *_rest, on in rows]
    return Company(
        samples=len(samples),
        with_substance=totals[substance_id],
        since=min(days, default=since),
        until=max(days, default=until),
        partners=len(partners),
        shown=_choose(partners),
    )


def _group_samples(rows: Iterable[tuple[int, str, int | None, date]]) -> list[frozenset[int]]:
    """The substances of each sample; one in which no name is decided says nothing."""
    held: dict[tuple[int, str], set[int]] = defaultdict(set)
    for report_id, specimen, found, _on in rows:
        if found is not None:
            held[report_id, specimen].add(found)
    return [frozenset(one) for one in held.values() if len(one) <= MAXIMUM_SUBSTANCES]


def _measure_pairs(samples: Iterable[frozenset[int]], substance_id: int) -> dict[int, Combination]:
    """The measures of each other substance with this one, learned from all pairs there are."""
    own = str(substance_id)
    found = find_combinations([list(map(str, present)) for present in samples], PAIRS).found
    return {
        int(next(other for other in one.substances if other != own)): one
        for one in found
        if own in one.substances
    }


def _choose(partners: Iterable[FoundWith]) -> tuple[FoundWith, ...]:
    telling = sorted(
        partners,
        key=lambda one: (not one.is_new, not one.is_more_often, -(one.eb05 or 0), -one.together),
    )
    marked = [one for one in telling if one.is_new or one.is_more_often][:MOST_MARKED]
    others = sorted(
        (one for one in telling if one not in marked), key=lambda one: (-one.together, one.name)
    )
    shown = [*marked, *others[: MOST_SHOWN - len(marked)]]
    return tuple(sorted(shown, key=lambda one: (-one.together, one.name)))


def _list_rows(
    actor: Actor, purpose: str, matrix: str, since: date, until: date
) -> list[tuple[int, str, int | None, date]]:
    newest = (
        Report.objects.visible_to(actor, purpose=purpose)
        .filter(is_current=True, is_retracted=False, event_on__range=(since, until))
        .order_by("-event_on", "-id")
        .values("pk")[:MOST_REPORTS]
    )
    findings = Finding.objects.visible_to(actor, purpose=purpose).filter(
        report__in=newest, matrix=matrix, is_counted=True
    )
    return list(
        findings.order_by().values_list(
            "report_id", "specimen", "written_name__substance_id", "report__event_on"
        )
    )


def _find_first_days(
    actor: Actor, purpose: str, matrix: str, substance_id: int, others: Iterable[int]
) -> dict[int, date]:
    """The first day ever on which each of the others stood in one report with the substance.

    Of the substance itself, the first day of all.
    """
    wanted: Collection[int] = [substance_id, *others]
    visible = Finding.objects.visible_to(actor, purpose=purpose).filter(
        matrix=matrix,
        is_counted=True,
        report__is_current=True,
        report__is_retracted=False,
    )
    with_it = visible.filter(written_name__substance_id=substance_id).values("report_id")
    rows = (
        visible.filter(report__in=with_it, written_name__substance_id__in=wanted)
        .order_by()
        .values_list("written_name__substance_id")
        .annotate(first=Min("report__event_on"))
    )
    return dict(rows)
