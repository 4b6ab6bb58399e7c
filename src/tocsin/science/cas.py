"""CAS Registry Numbers: their form and their check digit, without looking any of them up."""

import re
import unicodedata

from tocsin.errors import BadCasNumberError

_FORM = re.compile(r"([0-9]{2,7})-([0-9]{2})-([0-9])")
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
_LONGEST_CHARACTERS = 60


def is_cas_shaped(text: str) -> bool:
    """Tell whether a text has the form of a CAS number, right check digit or not.

    >>> is_cas_shaped("437-38-7"), is_cas_shaped("437-38-8"), is_cas_shaped("4-ANPP")
    (True, True, False)
    """
    return _FORM.fullmatch(_read_plainly(text)) is not None


def is_cas_number(text: str) -> bool:
    """Tell whether a text is a CAS number whose check digit is right.

    >>> is_cas_number("437-38-7"), is_cas_number("437-38-8"), is_cas_number("fentanyl")
    (True, False, False)
    """
    form = _FORM.fullmatch(text)
    return form is not None and int(form[3]) == _derive_check_digit(form[1] + form[2])


def parse_cas_number(text: str) -> str:
    """Read a CAS number, verify its check digit and return it with plain hyphens and no spaces.

    Raises BadCasNumberError saying what was found and which check digit was expected.
    Source: Chemical Abstracts Service, "Check Digit Verification of CAS Registry Numbers".

    >>> parse_cas_number(" 437-38-7 ")
    '437-38-7'
    """
    number = _read_plainly(text)
    form = _FORM.fullmatch(number)
    if form is None:
        raise BadCasNumberError(
            f"CAS number: found {text[:40]!r}; expected two to seven digits, two digits and a "
            "check digit with hyphens between, such as 437-38-7"
        )
    expected = _derive_check_digit(form[1] + form[2])
    if int(form[3]) != expected:
        raise BadCasNumberError(
            f"CAS number {number}: found check digit {form[3]}; expected {expected}"
        )
    return number


def _read_plainly(text: str) -> str:
    """Return the text with hyphens of any kind as "-", or nothing where it cannot be a number."""
    if len(text) > _LONGEST_CHARACTERS:
        return ""
    plain = unicodedata.normalize("NFKC", text).translate(_HYPHENS).strip()
    return plain if plain.isascii() else ""


def _derive_check_digit(digits: str) -> int:
    """Sum each digit times its place counted from the right, modulo 10."""
    return sum(place * int(digit) for place, digit in enumerate(reversed(digits), start=1)) % 10
