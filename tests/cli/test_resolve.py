"""A file of names is answered line by line, whatever the lines hold."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

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


def test_hostile_lines_are_answered_at_once(home: Path, tmp_path: Path) -> None:
    hostile = [
        b"",
        b"   ",
        b"fentanyl" * 1_250,
        b"x" * 10_000,
        "\ufdfa".encode() * 10_000,
        b"C1CC(",
        b"C" * 1_999,
        b"(" * 2_000,
        b"fen\0tanyl",
        b"\x1b[31mred\x07",
        b"\xff\xfe\xfa",
        "c\u043ec\u0430ine".encode(),
        "a\u2028b\x0bc\x85d".encode(),
        b"[*][Fe].[U]",
        b"InChI=1S/" + b"C" * 1_000,
        b"'; DROP TABLE substances_substance; --",
        b"2-" + b"methyl" * 80,
        b"1-" + b"(" * 480,
    ]
    started = time.perf_counter()
    lines = read_lines(home, tmp_path / "hostile.txt", b"\n".join(hostile), 2)
    assert time.perf_counter() - started < 2.0 * len(hostile)
    assert len(lines) == len(hostile)
    found = {one["text"]: one["substance"] for one in lines if one["substance"]}
    assert [one["name"] for one in found.values()] == ["Cocaine"]
    assert all(one["reason"] for one in lines)


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
