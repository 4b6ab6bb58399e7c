"""Units of the record: dimensions and exact conversion."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import BadQuantityError
from tocsin.science.quantities import Dimension, convert, derive_dimension, is_convertible


@pytest.mark.parametrize(
    ("amount", "unit", "to_unit", "expected"),
    [
        ("40", "kg", "g", "40000"),
        ("2.5", "mg", "kg", "0.0000025"),
        ("1.5", "mg/l", "ng/ml", "1500"),
        ("3", "µg/l", "ng/ml", "3"),
        ("3", "mg/g", "ng/g", "3000000"),
        ("7", "ng/l", "µg/l", "0.007"),
    ],
)
def test_conversion_is_exact(amount: str, unit: str, to_unit: str, expected: str) -> None:
    assert convert(Decimal(amount), unit, to_unit) == Decimal(expected)


def test_units_of_different_things_are_not_converted() -> None:
    assert not is_convertible("tablets", "blotters")
    with pytest.raises(BadQuantityError, match="tablets: found a unit that is not convertible"):
        convert(Decimal(2), "tablets", "g")
    with pytest.raises(BadQuantityError, match="unit 'ounces': unknown; expected one of kg, g"):
        derive_dimension("ounces")


def test_a_mass_in_a_mass_is_a_concentration_and_a_load_is_neither() -> None:
    assert derive_dimension("ng/g") is Dimension.CONCENTRATION
    assert derive_dimension("mg/day/1000") is Dimension.LOAD


@given(st.decimals(0, 10**9, places=6), st.sampled_from([("kg", "mg"), ("mg/l", "ng/l")]))
def test_there_and_back_is_the_same(amount: Decimal, units: tuple[str, str]) -> None:
    there = convert(amount, *units)
    assert convert(there, units[1], units[0]) == amount
