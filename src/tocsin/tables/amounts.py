"""Which amounts of a published table everybody may read, and how the others are hidden. Pure.

All amounts of a substance are shown, or none. What is shown or hidden follows from counts that
everybody reads and from what the reports give, never from a count that is hidden: see
docs/explanation/disclosure-control.md.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from tocsin.science.disclosure import Mark, PublishedTable, is_dominated
from tocsin.tables.cells import Observation, hide, tell
from tocsin.tables.counting import ReportAmounts
from tocsin.tables.vocabulary import AMOUNTS, TOTAL, Confidentiality

AmountsShown = Mapping[str, Mapping[str, Decimal]]
"""Of each substance whose amounts are shown, the sum in each unit that anybody gave one in."""


def choose_amounts(
    seizures: PublishedTable,
    given: ReportAmounts,
    *,
    threshold: int,
    before: Sequence[tuple[AmountsShown, ReportAmounts]] = (),
) -> dict[str, dict[str, Decimal]]:
    """Choose the substances whose amounts may be shown; return these with their sums by unit.

    seizures: as everybody reads them, by substance, form and authority. before: of each earlier
    version what it showed, and what the reports gave that it counted, by the numbers that their
    versions have now. A substance is chosen where each form's total is told, and each amount is of
    at least ``threshold`` reports of which none dominates; since each earlier version that showed
    it, the amount must have changed by nothing, or by what as many reports give of which none
    dominates.
    """
    shown = {}
    for substance in seizures.dimensions[0].leaves:
        units = given.get(substance, {})
        if (
            _has_amounts(seizures, substance)
            and _is_told_by_form(seizures, substance)
            and all(_tell_nobody(one.values(), threshold) for one in units.values())
            and all(
                _may_follow(told.get(substance, {}), then.get(substance, {}), units, threshold)
                for told, then in before
            )
        ):
            shown[substance] = {unit: sum(one.values(), Decimal(0)) for unit, one in units.items()}
    return shown


def observe_amounts(seizures: PublishedTable, shown: AmountsShown) -> Iterator[Observation]:
    """Yield an observation in each unit for every substance of which there may be an amount.

    Which there are follows from the counts alone. Where the amounts are shown, a unit in which
    nobody gave one is missing.
    """
    for substance in seizures.dimensions[0].leaves:
        if not _has_amounts(seizures, substance):
            continue
        sums = shown.get(substance)
        for unit, indicator in AMOUNTS.items():
            key = (indicator, substance, TOTAL, TOTAL)
            if sums is None:
                yield hide(key)
            else:
                yield tell(key, sums.get(unit), Confidentiality.FREE)


def _has_amounts(seizures: PublishedTable, substance: str) -> bool:
    mark = seizures.get_cell((substance, TOTAL, TOTAL)).mark
    return mark in (Mark.VALUE, Mark.SUPPRESSED)


def _is_told_by_form(seizures: PublishedTable, substance: str) -> bool:
    return all(
        seizures.get_cell((substance, form, TOTAL)).mark is not Mark.SUPPRESSED
        for form in seizures.dimensions[1].codes
    )


def _tell_nobody(amounts: Collection[Decimal], threshold: int) -> bool:
    """Whether a sum of these is of enough reports, and tells of none what it gives."""
    parts = [abs(one) for one in amounts if one]
    return len(parts) >= threshold and not is_dominated(parts)


def _may_follow(
    told: Mapping[str, Decimal],
    then: Mapping[str, Mapping[int, Decimal]],
    now: Mapping[str, Mapping[int, Decimal]],
    threshold: int,
) -> bool:
    """Whether the differences from what was told before tell of no report what it gives."""
    for unit, amount in told.items():
        old, new = then.get(unit, {}), now.get(unit, {})
        if amount != sum(old.values()):
            # Reports were erased, or a name stands for another substance now: who knows which.
            return False
        changes = [new.get(one, Decimal(0)) - old.get(one, Decimal(0)) for one in old.keys() | new]
        if any(changes) and not _tell_nobody(changes, threshold):
            return False
    return True
