"""Numbers of persons in running text: by a label, a distinct form, or check digits that hold."""

import re
from collections.abc import Iterator

from tocsin.reports.formats.personal_data.births import DATE
from tocsin.reports.formats.personal_data.national_numbers import (
    DATED_NUMBERS,
    ITALIAN_CODE,
    is_belgian_number,
    is_finnish_number,
    is_french_number,
    is_iban,
    is_italian_code,
    is_payment_card,
)
from tocsin.reports.formats.personal_data.words import (
    fold,
    join_words,
    list_all,
    load_words,
    make_triggers,
)

_TABLE = load_words("texts.toml")
_LABELS, _PHONES = _TABLE["labels"], _TABLE["phones"]["labels"]
_REFERENCES = frozenset(map(fold, list_all(_TABLE["references"])))
_BETWEEN = rf"\W{{0,3}}(?:(?i:{join_words(_LABELS['between'])})(?!\w)\W{{0,3}}){{0,2}}(?!\W*{DATE})"

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}(?![\w(\[=])")
_LABELLED = re.compile(
    rf"(?<!\w)(?:(?i:{join_words(_LABELS['any_case'])})"
    rf"|{join_words(_LABELS['capitals'], keeps_case=True)})(?!\w)"
    rf"{_BETWEEN}[A-Z]{{0,3}} ?\d(?:[ ./-]?\d){{5,}}"
)
_LABELLED_PHONE = re.compile(
    rf"(?<!\w)(?i:{join_words(_PHONES)})(?!\w){_BETWEEN}[+(]?\d(?:[ ()/.-]{{0,2}}\d){{5,}}"
)
_PHONE = re.compile(
    r"(?<![\w+)(])\+\d{1,3}[ ()/.-]{0,3}\d(?:[ ()/.-]{0,2}\d){6,12}(?!\w)"
    r"|(?<![\w.,/+-])(?:0[1-9](?:[ .]\d\d){4}"
    r"|0(?:6[5-9]\d|1[567]\d{1,2})[ /](?=(?:\d ?){6,8}(?![ \d]))[\d ]+"
    r"|07\d{3} \d{3} ?\d{3}|06 \d{8}"
    r"|00(?:3\d{1,2}|4\d|90)[ /]\(?\d(?:[ ()/-]{0,2}\d){6,11})(?![\w,/-]|\.\d)"
)
_UNITED_STATES = re.compile(
    r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])", re.ASCII
)
_FRENCH = re.compile(
    r"(?<![\w.,])(?:[12] \d\d (?:0[1-9]|1[0-2]) \d[\dAB] \d{3} \d{3} \d\d"
    r"|(?P<plain>[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}))(?!\w)"
)
_BELGIAN = re.compile(r"\b\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}\b")
_FINNISH = re.compile(r"\b\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]\b")
_CARD_IN_GROUPS = re.compile(r"(?<![\w-])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?![\w-])")
_CARD = re.compile(
    r"(?<![\w.,/-])(?:4\d{15}(?:\d{3})?|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|2720\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|62\d{14,17})"
    r"(?![\w/-]|[.,]\d)",
    re.ASCII,
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
_ALONE = re.compile(
    r"(?<![\w.,/+-])(?:\d{4} \d{6}|\d{6}/\d{4}|\d{6}(?:\d\d)?[-+]\d{4}|\d{10,13}|\d{8}[A-Z]"
    r"|[XYZ]\d{7}[A-Z])(?![\w/+-]|[.,]\d)",
    re.ASCII,
)
_LAST_WORD = re.compile(r"([^\W\d_]+)\W*\Z")

NUMBER_HINT = re.compile(
    r"\+\d|\d{5}|\d{4}[ -]\d{4}|-\d\d-\d{4}|\d\.\d\d-\d|[A-Z]{6}\d\d|\d \d\d \d\d |0\d{2,4} \d{3} "
)
PHONE_TRIGGERS = make_triggers(_PHONES)
LABEL_TRIGGERS = make_triggers((*_LABELS["any_case"], *_LABELS["capitals"]))


def has_email(plain: str) -> bool:
    """Tell whether a text holds an e-mail address.

    >>> has_email("call anna@example.org"), has_email("C[C@@H](N)Cc1ccccc1")
    (True, False)
    """
    return bool(_EMAIL.search(plain))


def has_labelled_phone(plain: str) -> bool:
    """Tell whether a text without accents holds a telephone number with a word for it.

    >>> has_labelled_phone("Handy: 650 123456"), has_labelled_phone("mobile 12")
    (True, False)
    """
    return bool(_LABELLED_PHONE.search(plain))


def has_labelled_number(plain: str) -> bool:
    """Tell whether a text without accents holds a number of a person with its name.

    >>> has_labelled_number("NHS 943 476 5919"), has_labelled_number("passport stamp, 12 kg")
    (True, False)
    """
    return bool(_LABELLED.search(plain))


def iter_numbers(plain: str) -> Iterator[str]:
    """Yield what numbers of a person, by their forms and check digits, stand in a text."""
    if _PHONE.search(plain):
        yield "a phone number"
    if _has_national_number(plain):
        yield "a national number"
    if any(is_iban(found) for found in _IBAN.findall(plain)):
        yield "a bank account"
    cards = (*_CARD_IN_GROUPS.finditer(plain), *_CARD.finditer(plain))
    if any(is_payment_card(found[0]) for found in cards):
        yield "a payment card"


def has_number_alone(plain: str) -> bool:
    """Tell whether a number that stands alone holds a birth date and check digits of a country.

    One number of ten or so holds them by chance: this is for remarks and reasons, where a bare
    number has nothing to do, and never for references.

    >>> has_number_alone("known as 44051401359"), has_number_alone("case 44051401359")
    (True, False)
    """
    return any(
        is_number(found)
        for found in _iter_unreferenced(_ALONE, plain)
        for is_number in DATED_NUMBERS
    )


def _has_national_number(plain: str) -> bool:
    return (
        any(True for _found in _iter_unreferenced(_UNITED_STATES, plain))
        or any(is_italian_code(found) for found in ITALIAN_CODE.findall(plain.upper()))
        or any(
            not found["plain"] or is_french_number(found[0]) for found in _FRENCH.finditer(plain)
        )
        or any(is_belgian_number(found) for found in _BELGIAN.findall(plain))
        or any(is_finnish_number(found) for found in _FINNISH.findall(plain))
    )


def _iter_unreferenced(form: re.Pattern[str], plain: str) -> Iterator[str]:
    """Yield what has this form and no word for a reference before it ("bag 123-45-6789")."""
    for found in form.finditer(plain):
        before = _LAST_WORD.search(plain, 0, found.start())
        if before is None or fold(before[1]) not in _REFERENCES:
            yield found[0]
