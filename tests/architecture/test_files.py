import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
MOST_LINES = 400
# Files that were too long when the ceiling came. The list only ever shrinks.
LONGER_FILES: dict[str, int] = {}

# Put together from parts, so that this file does not hold what it looks for.
UNWANTED = {
    "the address of a package registry": r"(pypi|pythonhosted|npmjs|anaconda|conda)\.(org|com)",
    "a path of one machine": r"(?<![\w.$/~-])/(work|root|Users|home)/\w",
}


@cache
def list_project_files() -> list[Path]:
    """Return the files git holds or would take; all of them where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        folders = [ROOT / name for name in ("src", "tests", "docs", "benchmarks")]
        paths = [path for folder in folders for path in folder.rglob("*")]
    return sorted(path for path in paths if path.is_file())


def read_text_files() -> list[tuple[str, str]]:
    texts = []
    for path in list_project_files():
        content = path.read_bytes()
        if b"\0" not in content:
            texts.append((str(path.relative_to(ROOT)), content.decode("utf-8", errors="replace")))
    return texts


def count_lines(name: str) -> int:
    return len((ROOT / name).read_text(encoding="utf-8").splitlines())


def test_source_files_are_short_enough_to_be_read() -> None:
    too_long = {
        name: lines
        for path in list_project_files()
        if (name := str(path.relative_to(ROOT))).startswith("src/")
        and path.suffix == ".py"
        and path.parent.name != "migrations"
        and (lines := count_lines(name)) > LONGER_FILES.get(name, MOST_LINES)
    }

    assert too_long == {}


def test_list_of_longer_files_holds_only_files_that_still_are() -> None:
    assert [name for name in LONGER_FILES if count_lines(name) <= MOST_LINES] == []


@pytest.mark.parametrize("kind", UNWANTED)
def test_no_file_names(kind: str) -> None:
    pattern = re.compile(UNWANTED[kind], re.IGNORECASE)
    found = [
        f"{name}:{number}"
        for name, text in read_text_files()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]

    assert found == []


def test_lock_pins_every_dependency_by_hash_and_names_no_place_to_get_it() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"(?m)^(?=\w)", lock)[1:]

    assert "://" not in lock
    assert "@" not in lock
    assert not re.search(r"(?m)^-", lock)
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_lock_holds_a_version_of_each_dependency_that_the_project_takes() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned: dict[str, list[str]] = {}
    for name, version in re.findall(r"(?m)^([\w.-]+)==([^\s;\\]+)", lock):
        pinned.setdefault(canonicalize_name(name), []).append(version)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        Requirement(text)
        for text in project["dependencies"] + project["optional-dependencies"]["dev"]
    ]

    unmet = [
        str(requirement)
        for requirement in wanted
        if not any(
            requirement.specifier.contains(version, prereleases=True)
            for version in pinned.get(canonicalize_name(requirement.name), [])
        )
    ]
    assert unmet == []
