"""``tocsin tables``: from a period to files, in the database of the test."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.api.conftest import Node, open_node
from tocsin.cli import tables
from tocsin.cli.commands import app
from tocsin.errors import FourEyesError, NotFoundError, RefusedError

pytestmark = pytest.mark.django_db


@pytest.fixture
def node(db: None) -> Node:
    return open_node()


@pytest.fixture
def run(node: Node, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs a command while the node of the test is open."""
    monkeypatch.setattr(tables, "open_node", nullcontext)
    return lambda *words: CliRunner().invoke(app, ["tables", *words])


def test_a_table_is_made_listed_released_checked_and_written(
    node: Node, run: Callable[..., Result], tmp_path: Path
) -> None:
    node.report()

    made = run("make", "2026-Q1", "--country", "at", "--recipient", "customs")
    assert made.exit_code == 0, made.exception
    number = made.stdout.split(":")[0]
    assert "version 1, a draft" in made.stdout
    assert isinstance(run("release", number).exception, RefusedError)
    released = run("release", number, "--as", "releaser")
    assert (released.exit_code, "released" in released.stdout) == (0, True)
    [row] = json.loads(run("list", "--json").stdout)
    assert (row["state"], row["period"], row["country"], row["public"]) == (
        "released",
        "2026-Q1",
        "AT",
        False,
    )
    assert "2026-Q1" in run("list").stdout
    assert run("check", number).exit_code == 0
    assert run("write", number, "sdmx-csv", str(tmp_path / "a.csv")).exit_code == 0
    assert (tmp_path / "a.csv").read_text().startswith("STRUCTURE,STRUCTURE_ID,ACTION,FREQ")
    again = run("write", number, "csv", str(tmp_path / "a.csv"))
    assert isinstance(again.exception, RefusedError)

    node.report(reference="late")
    checked = run("check", number, "--json")
    assert (checked.exit_code, json.loads(checked.stdout)["new"]) == (1, 1)


def test_who_makes_it_does_not_release_it_and_recipients_must_be_known(
    run: Callable[..., Result],
) -> None:
    made = run("make", "2026", "--as", "releaser")
    number = made.stdout.split(":")[0]

    assert isinstance(run("release", number, "--as", "releaser").exception, FourEyesError)
    unknown = run("make", "2026", "--recipient", "nobody")
    assert isinstance(unknown.exception, NotFoundError)
    assert "No tables" in run("list", "--search", "zzz").stdout
