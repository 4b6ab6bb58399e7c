"""Commands about the event record: its schema, its templates, its fields, and all that is held."""

import os
import sys
from pathlib import Path
from typing import IO, Annotated

import typer

from tocsin.cli.console import get_console_actor, notes, open_node, print_json
from tocsin.errors import RefusedError
from tocsin.reports.formats.record_tables import write_template
from tocsin.reports.record.json_schema import build_json_schema
from tocsin.reports.record.markdown import write_fields
from tocsin.reports.services import export_records as export_own_records
from tocsin.reports.vocabulary import EventType

Target = Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="File to write.")]

app = typer.Typer(help="The event record that every form is made from.", no_args_is_help=True)


@app.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of one event with its findings, with an example of each type."""
    print_json(build_json_schema())


@app.command("fields")
def print_fields() -> None:
    """Print every field with its meaning and its words, as tables in Markdown."""
    sys.stdout.write(write_fields())


@app.command("template")
def make_template(
    event_type: Annotated[EventType, typer.Argument(metavar="EVENT", help="Such as seizure.")],
    file: Target,
) -> None:
    """Write the workbook to fill in for one type of event; it imports without a profile."""
    with _open_new(file) as stream:
        write_template(event_type, stream)
    notes.print(f"tocsin: wrote {file}")


@app.command("export")
def export_records(file: Target) -> None:
    """Write every current report of this organisation as CSV or XLSX that imports again unchanged.

    The file's ending says which. Journalled.
    """
    if file.suffix not in (".csv", ".xlsx"):
        raise typer.BadParameter(f"{file.name}: expected a name that ends in .csv or .xlsx")
    with open_node(), _open_new(file) as stream:
        rows = export_own_records(get_console_actor(), stream, as_xlsx=file.suffix == ".xlsx")
    notes.print(f"tocsin: wrote {rows} rows to {file}")


def _open_new(file: Path) -> IO[bytes]:
    try:
        return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError as problem:
        raise RefusedError(f"{file}: exists; expected a new file") from problem
