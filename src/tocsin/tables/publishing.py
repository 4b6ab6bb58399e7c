"""What of a table everybody may read: counts with disclosure control, and the amounts beside them.

Seizures are one table of counts, by substance, form and authority; poisonings another, by substance
and whether anybody died. Each is made with all earlier versions of the same table.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any, Final

import numpy as np

from tocsin.science.disclosure import (
    CountTable,
    Dimension,
    Mark,
    PublishedCell,
    Suppression,
    suppress,
)
from tocsin.tables.amounts import AmountsShown, choose_amounts, observe_amounts
from tocsin.tables.cells import (
    AUTHORITIES,
    FORMS,
    Key,
    Observation,
    SubstanceCode,
    hide,
    sort_observations,
    tell,
)
from tocsin.tables.counting import Counts, ReportAmounts
from tocsin.tables.vocabulary import AMOUNTS, NOT_APPLICABLE, TOTAL, Confidentiality, Indicator

SEIZURES: Final = "seizures"
POISONINGS: Final = "poisonings"
_OUTCOMES = (Indicator.DEATHS.value, Indicator.NON_FATAL.value)


@dataclass(frozen=True, slots=True)
class Secret:
    """What a published table was made of, for the owner alone: needed to make the next one.

    codes: the substances with their classes; suppressions: by the name of the table of counts;
    amounts: those shown.
    """

    codes: tuple[SubstanceCode, ...]
    suppressions: Mapping[str, Suppression]
    amounts: AmountsShown


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier version of a published table: its secret, and what the reports gave it counted.

    given: by the numbers that the versions of the reports have now.
    """

    secret: Secret
    given: ReportAmounts


def publish(
    counts: Counts,
    codes: Sequence[SubstanceCode],
    *,
    threshold: int,
    before: Sequence[Earlier] = (),
) -> tuple[list[Observation], Secret]:
    """Derive what may be published of counts, and the secret to keep.

    codes: must hold those of every earlier version, with the same classes. before: earlier versions
    of the same table, oldest first. Raises DisclosureError where they leave no safe table.
    """
    suppressions: dict[str, Suppression] = {}
    for name, make in ((SEIZURES, make_seizure_table), (POISONINGS, make_poisoning_table)):
        table = make(counts, codes)
        earlier = [widen(one.secret.suppressions[name], table) for one in before]
        suppressions[name] = suppress(table, threshold, earlier)
    amounts = choose_amounts(
        suppressions[SEIZURES].publish(),
        counts.amounts,
        threshold=threshold,
        before=[(one.secret.amounts, one.given) for one in before],
    )
    secret = Secret(tuple(codes), suppressions, amounts)
    return sort_observations(list(_iter_observations(secret)), codes), secret


def make_seizure_table(counts: Counts, codes: Sequence[SubstanceCode]) -> CountTable:
    """Make the table of seizures by substance, form and authority; silent authorities are missing."""
    dimensions = (
        _make_substances(codes),
        Dimension.flat("form", FORMS, total=TOTAL),
        Dimension.flat("authority", AUTHORITIES, total=TOTAL),
    )
    cells: dict[tuple[str, ...], int | None] = {
        (substance, form, authority): None
        for substance in dimensions[0].leaves
        for form in FORMS
        for authority in set(AUTHORITIES) - counts.authorities
    }
    cells |= {key: one.cases for key, one in counts.seized.items()}
    return CountTable(dimensions, cells)


def make_poisoning_table(counts: Counts, codes: Sequence[SubstanceCode]) -> CountTable:
    """Make the table of poisonings by substance and outcome; all missing where none is reported."""
    substances = _make_substances(codes)
    dimensions = (
        substances,
        Dimension.flat("outcome", _OUTCOMES, total=Indicator.POISONINGS.value),
    )
    cells: dict[tuple[str, ...], int | None] = {}
    if not counts.has_poisonings:
        cells = dict.fromkeys(product(substances.leaves, _OUTCOMES))
    for substance, sums in counts.poisoned.items():
        cells[substance, Indicator.DEATHS.value] = sums.deaths
        cells[substance, Indicator.NON_FATAL.value] = sums.poisonings - sums.deaths
    return CountTable(dimensions, cells)


def _make_substances(codes: Sequence[SubstanceCode]) -> Dimension:
    return Dimension("substance", {one.code: one.parent for one in codes})


def widen(earlier: Suppression, table: CountTable) -> Suppression:
    """Return an earlier version in the codes of a later one: what it did not name was a zero.

    Who reads that a class has no further substance knows that the later one's had no case then.
    """
    old, new = earlier.table.dimensions, table.dimensions
    leaves = [set(one.leaves) for one in new]
    counts = {
        key: count
        for key, count in earlier.table.counts.items()
        if all(code in codes for code, codes in zip(key, leaves, strict=True))
    }
    places = [
        [after.codes.index(code) for code in dimension.codes]
        for dimension, after in zip(old, new, strict=True)
    ]
    known = [set(one.leaves) for one in old]
    for key in product(*(one.leaves for one in new)):
        if any(code not in codes for code, codes in zip(key, known, strict=True)):
            counts.setdefault(key, 0)
    shape = [len(one.codes) for one in new]
    masks = []
    for mask in (earlier.primary, earlier.secondary):
        wider = np.zeros(shape, dtype=bool)
        wider[np.ix_(*places)] = mask
        masks.append(wider)
    return Suppression(CountTable(new, counts), earlier.threshold, *masks)


def _iter_observations(secret: Secret) -> Iterator[Observation]:
    seizures = secret.suppressions[SEIZURES].publish()
    for (substance, form, authority), cell in seizures.iter_cells():
        yield _observe((Indicator.SEIZURES.value, substance, form, authority), cell)
    yield from observe_amounts(seizures, secret.amounts)
    for (substance, indicator), cell in secret.suppressions[POISONINGS].publish().iter_cells():
        yield _observe((indicator, substance, NOT_APPLICABLE, NOT_APPLICABLE), cell)


def _observe(key: Key, cell: PublishedCell) -> Observation:
    if cell.mark is Mark.SUPPRESSED:
        return hide(key)
    value = None if cell.count is None else Decimal(cell.count)
    return tell(key, value, Confidentiality.FREE)


def write_secret(secret: Secret) -> dict[str, Any]:
    """Return a secret as JSON holds it."""
    return {
        "codes": [[one.code, one.name, one.parent] for one in secret.codes],
        "amounts": {
            substance: {unit: str(amount) for unit, amount in units.items()}
            for substance, units in secret.amounts.items()
        },
        "tables": {name: _write(one) for name, one in secret.suppressions.items()},
    }


def read_secret(held: Mapping[str, Any]) -> Secret:
    """Return the secret that ``write_secret`` wrote."""
    return Secret(
        codes=tuple(SubstanceCode(*one) for one in held["codes"]),
        suppressions={name: _read(one) for name, one in held["tables"].items()},
        amounts=_read_amounts(held["amounts"]),
    )


def _read_amounts(held: Any) -> dict[str, dict[str, Decimal]]:
    if isinstance(held, Mapping):
        return {
            substance: {unit: Decimal(amount) for unit, amount in units.items()}
            for substance, units in held.items()
        }
    # Tables of before held a row for each: indicator, substance, amount, number of cases.
    unit_of = {str(indicator): unit for unit, indicator in AMOUNTS.items()}
    amounts: dict[str, dict[str, Decimal]] = {}
    for indicator, substance, amount, _cases in held:
        amounts.setdefault(substance, {})[unit_of[indicator]] = Decimal(amount)
    return amounts


def _write(one: Suppression) -> dict[str, Any]:
    return {
        "threshold": one.threshold,
        "dimensions": [[part.name, list(part.parents.items())] for part in one.table.dimensions],
        "counts": [[*key, count] for key, count in one.table.counts.items() if count != 0],
        "primary": np.flatnonzero(one.primary).tolist(),
        "secondary": np.flatnonzero(one.secondary).tolist(),
    }


def _read(held: Mapping[str, Any]) -> Suppression:
    dimensions = [Dimension(name, dict(parents)) for name, parents in held["dimensions"]]
    table = CountTable(dimensions, {tuple(key): count for *key, count in held["counts"]})
    masks = []
    for name in ("primary", "secondary"):
        mask = np.zeros(table.values.shape, dtype=bool)
        mask.flat[held[name]] = True
        masks.append(mask)
    return Suppression(table, held["threshold"], *masks)
