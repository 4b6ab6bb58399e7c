"""Whatever a file of structures holds, each line is answered, and says what is wrong with it."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tests.hostile_texts import NAMES, READABLE, UNREADABLE
from tocsin.cli import law
from tocsin.errors import UnreadableFileError

app = typer.Typer()
app.command("classify")(law.classify_file)
app.command("status")(law.status)
runner = CliRunner()


def classify(path: Path) -> list[dict[str, Any]]:
    done = runner.invoke(
        app, ["classify", str(path), "--as-of", "2026-09-01", "--json", "--processes", "1"]
    )
    assert done.exception is None, done.exception
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_line_that_is_no_structure_says_why(tmp_path: Path) -> None:
    lines = [f"{text} {name}" if text else "" for name, (text, _words) in UNREADABLE.items()]
    path = tmp_path / "unreadable.smi"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    records = classify(path)
    assert len(records) == len(lines)
    for record, (name, (_text, words)) in zip(records, UNREADABLE.items(), strict=True):
        assert words in record["error"]["message"], name
        assert len(record["error"]["message"]) < 400, name
        assert record["results"] == [], name


def test_each_odd_structure_is_held_against_the_law(tmp_path: Path) -> None:
    path = tmp_path / "odd.smi"
    path.write_text("".join(f"{text} {name}\n" for name, text in READABLE.items()), "utf-8")
    records = classify(path)
    assert [record["name"] for record in records] == list(READABLE)
    assert [record["name"] for record in records if "error" in record] == []
    assert all(record["results"] for record in records)


def test_names_and_endless_lines_are_no_structures(tmp_path: Path) -> None:
    # Separators of lines make several lines of a name, so they are left out here.
    names = [text for text in NAMES.values() if len(text.splitlines()) == 1]
    path = tmp_path / "names.smi"
    path.write_text("\n".join([*names, "C" * 10_000_000]), encoding="utf-8")
    records = classify(path)
    assert len(records) == len(names) + 1
    assert [record for record in records if "error" not in record] == []


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bytes.smi"
    path.write_bytes(b"\xff\xfe\x00C")
    done = runner.invoke(app, ["classify", str(path), "--as-of", "2026-09-01", "--json"])
    assert isinstance(done.exception, UnreadableFileError)


@pytest.mark.parametrize(
    "name",
    ["deep branches", "SMARTS as deep as is read", "NUL", "right-to-left mark", "reaction"],
)
def test_status_of_what_is_nothing_says_so(name: str) -> None:
    done = runner.invoke(app, ["status", "--as-of", "2026-09-01", "--", UNREADABLE[name][0]])
    assert done.exit_code == 2
    assert "not in the register and on no list loaded" in done.output


def test_status_of_an_odd_structure_is_answered() -> None:
    done = runner.invoke(app, ["status", READABLE["peptide"], "--as-of", "2026-09-01"])
    assert done.exit_code == 0
