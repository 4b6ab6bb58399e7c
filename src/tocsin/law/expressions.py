"""The small language in which a rule names groups of atoms, such as ``carbonyl>alkyl(1..6)``."""

import functools
import re
from dataclasses import dataclass

from tocsin.errors import BadLawFileError

_TERM = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)(\((?P<limits>[^()]*)\))?")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")


@dataclass(frozen=True, slots=True)
class Term:
    """One step of an expression: a family, its least and largest count, and its elements."""

    family: str
    least: int
    most: int
    elements: frozenset[str]


@functools.cache
def parse_expression(text: str) -> tuple[Term, ...]:
    """Read an expression: terms joined by ``>``, each standing on the one before it.

    Raises BadLawFileError for anything else.

    >>> [term.family for term in parse_expression("carbonyl>oxy>alkyl(1..6)")]
    ['carbonyl', 'oxy', 'alkyl']
    >>> parse_expression("ring(3..7,C O N S)")[0].most
    7
    """
    return tuple(_parse_term(part.strip(), text) for part in text.split(">"))


def _parse_term(text: str, whole: str) -> Term:
    found = _TERM.fullmatch(text)
    if found is None:
        raise BadLawFileError(
            f"expression {whole!r}: found {text!r}; expected a family with limits"
        )
    least, most, elements = 1, 999, frozenset[str]()
    limits = found["limits"]
    if limits:
        counts, _, symbols = limits.partition(",")
        bounds = _RANGE.fullmatch(counts.strip())
        if bounds is None:
            raise BadLawFileError(
                f"expression {whole!r}: found limits {limits!r}; expected such as 1..6"
            )
        least, most = int(bounds[1]), int(bounds[2])
        elements = frozenset(symbols.split())
    return Term(found["name"], least, most, elements)
