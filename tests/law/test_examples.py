"""Every curated example of every clause gives the verdict it was curated with."""

from pathlib import Path

import pytest

from tocsin.law.lint import derive_verdict
from tocsin.law.loading import list_folders, load_examples, load_instrument
from tocsin.law.model import Example, GenericClause, Verdict, Version

NPSG = next(folder for folder in list_folders() if folder.as_posix().endswith("/de/npsg"))
VERSIONS = {one.name: one for one in load_instrument(NPSG).versions}
EXAMPLES = load_examples(NPSG)


@pytest.mark.parametrize(("version", "clause"), sorted(EXAMPLES), ids="-".join)
def test_examples_give_their_verdicts(version: str, clause: str) -> None:
    wrong = [
        (one.name, found.value)
        for one in EXAMPLES[version, clause]
        if (found := derive_verdict(VERSIONS[version], clause, one.smiles)) is not one.verdict
    ]
    assert wrong == []


def _counted(examples: list[Example], *verdicts: Verdict) -> int:
    return sum(one.verdict in verdicts for one in examples)


def _hit(clause: GenericClause) -> Verdict:
    return Verdict.ARGUABLE if clause.is_unseen else Verdict.CONTROLLED


@pytest.mark.parametrize("version", VERSIONS.values(), ids=lambda one: str(one.name))
def test_each_group_has_fifteen_examples_on_either_side(version: Version) -> None:
    few = [
        clause.key
        for clause in version.clauses
        if _counted(EXAMPLES[version.name, clause.key], _hit(clause)) < 15
        or _counted(EXAMPLES[version.name, clause.key], Verdict.NOT_FOUND, Verdict.EXCLUDED) < 15
    ]
    assert few == []


def test_examples_are_stored_beside_the_rules() -> None:
    assert Path(NPSG / "examples.csv").is_file()
