"""National numbers and bank accounts, told by the rules of their check digits.

Each rule is the one its issuer publishes; the examples are invented numbers that fit it. A number
of digits alone also fits by chance, one in ten or so: that is why such forms are looked for in
whole columns (``NATIONAL_NUMBERS``) and not in single cells.
"""

import re
from collections.abc import Callable, Sequence

ITALIAN_CODE = re.compile(r"\b[A-Z]{6}\d{2}[ABCDEHLMPRST]\d{2}[A-Z]\d{3}[A-Z]\b")
ITALIAN_ODD_VALUES = (
    *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18),
    *(20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
)
PAYMENT_CARD = re.compile(
    r"(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|3[47]\d{2}|6\d{3})[\d -]{9,18}\d", re.ASCII
)


def is_polish_number(text: str) -> bool:
    """Tell whether a text is a PESEL: 11 digits, a possible birth date, check digit holds.

    >>> is_polish_number("44051401359"), is_polish_number("44051401358")
    (True, False)
    """
    if not re.fullmatch(r"[0-9]{11}", text):
        return False
    digits = list(map(int, text))
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
    holds = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 10 == 0
    return holds and 1 <= int(text[2:4]) % 20 <= 12 and 1 <= int(text[4:6]) <= 31


def is_spanish_number(text: str) -> bool:
    """Tell whether a text is a Spanish DNI or NIE: digits and the check letter that belongs.

    >>> is_spanish_number("12345678Z"), is_spanish_number("12345678A")
    (True, False)
    """
    match = re.fullmatch(r"([XYZ]?)(\d{7,8})-?([A-Z])", text.upper(), re.ASCII)
    if not match or len(match[1]) + len(match[2]) != 8:
        return False
    number = int({"": "", "X": "0", "Y": "1", "Z": "2"}[match[1]] + match[2])
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == match[3]


def is_swedish_number(text: str) -> bool:
    """Tell whether a text is a Swedish personnummer: birth date, four digits, Luhn check.

    >>> is_swedish_number("811228-9874"), is_swedish_number("811228-9873")
    (True, False)
    """
    match = re.fullmatch(r"(?:19|20)?(\d{2})(\d{2})(\d{2})[-+]?(\d{4})", text, re.ASCII)
    if not match or not (1 <= int(match[2]) <= 12 and 1 <= int(match[3]) % 60 <= 31):
        return False
    return _holds_luhn(list(map(int, "".join(match.groups()))))


def is_italian_code(text: str) -> bool:
    """Tell whether a text is a codice fiscale whose check letter holds.

    >>> is_italian_code("RSSMRA85T10A562S"), is_italian_code("RSSMRA85T10A562T")
    (True, False)
    """
    if not re.fullmatch(ITALIAN_CODE, text):
        return False
    total = 0
    for place, sign in enumerate(text[:15]):
        value = int(sign) if sign.isdigit() else ord(sign) - ord("A")
        total += ITALIAN_ODD_VALUES[value] if place % 2 == 0 else value
    return chr(ord("A") + total % 26) == text[15]


def is_french_number(text: str) -> bool:
    """Tell whether a text is a French NIR of 15 signs whose key holds (modulo 97).

    >>> is_french_number("2 55 08 14 168 025 38"), is_french_number("2 55 08 14 168 025 39")
    (True, False)
    """
    plain = text.replace(" ", "")
    if len(plain) != 15:
        return False
    number = plain[:13].replace("2A", "19").replace("2B", "18")
    key = plain[13:]
    return (number + key).isdecimal() and 97 - int(number) % 97 == int(key)


def is_iban(text: str) -> bool:
    """Tell whether a text is an IBAN whose check digits hold (ISO 13616, modulo 97).

    >>> is_iban("GB82 WEST 1234 5698 7654 32"), is_iban("GB82 WEST 1234 5698 7654 33")
    (True, False)
    """
    plain = text.replace(" ", "")
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", plain, re.ASCII):
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def is_dutch_number(text: str) -> bool:
    """Tell whether a text is a Dutch burgerservicenummer: 9 digits, the eleven test holds.

    >>> is_dutch_number("111222333"), is_dutch_number("111222334")
    (True, False)
    """
    digits = _find_digits(r"\d{9}", text)
    return bool(digits) and any(digits) and _weigh(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def is_belgian_number(text: str) -> bool:
    """Tell whether a text is a Belgian national number: birth date, 97 less the rest of 97.

    >>> is_belgian_number("85.07.30-033.28"), is_belgian_number("85.07.30-033.29")
    (True, False)
    """
    match = re.fullmatch(r"(\d{2})\.?(\d{2})\.?(\d{2})-?(\d{3})\.?(\d{2})", text, re.ASCII)
    if not match or int(match[2]) % 20 > 12 or int(match[3]) > 31:
        return False
    number, check = "".join(match.groups()[:4]), int(match[5])
    return check in (97 - int(number) % 97, 97 - int("2" + number) % 97)


def is_portuguese_number(text: str) -> bool:
    """Tell whether a text is a Portuguese NIF of a person: 9 digits, modulo 11.

    >>> is_portuguese_number("123456789"), is_portuguese_number("123456780")
    (True, False)
    """
    digits = _find_digits(r"[1-3]\d{8}", text)
    if not digits:
        return False
    rest = _weigh(digits[:8], range(9, 1, -1)) % 11
    return digits[8] == (0 if rest < 2 else 11 - rest)


def is_german_number(text: str) -> bool:
    """Tell whether a text is a German Steuer-ID: 11 digits, one of them repeated, modulo 11, 10.

    >>> is_german_number("86095742719"), is_german_number("86095742718")
    (True, False)
    """
    digits = _find_digits(r"[1-9]\d{10}", text)
    if not digits or len(set(digits[:10])) not in (8, 9):
        return False
    return _holds_modulo_11_10(digits)


def is_croatian_number(text: str) -> bool:
    """Tell whether a text is a Croatian OIB: 11 digits, ISO 7064 modulo 11, 10.

    >>> is_croatian_number("94577403194"), is_croatian_number("94577403195")
    (True, False)
    """
    digits = _find_digits(r"\d{11}", text)
    return bool(digits) and _holds_modulo_11_10(digits)


def is_romanian_number(text: str) -> bool:
    """Tell whether a text is a Romanian CNP: 13 digits, sex, birth date, modulo 11.

    >>> is_romanian_number("1800101221144"), is_romanian_number("1800101221145")
    (True, False)
    """
    digits = _find_digits(r"[1-9]\d{12}", text)
    if not digits or not _is_day(text[5:7], text[3:5]):
        return False
    rest = _weigh(digits[:12], (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return digits[12] == (1 if rest == 10 else rest)


def is_czech_number(text: str) -> bool:
    """Tell whether a text is a Czech or Slovak rodné číslo of 10 digits: divisible by 11.

    >>> is_czech_number("710319/2745"), is_czech_number("710319/2746")
    (True, False)
    """
    match = re.fullmatch(r"(\d{2})(\d{2})(\d{2})/?(\d{4})", text, re.ASCII)
    if not match or not _is_day(match[3], str(int(match[2]) % 50 % 20)):
        return False
    return int("".join(match.groups())) % 11 == 0


def is_bulgarian_number(text: str) -> bool:
    """Tell whether a text is a Bulgarian EGN: 10 digits, birth date, modulo 11.

    >>> is_bulgarian_number("7523169263"), is_bulgarian_number("7523169264")
    (True, False)
    """
    digits = _find_digits(r"\d{10}", text)
    if not digits or not _is_day(text[4:6], str(int(text[2:4]) % 20)):
        return False
    return _weigh(digits[:9], (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == digits[9]


def is_baltic_number(text: str) -> bool:
    """Tell whether a text is an Estonian or Lithuanian personal code: 11 digits, two weighings.

    >>> is_baltic_number("37605030299"), is_baltic_number("37605030298")
    (True, False)
    """
    digits = _find_digits(r"[1-8]\d{10}", text)
    if not digits or not _is_day(text[5:7], text[3:5]):
        return False
    rest = _weigh(digits[:10], (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if rest == 10:
        rest = _weigh(digits[:10], (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return rest == digits[10]


def is_slovenian_number(text: str) -> bool:
    """Tell whether a text is a Slovenian EMŠO: 13 digits, birth date, modulo 11.

    >>> is_slovenian_number("0101006500006"), is_slovenian_number("0101006500007")
    (True, False)
    """
    digits = _find_digits(r"\d{4}[09]\d{8}", text)
    if not digits or not _is_day(text[:2], text[2:4]):
        return False
    return -_weigh(digits[:12], (7, 6, 5, 4, 3, 2) * 2) % 11 == digits[12]


def is_irish_number(text: str) -> bool:
    """Tell whether a text is an Irish PPS number: 7 digits, check letter modulo 23.

    >>> is_irish_number("1234567T"), is_irish_number("1234567FA"), is_irish_number("1234567A")
    (True, True, False)
    """
    match = re.fullmatch(r"(\d{7})([A-W])([A-IW]?)", text.upper(), re.ASCII)
    if not match:
        return False
    letters = "WABCDEFGHIJKLMNOPQRSTUV"
    total = _weigh(list(map(int, match[1])), range(8, 1, -1))
    return letters[(total + 9 * letters.index(match[3] or "W")) % 23] == match[2]


def is_austrian_number(text: str) -> bool:
    """Tell whether a text is an Austrian insurance number: 10 digits, the fourth modulo 11.

    >>> is_austrian_number("1237 010180"), is_austrian_number("1238 010180")
    (True, False)
    """
    plain = text.replace(" ", "")
    digits = _find_digits(r"[1-9]\d{9}", plain)
    if not digits or not _is_day(plain[4:6], plain[6:8]):
        return False
    return _weigh(digits, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == digits[3]


def is_finnish_number(text: str) -> bool:
    """Tell whether a text is a Finnish henkilötunnus: birth date, sign, check sign modulo 31.

    >>> is_finnish_number("131052-308T"), is_finnish_number("131052-308U")
    (True, False)
    """
    match = re.fullmatch(r"(\d{2})(\d{2})(\d{2})[-+A-FU-Y](\d{3})([0-9A-Y])", text, re.ASCII)
    if not match or not _is_day(match[1], match[2]):
        return False
    number = int("".join(match.groups()[:4]))
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[number % 31] == match[5]


def is_danish_number(text: str) -> bool:
    """Tell whether a text is a Danish CPR number of the older kind: birth date, modulo 11.

    >>> is_danish_number("070761-4285"), is_danish_number("070761-4286")
    (True, False)
    """
    match = re.fullmatch(r"(\d{2})(\d{2})(\d{2})-?(\d{4})", text, re.ASCII)
    if not match or not _is_day(match[1], match[2]):
        return False
    digits = list(map(int, "".join(match.groups())))
    return _weigh(digits, (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def is_greek_number(text: str) -> bool:
    """Tell whether a text is a Greek AMKA: 11 digits, birth date, Luhn check.

    >>> is_greek_number("01013099997"), is_greek_number("01013099998")
    (True, False)
    """
    digits = _find_digits(r"\d{11}", text)
    return bool(digits) and _is_day(text[:2], text[2:4]) and _holds_luhn(digits)


def is_payment_card(text: str) -> bool:
    """Tell whether a text is the number of a payment card: 14 to 19 digits, Luhn check.

    >>> is_payment_card("4111 1111 1111 1111"), is_payment_card("4111 1111 1111 1112")
    (True, False)
    """
    if not PAYMENT_CARD.fullmatch(text):
        return False
    digits = [int(sign) for sign in text if sign.isdigit()]
    return 14 <= len(digits) <= 19 and _holds_luhn(digits)


NATIONAL_NUMBERS: tuple[Callable[[str], bool], ...] = (
    *(is_polish_number, is_spanish_number, is_swedish_number, is_dutch_number),
    *(is_belgian_number, is_portuguese_number, is_german_number, is_croatian_number),
    *(is_romanian_number, is_czech_number, is_bulgarian_number, is_baltic_number),
    *(is_slovenian_number, is_irish_number, is_austrian_number, is_finnish_number),
    *(is_danish_number, is_greek_number, is_italian_code, is_french_number),
    is_payment_card,
)
"""A column all of whose cells are of one of these holds national numbers."""

DATED_NUMBERS: tuple[Callable[[str], bool], ...] = (
    *(is_polish_number, is_swedish_number, is_belgian_number, is_romanian_number),
    *(is_czech_number, is_bulgarian_number, is_baltic_number, is_slovenian_number),
    *(is_austrian_number, is_danish_number, is_greek_number, is_spanish_number),
)
"""Those with a birth date, or a letter, beside their check digits: few numbers fit by chance."""


def _find_digits(pattern: str, text: str) -> list[int]:
    """Return the digits of a text of this form, none for another."""
    return list(map(int, text)) if re.fullmatch(pattern, text, re.ASCII) else []


def _weigh(digits: Sequence[int], weights: Sequence[int]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=True))


def _is_day(day: str, month: str) -> bool:
    return 1 <= int(day) <= 31 and 1 <= int(month) <= 12


def _holds_luhn(digits: Sequence[int]) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = digit * (1 + place % 2)
        total += doubled // 10 + doubled % 10
    return total % 10 == 0


def _holds_modulo_11_10(digits: Sequence[int]) -> bool:
    rest = 10
    for digit in digits[:-1]:
        rest = ((rest + digit) % 10 or 10) * 2 % 11
    return (11 - rest) % 10 == digits[-1]
