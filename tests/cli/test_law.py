"""Commands about law, run as a person would."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tocsin.cli import law
from tocsin.law.loading import load_instruments

app = typer.Typer()
app.command("classify")(law.classify_file)
app.command("status")(law.status)
app.command("diff")(law.difference)
app.command("lint")(law.lint)
runner = CliRunner()

ETONITAZENE = "CCN(CC)CCn1c(Cc2ccc(OCC)cc2)nc2cc([N+](=O)[O-])ccc12"


@pytest.fixture
def structures(tmp_path: Path) -> Path:
    path = tmp_path / "structures.smi"
    path.write_text(f"{ETONITAZENE} etonitazene\nC1CC( broken\nCCO ethanol\n", encoding="utf-8")
    return path


def test_classify_prints_a_json_line_for_each_line(structures: Path) -> None:
    done = runner.invoke(
        app,
        ["classify", str(structures), "--as-of", "2025-12-31", "--jurisdiction", "DE", "--json"],
    )
    assert done.exit_code == 0
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["name"] for one in records] == ["etonitazene", "broken", "ethanol"]
    assert records[0]["classes"] == ["2-benzylbenzimidazole", "nitazene"]
    assert [one["verdict"] for one in records[0]["results"]] == ["controlled", "excluded"]
    assert records[1]["error"]["code"] == "bad-structure"
    assert [one["verdict"] for one in records[2]["results"]] == ["not-found", "not-found"]


def test_classify_works_in_several_processes_in_order(tmp_path: Path) -> None:
    path = tmp_path / "many.smi"
    path.write_text("".join(f"{'C' * (n % 9 + 1)} n{n}\n" for n in range(1_100)), encoding="utf-8")
    done = runner.invoke(
        app, ["classify", str(path), "--as-of", "2025-12-31", "--json", "--processes", "2"]
    )
    assert done.exit_code == 0
    names = [json.loads(line)["name"] for line in done.stdout.splitlines()]
    assert names == [f"n{number}" for number in range(1_100)]


def test_classify_prints_sentences_for_people(structures: Path) -> None:
    done = runner.invoke(app, ["classify", str(structures), "--as-of", "2025-12-31"])
    assert "etonitazene: by structure: 2-Benzylbenzimidazoles, Nitazenes" in done.stdout
    assert "ethanol: by structure: none of the classes known" in done.stdout
    assert "etonitazene: DE-BtMG Anlage I, Etonitazen: controlled" in done.stdout
    assert "ethanol: DE-NpSG: not found in the rules loaded" in done.stdout


@pytest.mark.parametrize(
    "options",
    [
        ["--as-of", "31.12.2025"],
        ["--as-of", "2025-12-31", "--jurisdiction", "XX"],
    ],
)
def test_bad_options_are_refused(structures: Path, options: list[str]) -> None:
    assert runner.invoke(app, ["classify", str(structures), *options]).exit_code == 2


def test_status_prints_clause_citation_and_conditions() -> None:
    done = runner.invoke(app, ["status", "Lachgas", "--as-of", "2026-09-01"])
    assert done.exit_code == 0
    assert (
        "DE-NpSG Anlage 2, Distickstoffmonoxid: controlled, known since 2026-04-12" in done.stdout
    )
    assert "only: Verpackung in einem Behälter" in done.stdout
    assert "BGBl. 2026 I Nr. 2, S. 3" in done.stdout


def test_status_takes_a_structure_and_refuses_a_name_nobody_holds() -> None:
    done = runner.invoke(app, ["status", ETONITAZENE, "--as-of", "2025-12-31", "--json"])
    assert json.loads(done.stdout)[0]["results"][0]["verdict"] == "controlled"
    assert runner.invoke(app, ["status", "no such thing", "--as-of", "2025-12-31"]).exit_code == 2


def test_diff_replays_an_amendment_over_the_register() -> None:
    done = runner.invoke(app, ["diff", "DE-NpSG", "2024-06-30", "2025-12-31", "--json"])
    changes = {
        one["name"]: (one["before"]["verdict"], one["after"]["verdict"])
        for one in json.loads(done.stdout)
    }
    assert changes["Ethyleneoxynitazene"] == ("not-found", "controlled")
    assert changes["Methylenedioxynitazene"] == ("not-found", "controlled")
    assert changes["Dipyanone"] == ("not-found", "controlled")
    assert "Etonitazene" not in changes


def test_lint_finds_nothing_in_what_is_shipped() -> None:
    done = runner.invoke(app, ["lint"])
    assert done.exit_code == 0
    assert f"0 findings in {len(load_instruments())} instruments" in done.stdout


def test_status_says_statutory_dates_with_the_days_left() -> None:
    done = runner.invoke(app, ["status", "2-MMC", "--as-of", "2026-06-01", "--jurisdiction", "EU"])
    assert "risk assessment 2025-05-20 to 2025-05-21: Delegated Directive (EU) 2025/2062" in (
        done.stdout
    )
    assert "to be transposed by 2026-07-12 (41 days left)" in done.stdout
