"""Commands about drug law: what a structure is under which act on which day, without a node."""

import datetime
import json
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.cli.console import output, print_json, say
from tocsin.cli.tools.cluster import run_on_cluster
from tocsin.errors import BadStructureError, UnreadableFileError
from tocsin.law.classification import classify, get_instrument, list_jurisdictions
from tocsin.law.dates import describe_date
from tocsin.law.differences import diff
from tocsin.law.lint import lint_law
from tocsin.law.listed import find_by_name
from tocsin.law.loading import load_instruments
from tocsin.law.model import Answer, Verdict
from tocsin.law.report import derive_records, derive_result
from tocsin.science.names.writing import normalise_name
from tocsin.science.structure_classes import get_structure_class
from tocsin.substances.formats.register_files import read_register

_LINES_AT_ONCE = 500
_LONGEST_LINE_CHARACTERS = 8_192
_WORDS = {
    Verdict.CONTROLLED: "controlled",
    Verdict.EXCLUDED: "excluded",
    Verdict.NOT_FOUND: "not found in the rules loaded",
    Verdict.ARGUABLE: "arguable, needs a chemist",
}

AsOf = Annotated[str, typer.Option("--as-of", metavar="DATE", help="Day, as YYYY-MM-DD.")]
Jurisdictions = Annotated[
    list[str] | None,
    typer.Option("--jurisdiction", metavar="XX", help="Such as DE or EU; may be repeated."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result for a program.")]


def classify_file(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="Lines `SMILES name`."),
    ],
    as_of: AsOf,
    jurisdiction: Jurisdictions = None,
    as_json: AsJson = False,
    processes: Annotated[
        int | None, typer.Option(min=1, help="Processes of this machine; as many as processors.")
    ] = None,
    scheduler: Annotated[
        str, typer.Option(metavar="ADDRESS", help="tcp://HOST:PORT of a Dask cluster to work on.")
    ] = "",
) -> None:
    """Say of each structure of a file what each act loaded says of it on a day.

    With --json one JSON value a line, in the order of the file; an unreadable structure gives a
    line with ``error``.
    """
    on = _parse_day(as_of)
    wanted = tuple(jurisdiction or ())
    _require_jurisdictions(wanted)
    chunks = _read_chunks(file)
    if scheduler:
        portions = ((chunk, on, wanted) for chunk in chunks)
        results = run_on_cluster(scheduler, derive_records, portions)
    else:
        results = _run_here(processes or os.cpu_count() or 1, chunks, on, wanted)
    for records in results:
        for record in records:
            if as_json:
                sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
            else:
                _print_record(record)


def status(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the register, or SMILES.")],
    as_of: AsOf,
    jurisdiction: Jurisdictions = None,
    as_json: AsJson = False,
) -> None:
    """Say what each act loaded says of a substance on a day, with clause, reason and citation.

    Exit code 2 where neither the register nor a list of law holds the name.
    """
    on = _parse_day(as_of)
    wanted = tuple(jurisdiction or ())
    _require_jurisdictions(wanted)
    structures = _find_structures(name, on)
    if not structures:
        say(f"{name}: not in the register and on no list loaded; expected a name or a SMILES")
        raise typer.Exit(2)
    values = []
    for found, smiles in structures:
        answers = classify(smiles, on, wanted)
        values.append(
            {
                "name": found,
                "smiles": smiles,
                "results": [derive_result(one, on) for one in answers],
            }
        )
        if not as_json:
            say(f"{found}  {smiles}  on {on}")
            for answer in answers:
                _print_answer(answer, on)
    if as_json:
        print_json(values)


def difference(
    instrument: Annotated[str, typer.Argument(metavar="INSTRUMENT", help="Such as DE-NpSG.")],
    first: Annotated[str, typer.Argument(metavar="FROM", help="Day, as YYYY-MM-DD.")],
    second: Annotated[str, typer.Argument(metavar="TO", help="Day, as YYYY-MM-DD.")],
    as_json: AsJson = False,
) -> None:
    """List the substances of the register whose status under an act differs on two days."""
    get_instrument(instrument)
    structures = [(one.name, one.smiles) for one in read_register().substances if one.smiles]
    before, after = _parse_day(first), _parse_day(second)
    changes = list(diff(instrument, before, after, structures))
    if as_json:
        print_json(
            [
                {
                    "name": one.name,
                    "smiles": one.smiles,
                    "before": derive_result(one.before, before),
                    "after": derive_result(one.after, after),
                }
                for one in changes
            ]
        )
        return
    for one in changes:
        said = f"{_WORDS[one.before.verdict]} {one.before.clause}".strip()
        says = f"{_WORDS[one.after.verdict]} {one.after.clause}".strip()
        say(f"{one.name}: {said} -> {says}")
    say(f"{len(changes)} of {len(structures)} substances change")


def lint(as_json: AsJson = False) -> None:
    """Check the data files of the law. Exit code 1 where something is wrong."""
    findings = lint_law()
    if as_json:
        print_json(
            [
                {"instrument": one.instrument, "code": one.code, "message": one.message}
                for one in findings
            ]
        )
    else:
        for one in findings:
            say(f"{one.instrument}  {one.code}  {one.message}")
        say(f"{len(findings)} findings in {len(load_instruments())} instruments")
    if findings:
        raise typer.Exit(1)


def _parse_day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as problem:
        raise typer.BadParameter(f"{text!r}: expected a day as YYYY-MM-DD") from problem


def _require_jurisdictions(wanted: tuple[str, ...]) -> None:
    loaded = list_jurisdictions()
    for code in wanted:
        if code not in loaded:
            raise typer.BadParameter(
                f"jurisdiction {code!r}: nothing is loaded; expected one of {', '.join(loaded)}"
            )


def _read_chunks(file: Path) -> Iterator[list[str]]:
    """Yield the lines of a file in portions; empty lines are kept, so that they are answered."""
    with file.open(encoding="utf-8-sig") as lines:
        try:
            while chunk := [
                line.rstrip("\r\n")[:_LONGEST_LINE_CHARACTERS]
                for line in islice(lines, _LINES_AT_ONCE)
            ]:
                yield chunk
        except UnicodeDecodeError as problem:
            raise UnreadableFileError(f"{file.name}: is not UTF-8; expected text") from problem


def _run_here(
    processes: int, chunks: Iterable[list[str]], on: datetime.date, wanted: tuple[str, ...]
) -> Iterator[list[dict[str, Any]]]:
    rest = iter(chunks)
    few = list(islice(rest, 2))
    if len(few) < 2 or processes == 1:
        for chunk in chain(few, rest):
            yield derive_records(chunk, on, wanted)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting = deque(pool.submit(derive_records, one, on, wanted) for one in few)
        for chunk in rest:
            waiting.append(pool.submit(derive_records, chunk, on, wanted))
            if len(waiting) > 4 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _find_structures(name: str, on: datetime.date) -> list[tuple[str, str]]:
    """Find what a name stands for: in the register, on the lists of law, or as a SMILES itself."""
    wanted = normalise_name(name)
    register = read_register()
    keys = {one.key for one in register.substances if normalise_name(one.name) == wanted}
    keys |= {one.substance_key for one in register.names if normalise_name(one.text) == wanted}
    found = [(one.name, one.smiles) for one in register.substances if one.key in keys]
    found = [(known, smiles) for known, smiles in found if smiles]
    if found:
        return found
    listed = {
        entry.smiles: entry.names[0]
        for instrument in load_instruments()
        for entry in find_by_name(instrument, name, on)
        if entry.smiles
    }
    if listed:
        return [(known, smiles) for smiles, known in listed.items()]
    try:
        classify(name, on)
    except BadStructureError:
        return []
    return [(name, name)]


def _print_record(record: dict[str, Any]) -> None:
    if "error" in record:
        say(f"{record['name']}: {record['error']['message']}")
        return
    names = [get_structure_class(one).name for one in record["classes"]]
    say(f"{record['name']}: by structure: {', '.join(names) or 'none of the classes known'}")
    for result in record["results"]:
        reason = result["trace"][0]["reason"] if result["trace"] else ""
        clause = f" {result['clause']}" if result["clause"] else ""
        words = _WORDS[Verdict(result["verdict"])]
        say(f"{record['name']}: {result['instrument']}{clause}: {words} ({reason})")


def _print_answer(answer: Answer, on: datetime.date) -> None:
    since = f", known since {answer.since}" if answer.since else ""
    clause = f" {answer.clause}" if answer.clause else ""
    say(f"  {answer.instrument}{clause}: {_WORDS[answer.verdict]}{since}")
    for trace in answer.traces:
        if trace.reason:
            say(f"      {trace.reason}")
        for doubt in trace.unverified:
            say(f"      unverified: {doubt}")
    if answer.citation is not None:
        cited = answer.citation
        say(f"      {cited.place}, {cited.publication}; text of {cited.consolidated_on}")
    for date in answer.dates:
        say(f"      {describe_date(date, on)}")
    for exemption in answer.exemptions:
        output.print(
            f"      {'only' if exemption.only_when else 'not'}: {exemption.text}",
            markup=False,
            soft_wrap=True,
        )
