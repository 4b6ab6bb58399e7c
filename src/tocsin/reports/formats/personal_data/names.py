"""Names of persons in running text: behind a role, a title or a label, in any script with case."""

import re

from tocsin.reports.formats.personal_data.words import (
    LETTER,
    UPPER,
    fold,
    join_words,
    list_all,
    load_words,
    make_triggers,
)

_TABLE = load_words("texts.toml")
_ROLES = list_all(_TABLE["roles"])
_TITLES = _TABLE["titles"]
_AFTER = _TABLE["titles_after"]["plain"]
_HEADINGS = load_words("headings.toml")["names"].values()
_FAMILY = [word for words in _HEADINGS for word in words["within"]]
_BARE = [word for words in _HEADINGS for word in (*words["bare"], *words["whole"])]
_NOT_NAMES = frozenset(map(fold, list_all(_TABLE["not_names"])))
_GIVEN_NAMES = frozenset(map(fold, list_all(_TABLE["given_names"]))) - _NOT_NAMES
_REFERENCES = frozenset(map(fold, list_all(_TABLE["references"])))

# Ends of words for substances and for findings, which German writes with a capital.
_NO_NAME = re.compile(
    r".*(?:amine?|fentanyl|fentanil|zolam|zepam|nitazene?|phenidate|caine|kain|phine|cathinone?|"
    r"codone|morphone|gabalin|barbital|piperazine?|cannab\w*|chloride|hydrochlorid|intox\w*|"
    r"[a-z]{3}(?:heit|keit|itat|tion|sion|ismus|itis|amie|emia|aemia|pathie|algie|schaft|ierung)|"
    r"anfall|krampf|storung|depression|verlust|stillstand|tablett\w*|kardie|tonie|thermie)"
)
_WORD = rf"[{UPPER}](?:{LETTER}|['-](?={LETTER}))*"
_INITIALS = rf"(?:[{UPPER}]\. ?){{0,3}}"
_PARTICLES = r"(?:(?:de|da|di|du|van|von|der|den|la|le|el|al|bin|ten|ter|del|dos|zu|af)\s){0,3}"
_NAME = (
    rf"(?P<first>{_INITIALS}{_WORD})(?:(?P<gap>,?\s){_PARTICLES}(?P<second>{_INITIALS}{_WORD}))?"
)
_PLAIN_TITLES = join_words(_TITLES["plain"], keeps_case=True)
_STOPPED_TITLES = join_words(_TITLES["stopped"], keeps_case=True)
_DEGREES = r"(?:(?:[DdPp]r(?:of)?|Mag|Ing|Dipl|med|phil|jur|hab|inz|MUDr|JUDr)\.?[ -]?){0,4}"
_TITLE = rf"(?:(?:{_PLAIN_TITLES})\.?|(?:{_STOPPED_TITLES})\.)\s{{1,2}}{_DEGREES}"

_BEHIND_ROLE = re.compile(
    rf"(?<!\w)(?i:{join_words(_ROLES)})(?!\w)[\s,:=('\"–-]{{1,3}}"
    rf"(?i:(?:{join_words(_TABLE['calling']['all'])})[\s,:=('\"–-]{{1,3}}){{0,2}}{_NAME}"
)
_BEHIND_TITLE = re.compile(
    rf"(?<![\w.'/-])(?<!\d\s){_TITLE}{_INITIALS}{_PARTICLES}(?P<name>{_WORD})"
)
_BEFORE_TITLE = re.compile(rf"(?P<name>{_WORD})\s(?:{join_words(_AFTER, keeps_case=True)})(?!\w)")
_BEHIND_LABEL = re.compile(rf"(?<!\w)(?i:{join_words(_FAMILY)})(?!\w)\s?[:=]\s{{0,3}}{_NAME}")
_BEHIND_BARE = re.compile(rf"(?<!\w)(?i:{join_words(_BARE)})(?!\w)\s?[:=]\s{{0,3}}{_NAME}")

NAME_TRIGGERS = make_triggers((*_ROLES, *list_all(_TITLES), *_AFTER))
LABEL_TRIGGERS = make_triggers((*_FAMILY, *_BARE))
_TWO_NAMES = re.compile(rf"{_NAME}\Z")


def has_name(plain: str) -> bool:
    """Tell whether a text without accents names a person behind a role, a title or a label.

    Two capitalised words behind a role are a name, unless one is known for something else; a
    single word, "Berg, Anna" and names in capitals are where a given name much borne is in them.

    >>> has_name("the patient, John Smith, was"), has_name("Patient Liquid Ecstasy")
    (True, False)
    """
    is_headline = _is_headline(plain)
    return (
        any(_names_person(found, is_headline) for found in _BEHIND_ROLE.finditer(plain))
        or any(_is_name(found["name"]) for found in _BEHIND_TITLE.finditer(plain))
        or any(_is_name(found["name"]) for found in _BEFORE_TITLE.finditer(plain))
    )


def has_labelled_name(plain: str) -> bool:
    """Tell whether a text without accents holds "Surname: Berg" or "Name: Anna Berg".

    >>> has_labelled_name("Name: Anna Berg"), has_labelled_name("brand name: Blue Punisher")
    (True, False)
    """
    return any(
        _is_name(found["first"]) and not _NO_NAME.fullmatch(fold(found["first"]))
        for found in _BEHIND_LABEL.finditer(plain)
    ) or any(
        found["second"] and _names_person(found, True) for found in _BEHIND_BARE.finditer(plain)
    )


def is_person_name(plain: str) -> bool:
    """Tell whether a cell without accents is "Anna Berg" or "Berg, Anna" and nothing more."""
    found = _TWO_NAMES.match(plain)
    return bool(
        found and found["second"] and _is_name(found["first"]) and _is_name(found["second"])
    )


def is_much_borne_name(plain: str) -> bool:
    """Tell whether a text without accents is nothing but two words, one a given name much borne.

    >>> is_much_borne_name("Anna Berg"), is_much_borne_name("Mary Jane")
    (True, False)
    """
    found = _TWO_NAMES.match(plain)
    return bool(found and found["second"] and _names_person(found, True))


def is_known_word(word: str) -> bool:
    """Tell whether a capitalised word is known for something else than a person or a place.

    >>> is_known_word("Tabletten"), is_known_word("Wien")
    (True, False)
    """
    folded = fold(word)
    return folded in _NOT_NAMES or folded in _REFERENCES or bool(_NO_NAME.fullmatch(folded))


def _names_person(found: re.Match[str], needs_given: bool) -> bool:
    """Tell whether one or two capitalised words are a name; capitals alone may not tell."""
    first, second = _take_word(found["first"]), _take_word(found["second"] or "")
    if not second:
        if first != found["first"]:
            return _is_name(first)
        return first.istitle() and fold(first) in _GIVEN_NAMES
    words = (first, second)
    folded = tuple(map(fold, words))
    if any(word in _NOT_NAMES for word in folded):
        return False
    if any(word in _GIVEN_NAMES for word in folded):
        return True
    if needs_given or "," in found["gap"]:
        return False
    return all(map(_is_title, words)) and not any(map(_NO_NAME.fullmatch, folded))


def _is_name(word: str) -> bool:
    word = _take_word(word)
    is_capitals = word.isupper() and len(word) >= 4
    return (_is_title(word) or is_capitals) and fold(word) not in _NOT_NAMES


def _is_title(word: str) -> bool:
    """Tell whether a word is written as a name is: Berg, O'Brien, McDonald, Meier-Huber."""
    return len(word) > 1 and re.sub(r"\A(?:Mc|Mac|De|Di|La|Le|Van)(?=[A-Z])", "", word).istitle()


def _take_word(name: str) -> str:
    """Return a name without initials before it and the s of a genitive behind it."""
    return name.rsplit(".", 1)[-1].strip().removesuffix("'s")


def _is_headline(plain: str) -> bool:
    """Tell whether all words of a text are capitalised, so that capitals tell nothing."""
    words = re.findall(rf"{LETTER}{{3,}}", plain)
    return len(words) >= 5 and all(word[0].isupper() for word in words)
