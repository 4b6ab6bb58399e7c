"""Commands that read: what a text means, which signals and alerts there are."""

from typing import Annotated

import typer
from django.utils import timezone
from rich.table import Table

from tocsin.alerts.queries import derive_standing, list_newest_versions
from tocsin.cli.console import get_console_actor, open_node, output, print_json, say
from tocsin.signals.queries import list_signals
from tocsin.signals.sentences import describe_place, describe_signal
from tocsin.substances.queries import Resolution, load_name_index, resolve_text

AsJson = Annotated[bool, typer.Option("--json", help="Print the result for a program.")]


def resolve(
    texts: Annotated[
        list[str], typer.Argument(metavar="TEXT…", help="Name, CAS, InChIKey or SMILES.")
    ],
    as_json: AsJson = False,
) -> None:
    """Find the substance behind a name, synonym, CAS number, InChIKey or SMILES.

    A spelling that the register does not hold is never taken silently: candidates are offered.
    Exit code 0 when every text stands for one substance, 2 when a person must decide.
    """
    with open_node():
        index = load_name_index()
        resolutions = [resolve_text(text, index) for text in texts]
    if as_json:
        print_json([_describe_resolution(one) for one in resolutions])
    else:
        for one in resolutions:
            _print_resolution(one)
    if any(one.substance is None for one in resolutions):
        raise typer.Exit(2)


def signals(
    state: Annotated[
        str,
        typer.Option(help="open, new, verifying, confirmed, not-confirmed, merged; empty for all."),
    ] = "open",
    search: Annotated[str, typer.Option(help="Part of a substance's name or a place.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List signals, the newest first, each with the sentence that says why."""
    with open_node():
        found = list(list_signals(get_console_actor(), state=state, search=search)[:limit])
        rows = [
            {
                "id": one.pk,
                "kind": one.kind,
                "substance": one.substance.name,
                "place": describe_place(one.country, one.area),
                "matrix": one.matrix,
                "on": one.on.isoformat(),
                "findings": one.evidence_count,
                "state": one.state,
                "reason": describe_signal(
                    kind=one.kind,
                    substance_name=one.substance.name,
                    matrix=one.matrix,
                    country=one.country,
                    area=one.area,
                    places=one.places,
                    on=one.on,
                    facts=one.facts,
                ),
            }
            for one in found
        ]
    if as_json:
        print_json(rows)
        return
    table = Table("Number", "Since", "State", "Findings", "Why")
    for row in rows:
        table.add_row(
            str(row["id"]),
            str(row["on"]),
            str(row["state"]),
            str(row["findings"]),
            str(row["reason"]),
        )
    output.print(table if rows else "No signals. `tocsin detect` looks again.")


def alerts(
    search: Annotated[str, typer.Option(help="Part of an identifier, substance, headline.")] = "",
    as_json: AsJson = False,
) -> None:
    """List alerts with where they stand: draft, waiting, live, expired or cancelled."""
    with open_node():
        now = timezone.now()
        rows = []
        for one in list_newest_versions(get_console_actor(), search=search):
            wording = next(iter(one.wordings.all()), None)
            rows.append(
                {
                    "identifier": one.alert.identifier,
                    "version": one.number,
                    "standing": derive_standing(one, now=now).word,
                    "substance": one.alert.substance.name,
                    "severity": one.severity,
                    "tlp": one.tlp,
                    "expires": one.expires_at.isoformat(),
                    "headline": wording.headline if wording else "",
                }
            )
    if as_json:
        print_json(rows)
        return
    table = Table("Alert", "Standing", "Severity", "TLP", "Valid until", "Headline")
    for row in rows:
        table.add_row(
            f"{row['identifier']} v{row['version']}",
            str(row["standing"]),
            str(row["severity"]),
            str(row["tlp"]),
            str(row["expires"]),
            str(row["headline"]),
        )
    output.print(table if rows else "No alerts yet. Draft one from a confirmed signal in the web.")


def _describe_resolution(one: Resolution) -> dict[str, object]:
    return {
        "text": one.text,
        "tier": one.tier,
        "substance": (
            {"key": one.substance.key, "name": one.substance.name} if one.substance else None
        ),
        "candidates": [
            {
                "key": candidate.key,
                "name": candidate.name,
                "score": candidate.score,
                "reason": candidate.reason,
            }
            for candidate in one.candidates
        ],
        "reason": one.reason,
    }


def _print_resolution(one: Resolution) -> None:
    if one.substance is not None:
        say(f"{one.text}: {one.substance.name} ({one.tier}). {one.reason}")
        return
    say(f"{one.text}: {one.tier}. {one.reason}")
    for candidate in one.candidates:
        say(f"    {candidate.score:3d}  {candidate.name} [{candidate.key}]: {candidate.reason}")
