"""The command that takes in toxicology results written as FHIR."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.console import get_console_actor, open_node, print_json, say
from tocsin.cli.evidence import get_handling
from tocsin.organisations.queries import get_actor, get_own_organisation
from tocsin.organisations.vocabulary import TrafficLight
from tocsin.reports.formats.fhir import MOST_BYTES, read_bundle
from tocsin.reports.services import FhirOutcome, FhirResult, receive_fhir


def import_fhir(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A bundle as JSON.")],
    country: Annotated[
        str, typer.Option(metavar="XX", help="Where the events were; by default the node's own.")
    ] = "",
    region: Annotated[str, typer.Option(metavar="NUTS", help="NUTS code of that country.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print for a program.")] = False,
    person: Annotated[
        str, typer.Option("--as", metavar="PERSON", help="Import in this person's name.")
    ] = "",
    tlp: Annotated[TrafficLight, typer.Option(help="TLP level.")] = TrafficLight.AMBER,
    share_with: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="An organisation that may see it; repeatable."),
    ] = None,
) -> None:
    """Take in a FHIR R4 bundle of DiagnosticReport and Observation.

    A final result is a report; amended, corrected or appended corrects it; entered-in-error or
    cancelled retracts it. Exit code 0 when none was refused, 2 when some were.
    """
    with file.open("rb") as stream:
        text = stream.read(MOST_BYTES + 1)
    with open_node():
        actor = get_actor(person) if person else get_console_actor()
        reports = read_bundle(
            text,
            name=file.name,
            country=country.upper() or get_own_organisation().country,
            region=region.upper(),
        )
        outcomes = receive_fhir(actor, get_handling(actor, tlp, share_with or []), reports)
    if as_json:
        print_json([_describe(one) for one in outcomes])
    else:
        for one in outcomes:
            say(f"{one.reference or 'without number'}: {one.result}")
            for problem in one.problems:
                say(f"    {problem.place}: {problem.code}; expected {problem.expected}")
        say(f"{len(outcomes)} reports read")
    if any(one.result is FhirResult.REFUSED for one in outcomes):
        raise typer.Exit(2)


def _describe(outcome: FhirOutcome) -> dict[str, object]:
    return {
        "reference": outcome.reference,
        "result": str(outcome.result),
        "report_id": outcome.report_id,
        "problems": [problem._asdict() for problem in outcome.problems],
    }
