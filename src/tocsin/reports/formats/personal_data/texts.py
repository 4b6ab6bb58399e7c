"""Personal data inside one text: a cell, a remark, a field of a form.

Only forms that evidence hardly ever has. No digits alone: a case reference fits a rule of check
digits by chance, so a bare number is judged by its label here, by its birth date in remarks
(``find_personal_remark``), or with its column elsewhere.

Most cells are cleared by one look for a digit or a capital, most others by the first letters of
their words; a form is looked for only where one of its words stands.
"""

import re
from collections.abc import Iterator

from tocsin.errors import RefusedError
from tocsin.reports.formats.personal_data import addresses, births, names, numbers
from tocsin.reports.formats.personal_data.words import UPPER, list_triggers, strip_accents

CONTACTS = frozenset({"a phone number", "an address", "an e-mail address"})
"""What a notice may give of whom to ask."""

SHORTEST_WORD = 9
"""A shorter text without a space holds nothing but an e-mail address."""

# A digit, a sign of e-mail, a capital behind the first letter, or a title behind a first word.
_WORTH_A_LOOK = re.compile(rf"[@\d]|(?<=.)[{UPPER}]|\s(?:úr|kungs|kundze)(?!\w)", re.DOTALL)
_SPACE = re.compile(r"\s")
_DIGIT = re.compile(r"\d")
_WORD_AND_NUMBER = re.compile(r"[a-zA-Z]\.?\s\d|[A-Z]-\d{4}|[A-Z\d]\s\d[A-Z]{2}")


def find_personal_text(text: str) -> str | None:
    """Find what personal data stands in one text, in words, or None.

    E-mail addresses, telephone numbers, names behind a role, a title or a label, birth dates with
    a word for it, addresses with street and number, numbers with a label, or with a distinct form
    and check digits that hold. A heuristic: what it passes may still name a person.

    >>> find_personal_text("call anna@example.org"), find_personal_text("C[C@@H](N)Cc1ccccc1")
    ('an e-mail address', None)
    >>> find_personal_text("found at Hauptstraße 12"), find_personal_text("Patient: Anna Berg")
    ('an address', 'the name of a person')
    """
    return next(_iter_personal(text), None)


def find_person(text: str) -> str | None:
    """Find what says who somebody is in a notice, which may tell whom to call and where.

    >>> find_person("Poison centre: +43 1 406 43 43"), find_person("Ask Mrs Berg, +43 1 406 43 43")
    (None, 'the name of a person')
    """
    return next((found for found in _iter_personal(text) if found not in CONTACTS), None)


def find_personal_remark(text: str) -> str | None:
    """Find what personal data stands in a remark or a reason, where no bare number belongs.

    >>> find_personal_remark("44051401359"), find_personal_text("44051401359")
    ('a national number', None)
    """
    found = find_personal_text(text)
    if found is None and numbers.has_number_alone(strip_accents(text)):
        return "a national number"
    return found


def find_personal_name(text: str) -> str | None:
    """Find what personal data stands in a name that somebody gives to a substance.

    >>> find_personal_name("Anna Berg"), find_personal_name("Pink Superman")
    ('the name of a person', None)
    """
    found = find_personal_text(text)
    if found is None and names.is_much_borne_name(strip_accents(text.strip())):
        return "the name of a person"
    return found


def require_impersonal(what: str, text: str) -> None:
    """Do nothing for a remark or reason that may be kept; else raise RefusedError, which names it.

    >>> require_impersonal("reason", "typed twice")
    """
    if looks_like := find_personal_remark(text):
        raise RefusedError(f"{what}: looks like {looks_like}; expected nothing about a person")


def require_reason(what: str, reason: str) -> None:
    """Do nothing for a reason that may be kept; else raise RefusedError, which names what it is of.

    >>> require_reason("legal hold", "a court asked for it")
    """
    if not reason.strip():
        raise RefusedError(f"{what}: no reason given; expected a sentence that says why")
    require_impersonal(f"{what}, reason", reason)


def _iter_personal(text: str) -> Iterator[str]:
    """Yield what personal data stands in a text, what is found with least effort first."""
    has_space = bool(_SPACE.search(text))
    if not has_space and len(text) < SHORTEST_WORD and "@" not in text:
        return
    if not _WORTH_A_LOOK.search(text):
        return
    plain = strip_accents(text)
    triggers = list_triggers(plain)
    if _DIGIT.search(plain):
        yield from _iter_digits(plain, triggers)
        if has_space and _has_place(plain, triggers):
            yield "an address"
    if "@" in plain and numbers.has_email(plain):
        yield "an e-mail address"
    if has_space and _has_name(plain, triggers):
        yield "the name of a person"


def _iter_digits(plain: str, triggers: set[str]) -> Iterator[str]:
    if numbers.NUMBER_HINT.search(plain):
        yield from numbers.iter_numbers(plain)
    if not numbers.PHONE_TRIGGERS.isdisjoint(triggers) and numbers.has_labelled_phone(plain):
        yield "a phone number"
    if not numbers.LABEL_TRIGGERS.isdisjoint(triggers) and numbers.has_labelled_number(plain):
        yield "a national number"
    if births.has_starred_date(plain) or (
        not births.BIRTH_TRIGGERS.isdisjoint(triggers) and births.has_birth_date(plain)
    ):
        yield "a birth date"


def _has_place(plain: str, triggers: set[str]) -> bool:
    if _WORD_AND_NUMBER.search(plain) and addresses.has_address(plain):
        return True
    return not addresses.ADDRESS_TRIGGERS.isdisjoint(triggers) and addresses.has_street(plain)


def _has_name(plain: str, triggers: set[str]) -> bool:
    if not names.NAME_TRIGGERS.isdisjoint(triggers) and names.has_name(plain):
        return True
    return (
        (":" in plain or "=" in plain)
        and not names.LABEL_TRIGGERS.isdisjoint(triggers)
        and names.has_labelled_name(plain)
    )
