"""Letters of other scripts that look like Latin ones, where they stand among Latin letters."""

import re

_CYRILLIC = dict(
    zip("авгекмнорстухіјѕАВЕЗКМНОРСТУХІЈЅ", "abrekmhopctyxijsABE3KMHOPCTYXIJS", strict=True)
)
# Greek letters keep their meaning (α is alpha) unless Latin letters stand on both sides of them.
_GREEK = dict(
    zip(
        "αενορικτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aevopiktuxABEZHIKMNOPTYX",
        strict=True,
    )
)
_CYRILLIC_TABLE = str.maketrans(_CYRILLIC)
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z]")
_HAS_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_GREEK_AMONG_LATIN = re.compile(rf"(?<=[A-Za-z])[{''.join(_GREEK)}](?=[A-Za-z])")


def replace_lookalikes(text: str) -> str:
    """Write Cyrillic and Greek letters inside a Latin word as the Latin letters they look like.

    A word that is Cyrillic as a whole and a Greek letter at the edge of a word stay as they are.

    >>> replace_lookalikes("c\u043ec\u0430ine"), replace_lookalikes("αPVP")
    ('cocaine', 'αPVP')
    """
    if _HAS_CYRILLIC.search(text):
        text = _WORD.sub(_latinise, text)
    return _GREEK_AMONG_LATIN.sub(lambda letter: _GREEK[letter[0]], text)


def _latinise(word: re.Match[str]) -> str:
    return word[0].translate(_CYRILLIC_TABLE) if _LATIN.search(word[0]) else word[0]
