"""``tocsin packages schema``."""

import json

from typer.testing import CliRunner

from tocsin.cli.commands import app
from tocsin.notifications.formats.json_document import build_json_schema


def test_the_schema_is_printed_without_a_node() -> None:
    printed = CliRunner().invoke(app, ["packages", "schema"])

    assert json.loads(printed.stdout) == build_json_schema()
