"""The lint finds what it is for, and nothing in the files that are shipped."""

import dataclasses
import datetime
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.errors import BadLawFileError
from tocsin.law.lint import lint_law
from tocsin.law.loading import list_folders, load_instrument


def test_shipped_files_are_clean() -> None:
    assert lint_law() == ()


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[str, str, str, str], Path]:
    """Copy an instrument's folder with one text of one file replaced."""

    def copy(name: str, file: str, old: str, new: str) -> Path:
        source = next(one for one in list_folders() if one.as_posix().endswith(f"/{name}"))
        target = tmp_path / name
        shutil.copytree(source, target)
        text = (target / file).read_text(encoding="utf-8")
        assert old in text
        (target / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return target

    return copy


@pytest.mark.parametrize(
    ("name", "file", "old", "new", "code"),
    [
        ("eu/precursors", "entries.csv", "103-79-7", "103-79-8", "cas"),
        (
            "de/btmg",
            "entries.csv",
            "CC(N)Cc1ccccc1,KWTSXDURSIMDCE",
            "CCN,KWTSXDURSIMDCE",
            "structure",
        ),
        ("eu/fd2004-757", "entries.csv", " | BtMG annex name by OPSIN", "", "route"),
        (
            "eu/fd2004-757",
            "entries.csv",
            "2025/2062,,,,",
            "2025/2062,2026-01-12,2026-02-12,,",
            "validity",
        ),
        (
            "eu/fd2004-757",
            "instrument.toml",
            '{ kind = "published", on = 2025-12-23 }',
            '{ kind = "published", on = 2025-10-13 }',
            "dates",
        ),
        ("eu/fd2004-757", "instrument.toml", 'kind = "submitted"', 'kind = "handed-in"', "dates"),
        (
            "eu/fd2004-757",
            "instrument.toml",
            "valid_from = 2026-01-12",
            "valid_from = 2026-01-11",
            "dates",
        ),
        ("eu/precursors", "entries.csv", "2914 31 00", "2914 310", "cn-code"),
        ("de/btmg", "instrument.toml", 'place = "Anlage III"', 'place = ""', "citation"),
        (
            "de/npsg",
            "examples.csv",
            "7,2024 2025,controlled,Etonitazene",
            "7,2024 2025,not-found,Etonitazene",
            "verdict",
        ),
        ("de/npsg", "8-diphenylpropylamines.toml", '10 = "R4/R5"', '11 = "R4/R5"', "grammar"),
        ("de/npsg", "7-benzimidazole.toml", 'name = "Rn"\nmay', 'name = "Rx"\nmay', "grammar"),
    ],
)
def test_faults_are_found(
    folder: Callable[[str, str, str, str], Path],
    name: str,
    file: str,
    old: str,
    new: str,
    code: str,
) -> None:
    assert code in {one.code for one in lint_law([folder(name, file, old, new)])}


def test_too_few_examples_are_found(folder: Callable[[str, str, str, str], Path]) -> None:
    target = folder("de/npsg", "examples.csv", "clause,", "clause,")
    path = target / "examples.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(one for one in lines if not one.startswith("9,")), encoding="utf-8")
    findings = [one.message for one in lint_law([target]) if one.code == "too-few-examples"]
    assert findings == [
        "clause 9 of 2025-12-17: 0 positive and 0 negative examples; expected at least 15 each"
    ]


def test_codes_that_count_up_row_by_row_are_found(
    folder: Callable[[str, str, str, str], Path],
) -> None:
    target = folder("eu/precursors", "entries.csv", "key,", "key,")
    path = target / "entries.csv"
    heading, first, *_ = path.read_text(encoding="utf-8").splitlines()
    rows = [
        first.replace("2914 31 00", f"{2914 + step} 79 00").replace("1-phenyl", f"{step}-phenyl")
        for step in range(6)
    ]
    path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    assert "counting-up" in {one.code for one in lint_law([target])}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('may = ["alkyl(1..3)"]', 'may = ["alky(1..3)"]'),
        ('may = ["alkyl(1..3)"]', 'may = ["alkyl(1-3)"]'),
        ('smarts = "[c:4]1', 'smarts = "[c:4]1((('),
        ("mass_max_u = 500", "mass_maximum = 500"),
        ('key = "7"', "key = 7 7"),
    ],
)
def test_files_outside_the_grammar_are_refused(
    folder: Callable[[str, str, str, str], Path], old: str, new: str
) -> None:
    target = folder("de/npsg", "7-benzimidazole.toml", old, new)
    with pytest.raises(BadLawFileError):
        load_instrument(target)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("entries.csv", ",2025/2062,", ",2025/9999,"),
        ("entries.csv", "annex-2-mmc,annex,", "annex-2-mmc,appendix,"),
        ("instrument.toml", "valid_from = 2026-01-12", ""),
    ],
)
def test_rows_that_refer_to_nothing_are_refused(
    folder: Callable[[str, str, str, str], Path], file: str, old: str, new: str
) -> None:
    target = folder("eu/fd2004-757", file, old, new)
    with pytest.raises(BadLawFileError):
        load_instrument(target)


def test_an_entry_cannot_be_changed_after_loading() -> None:
    btmg = next(one for one in list_folders() if one.name == "btmg")
    entry = load_instrument(btmg).entries[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        entry.valid_from = datetime.date(2000, 1, 1)  # type: ignore[misc]
