"""The words that tell of a person, from ``headings.toml`` and ``texts.toml``, and their folding."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

# Letters that differ from their plain form by a stroke, which no normal form takes off.
_PLAIN_LETTERS = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D"}
    | {"ħ": "h", "Ħ": "H", "ı": "i", "’": "'", "ʼ": "'"}
)
LETTER = r"[^\W\d_]"
UPPER = "".join(
    chr(code)
    for code in range(0x2000)
    if chr(code).isupper() and not 0x10A0 <= code < 0x1100 and not 0x13A0 <= code < 0x1400
)
"""The capitals of the Latin, Greek, Cyrillic and Armenian scripts, for a class in a pattern."""


def strip_accents(text: str) -> str:
    """Return a text with plain letters, in the same letter case.

    >>> strip_accents("Straße der Łódź-Førde"), strip_accents("Γιώργος")
    ('Strasse der Lodz-Forde', 'Γιωργος')
    """
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFKD", text.translate(_PLAIN_LETTERS))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def fold(text: str) -> str:
    """Return a text without accents and letter case.

    >>> fold("ΟΔΌΣ") == fold("οδός")
    True
    """
    return strip_accents(text).casefold()


def load_words(name: str) -> dict[str, dict[str, Any]]:
    """Load one of the two tables of words: kind, then language, then words."""
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def join_words(words: Iterable[str], *, keeps_case: bool = False) -> str:
    """Return a pattern of any of these words, the longest first; a star stands for letters.

    >>> join_words(["Opfer", "Täter*"])
    'tater\\\\w*|opfer'
    """
    plain = {strip_accents(word) if keeps_case else fold(word) for word in words}
    escaped = (re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s") for word in plain)
    return "|".join(sorted(escaped, key=lambda word: (-len(word), word)))


def list_all(table: dict[str, list[str]]) -> list[str]:
    """List the words of all languages."""
    return [word for words in table.values() for word in words]


def make_triggers(words: Iterable[str]) -> frozenset[str]:
    """Return the first four letters of the first word of each, as ``list_triggers`` cuts a text.

    >>> sorted(make_triggers(["Opfer", "d.o.b", "sécurité sociale"]))
    ['d', 'opfe', 'secu']
    """
    return frozenset(
        found[0][:4] for word in words if (found := re.search(rf"{LETTER}+", fold(word)))
    )


_WORDS = re.compile(rf"{LETTER}+")


def list_triggers(plain: str) -> set[str]:
    """Return the first four letters of every word of a text without accents."""
    return {word[:4] for word in _WORDS.findall(plain.casefold())}
