"""What personal data a heading announces, by the words of ``headings.toml``."""

import re
from collections.abc import Iterable

from tocsin.reports.formats.personal_data.texts import find_personal_text
from tocsin.reports.formats.personal_data.words import (
    fold,
    join_words,
    list_all,
    load_words,
)

KINDS = {
    "emails": "e-mail addresses",
    "phones": "phone numbers",
    "births": "birth dates",
    "numbers": "national, insurance or patient numbers",
    "addresses": "addresses",
    "names": "names of persons",
}


def derive_plain_words(heading: str) -> str:
    """Return a heading in lower case without accents, words apart (camelCase too)."""
    apart = re.sub(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])", " ", heading)
    return " ".join(re.sub(r"[\W_]+", " ", fold(apart)).split())


def _compile(phrases: Iterable[str]) -> re.Pattern[str]:
    words = (" ".join(re.sub(r"[^\w*]+", " ", fold(phrase)).split()) for phrase in phrases)
    return re.compile(rf"(?<!\w)(?:{join_words(words)})(?!\w)")


_TABLE = load_words("headings.toml")
_PARTICLES = frozenset(map(fold, list_all(_TABLE["particles"])))
_ROLE = _compile(
    (
        *list_all(load_words("texts.toml")["roles"]),
        *("client*", "user*", "owner*", "gp", "doctor", "analyst", "chemist", "pathologist"),
    )
)
_KINDS = tuple(
    (
        looks_like,
        _compile(word for words in _TABLE[kind].values() for word in words["whole"]),
        _compile(word for words in _TABLE[kind].values() for word in words["within"]),
    )
    for kind, looks_like in KINDS.items()
)
_BARE_NAMES = frozenset(
    fold(word) for words in _TABLE["names"].values() for word in words.get("bare", ())
)


def find_personal_heading(heading: str) -> str | None:
    """Find what personal data a heading announces, in words, or None.

    >>> find_personal_heading("Numéro de sécurité sociale"), find_personal_heading("Рождена дата")
    ('national, insurance or patient numbers', 'birth dates')
    >>> find_personal_heading("Brand name"), find_personal_heading("Victims")
    (None, None)
    """
    whole = derive_plain_words(heading)
    parts = dict.fromkeys((whole, *map(derive_plain_words, re.split(r"[/(),;:|]", heading))))
    found = next((kind for part in parts if part and (kind := _find_announced(part))), None)
    return found or find_personal_text(heading)


def is_bare_name(heading: str) -> bool:
    """Tell whether a heading says "name" and not of what: what stands below it decides.

    >>> is_bare_name("Name"), is_bare_name("Substance name")
    (True, False)
    """
    return derive_plain_words(heading) in _BARE_NAMES


def is_person(heading: str) -> bool:
    """Tell whether a heading is a word for a person: below it stand names, or a count.

    >>> is_person("Victim"), is_person("Victims under 18")
    (True, False)
    """
    return bool(_ROLE.fullmatch(derive_plain_words(heading)))


def _find_announced(words: str) -> str | None:
    words = re.sub(r"(?<=\D) ?\d{1,2}\Z", "", words)
    told = _ROLE.sub(" ", words).split() if _ROLE.search(words) else []
    rest = " ".join(word for word in told if word not in _PARTICLES)
    for looks_like, whole, within in _KINDS:
        if whole.fullmatch(words) or within.search(words) or (rest and whole.fullmatch(rest)):
            return looks_like
    return "names of persons" if rest in _BARE_NAMES else None
