import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import BadCasNumberError
from tocsin.science.cas import is_cas_number, is_cas_shaped, parse_cas_number


@pytest.mark.parametrize(
    "number",
    [
        "7732-18-5",  # water: (8·1 + 1·2 + 2·3 + 3·4 + 7·5 + 7·6) mod 10 = 105 mod 10 = 5
        "437-38-7",  # fentanyl
        "58-08-2",  # caffeine: two digits in the first part, the fewest there are
        "1234567-89-5",  # seven digits, the most there are: 285 mod 10 = 5
    ],
)
def test_a_number_with_the_right_check_digit_is_accepted(number: str) -> None:
    assert is_cas_number(number)
    assert parse_cas_number(f" {number}\t") == number


def test_a_wrong_check_digit_is_refused_naming_the_right_one() -> None:
    assert not is_cas_number("437-38-8")
    with pytest.raises(BadCasNumberError) as refusal:
        parse_cas_number("437-38-8")
    assert str(refusal.value) == "CAS number 437-38-8: found check digit 8; expected 7"


@pytest.mark.parametrize(
    "text",
    ["", "fentanyl", "437387", "437-38", "437-38-77", "4-38-7", "12345678-38-7", "٤٣٧-38-7"],
)
def test_a_text_of_another_form_is_refused_naming_the_form(text: str) -> None:
    assert not is_cas_number(text)
    with pytest.raises(BadCasNumberError) as refusal:
        parse_cas_number(text)
    assert str(refusal.value) == (
        f"CAS number: found {text!r}; expected two to seven digits, two digits and a check digit "
        "with hyphens between, such as 437-38-7"
    )


def test_a_long_text_is_shortened_in_the_message() -> None:
    with pytest.raises(BadCasNumberError, match=f"found '{'9' * 40}';"):
        parse_cas_number("9" * 1_000)


@st.composite
def cas_numbers(draw: st.DrawFn) -> str:
    digits = draw(st.text("0123456789", min_size=4, max_size=9))
    total = 0
    for at, digit in enumerate(digits):
        total += int(digit) * (len(digits) - at)
    return f"{digits[:-2]}-{digits[-2:]}-{total % 10}"


@given(cas_numbers())
def test_every_number_built_by_the_rule_is_accepted(number: str) -> None:
    assert is_cas_number(number)
    assert parse_cas_number(number) == number


@given(cas_numbers(), st.integers(1, 9))
def test_changing_the_check_digit_breaks_a_number(number: str, step: int) -> None:
    changed = number[:-1] + str((int(number[-1]) + step) % 10)
    assert not is_cas_number(changed)


@given(cas_numbers(), st.data())
def test_changing_one_digit_breaks_a_number_where_the_rule_can_tell(
    number: str, data: st.DataObject
) -> None:
    """A change of d at place p is seen unless p·d is a multiple of 10: a limit of the rule."""
    digits = number[:-2].replace("-", "")
    at = data.draw(st.integers(0, len(digits) - 1))
    place = len(digits) - at
    step = data.draw(st.integers(1, 9))
    new = (int(digits[at]) + step) % 10
    changed_digits = digits[:at] + str(new) + digits[at + 1 :]
    changed = f"{changed_digits[:-2]}-{changed_digits[-2:]}{number[-2:]}"
    assert is_cas_number(changed) == (place * step % 10 == 0)


def test_hyphens_of_any_kind_are_read() -> None:
    # 7732-18-5 (water): 8*1 + 1*2 + 2*3 + 3*4 + 7*5 + 7*6 = 105; 105 mod 10 = 5.
    assert parse_cas_number(" 7732\u201018\u20105 ") == "7732-18-5"


@given(st.text(max_size=80))
def test_any_text_is_cas_shaped_or_not_without_a_fault(text: str) -> None:
    assert is_cas_shaped(text) in (True, False)
