"""Commands that read: what a text means, which signals and alerts there are."""

import json
import sys
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone
from rich.table import Table

from tocsin.alerts.queries import derive_standing, list_newest_versions
from tocsin.cli.console import get_console_actor, open_node, output, print_json, say
from tocsin.signals.queries import list_signals
from tocsin.signals.sentences import describe_signal, write_place
from tocsin.substances.queries import (
    Resolution,
    find_inchikeys,
    load_name_index,
    resolve_text,
)
from tocsin.substances.systematic_names import SystematicNameReader, find_opsin

_LINES_AT_ONCE = 500

AsJson = Annotated[bool, typer.Option("--json", help="Print the result for a program.")]


def resolve(
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT…", help="Name, CAS, InChI, InChIKey or SMILES."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A file with one text a line instead."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find the substance behind a name, synonym, CAS number, InChI, InChIKey or SMILES.

    A spelling that the register does not hold is never taken silently: candidates are offered.
    Exit code 0 when every text stands for one substance or says that there is none, 2 when a
    person must decide.
    """
    if bool(texts) == (file is not None):
        raise typer.BadParameter("expected either texts or --file")
    with SystematicNameReader(find_opsin()) as reader:
        if file is not None:
            reader.start()
        with open_node():
            if file is not None:
                decided = _resolve_file(file, reader, as_json=as_json)
            else:
                decided = _resolve_texts(texts or [], reader, as_json=as_json)
    if not decided:
        raise typer.Exit(2)


def _resolve_texts(texts: list[str], reader: SystematicNameReader, *, as_json: bool) -> bool:
    index = load_name_index()
    resolutions = [resolve_text(text, index, reader.read) for text in texts]
    if as_json:
        print_json([_describe_resolution(one) for one in resolutions])
    else:
        for one in resolutions:
            _print_resolution(one)
    return not any(one.needs_person for one in resolutions)


def _resolve_file(file: Path, reader: SystematicNameReader, *, as_json: bool) -> bool:
    """Print one line or, for people, one paragraph for each line of the file, as they are read."""
    index = load_name_index()
    decided = True
    with file.open("rb") as lines:
        while some := list(islice(lines, _LINES_AT_ONCE)):
            resolutions = [resolve_text(_read_line(line), index, reader.read) for line in some]
            decided = decided and not any(one.needs_person for one in resolutions)
            if as_json:
                _print_json_lines(resolutions)
            else:
                for one in resolutions:
                    _print_resolution(one)
    return decided


def _read_line(line: bytes) -> str:
    """Only a line feed ends a line: a text may hold every other separator that Unicode knows."""
    return line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8-sig", errors="replace")


def _print_json_lines(resolutions: list[Resolution]) -> None:
    inchikeys = find_inchikeys(one.substance.key for one in resolutions if one.substance)
    for one in resolutions:
        line = {
            "text": one.text,
            "tier": one.stage,
            "substance": one.substance
            and {
                "id": one.substance.key,
                "name": one.substance.name,
                "inchikey": inchikeys[one.substance.key] or None,
            },
            "form": one.form or None,
            "candidates": [
                {"id": it.key, "name": it.name, "score": it.score, "reason": it.reason}
                for it in one.candidates
            ],
            "reason": one.reason,
        }
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


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
                "place": write_place(one.country, one.area),
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
        "tier": one.stage,
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
        form = f", {one.form}" if one.form else ""
        say(f"{one.text}: {one.substance.name}{form} ({one.stage}). {one.reason}")
        return
    say(f"{one.text}: {one.stage}. {one.reason}")
    for candidate in one.candidates:
        say(f"    {candidate.score:3d}  {candidate.name} [{candidate.key}]: {candidate.reason}")
