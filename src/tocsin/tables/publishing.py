"""What of a table everybody may read: counts with disclosure control, and amounts that tell nothing.

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
    InnerMark,
    Mark,
    PublishedCell,
    Suppression,
    suppress,
)
from tocsin.tables.cells import (
    AUTHORITIES,
    FORMS,
    Key,
    Observation,
    SubstanceCode,
    sort_observations,
)
from tocsin.tables.counting import Counts
from tocsin.tables.vocabulary import (
    AMOUNTS,
    NOT_APPLICABLE,
    TOTAL,
    Confidentiality,
    Indicator,
    Status,
)

SEIZURES: Final = "seizures"
POISONINGS: Final = "poisonings"
_OUTCOMES = (Indicator.DEATHS.value, Indicator.NON_FATAL.value)


@dataclass(frozen=True, slots=True)
class AmountTold:
    """The amount of a substance that a published table shows, and how many cases it is of."""

    indicator: str
    substance: str
    amount: Decimal
    cases: int


@dataclass(frozen=True, slots=True)
class Secret:
    """What a published table was made of, for the owner alone: needed to make the next one.

    codes: the substances with their classes; suppressions: by the name of the table of counts;
    amounts: those shown.
    """

    codes: tuple[SubstanceCode, ...]
    suppressions: Mapping[str, Suppression]
    amounts: tuple[AmountTold, ...]


def publish(
    counts: Counts,
    codes: Sequence[SubstanceCode],
    *,
    threshold: int,
    before: Sequence[Secret] = (),
) -> tuple[list[Observation], Secret]:
    """Derive what may be published of counts, and the secret to keep.

    codes: must hold those of every earlier version, with the same classes. before: earlier versions
    of the same table, oldest first. Raises DisclosureError where they leave no safe table.
    """
    suppressions: dict[str, Suppression] = {}
    for name, make in ((SEIZURES, make_seizure_table), (POISONINGS, make_poisoning_table)):
        table = make(counts, codes)
        earlier = [widen(one.suppressions[name], table) for one in before]
        suppressions[name] = suppress(table, threshold, earlier)
    amounts = tuple(_iter_amounts(counts, threshold, before, suppressions[SEIZURES]))
    secret = Secret(tuple(codes), suppressions, amounts)
    return sort_observations(list(_iter_observations(counts, secret)), codes), secret


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


def _iter_amounts(
    counts: Counts, threshold: int, before: Sequence[Secret], suppression: Suppression
) -> Iterator[AmountTold]:
    """Yield the amounts that may be shown: of whole substances, of enough cases.

    No sums over substances, forms or authorities, so nothing can be subtracted within a table; from
    one version to the next an amount stays as it was or holds at least ``threshold`` more cases.
    """
    shown_before = [amount for secret in before for amount in secret.amounts]
    sums: dict[tuple[str, str], tuple[Decimal, int]] = {}
    for (substance, _form, _authority), seized in counts.seized.items():
        for unit, amount in seized.amounts.items():
            total, cases = sums.get((AMOUNTS[unit], substance), (Decimal(0), 0))
            sums[AMOUNTS[unit], substance] = total + amount, cases + seized.amount_cases[unit]
    for (indicator, substance), (amount, cases) in sorted(sums.items()):
        told = AmountTold(indicator, substance, amount, cases)
        whole = suppression.get_mark((substance, TOTAL, TOTAL))
        others = [
            one for one in shown_before if (one.indicator, one.substance) == (indicator, substance)
        ]
        if (
            whole is InnerMark.VALUE
            and cases >= threshold
            and all(one == told or cases - one.cases >= threshold for one in others)
        ):
            yield told


def _iter_observations(counts: Counts, secret: Secret) -> Iterator[Observation]:
    for (substance, form, authority), cell in secret.suppressions[SEIZURES].publish().iter_cells():
        yield _observe((Indicator.SEIZURES.value, substance, form, authority), cell)
    for (substance, indicator), cell in secret.suppressions[POISONINGS].publish().iter_cells():
        yield _observe((indicator, substance, NOT_APPLICABLE, NOT_APPLICABLE), cell)
    told = {(one.indicator, one.substance): one.amount for one in secret.amounts}
    held = {(AMOUNTS[unit], key[0]) for key, one in counts.seized.items() for unit in one.amounts}
    for indicator, substance in sorted(held):
        cell_key = (indicator, substance, TOTAL, TOTAL)
        amount = told.get((indicator, substance))
        if amount is None:
            yield _hide(cell_key)
        else:
            yield Observation(*cell_key, amount)


def _observe(key: Key, cell: PublishedCell) -> Observation:
    if cell.mark is Mark.SUPPRESSED:
        return _hide(key)
    if cell.count is None:
        return Observation(*key, None, Status.MISSING.value)
    return Observation(*key, Decimal(cell.count))


def _hide(key: Key) -> Observation:
    return Observation(*key, None, Status.SUPPRESSED.value, Confidentiality.CONFIDENTIAL.value)


def write_secret(secret: Secret) -> dict[str, Any]:
    """Return a secret as JSON holds it."""
    return {
        "codes": [[one.code, one.name, one.parent] for one in secret.codes],
        "amounts": [
            [one.indicator, one.substance, str(one.amount), one.cases] for one in secret.amounts
        ],
        "tables": {name: _write(one) for name, one in secret.suppressions.items()},
    }


def read_secret(held: Mapping[str, Any]) -> Secret:
    """Return the secret that ``write_secret`` wrote."""
    return Secret(
        codes=tuple(SubstanceCode(*one) for one in held["codes"]),
        suppressions={name: _read(one) for name, one in held["tables"].items()},
        amounts=tuple(
            AmountTold(indicator, substance, Decimal(amount), cases)
            for indicator, substance, amount, cases in held["amounts"]
        ),
    )


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
