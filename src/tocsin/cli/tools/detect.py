"""``tocsin tools detect``: a method over a file of series, without a node."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.cli.console import notes, say, show_progress
from tocsin.cli.tools.cluster import judge_on_cluster
from tocsin.cli.tools.count_files import read_counts
from tocsin.cli.tools.held_series import SeriesGroup
from tocsin.cli.tools.judgement_files import open_result, write_heading, write_judgements
from tocsin.cli.tools.series_files import read_series
from tocsin.cli.tools.setting_files import SettingsOf, read_settings
from tocsin.errors import ConfigurationError
from tocsin.science.detection.judgements import Judgements
from tocsin.science.detection.methods import (
    METHODS,
    SeriesBlock,
    get_method,
    list_settings,
    run_method,
)


def _print_methods(wanted: bool) -> None:
    if not wanted:
        return
    for method in METHODS.values():
        say(f"{method.name}, version {method.version}")
        for name, default in list_settings(method).items():
            say(f"    {name} = {json.dumps(default)}")
    raise typer.Exit


def detect(
    series: Annotated[
        Path, typer.Argument(metavar="SERIES", exists=True, dir_okay=False, help="CSV or CSV.GZ.")
    ],
    method: Annotated[str, typer.Option(help="One of those that --list-methods lists.")],
    out: Annotated[
        Path, typer.Option(metavar="OUT", dir_okay=False, help="Where to write; .gz is packed.")
    ],
    settings: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, help="JSON of named settings."),
    ] = None,
    setting: Annotated[
        str, typer.Option(metavar="NAME", help="Which of them; not needed for a single one.")
    ] = "",
    counts: Annotated[
        bool, typer.Option("--counts", help="The file is long: series,date,count[,denominator].")
    ] = False,
    scheduler: Annotated[
        str, typer.Option(metavar="ADDRESS", help="tcp://HOST:PORT of a Dask cluster to work on.")
    ] = "",
    _list_methods: Annotated[
        bool,
        typer.Option(
            "--list-methods",
            is_eager=True,
            callback=_print_methods,
            help="List the methods with their settings.",
        ),
    ] = False,
) -> None:
    """Judge every week of the series in a file, without a node.

    SERIES has the columns dataset,unit,k,date,freq,epochAsDate,observed[,population,state], a row a
    series and week. OUT gets a row for each judged week, and takes the place of an older one only
    once it is whole.
    """
    chosen = get_method(method)
    setting_name, settings_of = read_settings(settings, setting, chosen)
    if out.exists() and out.samefile(series):
        raise ConfigurationError(f"file {out}: is the file of series; expected another for --out")
    if not out.absolute().parent.is_dir():
        raise ConfigurationError(f"file {out}: its folder is missing; expected a folder")
    with show_progress("rows") as progress:
        task = progress.add_task("Reading", total=None)
        groups = _read(series, is_long=counts, report=lambda n: progress.update(task, completed=n))
    parts = list(_divide(groups, settings_of))
    n_series = sum(len(group.series) for group, _settings in parts)
    rows = done = 0
    with show_progress("series") as progress, open_result(out) as stream:
        task = progress.add_task("Judging", total=n_series)
        write_heading(stream, with_signals=chosen.has_signals)
        judged = _judge(method, parts, scheduler)
        for (group, _settings), judgements in zip(parts, judged, strict=True):
            rows += write_judgements(stream, group, setting_name, judgements)
            done += len(group.series)
            progress.update(task, completed=done)
    say(f"{n_series:,} series judged, {_say_weeks(rows)} written to {out}.")


def _read(path: Path, *, is_long: bool, report: Any) -> list[SeriesGroup]:
    if not is_long:
        return read_series(path, report_progress=report)
    group, filled = read_counts(path, report_progress=report)
    if filled:
        weeks = _say_weeks(filled)
        notes.print(f"tocsin: {weeks} of a series without a row taken as zero.")
    return [group]


def _say_weeks(count: int) -> str:
    return f"{count:,} week" if count == 1 else f"{count:,} weeks"


def _divide(
    groups: list[SeriesGroup], settings_of: SettingsOf
) -> Iterator[tuple[SeriesGroup, Any]]:
    """Yield parts small enough to be judged at once, each of one calendar and settings."""
    for group in groups:
        by_settings: dict[Any, SeriesGroup] = {}
        for one in group.series:
            held = by_settings.setdefault(settings_of(one.dataset), SeriesGroup(group.calendar, []))
            held.series.append(one)
        for settings, same in by_settings.items():
            for part in same.split():
                yield part, settings


def _judge(
    method: str, parts: list[tuple[SeriesGroup, Any]], scheduler: str
) -> Iterator[Judgements]:
    blocks: Iterator[tuple[SeriesBlock, Any]] = (
        (group.build_block(), settings) for group, settings in parts
    )
    if scheduler:
        return judge_on_cluster(scheduler, method, blocks)
    return (run_method(method, block, settings) for block, settings in blocks)
