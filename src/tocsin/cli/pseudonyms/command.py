"""``tocsin pseudonymise``: a file of cases without what tells the persons, made offline."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated, Final

import typer
from django.conf import settings

from tocsin.cli.console import print_json, say
from tocsin.cli.pseudonyms.changes import (
    RECORD_BANDS,
    find_age_band,
    find_age_on,
    find_day,
    name_band,
    name_week,
    parse_bands,
)
from tocsin.cli.pseudonyms.keys import PseudonymKey, make_key, read_key
from tocsin.cli.pseudonyms.plans import Action, ColumnPlan, Plan, make_plan, read_columns
from tocsin.errors import ConfigurationError, PseudonymKeyError
from tocsin.reports.formats.export import write_csv, write_xlsx
from tocsin.reports.formats.layout import Table
from tocsin.reports.formats.personal_data import find_personal_text
from tocsin.reports.formats.tables import open_table

ROWS_SAMPLED: Final = 500
MOST_CELLS_NAMED: Final = 100
_COARSE: Final = re.compile(r"\d{4}(-W\d{2}|-\d{2})?", re.ASCII)
"""A week, a month, a year: not finer than what is asked for."""
_WRITERS: Final = {"csv": write_csv, "xlsx": write_xlsx}


@dataclass(slots=True)
class Outcome:
    """What was done: rows, and cells that were emptied, by row number and heading."""

    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    emptied: list[tuple[int, str, str]] = field(default_factory=list)

    def empty(self, row: int, heading: str, why: str) -> str:
        """Note a cell that cannot be shown, and return what stands there instead."""
        self.counts["emptied"] += 1
        if len(self.emptied) < MOST_CELLS_NAMED:
            self.emptied.append((row, heading, why))
        return ""


def pseudonymise(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", exists=True, dir_okay=False, help="CSV, CSV.GZ or XLSX."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Key of the purpose; see --new-key.")
    ] = None,
    new_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Make a new key for --purpose, and end.")
    ] = None,
    purpose: Annotated[
        str, typer.Option(metavar="WORD", help="With --new-key: what for, such as toxicology.")
    ] = "",
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what becomes of each column, and end.")
    ] = False,
    columns: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, help="TOML that fixes the plan."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Keep an unknown column; may be repeated."),
    ] = None,
    dates: Annotated[str, typer.Option(help="day, or week for weeks of ISO 8601.")] = "day",
    age_bands: Annotated[
        str, typer.Option(metavar="AGES", help="Where bands begin after the first.")
    ] = ",".join(map(str, RECORD_BANDS)),
    output: Annotated[str, typer.Option("--format", help="csv or xlsx.")] = "csv",
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask whether the plan is right.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the counts for a program.")
    ] = False,
) -> None:
    """Make a copy of a file of cases without what tells the persons: offline, without a node.

    Case references become pseudonyms by a key that never leaves you; ages and birth dates become
    age bands; names, addresses, numbers and unknown columns go. Exit code 2 where cells of kept
    columns were emptied.
    """
    if new_key is not None:
        _require_outside_node(new_key)
        made = make_key(new_key, purpose)
        say(f"Key for {made.purpose} made: {new_key}. Keep a copy, and never send it.")
        return
    if file is None:
        raise ConfigurationError("file: none was named; expected a CSV, CSV.GZ or XLSX of cases")
    if dates not in ("day", "week") or output not in _WRITERS:
        raise ConfigurationError("expected --dates day or week, and --format csv or xlsx")
    bands = parse_bands(age_bands)
    table = open_table(file)
    sample = [row.cells for row in islice(table.iter_rows(), ROWS_SAMPLED)]
    fixed = read_columns(columns) if columns else None
    planned = make_plan(table.headings, sample, fixed=fixed, kept=keep or ())
    if plan:
        for line in _describe(planned):
            say(line)
        return
    if key is None:
        raise PseudonymKeyError("key: none was named; expected --key FILE, made with --new-key")
    _require_outside_node(key)
    secret = read_key(key)
    target = _name_target(file, output)
    if not (yes or columns):
        for line in _describe(planned):
            typer.echo(line, err=True)
        typer.confirm("Is this right?", abort=True, err=True)
    outcome = Outcome()
    maker = _RowMaker(planned, secret, outcome, is_weekly=dates == "week", bands=bands)
    _write_new(target, output, maker, table)
    _print_outcome(outcome, planned, target, as_json=as_json)
    if outcome.emptied:
        raise typer.Exit(2)


class _RowMaker:
    """Makes the new cells of each row."""

    def __init__(
        self,
        plan: Plan,
        key: PseudonymKey,
        outcome: Outcome,
        *,
        is_weekly: bool,
        bands: tuple[int, ...],
    ) -> None:
        self._plan, self._key, self._outcome = plan, key, outcome
        self._is_weekly, self._bands = is_weekly, bands
        self.kept = [
            (place, one) for place, one in enumerate(plan.columns) if one.action is not Action.DROP
        ]

    def iter_rows(self, table: Table) -> Iterator[list[str]]:
        """Yield the new rows in the order of the file."""
        for number, cells in table.iter_rows():
            self._outcome.rows += 1
            yield [
                self._change(number, column, cells[place].strip(), cells)
                if place < len(cells)
                else ""
                for place, column in self.kept
            ]

    def _change(self, row: int, column: ColumnPlan, cell: str, cells: tuple[str, ...]) -> str:
        if not cell:
            return ""
        outcome, heading = self._outcome, column.new_heading
        if column.action is Action.PSEUDONYM:
            outcome.counts["pseudonyms"] += 1
            return self._key.derive_pseudonym(cell)
        if column.action is Action.AGE_BAND:
            return find_age_band(cell, self._bands) or outcome.empty(row, heading, "is no age")
        day = find_day(cell, self._plan.date_formats)
        if column.action is Action.BIRTH:
            at = self._plan.event_column
            written = cells[at] if at is not None and at < len(cells) else ""
            event = find_day(written, self._plan.date_formats)
            age = find_age_on(day, event) if day and event else None
            if age is None:
                return outcome.empty(row, heading, "gives no age on the day of the event")
            return name_band(age, self._bands)
        if column.action is Action.DAY:
            if _COARSE.fullmatch(cell):
                return cell
            if day is None:
                return outcome.empty(row, heading, "is no day that can be read")
            return name_week(day) if self._is_weekly else day.isoformat()
        if looks_like := find_personal_text(cell):
            return outcome.empty(row, heading, f"looks like {looks_like}")
        return cell


def _require_outside_node(path: Path) -> None:
    if Path(settings.HOME).resolve() in path.resolve().parents:
        raise PseudonymKeyError(
            f"key file {path}: lies in the folder of a node; expected a place no node can read"
        )


def _name_target(file: Path, output: str) -> Path:
    name = file.name.lower()
    ending = next((one for one in (".csv.gz", ".csv", ".xlsx") if name.endswith(one)), "")
    stem = file.name[: len(name) - len(ending)]
    target = file.with_name(f"{stem}.pseudonymous.{output}")
    if target.exists():
        raise ConfigurationError(f"file {target}: exists; expected to write a new file")
    return target


def _write_new(target: Path, output: str, maker: _RowMaker, table: Table) -> None:
    """Write a file that appears under its name once it is whole, and never replaces another."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with partial.open("xb") as stream:
            partial.chmod(0o600)
            headings = [column.new_heading for _place, column in maker.kept]
            _WRITERS[output](maker.iter_rows(table), headings, stream)
        os.link(partial, target)
    except OSError as error:
        raise ConfigurationError(
            f"file {target}: cannot be written ({error.strerror}); expected a folder to write in"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _describe(plan: Plan) -> Iterator[str]:
    """Yield a line for each column: what becomes of it and why."""
    for place, column in enumerate(plan.columns, 1):
        heading = "(withheld)" if find_personal_text(column.heading) else column.heading
        says = f"{place}. {heading}: {column.action.value} ({column.reason})"
        yield f"{says} -> {column.new_heading}" if column.new_heading else says


def _print_outcome(outcome: Outcome, plan: Plan, target: Path, *, as_json: bool) -> None:
    dropped = [place for place, one in enumerate(plan.columns, 1) if one.action is Action.DROP]
    if as_json:
        print_json(
            {
                "file": str(target),
                "rows": outcome.rows,
                "columns": len(plan.columns) - len(dropped),
                "dropped": len(dropped),
                "pseudonyms": outcome.counts["pseudonyms"],
                "emptied": outcome.counts["emptied"],
                "cells": [
                    {"row": row, "column": heading, "reason": why}
                    for row, heading, why in outcome.emptied
                ],
            }
        )
        return
    say(
        f"{outcome.rows:,} rows written to {target}: {len(plan.columns) - len(dropped)} columns "
        f"kept, {len(dropped)} dropped, {outcome.counts['pseudonyms']:,} references made "
        f"pseudonyms, {outcome.counts['emptied']:,} cells emptied."
    )
    for row, heading, why in outcome.emptied:
        say(f"row {row}, column {heading}: {why}; emptied")
