"""Instruments of which only the kind of control is known: silence is no clearance."""

import datetime
import shutil
from pathlib import Path

import pytest

from tocsin.law.classification import classify
from tocsin.law.lint import lint_law
from tocsin.law.loading import DATA, load_instruments
from tocsin.law.model import Extent, Instrument, Verdict

ON = datetime.date(2026, 9, 1)
NOTHING = [one for one in load_instruments() if one.extent is Extent.NOTHING]


def test_five_countries_are_known_by_their_kind_of_control_alone() -> None:
    assert [one.jurisdiction for one in NOTHING] == ["AT", "FI", "IE", "IT", "SE"]
    assert all(one.unverified and one.notes for one in NOTHING)
    assert not any(one.entries or one.versions for one in NOTHING)


def test_they_come_after_all_instruments_with_rules() -> None:
    extents = [one.extent is Extent.NOTHING for one in load_instruments()]
    assert extents == sorted(extents)


@pytest.mark.parametrize("instrument", NOTHING, ids=lambda one: str(one.key))
def test_not_even_a_well_known_narcotic_is_called_looked_at(instrument: Instrument) -> None:
    heroin = "CC(=O)OC1C=CC2C3Cc4ccc(OC(C)=O)c5c4C2(CCN3C)C1O5"
    answer = next(one for one in classify(heroin, ON) if one.instrument == instrument.key)
    assert answer.verdict is Verdict.NOT_FOUND
    assert answer.traces[0].reason == (
        f"no entries of this instrument are loaded, so it was not looked at: {instrument.kind}"
    )


def test_sweden_is_told_to_control_by_name_only() -> None:
    answer = next(iter(classify("CCO", ON, ["SE"])))
    assert answer.traces[0].reason.endswith("substances by name only")


@pytest.mark.parametrize(
    ("folder", "old", "new"),
    [
        ("se/narkotika", 'notes = ["', 'remarks = ["'),
        ("gb/mda1971", 'loaded = "part"', 'loaded = "nothing"'),
    ],
)
def test_lint_asks_what_is_missing_of_what_is_not_loaded_whole(
    tmp_path: Path, folder: str, old: str, new: str
) -> None:
    target = tmp_path / "copy"
    shutil.copytree(DATA / folder, target)
    head = target / "instrument.toml"
    text = head.read_text(encoding="utf-8")
    assert text.count(old) == 1
    head.write_text(text.replace(old, new), encoding="utf-8")
    assert [one.code for one in lint_law([target])] == ["extent"]
