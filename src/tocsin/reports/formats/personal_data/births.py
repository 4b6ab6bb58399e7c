"""Birth dates in running text: a word for birth beside a day."""

import re

from tocsin.reports.formats.personal_data.words import (
    LETTER,
    join_words,
    list_all,
    load_words,
    make_triggers,
)

_TABLE = load_words("texts.toml")
_BIRTHS = list_all(_TABLE["births"])
_AFTER = list_all(_TABLE["births_after"])
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|\.)?"
_MONTH = rf"(?:\d{{1,2}}|(?:de |d'|ta' )?{LETTER}{{3,12}})"
DATE = (
    rf"(?:{_DAY}[-./ ]{{0,2}}(?<=[-./ ]){_MONTH}\.?[-./, ]{{1,2}}(?:de )?\d{{2,4}}"
    rf"|\d{{4}}[-./]\d{{1,2}}[-./]\d{{1,2}}"
    rf"|\d{{4}}\. ?{_MONTH}\.? ?\d{{1,2}}"
    rf"|{LETTER}{{3,12}}\.? {_DAY},? \d{{4}})(?!\d)"
)
_BIRTH = re.compile(
    rf"(?<!\w)(?:{join_words(_BIRTHS)})(?!\w)\W{{0,3}}(?:{LETTER}{{1,9}}[ .:-]{{1,2}}){{0,3}}{DATE}"
    rf"|{DATE}(?:-{LETTER}{{2}})? ?(?:{join_words(_AFTER)})(?!\w)",
    re.IGNORECASE,
)
_STARRED = re.compile(r"(?<!\w)\* ?(?:\d{1,2}\.\d{1,2}\.)?(?:19\d\d|20[01]\d)(?!\d)")

BIRTH_TRIGGERS = make_triggers((*_BIRTHS, *_AFTER))


def has_birth_date(plain: str) -> bool:
    """Tell whether a text without accents holds a day of birth with a word for it.

    >>> has_birth_date("born March 12, 1985"), has_birth_date("born in 1985")
    (True, False)
    """
    return bool(_BIRTH.search(plain))


def has_starred_date(plain: str) -> bool:
    """Tell whether a text holds "* 12.03.1985" or "*1985", as registers write a birth."""
    return "*" in plain and bool(_STARRED.search(plain))
