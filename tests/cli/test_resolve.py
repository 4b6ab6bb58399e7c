"""A file of names is answered line by line, whatever the lines hold."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.hostile_texts import LOOKALIKES, NAMES, READABLE, UNREADABLE
from tocsin.cli.commands import app
from tocsin.node.postgres import EmbeddedCluster

FENTANYL = {
    "id": "fentanyl",
    "name": "Fentanyl",
    "inchikey": "PJMPHNIQZUBGLI-UHFFFAOYSA-N",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("node") / "home"
    folder.mkdir()
    with EmbeddedCluster(folder, durable=False).running():
        yield folder


def run(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tocsin.cli", "resolve", *arguments],
        env={**os.environ, "TOCSIN_HOME": str(home), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def read_lines(home: Path, path: Path, content: bytes, code: int) -> list[dict[str, Any]]:
    path.write_bytes(content)
    result = run(home, "--file", str(path), "--json")
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    return [json.loads(line) for line in result.stdout.split("\n")[:-1]]


def test_each_line_has_one_answer(home: Path, tmp_path: Path) -> None:
    lines = read_lines(
        home,
        tmp_path / "names.txt",
        "\ufeffFentanyl citrate\r\nNo drug found\nmolly\nQUININE/QUINIDINE\nzzqqxx\n".encode(),
        2,
    )
    assert [(one["text"], one["tier"], one["form"]) for one in lines] == [
        ("Fentanyl citrate", "normalised", "citrate"),
        ("No drug found", "no-substance", None),
        ("molly", "fuzzy", None),
        ("QUININE/QUINIDINE", "normalised", None),
        ("zzqqxx", "not-found", None),
    ]
    assert lines[0]["substance"] == FENTANYL
    assert lines[0]["candidates"] == []
    assert lines[3]["substance"]["inchikey"] is None
    assert [one["substance"] for one in (lines[1], lines[2], lines[4])] == [None, None, None]
    assert lines[2]["candidates"][0]["id"] == "mdma"
    assert set(lines[0]) == {"text", "tier", "substance", "form", "candidates", "reason"}


def test_hostile_lines_are_answered_each_with_a_reason(home: Path, tmp_path: Path) -> None:
    given = [text for text, _words in UNREADABLE.values()]
    given += [*READABLE.values(), *NAMES.values(), *LOOKALIKES.values()]
    hostile = [*(text.encode() for text in given), b"\xff\xfe\xfa", b"x" * 10_000_000]
    lines = read_lines(home, tmp_path / "hostile.txt", b"\n".join(hostile), 2)
    assert len(lines) == len(hostile)
    assert all(one["reason"] and len(one["reason"]) < 400 for one in lines)
    found = {one["text"]: one["substance"]["name"] for one in lines if one["substance"]}
    assert found == {
        **dict.fromkeys(LOOKALIKES.values(), "Cocaine"),
        READABLE["atom numbers"]: "Methanol",
        NAMES["right-to-left"]: "Fentanyl",
    }


def test_an_empty_file_gives_nothing(home: Path, tmp_path: Path) -> None:
    assert read_lines(home, tmp_path / "empty.txt", b"", 0) == []


def test_a_file_is_answered_for_people_too(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("fentanyl HCl\n", encoding="utf-8")
    result = run(home, "--file", str(path))
    assert result.returncode == 0
    assert result.stdout == (
        "fentanyl HCl: Fentanyl, hydrochloride (normalised). "
        "a name in the register but for its form\n"
    )


@pytest.mark.parametrize("arguments", [[], ["fentanyl", "--file", __file__], ["--file", "no such"]])
def test_either_names_or_a_file_is_expected(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, ["resolve", *arguments]).exit_code == 2
