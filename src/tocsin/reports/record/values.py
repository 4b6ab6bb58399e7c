"""Values of fields: from a text, to a text, and as the database and JSON hold them.

A TEXT, LONG_TEXT, CHOICE, COUNTRY or REGION is a str; CHOICES, COUNTRIES and DIGESTS are tuples of
str; a DATE is a date, a WHOLE_NUMBER an int, a DECIMAL a Decimal without closing zeros. An empty
field has no value at all.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from tocsin.errors import BadValueError
from tocsin.reports.record.definition import find_field
from tocsin.reports.record.kinds import Field, Kind
from tocsin.reports.vocabulary import COUNTRY_CODES, COUNTRY_OF_NUTS_PREFIX

Value = str | int | Decimal | date | tuple[str, ...]
Details = tuple[tuple[str, Value], ...]
"""Keys and values of the fields that are held together, sorted by key."""
Plain = str | int | list[str]
"""A value as JSON holds it; decimals and dates are texts."""

LIST_KINDS = frozenset({Kind.CHOICES, Kind.COUNTRIES, Kind.DIGESTS})
LIST_SEPARATOR = ";"
MOST_LISTED = 50
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_NUTS_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{1,3}\Z", re.ASCII)
_WHOLE = re.compile(r"\d{1,13}\Z", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?\Z", re.ASCII | re.IGNORECASE)


def make_details(values: Mapping[str, Value | None]) -> Details:
    """Sort the keys and leave out what is empty, so that equal content is equal.

    >>> make_details({"sold_as": "heroin", "colour": "", "authority": None})
    (('sold_as', 'heroin'),)
    """
    return tuple(
        (key, value)
        for key, value in sorted(values.items())
        if value is not None and value != "" and value != ()
    )


def find_detail(details: Details, key: str) -> Value | None:
    """Find the value of a field among the details; None where it is empty."""
    return next((value for known, value in details if known == key), None)


def check_value(field: Field, value: Value) -> Value:
    """Return the value as it is held: words in their order and once, decimals without closing zeros.

    Raises BadValueError with a code and what was expected.
    """
    if field.kind in LIST_KINDS:
        return _check_list(field, value)
    if field.kind is Kind.DATE:
        if not isinstance(value, date):
            raise BadValueError("bad-date", "a date")
        return value
    if field.kind in (Kind.DECIMAL, Kind.WHOLE_NUMBER):
        return _check_number(field, value)
    if not isinstance(value, str):
        raise BadValueError("bad-text", "a text")
    return _check_text(field, value)


def parse_value(field: Field, text: str) -> Value | None:
    """Parse the text of a field as a template or an export writes it; None where it is empty.

    Dates are ISO 8601, decimals have a point, lists are separated by semicolons.
    Raises BadValueError with a code and what was expected.
    """
    bare = text.strip()
    if not bare:
        return None
    if field.kind in LIST_KINDS:
        parts = tuple(part.strip() for part in bare.split(LIST_SEPARATOR) if part.strip())
        return check_value(field, parts) if parts else None
    if field.kind is Kind.DATE:
        try:
            return date.fromisoformat(bare)
        except ValueError as problem:
            raise BadValueError("bad-date", "a date such as 2026-03-02") from problem
    if field.kind is Kind.WHOLE_NUMBER:
        if not _WHOLE.match(bare):
            raise BadValueError("bad-number", _tell_range(field, "a whole number"))
        return check_value(field, int(bare))
    if field.kind is Kind.DECIMAL:
        if not _NUMBER.match(bare):
            raise BadValueError("bad-number", "a number such as 12.5")
        return check_value(field, Decimal(bare))
    return check_value(field, bare)


def format_value(value: Value | None) -> str:
    """Write a value as ``parse_value`` reads it.

    >>> format_value(Decimal("1E+2")), format_value(("NL", "DE")), format_value(None)
    ('100', 'NL; DE', '')
    """
    if value is None:
        return ""
    if isinstance(value, tuple):
        return f"{LIST_SEPARATOR} ".join(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)


def to_plain(details: Details) -> dict[str, Plain]:
    """Return details as JSON holds them.

    >>> to_plain((("lod", Decimal("0.05")), ("signs", ("miosis",))))
    {'lod': '0.05', 'signs': ['miosis']}
    """
    return {
        key: list(value)
        if isinstance(value, tuple)
        else value
        if isinstance(value, (str, int))
        else format_value(value)
        for key, value in details
    }


def from_plain(plain: Mapping[str, Plain]) -> Details:
    """Return the details that ``to_plain`` wrote; a key the record no longer has stays a text."""
    return tuple((key, _revive(key, held)) for key, held in sorted(plain.items()))


def _revive(key: str, held: Plain) -> Value:
    if isinstance(held, list):
        return tuple(held)
    field = find_field(key)
    if field is None or isinstance(held, int):
        return held
    if field.kind is Kind.DECIMAL:
        return Decimal(held)
    return date.fromisoformat(held) if field.kind is Kind.DATE else held


def _check_list(field: Field, value: Value) -> tuple[str, ...]:
    if not isinstance(value, tuple) or not all(isinstance(part, str) for part in value):
        raise BadValueError("bad-list", "a list of texts")
    if len(value) > MOST_LISTED:
        raise BadValueError("too-long", f"at most {MOST_LISTED} values")
    parts = tuple(dict.fromkeys(_check_part(field, part) for part in value))
    if field.kind is Kind.CHOICES:
        return tuple(word for word in field.list_words() if word in parts)
    return parts


def _check_part(field: Field, part: str) -> str:
    if field.kind is Kind.DIGESTS:
        digest = part.lower()
        if not _DIGEST.match(digest):
            raise BadValueError("bad-digest", "a SHA-256 of 64 hexadecimal digits")
        return digest
    return _check_country(part) if field.kind is Kind.COUNTRIES else _check_word(field, part)


def _check_text(field: Field, value: str) -> str:
    if field.kind is Kind.CHOICE:
        return _check_word(field, value)
    if field.kind is Kind.COUNTRY:
        return _check_country(value)
    if field.kind is Kind.REGION:
        code = value.upper().replace(" ", "")
        if not _NUTS_CODE.match(code):
            raise BadValueError(
                "bad-region", "a NUTS code: country and one to three signs, such as DE2"
            )
        return code
    if len(value) > field.most_characters:
        raise BadValueError("too-long", f"at most {field.most_characters} characters")
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise BadValueError("unreadable-character", "text")
    return value


def _check_word(field: Field, value: str) -> str:
    words = field.list_words()
    if value in words:
        return value
    word = _fold_words(field).get(value.casefold())
    if word is None:
        code = f"unknown-{field.key}".replace("_", "-")
        raise BadValueError(code, f"one of {', '.join(words)}"[:300])
    return word


def _fold_words(field: Field) -> dict[str, str]:
    """The words and their labels as they may be written, in any case."""
    if field.vocabulary is None:
        return {}
    labelled = {str(label).casefold(): word for word, label in field.vocabulary.choices if word}
    return labelled | {word.casefold(): word for word in field.list_words()}


def _check_country(value: str) -> str:
    code = value.upper()
    code = COUNTRY_OF_NUTS_PREFIX.get(code, code)
    if code not in COUNTRY_CODES:
        raise BadValueError("bad-country", "two letters of ISO 3166-1, such as DE")
    return code


def _check_number(field: Field, value: Value) -> int | Decimal:
    if field.kind is Kind.WHOLE_NUMBER:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole or not field.least <= value <= field.most:  # type: ignore[operator]
            raise BadValueError("bad-number", _tell_range(field, "a whole number"))
        return value  # type: ignore[return-value]
    if not isinstance(value, (Decimal, int)) or not Decimal(value).is_finite():
        raise BadValueError("bad-number", "a number such as 12.5")
    exact = Decimal(value)
    if not field.least <= exact <= field.most:
        raise BadValueError("bad-number", _tell_range(field, "a number"))
    held = round(exact, field.decimals)
    if exact and not held:
        raise BadValueError("bad-number", f"at most {field.decimals} decimals")
    # The sum turns a negative zero into zero.
    return Decimal(format(held.normalize() + 0, "f"))


def _tell_range(field: Field, what: str) -> str:
    return f"{what} from {field.least:,} to {field.most:,}"


def list_choices(field: Field) -> Iterable[tuple[str, str]]:
    """List the words of a choice with the label each has in the language in force."""
    if field.vocabulary is None:
        return []
    return [(word, str(label)) for word, label in field.vocabulary.choices if word]
