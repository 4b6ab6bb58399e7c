"""Tables for people: CSV and XLSX, one row for each observation, codes and their words."""

from collections.abc import Iterable, Iterator
from typing import IO

from django.utils.translation import gettext as _

from tocsin.reports.formats.export import Cell, write_csv, write_xlsx
from tocsin.reports.record.words import Authority, PhysicalForm
from tocsin.tables.formats.document import TableDocument
from tocsin.tables.vocabulary import (
    NOT_APPLICABLE,
    TOTAL,
    UNIT_OF_INDICATOR,
    UNKNOWN,
    Indicator,
    Status,
    name_place,
)

HEADINGS = (
    "identifier",
    "version",
    "period",
    "country",
    "country_words",
    "indicator",
    "indicator_words",
    "unit",
    "substance",
    "substance_words",
    "part_of",
    "form",
    "form_words",
    "authority",
    "authority_words",
    "value",
    "status",
)
STATUS_WORDS = {
    Status.VALUE.value: "value",
    Status.MISSING.value: "missing",
    Status.SUPPRESSED.value: "suppressed",
}
"""What stands in the column ``status``: a zero has a value, and the other two have none."""


def write_table(document: TableDocument, stream: IO[bytes], *, as_xlsx: bool) -> int:
    """Write a table as CSV or XLSX; return how many observations it has.

    An observation without a value has an empty cell, and its status says why.
    """
    write = write_xlsx if as_xlsx else write_csv
    return write(_iter_rows(document), HEADINGS, stream)


def _iter_rows(document: TableDocument) -> Iterator[tuple[Cell, ...]]:
    substances = {one.code: one for one in document.codes}
    forms, authorities = list_form_words(), list_authority_words()
    place = name_place(document.country)
    words = {code: str(label) for code, label in Indicator.choices}
    for one in document.observations:
        substance = substances[one.substance]
        yield (
            document.identifier,
            document.version,
            document.period,
            document.country or TOTAL,
            place,
            one.indicator,
            words[one.indicator],
            UNIT_OF_INDICATOR[one.indicator],
            one.substance,
            substance.name,
            substance.parent,
            one.form,
            forms[one.form],
            one.authority,
            authorities[one.authority],
            one.value,
            STATUS_WORDS[one.status],
        )


def list_form_words() -> dict[str, str]:
    """Return every code of a form with its words."""
    return _list_words(PhysicalForm.choices)


def list_authority_words() -> dict[str, str]:
    """Return every code of an authority with its words."""
    return _list_words(Authority.choices)


def _list_words(choices: Iterable[tuple[str, object]]) -> dict[str, str]:
    return {
        TOTAL: _("all"),
        **{code: str(label) for code, label in choices},
        UNKNOWN: _("not stated"),
        NOT_APPLICABLE: _("does not apply"),
    }
