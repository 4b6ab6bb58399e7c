"""The cells of a table: counts with all their margins, as observations. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from tocsin.reports.record.words import Authority, PhysicalForm
from tocsin.tables.counting import Counts, Poisoned, Seized
from tocsin.tables.vocabulary import (
    AMOUNTS,
    CLASS_PREFIX,
    NOT_APPLICABLE,
    TOTAL,
    UNKNOWN,
    Confidentiality,
    Indicator,
    Status,
)

Key = tuple[str, str, str, str]
"""Indicator, substance, form, authority."""

FORMS: tuple[str, ...] = (*PhysicalForm.values, UNKNOWN)
AUTHORITIES: tuple[str, ...] = (*Authority.values, UNKNOWN)


@dataclass(frozen=True, slots=True)
class SubstanceCode:
    """A substance or class of a table: its code, name, and what it is part of."""

    code: str
    name: str
    parent: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One cell of a table. value: None where it is missing or suppressed."""

    indicator: str
    substance: str
    form: str
    authority: str
    value: Decimal | None
    status: str = Status.VALUE
    confidentiality: str = Confidentiality.FREE

    @property
    def key(self) -> Key:
        """What the observation is of."""
        return (self.indicator, self.substance, self.form, self.authority)


def list_codes(
    counts: Counts, names: Mapping[str, tuple[str, str, str]], before: Sequence[SubstanceCode] = ()
) -> list[SubstanceCode]:
    """List the substances of a table with the classes above them, the total first.

    names: of each substance its name, and the key and name of its class. before: the codes of
    earlier versions of the table, which stay and keep their class: a code means the same in each.
    """
    held = {one.code: one for one in before}
    found = {key[0] for key in counts.seized} | set(counts.poisoned)
    held.setdefault(TOTAL, SubstanceCode(TOTAL, "Total", ""))
    for code in sorted(found - {UNKNOWN}, key=lambda code: names[code]):
        name, class_key, class_name = names[code]
        above = f"{CLASS_PREFIX}{class_key}"
        if code not in held:
            held.setdefault(above, SubstanceCode(above, class_name, TOTAL))
            held[code] = SubstanceCode(code, name, above)
    if UNKNOWN in found:
        held.setdefault(UNKNOWN, SubstanceCode(UNKNOWN, "Not in the register", TOTAL))
    return _put_in_order(held)


def _put_in_order(held: Mapping[str, SubstanceCode]) -> list[SubstanceCode]:
    """The total, then each class with its substances, by name; what is unknown last."""
    below: dict[str, list[SubstanceCode]] = {}
    for one in held.values():
        below.setdefault(one.parent, []).append(one)

    def walk(code: str) -> Iterator[SubstanceCode]:
        parts = below.get(code, [])
        for one in sorted(parts, key=lambda one: (one.code == UNKNOWN, one.name, one.code)):
            yield one
            yield from walk(one.code)

    return list(walk(""))


def observe(counts: Counts, codes: Sequence[SubstanceCode]) -> list[Observation]:
    """Derive every observation of a table that is not published: nothing is hidden.

    Seizures stand for every substance, form and authority and all their totals; a count of what
    nobody reported on is missing. Amounts stand where there are seizures; an amount that nobody
    gave is missing. Purities stand for substances, not for classes.
    """
    parents = {one.code: one.parent for one in codes}
    seized = _roll_up(counts.seized, parents)
    observations = []
    for substance, form, authority in product(parents, (TOTAL, *FORMS), (TOTAL, *AUTHORITIES)):
        found = seized.get((substance, form, authority))
        is_reported = (
            bool(counts.authorities) if authority == TOTAL else authority in counts.authorities
        )
        value = Decimal(found.cases) if found else Decimal(0) if is_reported else None
        observations.append(tell((Indicator.SEIZURES, substance, form, authority), value))
        if found:
            observations += _observe_amounts((substance, form, authority), found, seized)
    poisoned = _roll_up_poisoned(counts.poisoned, parents)
    for substance in parents:
        sums = poisoned.get(substance, Poisoned())
        numbers = (sums.poisonings, sums.deaths, sums.poisonings - sums.deaths)
        for indicator, number in zip(POISONING_INDICATORS, numbers, strict=True):
            value = Decimal(number) if counts.has_poisonings else None
            observations.append(tell((indicator, substance, NOT_APPLICABLE, NOT_APPLICABLE), value))
    return sort_observations(observations, codes)


POISONING_INDICATORS = (Indicator.POISONINGS, Indicator.DEATHS, Indicator.NON_FATAL)


def sort_observations(
    observations: Sequence[Observation], codes: Sequence[SubstanceCode]
) -> list[Observation]:
    """Put observations in the order of their codes: indicator, substance, form, authority."""
    indicators = {code: at for at, code in enumerate(Indicator.values)}
    substances = {one.code: at for at, one in enumerate(codes)}
    forms = {code: at for at, code in enumerate((TOTAL, *FORMS, NOT_APPLICABLE))}
    authorities = {code: at for at, code in enumerate((TOTAL, *AUTHORITIES, NOT_APPLICABLE))}
    return sorted(
        observations,
        key=lambda one: (
            indicators[one.indicator],
            substances[one.substance],
            forms[one.form],
            authorities[one.authority],
        ),
    )


def _observe_amounts(
    place: tuple[str, str, str], found: Seized, seized: Mapping[tuple[str, str, str], Seized]
) -> Iterator[Observation]:
    """Amounts in each unit that the substance has at all, and the range of purities."""
    substance, form, authority = place
    units = seized[substance, TOTAL, TOTAL].amounts
    for unit, indicator in AMOUNTS.items():
        if unit in units:
            yield tell((indicator, substance, form, authority), found.amounts.get(unit))
    if (
        substance != TOTAL
        and not substance.startswith(CLASS_PREFIX)
        and found.purity_low is not None
    ):
        yield tell((Indicator.PURITY_LOW, substance, form, authority), found.purity_low)
        yield tell((Indicator.PURITY_HIGH, substance, form, authority), found.purity_high)


def _roll_up(
    seized: Mapping[tuple[str, str, str], Seized], parents: Mapping[str, str]
) -> dict[tuple[str, str, str], Seized]:
    """Add up all margins: classes and totals of substances, forms and authorities."""
    sums: dict[tuple[str, str, str], Seized] = {}
    for (substance, form, authority), one in seized.items():
        for place in product(list_above(substance, parents), (form, TOTAL), (authority, TOTAL)):
            sums.setdefault(place, Seized()).add(one)
    return sums


def _roll_up_poisoned(
    poisoned: Mapping[str, Poisoned], parents: Mapping[str, str]
) -> dict[str, Poisoned]:
    sums: dict[str, Poisoned] = {}
    for substance, one in poisoned.items():
        for code in list_above(substance, parents):
            held = sums.setdefault(code, Poisoned())
            held.poisonings += one.poisonings
            held.deaths += one.deaths
    return sums


def list_above(code: str, parents: Mapping[str, str]) -> list[str]:
    """List a code and all that it is part of.

    >>> list_above("etonitazene", {"_T": "", "CLASS_n": "_T", "etonitazene": "CLASS_n"})
    ['etonitazene', 'CLASS_n', '_T']
    """
    found = [code]
    while parents[found[-1]]:
        found.append(parents[found[-1]])
    return found


def tell(
    key: Key, value: Decimal | None, confidentiality: Confidentiality = Confidentiality.INTERNAL
) -> Observation:
    """Make an observation that is not hidden: missing where it has no value."""
    status = Status.MISSING if value is None else Status.VALUE
    return Observation(*key, value, status.value, confidentiality.value)


def hide(key: Key) -> Observation:
    """Make an observation that is suppressed."""
    return Observation(*key, None, Status.SUPPRESSED.value, Confidentiality.CONFIDENTIAL.value)
