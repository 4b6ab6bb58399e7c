"""A table as a page shows it: one row for each substance, and words where there is no count."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from tocsin.tables.cells import Observation
from tocsin.tables.comparing import CellChange
from tocsin.tables.formats.document import TableDocument
from tocsin.tables.formats.flat import list_authority_words, list_form_words
from tocsin.tables.reading import read_names
from tocsin.tables.vocabulary import NOT_APPLICABLE, TOTAL, UNKNOWN, Indicator, Status

SHOWN = (Indicator.SEIZURES, Indicator.MASS, Indicator.POISONINGS, Indicator.DEATHS)


@dataclass(frozen=True, slots=True)
class SubstanceRow:
    """The figures of a substance, a class or of all, in words; depth: how far below the total."""

    name: str
    depth: int
    cells: tuple[tuple[str, str], ...]


def lay_out(document: TableDocument) -> list[SubstanceRow]:
    """Return the rows of a table for all forms and authorities, in the order of its substances."""
    whole = {
        (one.indicator, one.substance): one
        for one in document.observations
        if (one.form, one.authority) in ((TOTAL, TOTAL), (NOT_APPLICABLE, NOT_APPLICABLE))
    }
    parents = {one.code: one.parent for one in document.codes}

    def measure_depth(code: str) -> int:
        return 0 if not parents[code] else 1 + measure_depth(parents[code])

    return [
        SubstanceRow(
            name=one.name,
            depth=measure_depth(one.code),
            cells=tuple(
                (str(indicator.label), describe_value(whole.get((indicator, one.code))))
                for indicator in SHOWN
            ),
        )
        for one in document.codes
    ]


def describe_value(one: Observation | None) -> str:
    """Say a value, or why there is none; a dash where the table has no such cell."""
    if one is None:
        return "–"
    if one.value is None:
        is_hidden = one.status == Status.SUPPRESSED
        return gettext("suppressed") if is_hidden else gettext("missing")
    return format(one.value.normalize(), ",f")


def describe_changes(cells: Sequence[CellChange]) -> list[str]:
    """Say in words which counts of a table differ, and from what to what."""
    names = {key: name for key, (name, *_) in read_names([one.substance for one in cells]).items()}
    names[UNKNOWN] = gettext("not in the register")
    forms, authorities = list_form_words(), list_authority_words()
    told = []
    for one in cells:
        places = [forms[one.form], authorities[one.authority]] if one.form else []
        count = str(Indicator(one.what.upper()).label)
        before, after = ("–" if number is None else number for number in (one.before, one.after))
        words = " · ".join([names.get(one.substance, one.substance), *places, count])
        told.append(f"{words}: {before} → {after}")
    return told


def list_headings() -> Sequence[str]:
    """Return the headings of the figures, in their order."""
    return [str(one.label) for one in SHOWN]
