"""``tocsin record``: the schema, the fields, a template."""

import json
from pathlib import Path

from openpyxl import load_workbook
from typer.testing import CliRunner

from tocsin.cli.commands import app
from tocsin.errors import RefusedError
from tocsin.reports.record.json_schema import build_json_schema
from tocsin.reports.record.markdown import write_fields


def test_schema_and_fields_are_printed() -> None:
    printed = CliRunner().invoke(app, ["record", "schema"])
    assert json.loads(printed.stdout) == build_json_schema()
    assert CliRunner().invoke(app, ["record", "fields"]).stdout == write_fields()


def test_a_template_is_written_once_and_never_over_another_file(tmp_path: Path) -> None:
    path = tmp_path / "seizure.xlsx"
    first = CliRunner().invoke(app, ["record", "template", "seizure", str(path)])
    assert first.exit_code == 0
    assert load_workbook(path)["Tocsin"]["C2"].value == "seizure"

    again = CliRunner().invoke(app, ["record", "template", "seizure", str(path)])
    assert isinstance(again.exception, RefusedError)
    assert str(again.exception) == f"{path}: exists; expected a new file"


def test_an_export_says_which_endings_it_writes(tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["record", "export", str(tmp_path / "all.pdf")])
    assert refused.exit_code == 2
    assert "expected a name that ends in .csv or .xlsx" in refused.stderr.replace("\n", " ")
