"""Commands about the journal."""

from typing import Annotated

import typer
from rich.table import Table

from tocsin.cli.console import open_node, output, print_json, say, show_progress
from tocsin.journal.queries import list_entries, verify_journal

app = typer.Typer(help="Read the journal, and check that nobody altered it.", no_args_is_help=True)


@app.command("verify")
def verify(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the result for a program.")
    ] = False,
) -> None:
    """Read the whole chain and say where it first breaks. Exit code 1 when it does.

    The head digest printed can be kept outside the node: a later journal must still contain it.
    """
    with open_node(), show_progress("entries") as progress:
        task = progress.add_task("Verifying", total=None)
        result = verify_journal(report_progress=lambda done: progress.update(task, completed=done))
    if as_json:
        print_json(
            {
                "intact": result.is_intact,
                "entries": result.entries,
                "head": result.head_digest,
                "break": (
                    {"entry": result.first_break.sequence, "what": result.first_break.what}
                    if result.first_break
                    else None
                ),
            }
        )
    elif result.first_break is None:
        say(f"Intact: {result.entries:,} entries, head {result.head_digest}")
    else:
        say(f"BROKEN at entry {result.first_break.sequence}: {result.first_break.what}")
    if not result.is_intact:
        raise typer.Exit(1)


@app.command("list")
def list_newest(
    action: Annotated[str, typer.Option(help="Only actions that start so, e.g. alert.")] = "",
    person: Annotated[str, typer.Option(help="Only this person's.")] = "",
    number: Annotated[
        int | None, typer.Option(min=1, help="Only the entry with this number.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the result for a program.")
    ] = False,
) -> None:
    """List the newest entries."""
    with open_node():
        found = list_entries(action=action, person=person)
        if number is not None:
            found = found.filter(sequence=number)
        entries = list(found[:limit])
    if as_json:
        print_json(
            [
                {
                    "sequence": one.sequence,
                    "at": one.at.isoformat(),
                    "person": one.person,
                    "organisation": one.organisation,
                    "action": one.action,
                    "record": f"{one.record_type} {one.record_id}",
                    "details": one.details,
                    "digest": bytes(one.digest).hex(),
                }
                for one in entries
            ]
        )
        return
    table = Table("Number", "When (UTC)", "Who", "What", "Record")
    for one in entries:
        table.add_row(
            str(one.sequence),
            f"{one.at:%Y-%m-%d %H:%M:%S}",
            one.person,
            one.action,
            f"{one.record_type} {one.record_id}",
        )
    output.print(table)
