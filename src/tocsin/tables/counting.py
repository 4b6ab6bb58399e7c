"""Counting a period: from single events, and from counts that senders gave themselves. Pure.

A case of the seizures is one seizure of one substance in one form; a report about several seizures
counts as that many. A poisoning counts once for each substance found. Sums over substances or
forms therefore add cases: an event with two substances is a case of each.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tocsin.science.quantities import Dimension, convert, derive_dimension
from tocsin.tables.vocabulary import AMOUNTS, UNKNOWN

SeizureKey = tuple[str, str, str]
"""Substance, form, authority."""

ReportAmounts = dict[str, dict[str, dict[int, Decimal]]]
"""Of each substance, in each unit, what each report gives, by the number of its version."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """What one event says of one substance in one form and one unit.

    is_seizure: else it is a poisoning. cases: how many seizures the event is about. amount: of all
    findings of this row together, in ``unit``; None where none is given. substance, form, authority:
    empty where they are not known or not stated.
    """

    report_id: int
    owner_id: int
    is_seizure: bool
    is_death: bool
    on: date
    country: str
    region: str
    substance: str
    form: str
    authority: str
    cases: int = 1
    unit: str = ""
    amount: Decimal | None = None
    purity_low: Decimal | None = None
    purity_high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class GivenCount:
    """Counts of a period that a sender gave. authority, form, region: empty means all of them."""

    report_id: int
    owner_id: int
    since: date
    until: date
    country: str
    region: str
    substance: str
    form: str
    authority: str
    cases: int | None = None
    poisonings: int | None = None
    deaths: int | None = None
    unit: str = ""
    amount: Decimal | None = None

    @property
    def is_of_seizures(self) -> bool:
        """Whether it says anything of seizures."""
        return self.cases is not None or self.amount is not None

    @property
    def is_of_poisonings(self) -> bool:
        """Whether it says anything of poisonings."""
        return self.poisonings is not None or self.deaths is not None


@dataclass(slots=True)
class Seized:
    """Seizures of a substance in a form by an authority.

    amounts: sums by unit, in g, ml or things.
    """

    cases: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    purity_low: Decimal | None = None
    purity_high: Decimal | None = None

    def add(self, other: "Seized") -> None:
        """Add another's cases and amounts to these."""
        self.cases += other.cases
        for unit, amount in other.amounts.items():
            self.amounts[unit] = self.amounts.get(unit, Decimal(0)) + amount
        self.widen(other.purity_low, other.purity_high)

    def widen(self, low: Decimal | None, high: Decimal | None) -> None:
        """Widen the range of purities so that it holds these two."""
        if low is not None:
            self.purity_low = low if self.purity_low is None else min(self.purity_low, low)
        if high is not None:
            self.purity_high = high if self.purity_high is None else max(self.purity_high, high)


@dataclass(slots=True)
class Poisoned:
    """Poisonings with a substance; deaths are among them."""

    poisonings: int = 0
    deaths: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """All counts of a period.

    authorities: who reported a seizure at all; has_poisonings: whether anybody reported one: what
    nobody reported on is missing and not zero. amounts: the same as in ``seized``, by report.
    sources: the report versions counted. replaced: single events left out because their sender gave
    counts; left_out: given counts that are not used, because they reach beyond the period or
    overlap others of their sender.
    """

    seized: dict[SeizureKey, Seized]
    amounts: ReportAmounts
    poisoned: dict[str, Poisoned]
    authorities: frozenset[str]
    has_poisonings: bool
    sources: frozenset[int]
    replaced: int
    left_out: int


def count_period(
    rows: Iterable[CaseRow], given: Sequence[GivenCount], *, since: date, until: date
) -> Counts:
    """Count a period.

    rows: of events in the period; given: counts that overlap it. Counts given by a sender take the
    place of its own single events with the same substance, days, place and authority, whatever
    their form: it counted them. Where two counts of one sender overlap, the longer period holds.
    """
    used = choose_given([one for one in given if since <= one.since and one.until <= until])
    by_scope: dict[tuple[int, str, str, bool], list[GivenCount]] = defaultdict(list)
    for one in used:
        for is_seizure, says in ((True, one.is_of_seizures), (False, one.is_of_poisonings)):
            if says:
                by_scope[one.owner_id, one.country, one.substance, is_seizure].append(one)
    total = _Adder()
    replaced: set[int] = set()
    for row in rows:
        scope = by_scope.get((row.owner_id, row.country, row.substance, row.is_seizure), ())
        if any(_is_counted_in(row, one) for one in scope):
            replaced.add(row.report_id)
        else:
            total.add_row(row)
    for one in used:
        total.add_given(one)
    return Counts(
        seized=dict(total.seized),
        amounts=total.amounts,
        poisoned=dict(total.poisoned),
        authorities=frozenset(total.authorities),
        has_poisonings=bool(total.poisoned),
        sources=frozenset(total.sources),
        replaced=len(replaced - total.sources),
        left_out=len(given) - len(used),
    )


def choose_given(given: Sequence[GivenCount]) -> list[GivenCount]:
    """Choose counts of which no two of one sender count the same; the longer period goes first."""
    chosen: dict[tuple[int, str, str], list[GivenCount]] = defaultdict(list)
    in_order = sorted(
        given,
        key=lambda one: (
            -(one.until - one.since).days,
            bool(one.authority),
            bool(one.form),
            len(one.region),
            -one.report_id,
        ),
    )
    used = []
    for one in in_order:
        others = chosen[one.owner_id, one.country, one.substance]
        if not any(_count_the_same(one, other) for other in others):
            others.append(one)
            used.append(one)
    return used


def _count_the_same(one: GivenCount, other: GivenCount) -> bool:
    # The rows of one report are of different substances, forms or authorities: told together.
    is_told_together = one.report_id == other.report_id
    return (
        one.since <= other.until
        and other.since <= one.until
        and (
            (one.is_of_seizures and other.is_of_seizures)
            or (one.is_of_poisonings and other.is_of_poisonings)
        )
        and _is_one_in_the_other(one.authority, other.authority)
        and (one.form == other.form or (not is_told_together and not (one.form and other.form)))
        and (one.region.startswith(other.region) or other.region.startswith(one.region))
        and not (is_told_together and one.unit != other.unit)
    )


def _is_one_in_the_other(one: str, other: str) -> bool:
    return one == other or not one or not other


def _is_counted_in(row: CaseRow, given: GivenCount) -> bool:
    return (
        given.since <= row.on <= given.until
        and row.region.startswith(given.region)
        and (not given.authority or row.authority == given.authority)
    )


class _Adder:
    """Sums in the making."""

    def __init__(self) -> None:
        self.seized: dict[SeizureKey, Seized] = defaultdict(Seized)
        self.amounts: ReportAmounts = {}
        self.poisoned: dict[str, Poisoned] = defaultdict(Poisoned)
        self.authorities: set[str] = set()
        self.sources: set[int] = set()
        self._counted: set[tuple[int, str, str]] = set()

    def add_row(self, row: CaseRow) -> None:
        self.sources.add(row.report_id)
        # An event has a row for each unit, and a poisoning for each form: it counts once.
        key = (row.report_id, row.substance, row.form if row.is_seizure else "")
        is_new = key not in self._counted
        self._counted.add(key)
        if not row.is_seizure:
            if is_new:
                sums = self.poisoned[row.substance or UNKNOWN]
                sums.poisonings += row.cases
                sums.deaths += row.cases if row.is_death else 0
            return
        seized = self._add_seized(row, row.cases if is_new else 0)
        seized.widen(row.purity_low, row.purity_high)

    def add_given(self, one: GivenCount) -> None:
        self.sources.add(one.report_id)
        if one.is_of_seizures:
            self._add_seized(one, one.cases or 0)
        if one.is_of_poisonings:
            sums = self.poisoned[one.substance or UNKNOWN]
            sums.poisonings += max(one.poisonings or 0, one.deaths or 0)
            sums.deaths += one.deaths or 0

    def _add_seized(self, one: CaseRow | GivenCount, cases: int) -> Seized:
        """Add cases with an amount, in the unit that amounts of its kind are added up in."""
        authority = one.authority or UNKNOWN
        substance = one.substance or UNKNOWN
        self.authorities.add(authority)
        seized = self.seized[substance, one.form or UNKNOWN, authority]
        seized.cases += cases
        base = None if one.amount is None or not one.unit else _find_base_unit(one.unit)
        if one.amount is not None and base is not None:
            amount = convert(one.amount, one.unit, base)
            seized.amounts[base] = seized.amounts.get(base, Decimal(0)) + amount
            of_reports = self.amounts.setdefault(substance, {}).setdefault(base, {})
            of_reports[one.report_id] = of_reports.get(one.report_id, Decimal(0)) + amount
        return seized


def _find_base_unit(unit: str) -> str | None:
    """Find the unit in which amounts like this one are added up; None for concentrations."""
    bases = {Dimension.MASS: "g", Dimension.VOLUME: "ml"}
    base = bases.get(derive_dimension(unit), unit)
    return base if base in AMOUNTS else None
