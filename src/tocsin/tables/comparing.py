"""What became of the evidence that a table was made of."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.organisations.actors import Actor
from tocsin.reports.models import ERASED_PREFIX, Report
from tocsin.tables.counting import Counts
from tocsin.tables.models import TableBasis


@dataclass(frozen=True, slots=True)
class CellChange:
    """A count of a table that is another now. None where there was, or is, none."""

    substance: str
    form: str
    authority: str
    what: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class TableChanges:
    """What became of the evidence of a table since it was made.

    erased: reports whose time was over. Cases of these are to be sent no longer; sums stay right
    without them, and which counts differ for another reason is not known any more: then ``cells``
    is empty.
    """

    new: int
    corrected: int
    gone: int
    erased: int
    cells: tuple[CellChange, ...]
    is_of_cases: bool

    @property
    def is_outdated(self) -> bool:
        """Whether the table no longer says what was, or sends what was erased."""
        is_changed = self.new or self.corrected or self.gone or self.cells
        return bool(is_changed or (self.erased and self.is_of_cases))


def compare(
    actor: Actor,
    basis: TableBasis,
    sources: Collection[int],
    counts: Counts | None,
    *,
    purpose: str,
) -> TableChanges:
    """Compare what a table was made of with what it would be made of now.

    sources: the report versions that it would count; counts: None of a table of cases.
    """
    then, now = set(basis.sources), set(sources)
    versions = _read_versions(actor, then ^ now, purpose=purpose)
    corrected = _pair(versions, then - now, now - then)
    erased = {pk for pk in then - now if versions.get(pk, (0, ""))[1].startswith(ERASED_PREFIX)}
    cells: tuple[CellChange, ...] = ()
    if counts is not None and not erased:
        cells = tuple(_iter_cell_changes(basis.secret.get("counts", {}), write_counts(counts)))
    return TableChanges(
        new=len(now - then) - len(corrected),
        corrected=len(corrected),
        gone=len(then - now) - len(corrected) - len(erased),
        erased=len(erased),
        cells=cells,
        is_of_cases=counts is None,
    )


def pair_versions(
    actor: Actor, then: Collection[int], now: Collection[int], *, purpose: str
) -> dict[int, int]:
    """Return for each version that was counted then which version of its report is counted now.

    Reports that the actor may not see any more, or that count no longer, are left out.
    """
    return _pair(_read_versions(actor, {*then, *now}, purpose=purpose), then, now)


_Versions = Mapping[int, tuple[int, str]]
"""Of each version the owner and the key of its report."""


def _read_versions(actor: Actor, ids: Collection[int], *, purpose: str) -> _Versions:
    reports = Report.objects.visible_to(actor, purpose=purpose).filter(pk__in=ids)
    return {
        pk: (owner_id, key) for pk, owner_id, key in reports.values_list("pk", "owner_id", "key")
    }


def _pair(versions: _Versions, then: Collection[int], now: Collection[int]) -> dict[int, int]:
    of_report = {versions[pk]: pk for pk in now if pk in versions}
    return {
        pk: of_report[versions[pk]] for pk in then if pk in versions and versions[pk] in of_report
    }


def write_counts(counts: Counts) -> dict[str, Any]:
    """Return the counts of a period as JSON holds them."""
    return {
        "seizures": [[*key, one.cases] for key, one in sorted(counts.seized.items())],
        "poisonings": [
            [key, "", "", one.poisonings] for key, one in sorted(counts.poisoned.items())
        ],
        "deaths": [[key, "", "", one.deaths] for key, one in sorted(counts.poisoned.items())],
    }


def _iter_cell_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[CellChange]:
    for what in after:
        old = {tuple(key): count for *key, count in before.get(what, ())}
        new = {tuple(key): count for *key, count in after[what]}
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) != new.get(key):
                substance, form, authority = key
                yield CellChange(substance, form, authority, what, old.get(key), new.get(key))
