"""Commands about tables: make one, list them, release one, write one as a file."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from tocsin.cli.console import get_console_actor, notes, open_node, output, print_json, say
from tocsin.errors import NotFoundError, RefusedError
from tocsin.organisations.actors import Actor
from tocsin.organisations.queries import get_actor, list_organisations
from tocsin.tables.queries import find_table_changes, get_table, list_tables
from tocsin.tables.services import TableWish, export_table, make_table, release_table
from tocsin.tables.vocabulary import TableKind

AsJson = Annotated[bool, typer.Option("--json", help="Print the result for a program.")]
Person = Annotated[str, typer.Option("--as", metavar="PERSON", help="In this person's name.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="Of the table, as `list` prints it.")]

app = typer.Typer(help="Aggregated tables and the toxicology exchange.", no_args_is_help=True)


@app.command("make")
def make(
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="Such as 2026-Q1 or 2026.")],
    kind: Annotated[TableKind, typer.Option(help="What it is.")] = TableKind.AGGREGATED,
    country: Annotated[str, typer.Option(help="Two letters; all places without it.")] = "",
    public: Annotated[bool, typer.Option("--public", help="For everybody.")] = False,
    recipient: Annotated[
        list[str] | None, typer.Option(help="Key of an organisation; may be repeated.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why it replaces the released one.")] = "",
    person: Person = "",
) -> None:
    """Make a draft of a table of a period from what is held now; another person releases it."""
    with open_node():
        table = make_table(
            _get_actor(person),
            TableWish(
                period=period,
                kind=kind.value,
                country=country.upper(),
                is_public=public,
                audience=_find_recipients(recipient or []),
                reason=reason,
            ),
        )
        say(f"{table.pk}: {table.identifier}, version {table.number}, a draft.")


@app.command("list")
def list_all(
    search: Annotated[str, typer.Option(help="Part of an identifier.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the tables held, the newest first."""
    with open_node():
        rows = [
            {
                "number": one.pk,
                "identifier": one.identifier,
                "version": one.number,
                "kind": one.kind,
                "period": one.period.code,
                "country": one.country,
                "public": one.is_public,
                "state": one.state,
            }
            for one in list_tables(get_console_actor(), search=search)
        ]
    if as_json:
        print_json(rows)
        return
    table = Table("Number", "Table", "Period", "Country", "For everybody", "State")
    for row in rows:
        table.add_row(
            str(row["number"]),
            f"{row['identifier']} v{row['version']}",
            str(row["period"]),
            str(row["country"]),
            "yes" if row["public"] else "no",
            str(row["state"]),
        )
    output.print(table if rows else "No tables. `tocsin tables make PERIOD` makes one.")


@app.command("release")
def release(number: Number, person: Person = "") -> None:
    """Release a draft that somebody else made, in the name of a releaser."""
    with open_node():
        table = release_table(_get_actor(person), number)
        say(f"{table.identifier}, version {table.number}: released.")


@app.command("check")
def check(number: Number, as_json: AsJson = False) -> None:
    """Say whether a table still says what is held. Exit code 1 where it does not."""
    with open_node():
        actor = get_console_actor()
        changes = find_table_changes(actor, get_table(actor, number))
    if changes is None:
        raise NotFoundError(f"table {number}: not found among your organisation's")
    found = {
        "new": changes.new,
        "corrected": changes.corrected,
        "gone": changes.gone,
        "erased": changes.erased,
    }
    if as_json:
        print_json({**found, "counts_changed": len(changes.cells)})
    else:
        say(
            f"Reports since it was made: {changes.new} new, {changes.corrected} corrected, "
            f"{changes.gone} that no longer count, {changes.erased} erased; "
            f"{len(changes.cells)} counts changed."
        )
    if changes.is_outdated:
        raise typer.Exit(1)


@app.command("write")
def write(
    number: Number,
    form: Annotated[
        str, typer.Argument(help="csv, xlsx, json, sdmx-csv, corrections or structure.")
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="File to write.")],
) -> None:
    """Write a table as a file. Journalled."""
    with open_node():
        made = export_table(get_console_actor(), number, form)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as problem:
        raise RefusedError(f"{file}: exists; expected a new file") from problem
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(made.content)
    notes.print(f"tocsin: wrote {file}")


def _find_recipients(keys: list[str]) -> tuple[int, ...]:
    known = {one.key: one.pk for one in list_organisations()}
    for key in keys:
        if key not in known:
            raise NotFoundError(f"organisation {key[:60]!r}: not found")
    return tuple(known[key] for key in keys)


def _get_actor(person: str) -> Actor:
    return get_actor(person) if person else get_console_actor()
