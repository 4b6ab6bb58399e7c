"""The words, texts and numbers that requests are made of, and the shape of every page."""

import re
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from tocsin.organisations.vocabulary import Purpose
from tocsin.reports.formats.personal_data import (
    find_personal_name,
    find_personal_remark,
    find_personal_text,
)

MOST_ROWS = 500
LARGEST_NUMBER = 2**63 - 1
FURTHEST_OFFSET = 100_000_000

_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


def _require_storable(text: str) -> str:
    if _UNREADABLE.search(text):
        raise PydanticCustomError("unreadable-character", "holds a character that is not text")
    return text


def _refuse_personal(kind: str | None) -> None:
    if kind:
        raise PydanticCustomError(
            "personal-data",
            "looks like {kind}; Tocsin takes no personal data",
            {"kind": kind},
        )


def _require_impersonal(text: str) -> str:
    _refuse_personal(find_personal_text(text))
    return text


def _require_no_name(text: str) -> str:
    _refuse_personal(find_personal_name(text))
    return text


def _require_remark(text: str) -> str:
    _refuse_personal(find_personal_remark(text))
    return text


def _join_spaces(text: str) -> str:
    return " ".join(text.split())


def _one_of(words: Collection[str]) -> Callable[[str], str]:
    def require_word(word: str) -> str:
        if word not in words:
            raise PydanticCustomError(
                "unknown-word", "unknown; expected one of: {words}", {"words": ", ".join(words)}
            )
        return word

    return require_word


def choose_from(words: Collection[str]) -> Any:
    """Return the annotation of a text that is one of the given words."""
    return Annotated[
        str, AfterValidator(_one_of(words)), Field(json_schema_extra={"enum": list(words)})
    ]


def write_decimal(number: Decimal | None) -> Decimal | None:
    """Return the same number without zeros that say nothing, and never with an exponent.

    >>> write_decimal(Decimal("12.500000")), write_decimal(Decimal("100"))
    (Decimal('12.5'), Decimal('100'))
    """
    if number is None:
        return None
    text = format(number, "f")
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


PlainText = Annotated[str, AfterValidator(_require_storable)]
"""Text to search with or to name a record by; never stored."""

ShortText = Annotated[PlainText, Field(max_length=500)]

EvidenceText = Annotated[
    str,
    AfterValidator(_require_storable),
    AfterValidator(_require_impersonal),
    AfterValidator(_join_spaces),
]
"""Text that is stored: without personal data, spaces joined."""

Remark = Annotated[EvidenceText, AfterValidator(_require_remark)]
"""Text that is stored and in which no bare number of a person belongs either."""

ReferenceText = Annotated[EvidenceText, AfterValidator(_require_no_name)]
"""Text that is stored as a pseudonym: not even the bare name of a person."""

Sentence = Annotated[Remark, Field(min_length=1, max_length=2_000)]
RecordNumber = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
VersionNumber = Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)]


class Strict(Schema):
    """A part of a request: a field that is not named here is refused."""

    model_config = ConfigDict(extra="forbid")


class Parameters(Strict):
    """Query parameters of every read."""

    purpose: choose_from(Purpose.values) = Field(  # type: ignore[valid-type]
        Purpose.EARLY_WARNING.value, description="What the answer will be used for; journalled."
    )


class PageParameters(Parameters):
    """Query parameters of every list."""

    limit: int = Field(100, ge=1, le=MOST_ROWS, description="Rows in the answer.")
    offset: int = Field(0, ge=0, le=FURTHEST_OFFSET, description="Rows to pass over.")


class Page(Schema):
    """One page of a list."""

    total: int = Field(description="Rows in the whole list, as far as this person may see it.")
    limit: int
    offset: int
    next_offset: int | None = Field(description="Offset of the next page; null on the last.")


class Problem(Schema):
    """Every error, whatever its status."""

    code: str = Field(description="Stable, for programs.", examples=["not-found"])
    message: str = Field(description="For people.", examples=["report 17: not found"])


class SubstanceReference(Schema):
    """A member of the register by its key and preferred name."""

    key: str = Field(examples=["carfentanil"])
    name: str = Field(examples=["carfentanil"])


class ClassReference(Schema):
    """A class of substances by its key and name."""

    key: str = Field(examples=["nitazenes"])
    name: str


class OrganisationReference(Schema):
    """An organisation by its key and name."""

    key: str
    name: str


PROBLEMS: dict[int, Any] = {401: Problem, 403: Problem, 404: Problem, 422: Problem}
"""The errors every route may answer with, for its documentation."""

WRITE_PROBLEMS: dict[int, Any] = {**PROBLEMS, 400: Problem, 409: Problem, 413: Problem}
"""The errors of routes that write."""
