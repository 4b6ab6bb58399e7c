"""All reading of weekly counts and signals, each read for an actor and a purpose."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.db.models import Case, Count, Max, Min, Q, QuerySet, Sum, Value, When

from tocsin.errors import NotFoundError
from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.reports.models import WrittenName
from tocsin.reports.queries import count_place_findings
from tocsin.reports.vocabulary import Matrix
from tocsin.signals.models import Signal, SignalDecision, SignalKind, SignalState, WeeklyCount
from tocsin.signals.series import MatrixTotal, SeriesCell

EARLY_WARNING = Purpose.EARLY_WARNING.value

_NEW_FIRST = Case(When(state=SignalState.NEW, then=Value(0)), default=Value(1))
_GRAVEST_FIRST = Case(
    When(facts__deaths__gt=0, then=Value(0)),
    *(
        When(matrix=matrix, then=Value(place))
        for place, matrix in enumerate((Matrix.BIOLOGICAL, Matrix.COLLECTED, Matrix.SEIZED), 1)
    ),
    default=Value(4),
)

SIGNAL_ORDERS: Mapping[str, tuple[str | Case, ...]] = {
    "attention": (_NEW_FIRST, _GRAVEST_FIRST, "-on", "-id"),
    "-on": ("-on", "-id"),
    "on": ("on", "id"),
    "-last_on": ("-last_on", "-id"),
    "last_on": ("last_on", "id"),
    "substance": ("substance__name", "-on", "-id"),
    "-substance": ("-substance__name", "-on", "-id"),
    "-evidence_count": ("-evidence_count", "-on", "-id"),
    "evidence_count": ("evidence_count", "-on", "-id"),
}
"""Orders a list of signals can be sorted in; each ends in a unique column."""

SUNDAY = 6

OPEN_STATES = (SignalState.NEW, SignalState.VERIFYING)


def list_cells(
    actor: Actor,
    *,
    purpose: str = EARLY_WARNING,
    substance_ids: set[int] | None = None,
    until: date | None = None,
) -> list[SeriesCell]:
    """Return the weekly counts of resolved substances that the actor may see, summed per place.

    until: findings of later days are not in it, not even those of the same week.
    """
    counts = WeeklyCount.objects.visible_to(actor, purpose=purpose).filter(
        written_name__substance__isnull=False, count__gt=0
    )
    if substance_ids is not None:
        counts = counts.filter(written_name__substance_id__in=substance_ids)
    if until is not None:
        counts = counts.filter(week_on__lte=until - timedelta(days=6))
    rows = (
        counts.values_list("written_name__substance__key", "matrix", "country", "area", "week_on")
        .annotate(total=Sum("count"), first=Min("first_on"))
        .order_by("week_on", "written_name__substance__key", "matrix", "country", "area")
    )
    cells = [SeriesCell(*row) for row in rows]
    if until is None:
        return cells
    monday = until - timedelta(days=until.weekday())
    begun = count_place_findings(
        actor, purpose=purpose, since=monday, until=until, substance_ids=substance_ids
    )
    return cells + [
        SeriesCell(
            one.substance_key, one.matrix, one.country, one.area, monday, one.count, one.first_on
        )
        for one in begun
        if until.weekday() < SUNDAY
    ]


def list_matrix_totals(
    actor: Actor, *, purpose: str = EARLY_WARNING, until: date | None = None
) -> list[MatrixTotal]:
    """Return all findings the actor may see by matrix, place and week, named or not.

    until: only weeks that were over by that day.
    """
    counts = WeeklyCount.objects.visible_to(actor, purpose=purpose).filter(count__gt=0)
    if until is not None:
        counts = counts.filter(week_on__lte=until - timedelta(days=6))
    rows = (
        counts.values_list("matrix", "country", "area", "week_on")
        .annotate(total=Sum("count"))
        .order_by("matrix", "country", "area", "week_on")
    )
    return [MatrixTotal(*row) for row in rows]


def list_tlp_levels(
    actor: Actor, substance_ids: Iterable[int], *, purpose: str = EARLY_WARNING
) -> dict[int, list[str]]:
    """Return the TLP levels of the evidence of each substance that the actor may see."""
    counts = WeeklyCount.objects.visible_to(actor, purpose=purpose).filter(
        written_name__substance_id__in=list(substance_ids), count__gt=0
    )
    levels: dict[int, list[str]] = {}
    rows = counts.order_by().values_list("written_name__substance_id", "handling__tlp").distinct()
    for substance_id, level in rows:
        levels.setdefault(substance_id, []).append(level)
    return levels


def list_signals(
    actor: Actor,
    *,
    purpose: str = EARLY_WARNING,
    search: str = "",
    state: str = "",
    kind: str = "",
    matrix: str = "",
    country: str = "",
    substance_key: str = "",
    with_backlog: bool = True,
    since: date | None = None,
    order: str = "-on",
) -> QuerySet[Signal]:
    """Return the signals the actor may see. state "open" means new or under verification."""
    signals = Signal.objects.visible_to(actor, purpose=purpose).select_related(
        "substance__substance_class", "handling__owner", "taken_by"
    )
    if search:
        signals = signals.filter(
            Q(substance__name__icontains=search) | Q(area__icontains=search) | Q(country=search)
        )
    if state == "open":
        signals = signals.filter(state__in=OPEN_STATES)
    elif state:
        signals = signals.filter(state=state)
    if kind:
        signals = signals.filter(kind=kind)
    if matrix:
        signals = signals.filter(matrix=matrix)
    if country:
        signals = signals.filter(country=country)
    if substance_key:
        signals = signals.filter(substance__key=substance_key)
    if not with_backlog:
        signals = signals.filter(is_backlog=False)
    if since is not None:
        signals = signals.filter(on__gte=since)
    return signals.order_by(*SIGNAL_ORDERS.get(order, SIGNAL_ORDERS["-on"]))


def count_facet(
    actor: Actor,
    facet: Literal["state", "kind", "matrix", "country"],
    *,
    purpose: str = EARLY_WARNING,
    search: str = "",
    state: str = "",
    kind: str = "",
    matrix: str = "",
    country: str = "",
    with_backlog: bool = True,
) -> dict[str, int]:
    """Count the visible signals by one of their properties, within the other filters given."""
    signals = list_signals(
        actor,
        purpose=purpose,
        search=search,
        state="" if facet == "state" else state,
        kind="" if facet == "kind" else kind,
        matrix="" if facet == "matrix" else matrix,
        country="" if facet == "country" else country,
        with_backlog=with_backlog,
    )
    rows = signals.order_by(facet).values_list(facet).annotate(total=Count("pk"))
    return dict(rows)


def get_signal(actor: Actor, signal_id: int, *, purpose: str = EARLY_WARNING) -> Signal:
    """Return one signal; NotFoundError where it is absent or not visible."""
    signal = find_signal(actor, signal_id, purpose=purpose)
    if signal is None:
        raise NotFoundError(f"signal {signal_id}: not found")
    return signal


def find_signal(
    actor: Actor, signal_id: int | None, *, purpose: str = EARLY_WARNING
) -> Signal | None:
    """Find a signal that a record points to; None where it points to none the actor may see."""
    if signal_id is None:
        return None
    return list_signals(actor, purpose=purpose).filter(pk=signal_id).first()


def list_decisions(signal: Signal) -> QuerySet[SignalDecision]:
    """Return the steps of a signal's triage, newest first."""
    return SignalDecision.objects.filter(signal=signal).select_related("decided_by").order_by("-id")


def list_merge_targets(
    actor: Actor, signal: Signal, *, purpose: str = EARLY_WARNING
) -> QuerySet[Signal]:
    """Return the visible signals of the same substance that this one may be merged into."""
    return (
        list_signals(actor, purpose=purpose, substance_key=signal.substance.key)
        .exclude(pk=signal.pk)
        .exclude(state=SignalState.MERGED)
    )


def count_by_state(actor: Actor, *, purpose: str = EARLY_WARNING) -> dict[str, int]:
    """Return how many signals that are no backlog are in each state."""
    rows = (
        Signal.objects.visible_to(actor, purpose=purpose)
        .filter(is_backlog=False)
        .order_by()
        .values_list("state")
        .annotate(total=Count("pk"))
    )
    held: dict[str, int] = dict(rows)
    return {state: held.get(state, 0) for state in SignalState.values}


@dataclass(frozen=True, slots=True)
class ClassWeek:
    """Findings of one class of substances in one week."""

    class_name: str
    week_on: date
    count: int


def list_class_weeks(
    actor: Actor, *, purpose: str = EARLY_WARNING, until: date, weeks: int = 52
) -> list[ClassWeek]:
    """Return the weekly findings by class of the last weeks up to a day."""
    # Names to classes afterwards: a join of every cell of the year would cost more than the sums.
    rows = (
        _visible_between(actor, purpose, until - timedelta(weeks=weeks), until)
        .values_list("written_name_id", "week_on")
        .annotate(total=Sum("count"))
        .order_by()
    )
    classes = dict(
        WrittenName.objects.filter(substance__isnull=False).values_list(
            "pk", "substance__substance_class__name"
        )
    )
    totals: Counter[tuple[date, str]] = Counter()
    for written_name_id, week_on, total in rows:
        if written_name_id in classes:
            totals[week_on, classes[written_name_id]] += total
    return [ClassWeek(name, week_on, total) for (week_on, name), total in sorted(totals.items())]


def count_by_country(
    actor: Actor,
    *,
    purpose: str = EARLY_WARNING,
    until: date,
    days: int = 28,
    substance_key: str = "",
) -> dict[str, int]:
    """Return the findings by country of the last days, in whole weeks, up to a day."""
    counts = _visible_between(actor, purpose, until - timedelta(days=days), until)
    if substance_key:
        counts = counts.filter(written_name__substance__key=substance_key)
    rows = counts.values_list("country").annotate(total=Sum("count")).order_by("country")
    return {country: total for country, total in rows if total}


@dataclass(frozen=True, slots=True)
class UnresolvedTotal:
    """How many spellings wait for a person, and in how many findings they stand."""

    names: int
    findings: int


def count_unresolved(actor: Actor, *, purpose: str = EARLY_WARNING) -> UnresolvedTotal:
    """Count the written names that stand for nothing yet, from the weekly counts."""
    totals = list(
        WeeklyCount.objects.visible_to(actor, purpose=purpose)
        .filter(written_name__substance=None, count__gt=0)
        .order_by()
        .values_list("written_name__text")
        .annotate(total=Sum("count"))
    )
    return UnresolvedTotal(len(totals), sum(total for _text, total in totals))


def find_newest_day(actor: Actor, *, purpose: str = EARLY_WARNING) -> date | None:
    """Return the newest day with evidence the actor may see, or None without any."""
    held = WeeklyCount.objects.visible_to(actor, purpose=purpose).filter(count__gt=0)
    # By the week first, which is indexed: no other week can hold a later day.
    newest = held.order_by("-week_on", "-first_on").values_list("first_on", flat=True)
    return newest.first()


@dataclass(frozen=True, slots=True)
class SubstanceTotal:
    """How much evidence of a substance is visible: findings, and the first and last week."""

    findings: int
    first_on: date
    last_on: date


def count_by_substance(
    actor: Actor, substance_ids: list[int], *, purpose: str = EARLY_WARNING
) -> dict[int, SubstanceTotal]:
    """Return the visible evidence of each of the given substances that has any."""
    rows = (
        WeeklyCount.objects.visible_to(actor, purpose=purpose)
        .filter(written_name__substance_id__in=substance_ids, count__gt=0)
        .order_by()
        .values_list("written_name__substance_id")
        .annotate(total=Sum("count"), first=Min("first_on"), last=Max("first_on"))
    )
    return {pk: SubstanceTotal(total, first, last) for pk, total, first, last in rows}


def list_rising(
    actor: Actor, *, purpose: str = EARLY_WARNING, since: date, limit: int = 5
) -> list[Signal]:
    """Return the open rises with evidence since a day, the strongest first."""
    rises = list_signals(
        actor, purpose=purpose, kind=SignalKind.SPIKE, state="open", order="-evidence_count"
    )
    return list(rises.filter(last_on__gte=since)[:limit])


def _visible_between(actor: Actor, purpose: str, since: date, until: date) -> QuerySet[WeeklyCount]:
    return WeeklyCount.objects.visible_to(actor, purpose=purpose).filter(
        week_on__gt=since - timedelta(days=7), week_on__lte=until, count__gt=0
    )


@dataclass(frozen=True, slots=True)
class PlaceTotal:
    """Visible findings of a substance in one area of a country, and the first and last day."""

    country: str
    area: str
    findings: int
    first_on: date
    last_on: date


def list_place_totals(
    actor: Actor, substance_key: str, *, purpose: str = EARLY_WARNING
) -> list[PlaceTotal]:
    """Return where a substance was found, the places with most findings first."""
    rows = (
        _list_substance_counts(actor, substance_key, purpose)
        .values_list("country", "area")
        .annotate(total=Sum("count"), first=Min("first_on"), last=Max("first_on"))
        .order_by("-total", "country", "area")
    )
    return [PlaceTotal(*row) for row in rows]


def list_week_totals(
    actor: Actor, substance_key: str, *, purpose: str = EARLY_WARNING
) -> list[tuple[date, int]]:
    """Return the weeks in which a substance was found, with the visible findings of each."""
    rows = (
        _list_substance_counts(actor, substance_key, purpose)
        .values_list("week_on")
        .annotate(total=Sum("count"))
        .order_by("week_on")
    )
    return [(week, total) for week, total in rows]


def _list_substance_counts(actor: Actor, substance_key: str, purpose: str) -> QuerySet[WeeklyCount]:
    return (
        WeeklyCount.objects.visible_to(actor, purpose=purpose)
        .filter(written_name__substance__key=substance_key, count__gt=0)
        .order_by()
    )
