"""Commands about packages: which there are, one as a file, and their schema."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from tocsin.cli.console import get_console_actor, open_node, output, print_json, say
from tocsin.notifications.formats.files import WRITERS
from tocsin.notifications.formats.json_document import build_json_schema
from tocsin.notifications.queries import get_package_version, is_outdated, list_packages
from tocsin.notifications.services import export_package

app = typer.Typer(
    help="Notifications to the early warning system and the drug alert system.",
    no_args_is_help=True,
)
AsJson = Annotated[bool, typer.Option("--json", help="Print the result for a program.")]


@app.command("list")
def list_held(
    search: Annotated[str, typer.Option(help="Part of an identifier or a substance's name.")] = "",
    as_json: AsJson = False,
) -> None:
    """List packages with where they stand, and which are out of date."""
    with open_node():
        rows = [
            {
                "identifier": one.identifier,
                "version": one.number,
                "kind": one.kind,
                "substance": one.substance.name if one.substance is not None else "",
                "state": one.state,
                "outdated": is_outdated(one),
                "tlp": one.handling.tlp,
                "made": one.made_at.isoformat(timespec="seconds"),
            }
            for one in list_packages(get_console_actor(), search=search)
        ]
    if as_json:
        print_json(rows)
        return
    table = Table("Package", "Kind", "Substance", "State", "Out of date", "TLP", "Made")
    for row in rows:
        table.add_row(
            f"{row['identifier']} v{row['version']}",
            str(row["kind"]),
            str(row["substance"]),
            str(row["state"]),
            "yes" if row["outdated"] else "no",
            str(row["tlp"]),
            str(row["made"]),
        )
    output.print(table if rows else "No packages yet. Make one on the page of a report.")


@app.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of a package, with that of the event record within."""
    print_json(build_json_schema())


@app.command("export")
def export(
    identifier: Annotated[str, typer.Argument(help="Such as EDAS-AT-2026-0001.")],
    form: Annotated[str, typer.Option("--format", help=f"One of {', '.join(WRITERS)}.")] = "pdf",
    version: Annotated[
        int | None, typer.Option(min=1, help="Which version; the newest without it.")
    ] = None,
    folder: Annotated[
        Path, typer.Option("--to", exists=True, file_okay=False, help="Where the file goes.")
    ] = Path(),
) -> None:
    """Write a package as a file, named after it and its version."""
    with open_node():
        actor = get_console_actor()
        package = get_package_version(actor, identifier, version)
        file = export_package(actor, package.pk, form)
    path = folder / file.name
    path.write_bytes(file.content)
    say(f"{path}: {len(file.content)} bytes, {package.state}.")
