"""Commands about evidence: import a file, look for what is unusual."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from tocsin.cli.console import (
    get_console_actor,
    notes,
    open_node,
    output,
    print_json,
    say,
    show_progress,
)
from tocsin.errors import ConfigurationError, NotFoundError
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling
from tocsin.organisations.queries import get_actor, get_node_actor, list_organisations
from tocsin.organisations.services import ensure_handling
from tocsin.organisations.vocabulary import Purpose, TrafficLight
from tocsin.pipeline import run_detection, run_rating
from tocsin.reports.formats.profiles import Profile
from tocsin.reports.queries import get_profile
from tocsin.reports.services import ImportOutcome, check_file, receive_file, run_import
from tocsin.science.detection.methods import get_method
from tocsin.signals.replay import replay

DAY = ["%Y-%m-%d"]
NAMES_SHOWN = 20
AsJson = Annotated[bool, typer.Option("--json", help="Print the result for a program.")]


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV or XLSX.")],
    profile: Annotated[
        str, typer.Option(help="How the file's columns are to be read.")
    ] = "generic",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen only.")] = False,
    as_json: AsJson = False,
    person: Annotated[
        str, typer.Option("--as", metavar="PERSON", help="Import in this person's name.")
    ] = "",
    tlp: Annotated[TrafficLight, typer.Option(help="TLP level of the rows.")] = TrafficLight.AMBER,
    share_with: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="An organisation that may see the rows; repeatable."),
    ] = None,
) -> None:
    """Load the spreadsheet a laboratory sent.

    Each row is accepted, recognised as already held, or refused with row, column, what was found
    and what was expected. Rows already held are never doubled, so a file can be mended and sent
    again. Exit code 0 when no row was refused, 2 when some were.
    """
    with open_node():
        actor = get_actor(person) if person else get_console_actor()
        chosen = get_profile(actor, profile)
        handling = get_handling(actor, tlp, share_with or [])
        outcome = (
            _check(actor, file, chosen, handling)
            if dry_run
            else _import(actor, file, chosen, handling)
        )
        if as_json:
            print_json(outcome.as_json())
        else:
            _print_outcome(outcome, dry_run=dry_run)
    if outcome.refused:
        raise typer.Exit(2)


def detect(
    replay_held: Annotated[
        bool,
        typer.Option("--replay", help="Go through held evidence as if each week were today."),
    ] = False,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=DAY, metavar="DATE", help="First day of the replay."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=DAY, metavar="DATE", help="Last day of the replay."),
    ] = None,
    method: Annotated[
        str,
        typer.Option(metavar="NAME", help="Replay this method, as it is set by default."),
    ] = "",
    rate_settings: Annotated[
        bool,
        typer.Option("--rate-settings", help="Replay every setting a person may choose."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look for first detections and rises in the evidence held.

    Without --replay, signals of the node are brought up to date. With --replay nothing is written:
    what would have been reported is listed in order of time, using nothing later than each day.
    --method replays one method for all rises instead of what the node is set to;
    `tocsin tools detect --list-methods` lists them. --rate-settings replays each setting that may be
    chosen for each class of substances and keeps how often it told a rise; it may be cut off.
    """
    if method:
        get_method(method)
        if not replay_held:
            raise ConfigurationError(
                "--method: given without --replay; expected both, because what the node itself "
                "uses is chosen in its settings"
            )
    with open_node():
        with show_progress("series") as progress:
            task = progress.add_task("Looking at series", total=None)
            changes, series = run_detection(
                report_progress=lambda done: progress.update(task, completed=done)
            )
        if rate_settings:
            _rate_settings(as_json=as_json)
            return
        if not replay_held:
            if as_json:
                print_json({"changes": changes, "series": series})
            else:
                say(f"{changes} changes of evidence counted, {series} series looked at.")
            return
        found = replay(
            get_node_actor(),
            since=since.date() if since else None,
            until=until.date() if until else None,
            method=method or None,
        )
        if as_json:
            print_json(found)
            return
        table = Table("Since", "Kind", "Substance", "Place", "Why")
        for one in found:
            table.add_row(one["on"], one["kind"], one["substance"], one["place"], one["reason"])
        output.print(table)
        say(f"{len(found)} emergences.")


def _rate_settings(*, as_json: bool) -> None:
    with show_progress("settings") as progress:
        task = progress.add_task("Replaying settings", total=None)
        rated = run_rating(
            report_progress=lambda done, total: progress.update(task, completed=done, total=total)
        )
    if as_json:
        print_json({"rates": rated})
    else:
        say(f"{rated} rates computed; the page “How rises are looked for” shows them.")


def get_handling(actor: Actor, tlp: TrafficLight, share_with: list[str]) -> Handling:
    """Get the handling that options ask for; NotFoundError for an unknown organisation."""
    organisations = {one.key: one.pk for one in list_organisations()}
    unknown = [key for key in share_with if key not in organisations]
    if unknown:
        raise NotFoundError(
            f"organisation {unknown[0]!r}: not found; expected one of: {', '.join(organisations)}"
        )
    if actor.organisation_id is None:
        raise NotFoundError(f"person {actor.name!r}: has no organisation; expected one")
    return ensure_handling(
        owner_id=actor.organisation_id,
        tlp=tlp.value,
        audience=[organisations[key] for key in share_with],
        purposes=[Purpose.EARLY_WARNING, Purpose.PUBLIC_HEALTH],
    )


def _check(actor: Actor, file: Path, profile: Profile, handling: Handling) -> ImportOutcome:
    with show_progress("rows") as progress:
        task = progress.add_task("Checking", total=None)
        return check_file(
            actor,
            file,
            profile,
            handling,
            report_progress=lambda rows: progress.update(task, completed=rows),
        )


def _import(actor: Actor, file: Path, profile: Profile, handling: Handling) -> ImportOutcome:
    received = receive_file(
        actor, file, file_name=file.name, profile=profile, handling=handling, start_now=True
    )
    with show_progress("rows") as progress:
        task = progress.add_task("Importing", total=None)
        return run_import(
            actor,
            received.pk,
            report_progress=lambda rows: progress.update(task, completed=rows),
        )


def _print_outcome(outcome: ImportOutcome, *, dry_run: bool) -> None:
    accepted = "would be accepted" if dry_run else "accepted"
    say(
        f"Read {outcome.rows:,} rows = {outcome.accepted:,} {accepted} + "
        f"{outcome.duplicates:,} already held + {outcome.refused:,} refused. "
        f"{outcome.unresolved:,} have a name the register does not know; a person decides those."
    )
    if outcome.unknown_names:
        names = Table("Name the register does not know", "Rows")
        for text, rows in outcome.unknown_names.most_common(NAMES_SHOWN):
            names.add_row(text, str(rows))
        output.print(names)
    if not outcome.errors:
        return
    table = Table("Row", "Column", "Found", "Expected")
    for problem in outcome.errors[:50]:
        table.add_row(str(problem.row), problem.column, problem.found, problem.expected)
    output.print(table)
    if len(outcome.errors) > 50:
        notes.print("Only the first 50 problems are shown; --json lists more.")
