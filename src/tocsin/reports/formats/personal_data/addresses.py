"""Addresses in running text: a street with the number of a house, a postcode with a town."""

import re

from tocsin.reports.formats.personal_data.names import is_known_word
from tocsin.reports.formats.personal_data.words import (
    UPPER,
    join_words,
    list_all,
    load_words,
    make_triggers,
    strip_accents,
)

_TABLE = load_words("texts.toml")
_STREETS = _TABLE["streets"]
_COUNTED = join_words(list_all(_TABLE["counted"]))
_ENDINGS = tuple(strip_accents(word).casefold() for word in _STREETS["endings"])
_NO_STREETS = frozenset(strip_accents(word) for word in _STREETS["none"])
_HOUSE = (
    r"\d{1,4}[a-z]?(?:[-/]\d{1,4}[a-z]?)*(?![\w]|[.:/-]?\d|,\d)"
    rf"(?!\s?(?:%|€|(?i:{_COUNTED})(?!\w)))"
)
_WORD = rf"[{UPPER}][\w'-]+"


def _any(kind: str) -> str:
    return join_words(_STREETS[kind], keeps_case=True)


_BY_ENDING = re.compile(rf"(?<![\w-])([{UPPER}][\w-]+)\.?\s{_HOUSE}")
_BY_WORD = re.compile(
    rf"{_WORD}(?<=\w\w\w)\s(?:{_any('behind')})\s?{_HOUSE}"
    rf"|(?<![\w-])(?<!et\s)(?:{_any('before')})(?!\w)\.?\s(?:[a-z]{{2,5}}\.?\s){{0,3}}(?:[a-z]{{1,4}}-)?"
    rf"{_WORD}(?:\s[\w.'-]+){{0,3}}?,?\s(?:n[or]?\.?\s|c\.p?\.?\s|αρ\.?\s|№\s?)?{_HOUSE}"
    rf"|(?<![\w.,/-])\d{{1,4}}[a-zA-Z]?(?:\s?(?:bis|ter|quater))?,?\s(?:{_any('numbered')})\.?\s"
    rf"(?:(?:de|du|des|la|le|les)\s|d'|l'){{0,2}}{_WORD}"
    rf"|(?<![\w.,/-])\d{{1,4}}[A-Za-z]?,?\s(?:{_WORD}\s){{1,3}}(?:{_any('english')})(?!\w)"
    rf"(?!\s?(?i:{_COUNTED})(?!\w))"
    rf"|(?:(?<!\w)Via|(?<!\w)in\svia)\s{_WORD}(?:\s{_WORD}){{0,2}},?\s(?:n\.?\s?)?{_HOUSE}"
    r"(?=\s*(?:\Z|[,.;)]))"
)
_WHOLE = re.compile(
    rf"(?:Am|An der|Auf der|Unter den)\s(?P<word>{_WORD})\s\d{{1,3}}[a-z]?(?:,.*)?\Z"
)
_TOWN = re.compile(
    rf"(?<!\w)(?P<street>{_WORD})\.?\s\d{{1,4}}[a-z]?(?:/\d+)*,?\s(?:[A-Z]{{1,2}}-)?"
    rf"(?!199\d\s|20[0-3]\d\s)\d{{4,5}}\s(?P<town>{_WORD})"
    rf"|(?<![\w-])(?:(?:D|F|LT)-\d{{5}}|(?:A|CH|LV)-\d{{4}})\s(?P<place>{_WORD})"
)
_BRITISH_POSTCODE = re.compile(
    r"(?<![\w-])[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}(?![\w-])", re.ASCII
)

ADDRESS_TRIGGERS = make_triggers(
    (
        *(word for kind in ("behind", "before", "numbered", "english") for word in _STREETS[kind]),
        "via",
    )
)


def has_street(plain: str) -> bool:
    """Tell whether a text without accents holds a word for a street and a house number.

    >>> has_street("12, rue Victor Hugo"), has_street("Via Milano, 12 kg")
    (True, False)
    """
    return bool(_BY_WORD.search(plain))


def has_address(plain: str) -> bool:
    """Tell whether a text without accents holds an address that its form alone gives away.

    >>> has_address("found at Hauptstr. 12"), has_address("Tablet 120")
    (True, False)
    """
    if any(
        found[1].casefold().endswith(_ENDINGS) and found[1] not in _NO_STREETS
        for found in _BY_ENDING.finditer(plain)
    ):
        return True
    whole = _WHOLE.match(plain)
    if whole and not is_known_word(whole["word"]):
        return True
    return bool(_BRITISH_POSTCODE.search(plain)) or any(
        not any(map(is_known_word, filter(None, found.groups()))) for found in _TOWN.finditer(plain)
    )
