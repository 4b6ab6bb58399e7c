"""Statements that stand where a name should, and say that there is no substance to name."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

_NO_LETTER = re.compile(r"[\W_]+")
_LONGEST_CHARACTERS = 200


def normalise_statement(text: str) -> str:
    """Bring a statement to small letters and digits with single spaces between its words.

    >>> normalise_statement("  NO Controlled drug(s) - identified. ")
    'no controlled drug s identified'
    """
    return _NO_LETTER.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


class NoSubstanceStatements:
    """Statements and what they mean, ready to be looked up.

    >>> NoSubstanceStatements([("No Drug Found", "nothing found")]).find("NO DRUG FOUND.")
    'nothing found'
    """

    def __init__(self, statements: Iterable[tuple[str, str]]) -> None:
        self._meanings: Mapping[str, str] = {
            normalise_statement(text): meaning for text, meaning in statements
        }

    def __len__(self) -> int:
        return len(self._meanings)

    def __iter__(self) -> Iterator[str]:
        return iter(self._meanings)

    def find(self, text: str) -> str | None:
        """Return what a statement means; None where the text is no such statement as a whole."""
        if len(text) > _LONGEST_CHARACTERS:
            return None
        return self._meanings.get(normalise_statement(text))
