"""Amounts of drugs with their units: what dimension a unit has, and exact conversion.

Tablets, blotters and other counted things are dimensions of their own: two tablets are not two
blotters, and neither is a mass.
"""

import functools
from decimal import Decimal
from enum import StrEnum

import pint

from tocsin.errors import BadQuantityError

_DEFINITIONS = """
gram = [mass] = g
liter = [volume] = l
day = [time]
inhabitant = [inhabitants]
thousand_inhabitants = 1000 * inhabitant
tablet = [tablets]
capsule = [capsules]
blotter = [blotters]
vape = [vapes]
item = [items]
kilo- = 1000 = k-
milli- = 1e-3 = m-
micro- = 1e-6 = µ-
nano- = 1e-9 = n-
"""

_UNITS = {
    "kg": "kg",
    "g": "g",
    "mg": "mg",
    "l": "l",
    "ml": "ml",
    "tablets": "tablet",
    "capsules": "capsule",
    "blotters": "blotter",
    "vapes": "vape",
    "items": "item",
    "ng/ml": "ng/ml",
    "µg/l": "µg/l",
    "mg/l": "mg/l",
    "ng/l": "ng/l",
    "ng/g": "ng/g",
    "mg/g": "mg/g",
    "mg/day/1000": "mg/day/thousand_inhabitants",
}


class Dimension(StrEnum):
    """What sort of quantity a unit measures."""

    MASS = "mass"
    VOLUME = "volume"
    COUNT = "count"
    CONCENTRATION = "concentration"
    LOAD = "load"


_EXAMPLES = {
    Dimension.MASS: ("g",),
    Dimension.VOLUME: ("l",),
    Dimension.COUNT: ("tablets", "capsules", "blotters", "vapes", "items"),
    Dimension.CONCENTRATION: ("mg/l", "mg/g"),
    Dimension.LOAD: ("mg/day/1000",),
}


@functools.cache
def derive_dimension(unit: str) -> Dimension:
    """Derive what a unit of the event record measures; a mass in a mass counts as concentration.

    Raises BadQuantityError for a unit that is none of the record's.

    >>> derive_dimension("kg").value, derive_dimension("ng/g").value
    ('mass', 'concentration')
    """
    held = _get_unit(unit).dimensionality
    return next(
        dimension
        for dimension, examples in _EXAMPLES.items()
        if any(_get_unit(example).dimensionality == held for example in examples)
    )


def convert(amount: Decimal, unit: str, to_unit: str) -> Decimal:
    """Convert an amount exactly from one unit of the event record to another.

    Raises BadQuantityError where one of them is unknown or they measure different things.

    >>> convert(Decimal("40"), "kg", "g"), convert(Decimal("1.5"), "mg/l", "ng/ml")
    (Decimal('40000'), Decimal('1500'))
    """
    factor = _derive_factor(unit, to_unit)
    return Decimal(format((amount * factor).normalize(), "f"))


def is_convertible(unit: str, to_unit: str) -> bool:
    """Tell whether amounts in one unit can be given in the other.

    >>> is_convertible("tablets", "blotters"), is_convertible("µg/l", "ng/ml")
    (False, True)
    """
    return bool(_get_unit(unit).dimensionality == _get_unit(to_unit).dimensionality)


@functools.cache
def _derive_factor(unit: str, to_unit: str) -> Decimal:
    if not is_convertible(unit, to_unit):
        raise BadQuantityError(f"{unit}: found a unit that is not convertible; expected {to_unit}")
    factor = _get_registry().Quantity(Decimal(1), _get_unit(unit)).to(_get_unit(to_unit)).magnitude
    return Decimal(factor).normalize()


@functools.cache
def _get_unit(unit: str) -> pint.Unit:
    if unit not in _UNITS:
        raise BadQuantityError(f"unit {unit[:20]!r}: unknown; expected one of {', '.join(_UNITS)}")
    return _get_registry().Unit(_UNITS[unit])


@functools.cache
def _get_registry() -> pint.UnitRegistry[Decimal]:
    registry: pint.UnitRegistry[Decimal] = pint.UnitRegistry(
        filename=None, non_int_type=Decimal, case_sensitive=True
    )
    registry.load_definitions(_DEFINITIONS.strip().splitlines())
    return registry
