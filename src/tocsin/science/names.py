"""Names of substances as laboratories write them: one normal form, an index, and candidates.

Two spellings meet in the normal form only where no chemist could mean two substances by them:
letter case, Unicode look-alikes, hyphens and spaces around locants, and salt words at the end.
Everything else (one letter, another position, a lost space between two words, a street name) is
a candidate with a reason, because "phenyl acetate" is not "phenylacetate".
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

LONGEST_NAME_CHARACTERS = 500
"""Longest text that is looked up as a name; the longest systematic names stay below it."""

STREET_KIND = "street"

_LOWEST_CANDIDATE_SCORE = 65
_CONTAINED_WEIGHT = 0.85
_SHORTEST_CONTAINED_NAME = 3

_GREEK_LETTERS = {
    letter: unicodedata.name(letter).rpartition(" ")[2].casefold()
    for letter in "αβγδεζηθικμνξοπρςστυφχψω"
} | {"λ": "lambda"}  # Unicode's own name of it is "lamda".
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\u02d7\ufe58\ufe63\uff0d"
_SINGLE_QUOTES = "\u00b4`\u2018\u2019\u201a\u201b\u2032\u2035\u02b9\u02bc\u02c8\uff07"
_DOUBLE_QUOTES = '"\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb\u02ba\uff02'
_SEPARATORS = "_\u00b7\u2022\u2219\u22c5*"
_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys(_HYPHENS, "-"),
        **dict.fromkeys(_SINGLE_QUOTES, "'"),
        **dict.fromkeys(_DOUBLE_QUOTES, "''"),
        **dict.fromkeys(_SEPARATORS, " "),
        **_GREEK_LETTERS,
    }
)

_SPACES = re.compile(r"\s+")
_SPACED_HYPHENS = re.compile(r" ?-[ -]*")
_SPACED_COMMA = re.compile(r" ?, ?")
_SIGN = re.compile(r"\(\s?(\+/-|\+-|±|\+|-)\s?\)")
_SIGN_WORDS = {"+": "plus", "-": "minus", "±": "plusminus", "+/-": "plusminus", "+-": "plusminus"}

# Words that name the counter-ion or the water of a form, never an ester: acetate, phosphate,
# nitrate, benzoate and succinate are left out because they name esters as often as salts.
_SALT_WORDS = (
    r"(?:mono|di)?(?:hydrochloride?|hydrobromide?|hcl|hbr|chlorhydrate|clorhidrato|cloridrato"
    r"|chlorowodorek)|(?:hydrogen ?|bi)?(?:tartrate?|fumarate?|maleate?)|citrate?|mesylate?"
    r"|besylate?|oxalate?|(?:free ?)?base|sodium|potassium|calcium"
    r"|(?:hemi|mono|sesqui|di|tri)hydrate?"
)
# "Morphine sulfate" is a salt, "morphine-3-sulfate" an ester: only after a word.
_SALT_AT_THE_END = re.compile(
    rf"(?<=[^ -])[ -](?:\((?:as )?(?:{_SALT_WORDS})\)|(?:{_SALT_WORDS}))$"
    r"|(?<=[a-z]{3})[ -](?:hemi|hydrogen ?)?sul(?:f|ph)ate?$"
)

_LONGEST_SALT_CHARACTERS = 40

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
_OPENING, _CLOSING = "([{", ")]}"

_WORD_BREAKS = re.compile(r"[/;+,&|()\[\]]+")
_DIGITS = re.compile(r"\d+")


def normalise_name(text: str) -> str:
    """Bring a name to the form in which harmless spelling differences vanish.

    Removed: letter case, compatibility characters (NFKC), the kind of hyphen and prime,
    separators beside a locant or a bracket, invisible characters, salt words at the end.
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
    normal = _normalise_once(text)
    while (again := _normalise_once(normal)) != normal:
        normal = again
    return normal


def _normalise_once(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_CHARACTERS).casefold())
    text = text.casefold().translate(_CHARACTERS)
    if not text.isprintable():
        text = "".join(map(_visible, text))
    text = _SPACES.sub(" ", text)
    text = _SIGN.sub(lambda sign: f"({_SIGN_WORDS[sign[1]]})", text)
    text = _SPACED_HYPHENS.sub("-", text)
    text = _SPACED_COMMA.sub(",", text).strip(" -.,;:'")
    return _join_locants(_drop_salts(text))


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return " " if category.startswith(("C", "Z")) else character


def _drop_salts(text: str) -> str:
    while salt := _SALT_AT_THE_END.search(text, max(0, len(text) - _LONGEST_SALT_CHARACTERS)):
        text = text[: salt.start()]
    return text


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
    left_word = _AFTER_LAST_BRACKET.search(left)
    right_word = _BEFORE_FIRST_BRACKET.match(right)
    if (
        (left_word and _IS_LOCANT.fullmatch(left_word[0]))
        or (right_word and _IS_LOCANT.fullmatch(right_word[0]))
        or _BRACKETED_LOCANT_AT_THE_END.search(left)
    ):
        return ""
    if separator == "-" and (left.endswith(tuple(_CLOSING)) or right.startswith(tuple(_OPENING))):
        return ""
    return " "


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


@dataclass(frozen=True, slots=True)
class NameCandidate:
    """A substance that a text may mean: score from 0 to 100, and why it is offered."""

    key: str
    name: str
    score: int
    reason: str


@dataclass(frozen=True, slots=True)
class _IndexedName:
    text: str
    key: str
    kind: str
    normal: str


class NameIndex:
    """The names of a register, ready to be looked up; it never changes once built.

    names: (text, substance key, kind) in any order. Names of the kind "street" are only ever
    offered as candidates.
    preferred_names: substance key to the name shown; each is indexed as well. A key without one
    is shown under its first name.

    >>> index = NameIndex([("4-ANPP", "4-anpp", "common"), ("Despropionyl fentanyl", "4-anpp",
    ...     "chemical")])
    >>> index.find_exact("4-anpp"), index.find_normalised("4 \u2013 anpp")
    ([], ['4-anpp'])
    """

    def __init__(
        self,
        names: Iterable[tuple[str, str, str]],
        *,
        preferred_names: Mapping[str, str] | None = None,
    ) -> None:
        self._preferred = dict(preferred_names or {})
        every_name = [(name, key, "preferred") for key, name in self._preferred.items()]
        every_name.extend(names)
        self._exact: dict[str, list[str]] = {}
        self._normalised: dict[str, list[str]] = {}
        self._indexed: list[_IndexedName] = []
        seen: set[tuple[str, str, bool]] = set()
        for text, key, kind in every_name:
            self._preferred.setdefault(key, text)
            normal = normalise_name(text)
            is_street = kind == STREET_KIND
            if not is_street:
                _add_once(self._exact, _exact_form(text), key)
                if normal:
                    _add_once(self._normalised, normal, key)
            if normal and (normal, key, is_street) not in seen:
                seen.add((normal, key, is_street))
                self._indexed.append(_IndexedName(text, key, kind, normal))
        for keys in (*self._exact.values(), *self._normalised.values()):
            keys.sort()
        self._squashed = [_squash(name.normal) for name in self._indexed]
        self._words = [_WORD_BREAKS.sub(" ", name.normal) for name in self._indexed]

    def __len__(self) -> int:
        return len(self._indexed)

    def get_preferred_name(self, key: str) -> str:
        """Return the name under which a substance of this index is shown."""
        return self._preferred[key]

    def find_exact(self, text: str) -> list[str]:
        """Return the keys of the substances that bear exactly this name, in order of the key."""
        return list(self._exact.get(_exact_form(text), ()))

    def find_normalised(self, text: str) -> list[str]:
        """Return the keys whose names have the same normal form, in order of the key.

        A text longer than LONGEST_NAME_CHARACTERS has none.
        """
        if len(text) > LONGEST_NAME_CHARACTERS:
            return []
        return list(self._normalised.get(normalise_name(text), ()))

    def list_candidates(self, text: str, limit: int = 5) -> list[NameCandidate]:
        """List the substances a text may mean, best first, each with a score and a reason.

        One candidate for each substance. Empty for a text without letters or digits and for one
        longer than LONGEST_NAME_CHARACTERS.
        """
        if len(text) > LONGEST_NAME_CHARACTERS:
            return []
        normal = normalise_name(text)
        squashed = _squash(normal)
        if not squashed:
            return []
        scores: dict[int, float] = {}
        pool = max(50, 10 * limit)
        for _, score, at in process.extract(
            squashed,
            self._squashed,
            scorer=fuzz.ratio,
            limit=pool,
            score_cutoff=_LOWEST_CANDIDATE_SCORE,
        ):
            scores[at] = score
        for _, score, at in process.extract(
            _WORD_BREAKS.sub(" ", normal),
            self._words,
            scorer=fuzz.token_set_ratio,
            limit=pool,
            score_cutoff=95,
        ):
            if min(len(squashed), len(self._squashed[at])) >= _SHORTEST_CONTAINED_NAME:
                scores[at] = max(scores.get(at, 0.0), _CONTAINED_WEIGHT * score)
        return self._best(normal, scores)[:limit]

    def _best(self, normal: str, scores: Mapping[int, float]) -> list[NameCandidate]:
        best: dict[str, NameCandidate] = {}
        ranked = sorted(
            scores, key=lambda at: (-scores[at], self._indexed[at].normal != normal, at)
        )
        for at in ranked:
            name = self._indexed[at]
            if name.key in best:
                continue
            score = int(scores[at])
            if name.normal != normal:
                score = min(score, 99)
            best[name.key] = NameCandidate(
                key=name.key,
                name=self._preferred[name.key],
                score=score,
                reason=_derive_reason(normal, name),
            )
        return sorted(best.values(), key=lambda candidate: (-candidate.score, candidate.key))


def _add_once(names: dict[str, list[str]], name: str, key: str) -> None:
    keys = names.setdefault(name, [])
    if key not in keys:
        keys.append(key)


def _exact_form(text: str) -> str:
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", text).strip()


def _squash(normal: str) -> str:
    return normal.replace(" ", "").replace("-", "")


def _derive_reason(normal: str, name: _IndexedName) -> str:
    """Say in words why a name of the register is offered for a text of this normal form."""
    shown = f"“{name.text}”"
    if name.kind == STREET_KIND:
        return f"{shown} is a street name, which can mean several substances"
    if normal == name.normal:
        return f"{shown} is a name of this substance"
    text_squashed, name_squashed = _squash(normal), _squash(name.normal)
    if text_squashed == name_squashed:
        return f"differs from {shown} only in spaces or hyphens"
    if _DIGITS.sub("#", text_squashed) == _DIGITS.sub("#", name_squashed):
        return f"differs from {shown} in the numbers, so perhaps another substance"
    if _DIGITS.sub("", text_squashed) == _DIGITS.sub("", name_squashed):
        return f"differs from {shown} in the position that is stated"
    distance = OSA.distance(text_squashed, name_squashed, score_cutoff=3)
    if distance == 1:
        return f"one character differs from {shown}"
    if distance <= 3:
        return f"{distance} characters differ from {shown}"
    if name_squashed in text_squashed:
        return f"the text contains {shown}"
    if text_squashed in name_squashed:
        return f"{shown} contains the text"
    return f"spelled much like {shown}"
