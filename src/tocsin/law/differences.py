"""An amendment replayed: which structures change their status between two days."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tocsin.errors import BadStructureError
from tocsin.law.classification import classify_under, get_instrument
from tocsin.law.model import Answer
from tocsin.law.subject import read_subject


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A structure whose status under one instrument differs between two days."""

    name: str
    smiles: str
    before: Answer
    after: Answer


def diff(
    instrument: str,
    first: datetime.date,
    second: datetime.date,
    structures: Iterable[tuple[str, str]],
) -> Iterator[StatusChange]:
    """Yield the structures whose verdict or clause differs between two days.

    instrument: its key. structures: pairs of name and SMILES; unreadable ones are passed over.
    Raises UnknownInstrumentError where the instrument is not loaded.
    """
    wanted = get_instrument(instrument)
    for name, smiles in structures:
        try:
            subject = read_subject(smiles)
        except BadStructureError:
            continue
        before, after = (classify_under(wanted, subject, day) for day in (first, second))
        if (before.verdict, before.clause) != (after.verdict, after.clause):
            yield StatusChange(name, smiles, before, after)
