"""The normal form of a name: what is left when only the writing differs, and the form it states."""

import re
import unicodedata
from dataclasses import dataclass

from tocsin.science.names.forms import take_form
from tocsin.science.names.lookalikes import replace_lookalikes

LONGEST_NAME_CHARACTERS = 500
"""Longest text that is looked up as a name; the longest systematic names stay below it."""

_GREEK_LETTERS = {
    letter: unicodedata.name(letter).rpartition(" ")[2].casefold()
    for letter in "αβγδεζηθικμνξοπρςστυφχψω"
} | {"λ": "lambda"}  # Unicode's own name of it is "lamda".
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\u02d7\ufe58\ufe63\uff0d"
_SINGLE_QUOTES = "\u00b4`\u2018\u2019\u201a\u201b\u2032\u2035\u02b9\u02bc\u02c8\uff07"
_DOUBLE_QUOTES = '"\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb\u02ba\uff02'
_SEPARATORS = "_\u00b7\u2022\u2219\u22c5*"
_MARKS_OF_TRADE = "\u00ae\u2122\u00a9\u2120"
_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys(_HYPHENS, "-"),
        **dict.fromkeys(_SINGLE_QUOTES, "'"),
        **dict.fromkeys(_DOUBLE_QUOTES, "''"),
        **dict.fromkeys(_SEPARATORS, " "),
        **dict.fromkeys(_MARKS_OF_TRADE, ""),
        **_GREEK_LETTERS,
    }
)

_SPACES = re.compile(r"\s+")
_SPACED_HYPHENS = re.compile(r" ?-[ -]*")
_SPACED_COMMA = re.compile(r" ?, ?")
_SIGN = re.compile(r"\(\s?(\+/-|\+-|±|\+|-)\s?\)")
_SIGN_WORDS = {"+": "plus", "-": "minus", "±": "plusminus", "+/-": "plusminus", "+-": "plusminus"}

_POSITION_WORDS = "ortho|meta|para|cis|trans|tert|sec|iso|nor|des|" + "|".join(
    sorted(set(_GREEK_LETTERS.values()), key=len, reverse=True)
)
_LOCANT = rf"(?:\d+[a-z]{{0,2}}|[a-z]|(?:{_POSITION_WORDS})\d*)'*"
_LOCANTS = rf"{_LOCANT}(?:,{_LOCANT})*"
_IS_LOCANT = re.compile(_LOCANTS)
_BRACKETED_LOCANT_AT_THE_END = re.compile(rf"\((?:{_LOCANTS}|plus|minus|plusminus)\)$")
_SEPARATOR = re.compile(r"([ -])")
_AFTER_LAST_BRACKET = re.compile(r"[^()\[\]{}]*$")
_BEFORE_FIRST_BRACKET = re.compile(r"[^()\[\]{}]*")
_LETTER_OF_A_SERIES = re.compile(r"[a-z]")
_WORD_AT_THE_END = re.compile(r"[^\W\d_]{4}$")
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class NameParts:
    """A name in normal form, and the form of the substance it states ("hydrochloride") or ""."""

    name: str
    form: str


def normalise_name(text: str) -> str:
    """Bring a name to the form in which harmless spelling differences vanish.

    Removed: letter case, compatibility characters (NFKC), the kind of hyphen and prime,
    separators beside a locant or a bracket, invisible characters, signs of trade marks, letters
    of another script that look like the Latin ones around them, and the words of a salt.
    Kept: every other letter, digit, comma and bracket, the words ortho, meta and para as
    against o-, m- and p-, and the space between two words.
    Applying it twice changes nothing more. Linear in the length of the text.

    >>> normalise_name("para\u2010Fluorofentanyl HCl")
    'parafluorofentanyl'
    >>> normalise_name("4 - ANPP") == normalise_name("4-anpp")
    True
    >>> normalise_name("α-PVP"), normalise_name("phenyl acetate")
    ('alphapvp', 'phenyl acetate')
    """
    return part_name(text).name


def part_name(text: str) -> NameParts:
    """Part a name into its normal form and the form of the substance that its words state.

    >>> part_name("Cocaine HCl")
    NameParts(name='cocaine', form='hydrochloride')
    >>> part_name("clorhidrato de cocaína")
    NameParts(name='cocaína', form='hydrochloride')
    """
    forms: list[str] = []
    normal = _normalise_once(text, forms)
    while (again := _normalise_once(normal, forms)) != normal:
        normal = again
    return NameParts(normal, ", ".join(dict.fromkeys(forms)))


def write_plainly(text: str) -> str:
    """Write a name with plain hyphens and primes, Greek letters as words, and no case changed.

    >>> write_plainly("α‐Methyl‑N′‐x")
    "alpha-Methyl-N'-x"
    """
    plain = unicodedata.normalize("NFKC", replace_lookalikes(text).translate(_CHARACTERS))
    return _SPACES.sub(" ", plain).strip()


def is_name_shaped(text: str) -> bool:
    """Tell whether a text can be held as a name.

    It has visible characters only, and it and its normal form have from 1 to
    LONGEST_NAME_CHARACTERS characters.

    >>> is_name_shaped("4-ANPP"), is_name_shaped(" - "), is_name_shaped("x" * 501)
    (True, False, False)
    """
    return (
        len(text) <= LONGEST_NAME_CHARACTERS
        and text.isprintable()
        and 1 <= len(normalise_name(text)) <= LONGEST_NAME_CHARACTERS
    )


def _normalise_once(text: str, forms: list[str]) -> str:
    if not text.isascii():
        text = replace_lookalikes(text)
        text = unicodedata.normalize("NFKC", text.translate(_CHARACTERS).casefold())
    text = text.casefold().translate(_CHARACTERS)
    if not text.isprintable():
        text = "".join(map(_visible, text))
    text = _SPACES.sub(" ", text)
    text = _SIGN.sub(lambda sign: f"({_SIGN_WORDS[sign[1]]})", text)
    text = _SPACED_HYPHENS.sub("-", text)
    text = _SPACED_COMMA.sub(",", text).strip(" -.,;:'")
    while taken := take_form(text):
        text, form = taken
        forms.append(form)
    return _join_locants(text)


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return " " if category.startswith(("C", "Z")) else character


def _join_locants(text: str) -> str:
    """Remove the separators beside a locant; between other words leave one space."""
    pieces = _SEPARATOR.split(text)
    joined = pieces[:1]
    for at in range(1, len(pieces) - 1, 2):
        joined.append(_separator_between(pieces[at - 1], pieces[at], pieces[at + 1]))
        joined.append(pieces[at + 1])
    return "".join(joined)


def _separator_between(left: str, separator: str, right: str) -> str:
    if left[-1:].isdigit() and right[:1].isdigit():
        return "-"
    if _LETTER_OF_A_SERIES.fullmatch(right) and _WORD_AT_THE_END.search(left):
        # "Vitamin E" is neither "vitamine" nor, with the ending of a language, "vitamina".
        return " "
    left_word = _AFTER_LAST_BRACKET.search(left)
    right_word = _BEFORE_FIRST_BRACKET.match(right)
    if left_word and left_word[0] == "m" and right.startswith("eth"):
        # "m-Ethylphenol" is not "methylphenol".
        return "-"
    if (
        (left_word and _IS_LOCANT.fullmatch(left_word[0]))
        or (right_word and _IS_LOCANT.fullmatch(right_word[0]))
        or _BRACKETED_LOCANT_AT_THE_END.search(left)
    ):
        return ""
    if separator == "-" and (left.endswith(tuple(_CLOSING)) or right.startswith(tuple(_OPENING))):
        return ""
    return " "
